// --skip: the rest of a plan without the rows that stand in its way.
#include "engine/plan/skip.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/input_limits.h"
#include "engine/live/state_from_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/plans.h"

namespace assocsync::skip_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Plan PlanOf(const DatabaseState& live, absl::string_view target,
            std::vector<std::string> skip, Release release = {2605, 5}) {
  PlanOptions options;
  options.release = release;
  options.max_delete = 100;
  options.allow = {"AS102"};
  options.skip = std::move(skip);
  const auto plan = MakePlan({live, SiteOf(target), options});
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.value_or(Plan());
}

std::vector<std::string> RowsOf(const Plan& plan, absl::string_view code) {
  std::vector<std::string> rows;
  for (const Finding& f : plan.findings) {
    if (CodeName(f.code) == code)
      rows.insert(rows.end(), f.rows.begin(), f.rows.end());
  }
  return rows;
}

constexpr absl::string_view kLive =
    "Account - 'a':Description='a':Organization='a'\n"
    "Account - 'b':Description='b':Organization='b'\n"
    "Parent - 'a'\nUser - 'ann':DefaultAccount='a':MaxJobs=1\n"
    "User - 'bob':DefaultAccount='b'\n"
    "Parent - 'b'\nUser - 'bob':DefaultAccount='b'\n";

// What the plan leaves of live and target, one case per kind of dependence.
TEST(SkipTest, LeavesRowsAndWhatDependsOnThem) {
  const struct {
    const char* name;
    absl::string_view live, target;
    std::vector<std::string> skip;
    absl::string_view want;
  } kCases[] = {
      {"a value",
       kLive,
       "Account - 'a':Description='a':Organization='a'\n"
       "Account - 'b':Description='b':Organization='b'\n"
       "Parent - 'a'\nUser - 'ann':DefaultAccount='a':MaxJobs=2\n"
       "User - 'bob':DefaultAccount='b':MaxJobs=5\n"
       "Parent - 'b'\nUser - 'bob':DefaultAccount='b'\n",
       {"a/ann"},
       "Account - 'a':Description='a':Organization='a'\n"
       "Account - 'b':Description='b':Organization='b'\n"
       "Parent - 'a'\nUser - 'ann':DefaultAccount='a':MaxJobs=1\n"
       "User - 'bob':DefaultAccount='b':MaxJobs=5\n"
       "Parent - 'b'\nUser - 'bob':DefaultAccount='b'\n"},
      {"a row that stays keeps its account, its record and its default",
       kLive,
       "Account - 'a':Description='a':Organization='a'\n"
       "Parent - 'a'\nUser - 'ann':DefaultAccount='a':MaxJobs=1\n",
       {"a/bob"},
       kLive},
      {"an account that does not come, with all in it",
       kLive,
       "Account - 'a':Description='a':Organization='a'\n"
       "Account - 'b':Description='b':Organization='b'\n"
       "Account - 'n':Description='n':Organization='n'\n"
       "Parent - 'a'\nUser - 'ann':DefaultAccount='a':MaxJobs=2\n"
       "User - 'bob':DefaultAccount='b'\n"
       "Parent - 'b'\nUser - 'bob':DefaultAccount='b'\n"
       "Parent - 'n'\nUser - 'eve':DefaultAccount='n'\n"
       "Account - 'n1':Description='n1':Organization='n'\n"
       "Parent - 'n1'\nUser - 'eve':DefaultAccount='n'\n",
       {"account n"},
       "Account - 'a':Description='a':Organization='a'\n"
       "Account - 'b':Description='b':Organization='b'\n"
       "Parent - 'a'\nUser - 'ann':DefaultAccount='a':MaxJobs=2\n"
       "User - 'bob':DefaultAccount='b'\n"
       "Parent - 'b'\nUser - 'bob':DefaultAccount='b'\n"},
      {"half of a swap",
       "Account - 'a':Description='a':Organization='a'\n"
       "Parent - 'a'\n"
       "Account - 'b':Description='b':Organization='b'\n",
       "Account - 'b':Description='b':Organization='b'\n"
       "Parent - 'b'\n"
       "Account - 'a':Description='a':Organization='a'\n",
       {"b"},
       "Account - 'a':Description='a':Organization='a'\n"
       "Parent - 'a'\n"
       "Account - 'b':Description='b':Organization='b'\n"},
      {"a user's record",
       kLive,
       "Account - 'a':Description='a':Organization='a'\n"
       "Account - 'b':Description='b':Organization='b'\n"
       "Parent - 'a'\n"
       "User - 'ann':DefaultAccount='a':AdminLevel='Operator':MaxJobs=3\n"
       "User - 'bob':DefaultAccount='b'\n"
       "Parent - 'b'\nUser - 'bob':DefaultAccount='b'\n",
       {"user ann"},
       "Account - 'a':Description='a':Organization='a'\n"
       "Account - 'b':Description='b':Organization='b'\n"
       "Parent - 'a'\nUser - 'ann':DefaultAccount='a':MaxJobs=3\n"
       "User - 'bob':DefaultAccount='b'\n"
       "Parent - 'b'\nUser - 'bob':DefaultAccount='b'\n"},
      {"a user who is not to go, with the rights over an account that goes",
       "Account - 'a':Description='a':Organization='a'\n"
       "Account - 'b':Description='b':Organization='b'\n"
       "Account - 'c':Description='c':Organization='c'\n"
       "Parent - 'a'\n"
       "User - 'bob':Coordinator='c':DefaultAccount='a':MaxJobs=1\n"
       "Parent - 'b'\nUser - 'bob':DefaultAccount='a'\n",
       "Account - 'a':Description='a':Organization='a'\n"
       "Account - 'b':Description='b':Organization='b'\n",
       {"user bob"},
       "Account - 'a':Description='a':Organization='a'\n"
       "Account - 'b':Description='b':Organization='b'\n"
       "Account - 'c':Description='c':Organization='c'\n"
       "Parent - 'a'\n"
       "User - 'bob':Coordinator='c':DefaultAccount='a':MaxJobs=1\n"
       "Parent - 'b'\nUser - 'bob':DefaultAccount='a'\n"},
      {"a row that stays: the right over an account that goes, goes with it",
       "Account - 'a':Description='a':Organization='a'\n"
       "Account - 'c':Description='c':Organization='c'\n"
       "Parent - 'a'\n"
       "User - 'bob':Coordinator='a,c':DefaultAccount='a':MaxJobs=1\n",
       "Account - 'a':Description='a':Organization='a'\n",
       {"a/bob"},
       "Account - 'a':Description='a':Organization='a'\n"
       "Parent - 'a'\n"
       "User - 'bob':Coordinator='a':DefaultAccount='a':MaxJobs=1\n"},
      {"a user whose new row does not come keeps the old one",
       kLive,
       "Account - 'a':Description='a':Organization='a'\n"
       "Account - 'b':Description='b':Organization='b'\n"
       "Account - 'n':Description='n':Organization='n'\n"
       "Parent - 'a'\nUser - 'bob':DefaultAccount='b'\n"
       "Parent - 'b'\nUser - 'bob':DefaultAccount='b'\n"
       "Parent - 'n'\nUser - 'ann':DefaultAccount='n'\n",
       {"account n"},
       kLive},
      {"a default QOS that comes into reach with a list that does not come",
       "Account - 'a':Description='a':Organization='a'\n"
       "Account - 'b':Description='b':Organization='b'\n"
       "Parent - 'a'\nUser - 'ann':DefaultAccount='a':MaxJobs=1\n",
       "Account - 'a':Description='a':Organization='a':QOS='long,normal'\n"
       "Account - 'b':Description='b':Organization='b':MaxJobs=3\n"
       "Parent - 'a'\n"
       "User - 'ann':DefaultAccount='a':DefaultQOS='long':MaxJobs=2\n",
       {"a"},
       "Account - 'a':Description='a':Organization='a'\n"
       "Account - 'b':Description='b':Organization='b':MaxJobs=3\n"
       "Parent - 'a'\nUser - 'ann':DefaultAccount='a':MaxJobs=1\n"},
      {"an account's default QOS that a list which stays does not have",
       "Account - 'a':Description='a':Organization='a':QOS='long,normal'\n"
       "Parent - 'a'\n"
       "User - 'ann':DefaultAccount='a':QOS='normal'\n"
       "User - 'bob':DefaultAccount='a':QOS='normal'\n",
       "Account - 'a':DefaultQOS='long':Description='a':Organization='a':"
       "QOS='long,normal'\n"
       "Parent - 'a'\n"
       "User - 'ann':DefaultAccount='a':QOS='long,normal'\n"
       "User - 'bob':DefaultAccount='a':QOS='long,normal'\n",
       {"a/ann"},
       "Account - 'a':Description='a':Organization='a':QOS='long,normal'\n"
       "Parent - 'a'\n"
       "User - 'ann':DefaultAccount='a':QOS='normal'\n"
       "User - 'bob':DefaultAccount='a':QOS='long,normal'\n"},
  };
  for (const auto& c : kCases) {
    const Plan plan = PlanOf(StateFromTree(SiteOf(c.live)), c.target, c.skip);
    EXPECT_TRUE(plan.applicable()) << c.name << ShownPlan(plan);
    const auto left = Diff(plan.expected, SiteOf(c.want));
    EXPECT_TRUE(left.empty()) << c.name << ": " << left[0].ToString();
    EXPECT_FALSE(RowsOf(plan, "AS140").empty()) << c.name;
  }
}

// A code stands for the rows of its findings, those too that show up only when
// others are left.
TEST(SkipTest, Codes) {
  const Plan collateral = PlanOf(
      StateFromTree(SiteOf("Account - 'b':Description='b':Organization='b'\n"
                           "Parent - 'b'\nUser - 'j_doe':DefaultAccount='b'\n"
                           "User - 'j-doe':DefaultAccount='b'\n"
                           "User - 'zed':DefaultAccount='b'\n")),
      "Account - 'b':Description='b':Organization='b'\n"
      "Parent - 'b'\nUser - 'j-doe':DefaultAccount='b'\n",
      {"AS109"}, {2311, 11});
  EXPECT_TRUE(collateral.applicable());
  EXPECT_TRUE(collateral.expected.associations.contains(
      {Name("b"), Name("j_doe"), {}}));
  EXPECT_FALSE(
      collateral.expected.associations.contains({Name("b"), Name("zed"), {}}));

  DatabaseState live = StateFromTree(SiteOf(kLive));
  live.complete = true;
  live.qos = {Name("normal")};
  const absl::string_view target =
      "Account - 'a':Description='a':Organization='a'\n"
      "Account - 'b':Description='b':Organization='b'\n"
      "Parent - 'a'\nUser - 'ann':DefaultAccount='a':MaxJobs=1:"
      "GrpTRES='gres/none=4'\n"
      "User - 'bob':DefaultAccount='b':MaxJobs=9\n"
      "Parent - 'b'\nUser - 'bob':DefaultAccount='b'\n";
  EXPECT_FALSE(PlanOf(live, target, {}).applicable());
  EXPECT_FALSE(PlanOf(live, target, {"AS109"}).applicable());
  const Plan plan = PlanOf(live, target, {"AS108"});
  EXPECT_TRUE(plan.applicable());
  EXPECT_EQ(plan.steps.size(), 1u);
  EXPECT_EQ(RowsOf(plan, "AS140").size(), 1u);
  EXPECT_EQ(plan.target_fingerprint, Fingerprint(SiteOf(target)));
}

// A QOS that goes stays where a row that stays names it.
TEST(SkipTest, AQosThatARowKeeps) {
  const auto with_qos = [](absl::string_view lines, bool old_qos) {
    Tree tree = SiteOf(lines);
    tree.lists_qos = true;
    tree.qos[Name("normal")];
    if (old_qos) tree.qos[Name("old")];
    return tree;
  };
  const DatabaseState live = StateFromTree(
      with_qos("Account - 'a':QOS='old'\nAccount - 'b':QOS='old'\n", true));
  PlanOptions options;
  options.release = {2605, 5};
  options.skip = {"a"};
  const auto plan = MakePlan(
      {live, with_qos("Account - 'a'\nAccount - 'b':MaxJobs=1\n", false),
       options});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_TRUE(plan->applicable()) << ShownPlan(*plan);
  EXPECT_EQ(plan->expected.qos.size(), 2u);
  EXPECT_EQ(plan->changes.size(), 1u) << ShownPlan(*plan);
}

// What is refused names the rows that may be skipped; and one that cannot be
// done is in nobody else's way.
TEST(SkipTest, ARefusalNamesItsRows) {
  const DatabaseState live = StateFromTree(
      SiteOf("Account - 'a':QOS='long,normal':DefaultQOS='long'\n"
             "Account - 'b'\nParent - 'a'\nUser - 'ann':DefaultAccount='a'\n"
             "User - 'bob':DefaultAccount='a'\n"
             "User - 'x\\y':DefaultAccount='a'\nParent - 'b'\n"
             "User - 'ann':DefaultAccount='a'\n"
             "User - 'bob':DefaultAccount='a'\n"
             "User - 'x\\y':DefaultAccount='a'\n"));
  const char* const target =
      "Account - 'a':QOS='long,normal':DefaultQOS='long'\n"
      "Account - 'b'\nParent - 'a'\nUser - 'ann':DefaultAccount='b'\n"
      "User - 'bob':DefaultAccount='b'\n"
      "User - 'x\\y':DefaultAccount='b'\nParent - 'b'\n"
      "User - 'ann':DefaultAccount='b'\n"
      "User - 'bob':DefaultAccount='b'\n"
      "User - 'x\\y':DefaultAccount='b'\n";
  for (const Release& release : {Release{2205, 8}, Release{2605, 5}}) {
    const Plan plan = PlanOf(live, target, {}, release);
    EXPECT_FALSE(plan.applicable());
    EXPECT_THAT(RowsOf(plan, "AS111"), ElementsAre("user x\\y"));
    const Plan rest = PlanOf(live, target, {"user x\\y"}, release);
    EXPECT_TRUE(rest.applicable()) << ShownPlan(rest);
    EXPECT_EQ(rest.changes.size(), 2u) << ShownPlan(rest);
  }
}

// A delete that takes a detour is in the way for the row's sake, whatever the
// step that cannot be done is about.
TEST(SkipTest, RowsWhoseDetourIsRefused) {
  // 24.11.0 adds accounts, and deletes none.
  const DatabaseState live = StateFromTree(
      SiteOf("Account - 'a'\nParent - 'a'\nUser - 'ann':DefaultAccount='a'\n"
             "User - 'ann':Partition='p':DefaultAccount='a'\n"
             "User - 'zed o':DefaultAccount='a'\n"));
  const char* const target =
      "Account - 'a'\nParent - 'a'\n"
      "User - 'ann':Partition='p':DefaultAccount='a'\n";
  const Plan plan = PlanOf(live, target, {}, {2411, 0});
  ASSERT_FALSE(plan.applicable());
  const std::vector<std::string> rows = RowsOf(plan, "AS109");
  ASSERT_FALSE(rows.empty());
  const Plan rest = PlanOf(live, target, rows, {2411, 0});
  EXPECT_TRUE(rest.applicable()) << ShownPlan(rest);
  EXPECT_THAT(RowsOf(rest, "AS142"), IsEmpty());
}

// A row that would go along and be added again stays where its look-alike does;
// one with jobs is such a row.
TEST(SkipTest, ARowThatWouldBeAddedAgain) {
  const DatabaseState live = StateFromTree(
      SiteOf("Account - 'b'\nParent - 'b'\nUser - 'j_doe':DefaultAccount='b'\n"
             "User - 'j-doe':DefaultAccount='b'\n"
             "User - 'zed':DefaultAccount='b'\n"));
  const Tree target = SiteOf(
      "Account - 'b'\nParent - 'b'\nUser - 'j-doe':DefaultAccount='b'\n");
  PlanOptions options;
  options.release = {2311, 11};
  options.max_delete = 100;
  options.allow = {"AS109"};
  const AssocKey victim{Name("b"), Name("j-doe"), {}};
  const std::vector<Job> jobs = {{7, victim, Name(), Job::State::kRunning}};
  const auto plan_of = [&](std::vector<std::string> skip) {
    options.skip = std::move(skip);
    const auto plan = MakePlan({live, target, options, nullptr, {}, jobs});
    EXPECT_TRUE(plan.ok()) << plan.status();
    return plan.value_or(Plan());
  };
  const Plan plain = plan_of({});
  EXPECT_FALSE(plain.applicable());
  EXPECT_THAT(RowsOf(plain, "AS141"), ElementsAre("b/j-doe"));
  EXPECT_THAT(RowsOf(plain, "AS113"), ElementsAre("b/j-doe: 1 running (7)"));
  for (const char* word : {"AS113", "b/j-doe"}) {
    const Plan plan = plan_of({word});
    EXPECT_TRUE(plan.applicable()) << word << ShownPlan(plan);
    EXPECT_THAT(RowsOf(plan, "AS142"), IsEmpty()) << word;
    EXPECT_EQ(plan.expected.users.size(), 3u) << word;  // zed goes.
    EXPECT_TRUE(plan.expected.users.contains(Name("j_doe"))) << word;
  }
}

// As the findings name it.
TEST(SkipTest, TheCluster) {
  Tree site = SiteOf("Account - 'a'\n");
  site.cluster_fields.Set(Key::kClassification, Name("capacity"));
  const DatabaseState live = StateFromTree(site);
  const Plan plan = PlanOf(live, "Account - 'a':MaxJobs=1\n", {});
  const std::vector<std::string> rows = RowsOf(plan, "AS111");
  EXPECT_THAT(rows, ElementsAre("cluster c"));
  const Plan rest = PlanOf(live, "Account - 'a':MaxJobs=1\n", rows);
  EXPECT_TRUE(rest.applicable()) << ShownPlan(rest);
  EXPECT_EQ(rest.changes.size(), 1u) << ShownPlan(rest);
}

// What a file by hand does not say is none of its changes.
TEST(SkipTest, AFileByHand) {
  const DatabaseState live = StateFromTree(
      SiteOf("Account - 'a'\nParent - 'a'\n"
             "User - 'ann':DefaultAccount='a':AdminLevel='Operator'\n"));
  Tree target = SiteOf(
      "Account - 'a'\nParent - 'a'\nUser - 'ann':DefaultAccount='a':"
      "MaxJobs=1\n");
  target.authorship.by_hand = true;
  PlanOptions options;
  options.release = {2605, 5};
  options.skip = {"user ann"};
  const auto plan = MakePlan({live, target, options});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_TRUE(plan->target_by_hand);
  EXPECT_THAT(RowsOf(*plan, "AS142"), ElementsAre("user ann"));
  EXPECT_THAT(RowsOf(*plan, "AS140"), IsEmpty());
  EXPECT_EQ(plan->changes.size(), 1u) << ShownPlan(*plan);
}

// As the findings show it, and as it is.
TEST(SkipTest, ABackslashIsSaidBothWays) {
  const char* const live =
      "Account - 'a':Description='a':Organization='a'\nParent - 'a'\n"
      "User - 'x\\y':DefaultAccount='a':MaxJobs=1\n";
  const char* const target =
      "Account - 'a':Description='a':Organization='a'\nParent - 'a'\n"
      "User - 'x\\y':DefaultAccount='a':MaxJobs=2\n";
  for (const char* row : {"a/x\\y", "a/x\\\\y"}) {
    const Plan plan = PlanOf(StateFromTree(SiteOf(live)), target, {row});
    EXPECT_THAT(RowsOf(plan, "AS142"), IsEmpty()) << row;
    EXPECT_TRUE(plan.steps.empty()) << ShownPlan(plan);
  }
  // Of two names the one that is spelled so.
  const char* const both =
      "Account - 'a':Description='a':Organization='a'\nParent - 'a'\n"
      "User - 'x\\y':DefaultAccount='a'\n"
      "User - 'x\\\\y':DefaultAccount='a'\n";
  const Plan plan =
      PlanOf(StateFromTree(SiteOf(both)),
             "Account - 'a':Description='a':Organization='a'\nParent - 'a'\n"
             "User - 'x\\y':DefaultAccount='a':MaxJobs=2\n"
             "User - 'x\\\\y':DefaultAccount='a':MaxJobs=2\n",
             {"a/x\\\\y"});
  ASSERT_EQ(plan.changes.size(), 1u) << ShownPlan(plan);
  EXPECT_EQ(plan.changes[0].row.user.view(), "x\\y");
}

TEST(SkipTest, WordsThatNameNothingAreTold) {
  const DatabaseState live = StateFromTree(SiteOf(kLive));
  const Plan plan = PlanOf(live, kLive, {"a/anne", "AS109"});
  EXPECT_THAT(RowsOf(plan, "AS142"), ElementsAre("a/anne"));
  EXPECT_THAT(RowsOf(plan, "AS140"), IsEmpty());
  EXPECT_TRUE(plan.steps.empty());
}

// On an account with a backslash slurmdbd hangs: none is made, nor anything in
// it, nor in what is below one.
TEST(SkipTest, AnAccountWithABackslashDoesNotCome) {
  const char* const live = "Account - 'a':Description='a':Organization='a'\n";
  const char* const target =
      "Account - 'a':Description='a':Organization='a':MaxJobs=2\n"
      "Account - 'x\\y':Description='a':Organization='a'\nParent - 'x\\y'\n"
      "Account - 'sub':Description='a':Organization='a'\n"
      "User - 'bob':DefaultAccount='x\\y'\n";
  for (const Release& release : {Release{2011, 4}, Release{2605, 5}}) {
    const DatabaseState state = StateFromTree(SiteOf(live));
    const Plan plain = PlanOf(state, target, {}, release);
    EXPECT_FALSE(plain.applicable());
    EXPECT_THAT(RowsOf(plain, "AS110"), ElementsAre("account x\\y"));
    // The name stands for all that has it.
    for (const char* word : {"AS110", "account x\\y"}) {
      const Plan rest = PlanOf(state, target, {word}, release);
      EXPECT_TRUE(rest.applicable()) << ShownPlan(rest);
      EXPECT_EQ(rest.steps.size(), 1u) << ShownPlan(rest);
      EXPECT_THAT(RowsOf(rest, "AS142"), IsEmpty());
    }
    // Where one is there already, nothing is done in it or below it.
    const DatabaseState there = StateFromTree(
        SiteOf("Account - 'x\\y':Description='a':Organization='a'\n"
               "Parent - 'x\\y'\n"
               "Account - 'sub':Description='a':Organization='a'\n"));
    const Plan below =
        PlanOf(there,
               "Account - 'x\\y':Description='a':Organization='a'\n"
               "Parent - 'x\\y'\n"
               "Account - 'sub':Description='a':Organization='a':MaxJobs=3\n",
               {}, release);
    EXPECT_FALSE(below.applicable());
    EXPECT_TRUE(below.steps.empty()) << ShownPlan(below);
  }
}

// Its new parent has a name that no command can say: it stays where it is, as
// all that is not in the way of anything.
TEST(SkipTest, AnAccountThatCannotMoveIsNotDeleted) {
  const DatabaseState live =
      StateFromTree(SiteOf("Account - 'x'\nAccount - 'y'\n"));
  PlanOptions options;
  options.release = {2605, 5};
  options.allow = {"AS110"};
  const auto plan =
      MakePlan({live,
                SiteOf("Account - 'a,b'\nParent - 'a,b'\nAccount - 'x'\n"
                       "Account - 'y'\n"),
                options});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_TRUE(plan->applicable());
  EXPECT_THAT(plan->steps, IsEmpty()) << ShownPlan(*plan);
}

// A hundred thousand rows that cannot be done make neither as many findings nor
// as many lines; each row is still told, and can be left.
TEST(SkipTest, ManyFindingsOfAKindAreToldWithTheirRowsOnly) {
  std::string target =
      "Account - 'a':Description='a':Organization='a'\nParent - 'a'\n";
  constexpr size_t kUsers = 120;
  for (size_t i = 0; i < kUsers; ++i) {
    absl::StrAppend(&target, "User - '", std::string(50, 'p'), 1000 + i,
                    "':DefaultAccount='a'\n");
  }
  const DatabaseState live = StateFromTree(SiteOf(""));
  const Plan plan = PlanOf(live, target, {});
  size_t of_the_kind = 0;
  for (const Finding& f : plan.findings)
    of_the_kind += CodeName(f.code) == "AS111";
  EXPECT_EQ(of_the_kind, kMaxFindingsOfAKind + 1);
  EXPECT_EQ(RowsOf(plan, "AS111").size(), kUsers - 1);  // One can be added.

  const Plan rest = PlanOf(live, target, {"AS111"});
  EXPECT_TRUE(rest.applicable());
  EXPECT_EQ(rest.steps.size(), 2u);
}

}  // namespace assocsync::skip_test
