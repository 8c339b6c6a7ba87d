// The behaviour table against what real daemons did once: testdata/releases.
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/cfg/parse.h"
#include "engine/live/state_from_tree.h"
#include "engine/plan/plan.h"
#include "engine/slurm/release.h"
#include "engine/slurm/slurmdbd.h"
#include "gtest/gtest.h"
#include "tests/support/plans.h"

namespace assocsync::releases_test {

constexpr absl::string_view kDate = "2026-11-26";

struct RealRun {
  std::string release;
  int commands = 0, differed = 0, refused = 0;
  std::string look_alikes, two_default_rows;
};

std::vector<RealRun> RealRuns() {
  std::ifstream in(
      absl::StrCat(ASSOCSYNC_SOURCE_DIR, "/testdata/releases/", kDate, ".txt"));
  std::vector<RealRun> runs;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    RealRun run;
    std::istringstream(line) >> run.release >> run.commands >> run.differed >>
        run.refused >> run.look_alikes >> run.two_default_rows;
    runs.push_back(run);
  }
  return runs;
}

TEST(ReleasesTest, EachRunIsTheEvidenceOfItsRow) {
  const std::vector<RealRun> runs = RealRuns();
  ASSERT_EQ(runs.size(), 6u);
  size_t rows = 0;
  for (const Behaviour& row : BehaviourTable()) {
    if (row.evidence.kind == ReleaseEvidence::Kind::kOnce) ++rows;
    if (row.evidence.kind == ReleaseEvidence::Kind::kRead) continue;
    EXPECT_EQ(BehaviourOf(row.evidence.ran)->since, row.since)
        << row.evidence.ToString() << " is a release of another row";
  }
  EXPECT_EQ(rows, runs.size());
  for (const RealRun& run : runs) {
    EXPECT_GE(run.commands, 1000) << run.release;
    EXPECT_EQ(run.differed, 0) << run.release;
    const ReleaseEvidence evidence =
        BehaviourOf(*ParseRelease(run.release))->evidence;
    EXPECT_EQ(evidence.ToString(),
              absl::StrCat("run once (", run.release, ", ", kDate, ")"));
  }
}

TEST(ReleasesTest, DeletesAmongLookAlikes) {
  const char* const live =
      "Account - 'ab_1':Description='d':Organization='o'\n"
      "Account - 'ab-1':Description='d':Organization='o'\n"
      "Account - 'b':Description='d':Organization='o'\n"
      "Parent - 'ab-1'\nUser - 'j-doe':DefaultAccount='ab-1'\n"
      "Parent - 'b'\n"
      "User - 'j_doe':DefaultAccount='b'\nUser - "
      "'j-doe':DefaultAccount='ab-1'\n"
      "User - 'bob':DefaultAccount='b'\n"
      "User - 'bob':Partition='gpu':DefaultAccount='b'\n";
  const char* const target =
      "Account - 'ab-1':Description='d':Organization='o'\n"
      "Account - 'b':Description='d':Organization='o'\n"
      "Parent - 'ab-1'\nUser - 'j-doe':DefaultAccount='ab-1'\n"
      "Parent - 'b'\nUser - 'j-doe':DefaultAccount='ab-1'\n"
      "User - 'bob':Partition='gpu':DefaultAccount='b'\n";
  for (const RealRun& run : RealRuns()) {
    if (run.look_alikes == "-") continue;
    PlanOptions options;
    options.release = *ParseRelease(run.release);
    const auto plan =
        MakePlan({StateFromTree(SiteOf(live)), SiteOf(target), options});
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_EQ(plan->applicable(), run.look_alikes == "exact") << run.release;
    for (const Finding& f : plan->findings) {
      EXPECT_NE(CodeName(f.code), "AS115") << run.release << ": " << f.message;
      if (!f.stands()) continue;
      EXPECT_EQ(CodeName(f.code), run.look_alikes) << run.release;
    }
  }
}

// 23.11: what looks alike goes along, and comes back with all that it had.
TEST(ReleasesTest, DeletedAndAddedAgain) {
  const char* const live =
      "Account - 'b':Description='d':Organization='o'\n"
      "Account - 'c':Description='d':Organization='o'\n"
      "Parent - 'b'\n"
      "User - 'j_doe':DefaultAccount='b'\n"
      "User - 'j-doe':DefaultAccount='b':AdminLevel='Operator':"
      "Coordinator='c':DefaultWCKey='w':WCKeys='v,w':MaxJobs=7:"
      "GrpTRES='cpu=4':QOS='normal'\n"
      "User - 'bob':DefaultAccount='b'\n";
  const char* const target =
      "Account - 'b':Description='d':Organization='o'\n"
      "Account - 'c':Description='d':Organization='o'\n"
      "Parent - 'b'\n"
      "User - 'j-doe':DefaultAccount='b':AdminLevel='Operator':"
      "Coordinator='c':DefaultWCKey='w':WCKeys='v,w':MaxJobs=7:"
      "GrpTRES='cpu=4':QOS='normal'\n"
      "User - 'bob':DefaultAccount='b'\n";
  PlanOptions options;
  options.release = {2311, 11};
  options.max_delete = 100;
  DatabaseState state = StateFromTree(SiteOf(live));
  const auto refused = MakePlan({state, SiteOf(target), options});
  ASSERT_TRUE(refused.ok()) << refused.status();
  ASSERT_FALSE(refused->applicable());
  EXPECT_EQ(CodeName(refused->findings[0].code), "AS109");
  EXPECT_EQ(refused->findings[0].lifted_by, "--allow AS109");

  options.allow = {"AS109"};
  const auto plan = MakePlan({state, SiteOf(target), options});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_TRUE(plan->applicable());
  EXPECT_TRUE(Diff(plan->expected, SiteOf(target)).empty());
  std::vector<std::string> again;
  for (const Finding& f : plan->findings) {
    if (CodeName(f.code) == "AS141") again = f.rows;
  }
  EXPECT_EQ(again, std::vector<std::string>{"b/j-doe"});
  bool told = false;
  for (const Step& step : plan->steps) {
    told |= absl::StrContains(step.why, "again, since slurmdbd takes it along");
  }
  EXPECT_TRUE(told);

  // Where the row cannot be added again as it was, nothing lifts it: root's
  // and the caller's own, which would have no rights meanwhile.
  options.caller = "j-doe";
  const auto own = MakePlan({state, SiteOf(target), options});
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_FALSE(own->applicable());
  EXPECT_EQ(own->findings[0].lifted_by, "");
}

// From 24.05.4 on: a delete of the row of u in partition p finds the account p
// below account 0-u too, and sacctmgr refuses; the account's takes both.
TEST(ReleasesTest, AnAccountThatLooksLikeARowIsAddedAgain) {
  const char* const head =
      "Account - 'a':Description='d':Organization='o'\nParent - 'a'\n"
      "Account - '0-u':Description='d':Organization='o'\n";
  const char* const tail =
      "Parent - '0-u'\nAccount - 'p':Description='d':Organization='o':"
      "MaxJobs=3\nParent - 'p'\n"
      "User - 'bob':DefaultAccount='p':AdminLevel='Operator':Coordinator='p':"
      "GrpTRES='cpu=4'\n";
  const Tree live =
      SiteOf(absl::StrCat(head,
                          "User - 'u':DefaultAccount='a'\n"
                          "User - 'u':Partition='p':DefaultAccount='a'\n",
                          tail));
  const Tree target =
      SiteOf(absl::StrCat(head, "User - 'u':DefaultAccount='a'\n", tail));
  DatabaseState state = StateFromTree(live);
  state.knows_default_rows = true;
  state.default_rows = {{Name("a"), Name("u"), {}},
                        {Name("p"), Name("bob"), {}},
                        {RootName(), RootName(), {}}};
  for (const Release& release : {Release{2411, 5}, Release{2605, 5}}) {
    PlanOptions options;
    options.release = release;
    options.max_delete = 100;
    const auto refused = MakePlan({state, target, options});
    ASSERT_TRUE(refused.ok()) << refused.status();
    EXPECT_FALSE(refused->applicable());
    EXPECT_EQ(refused->findings[0].lifted_by, "--allow AS109")
        << ShownPlan(*refused);
    options.allow = {"AS109"};
    const auto plan = MakePlan({state, target, options});
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_TRUE(plan->applicable()) << ShownPlan(*plan);
    EXPECT_TRUE(Diff(plan->expected, target).empty());
    for (const Finding& f : plan->findings) {
      if (CodeName(f.code) != "AS141") continue;
      EXPECT_EQ(f.rows, (std::vector<std::string>{"p", "p/bob"}));
    }
  }
}

// A row of another cluster is known by name alone.
TEST(ReleasesTest, WhatAnotherClusterHasIsNotAddedAgain) {
  DatabaseState state =
      StateFromTree(SiteOf("Account - 'b':Description='d':Organization='o'\n"
                           "Account - 'b_':Description='d':Organization='o'\n"
                           "Parent - 'b'\nUser - 'j_doe':DefaultAccount='b'\n"
                           "User - 'j-doe':DefaultAccount='b'\n"));
  for (const char* account : {"b", "bx"}) {
    state.others[{Name("other"), {Name(account), {}, {}}}].lineage =
        Name(absl::StrCat("/", account, "/"));
    state.others[{Name("other"), {Name(account), Name("j-doe"), {}}}].lineage =
        Name(absl::StrCat("/", account, "/0-j-doe/"));
  }
  PlanOptions options;
  options.release = {2311, 11};
  options.max_delete = 100;
  options.allow = {"AS109"};
  const auto plan = MakePlan(
      {state,
       SiteOf("Account - 'b':Description='d':Organization='o'\nParent - 'b'\n"
              "User - 'j-doe':DefaultAccount='b'\n"),
       options});
  ASSERT_TRUE(plan.ok()) << plan.status();
  Slurmdbd model(*BehaviourOf(options.release), state);
  for (const Step& step : plan->steps) model.Run(*ParseCommand(step.argv));
  EXPECT_EQ(model.state().others, state.others);
}

TEST(ReleasesTest, OneOfTwoDefaultPartitionRows) {
  for (const RealRun& run : RealRuns()) {
    if (run.two_default_rows == "-") continue;
    DatabaseState state = StateFromTree(
        SiteOf("Account - 'a':Description='d':Organization='o'\nParent - 'a'\n"
               "User - 'u':Partition='p':DefaultAccount='a'\n"
               "User - 'u':Partition='q':DefaultAccount='a'\n"));
    state.complete = true;
    state.knows_default_rows = true;
    for (const char* partition : {"p", "q"}) {
      state.default_rows.insert({Name("a"), Name("u"), Name(partition)});
    }
    state.default_rows.insert({RootName(), RootName(), {}});
    const Slurmdbd dbd(*BehaviourOf(*ParseRelease(run.release)), state);
    const Outcome outcome = dbd.Predict({Command::Verb::kDelete,
                                         Command::Entity::kUser,
                                         {{"name", "u"},
                                          {"account", "a"},
                                          {"cluster", "c"},
                                          {"partition", "p"}},
                                         {}});
    EXPECT_EQ(outcome.result == Outcome::Result::kDone ? "deleted" : "refused",
              run.two_default_rows)
        << run.release << ": " << outcome.reason;
  }
}

// Of two rows of a user in one account the one without a partition goes; the
// other one and a row elsewhere stay. Only 23.11 takes the partition's along.
TEST(ReleasesTest, ARowGoesAndThatOfAPartitionStays) {
  const auto tree = [](absl::string_view name) {
    std::ifstream in(
        absl::StrCat(ASSOCSYNC_SOURCE_DIR, "/testdata/field/", name));
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    const auto parsed = ParseTree(name, text);
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    return parsed.value_or(Tree());
  };
  const Tree live = tree("22-partition-row.live.cfg");
  const Tree target = tree("22-partition-row.cfg");
  for (const Behaviour& row : BehaviourTable()) {
    if (row.evidence.kind == ReleaseEvidence::Kind::kRead) continue;
    const bool exact = row.since.series != 2311;
    for (const bool allow : {false, true}) {
      PlanOptions options;
      options.release = row.evidence.ran;
      options.max_delete = 100;
      if (allow) options.allow = {"AS109"};
      const auto plan = MakePlan({StateFromTree(live), target, options});
      ASSERT_TRUE(plan.ok()) << plan.status();
      EXPECT_EQ(plan->applicable(), exact || allow)
          << options.release.ToString() << ShownPlan(*plan);
      if (plan->applicable()) {
        EXPECT_TRUE(Diff(plan->expected, target).empty());
      } else {
        EXPECT_EQ(CodeName(plan->findings[0].code), "AS109");
        EXPECT_EQ(plan->findings[0].lifted_by, "--allow AS109");
      }
    }
  }
}

// From 23.11 on slurmdbd looks for the lineage that it read, unescaped: for
// ex\jd that of exjd.
TEST(ReleasesTest, RowsWithABackslashGoWhereTheyAreFound) {
  const char* const live =
      "Account - 'b':Description='d':Organization='o'\nParent - 'b'\n"
      "User - 'ex\\jd':DefaultAccount='b'\n"
      "User - 'exjd':DefaultAccount='b'\nUser - 'bob':DefaultAccount='b'\n";
  const char* const target =
      "Account - 'b':Description='d':Organization='o'\nParent - 'b'\n"
      "User - 'exjd':DefaultAccount='b'\n";
  for (const Behaviour& row : BehaviourTable()) {
    SCOPED_TRACE(row.since.ToString());
    PlanOptions options;
    options.release = row.since;
    options.max_delete = 100;
    const auto plan =
        MakePlan({StateFromTree(SiteOf(live)), SiteOf(target), options});
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_EQ(plan->applicable(), row.since.series <= 2302) << ShownPlan(*plan);
    if (plan->applicable()) continue;
    std::vector<std::string> rows;
    for (const Finding& f : plan->findings) {
      if (CodeName(f.code) != "AS109") continue;
      rows.insert(rows.end(), f.rows.begin(), f.rows.end());
      EXPECT_EQ(f.lifted_by, "");
    }
    EXPECT_EQ(rows, std::vector<std::string>{"b/ex\\jd"});
    for (const Step& step : plan->steps) {
      EXPECT_FALSE(absl::StrContains(absl::StrJoin(step.argv, " "), "\\"));
    }
    options.skip = {"AS109"};
    const auto rest =
        MakePlan({StateFromTree(SiteOf(live)), SiteOf(target), options});
    ASSERT_TRUE(rest.ok()) << rest.status();
    EXPECT_TRUE(rest->applicable()) << ShownPlan(*rest);
    EXPECT_FALSE(
        rest->expected.associations.contains({Name("b"), Name("bob"), {}}));
  }
}

// A level or default account by `modify` goes to the name without the
// backslash; `add` says them exactly.
TEST(ReleasesTest, RightsOfUsersWithABackslash) {
  const char* const head =
      "Account - 'a':Description='d':Organization='o'\n"
      "Account - 'b':Description='d':Organization='o'\nParent - 'a'\n"
      "User - 'zed':DefaultAccount='a'\n";
  const auto site = [&](const char* rows) {
    return SiteOf(absl::StrCat(head, rows));
  };
  const struct {
    const char *live, *target;
    bool exact;
  } kCases[] = {
      {"", "User - 'x\\y':DefaultAccount='a':AdminLevel='Operator'\n", true},
      {"User - 'x\\y':DefaultAccount='a'\n",
       "User - 'x\\y':DefaultAccount='a':AdminLevel='Operator'\n", false},
      {"User - 'x\\y':DefaultAccount='a'\n",
       "User - 'x\\y':DefaultAccount='b'\nParent - 'b'\n"
       "User - 'x\\y':DefaultAccount='b'\n",
       true},
      {"User - 'x\\y':DefaultAccount='a'\nParent - 'b'\n"
       "User - 'x\\y':DefaultAccount='a'\n",
       "User - 'x\\y':DefaultAccount='b'\nParent - 'b'\n"
       "User - 'x\\y':DefaultAccount='b'\n",
       false},
      {"User - 'x\\y':DefaultAccount='a'\n",
       "User - 'x\\y':DefaultAccount='a':Coordinator='a':DefaultWCKey='w\\k':"
       "WCKeys='w\\k':MaxJobs=4\n",
       true},
  };
  for (const auto& c : kCases) {
    for (const Release& release : {Release{2011, 4}, Release{2205, 8},
                                   Release{2411, 5}, Release{2605, 5}}) {
      PlanOptions options;
      options.release = release;
      options.max_delete = 100;
      const auto plan =
          MakePlan({StateFromTree(site(c.live)), site(c.target), options});
      ASSERT_TRUE(plan.ok()) << plan.status();
      EXPECT_EQ(plan->applicable(), c.exact)
          << release.ToString() << c.target << ShownPlan(*plan);
      if (c.exact) continue;
      EXPECT_EQ(CodeName(plan->findings[0].code), "AS111");
      options.skip = {"AS111"};
      const auto rest =
          MakePlan({StateFromTree(site(c.live)), site(c.target), options});
      ASSERT_TRUE(rest.ok()) << rest.status();
      EXPECT_TRUE(rest->applicable()) << ShownPlan(*rest);
    }
  }
}

// A record that stays because its name looks like others keeps no right.
TEST(ReleasesTest, ARecordThatStaysGrantsNothing) {
  const char* const live =
      "Account - 'b':Description='d':Organization='o'\nParent - 'b'\n"
      "User - 'ho$t':DefaultAccount='b':AdminLevel='Operator':"
      "Coordinator='b':DefaultWCKey='w':WCKeys='w'\n"
      "User - 'h_$t':DefaultAccount='b':AdminLevel='Operator':"
      "Coordinator='b':DefaultWCKey='w':WCKeys='w'\n"
      "User - 'bob':DefaultAccount='b':AdminLevel='Administrator'\n";
  const char* const target =
      "Account - 'b':Description='d':Organization='o'\nParent - 'b'\n"
      "User - 'ho$t':DefaultAccount='b':AdminLevel='Operator':"
      "Coordinator='b':DefaultWCKey='w':WCKeys='w'\n"
      "User - 'bob':DefaultAccount='b':AdminLevel='Administrator'\n";
  for (const Release& release : {Release{2411, 5}, Release{2605, 5}}) {
    const DatabaseState state = StateFromTree(SiteOf(live));
    PlanOptions options;
    options.release = release;
    options.max_delete = 100;
    const auto plan = MakePlan({state, SiteOf(target), options});
    ASSERT_TRUE(plan.ok()) << plan.status();
    ASSERT_TRUE(plan->applicable()) << ShownPlan(*plan);
    Slurmdbd model(*BehaviourOf(release), state);
    for (const Step& step : plan->steps) model.Run(*ParseCommand(step.argv));
    const auto record = model.state().users.find(Name("h_$t"));
    if (record == model.state().users.end()) continue;
    EXPECT_EQ(record->second.fields.ToString(), "") << ShownPlan(*plan);
    EXPECT_FALSE(
        model.state().coordinators.contains({Name("b"), Name("h_$t")}));
  }
}

// A row that was only read is planned for between those that were run.
TEST(ReleasesTest, ReadRowsLieBetweenRunOnes) {
  const struct {
    Release release;
    std::vector<Release> rows;
  } kCases[] = {
      {{2411, 5}, {{2411, 2}}},
      {{2405, 8}, {{2405, 4}}},
      {{2405, 1}, {{2405, 0}, {2311, 5}, {2405, 3}, {2405, 4}}},
      {{2505, 0}, {{2505, 0}, {2411, 2}, {2505, 1}}},
      {{2511, 0}, {{2511, 0}, {2505, 1}, {2511, 4}, {2511, 6}}},
      {{2311, 0}, {{2311, 0}, {2311, 1}, {2311, 5}}},
      // Nothing that was run speaks for two releases that cannot modify.
      {{2411, 1}, {{2411, 0}}},
  };
  for (const auto& c : kCases) {
    std::vector<Release> rows;
    for (const Behaviour& row : RowsThatCouldHold(*BehaviourOf(c.release))) {
      rows.push_back(row.since);
    }
    EXPECT_EQ(rows, c.rows) << c.release.ToString();
  }
  EXPECT_EQ(NewestOf(2205), (Release{2205, 3}));  // A word of QOS.
  EXPECT_EQ(NewestOf(2405), (Release{2405, 4}));
  EXPECT_EQ(NewestOf(2411), (Release{2411, 2}));
  EXPECT_EQ(NewestOf(2611), (Release{2611, 0}));
}

}  // namespace assocsync::releases_test
