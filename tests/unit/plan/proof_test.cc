#include "engine/plan/proof.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/cfg/parse.h"
#include "engine/live/state_from_tree.h"
#include "gtest/gtest.h"

namespace assocsync::proof_test {

Tree TreeOf(absl::string_view text) {
  const auto tree = ParseTree("t", text);
  EXPECT_TRUE(tree.ok()) << tree.status();
  return tree.ok() ? *tree : Tree();
}

class ProofTest : public testing::Test {
 protected:
  ProofTest() : live_(StateFromTree(TreeOf(kLive))) {
    models_.emplace_back(behaviour_, live_);
  }

  static Step StepOf(const WordList& argv) {
    Step step;
    step.argv = argv;
    return step;
  }
  static Step Limit(absl::string_view jobs) {
    return StepOf({"modify", "user", "where", "name=ann", "account=bio",
                   "cluster=lab", "partition=", "set", jobs});
  }
  void Run(const Step& step) {
    const auto command = ParseCommand(step.argv);
    ASSERT_TRUE(command.ok()) << command.status();
    ASSERT_EQ(models_[0].Run(*command).result, Outcome::Result::kDone);
  }
  absl::Status Prove(const std::vector<Step>& steps) const {
    return ProveBy(models_, live_, steps, wanted_);
  }

  static constexpr char kLive[] =
      "Cluster - 'lab'\nParent - 'root'\nAccount - 'bio'\nParent - 'bio'\n"
      "User - 'ann':DefaultAccount='bio'\n";
  const Behaviour behaviour_ = *BehaviourOf(*ParseRelease("24.11.5"));
  const DatabaseState live_;
  const Tree wanted_ = TreeOf(absl::StrCat(
      absl::string_view(kLive).substr(0, sizeof kLive - 2), ":MaxJobs=5\n"));
  std::vector<Slurmdbd> models_;
};

TEST_F(ProofTest, TheStepsAreWhatTheModelWasTold) {
  const Step first = Limit("MaxJobs=4"), second = Limit("MaxJobs=5");
  Run(first);
  Run(second);
  EXPECT_TRUE(Prove({first, second}).ok()) << Prove({first, second});
  // One more, one fewer, another, another order, other words.
  for (const std::vector<Step>& steps :
       std::vector<std::vector<Step>>{{},
                                      {second},
                                      {first, second, second},
                                      {second, first},
                                      {first, Limit("MaxJobs=6")},
                                      {first, StepOf({"modify", "user"})}}) {
    EXPECT_TRUE(absl::IsInternal(Prove(steps)) ||
                absl::IsInvalidArgument(Prove(steps)));
  }
}

TEST_F(ProofTest, TheEndIsTheExpectedTree) {
  const Step step = Limit("MaxJobs=6");
  Run(step);
  EXPECT_TRUE(absl::StrContains(Prove({step}).message(), "MaxJobs"))
      << Prove({step});
  EXPECT_TRUE(
      absl::IsInternal(ProveAnew({behaviour_}, live_, {step}, wanted_)));
  EXPECT_TRUE(
      ProveAnew({behaviour_}, live_, {Limit("MaxJobs=5")}, wanted_).ok());
}

// A command that does nothing is no step.
TEST_F(ProofTest, WhatIsNotDoneIsNotTold) {
  const Step step = Limit("MaxJobs=5");
  Run(step);
  const auto nothing = ParseCommand({"modify", "user", "where", "name=bob",
                                     "cluster=lab", "set", "MaxJobs=1"});
  ASSERT_TRUE(nothing.ok());
  EXPECT_NE(models_[0].Run(*nothing).result, Outcome::Result::kDone);
  EXPECT_TRUE(Prove({step}).ok()) << Prove({step});
  models_.emplace_back(models_[0]);
  models_[1] = models_[0];
  EXPECT_TRUE(Prove({step}).ok());
}

}  // namespace assocsync::proof_test
