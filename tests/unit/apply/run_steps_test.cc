// A sacctmgr that lies, in each way and at each step: what the journal says of
// a step is what the database holds, and a next run converges.
#include "engine/apply/run_steps.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "engine/apply/apply.h"
#include "engine/apply/journal.h"
#include "engine/diff/diff.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_runner.h"
#include "tests/support/fake_slurm.h"

namespace assocsync::run_steps_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Words = std::vector<std::string>;
using Reply = absl::StatusOr<RunResult>;

const std::vector<Words> kSteps = {
    {"add", "account", "cluster=lab", "name=a1,a2,a3"},
    {"modify", "account", "where", "name=a1,a2", "cluster=lab", "set",
     "MaxJobs=4"},
    {"add", "user", "cluster=lab", "account=a1", "name=alice,bob"},
    {"modify", "user", "where", "name=alice", "account=a1", "cluster=lab",
     "set", "MaxJobs=2"},
    {"delete", "user", "where", "name=bob", "account=a1", "cluster=lab"},
};

Plan PlanOf(const DatabaseState& live, const std::vector<Words>& steps) {
  FakeSlurm after;
  after.state.database = live;
  Plan plan;
  plan.cluster = live.tree.cluster;
  plan.release = after.state.release;
  for (const Words& words : steps) {
    after.Run(words);
    Step step;
    step.argv = words;
    step.why = "because";
    plan.steps.push_back(step);
  }
  plan.expected = after.state.database.tree;
  return plan;
}

class RunStepsTest : public testing::Test {
 protected:
  RunStepsTest()
      : dir_(*TempDir::Create(testing::TempDir())),
        runner_([this](const Words& argv) -> Reply {
          ++commands_;
          if (commands_ == at_ && lie_) {
            return lie_(Words(argv.begin() + 2, argv.end()));
          }
          return slurm_.Do(argv);
        }) {
    options_.backup_dir = dir_.path() + "/backups";
    options_.look_again = absl::ZeroDuration();
    options_.sql_dump = ApplyOptions::SqlDump::kNone;
    deps_.live = &slurm_;
    deps_.runner = &runner_;
    deps_.now = [this] { return now_ += absl::Seconds(1); };
    deps_.stop = &stop_;
  }
  void LookAtDatabase() {
    slurm_.state.database.knows_default_rows = true;
    deps_.look =
        [this](const StatePart* part) -> absl::StatusOr<DatabaseState> {
      ++looks_;
      if (!look_error_.ok()) return look_error_;
      DatabaseState seen = slurm_.state.database;
      // What nobody asked for must not be needed.
      if (part != nullptr && !part->rights) {
        if (!part->accounts) seen.coordinators.clear();
        for (auto* users : {&seen.users, &seen.tree.users}) {
          for (auto& [name, record] : *users) {
            record.fields.Erase(Key::kWckeys);
            record.fields.Erase(Key::kDefaultWckey);
            if (!part->accounts) record.fields.Erase(Key::kCoordinator);
          }
        }
      }
      if (part == nullptr || part->accounts) return seen;
      absl::erase_if(seen.tree.associations,
                     [](const auto& row) { return row.first.is_account(); });
      seen.tree.accounts.clear();
      seen.accounts.clear();
      return seen;
    };
  }
  ApplyReport Run(std::vector<Words> steps = kSteps) {
    commands_ = 0;
    SavedPlan saved;
    saved.plan = PlanOf(slurm_.state.database, steps);
    const auto report = Apply(slurm_.state, saved, options_, deps_);
    EXPECT_TRUE(report.ok()) << report.status();
    return report.value_or(ApplyReport());
  }
  JournalRun JournalOf(const ApplyReport& report) {
    const auto text = ReadFile(report.run_dir + "/journal.jsonl", 1 << 20);
    EXPECT_TRUE(text.ok()) << text.status();
    const auto run = ParseJournal(*text);
    EXPECT_TRUE(run.ok()) << run.status();
    return run.value_or(JournalRun());
  }
  static std::string Results(const JournalRun& run) {
    return absl::StrJoin(run.steps, ", ", [](std::string* out, const auto& s) {
      out->append(s.result);
    });
  }

  TempDir dir_;
  FakeSlurm slurm_;
  int commands_ = 0, at_ = 0, looks_ = 0;
  std::function<Reply(const Words&)> lie_;
  absl::Status look_error_;
  FakeRunner runner_;
  ApplyOptions options_;
  ApplyDeps deps_;
  std::atomic<bool> stop_{false};
  absl::Time now_ = absl::FromUnixSeconds(1795478864);
};

// The first of several names only.
Words Half(Words words) {
  for (std::string& word : words) {
    if (absl::StartsWith(word, "name=")) word = word.substr(0, word.find(','));
  }
  return words;
}

TEST_F(RunStepsTest, LiesByDatabase) {
  const struct {
    const char* name;
    int at;
    std::function<Reply(FakeSlurm&, const Words&)> lie;
    const char* want;
  } kLies[] = {
      {"nothing done, exit 0", 2,
       [](FakeSlurm&, const Words&) -> Reply { return Ended(0, " Done\n"); },
       "done, no effect"},
      {"nothing done, exit 0, at once", 1,
       [](FakeSlurm&, const Words&) -> Reply { return Ended(0, ""); },
       "no effect"},
      {"nothing deleted, exit 0", 5,
       [](FakeSlurm&, const Words&) -> Reply { return Ended(0, " Deleted\n"); },
       "done, done, done, done, no effect"},
      {"done, exit 1", 2,
       [](FakeSlurm& slurm, const Words& words) -> Reply {
         slurm.Run(words);
         return Ended(1, "");
       },
       "done, refused but done"},
      {"done, and says refused", 3,
       [](FakeSlurm& slurm, const Words& words) -> Reply {
         slurm.Run(words);
         return Ended(0, " Nothing new added.\n");
       },
       "done, done, refused but done"},
      {"refused", 2,
       [](FakeSlurm&, const Words&) -> Reply {
         return Ended(1, " Error with request\n");
       },
       "done, refused"},
      {"half, exit 0", 1,
       [](FakeSlurm& slurm, const Words& words) -> Reply {
         return slurm.Run(Half(words));
       },
       "partly done"},
      {"half of a modify, exit 1", 2,
       [](FakeSlurm& slurm, const Words& words) -> Reply {
         slurm.Run(Half(words));
         return Ended(1, "");
       },
       "done, partly done"},
      {"half of an add of users", 3,
       [](FakeSlurm& slurm, const Words& words) -> Reply {
         return slurm.Run(Half(words));
       },
       "done, done, partly done"},
      {"another command, exit 0", 2,
       [](FakeSlurm& slurm, const Words&) -> Reply {
         return slurm.Run({"add", "account", "cluster=lab", "name=other"});
       },
       "done, no effect"},
      {"another value", 4,
       [](FakeSlurm& slurm, const Words& words) -> Reply {
         Words other = words;
         other.back() = "MaxJobs=9";
         return slurm.Run(other);
       },
       "done, done, done, unknown"},
      {"killed before", 4,
       [](FakeSlurm&, const Words&) -> Reply {
         RunResult result;
         result.signal = 9;
         return result;
       },
       "done, done, done, no effect"},
      {"killed after", 4,
       [](FakeSlurm& slurm, const Words& words) -> Reply {
         slurm.Run(words);
         return absl::DeadlineExceededError("ran longer than 10m");
       },
       "done, done, done, refused but done"},
      {"not started", 4,
       [](FakeSlurm&, const Words&) -> Reply {
         return absl::UnavailableError("no such file");
       },
       "done, done, done, not run"},
      {"twice", 1,
       [](FakeSlurm& slurm, const Words& words) -> Reply {
         slurm.Run(words);
         return slurm.Run(words);
       },
       "refused but done"},
  };
  const DatabaseState empty = slurm_.state.database;
  for (const auto& lie : kLies) {
    SCOPED_TRACE(lie.name);
    slurm_.state.database = empty;
    LookAtDatabase();
    at_ = lie.at;
    lie_ = [&](const Words& words) { return lie.lie(slurm_, words); };
    const ApplyReport report = Run();
    const JournalRun run = JournalOf(report);
    EXPECT_EQ(Results(run), lie.want);
    EXPECT_EQ(commands_, lie.at);
    EXPECT_EQ(report.done(), run.done());
    for (const auto& step : run.steps) {
      EXPECT_EQ(step.seen, step.result != "not run");
    }
    using Outcome = ApplyReport::Outcome;
    EXPECT_EQ(report.outcome, lie.at == 1 && run.done() == 0 &&
                                      run.steps[0].result != "partly done"
                                  ? Outcome::kNothingChanged
                                  : Outcome::kPartial);
    const std::string told = absl::StrJoin(report.problems, "\n");
    if (absl::StrContains(lie.name, "another command")) {
      EXPECT_THAT(told, HasSubstr("changed by none of the commands done: + "
                                  "association other"));
    } else {
      EXPECT_EQ(told, "");
    }
  }
}

// No database at hand: the reading at the end settles it, for every step that
// shows by then.
TEST_F(RunStepsTest, SettledByTheLastReading) {
  at_ = 2;
  lie_ = [](const Words&) -> Reply { return Ended(0, " Done\n"); };
  ApplyReport report = Run();
  EXPECT_EQ(Results(JournalOf(report)), "done, no effect, done, done, done");
  EXPECT_EQ(report.done(), 4u);
  EXPECT_EQ(report.outcome, ApplyReport::Outcome::kPartial);
  EXPECT_THAT(Explain(report.steps[1]), HasSubstr("it had no effect"));
  for (const auto& step : JournalOf(report).steps) EXPECT_TRUE(step.seen);

  // A value that a later step changed again does not show any more.
  lie_ = nullptr;
  report = Run({{"modify", "account", "where", "name=a1", "cluster=lab", "set",
                 "MaxJobs=7"},
                {"modify", "account", "where", "name=a1", "cluster=lab", "set",
                 "MaxJobs=8"}});
  const JournalRun run = JournalOf(report);
  EXPECT_EQ(Results(run), "done, done");
  EXPECT_FALSE(run.steps[0].seen);
  EXPECT_TRUE(run.steps[1].seen);
}

// It was not there yet when it was looked at first.
TEST_F(RunStepsTest, ACommitThatComesLate) {
  LookAtDatabase();
  options_.look_again = absl::Seconds(10);
  const auto now = deps_.look;
  at_ = 1;
  lie_ = [&](const Words& words) -> Reply {
    slurm_.Run(words);
    looks_ = 0;
    return Ended(0, "");
  };
  const DatabaseState before = slurm_.state.database;
  deps_.look = [&, before](const StatePart* part) {
    const auto database_state = now(part);
    return looks_ <= 2 ? absl::StatusOr<DatabaseState>(before) : database_state;
  };
  EXPECT_EQ(Run().outcome, ApplyReport::Outcome::kVerified);
}

// WCKeys and coordinator rights are looked for where a step changes them, or
// brings a row of whoever has them.
TEST_F(RunStepsTest, RightsThatChange) {
  LookAtDatabase();
  slurm_.state.database.users[Name("bob")];  // Without rows.
  const std::vector<Words> steps = {
      {"add", "account", "cluster=lab", "name=a1"},
      {"add", "user", "cluster=lab", "account=a1", "name=alice"},
      {"add", "user", "cluster=lab", "name=alice", "wckey=w"},
      {"delete", "user", "where", "cluster=lab", "name=alice", "wckey=w"},
      {"add", "coordinator", "account=a1", "name=bob"},
      {"add", "user", "cluster=lab", "account=a1", "name=bob"},
      {"add", "account", "cluster=lab", "name=a2"},
  };
  const DatabaseState before = slurm_.state.database;
  EXPECT_EQ(Run(steps).outcome, ApplyReport::Outcome::kVerified);
  // And so they are where they do not go.
  slurm_.state.database = before;
  at_ = 4;
  lie_ = [](const Words&) { return Ended(0, " Deleted\n"); };
  EXPECT_EQ(Results(JournalOf(Run(steps))), "done, done, done, no effect");
}

// What cannot be looked at is not gone on from.
TEST_F(RunStepsTest, TheDatabaseIsGone) {
  LookAtDatabase();
  look_error_ = absl::UnavailableError("server has gone away");
  const ApplyReport report = Run();
  EXPECT_EQ(commands_, 1);
  EXPECT_EQ(report.outcome, ApplyReport::Outcome::kPartial);
  // The reading at the end was by another way.
  EXPECT_EQ(Results(JournalOf(report)), "done");
}

// --live sacctmgr beside a slurmdbd.conf that names another database.
TEST_F(RunStepsTest, AnotherDatabaseIsNotAsked) {
  LookAtDatabase();
  slurm_.state.database.knows_default_rows = false;
  DatabaseState other = slurm_.state.database;
  other.ids[{RootName(), {}, {}}] = 77;
  deps_.look = [&](const StatePart*) -> absl::StatusOr<DatabaseState> {
    return other;
  };
  const ApplyReport report = Run();
  EXPECT_EQ(report.outcome, ApplyReport::Outcome::kVerified);
  EXPECT_EQ(commands_, 5);
}

TEST_F(RunStepsTest, InterruptedWhileLooking) {
  LookAtDatabase();
  options_.look_again = absl::Seconds(10);
  at_ = 2;
  lie_ = [&](const Words&) -> Reply {
    stop_ = true;
    looks_ = 0;
    return Ended(0, "");
  };
  const ApplyReport report = Run();
  EXPECT_EQ(looks_, 1);
  EXPECT_EQ(Results(JournalOf(report)), "done, no effect");
}

// On 24.11 (FakeSlurm) that takes a fraction of the time.
TEST_F(RunStepsTest, WhoLeavesGoesByName) {
  LookAtDatabase();
  ApplyReport report = Run();
  EXPECT_EQ(report.outcome, ApplyReport::Outcome::kVerified);
  EXPECT_EQ(JournalOf(report).steps[4].argv,
            WordList({"delete", "user", "where", "name=bob"}));

  // Who keeps another row does not go by name.
  const std::vector<Words> kKeepsOne = {
      {"add", "user", "cluster=lab", "account=a1", "name=bob,dan"},
      {"add", "user", "cluster=lab", "account=a2", "name=bob"},
      {"modify", "account", "where", "name=a1", "cluster=lab", "set",
       "MaxJobs=9"},
      {"delete", "user", "where", "name=bob", "account=a2", "cluster=lab",
       "partition="},
  };
  report = Run(kKeepsOne);
  EXPECT_EQ(report.outcome, ApplyReport::Outcome::kVerified);
  EXPECT_EQ(JournalOf(report).steps[3].argv, WordList(kKeepsOne[3]));
}

// What its name would stand for may come at any moment.
TEST_F(RunStepsTest, APatternDoesNotGoByName) {
  for (const char* const name : {"b_b", "b%b", "b\\b"}) {
    Step step;
    step.argv = {"delete",     "user",
                 "where",      absl::StrCat("name=ann,", name),
                 "account=a1", "cluster=lab",
                 "partition="};
    EXPECT_FALSE(ByNames(step).has_value()) << name;
  }
}

// By name it would go, wherever it is.
TEST_F(RunStepsTest, ARowThatCameMeanwhileIsNotDeletedByName) {
  const AssocKey row{Name("a2"), Name("bob"), {}};
  const DatabaseState empty = slurm_.state.database;
  for (const bool elsewhere : {false, true}) {
    SCOPED_TRACE(elsewhere);
    slurm_.state.database = empty;
    LookAtDatabase();
    at_ = 4;
    lie_ = [&](const Words& words) -> Reply {
      RunResult result = slurm_.Run(words);
      if (elsewhere) {
        slurm_.state.database.others[{Name("far"), row}];
      } else {
        slurm_.Run({"add", "user", "cluster=lab", "account=a2", "name=bob"});
      }
      return result;
    };
    const JournalRun run = JournalOf(Run());
    ASSERT_EQ(run.steps.size(), 5u);
    EXPECT_EQ(run.steps[4].argv, WordList(kSteps[4]));
    EXPECT_TRUE(elsewhere ||
                slurm_.state.database.tree.associations.contains(row));
  }
}

const std::vector<Words> kManyUsers = {
    {"add", "account", "cluster=lab", "name=a1,a2"},
    {"add", "user", "cluster=lab", "account=a1", "name=ann,bob",
     "DefaultAccount=a1", "MaxJobs=4"},
    {"add", "user", "cluster=lab", "account=a2", "name=ann"},
    {"modify", "account", "where", "name=a1", "cluster=lab", "set",
     "MaxJobs=7"},
};

TEST_F(RunStepsTest, OneLoadDoesManySteps) {
  LookAtDatabase();
  options_.load = LoadWhen::kAlways;
  const ApplyReport report = Run(kManyUsers);
  EXPECT_EQ(report.outcome, ApplyReport::Outcome::kVerified);
  EXPECT_EQ(commands_, 3);
  EXPECT_EQ(report.done(), 4u);
  const JournalRun run = JournalOf(report);
  EXPECT_EQ(Results(run), "done, done, done, done");
  ASSERT_EQ(run.loads.size(), 1u);
  EXPECT_EQ(run.loads[0].first, 2u);
  EXPECT_EQ(run.loads[0].last, 3u);
  EXPECT_EQ(run.loads[0].file, "load-2.cfg");
  EXPECT_TRUE(ReadFile(report.run_dir + "/load-2.cfg", 1 << 20).ok());
}

TEST_F(RunStepsTest, NoLoadWhereTheDatabaseIsNotAtHand) {
  options_.load = LoadWhen::kAlways;
  EXPECT_EQ(Run(kManyUsers).outcome, ApplyReport::Outcome::kVerified);
  EXPECT_EQ(commands_, 4);
}

// What sacctmgr says of a load decides nothing.
TEST_F(RunStepsTest, LoadsThatLie) {
  const struct {
    const char* name;
    std::function<Reply(FakeSlurm&, const Words&)> lie;
    const char* want;
    int commands;
  } kLies[] = {
      {"nothing, exit 0",
       [](FakeSlurm&, const Words&) -> Reply { return Ended(0, " Done\n"); },
       "done, done, done, done", 5},
      {"refused",
       [](FakeSlurm&, const Words&) -> Reply {
         return Ended(1, "sacctmgr: error: Unable to read file\n");
       },
       "done, done, done, done", 5},
      {"done, exit 1",
       [](FakeSlurm& slurm, const Words& words) -> Reply {
         slurm.Run(words);
         return Ended(1, "");
       },
       "done, refused but done, refused but done", 2},
      {"half of it",
       [](FakeSlurm& slurm, const Words&) -> Reply {
         return slurm.Run(kManyUsers[1]);
       },
       "done, done", 2},  // As the last reading settles it.
      // It may be done yet, and commands would meet it.
      {"killed before",
       [](FakeSlurm&, const Words&) -> Reply {
         return absl::DeadlineExceededError("ran longer than 10m");
       },
       "done, no effect", 2},
      {"killed after",
       [](FakeSlurm& slurm, const Words& words) -> Reply {
         slurm.Run(words);
         return absl::DeadlineExceededError("ran longer than 10m");
       },
       "done, refused but done, refused but done", 2},
  };
  options_.load = LoadWhen::kAlways;
  const DatabaseState empty = slurm_.state.database;
  for (const auto& lie : kLies) {
    SCOPED_TRACE(lie.name);
    slurm_.state.database = empty;
    LookAtDatabase();
    at_ = 2;
    lie_ = [&](const Words& words) {
      EXPECT_EQ(words[0], "load");
      return lie.lie(slurm_, words);
    };
    const ApplyReport report = Run(kManyUsers);
    const JournalRun run = JournalOf(report);
    EXPECT_EQ(Results(run), lie.want);
    EXPECT_EQ(run.loads.size(), 1u);
    EXPECT_EQ(commands_, lie.commands);
    EXPECT_EQ(report.done(), run.done());
    EXPECT_EQ(report.problems.empty(), run.done() > 2);
    EXPECT_EQ(report.outcome, lie.commands == 5
                                  ? ApplyReport::Outcome::kVerified
                                  : ApplyReport::Outcome::kPartial);
  }
}

TEST_F(RunStepsTest, RestsBetweenCommands) {
  deps_.now = [this] { return now_; };
  options_.pause_between = absl::Milliseconds(20);
  const absl::Time start = absl::Now();
  EXPECT_EQ(Run().outcome, ApplyReport::Outcome::kVerified);
  EXPECT_GE(absl::Now() - start, 4 * options_.pause_between);
}

TEST_F(RunStepsTest, ARestEndsWhenItIsStopped) {
  options_.pause_between = absl::Hours(1);
  at_ = 1;
  lie_ = [&](const Words& words) -> Reply {
    stop_ = true;
    slurm_.Run(words);
    return Ended(0, "");
  };
  const ApplyReport report = Run();
  EXPECT_EQ(commands_, 1);
  EXPECT_TRUE(report.interrupted);
}

TEST_F(RunStepsTest, TellsWhatIsLeft) {
  std::vector<absl::Duration> left;
  deps_.progress = [&](const ApplyProgress& now) {
    if (now.what == ApplyProgress::What::kStepping) left.push_back(now.left);
  };
  deps_.now = [this] { return now_; };
  Run();
  ASSERT_EQ(left.size(), kSteps.size());
  EXPECT_GT(left.back(), absl::ZeroDuration());
  EXPECT_TRUE(absl::c_is_sorted(left, std::greater<>()));
}

}  // namespace assocsync::run_steps_test
