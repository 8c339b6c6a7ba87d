// `assocsync apply` as people use it, on real daemons.
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/strings/substitute.h"
#include "engine/backup/run_lock.h"
#include "engine/backup/verify_backup.h"
#include "engine/io/database.h"
#include "engine/io/file.h"
#include "engine/io/slurmdbd_conf.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/support/site.h"

namespace assocsync::apply_test {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class RealApplyTest : public testing::Test {
 protected:
  void Begin(const LabRelease& release) {
    site_.emplace(release);
    release.Reset();
    site_->Must(PrepareDatabase());
    site_->Must(TreeB());
    want_ = release.Dump("lab");
    target_ = site_->Put("target.cfg", want_);
    release.Reset();
    site_->Must(PrepareDatabase());
    site_->Must(TreeA());
    before_ = release.Dump("lab");
    site_->SetTrouble({});
  }
  void ExpectConverged() {
    EXPECT_EQ(SortedDump(site_->release().Dump("lab")), SortedDump(want_));
  }
  void ExpectConvergesWhenJobsEnd() {
    site_->release().Sql("UPDATE lab_job_table SET time_end=2, state=3");
    const RunResult again = site_->Assocsync({"apply", target_});
    EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
    ExpectConverged();
  }
  void ExpectRefused(const RunResult& result, const std::string& words) {
    EXPECT_EQ(result.exit_code, 3) << result.out << result.err;
    EXPECT_THAT(result.err, HasSubstr(words));
    EXPECT_EQ(site_->Commands(), 0);
    EXPECT_THAT(site_->Runs(), IsEmpty());
  }

  std::optional<LabSite> site_;
  std::string target_, want_, before_;
};

#define FOR_EACH_RELEASE(release)                                 \
  const std::vector<LabRelease> all_releases = LabRelease::All(); \
  ASSERT_FALSE(all_releases.empty()) << "no lab: tests/lab up";   \
  for (const LabRelease& release : all_releases)

TEST_F(RealApplyTest, ThereAndBackAgain) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    const RunResult there = site_->Assocsync({"apply", target_});
    EXPECT_EQ(there.exit_code, 0) << there.out << there.err;
    EXPECT_THAT(there.out, HasSubstr("Read again: live is target.cfg."));
    ExpectConverged();
    ASSERT_THAT(site_->Runs(), SizeIs(1));
    const std::string run = site_->Runs()[0];
    const auto manifest = VerifyBackup(run);
    ASSERT_TRUE(manifest.ok()) << manifest.status();
    EXPECT_EQ(manifest->slurm_release, release.version());
    EXPECT_EQ(manifest->cluster, "lab");
    EXPECT_THAT(manifest->files, SizeIs(5));
    EXPECT_THAT(manifest->tables, ::testing::Not(IsEmpty()));
    const JournalRun journal = site_->LastJournal();
    EXPECT_EQ(journal.outcome, "verified");
    EXPECT_EQ(journal.done(), journal.start.steps);
    EXPECT_EQ(journal.start.sql_dump, "taken");
    EXPECT_EQ(static_cast<int>(journal.done()), site_->Commands());

    const int commands = site_->Commands();
    const RunResult again = site_->Assocsync({"apply", target_});
    EXPECT_EQ(again.exit_code, 0) << again.err;
    EXPECT_EQ(site_->Commands(), commands);
    EXPECT_THAT(site_->Runs(), SizeIs(1));  // In sync: no dump, no folder.

    // The last line is the command that goes back.
    const std::vector<std::string> lines = absl::StrSplit(there.out, '\n');
    ASSERT_GE(lines.size(), 2u) << there.out;
    absl::string_view way_back = lines[lines.size() - 2];
    ASSERT_TRUE(absl::ConsumePrefix(&way_back, "Way back: assocsync "))
        << there.out;
    EXPECT_THAT(std::string(way_back), HasSubstr(run));
    const RunResult back =
        RunProgram({"/bin/sh", "-c",
                    absl::StrCat(ASSOCSYNC_BINARY, " ", way_back, " --yes")});
    EXPECT_EQ(back.exit_code, 0) << back.out << back.err;
    EXPECT_EQ(SortedDump(release.Dump("lab")), SortedDump(before_));
  }
}

TEST_F(RealApplyTest, NobodyToAsk) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    site_->yes = false;
    ExpectRefused(site_->Assocsync({"apply", target_}), "--yes");
    EXPECT_EQ(release.Dump("lab"), before_);
  }
}

// What is shown on a terminal of its own, where "n" is answered.
std::string Asked(std::vector<std::string> argv) {
  int terminal = -1;
  const pid_t pid = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (pid == 0) {
    std::vector<char*> words;
    for (std::string& word : argv) words.push_back(word.data());
    words.push_back(nullptr);
    execv(words[0], words.data());
    _exit(127);
  }
  std::string seen;
  char part[4096];
  bool answered = false;
  for (ssize_t n; (n = read(terminal, part, sizeof part)) > 0;) {
    seen.append(part, n);
    if (answered || !absl::StrContains(seen, "[y/N]")) continue;
    answered = write(terminal, "n\n", 2) == 2;
  }
  close(terminal);
  int status = 0;
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  EXPECT_EQ(WEXITSTATUS(status), 3) << seen;
  return seen;
}

TEST_F(RealApplyTest, TheQuestionComesWithWhoDidIt) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    const std::string seen = Asked(
        {ASSOCSYNC_BINARY, "apply", target_, "--sacctmgr",
         release.Path("bin/sacctmgr"), "--slurmdbd-conf", site_->slurmdbd_conf,
         "--backup-dir", site_->backup_dir, "--allow", "AS101,AS102"});
    EXPECT_THAT(seen, HasSubstr("added by root, "));
    EXPECT_THAT(seen, HasSubstr("on cluster lab? [y/N]"));
    EXPECT_EQ(release.Dump("lab"), before_);
  }
}

// Pages, comments and saved plans are passed around.
TEST_F(RealApplyTest, NoFormatTellsLoginOrHostOfTheDatabase) {
  const std::vector<LabRelease> releases = LabRelease::All();
  ASSERT_FALSE(releases.empty()) << "no lab: tests/lab up";
  Begin(releases[0]);
  const auto conf = ReadSlurmdbdConf(site_->slurmdbd_conf);
  ASSERT_TRUE(conf.ok());
  for (const char* format : {"text", "json", "html", "markdown", "sh"}) {
    const RunResult plan =
        site_->Assocsync({"plan", target_, "--live", "mysql", "--slurmdbd-conf",
                          site_->slurmdbd_conf, "--format", format});
    EXPECT_EQ(plan.exit_code, 0) << plan.err;
    EXPECT_THAT(plan.out, Not(HasSubstr(conf->Database().user))) << format;
    EXPECT_THAT(plan.out, Not(HasSubstr("127.0.0.1"))) << format;
  }
}

TEST_F(RealApplyTest, WhatCameOfItAsJson) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    const auto apply = [&](int exit_code, bool dump = false) {
      std::vector<std::string> words = {"apply", target_, "--format", "json"};
      if (!dump) words.push_back("--no-sql-dump");
      const RunResult said = site_->Assocsync(words);
      EXPECT_EQ(said.exit_code, exit_code) << said.out << said.err;
      // A line each; the last tells the end.
      nlohmann::json event;
      std::string events;
      std::istringstream lines(said.out);
      for (std::string line; std::getline(lines, line);) {
        event = nlohmann::json::parse(line, nullptr, false);
        EXPECT_TRUE(event.is_object()) << line;
        absl::StrAppend(&events, event["event"].get<std::string>(), " ");
      }
      EXPECT_THAT(events, testing::StartsWith("begin "));
      EXPECT_THAT(events, testing::EndsWith("end "));
      for (size_t i = 0; i < event["steps"].size(); ++i) {
        EXPECT_THAT(events, HasSubstr("step step done "));
      }
      return event;
    };
    const std::string conf = site_->slurmdbd_conf;
    site_->slurmdbd_conf = site_->File("missing.conf");
    const auto failed = apply(1, /*dump=*/true);
    EXPECT_EQ(failed["outcome"], "nothing changed");
    EXPECT_EQ(failed["problems"].size(), 1u);
    EXPECT_GT(failed["planned"], 0);
    EXPECT_TRUE(failed["run_dir"].is_null());
    site_->slurmdbd_conf = conf;
    LabSite::Trouble trouble;
    trouble.at = 3;
    trouble.replace = "echo 'no such thing' >&2; exit 1";
    site_->SetTrouble(trouble);
    const auto stopped = apply(4);
    EXPECT_EQ(stopped["outcome"], "partial");
    EXPECT_EQ(stopped["done"], 2);
    ASSERT_EQ(stopped["steps"].size(), 3u);
    EXPECT_EQ(stopped["steps"][2]["output"], "no such thing");
    EXPECT_EQ(stopped["run_dir"], site_->Runs()[0]);
    site_->NoTrouble();
    const auto applied = apply(0);
    EXPECT_EQ(applied["outcome"], "verified");
    EXPECT_EQ(applied["done"], applied["plan"]["steps"].size());
    EXPECT_NE(applied["controller"]["tree"], "other");
    const auto again = apply(0);
    EXPECT_EQ(again["outcome"], "in sync");
    EXPECT_EQ(again["plan"]["counts"]["commands"], 0);
    ExpectConverged();
  }
}

TEST_F(RealApplyTest, SavedPlans) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    const std::string plan = site_->File("plan.json");
    const RunResult planned =
        site_->Assocsync({"plan", target_, "--out", plan});
    ASSERT_EQ(planned.exit_code, 0) << planned.out << planned.err;

    // A command in the file is not what is run.
    auto text = ReadFile(plan, 1 << 24);
    ASSERT_TRUE(text.ok());
    std::string forged = *text;
    const size_t at = forged.find("Fairshare=5");
    if (at != std::string::npos) {
      forged.replace(at, 11, "Fairshare=6");
      ExpectRefused(
          site_->Assocsync({"apply", site_->Put("forged.json", forged)}),
          "refused");
    }

    // Somebody changes a row that the plan touches, one that it does not.
    release.Lab("save", {site_->File("a.sql")});
    for (const char* row : {"name=al ice | account=kid",
                            "name=j-doe | "
                            "account=axb"}) {
      site_->Must({absl::StrCat("modify | user | where | ", row,
                                " | cluster=lab | set | maxjobs=77")});
      const RunResult stale = site_->Assocsync({"apply", plan});
      ExpectRefused(stale, "MaxJobs");
      EXPECT_THAT(stale.err, HasSubstr("live changed since the plan"));
      EXPECT_THAT(stale.err, HasSubstr("77"));
      release.Lab("load", {site_->File("a.sql")});
    }

    const RunResult applied = site_->Assocsync({"apply", plan});
    EXPECT_EQ(applied.exit_code, 0) << applied.out << applied.err;
    ExpectConverged();
    site_->SetTrouble({});
    EXPECT_EQ(site_->Assocsync({"apply", plan}).exit_code, 3);  // Stale now.
    EXPECT_EQ(site_->Commands(), 0);
  }
}

// Two proposals in a row, and somebody who changes the cluster by hand.
TEST_F(RealApplyTest, ProposalsOnTopOfTheLastOne) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    RunResult result =
        site_->Assocsync({"plan", target_, "--base", "last-applied",
                          "--backup-dir", site_->backup_dir});
    EXPECT_EQ(result.exit_code, 1) << result.out;
    EXPECT_THAT(result.err, HasSubstr("no verified run of apply"));
    result = site_->Assocsync({"apply", target_});
    ASSERT_EQ(result.exit_code, 0) << result.out << result.err;

    site_->Must({"add | account | name=byhand | cluster=lab"});
    const auto text = ReadFile(target_, 1 << 24);
    ASSERT_TRUE(text.ok());
    std::string proposal = *text;
    const size_t line = proposal.find("Account - 'axb'");
    ASSERT_NE(line, std::string::npos);
    proposal.insert(line, "Account - 'proposed'\n");
    const std::string file = site_->Put("proposal.cfg", proposal);
    // As a restore it would take away what was made by hand.
    result = site_->Assocsync({"plan", file});
    EXPECT_THAT(result.out, HasSubstr("- byhand"));
    const std::string plan = site_->File("proposal.json");
    result =
        site_->Assocsync({"plan", file, "--base", "last-applied",
                          "--backup-dir", site_->backup_dir, "--out", plan});
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr("byhand: added on live"));
    result = site_->Assocsync({"apply", plan});
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    const std::string dump = release.Dump("lab");
    EXPECT_THAT(dump, HasSubstr("Account - 'byhand'"));
    EXPECT_THAT(dump, HasSubstr("Account - 'proposed'"));
  }
}

TEST_F(RealApplyTest, DumpsMadeElsewhere) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    const std::string database =
        ReadSlurmdbdConf(release.Path("slurmdbd.conf"))->storage_loc;
    const std::string sql = site_->File("given.sql");
    const RunResult dumped = RunProgram(
        {"sh", "-c",
         absl::StrCat("mariadb-dump --defaults-file=", release.Path("my.cnf"),
                      " --single-transaction ", database, " >", sql)});
    ASSERT_TRUE(dumped.clean()) << dumped.err;
    // The database cannot be reached from this node.
    site_->slurmdbd_conf = site_->File("missing.conf");

    // Half of it is none.
    auto text = ReadFile(sql, 1 << 28);
    ASSERT_TRUE(text.ok());
    const std::string half =
        site_->Put("half.sql", text->substr(0, text->size() / 2));
    const RunResult bad =
        site_->Assocsync({"apply", target_, "--sql-dump", half});
    EXPECT_EQ(bad.exit_code, 1) << bad.err;
    EXPECT_EQ(site_->Commands(), 0);
    EXPECT_THAT(site_->Runs(), IsEmpty());

    const RunResult good =
        site_->Assocsync({"apply", target_, "--sql-dump", sql});
    EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
    EXPECT_EQ(site_->LastJournal().start.sql_dump, "given");
    EXPECT_EQ(site_->LastJournal().start.sql_dump_file, sql);
    ExpectConverged();
  }
}

TEST_F(RealApplyTest, NoDumpIsOnRecord) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    site_->slurmdbd_conf = site_->File("missing.conf");
    const RunResult result =
        site_->Assocsync({"apply", target_, "--no-sql-dump"});
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_THAT(result.err, HasSubstr("no SQL dump"));
    EXPECT_THAT(result.out, HasSubstr("(no SQL dump)"));
    EXPECT_EQ(site_->LastJournal().start.sql_dump, "none");
    const auto manifest = VerifyBackup(site_->Runs()[0]);
    ASSERT_TRUE(manifest.ok()) << manifest.status();
    EXPECT_EQ(manifest->tool, "--no-sql-dump");
    ExpectConverged();
  }
}

TEST_F(RealApplyTest, OneAtATimePerDatabase) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    const auto conf = ReadSlurmdbdConf(release.Path("slurmdbd.conf"));
    ASSERT_TRUE(conf.ok());
    auto holder = Connect(conf->Database());
    ASSERT_TRUE(holder.ok()) << holder.status();
    ASSERT_TRUE(TryLock(**holder, LockOf(conf->storage_loc)).ok());
    const RunResult result = site_->Assocsync({"apply", target_});
    EXPECT_EQ(result.exit_code, 1) << result.err;
    EXPECT_THAT(result.err, HasSubstr("another apply or backup is running"));
    EXPECT_EQ(site_->Commands(), 0);
    EXPECT_THAT(site_->Runs(), IsEmpty());
  }
}

// Between the plan and the first step, while the dump is taken.
TEST_F(RealApplyTest, LiveChangesWhileTheDumpIsTaken) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    fs::create_directory(site_->File("bin"));
    site_->Put("bin/mariadb-dump",
               absl::StrCat("#!/bin/sh\n[ \"$1\" = --version ] || '",
                            release.Path("bin/sacctmgr"),
                            "' -i add account name=intruder cluster=lab "
                            ">/dev/null\nexec /usr/bin/mariadb-dump \"$@\"\n"),
               0700);
    site_->path = site_->File("bin") + ":/usr/bin:/bin";
    ExpectRefused(site_->Assocsync({"apply", target_}), "intruder");
  }
}

// A job of the user who goes; $0: its state.
constexpr absl::string_view kJob =
    "SET sql_mode=''; INSERT IGNORE INTO lab_job_table (mod_time, job_db_inx, "
    "id_assoc, id_job, id_user, id_group, job_name, account, `partition`, "
    "time_submit, time_start, time_eligible, time_end, state) SELECT 1, 1, "
    "id_assoc, 4711, 0, 0, 'j', acct, 'p', 1, 1, 1, 0, $0 FROM lab_assoc_table "
    "WHERE user='leaver'";

// slurmdbd refuses and plan warns for the same jobs: those without an end that
// are pending (0), running (1) or suspended (2), not completed ones (3).
TEST_F(RealApplyTest, Jobs) {
  FOR_EACH_RELEASE(release) {
    Begin(release);
    release.Sql(absl::Substitute(kJob, 0));
    for (const int state : {0, 1, 2, 3}) {
      SCOPED_TRACE(absl::StrCat(release.name(), " state ", state));
      release.Sql(absl::StrCat("UPDATE lab_job_table SET state=", state));
      const RunResult plan =
          site_->Assocsync({"plan", target_, "--live", "mysql",
                            "--slurmdbd-conf", release.Path("slurmdbd.conf")});
      EXPECT_EQ(absl::StrContains(plan.out, "4711"), state < 3)
          << plan.out << plan.err;
      const RunResult refused =
          release.Sacctmgr({"-i", "delete", "user", "name=leaver"});
      EXPECT_EQ(
          absl::StrContains(absl::StrCat(refused.out, refused.err), "4711"),
          state < 3)
          << refused.out << refused.err;
    }
  }
}

TEST_F(RealApplyTest, JobsRefuseBeforeAnythingRuns) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    release.Sql(absl::Substitute(kJob, 1));
    const RunResult refused =
        site_->Assocsync({"apply", target_, "--live", "mysql"});
    ExpectRefused(refused, "refused by the findings above");
    EXPECT_THAT(refused.out, HasSubstr("AS113"));
    EXPECT_THAT(refused.out, HasSubstr("4711"));
    // The rest goes on without the row.
    const RunResult rest = site_->Assocsync(
        {"apply", target_, "--live", "mysql", "--skip", "AS113"});
    EXPECT_EQ(rest.exit_code, 0) << rest.out << rest.err;
    ExpectConvergesWhenJobsEnd();
  }
}

// Where jobs cannot be read, slurmdbd's refusal is told.
TEST_F(RealApplyTest, JobsThatOnlySlurmdbdTellsOf) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    release.Sql(absl::Substitute(kJob, 1));
    const RunResult result =
        site_->Assocsync({"apply", target_, "--live", "sacctmgr"});
    EXPECT_EQ(result.exit_code, 4) << result.out << result.err;
    EXPECT_THAT(result.err, HasSubstr("AS113"));
    EXPECT_THAT(result.err, HasSubstr("4711"));
    ExpectConvergesWhenJobsEnd();
  }
}

// Submitted between the plan and the first step, while the dump is taken.
TEST_F(RealApplyTest, JobsThatComeWhileTheDumpIsTaken) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    const auto conf = ReadSlurmdbdConf(release.Path("slurmdbd.conf"));
    ASSERT_TRUE(conf.ok()) << conf.status();
    const std::string sql = site_->Put("job.sql", absl::Substitute(kJob, 1));
    fs::create_directory(site_->File("bin"));
    site_->Put(
        "bin/mariadb-dump",
        absl::StrCat("#!/bin/sh\n[ \"$1\" = --version ] || "
                     "mariadb --defaults-file='",
                     release.Path("my.cnf"), "' ", conf->storage_loc, " <'",
                     sql, "'\nexec /usr/bin/mariadb-dump \"$@\"\n"),
        0700);
    site_->path = site_->File("bin") + ":/usr/bin:/bin";
    ExpectRefused(site_->Assocsync({"apply", target_, "--live", "mysql"}),
                  "4711");
  }
}

}  // namespace assocsync::apply_test
