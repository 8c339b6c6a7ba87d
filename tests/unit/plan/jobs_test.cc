// AS113: jobs on what a plan deletes.
#include "engine/plan/jobs.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/live/state_from_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/plans.h"

namespace assocsync::jobs_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::string_view kLive =
    "Account - 'bio':Description='b':Organization='b'\n"
    "Account - 'hep':Description='h':Organization='h'\n"
    "Parent - 'bio'\nUser - 'ann':DefaultAccount='bio'\n"
    "User - 'bob':DefaultAccount='bio':MaxJobs=1\n"
    "Parent - 'hep'\nUser - 'ann':DefaultAccount='bio'\n"
    "User - 'cat':DefaultAccount='hep':Partition='p'\n";
constexpr absl::string_view kTarget =
    "Account - 'bio':Description='b':Organization='b'\n"
    "Parent - 'bio'\nUser - 'bob':DefaultAccount='bio':MaxJobs=2\n";

Job On(uint64_t id, absl::string_view account, absl::string_view user,
       bool running, absl::string_view partition = "") {
  return {id,
          {Name(account), Name(user), Name(partition)},
          Name(),
          running ? Job::State::kRunning : Job::State::kPending};
}

Plan PlanOf(std::vector<Job> jobs, std::vector<std::string> skip = {}) {
  PlanOptions options;
  options.release = {2411, 5};
  options.max_delete = 100;
  options.allow = {"AS102"};
  options.skip = std::move(skip);
  const auto plan = MakePlan({StateFromTree(SiteOf(kLive)),
                              SiteOf(kTarget),
                              options,
                              nullptr,
                              {},
                              std::move(jobs)});
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.value_or(Plan());
}

std::vector<std::string> Told(const Plan& plan) {
  for (const Finding& f : plan.findings) {
    if (CodeName(f.code) == "AS113") return f.rows;
  }
  return {};
}

TEST(JobsTest, JobsOnRowsThatGoStandInTheWay) {
  std::vector<Job> jobs = {On(7, "bio", "ann", false),
                           On(8, "hep", "cat", true, "p")};
  for (uint64_t id = 20; id < 27; ++id) {
    jobs.push_back(On(id, "bio", "ann", true));
  }
  const Plan plan = PlanOf(jobs);
  EXPECT_THAT(
      Told(plan),
      ElementsAre("bio/ann: 7 running (20, 21, 22, 23, 24, ...), 1 pending (7)",
                  "hep/cat@p: 1 running (8)"));
  EXPECT_FALSE(plan.applicable());
}

TEST(JobsTest, JobsOnRowsThatStayDoNot) {
  const Plan plan =
      PlanOf({On(1, "bio", "bob", true), On(2, "nowhere", "bob", true)});
  EXPECT_THAT(Told(plan), IsEmpty());
  EXPECT_TRUE(plan.applicable());
}

TEST(JobsTest, SkipGoesOnWithTheRest) {
  const Plan plan = PlanOf({On(8, "hep", "cat", true, "p")}, {"AS113"});
  EXPECT_THAT(Told(plan), IsEmpty());
  EXPECT_TRUE(plan.applicable());
  const Tree& tree = plan.expected;
  EXPECT_TRUE(
      tree.associations.contains({Name("hep"), Name("cat"), Name("p")}));
  EXPECT_TRUE(tree.associations.contains({Name("hep"), {}, {}}));
  EXPECT_FALSE(tree.users.contains(Name("ann")));
}

TEST(JobsTest, AQosThatGoes) {
  Tree live = SiteOf(kLive);
  live.lists_qos = true;
  live.qos[Name("normal")];
  Tree target = live;
  live.qos[Name("long")];
  PlanOptions options;
  options.release = {2411, 5};
  options.max_delete = 100;
  std::vector<Job> jobs = {On(9, "bio", "ann", false)};
  jobs[0].qos = Name("long");
  const auto plan =
      MakePlan({StateFromTree(live), target, options, nullptr, {}, jobs});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(Told(*plan), ElementsAre("QOS long: 1 pending (9)"));
  options.skip = {"AS113"};
  const auto rest =
      MakePlan({StateFromTree(live), target, options, nullptr, {}, jobs});
  ASSERT_TRUE(rest.ok()) << rest.status();
  EXPECT_THAT(Told(*rest), IsEmpty());
  EXPECT_THAT(rest->steps, IsEmpty());
}

// A pending job in a QOS that its row loses would wait for good, wherever the
// row has it from.
TEST(JobsTest, AQosThatIsTakenFromARow) {
  constexpr absl::string_view kAccounts =
      "Account - 'top':Description='t':Organization='t'%s\n"
      "Parent - 'top'\nAccount - 'bio':Description='b':Organization='b'%s\n"
      "Parent - 'bio'\nUser - 'ann':DefaultAccount='bio'%s\n"
      "User - 'bob':DefaultAccount='bio'\n";
  const auto tree = [&](absl::string_view top, absl::string_view bio,
                        absl::string_view ann) {
    return SiteOf(absl::StrFormat(kAccounts, top, bio, ann));
  };
  struct Case {
    const char* name;
    Tree live, target;
    std::vector<std::string> want;
    size_t rest;  // Changes, with --skip AS113.
  };
  const Case kCases[] = {
      {"own list",
       tree("", "", ":QOS='long,normal'"),
       tree("", "", ":QOS='normal'"),
       {"bio/ann in QOS long: 1 pending (1)"},
       0},
      {"the account's list",
       tree("", ":QOS='long,normal'", ""),
       tree("", ":QOS='normal'", ":MaxJobs=1"),
       {"bio/ann in QOS long: 1 pending (1)"},
       1},
      {"a list far above",
       tree(":QOS='long,normal'", "", ""),
       tree(":QOS='normal'", "", ""),
       {"bio/ann in QOS long: 1 pending (1)"},
       0},
      {"it has it from elsewhere",
       tree(":QOS='long,normal'", "", ""),
       tree(":QOS='normal'", "", ":QOS='long'"),
       {},
       2},
      {"moved below a new account, which comes all the same",
       SiteOf("Account - 'top':Description='t':Organization='t':"
              "QOS='long,normal'\n"
              "Parent - 'top'\n"
              "Account - 'bio':Description='b':Organization='b'\n"
              "Parent - 'bio'\nUser - 'ann':DefaultAccount='bio'\n"),
       SiteOf("Account - 'new':Description='n':Organization='n':"
              "QOS='normal'\n"
              "Account - 'top':Description='t':Organization='t':"
              "QOS='long,normal'\n"
              "Parent - 'new'\n"
              "Account - 'bio':Description='b':Organization='b'\n"
              "Parent - 'bio'\nUser - 'ann':DefaultAccount='bio'\n"),
       {"bio/ann in QOS long: 1 pending (1)"},
       2},
      {"own list, and the account moves all the same",
       SiteOf("Account - 'top':Description='t':Organization='t'\n"
              "Parent - 'top'\n"
              "Account - 'bio':Description='b':Organization='b'\n"
              "Parent - 'bio'\n"
              "User - 'ann':DefaultAccount='bio':QOS='long,normal'\n"),
       SiteOf("Account - 'bio':Description='b':Organization='b'\n"
              "Account - 'top':Description='t':Organization='t'\n"
              "Parent - 'bio'\n"
              "User - 'ann':DefaultAccount='bio':QOS='normal'\n"),
       {"bio/ann in QOS long: 1 pending (1)"},
       1},
      {"another one",
       tree("", "", ":QOS='long,high'"),
       tree("", "", ":QOS='long'"),
       {},
       1},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    PlanOptions options;
    options.release = {2411, 5};
    std::vector<Job> jobs = {On(1, "bio", "ann", false),
                             On(2, "bio", "ann", true)};
    for (Job& job : jobs) job.qos = Name("long");
    const DatabaseState live = StateFromTree(c.live);
    const auto plan = MakePlan({live, c.target, options, nullptr, {}, jobs});
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_EQ(Told(*plan), c.want);
    EXPECT_EQ(plan->applicable(), c.want.empty());
    options.allow = {"AS113"};
    const auto allowed = MakePlan({live, c.target, options, nullptr, {}, jobs});
    ASSERT_TRUE(allowed.ok()) << allowed.status();
    EXPECT_TRUE(allowed->applicable());
    EXPECT_EQ(allowed->expected, plan->expected);
    options.skip = {"AS113"};
    const auto rest = MakePlan({live, c.target, options, nullptr, {}, jobs});
    ASSERT_TRUE(rest.ok()) << rest.status();
    EXPECT_THAT(Told(*rest), IsEmpty());
    EXPECT_EQ(rest->changes.size(), c.rest);
    if (c.want.empty()) continue;
    // By what the finding shows, whichever row's change takes the QOS.
    options.skip.clear();
    for (const std::string& row : c.want) {
      options.skip.push_back(row.substr(0, row.rfind(": ")));
    }
    const auto by_row = MakePlan({live, c.target, options, nullptr, {}, jobs});
    ASSERT_TRUE(by_row.ok()) << by_row.status();
    EXPECT_EQ(by_row->expected, rest->expected);
    EXPECT_FALSE(by_row->Has(kUnusedSkip));
    EXPECT_FALSE(by_row->Has(kRunningJobs));
  }
}

// j_doe goes and j-doe, which looks like it, goes along and comes again.
TEST(JobsTest, RowsThatAreAddedAgain) {
  constexpr absl::string_view kBoth =
      "Account - 'bio':Description='b':Organization='b'\n"
      "Parent - 'bio'\nUser - 'j-doe':DefaultAccount='bio'\n"
      "User - 'j_doe':DefaultAccount='bio'\n";
  constexpr absl::string_view kOne =
      "Account - 'bio':Description='b':Organization='b'\n"
      "Parent - 'bio'\nUser - 'j-doe':DefaultAccount='bio'\n";
  PlanOptions options;
  options.release = {2311, 0};
  options.max_delete = 100;
  options.allow = {"AS109"};
  const DatabaseState live = StateFromTree(SiteOf(kBoth));
  const Tree target = SiteOf(kOne);
  PlanInput input{live, target, options};
  input.jobs = {On(3, "bio", "j-doe", true)};
  const auto plan = MakePlan(input);
  ASSERT_TRUE(plan.ok()) << plan.status();
  input.usage = {{{Name("bio"), Name("j-doe"), Name()}, 1234.5},
                 {{Name("bio"), Name("j_doe"), Name()}, 7}};
  const auto told = MakePlan(input);
  ASSERT_TRUE(told.ok()) << told.status();
  for (const Finding& f : told->findings) {
    if (CodeName(f.code) == "AS146") {
      EXPECT_THAT(f.rows, ElementsAre("bio/j-doe: RawUsage 1234"));
    }
  }
  EXPECT_EQ(told->findings.size(), plan->findings.size() + 1);
  bool again = false;
  for (const Finding& f : plan->findings)
    again = again || CodeName(f.code) == "AS141";
  ASSERT_TRUE(again) << ShownPlan(*plan);
  EXPECT_THAT(Told(*plan), ElementsAre("bio/j-doe: 1 running (3)"));
}

TEST(JobsTest, RunawayJobsAreNamedAsSuch) {
  Job job = On(8, "bio", "ann", true);
  job.state = Job::State::kRunaway;
  const Plan plan = PlanOf({job});
  EXPECT_THAT(Told(plan), ElementsAre("bio/ann: 1 runaway (8)"));
  EXPECT_THAT(plan.findings[0].message, HasSubstr("show runawayjobs"));
  EXPECT_FALSE(plan.applicable());
}

TEST(JobsTest, LimitsThatMayEndRunningJobs) {
  constexpr absl::string_view kAccounts =
      "Account - 'bio':Description='b':Organization='b'%s\n"
      "Account - 'hep':Description='h':Organization='h':GrpWall=60\n"
      "Parent - '%s'\nAccount - 'sub':Description='s':Organization='s'%s\n"
      "Parent - 'sub'\nUser - 'ann':DefaultAccount='sub'%s\n";
  const auto site = [&](absl::string_view bio, absl::string_view parent,
                        absl::string_view sub, absl::string_view ann) {
    return SiteOf(
        absl::StrFormat(absl::ParsedFormat<'s', 's', 's', 's'>(kAccounts), bio,
                        parent, sub, ann));
  };
  const struct {
    Tree live, target;
    std::string told;  // Between brackets; empty: nothing.
  } kCases[] = {
      // Of the account, above it, below it.
      {site("", "bio", "", ""), site("", "bio", ":GrpTRESMins=cpu=5", ""),
       "GrpTRESMins cpu of sub: 5"},
      {site("", "bio", "", ""), site(":GrpWall=9", "bio", "", ""),
       "GrpWall of bio: 9"},
      {site("", "bio", "", ""), site("", "bio", "", ":GrpTRESMins=cpu=5"),
       "GrpTRESMins cpu of sub/ann: 5"},
      // By a move.
      {site("", "bio", "", ""), site("", "hep", "", ""), "GrpWall of hep: 60"},
      // Lowered and raised; of several TRES only what is less.
      {site("", "bio", ":GrpTRESMins=cpu=5,node=2", ""),
       site("", "bio", ":GrpTRESMins=cpu=4,node=3", ""),
       "GrpTRESMins cpu of sub: 4"},
      {site("", "bio", ":GrpWall=9", ""), site("", "bio", ":GrpWall=10", ""),
       ""},
      {site("", "bio", ":GrpWall=9", ""), site("", "bio", "", ""), ""},
      // The nearest of a limit of each job holds, whoever has it.
      {site(":MaxTRESMinsPerJob=cpu=7", "bio", "", ""),
       site(":MaxTRESMinsPerJob=cpu=7", "bio", ":MaxTRESMinsPerJob=cpu=7", ""),
       ""},
      {site(":MaxTRESMinsPerJob=cpu=7", "bio", "", ""),
       site(":MaxTRESMinsPerJob=cpu=7", "bio", ":MaxTRESMinsPerJob=cpu=6", ""),
       "MaxTRESMinsPerJob cpu: 6"},
      // No other limit ends a job that runs.
      {site("", "bio", "", ""), site("", "bio", ":MaxWall=1:GrpJobs=0", ""),
       ""},
  };
  for (const auto& c : kCases) {
    PlanOptions options;
    options.release = {2605, 5};
    const auto plan =
        MakePlan({StateFromTree(c.live),
                  c.target,
                  options,
                  nullptr,
                  {},
                  {On(4, "sub", "ann", true), On(5, "sub", "ann", true),
                   On(6, "sub", "ann", false)}});
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_TRUE(plan->applicable());
    std::vector<std::string> told;
    for (const Finding& f : plan->findings) {
      if (f.code == kEndsJobs) told = f.rows;
    }
    if (c.told.empty()) {
      EXPECT_THAT(told, IsEmpty());
    } else {
      EXPECT_THAT(told, ElementsAre(absl::StrCat("sub/ann (", c.told,
                                                 "): 2 running (4, 5)")));
    }
  }
}

TEST(JobsTest, PartitionsAndReservationsThatNameWhatGoes) {
  using Of = Mention::Of;
  PlanOptions options;
  options.release = {2411, 5};
  options.max_delete = 100;
  options.allow = {"AS102"};
  const std::vector<Mention> mentions = {
      {Of::kAccount, Name("bio"), "reservation r1 (Accounts)"},
      {Of::kAccount, Name("hep"), "reservation r1 (Accounts)"},
      {Of::kUser, Name("ann"), "reservation r2 (Users)"},
      {Of::kUser, Name("bob"), "reservation r2 (Users)"},
      {Of::kQos, Name("long"), "partition main (QoS)"}};
  const auto plan = MakePlan({StateFromTree(SiteOf(kLive)),
                              SiteOf(kTarget),
                              options,
                              nullptr,
                              {},
                              {},
                              mentions});
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_FALSE(plan->findings.empty());
  EXPECT_EQ(CodeName(plan->findings[0].code), "AS145");
  EXPECT_THAT(plan->findings[0].rows,
              ElementsAre("account hep: reservation r1 (Accounts)",
                          "user ann: reservation r2 (Users)"));
  EXPECT_TRUE(plan->applicable());
}

}  // namespace assocsync::jobs_test
