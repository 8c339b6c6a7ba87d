#include "engine/apply/run_step.h"

#include "engine/apply/step_model.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_runner.h"

namespace assocsync::run_step_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Outcome = StepResult::Outcome;

struct Case {
  absl::string_view name;
  int exit_code;
  absl::string_view out, err;
  Outcome want;
};

// Texts as real daemons of 20.11, 22.05, 24.11 and 26.05 gave them.
constexpr Case kCases[] = {
    {"modified", 0,
     " Modified account associations...\n  C = lab        A = p of root\n", "",
     Outcome::kDone},
    {"coordinator", 0,
     " Adding Coordinator User(s)\n  u\n To Account(s) and all sub-accounts\n"
     "  c\n",
     "", Outcome::kDone},
    {"silent success", 0, "", "", Outcome::kDone},
    {"nothing modified", 1, " Nothing modified\n", "", Outcome::kRefused},
    {"26.05 moves under a descendant", 0,
     " Modified account associations...\n  Requested parent account g is a "
     "child of p on cluster lab. Please re-parent g before using it as a "
     "parent.\n",
     "", Outcome::kRefused},
    {"26.05 unknown parent", 0,
     " Modified account associations...\n  Parent account nosuch doesn't exist "
     "on cluster lab\n",
     "", Outcome::kRefused},
    {"default qos", 0,
     " These associations would not have access to their "
     "default qos.\n",
     "", Outcome::kRefused},
    {"nothing although 0", 0, "Nothing new added.\n", "", Outcome::kRefused},
    {"24.11 no effect", 0, "",
     "sacctmgr: error: Request didn't affect "
     "anything\n",
     Outcome::kRefused},
    {"an account of that name", 0,
     " Modified account associations...\n  C = lab        A = nothing modified "
     "of root\n",
     "", Outcome::kDone},
    {"it waited for a lock", 0,
     " Database is busy or waiting for lock from other user.\n Modified "
     "account "
     "associations...\n  C = lab        A = p1 of root\n",
     "", Outcome::kDone},
    {"noise of a site", 0, " Modified users...\n  u\n",
     "sacctmgr: error: plugin_load_from_file: something\n", Outcome::kDone},
};

TEST(JudgeStep, Cases) {
  for (const Case& c : kCases) {
    const StepResult result =
        JudgeStep(Ended(c.exit_code, std::string(c.out), std::string(c.err)));
    EXPECT_EQ(result.outcome, c.want) << c.name;
    EXPECT_EQ(result.exit_code, c.exit_code) << c.name;
  }
}

TEST(JudgeStep, RunningJobs) {
  const StepResult result = JudgeStep(Ended(
      1,
      " Error with request: Job(s) active, cancel job(s) before remove\n"
      "  JobID = 78         C = lab        A = q          U = u        \n"
      "  JobID = 79         C = lab        A = q          U = u        \n"));
  EXPECT_THAT(result.jobs, ElementsAre("78", "79"));
  EXPECT_THAT(Explain(result), HasSubstr("AS113"));
  EXPECT_THAT(Explain(result), HasSubstr("78, 79"));
}

TEST(JudgeStep, TheComplaintIsWhatIsTold) {
  const StepResult result = JudgeStep(
      Ended(1,
            " Adding Account(s)\n  c1\n Settings\n  Description     =\n"
            " Problem adding accounts: Unspecified error\n"));
  EXPECT_EQ(Explain(result),
            "sacctmgr refused it (exit code 1): Problem adding accounts: "
            "Unspecified error");
  EXPECT_THAT(result.words, HasSubstr("Adding Account(s); c1"));
}

// As 24.11 and 26.05 answered after a transaction that was lost.
TEST(Explain, AMemoryAgainstItsDatabase) {
  Sight sight;
  sight.what = Sight::What::kNotDone;
  const auto explain = [&](const StepResult& said) {
    return Explain(Conclude(said, sight));
  };
  const StepResult needless =
      JudgeStep(Ended(1, "Request didn't affect anything\nNothing added.\n"));
  const char* const kRestart = "Restart slurmdbd, then apply again";
  EXPECT_THAT(explain(needless), HasSubstr(kStaleMemory));
  EXPECT_THAT(explain(needless), HasSubstr(kRestart));
  // Nobody looked: the row may well be there.
  EXPECT_THAT(Explain(needless), Not(HasSubstr(kStaleMemory)));
  for (const char* text :
       {" Already existing account acc on cluster lab\n",
        "No account old on cluster lab, skipping.\nNothing added.\n",
        " error: No parent account 'old' on cluster 'lab'\n"}) {
    EXPECT_THAT(explain(JudgeStep(Ended(1, text))), HasSubstr(kRestart))
        << text;
  }
  EXPECT_THAT(explain(JudgeStep(Ended(1, " Nothing modified\n"))),
              Not(HasSubstr(kStaleMemory)));

  // The first time it says that all is well.
  const StepResult lost = JudgeStep(Ended(0, " Adding User(s)\n  u\n"));
  EXPECT_THAT(explain(lost), HasSubstr("it had no effect"));
  EXPECT_THAT(explain(lost), HasSubstr(kStaleMemory));
  sight.what = Sight::What::kPartly;
  EXPECT_THAT(explain(JudgeStep(
                  Ended(0,
                        " Adding Account(s)\n  acc\n"
                        "Already existing account acc on cluster lab\n"))),
              HasSubstr(kRestart));
  sight.what = Sight::What::kDone;
  EXPECT_THAT(explain(needless), Not(HasSubstr(kStaleMemory)));
}

TEST(JudgeStep, KilledIsUnknown) {
  RunResult killed;
  killed.signal = 9;
  EXPECT_EQ(JudgeStep(killed).outcome, Outcome::kUnknown);
}

TEST(RunStep, ArgvAndErrors) {
  Step step;
  step.argv = {"add", "account", "name=a b"};
  absl::StatusOr<RunResult> answer = Ended(0, " Adding\n");
  std::vector<std::string> seen;
  FakeRunner runner([&](const std::vector<std::string>& argv) {
    seen = argv;
    return answer;
  });
  EXPECT_EQ(RunStep(step, "/x/sacctmgr", absl::Seconds(1), runner).outcome,
            Outcome::kDone);
  EXPECT_THAT(seen,
              ElementsAre("/x/sacctmgr", "-i", "add", "account", "name=a b"));
  const struct {
    absl::Status status;
    Outcome want;
  } kErrors[] = {
      {absl::UnavailableError("no such file"), Outcome::kNotRun},
      {absl::DeadlineExceededError("ran longer"), Outcome::kUnknown},
      {absl::ResourceExhaustedError("wrote too much"), Outcome::kUnknown},
      {absl::UnknownError("lost"), Outcome::kUnknown},
  };
  for (const auto& error : kErrors) {
    answer = error.status;
    const StepResult result =
        RunStep(step, "sacctmgr", absl::Seconds(1), runner);
    EXPECT_EQ(result.outcome, error.want) << error.status;
    EXPECT_THAT(Explain(result),
                HasSubstr(std::string(error.status.message())));
  }
}

}  // namespace assocsync::run_step_test
