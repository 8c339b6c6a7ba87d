// What a file that people wrote does not say of live, and what of that stays.
#include "engine/plan/by_hand.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "engine/cfg/parse.h"
#include "engine/live/state_from_tree.h"
#include "engine/model/finding.h"
#include "engine/plan/plan.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/hand_written.h"

namespace assocsync::by_hand_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::string_view kLive =
    "Cluster - 'c':Fairshare=1:QOS='long,normal'\n"
    "Parent - 'root'\n"
    "User - 'root':DefaultAccount='root':AdminLevel='Administrator':"
    "Fairshare=1\n"
    "Account - 'a':Description='first':Organization='a':Fairshare=1\n"
    "Account - 'b':Description='b':Organization='b':Fairshare=1\n"
    "Parent - 'a'\n"
    "User - 'u':DefaultAccount='b':AdminLevel='Operator':Coordinator='b':"
    "WCKeys='w':Fairshare=1\n"
    "Parent - 'b'\n"
    "User - 'u':DefaultAccount='b':AdminLevel='Operator':Coordinator='b':"
    "WCKeys='w':Fairshare=1\n";
// The same tree, as people write it.
constexpr absl::string_view kFile =
    "Cluster - c\nAccount - a\nAccount - b\n"
    "Parent - a\nUser - u\nParent - b\nUser - u\n";

Plan PlanOf(absl::string_view target, Written written = Written::kByHand,
            Release release = {2411, 5}) {
  const auto live = ParseTree("live", kLive);
  EXPECT_TRUE(live.ok()) << live.status();
  ParseOptions parsing;
  parsing.written = written;
  const auto tree = ParseTree("t", target, parsing);
  EXPECT_TRUE(tree.ok()) << tree.status();
  DatabaseState state = StateFromTree(*live);
  state.complete = true;
  state.qos = {Name("long"), Name("normal")};
  PlanOptions options;
  options.release = release;
  options.allow = {"AS101", "AS102", "AS104"};
  const auto plan = MakePlan({state, *tree, options});
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.ok() ? *plan : Plan();
}

std::vector<std::string> Kept(const Plan& plan) {
  std::vector<std::string> out;
  for (const Finding& f : plan.findings) {
    if (f.code == kKept) {
      out.push_back(absl::StrCat(f.message.substr(0, f.message.find(' ')), " ",
                                 absl::StrJoin(f.rows, ", ")));
    }
  }
  return out;
}

TEST(ByHandPlanTest, WhatTheFileDoesNotSayStays) {
  const Plan plan = PlanOf(kFile);
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_TRUE(plan.target_by_hand);
  EXPECT_THAT(
      Kept(plan),
      ElementsAre("root's root/root", "the cluster c: long,normal",
                  "default user u: b", "administrators user u: Operator",
                  "coordinators user u: b", "WCKeys user u"));
}

// With --complete the same file takes all of it away.
TEST(ByHandPlanTest, CompleteTakesItAway) {
  const Plan plan = PlanOf(
      absl::StrReplaceAll(kFile, {{"User - u", "User - u:DefaultAccount=a"}}),
      Written::kComplete);
  EXPECT_FALSE(plan.target_by_hand);
  EXPECT_THAT(Kept(plan), IsEmpty());
  EXPECT_FALSE(plan.steps.empty());
  EXPECT_FALSE(plan.applicable());  // AS103: root's own row goes.
}

TEST(ByHandPlanTest, WhatTheFileSaysHolds) {
  const Plan plan = PlanOf(
      "Cluster - c:QOS=normal\nParent - root\nUser - root:DefaultAccount=root:"
      "AdminLevel=Administrator\nAccount - a\nAccount - b\n"
      "Parent - a\nUser - u:DefaultAccount=a:AdminLevel=None:Coordinator=a\n"
      "Parent - b\nUser - u\n");
  const Fields& u = plan.expected.users.at(Name("u")).fields;
  EXPECT_FALSE(u.Has(Key::kAdminLevel));
  EXPECT_EQ(u.Get(Key::kDefaultAccount).view(), "a");
  EXPECT_EQ(u.Get(Key::kCoordinator).view(), "a");
  EXPECT_EQ(plan.expected.associations.at({RootName(), {}, {}})
                .limits.Get(Key::kQos)
                .view(),
            "normal");
  EXPECT_THAT(Kept(plan), ElementsAre("WCKeys user u"));
}

// What the file does not list of accounts and users goes, and with an account
// the rights and the default that need it.
TEST(ByHandPlanTest, WhatHangsOnARowThatGoesDoesNotStay) {
  const Plan plan = PlanOf("Cluster - c\nAccount - a\nParent - a\nUser - u\n");
  EXPECT_FALSE(plan.expected.accounts.contains(Name("b")));
  const Fields& u = plan.expected.users.at(Name("u")).fields;
  EXPECT_EQ(u.Get(Key::kDefaultAccount).view(), "a");
  EXPECT_FALSE(u.Has(Key::kCoordinator));
  EXPECT_EQ(u.Get(Key::kAdminLevel).view(), "Operator");
}

TEST(ByHandPlanTest, ClusterListsAreAddedTo) {
  const auto list = [](absl::string_view option) {
    const Plan plan = PlanOf(absl::StrReplaceAll(
        kFile, {{"Cluster - c", absl::StrCat("Cluster - c:", option)}}));
    return plan.expected.associations.at({RootName(), {}, {}})
        .limits.Get(Key::kQos)
        .str();
  };
  EXPECT_EQ(list("MaxJobs=1"), "long,normal");
  EXPECT_EQ(list("QOS=normal"), "normal");
  EXPECT_EQ(list("QOS+=normal"), "long,normal");
  EXPECT_EQ(list("QOS-=long"), "normal");
}

// Two lines claim to be in the default account, live's is neither here.
TEST(ByHandPlanTest, ADefaultThatIsContestedIsWhatLoadTakes) {
  const auto given = [](Release release) {
    const Plan plan = PlanOf(
        "Cluster - c\nAccount - a\nAccount - d\nParent - d\n"
        "User - u:DefaultAccount=d\nParent - a\nUser - u\nAccount - e\n"
        "Parent - e\nUser - u:DefaultAccount=e\n",
        Written::kByHand, release);
    return plan.expected.users.at(Name("u"))
        .fields.Get(Key::kDefaultAccount)
        .str();
  };
  EXPECT_EQ(given({2205, 8}), "a");
  EXPECT_EQ(given({2411, 5}), "e");
}

// A complete file without the list clears it, and tells who is left without.
TEST(ByHandPlanTest, WhoLosesEveryQosIsNamed) {
  const auto told = [](absl::string_view from, absl::string_view to) {
    const Plan plan =
        PlanOf(absl::StrReplaceAll(kLive, {{from, to}}), Written::kComplete);
    std::string out;
    for (const Finding& f : plan.findings) {
      if (f.code == kLosesEveryQos) out = absl::StrJoin(f.rows, ", ");
    }
    return out;
  };
  EXPECT_EQ(told(":QOS='long,normal'", ""), "user root, user u");
  EXPECT_EQ(told(":QOS='long,normal'\n", ":QOS='long'\n"), "");
  EXPECT_EQ(told("Description='b'", "Description='c'"), "");
  // A list that takes all away which is above leaves none either.
  EXPECT_EQ(told("Account - 'a':", "Account - 'a':QOS='-long,-normal':"), "");
  EXPECT_EQ(told("Organization='a'", "Organization='a':QOS='-long,-normal'"),
            "");
  EXPECT_EQ(told("WCKeys='w'", "WCKeys='w':QOS='-long,-normal'"), "user u");
}

// With a base by hand as well: the proposal changes what it says otherwise.
TEST(ByHandPlanTest, AProposalChangesWhatItSaysOtherwise) {
  ParseOptions parsing;
  parsing.written = Written::kByHand;
  const auto live = ParseTree("live", kLive);
  const auto base = ParseTree("base", kFile, parsing);
  const auto target =
      ParseTree("t", absl::StrCat(kFile, "User - v\n"), parsing);
  ASSERT_TRUE(live.ok() && base.ok() && target.ok());
  PlanOptions options;
  options.release = {2411, 5};
  const auto plan = MakePlan({StateFromTree(*live), *target, options, &*base});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_TRUE(plan->target_by_hand);
  ASSERT_FALSE(plan->changes.empty());
  for (const Change& change : plan->changes) {
    EXPECT_EQ(change.row.user.view(), "v");
  }
}

// Of random files, on trees that other random files make.
TEST(ByHandPlanTest, TheNextPlanIsEmpty) {
  ParseOptions parsing;
  parsing.written = Written::kByHand;
  PlanOptions options;
  options.allow = {"AS101", "AS102", "AS103", "AS104", "AS105", "AS111"};
  int planned = 0;
  for (int seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    for (const Release& release : {Release{2205, 8}, Release{2605, 5}}) {
      options.release = release;
      const std::string text = HandWritten(seed, release.series);
      auto live =
          ParseTree("l", HandWritten(seed + 1000, release.series), parsing);
      const auto target = ParseTree("t", text, parsing);
      ASSERT_TRUE(live.ok()) << live.status();
      ASSERT_TRUE(target.ok()) << target.status();
      live->authorship = {};
      const auto plan = MakePlan({StateFromTree(*live), *target, options});
      ASSERT_TRUE(plan.ok()) << plan.status();
      if (!plan->applicable()) continue;
      ++planned;
      const auto next =
          MakePlan({StateFromTree(plan->expected), *target, options});
      ASSERT_TRUE(next.ok()) << next.status();
      EXPECT_THAT(next->changes, IsEmpty()) << text;
    }
  }
  EXPECT_GT(planned, 300);
}

// Slurm's own QOS is not deleted, whoever wrote the file.
TEST(ByHandPlanTest, TheQosNormalStays) {
  const Plan plan = PlanOf(
      absl::StrCat("QOS - long\n",
                   absl::StrReplaceAll(kFile, {{"c\n", "c:QOS=long\n"}})),
      Written::kByHand, {2605, 5});
  for (const Step& step : plan.steps) {
    EXPECT_FALSE(step.deletes) << absl::StrJoin(step.argv, " ");
  }
}

}  // namespace assocsync::by_hand_test
