// Whatever goes wrong while a plan runs: nothing changed, or the journal tells
// the truth and the next apply converges. Real daemons, the real binary.
#include <sys/mount.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "engine/apply/run_step.h"
#include "engine/io/file.h"
#include "engine/render/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/journal_summary.h"
#include "tests/support/site.h"

namespace assocsync::fault_test {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Tree A is live, tree B is the target, and all that must not change is known.
class FaultTest : public testing::Test {
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
    other_ = release.Dump("other");
    before_ = release.Dump("lab");
    ids_ = Ids();
    release.Lab("save", {site_->File("a.sql")});
  }
  void LoadA() {
    site_->release().Lab("load", {site_->File("a.sql")});
    site_->NoTrouble();
  }
  // "account user partition id" of rows that both trees have.
  std::string Ids() const {
    return site_->release().Sql(
        "SELECT acct, user, `partition`, id_assoc FROM lab_assoc_table WHERE "
        "deleted=0 AND acct IN ('top','kid','axb') AND user IN "
        "('','both','j-doe','al ice') AND `partition`='' ORDER BY 1,2,3");
  }
  void ExpectConverged(const std::string& what) {
    const LabRelease& release = site_->release();
    EXPECT_EQ(SortedDump(release.Dump("lab")), SortedDump(want_)) << what;
    EXPECT_EQ(release.Dump("other"), other_) << what;
    EXPECT_EQ(Ids(), ids_) << what;
  }
  void ApplyConverges(const std::string& what) {
    site_->NoTrouble();
    const RunResult result = site_->Assocsync({"apply", target_});
    EXPECT_EQ(result.exit_code, 0) << what << "\n" << result.out << result.err;
    ExpectConverged(what);
  }
  // The number of the plan's first command of `phase`, which shows in the tree
  // (that of a move need not: some only keep lineages right).
  int FirstOf(Phase phase) const {
    const std::vector<Step> steps = PlannedSteps();
    for (size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].phase == phase) return static_cast<int>(i) + 1;
    }
    ADD_FAILURE() << "no command of the phase " << PhaseName(phase);
    return 0;
  }
  std::vector<Step> PlannedSteps() const {
    const RunResult result =
        site_->Assocsync({"plan", target_, "--format", "json"});
    const auto saved = PlanFromJson(result.out);
    EXPECT_TRUE(saved.ok()) << saved.status();
    return saved.ok() ? saved->plan.steps : std::vector<Step>();
  }
  // No command ran, live is what it was, no run folder stayed.
  void ExpectUntouched(const RunResult& result, const std::string& what) {
    EXPECT_EQ(result.exit_code, 1) << what << "\n" << result.out << result.err;
    EXPECT_EQ(site_->Commands(), 0) << what;
    EXPECT_EQ(site_->release().Dump("lab"), before_) << what;
    EXPECT_THAT(site_->Runs(), IsEmpty()) << what;
  }

  std::optional<LabSite> site_;
  std::string target_, want_, other_, before_, ids_;
};

// Troubles come at every fifth step of the plan; with ASSOCSYNC_EVERY_STEP set,
// at each.
int Stride() { return std::getenv("ASSOCSYNC_EVERY_STEP") != nullptr ? 1 : 5; }

#define FOR_EACH_RELEASE(release)                                 \
  const std::vector<LabRelease> all_releases = LabRelease::All(); \
  ASSERT_FALSE(all_releases.empty()) << "no lab: tests/lab up";   \
  for (const LabRelease& release : all_releases)

// The session hears no more after a line, between commands (odd) or within one,
// and is killed, alone or with assocsync. Between commands nobody notices: the
// next one is a process of its own.
TEST_F(FaultTest, SessionEndsAtEveryStep) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    int ends = 0;
    for (const std::string then : {"true", "kill -9 $PPID"}) {
      for (int lines = 2;; lines += 2 * Stride() - 1) {
        const std::string what =
            absl::StrCat("ends after line ", lines, ", then ", then);
        LoadA();
        const std::string pid = site_->File("pid");
        LabSite::Trouble trouble;
        trouble.session = absl::StrCat(
            "{ sed -u ", lines, "q; sleep 1; kill -9 $(cat '", pid, "'); ",
            then, "; } | sh -c 'echo $$ >\"$1\"; exec \"$0\" -i' \"$real\" '",
            pid, "'\nexit 1");
        site_->SetTrouble(trouble);
        const RunResult result = site_->Assocsync({"apply", target_});
        const JournalRun run = site_->LastJournal();
        for (size_t i = 0; i + 1 < run.steps.size(); ++i) {
          EXPECT_EQ(run.steps[i].result, "done") << what << " " << i;
        }
        if (result.clean()) ExpectConverged(what);
        if (then == "true" && lines % 2 == 1) {
          EXPECT_EQ(result.exit_code, 0) << what << result.out << result.err;
        }
        ApplyConverges(what);
        if (HasFailure()) return;
        // Two lines for each command at most, and one before.
        if (lines > 2 * static_cast<int>(run.steps.size()) + 1) break;
        ++ends;
      }
    }
    EXPECT_GT(ends, 6);
    std::printf("release %s: the session ended %d times, converged\n",
                release.version().c_str(), ends);
  }
}

// A sacctmgr that stays open keeps the ids of the QOS that it has asked for,
// and would write that of one that is gone. Somebody deletes q2 and adds it
// again between the two commands that name QOS.
TEST_F(FaultTest, QosComesAgainUnderASession) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    site_.emplace(release);
    release.Reset();
    const std::vector<std::string> qos = {"add | qos | name=q1",
                                          "add | qos | name=q2"};
    site_->Must(qos);
    site_->Must({"add | account | name=n1 | cluster=lab | qos=q1",
                 "add | account | name=n2 | cluster=lab | qos=q2",
                 "add | account | name=n3 | cluster=lab"});
    const std::string target = site_->Put("target.cfg", release.Dump("lab"));
    release.Reset();
    site_->Must(qos);
    LabSite::Trouble trouble;
    trouble.at = 2;
    trouble.before = absl::StrCat(
        "sh '",
        site_->Put("swap", absl::StrCat("for verb in delete add; do '",
                                        release.Path("bin/sacctmgr"),
                                        "' -i $verb qos name=q2; done >>'",
                                        site_->File("swapped"), "' 2>&1\n")),
        "'");
    // In a session the second command is the fourth line.
    trouble.session = absl::StrCat("sed -u \"4e ", trouble.before,
                                   "\" | \"$real\" -i; exit 1");
    site_->SetTrouble(trouble);
    const RunResult result = site_->Assocsync({"apply", target});
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_TRUE(std::filesystem::exists(site_->File("swapped")));
    EXPECT_EQ(release.Sql("SELECT q.name, q.deleted FROM lab_assoc_table a, "
                          "qos_table q WHERE a.acct='n2' AND a.deleted=0 AND "
                          "a.qos=CONCAT(',', q.id, ',')"),
              "q2\t0\n");
  }
}

TEST_F(FaultTest, KilledAtEveryStep) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    int kills = 0;
    for (const char* when : {"after", "before"}) {
      const bool after = std::string(when) == "after";
      for (int k = 1;; k += Stride()) {
        const std::string what = absl::StrCat("killed ", when, " command ", k);
        LoadA();
        LabSite::Trouble trouble;
        trouble.at = k;
        (after ? trouble.after : trouble.before) = "kill -9 $PPID";
        if (!after) trouble.replace = "exit 1";
        site_->SetTrouble(trouble);
        const RunResult killed = site_->Assocsync({"apply", target_});
        if (killed.clean()) {
          EXPECT_LT(site_->Commands(), k);
          EXPECT_GT(k, 10);
          ExpectConverged("not killed");
          break;
        }
        ASSERT_EQ(killed.signal, 9) << what << killed.out << killed.err;
        ++kills;
        const JournalRun run = site_->LastJournal();
        ASSERT_EQ(run.steps.size(), static_cast<size_t>(k)) << what;
        EXPECT_EQ(run.done(), static_cast<size_t>(k - 1)) << what;
        EXPECT_FALSE(run.steps.back().ended) << what;
        EXPECT_FALSE(run.stopped) << what;
        EXPECT_THAT(Summary(run),
                    HasSubstr(absl::StrCat("killed during step ", k)));
        ApplyConverges(what);
        if (HasFailure()) return;
      }
    }
    std::printf("release %s: killed %d times, converged each time\n",
                release.name().c_str(), kills);
  }
}

// One load stands for many commands: it is all done or nothing of it, whatever
// befalls it, and the journal knows which.
TEST_F(FaultTest, LoadsThatEndBadly) {
  const struct Trouble {
    const char* name;
    const char *before, *replace, *after;
    int exit_code;  // -1: any.
    enum {
      kAccounts,
      kLoad,
      kAll,
      kAny
    } done;  // Of the commands, by the journal.
  } kTroubles[] = {
      {"none", "", "", "", 0, Trouble::kAll},
      {"assocsync killed before", "kill -9 $PPID", "exit 1", "", -9,
       Trouble::kAccounts},
      {"assocsync killed after", "", "", "kill -9 $PPID", -9,
       Trouble::kAccounts},
      {"did nothing, exit 0", "", "true", "", 0, Trouble::kAll},
      {"cannot read the file", "", "\"$real\" -i load file=/nowhere/load.cfg",
       "", 0, Trouble::kAll},
      {"did it, exit 1", "", "\"$real\" \"$@\"; false", "", 4, Trouble::kLoad},
      {"killed itself", "", "kill -9 $$", "", 4, Trouble::kAccounts},
      {"killed in the middle", "",
       "\"$real\" \"$@\" & p=$!; sleep 0.02; kill -9 $p; wait $p", "", -1,
       Trouble::kAny},
      {"somebody adds one of the users",
       "\"$real\" -i add user name=ann account=bio maxsubmitjobs=9", "", "", -1,
       Trouble::kAny},
      {"somebody adds a user beside",
       "\"$real\" -i add user name=zoe account=bio", "", "", 4, Trouble::kAll},
      {"Ctrl-C", "kill -INT $PPID", "", "", 4, Trouble::kLoad},
  };
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    site_.emplace(release);
    release.Reset();
    site_->Must({"add | account | name=bio,hep | cluster=lab",
                 "add | user | name=ann,bob,eve | account=bio | cluster=lab | "
                 "defaultaccount=bio | maxjobs=4 | grptres=cpu=8,mem=2048",
                 "add | user | name=joe | account=hep | cluster=lab | "
                 "defaultaccount=hep | maxwall=600 | fairshare=parent",
                 "add | user | name=ann | account=hep | cluster=lab",
                 "modify | user | where | name=eve | cluster=lab | set | "
                 "maxsubmitjobs=0",
                 "add | coordinator | account=bio | names=ann"});
    const std::string want = release.Dump("lab");
    const std::string target = site_->Put("target.cfg", want);
    release.Reset();
    release.Lab("save", {site_->File("a.sql")});
    for (const auto& trouble : kTroubles) {
      SCOPED_TRACE(trouble.name);
      LoadA();
      LabSite::Trouble made;
      made.at = 2;  // After the load of the accounts.
      made.before = trouble.before;
      made.replace = trouble.replace;
      made.after = trouble.after;
      site_->SetTrouble(made);
      const std::vector<std::string> apply = {"apply", target, "--bulk-load",
                                              "always"};
      const RunResult result = site_->Assocsync(apply);
      if (trouble.exit_code == -9) {
        EXPECT_EQ(result.signal, 9);
      } else if (trouble.exit_code >= 0) {
        EXPECT_EQ(result.exit_code, trouble.exit_code)
            << result.out << result.err;
      }
      const JournalRun run = site_->LastJournal();
      EXPECT_EQ(run.loads.size(), 2u)
          << Summary(run) << result.out << result.err;
      if (trouble.done != Trouble::kAny) {
        EXPECT_EQ(run.done(), trouble.done == Trouble::kAccounts ? 2
                              : trouble.done == Trouble::kLoad
                                  ? run.start.steps - 1
                                  : run.start.steps);
      }
      if (result.exit_code == 0 && result.signal == 0) {
        EXPECT_EQ(SortedDump(release.Dump("lab")), SortedDump(want));
      }
      site_->NoTrouble();
      const RunResult again = site_->Assocsync(apply);
      EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
      EXPECT_EQ(SortedDump(release.Dump("lab")), SortedDump(want));
      if (HasFailure()) return;
    }
  }
}

// Its sacctmgr outlives a killed apply: nothing may begin until that has ended.
TEST_F(FaultTest, KilledWhileACommandRunsOn) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    const std::string hold = site_->Put("hold", "");
    LabSite::Trouble trouble;
    trouble.at = 3;
    trouble.before = absl::StrCat("kill -9 $PPID; while [ -e '", hold,
                                  "' ]; do sleep 0.05; done");
    site_->SetTrouble(trouble);
    EXPECT_EQ(site_->Assocsync({"apply", target_}).signal, 9);
    site_->NoTrouble();
    RunResult result = site_->Assocsync({"apply", target_});
    EXPECT_EQ(result.exit_code, 1) << result.err;
    EXPECT_THAT(result.err, HasSubstr("is still running"));
    EXPECT_THAT(site_->Runs(), ::testing::SizeIs(1));
    EXPECT_EQ(site_->LastJournal().done(), 2u);
    std::filesystem::remove(hold);
    absl::SleepFor(absl::Seconds(1));
    ApplyConverges("after the command ended");
  }
}

TEST_F(FaultTest, SlurmdbdKilledAtEveryStep) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    const std::string kill =
        absl::StrCat("kill -9 $(cat '", release.Path("slurmdbd.pid"), "')");
    int kills = 0;
    for (int k = 1;; k += Stride()) {
      const std::string what = absl::StrCat("slurmdbd killed at ", k);
      LoadA();
      LabSite::Trouble trouble;
      trouble.at = k;
      // Before, during and after the command, in turns.
      if (kills % 3 == 0) trouble.before = kill;
      if (kills % 3 == 1)
        trouble.replace = "(sleep 0.004; " + kill +
                          ") & \"$real\" \"$@\"; s=$?; wait; "
                          "(exit $s)";
      if (kills % 3 == 2) trouble.after = kill;
      site_->SetTrouble(trouble);
      const RunResult result = site_->Assocsync({"apply", target_});
      const int ran = site_->Commands();
      release.Lab("start");
      if (ran < k) {
        EXPECT_EQ(result.exit_code, 0) << result.err;
        break;
      }
      ++kills;
      EXPECT_EQ(result.exit_code, 4) << what << result.out << result.err;
      EXPECT_THAT(result.err, HasSubstr("not finished")) << what;
      const JournalRun run = site_->LastJournal();
      EXPECT_TRUE(run.stopped) << what;
      EXPECT_EQ(run.outcome, "partial") << what;
      ApplyConverges(what);
      if (HasFailure()) return;
    }
    std::printf("release %s: slurmdbd killed %d times, converged each time\n",
                release.name().c_str(), kills);
  }
}

TEST_F(FaultTest, ASacctmgrThatLies) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    const int numbers[] = {FirstOf(Phase::kUsers), FirstOf(Phase::kLimits)};
    const struct {
      const char* name;
      const char* replace;
      int exit_code;
    } kLies[] = {
        {"exit 0, did nothing", "true", 4},
        {"exit 1, did it", "\"$real\" \"$@\"; false", 4},
        {"killed itself", "kill -9 $$", 4},
    };
    for (const auto& lie : kLies) {
      for (const int k : numbers) {
        const std::string what = absl::StrCat(lie.name, " at ", k);
        LoadA();
        LabSite::Trouble trouble;
        trouble.at = k;
        trouble.replace = lie.replace;
        site_->SetTrouble(trouble);
        const RunResult result = site_->Assocsync({"apply", target_});
        EXPECT_EQ(result.exit_code, lie.exit_code) << what << "\n"
                                                   << result.out << result.err;
        ApplyConverges(what);
      }
    }
  }
}

TEST_F(FaultTest, CtrlCFinishesTheStepAtHand) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    LabSite::Trouble trouble;
    trouble.at = 3;
    trouble.before = "kill -INT $PPID";
    site_->SetTrouble(trouble);
    const RunResult result = site_->Assocsync({"apply", target_});
    EXPECT_EQ(result.exit_code, 4) << result.err;
    EXPECT_THAT(result.err, HasSubstr("interrupted: 3 of"));
    EXPECT_EQ(site_->Commands(), 3);
    EXPECT_EQ(site_->LastJournal().done(), 3u);
    ApplyConverges("after Ctrl-C");
  }
}

// No good dump: not one command, exit 1, nothing half-written.
// sacctmgr's command, but its transaction is lost before the commit, as it is
// with a MariaDB that is restarted then: slurmdbd connects again and commits
// nothing, which works.
std::string LoseTheCommit(const LabSite& site) {
  // The environment of a child of assocsync does not tell of the lab.
  const std::string state = std::filesystem::path(site.release().Path(""))
                                .parent_path()
                                .parent_path();
  const std::string sql =
      absl::StrCat("env ASSOCSYNC_LAB_STATE='", state,
                   "' '" ASSOCSYNC_SOURCE_DIR "/tests/lab' sql ",
                   site.release().name(), " -N");
  return absl::StrCat(
      "shift; cd '", site.File(""), "'\n",
      // The command empties `out` only after it is waited for below: what an
      // earlier one asked must not be there.
      "rm -f in code; : >out; mkfifo in\n",
      "(\"$real\" \"$@\" <in >out 2>&1; echo $? >code) &\n",
      "exec 9>in; sure=\n",
      "until [ -s code ] || grep -q 'Would you like to commit' out; do\n",
      "  [ \"$sure\" ] || ! grep -q 'Are you sure' out || "
      "{ sure=1; printf y >&9; }\n",
      "  sleep 0.02\ndone\n", sql,
      " -e \"SELECT CONCAT('KILL ', trx_mysql_thread_id, ';') FROM "
      "information_schema.innodb_trx WHERE trx_rows_modified>0\" >kill\n",
      sql, " <kill\n",
      "echo y >&9; exec 9>&-; wait; cat out; (exit $(cat code))");
}

// slurmdbd's memory holds then what its database does not: from 23.11 on it
// refuses to add that ever after. Apply must say what ends it.
TEST_F(FaultTest, TheCommitIsLost) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    std::vector<int> steps;
    if (std::getenv("ASSOCSYNC_EVERY_STEP") != nullptr) {
      steps.resize(PlannedSteps().size());
      std::iota(steps.begin(), steps.end(), 1);
    } else {
      steps = {FirstOf(Phase::kAccounts), FirstOf(Phase::kUsers),
               FirstOf(Phase::kDeleteUsers)};
    }
    int advised = 0;
    for (const int k : steps) {
      const std::string what = absl::StrCat("commit lost at ", k);
      LoadA();
      LabSite::Trouble trouble;
      trouble.at = k;
      trouble.replace = LoseTheCommit(*site_);
      site_->SetTrouble(trouble);
      RunResult result = site_->Assocsync({"apply", target_});
      // The last one may be about a record that no tree shows.
      EXPECT_THAT(result.exit_code, AnyOf(0, 1, 4)) << result.err;
      EXPECT_THAT(result.err, HasSubstr("no effect")) << what;
      EXPECT_THAT(result.err, HasSubstr(kStaleMemory)) << what;
      site_->NoTrouble();
      result = site_->Assocsync({"apply", target_});
      if (result.exit_code != 0 && release.series() >= 2311) {
        ++advised;
        EXPECT_THAT(result.err, HasSubstr(kStaleMemory)) << what;
        EXPECT_THAT(result.err, HasSubstr("Restart slurmdbd")) << what;
        release.Lab("stop");
        release.Lab("start");
      } else {
        EXPECT_EQ(result.exit_code, 0) << what << result.out << result.err;
      }
      ApplyConverges(what);
      if (HasFailure()) return;
    }
    std::printf("release %s: %zu commits lost, %d restarts of slurmdbd\n",
                release.name().c_str(), steps.size(), advised);
    EXPECT_EQ(advised > 0, release.series() >= 2311);
  }
}

// The half of a transaction: a user has associations and no record. What the
// finding says helps.
TEST_F(FaultTest, AUserWithoutARecord) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    release.Sql("DELETE FROM user_table WHERE name='j-doe'");
    const RunResult broken = site_->Assocsync({"apply", target_});
    EXPECT_EQ(broken.exit_code, 3) << broken.out << broken.err;
    EXPECT_THAT(broken.out, HasSubstr("user j-doe has no record"));
    EXPECT_THAT(broken.out, HasSubstr("user j-doe: restart slurmdbd, add the "
                                      "user to account root of cluster lab"));
    release.Lab("stop");
    release.Lab("start");
    site_->Must({"add | user | name=j-doe | account=root | cluster=lab"});
    EXPECT_EQ(site_->Assocsync({"apply", target_}).exit_code, 0);
    EXPECT_EQ(SortedDump(release.Dump("lab")), SortedDump(want_));
  }
}

TEST_F(FaultTest, NoGoodDumpNoCommand) {
  FOR_EACH_RELEASE(release) {
    SCOPED_TRACE(release.name());
    Begin(release);
    site_->SetTrouble({});

    auto conf = ReadFile(release.Path("slurmdbd.conf"), 1 << 20);
    ASSERT_TRUE(conf.ok());
    const std::string good = site_->slurmdbd_conf;
    site_->slurmdbd_conf = site_->Put(
        "wrong.conf", absl::StrCat(*conf, "\nStoragePass=wrong-secret\n"));
    const RunResult wrong = site_->Assocsync({"apply", target_});
    ExpectUntouched(wrong, "wrong password");
    EXPECT_THAT(wrong.out + wrong.err, ::testing::Not(HasSubstr("secret")));
    site_->slurmdbd_conf = site_->File("missing.conf");
    ExpectUntouched(site_->Assocsync({"apply", target_}), "no slurmdbd.conf");
    site_->slurmdbd_conf = good;

    const std::string bin = site_->File("bin");
    std::filesystem::create_directory(bin);
    const struct {
      const char* name;
      const char* script;
    } kTools[] = {
        {"exit 1", "echo 'Got error: 1045' >&2; exit 1"},
        {"truncated, exit 0", "/usr/bin/mariadb-dump \"$@\" | head -c 20000"},
        {"last line missing, exit 0",
         "/usr/bin/mariadb-dump \"$@\" | sed '$d'"},
        {"empty, exit 0", "true"},
        {"killed", "/usr/bin/mariadb-dump \"$@\" | head -c 9000; kill -9 $$"},
        {"a table missing",
         "/usr/bin/mariadb-dump \"$@\" | sed '/`lab_assoc_table`/d'"},
        {"rows missing, exit 0",
         "/usr/bin/mariadb-dump \"$@\" | sed '/^INSERT INTO `lab_assoc/d'"},
    };
    site_->path = bin + ":/usr/bin:/bin";
    for (const auto& tool : kTools) {
      site_->Put("bin/mariadb-dump",
                 absl::StrCat("#!/bin/sh\n", tool.script, "\n"), 0700);
      ExpectUntouched(site_->Assocsync({"apply", target_}), tool.name);
    }
    site_->path.clear();
    ApplyConverges("with a good dump");
  }
}

TEST_F(FaultTest, FullDisk) {
  const std::vector<LabRelease> releases = LabRelease::All();
  ASSERT_FALSE(releases.empty());
  Begin(releases.back());
  const std::string disk = site_->File("disk");
  ASSERT_TRUE(CreatePrivateDir(disk).ok());
  ASSERT_EQ(mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=40m,mode=0700"), 0);
  const std::string normal = site_->backup_dir;
  site_->backup_dir = disk + "/backups";
  // Full before it begins, but for a few blocks.
  for (const int left : {0, 2, 5, 4000}) {
    std::filesystem::remove_all(disk + "/fill");
    RunProgram({"sh", "-c",
                absl::StrCat("dd if=/dev/zero of=", disk,
                             "/fill bs=4096 2>/dev/null; truncate -s -",
                             left * 4096, " ", disk, "/fill")});
    site_->SetTrouble({});
    ExpectUntouched(site_->Assocsync({"apply", target_}),
                    absl::StrCat("full but for ", left, " blocks"));
  }
  // Full from the fourth command on: its end cannot be recorded.
  std::filesystem::remove_all(disk + "/fill");
  LabSite::Trouble trouble;
  trouble.at = 4;
  trouble.before =
      absl::StrCat("dd if=/dev/zero of=", disk, "/fill bs=512 2>/dev/null");
  site_->SetTrouble(trouble);
  const RunResult result = site_->Assocsync({"apply", target_});
  EXPECT_EQ(result.exit_code, 4) << result.out << result.err;
  EXPECT_THAT(result.err, HasSubstr("No space left"));
  EXPECT_LE(site_->Commands(), 12);
  const JournalRun run = site_->LastJournal();
  EXPECT_GE(run.done() + 1, static_cast<size_t>(site_->Commands()));
  site_->backup_dir = normal;
  ApplyConverges("after a full disk");
  EXPECT_EQ(umount(disk.c_str()), 0);
}

}  // namespace assocsync::fault_test
