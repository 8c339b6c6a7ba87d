// Plans in the user's own language: two dumps in, sacctmgr commands out.
#include "engine/plan/plan.h"

#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/cfg/parse.h"
#include "engine/live/state_from_tree.h"
#include "gtest/gtest.h"
#include "tests/support/plans.h"

namespace assocsync::plan_test {

// A site with no account, and these QOS lines.
Tree WithQos(absl::string_view qos) {
  const auto tree = ParseTree("t", absl::StrCat(qos, kSiteHead));
  EXPECT_TRUE(tree.ok()) << tree.status();
  return tree.ok() ? *tree : Tree();
}

Plan PlanOf(absl::string_view live, absl::string_view target,
            Release release = {2605, 5}) {
  PlanOptions options;
  options.release = release;
  options.allow = {"AS101", "AS102"};
  const absl::StatusOr<Plan> plan =
      MakePlan({StateFromTree(SiteOf(live)), SiteOf(target), options});
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.ok() ? *plan : Plan();
}

// One line per step, then one per finding that is not a note.
std::string Shown(const Plan& plan) {
  std::string out;
  for (const Step& step : plan.steps) {
    absl::StrAppend(&out, absl::StrJoin(step.argv, " "), "\n");
  }
  for (const Finding& f : plan.findings) {
    if (f.severity == Severity::kNote) continue;
    absl::StrAppend(&out, CodeName(f.code), f.lifted ? " (lifted)" : "", ": ",
                    f.message, " [", absl::StrJoin(f.rows, "; "), "]\n");
  }
  return out;
}

struct Case {
  absl::string_view name;
  absl::string_view live;
  absl::string_view target;
  absl::string_view want;
};

constexpr absl::string_view kHep =
    "Account - 'hep':Description='hep':Organization='hep':Fairshare=1\n";

// To one: of ten accounts three are 30%, and four are not.
TEST(PlanTest, MaxDeleteIsExact) {
  const auto accounts = [](int from) {
    std::string lines;
    for (int i = from; i < 10; ++i) {
      absl::StrAppend(&lines, "Account - 'a", i, "'\n");
    }
    return lines;
  };
  for (const bool is_count : {false, true}) {
    for (const int gone : {3, 4}) {
      PlanOptions options;
      options.release = {2605, 5};
      options.max_delete = is_count ? 3 : 30;
      options.max_delete_is_count = is_count;
      const auto plan = MakePlan({StateFromTree(SiteOf(accounts(0))),
                                  SiteOf(accounts(gone)), options});
      ASSERT_TRUE(plan.ok()) << plan.status();
      EXPECT_EQ(plan->applicable(), gone == 3) << gone << ShownPlan(*plan);
    }
  }
}

// Dump prints (null) for an empty one; `add qos` alone makes it the name.
TEST(PlanTest, AQosMayHaveNoDescription) {
  PlanOptions options;
  options.release = {2605, 5};
  const auto plan =
      MakePlan({StateFromTree(WithQos("QOS - 'normal':Description='n'\n"
                                      "QOS - 'old':Description='old'\n")),
                WithQos("QOS - 'normal':Description='n'\n"
                        "QOS - 'new':Description='(null)':MaxJobsPU=4\n"
                        "QOS - 'old':Description='(null)'\n"),
                options});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(Shown(*plan),
            "add qos name=new Description= MaxJobsPU=4\n"
            "modify qos where name=old set Description=\n");
}

// 23.11 - 25.05.0 would leave the lineages of the sub-account's users as they
// were (tests/real/convergence_test.cc, 24.11.5).
TEST(PlanTest, WhatHangsBelowAMovedAccountMovesByItself) {
  const absl::string_view live =
      "Account - 'a':Description='d':Organization='o'\n"
      "Account - 'b':Description='d':Organization='o'\n"
      "Parent - 'a'\n"
      "Account - 'leaf':Description='d':Organization='o'\n"
      "Account - 's':Description='d':Organization='o'\n"
      "Parent - 's'\nUser - 'u':DefaultAccount='s'\n";
  const absl::string_view target =
      "Account - 'b':Description='d':Organization='o'\n"
      "Parent - 'b'\n"
      "Account - 'a':Description='d':Organization='o'\n"
      "Parent - 'a'\n"
      "Account - 'leaf':Description='d':Organization='o'\n"
      "Account - 's':Description='d':Organization='o'\n"
      "Parent - 's'\nUser - 'u':DefaultAccount='s'\n";
  EXPECT_EQ(Shown(PlanOf(live, target, {2411, 5})),
            "modify account where name=s cluster=c set parent=root\n"
            "modify account where name=a cluster=c set parent=b\n"
            "modify account where name=s cluster=c set parent=a\n");
  EXPECT_EQ(Shown(PlanOf(live, target, {2605, 5})),
            "modify account where name=a cluster=c set parent=b\n");
}

// In nested sets such an account is put upon those that are added with it
// (tests/real/bulk_load_test.cc, 20.11.4 to 24.11.5).
TEST(PlanTest, AnAccountThatMayComeBackIsAddedAlone) {
  const auto names = [](Release release, bool known) {
    DatabaseState live = StateFromTree(SiteOf(""));
    live.knows_all_options = known;
    if (known) live.marked_accounts = {Name("b")};
    PlanOptions options;
    options.release = release;
    const auto plan =
        MakePlan({live,
                  SiteOf("Account - 'a':Description='d':Organization='o'\n"
                         "Account - 'b':Description='d':Organization='o'\n"
                         "Account - 'c':Description='d':Organization='o'\n"),
                  options});
    EXPECT_TRUE(plan.ok()) << plan.status();
    return absl::StrJoin(plan->steps, " ", [](std::string* out, const Step& s) {
      absl::StrAppend(out, *std::next(s.argv.begin(), 2));
    });
  };
  EXPECT_EQ(names({2411, 5}, false), "name=a name=b name=c");
  EXPECT_EQ(names({2411, 5}, true), "name=b name=a,c");
  EXPECT_EQ(names({2605, 5}, false), "name=a,b,c");
}

// Slurm holds such trees, and takes the list only while the default is away
// (tests/real/convergence_test.cc, 20.11.4 and 22.05.8).
TEST(PlanTest, ADefaultQosThatRowsBelowDoNotReachWaits) {
  const absl::string_view live =
      "Account - 'a':Description='d':Organization='o':DefaultQOS='normal'\n"
      "Parent - 'a'\n"
      "Account - 's':Description='d':Organization='o'\n";
  const absl::string_view target =
      "Account - 'a':Description='d':Organization='o':DefaultQOS='normal'\n"
      "Parent - 'a'\n"
      "Account - 's':Description='d':Organization='o':QOS='x'\n";
  const std::string steps = Shown(PlanOf(live, target));
  EXPECT_EQ(steps.find("AS1"), std::string::npos) << steps;
  const size_t away = steps.find("name=a cluster=c set DefaultQOS=-1\n");
  const size_t list = steps.find("name=s cluster=c set QOS=x\n");
  const size_t back = steps.find("name=a cluster=c set DefaultQOS=normal\n");
  ASSERT_NE(back, std::string::npos) << steps;
  EXPECT_LT(away, list) << steps;
  EXPECT_LT(list, back) << steps;
}

// Up to 22.05.2 slurmdbd stores nothing of such a mode.
TEST(PlanTest, AWordThatAPointReleaseDoesNotKnow) {
  for (const int point : {2, 3}) {
    PlanOptions options;
    options.release = {2205, point};
    const auto plan = MakePlan(
        {StateFromTree(WithQos("QOS - 'normal':Description='n'\n")),
         WithQos("QOS - 'normal':Description='n':PreemptMode=gang,suspend\n"),
         options});
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_EQ(plan->applicable(), point == 3) << ShownPlan(*plan);
    EXPECT_EQ(plan->steps.size(), point == 3 ? 1u : 0u) << ShownPlan(*plan);
    if (point == 2) {
      EXPECT_EQ(plan->findings[0].message,
                "cannot restore: PreemptMode=gang, which Slurm 22.05.2 does "
                "not know");
    }
  }
}

TEST(PlanTest, ALimitFactorOfZeroCannotComeBack) {
  PlanOptions options;
  options.release = {2605, 5};
  const auto plan = MakePlan(
      {StateFromTree(WithQos("QOS - 'normal':Description='n':LimitFactor=2\n")),
       WithQos("QOS - 'normal':Description='n':LimitFactor=0:MaxJobsPU=4\n"),
       options});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(Shown(*plan),
            "modify qos where name=normal set MaxJobsPU=4\n"
            "AS111: cannot restore: a LimitFactor of 0, which slurmdbd takes "
            "for no change [QOS normal]\n");
}

// `off` is what `cluster` is, to every release that was run; the off that dumps
// call unknown has no command.
TEST(PlanTest, PreemptModeOff) {
  PlanOptions options;
  options.release = {2605, 5};
  const auto shown = [&](absl::string_view live, absl::string_view target) {
    const auto plan =
        MakePlan({StateFromTree(WithQos(live)), WithQos(target), options});
    EXPECT_TRUE(plan.ok()) << plan.status();
    return plan.ok() ? Shown(*plan) : "";
  };
  constexpr absl::string_view kNone = "QOS - 'q':Description='q'\n";
  constexpr absl::string_view kOff =
      "QOS - 'q':Description='q':PreemptMode=off\n";
  constexpr absl::string_view kUnknown =
      "QOS - 'q':Description='q':PreemptMode=unknown\n";
  EXPECT_EQ(shown(kNone, kOff), "");
  EXPECT_EQ(shown(kUnknown, kUnknown), "");
  EXPECT_EQ(shown(kUnknown, kOff),
            "modify qos where name=q set PreemptMode=cluster\n");
  EXPECT_EQ(shown(kNone, kUnknown),
            "AS111: cannot restore: the PreemptMode that dumps call unknown; "
            "sacctmgr has no word for it [QOS q]\n");
}

// No dump has a line for them, so only this says that they have rights.
TEST(PlanTest, RightsOfUsersWithoutAssociations) {
  const Tree tree = SiteOf(kHep);
  DatabaseState live = StateFromTree(tree);
  const auto add = [&](const char* name, const char* level) {
    Fields& fields = live.users[Name(name)].fields;
    if (*level != 0) fields.Set(Key::kAdminLevel, Name(level));
  };
  add("left", "Administrator");
  add("plain", "");
  add("abroad", "Operator");
  live.others[{Name("d"), {Name("x"), Name("abroad"), {}}}];
  PlanOptions options;
  options.release = {2605, 5};
  const auto plan = MakePlan({live, tree, options});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_TRUE(plan->applicable());
  EXPECT_EQ(Shown(*plan),
            "AS128: users without any association have rights [user left: "
            "Administrator]\n");
}

TEST(PlanTest, TheCallersOwnRights) {
  constexpr absl::string_view kAdmins =
      "Account - 'hep'\nParent - 'hep'\n"
      "User - 'ann':DefaultAccount='hep':AdminLevel='Administrator'\n"
      "User - 'bob':DefaultAccount='hep':AdminLevel='Administrator'\n";
  constexpr absl::string_view kWithoutAnn =
      "Account - 'hep'\nParent - 'hep'\n"
      "User - 'ann':DefaultAccount='hep':AdminLevel='Operator'\n"
      "User - 'bob':DefaultAccount='hep':AdminLevel='Administrator'\n";
  PlanOptions options;
  options.release = {2605, 5};
  for (const char* caller : {"ann", "bob"}) {
    options.caller = caller;
    const auto plan = MakePlan(
        {StateFromTree(SiteOf(kAdmins)), SiteOf(kWithoutAnn), options});
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_EQ(plan->applicable(), options.caller == "bob") << Shown(*plan);
  }
}

// What cannot work is not made to work by saying so.
TEST(PlanTest, AllowLiftsOnlyWhatItMay) {
  DatabaseState live = StateFromTree(SiteOf(""));
  live.complete = true;
  live.qos = {Name("normal")};
  PlanOptions options;
  options.release = {2605, 5};
  options.allow = {"AS107"};
  const auto plan =
      MakePlan({live, SiteOf("Account - 'hep':QOS='normal,none'\n"), options});
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_FALSE(plan->findings.empty());
  EXPECT_EQ(CodeName(plan->findings[0].code), "AS107");
  EXPECT_FALSE(plan->findings[0].lifted);
  EXPECT_FALSE(plan->applicable());
}

// Up to 23.02 the new default of an account must be in the lists of all its
// users. A plan for a release that was never tested must be right there too.
TEST(PlanTest, ANewDefaultOfAnAccountOnReleasesNeverTested) {
  const char* const live =
      "Account - 'a':Description='a':Organization='a'\nParent - 'a'\n"
      "User - 'u':DefaultAccount='a':DefaultQOS='normal':QOS='fast,normal'\n";
  const char* const target =
      "Account - 'a':Description='a':Organization='a':DefaultQOS='fast':"
      "QOS='+fast'\nParent - 'a'\n"
      "User - 'u':DefaultAccount='a':DefaultQOS='normal':QOS='normal'\n";
  for (const Release release : {Release{2505, 1}, Release{2605, 5}}) {
    const Plan plan = PlanOf(live, target, release);
    EXPECT_TRUE(plan.applicable()) << Shown(plan);
  }
}

TEST(PlanTest, Steps) {
  const Case kCases[] = {
      {"nothing", "", "", ""},
      {"a limit goes back to not set",
       "Account - 'a':Description='a':Organization='a':Fairshare=5:MaxJobs=4\n",
       "Account - 'a':Description='a':Organization='a':Fairshare=1\n",
       "modify account where name=a cluster=c set Fairshare=-1 MaxJobs=-1\n"},
      {"a TRES element goes",
       "Account - 'a':Description='a':Organization='a':GrpTRES=cpu=4,mem=2G\n",
       "Account - 'a':Description='a':Organization='a':GrpTRES=cpu=5\n",
       "modify account where name=a cluster=c set GrpTRES=cpu=5,mem=-1\n"},
      {"a QOS list goes back to inherited",
       "Account - 'a':Description='a':Organization='a':QOS='x,y'\n",
       "Account - 'a':Description='a':Organization='a'\n",
       "modify account where name=a cluster=c set QOS=\n"},
      {"a QOS delta takes two commands",
       "Account - 'a':Description='a':Organization='a':QOS='x,y'\n",
       "Account - 'a':Description='a':Organization='a':QOS='+x,-normal'\n",
       "modify account where name=a cluster=c set QOS=\n"
       "modify account where name=a cluster=c set QOS=+x,-normal\n"},
      {"slurmctld forgets a change below a list that is set",
       "Account - 'a':Description='a':Organization='a':QOS='x,y'\n"
       "Parent - 'a'\nUser - 'u':DefaultAccount='a':QOS='+z'\n",
       "Account - 'a':Description='a':Organization='a':QOS='x'\n"
       "Parent - 'a'\nUser - 'u':DefaultAccount='a':QOS='+z'\n",
       "modify account where name=a cluster=c set QOS=x\n"
       "modify user where name=u account=a cluster=c partition= set QOS=+z\n"},
      {"slurmctld keeps an account that moves in the QOS of its old place",
       "Account - 'a':Description='a':Organization='a':QOS='x'\n"
       "Account - 'b':Description='b':Organization='b':QOS='y'\n"
       "Parent - 'a'\nAccount - 'k':Description='k':Organization='k'\n",
       "Account - 'a':Description='a':Organization='a':QOS='x'\n"
       "Account - 'b':Description='b':Organization='b':QOS='y'\n"
       "Parent - 'b'\nAccount - 'k':Description='k':Organization='k'\n",
       "modify account where name=k cluster=c set parent=b\n"
       "modify account where name=k cluster=c set QOS=\n"},
      {"and in the DefaultQOS, also where it has a list of its own",
       "Account - 'a':Description='a':Organization='a':DefaultQOS='normal'\n"
       "Account - 'b':Description='b':Organization='b'\n"
       "Parent - 'a'\n"
       "Account - 'k':Description='k':Organization='k':QOS='normal,x'\n",
       "Account - 'a':Description='a':Organization='a':DefaultQOS='normal'\n"
       "Account - 'b':Description='b':Organization='b'\n"
       "Parent - 'b'\n"
       "Account - 'k':Description='k':Organization='k':QOS='normal,x'\n",
       "modify account where name=k cluster=c set parent=b\n"
       "modify account where name=k cluster=c set DefaultQOS=-1\n"},
      {"a DefaultQOS comes that a user's list does not reach yet",
       "Account - 'a':Description='a':Organization='a':QOS='x,y'\n"
       "Parent - 'a'\nUser - 'u':DefaultAccount='a':QOS='y'\n",
       "Account - 'a':Description='a':Organization='a':QOS='x,y':"
       "DefaultQOS='x'\n"
       "Parent - 'a'\nUser - 'u':DefaultAccount='a':QOS='x,y'\n",
       "modify user where name=u account=a cluster=c partition= set QOS=x,y\n"
       "modify account where name=a cluster=c set DefaultQOS=x\n"},
      {"a comment is kept in lower case, or as slurmdbd itself wrote it",
       "User - 'u':DefaultAccount='root':Comment='As Is'\n"
       "User - 'v':DefaultAccount='root':Comment='old'\n",
       "User - 'u':DefaultAccount='root':Comment='as is'\n"
       "User - 'v':DefaultAccount='root':Comment='New'\n",
       "modify user where name=v account=root cluster=c partition= set "
       "Comment=new\n"},
      {"an account with a user comes", "",
       "Account - 'a':Description='d d':Organization='o':MaxJobs=3\n"
       "Parent - 'a'\n"
       "User - 'u':DefaultAccount='a':Fairshare=1\n",
       "add account name=a cluster=c parent=root Description=d d "
       "Organization=o MaxJobs=3\n"
       "add user name=u account=a cluster=c DefaultAccount=a\n"},
      {"a swap needs no detour",
       "Account - 'p':Description='p':Organization='p'\n"
       "Parent - 'p'\n"
       "Account - 'k':Description='k':Organization='k'\n",
       "Account - 'k':Description='k':Organization='k'\n"
       "Parent - 'k'\n"
       "Account - 'p':Description='p':Organization='p'\n",
       "modify account where name=k cluster=c set parent=root\n"
       "modify account where name=p cluster=c set parent=k\n"},
      {"a subtree goes from the bottom up",
       "Account - 'p':Description='p':Organization='p'\n"
       "Parent - 'p'\n"
       "Account - 'k':Description='k':Organization='k'\n"
       "Parent - 'k'\n"
       "User - 'u':DefaultAccount='k':Fairshare=1\n",
       "",
       "delete user where name=u account=k cluster=c partition=\n"
       "delete account where name=k cluster=c partition=\n"
       "delete account where name=p cluster=c partition=\n"
       "delete account where name=k,p\n"
       "AS102 (lifted): all 2 accounts would vanish [k; p]\n"
       "AS102 (lifted): the only user would vanish [u]\n"
       "AS102 (lifted): the only user association would vanish [k/u]\n"
       "AS105: the target holds nothing but root []\n"},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(Shown(PlanOf(c.live, c.target)), c.want) << c.name;
  }
}

TEST(PlanTest, ALookAlikeKeepsItsRows) {
  const std::string both =
      absl::StrCat(kHep,
                   "Parent - 'hep'\n"
                   "User - 'j-doe':DefaultAccount='hep':Fairshare=1\n");
  const std::string live =
      absl::StrCat(both, "User - 'j_doe':DefaultAccount='hep':Fairshare=1\n");
  // By name the automatic delete of j_doe would take j-doe along since 23.11.
  EXPECT_EQ(Shown(PlanOf(live, both)),
            "add account name=assocsync0tmp0 cluster=c parent=root\n"
            "add user name=j_doe account=assocsync0tmp0 cluster=c\n"
            "modify user where name=j_doe cluster=c set "
            "DefaultAccount=assocsync0tmp0\n"
            "delete user where name=j_doe account=hep cluster=c partition=\n"
            "delete account where name=assocsync0tmp0 cluster=c partition=\n"
            "delete account where name=assocsync0tmp0\n");
  // Before, the short way is exact.
  EXPECT_EQ(Shown(PlanOf(live, both, {2205, 8})),
            "delete user where name=j_doe account=hep cluster=c partition=\n");
}

TEST(PlanTest, OnlyTheRowThatIsMeant) {
  const std::string live = absl::StrCat(
      kHep,
      "Parent - 'hep'\n"
      "User - 'u':DefaultAccount='hep':Fairshare=1\n"
      "User - 'u':Partition='gpu':DefaultAccount='hep':Fairshare=1\n");
  const std::string target = absl::StrCat(
      kHep,
      "Parent - 'hep'\n"
      "User - 'u':DefaultAccount='hep':Fairshare=1:MaxJobs=2\n"
      "User - 'u':Partition='gpu':DefaultAccount='hep':Fairshare=1\n");
  EXPECT_EQ(Shown(PlanOf(live, target)),
            "modify user where name=u account=hep cluster=c partition= set "
            "MaxJobs=2\n");
}

}  // namespace assocsync::plan_test
