// `backups`, `prune` and `status`: what they make of folders, and their texts.
#include "cli/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "engine/apply/journal.h"
#include "engine/backup/backup_folder.h"
#include "engine/io/digest.h"
#include "engine/io/dir.h"
#include "tests/support/shell.h"

namespace assocsync::status_test {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

std::string TreeOf(int max_jobs) {
  return absl::StrCat(
      "# To edit this file start with a cluster line for the new cluster\n"
      "Cluster - 'lab':Fairshare=1:QOS='normal'\nParent - 'root'\n"
      "User - 'root':DefaultAccount='root':AdminLevel='Administrator':"
      "Fairshare=1\n"
      "Account - 'bio':Description='d':Organization='o':MaxJobs=",
      max_jobs, "\n");
}

class StatusTest : public testing::Test {
 protected:
  StatusTest() : temp_(*TempDir::Create("/tmp")) {
    fs::create_directory(Path("backups"));
    fs::permissions(Path("backups"), fs::perms(0700));
  }
  std::string Path(const std::string& name) const {
    return absl::StrCat(temp_.path(), "/", name);
  }
  void Put(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name)) << text;
  }
  // A folder of so long ago; its name.
  std::string Make(absl::Duration age, absl::string_view made_by,
                   const std::vector<std::string>& files = {"tree.cfg"},
                   const std::string& cluster = "lab") const {
    Manifest manifest;
    manifest.created =
        absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now() - age));
    manifest.cluster = cluster;
    manifest.made_by = std::string(made_by);
    if (!made_by.empty()) {
      manifest.tool = std::string(kTreesAlone);
      manifest.trees = {{cluster, files[0]}};
    }
    const std::string name = RunFolderName(cluster, manifest.created);
    fs::create_directory(Path("backups/" + name));
    for (const std::string& file : files) {
      Put(absl::StrCat("backups/", name, "/", file), TreeOf(1));
      manifest.files.push_back({file, TreeOf(1).size(), Sha256Hex(TreeOf(1))});
    }
    Put(absl::StrCat("backups/", name, "/manifest.json"),
        WriteManifest(manifest));
    return name;
  }
  std::string MakeRun(absl::Duration age) const {
    const std::string name = Make(age, "", {"before.cfg", "after.cfg"});
    auto journal = Journal::Create(
        Path(absl::StrCat("backups/", name, "/", kJournalName)), {});
    EXPECT_TRUE(journal->Stop(0, kVerifiedWord, {}, {}, {}, absl::Now()).ok());
    return name;
  }
  RunResult Run(const std::string& line) const {
    return RunLine(temp_.path(), absl::StrCat("$A ", line),
                   {"TZ=UTC", "ASSOCSYNC_BACKUP_DIR=backups"});
  }

  TempDir temp_;
};

TEST_F(StatusTest, AnEmptyFolderAndNoneAreToldApart) {
  EXPECT_EQ(Run("backups").out, "backups: no backups\n");
  EXPECT_EQ(Run("backups --cluster beta").out,
            "backups: no backups of cluster beta\n");
  const RunResult none = Run("backups --backup-dir none");
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.err, HasSubstr("none: there is no such folder"));
  for (const char* command : {"backups", "prune --keep-last 1"}) {
    const RunResult file =
        Run(absl::StrCat(command, " --backup-dir /etc/passwd"));
    EXPECT_NE(file.exit_code, 0) << command;
    EXPECT_THAT(file.err, HasSubstr("/etc/passwd")) << command;
  }
}

TEST_F(StatusTest, ListsNewestFirstWithWhatIsWrong) {
  const std::string old = Make(absl::Hours(72), kMadeByBackup);
  const std::string bad = Make(absl::Hours(5), kMadeByBackup);
  fs::remove(Path("backups/" + bad + "/tree.cfg"));
  const std::string run = MakeRun(absl::Minutes(90));
  Put("backups/\x1b[31m", "x");
  fs::create_symlink("/etc", Path("backups/link"));
  const RunResult list = Run("backups");
  EXPECT_EQ(list.exit_code, 0) << list.err;
  const size_t first = list.out.find("1h  "), second = list.out.find("5h  "),
               third = list.out.find("3d  ");
  EXPECT_LT(first, second) << list.out;
  EXPECT_LT(second, third) << list.out;
  EXPECT_THAT(list.out, AllOf(HasSubstr("apply    " + run),
                              HasSubstr("NOT GOOD: tree.cfg is missing"),
                              HasSubstr("link (a symlink)"),
                              HasSubstr("\\x1b[31m (a file)")));
  // No line is longer than it should be.
  std::istringstream lines(list.out);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 80u) << line;
  }
  EXPECT_THAT(Run("backups --cluster beta").out, Not(HasSubstr("lab-")));
}

TEST_F(StatusTest, PruneKeepsByRulesAndTellsWhy) {
  const std::string old = Make(absl::Hours(72), kMadeByBackup);
  const std::string kept = Make(absl::Hours(1), kMadeByBackup);
  const RunResult none = Run("prune");
  EXPECT_EQ(none.exit_code, 64);
  EXPECT_THAT(none.err, HasSubstr("which rules?"));
  for (const char* wrong : {"prune --keep-last 0", "prune --keep-within 1w",
                            "prune --keep 1 "
                            "--keep-last 2",
                            "prune --keep-daily x"}) {
    EXPECT_EQ(Run(wrong).exit_code, 64) << wrong;
  }
  const RunResult dry = Run("prune --keep-last 1 --dry-run");
  EXPECT_THAT(dry.out,
              AllOf(HasSubstr("Cluster lab, backups without an SQL dump:"),
                    HasSubstr(kept + "  last\n"), HasSubstr("  remove  "),
                    HasSubstr("1 would be kept, 1 removed")));
  EXPECT_TRUE(fs::exists(Path("backups/" + old)));
  EXPECT_EQ(Run("prune --keep-last 1").exit_code, 0);
  EXPECT_FALSE(fs::exists(Path("backups/" + old)));
  EXPECT_TRUE(fs::exists(Path("backups/" + kept)));
}

TEST_F(StatusTest, StatusTellsBackupVerifyAndDrift) {
  EXPECT_THAT(Run("status --format nagios --no-live").out,
              StartsWith("ASSOCSYNC CRITICAL - there is no good backup | "));
  const std::string name = Make(absl::Hours(3), kMadeByBackup);
  const std::string run = MakeRun(absl::Hours(2));
  Put("live.cfg", TreeOf(1));
  RunResult nagios = Run("status --format nagios --live live.cfg");
  EXPECT_EQ(nagios.exit_code, 0) << nagios.out << nagios.err;
  EXPECT_THAT(nagios.out,
              AllOf(StartsWith("ASSOCSYNC OK - backup 3h old, "),
                    HasSubstr("; verify never; drift 0 changes | "),
                    HasSubstr("s;93600;180000;0 "), HasSubstr(" drift=0;;;0")));
  EXPECT_EQ(Run(absl::StrCat("verify backups/", name)).exit_code, 0);
  Put("live.cfg", TreeOf(2));
  const RunResult text = Run("status --live live.cfg");
  EXPECT_THAT(text.out,
              AllOf(HasSubstr("Backup  3h old, "), HasSubstr(name),
                    HasSubstr("Verify  good 0m ago: " + name),
                    HasSubstr("Drift   cluster lab: 1 change since backups/" +
                              run + "/after.cfg"),
                    HasSubstr("add 0, modify 1, move 0, delete 0"),
                    HasSubstr("State   OK\n")))
      << text.err;
  nagios = Run("status --format nagios --live live.cfg --warn-drift 0");
  EXPECT_EQ(nagios.exit_code, 1);
  EXPECT_THAT(nagios.out, HasSubstr("WARNING - drift of lab: 1 change | "));
  // A given file in the place of what was applied.
  EXPECT_THAT(Run("status live.cfg --live live.cfg").out,
              HasSubstr("0 changes since live.cfg"));
}

// As everywhere: what another place holds is no run of this folder.
TEST_F(StatusTest, ASymlinkIsNoRunOfApply) {
  const std::string own = MakeRun(absl::Hours(3));
  const std::string other = MakeRun(absl::Hours(2));
  fs::rename(Path("backups/" + other), Path("elsewhere"));
  fs::create_symlink(Path("elsewhere"), Path("backups/" + other));
  Put("live.cfg", TreeOf(1));
  EXPECT_THAT(Run("status --live live.cfg").out,
              HasSubstr(absl::StrCat("since backups/", own, "/after.cfg")));
  // There is no plan in it; but it is the one that is looked at.
  EXPECT_THAT(Run("plan live.cfg --live live.cfg --base last-applied").err,
              HasSubstr(own));
}

TEST_F(StatusTest, LiveThatCannotBeReadHindersNothing) {
  Make(absl::Hours(3), kMadeByBackup);
  MakeRun(absl::Hours(2));
  const RunResult text = Run("status --live sacctmgr --sacctmgr /none");
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_THAT(text.out, AllOf(HasSubstr("Drift   cluster lab: unknown: "),
                              HasSubstr("State   OK")));
  const RunResult nagios =
      Run("status --format nagios --live sacctmgr --sacctmgr /none "
          "--warn-drift 5");
  EXPECT_EQ(nagios.exit_code, 3) << nagios.out;
}

TEST_F(StatusTest, AVerifyThatFailedIsCritical) {
  const std::string name = Make(absl::Hours(3), kMadeByBackup);
  Put("backups/" + name + "/tree.cfg", TreeOf(3));  // As long as it was.
  EXPECT_EQ(Run(absl::StrCat("verify backups/", name)).exit_code, 1);
  const RunResult nagios = Run("status --format nagios --no-live");
  EXPECT_EQ(nagios.exit_code, 2);
  EXPECT_THAT(nagios.out, HasSubstr("the last verify found " + name));
  // A copy elsewhere is nobody's business here.
  fs::copy(Path("backups/" + name), Path("copy"), fs::copy_options::recursive);
  Run("verify copy");
  EXPECT_FALSE(fs::exists(Path(".assocsync-verify.json")));
  Put("backups/.assocsync-verify.json", "{");
  EXPECT_EQ(Run("status --format nagios --no-live").exit_code, 3);
}

TEST_F(StatusTest, VerifyWithoutDirTakesTheNewestAndTellsWhich) {
  const RunResult none = Run("verify");
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.err, HasSubstr("backups holds no backup; `assocsync "
                                  "backup` makes one"));
  EXPECT_THAT(Run("verify --backup-dir none").err,
              HasSubstr("none: there is no such folder"));
  Make(absl::Hours(72), kMadeByBackup);
  const std::string beta =
      Make(absl::Hours(5), kMadeByBackup, {"tree.cfg"}, "beta");
  const std::string newest = Make(absl::Hours(3), kMadeByBackup);
  // None of these is a backup, or not one yet.
  const std::string killed = RunFolderName("lab", absl::Now());
  fs::create_directory(Path("backups/" + killed));
  fs::create_directory(Path("backups/.assocsync-unfinished-x"));
  fs::create_symlink(beta, Path("backups/z"));
  const RunResult all = Run("verify");
  EXPECT_EQ(all.exit_code, 0) << all.err;
  EXPECT_THAT(all.out, StartsWith(absl::StrCat("backups/", newest, ": good")));
  EXPECT_THAT(
      all.err,
      AllOf(HasSubstr(absl::StrCat("backups/", killed,
                                   " is passed over: it "
                                   "has no manifest")),
            HasSubstr(absl::StrCat("the newest is backups/", newest, " of "))));
  EXPECT_THAT(Run("status --no-live").out,
              HasSubstr("Verify  good 0m ago: " + newest));
  EXPECT_THAT(Run("verify --cluster beta").err,
              HasSubstr(absl::StrCat("the newest is backups/", beta)));
  EXPECT_THAT(Run("verify --cluster gamma").err,
              HasSubstr("backups holds no backup of cluster 'gamma'"));
  EXPECT_EQ(Run("verify --cluster lab backups/" + beta).exit_code, 64);
}

TEST_F(StatusTest, TheNewestIsVerifiedWhereItIsNotWhole) {
  Make(absl::Hours(72), kMadeByBackup);
  const std::string newest = Make(absl::Hours(3), kMadeByBackup);
  for (const char* damaged : {"tree.cfg", "manifest.json"}) {
    Put(absl::StrCat("backups/", newest, "/", damaged), "{");
    const RunResult verify = Run("verify --quiet");
    EXPECT_EQ(verify.exit_code, 1) << damaged;
    EXPECT_THAT(verify.err, AllOf(HasSubstr(newest), HasSubstr(damaged)));
    EXPECT_THAT(Run("status --format nagios --no-live").out,
                HasSubstr("the last verify found " + newest));
  }
  fs::permissions(Path("backups/" + newest), fs::perms(0777));
  EXPECT_EQ(Run("verify").exit_code, 3);
}

// What kept verify from looking says nothing of the backup.
TEST_F(StatusTest, AVerifyThatCouldNotBeDoneIsNotNoted) {
  const std::string name = Make(absl::Hours(3), kMadeByBackup);
  const RunResult load = Run("verify --load --slurmdbd-conf ./none");
  EXPECT_EQ(load.exit_code, 1);
  EXPECT_THAT(load.err, HasSubstr("it holds no SQL dump (the trees alone"));
  EXPECT_EQ(Run("verify --key ./none").exit_code, 1);
  EXPECT_THAT(Run("status --no-live").out, HasSubstr("Verify  never"));
  // There may be no server at all where it is said what brings them back.
  const RunResult restore =
      Run(absl::StrCat("restore backups/", name, " --slurmdbd-conf ./none"));
  EXPECT_EQ(restore.exit_code, 3);
  EXPECT_THAT(restore.err, HasSubstr("`assocsync apply` of the folder"));
}

TEST_F(StatusTest, TheFileIsWrittenWhole) {
  Make(absl::Hours(3), kMadeByBackup);
  EXPECT_EQ(Run("status --no-live --format prometheus --out a.prom").out, "");
  std::ifstream in(Path("a.prom"));
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_THAT(text, HasSubstr("# TYPE assocsync_state gauge\n"
                              "assocsync_state 0\n"));
  fs::create_directory(Path("b.prom"));
  EXPECT_EQ(Run("status --no-live --format prometheus --out b.prom").exit_code,
            1);
  // Where 1 would be a warning.
  EXPECT_EQ(Run("status --no-live --format nagios --out b.prom").exit_code, 3);
}

// The texts, of what a folder can hardly hold.
StatusReport Sample() {
  StatusReport report;
  report.now = absl::FromUnixSeconds(1'800'000'000);
  report.backups = 1;
  report.bytes = 10;
  report.last.emplace();
  report.last->manifest.cluster = "a\"b\\c\nd";
  report.last->manifest.created = report.now - absl::Hours(27);
  return report;
}

TEST(StatusFormatsTest, LabelsAreEscaped) {
  EXPECT_THAT(StatusPrometheus(Sample(), {}),
              HasSubstr("assocsync_last_backup_timestamp_seconds{cluster="
                        "\"a\\\"b\\\\c\\nd\"} 1799902800\n"));
  StatusReport bytes = Sample();
  bytes.last->manifest.cluster = "\xff";
  EXPECT_THAT(StatusPrometheus(bytes, {}), HasSubstr("{cluster=\"\\\\xff\"}"));
}

TEST(StatusFormatsTest, APluginSaysOneLine) {
  StatusReport report = Sample();
  report.last_bad.emplace();
  report.last_bad->problem = "a|b\nc";
  const JudgedStatus judged = JudgeStatus(report, {});
  EXPECT_EQ(judged.state, State::kWarning);
  const std::string line = StatusNagios(report, {}, judged);
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_EQ(std::count(line.begin(), line.end(), '|'), 1);
  EXPECT_THAT(line, HasSubstr("a/b\\nc"));
}

TEST(StatusFormatsTest, TheWorstIsSaidFirst) {
  StatusReport report = Sample();
  EXPECT_THAT(JudgeStatus(report, {}).reasons,
              ElementsAre("the last good backup is 27h old"));
  report.drifts = {{"lab", "x", {}, "no server"}};
  EXPECT_EQ(JudgeStatus(report, {}).state, State::kWarning);
  StatusLimits limits;
  limits.warn_drift = 0;
  EXPECT_EQ(JudgeStatus(report, limits).state, State::kUnknown);
  report.verify = LastVerify{report.now, "lab-1", false, false, "x"};
  EXPECT_THAT(JudgeStatus(report, limits).reasons,
              ElementsAre("the last verify found lab-1 not good",
                          "drift of lab is not known: no server",
                          "the last good backup is 27h old"));
  report = Sample();
  limits.warn_age = absl::Hours(28);
  EXPECT_THAT(JudgeStatus(report, limits).reasons, IsEmpty());
}

}  // namespace assocsync::status_test
