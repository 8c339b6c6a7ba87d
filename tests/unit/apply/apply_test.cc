#include "engine/apply/apply.h"

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/apply/journal.h"
#include "engine/backup/manifest.h"
#include "engine/backup/verify_backup.h"
#include "engine/diff/diff.h"
#include "engine/io/digest.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "engine/io/file_lock.h"
#include "engine/model/finding.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_runner.h"
#include "tests/support/fake_slurm.h"

namespace assocsync::apply_test {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Outcome = ApplyReport::Outcome;

AssocKey Account(absl::string_view name) { return {Name(name), {}, {}}; }

// The account, as somebody else adds it.
void Add(DatabaseState* database_state, absl::string_view name, uint64_t id) {
  database_state->tree.accounts[Name(name)];
  database_state->accounts[Name(name)];
  database_state->tree.associations[Account(name)].parent = RootName();
  database_state->ids[Account(name)] = id;
}

// Adds the accounts that are missing.
Plan PlanFor(const DatabaseState& live, const Tree& target) {
  Plan plan;
  plan.cluster = live.tree.cluster;
  plan.release = {2411, 5};
  plan.live_fingerprint = Fingerprint(live.tree);
  plan.target_fingerprint = Fingerprint(target);
  plan.changes = Diff(live.tree, target);
  plan.expected = target;
  for (const auto& [key, row] : target.associations) {
    if (live.tree.associations.contains(key)) continue;
    Step step;
    step.phase = Phase::kAccounts;
    step.argv = {"add", "account", "cluster=lab",
                 absl::StrCat("name=", key.account.view())};
    step.why = absl::StrCat(key.account.view(), ": added");
    plan.steps.push_back(step);
  }
  return plan;
}

class ApplyTest : public testing::Test {
 protected:
  ApplyTest()
      : dir_(*TempDir::Create(testing::TempDir())),
        runner_([this](const std::vector<std::string>& argv) {
          ++commands_;
          return Answer(argv);
        }) {
    FakeSlurm target;
    for (const char* name : {"a1", "a2", "a3"}) {
      target.Run(
          {"add", "account", "cluster=lab", absl::StrCat("name=", name)});
    }
    target_ = target.state.database.tree;
    options_.backup_dir = dir_.path() + "/backups";
    options_.sql_dump = ApplyOptions::SqlDump::kNone;
    deps_.live = &slurm_;
    deps_.runner = &runner_;
    deps_.replan = [this](const LiveState& live) -> absl::StatusOr<Plan> {
      return PlanFor(live.database, target_);
    };
    deps_.now = [this] { return now_ += absl::Seconds(1); };
    deps_.stop = &stop_;
  }

  absl::StatusOr<RunResult> Answer(const std::vector<std::string>& argv) {
    if (answer_ != nullptr) return answer_(argv);
    return slurm_.Do(argv);
  }

  absl::StatusOr<ApplyReport> Run() {
    live_ = slurm_.state;
    saved_ = SavedPlan();
    saved_.plan = PlanFor(live_.database, target_);
    saved_.plan.findings = findings_;
    slurm_.reads = 0;
    return Apply(live_, saved_, options_, deps_);
  }
  bool Converged() const { return slurm_.state.database.tree == target_; }

  std::vector<std::string> Backups() const {
    std::vector<std::string> names;
    if (!fs::exists(options_.backup_dir)) return names;
    for (const auto& entry : fs::directory_iterator(options_.backup_dir)) {
      if (entry.is_directory()) names.push_back(entry.path().filename());
    }
    return names;
  }
  JournalRun JournalOf(const ApplyReport& report) {
    auto text = ReadFile(report.run_dir + "/journal.jsonl", 1 << 20);
    EXPECT_TRUE(text.ok()) << text.status();
    auto run = ParseJournal(*text);
    EXPECT_TRUE(run.ok()) << run.status();
    return *run;
  }
  // No command ran and nothing is left behind.
  void ExpectUntouched() {
    EXPECT_EQ(commands_, 0);
    EXPECT_THAT(Backups(), IsEmpty());
  }

  TempDir dir_;
  FakeSlurm slurm_;
  FakeRunner::Answer answer_;
  int commands_ = 0;
  FakeRunner runner_;
  Tree target_;
  std::vector<Finding> findings_;
  LiveState live_;
  SavedPlan saved_;
  ApplyOptions options_;
  ApplyDeps deps_;
  std::atomic<bool> stop_{false};
  absl::Time now_ = absl::FromUnixSeconds(1795478864);
};

TEST_F(ApplyTest, AllDoneAndVerified) {
  std::vector<int> told;
  deps_.progress = [&](const ApplyProgress& p) {
    told.push_back(static_cast<int>(p.what));
  };
  const auto report = Run();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->outcome, Outcome::kVerified);
  EXPECT_THAT(report->problems, IsEmpty());
  EXPECT_EQ(report->done(), 3u);
  EXPECT_TRUE(Converged());
  EXPECT_EQ(slurm_.reads, 2);  // Before the first step, and to verify.
  EXPECT_THAT(told, ElementsAre(0, 2, 2, 2, 3));

  struct stat info;
  ASSERT_EQ(stat(report->run_dir.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  for (const char* name : {"before.cfg", "after.cfg", "plan.json",
                           "journal.jsonl", "manifest.json"}) {
    ASSERT_EQ(stat((report->run_dir + "/" + name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777, 0600u) << name;
  }
  const JournalRun run = JournalOf(*report);
  EXPECT_EQ(run.start.sql_dump, "none");
  EXPECT_EQ(run.done(), 3u);
  EXPECT_EQ(run.outcome, "verified");
  const auto manifest = VerifyBackup(report->run_dir);
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->tool, "--no-sql-dump");
  EXPECT_EQ(manifest->files.size(), 4u);
}

TEST_F(ApplyTest, InSyncWritesNothing) {
  target_ = slurm_.state.database.tree;
  const auto report = Run();
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->outcome, Outcome::kInSync);
  EXPECT_FALSE(fs::exists(options_.backup_dir));
  EXPECT_EQ(commands_, 0);
}

TEST_F(ApplyTest, AFindingRefuses) {
  Finding finding;
  finding.code = kDeleteShare;
  finding.severity = Severity::kError;
  finding.message = "too much would go";
  findings_ = {finding};
  const auto report = Run();
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->outcome, Outcome::kRefused);
  EXPECT_THAT(report->problems, ElementsAre("AS101: too much would go"));
  ExpectUntouched();
}

TEST_F(ApplyTest, StopsAtTheFirstRefusalAndGoesOnLater) {
  answer_ = [&](const std::vector<std::string>& argv) {
    if (argv.back() == "name=a2") return Ended(1, " Error with request: no\n");
    return slurm_.Do(argv);
  };
  const auto report = Run();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->outcome, Outcome::kPartial);
  EXPECT_EQ(report->done(), 1u);
  EXPECT_EQ(commands_, 2);
  EXPECT_THAT(Explain(report->steps[1]), HasSubstr("Error with request: no"));
  const JournalRun run = JournalOf(*report);
  EXPECT_EQ(run.steps[1].result, "refused");
  EXPECT_EQ(run.outcome, "partial");

  answer_ = nullptr;
  const auto again = Run();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->outcome, Outcome::kVerified);
  EXPECT_EQ(again->planned, 2u);
  EXPECT_NE(again->run_dir, report->run_dir);
}

TEST_F(ApplyTest, RefusedAtOnceIsNothingChanged) {
  answer_ = [](const auto&) { return Ended(1, " Error with request\n"); };
  const auto report = Run();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->outcome, Outcome::kNothingChanged);
  EXPECT_EQ(JournalOf(*report).outcome, "nothing changed");
}

TEST_F(ApplyTest, ALieOfSuccessIsSeen) {
  answer_ = [](const auto&) { return Ended(0, " Adding\n"); };
  const auto report = Run();
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->outcome, Outcome::kNothingChanged);
  EXPECT_EQ(report->done(), 0u);
  EXPECT_EQ(commands_, 3);
  for (const auto& step : JournalOf(*report).steps) {
    EXPECT_EQ(step.result, "no effect");
    EXPECT_TRUE(step.seen);
  }
}

TEST_F(ApplyTest, ALieOfFailureIsSeen) {
  answer_ = [&](const std::vector<std::string>& argv) {
    (void)slurm_.Do(argv);
    return Ended(1, " Problem adding\n");
  };
  auto report = Run();
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->outcome, Outcome::kPartial);
  EXPECT_EQ(report->done(), 1u);
  EXPECT_EQ(commands_, 1);
  EXPECT_EQ(JournalOf(*report).steps[0].result, "refused but done");
  (void)Run();
  report = Run();  // The last of three: now live is what was asked for.
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->outcome, Outcome::kVerified);
  EXPECT_EQ(report->done(), 1u);
}

TEST_F(ApplyTest, KilledStepIsLookedAt) {
  answer_ = [](const auto&) -> absl::StatusOr<RunResult> {
    return absl::DeadlineExceededError("ran longer than 10m");
  };
  const auto report = Run();
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->steps[0].said, StepResult::Outcome::kUnknown);
  EXPECT_EQ(JournalOf(*report).steps[0].result, "no effect");
  EXPECT_EQ(report->outcome, Outcome::kNothingChanged);
}

TEST_F(ApplyTest, StopFlag) {
  stop_ = true;
  EXPECT_EQ(Run().status().code(), absl::StatusCode::kCancelled);
  ExpectUntouched();
  stop_ = false;
  slurm_.before_read = [&] { stop_ = true; };  // While the dump was taken.
  EXPECT_EQ(Run().status().code(), absl::StatusCode::kCancelled);
  ExpectUntouched();
  stop_ = false;
  slurm_.before_read = nullptr;
  answer_ = [&](const std::vector<std::string>& argv) {
    stop_ = true;
    return slurm_.Do(argv);
  };
  const auto report = Run();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->outcome, Outcome::kPartial);
  EXPECT_TRUE(report->interrupted);
  EXPECT_EQ(report->done(), 1u);
  stop_ = false;
  answer_ = nullptr;
  EXPECT_EQ(Run()->outcome, Outcome::kVerified);
}

TEST_F(ApplyTest, LiveChangesBeforeTheFirstStep) {
  slurm_.before_read = [&] { Add(&slurm_.state.database, "intruder", 77); };
  const auto report = Run();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->outcome, Outcome::kRefused);
  EXPECT_THAT(report->problems, testing::Contains(HasSubstr("intruder")));
  ExpectUntouched();
}

TEST_F(ApplyTest, SameTreeWithOtherIdsIsAnotherTree) {
  slurm_.before_read = [&] { slurm_.state.database.ids[Account("root")] = 99; };
  const auto report = Run();
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->outcome, Outcome::kRefused);
  ExpectUntouched();
}

TEST_F(ApplyTest, AnotherClusterChangesMeanwhile) {
  slurm_.before_read = [&] {
    slurm_.before_read = nullptr;
    slurm_.state.database.others[{Name("other"), Account("x")}];
  };
  const auto report = Run();
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->outcome, Outcome::kVerified);
}

TEST_F(ApplyTest, AnotherClusterMakesAnotherPlan) {
  slurm_.before_read = [&] {
    slurm_.state.database.others[{Name("other"), Account("x")}];
  };
  deps_.replan = [&](const LiveState& live) -> absl::StatusOr<Plan> {
    Plan plan = PlanFor(live.database, target_);
    std::swap(plan.steps[0], plan.steps[1]);
    return plan;
  };
  const auto report = Run();
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->outcome, Outcome::kRefused);
  EXPECT_THAT(report->problems,
              testing::Contains(HasSubstr("other commands (from step 1 on)")));
  ExpectUntouched();
}

// What slurmctld holds at the moment is no part of the plan.
TEST_F(ApplyTest, AnotherClusterAndJobsChangeMeanwhile) {
  slurm_.before_read = [&] {
    slurm_.before_read = nullptr;
    slurm_.state.database.others[{Name("other"), Account("x")}];
  };
  deps_.replan = [&](const LiveState& live) -> absl::StatusOr<Plan> {
    Plan plan = PlanFor(live.database, target_);
    plan.findings.push_back(MakeFinding(kUsageLost, "m", {"a/b: RawUsage 7"}));
    return plan;
  };
  const auto report = Run();
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->outcome, Outcome::kVerified);
}

TEST_F(ApplyTest, TouchedOthersAreSeen) {
  slurm_.state.database.others[{Name("other"), Account("x")}];
  answer_ = [&](const std::vector<std::string>& argv) {
    slurm_.state.database.others.clear();
    return slurm_.Do(argv);
  };
  const auto report = Run();
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->outcome, Outcome::kPartial);
  EXPECT_THAT(report->problems,
              ElementsAre("cluster other: association x is gone"));
}

TEST_F(ApplyTest, ANewIdIsSeen) {
  answer_ = [&](const std::vector<std::string>& argv) {
    slurm_.state.database.ids[Account("root")] = 99;
    return slurm_.Do(argv);
  };
  const auto report = Run();
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->outcome, Outcome::kPartial);
  EXPECT_THAT(report->problems, testing::Contains(HasSubstr("id 99")));
}

TEST_F(ApplyTest, SlurmdbdIsGoneAfterTheSteps) {
  answer_ = [&](const std::vector<std::string>& argv) {
    slurm_.read_error = absl::UnavailableError("slurmdbd does not answer");
    return slurm_.Do(argv);
  };
  const auto report = Run();
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->outcome, Outcome::kPartial);
  EXPECT_THAT(report->problems,
              testing::Contains(HasSubstr("slurmdbd does not answer")));
}

TEST_F(ApplyTest, NoDumpNoCommand) {
  options_.sql_dump = ApplyOptions::SqlDump::kTake;
  EXPECT_FALSE(Run().ok());  // No way to the database.
  ExpectUntouched();
  deps_.connect = []() -> absl::StatusOr<std::unique_ptr<Database>> {
    return absl::PermissionDeniedError("Access denied for user");
  };
  EXPECT_EQ(Run().status().code(), absl::StatusCode::kPermissionDenied);
  ExpectUntouched();
}

TEST_F(ApplyTest, ABadGivenDumpIsNoDump) {
  options_.sql_dump = ApplyOptions::SqlDump::kGiven;
  options_.sql_dump_file = dir_.path() + "/missing.sql";
  EXPECT_FALSE(Run().ok());
  ExpectUntouched();
  options_.sql_dump_file = dir_.path() + "/half.sql";
  ASSERT_TRUE(WriteFileAtomic(options_.sql_dump_file, "CREATE TABLE `x`").ok());
  const auto report = Run();
  EXPECT_THAT(std::string(report.status().message()), HasSubstr("--sql-dump"));
  ExpectUntouched();
}

// One of several runs: the dump of the first, and all trees of before it.
TEST_F(ApplyTest, TheDumpOfAnEarlierRun) {
  Manifest earlier;
  earlier.cluster = "other";
  earlier.tool = "mariadb-dump";
  earlier.files.push_back({"slurm.sql.zst", 3, Sha256Hex("sql")});
  earlier.tables.push_back({"user_table", 7});
  const std::string folder = options_.backup_dir + "/other-run";
  ASSERT_TRUE(CreatePrivateDir(options_.backup_dir).ok());
  ASSERT_TRUE(CreatePrivateDir(folder).ok());
  ASSERT_TRUE(WriteFileAtomic(folder + "/slurm.sql.zst", "sql").ok());
  ASSERT_TRUE(
      WriteFileAtomic(folder + "/manifest.json", WriteManifest(earlier)).ok());
  options_.sql_dump = ApplyOptions::SqlDump::kOfRun;
  options_.earlier_run = folder + "-gone";
  EXPECT_FALSE(Run().ok());  // Without that dump no command runs.
  EXPECT_EQ(commands_, 0);
  options_.earlier_run = folder;
  options_.trees = {
      {"a/b", "tree of a/b"}, {"a_b", "tree of a_b"}, {"lab", "tree of lab"}};
  const auto report = Run();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->outcome, Outcome::kVerified);
  const auto manifest = ReadManifest(report->run_dir);
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->tool, "mariadb-dump");
  EXPECT_EQ(manifest->tables, earlier.tables);
  EXPECT_EQ(*SqlFileOf(*manifest), earlier.files[0]);
  EXPECT_EQ(*ReadFile(report->run_dir + "/slurm.sql.zst", 9), "sql");
  EXPECT_EQ(manifest->trees[0].cluster, "lab");
  for (const auto& [cluster, text] : options_.trees) {
    const auto file = TreeFileOf(*manifest, cluster);
    ASSERT_TRUE(file.ok()) << cluster;
    EXPECT_EQ(*ReadVerified(report->run_dir, *manifest, *file), text);
  }
}

TEST_F(ApplyTest, OneAtATime) {
  ASSERT_TRUE(CreatePrivateDir(options_.backup_dir).ok());
  // flock belongs to an open file: this process can hold it against itself.
  const auto lock = FileLock::Acquire(options_.backup_dir + "/apply.lock");
  ASSERT_TRUE(lock.ok());
  const auto report = Run();
  EXPECT_THAT(std::string(report.status().message()),
              HasSubstr("another apply or backup is running"));
  ExpectUntouched();
}

TEST_F(ApplyTest, ABackupFolderThatOthersCanWriteToIsRefused) {
  fs::create_directory(options_.backup_dir);
  fs::permissions(options_.backup_dir, fs::perms(0777));
  EXPECT_EQ(Run().status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(commands_, 0);
}

}  // namespace assocsync::apply_test
