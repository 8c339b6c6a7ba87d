// Which steps one load does as well, and the file of it.
#include "engine/plan/bulk_load.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "engine/live/state_from_tree.h"
#include "engine/plan/plan.h"
#include "engine/slurm/database_state.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/plans.h"

namespace assocsync::bulk_load_test {

using Words = std::vector<std::string>;

Step StepOf(Words words, Phase phase = Phase::kUsers) {
  Step step;
  step.phase = phase;
  step.argv = std::move(words);
  return step;
}

Step AddUser(Words words) {
  words.insert(words.begin(), {"add", "user"});
  words.push_back("cluster=lab");
  return StepOf(words);
}

class BulkLoadTest : public testing::Test {
 protected:
  BulkLoadTest() {
    live_.tree.cluster = Name("lab");
    live_.tree.associations[{RootName(), {}, {}}];
  }
  std::vector<BulkLoad> Loads(const std::vector<Step>& steps,
                              LoadWhen when = LoadWhen::kAlways,
                              Release release = {2411, 5}) const {
    return BulkLoads(release, steps, live_, when);
  }
  // "0-2 1-3": of each load, its first step and the one after its last.
  std::string Places(const std::vector<Step>& steps) const {
    return absl::StrJoin(Loads(steps), " ",
                         [](std::string* out, const auto& l) {
                           absl::StrAppend(out, l.begin, "-", l.end);
                         });
  }
  void IsThere(const char* user, const char* default_account) {
    live_.users[Name(user)];
    FieldList fields;
    fields.Set(Key::kDefaultAccount, Name(default_account));
    live_.tree.users[Name(user)].fields = Fields(fields);
  }

  DatabaseState live_;
};

TEST_F(BulkLoadTest, EachRowIsALineThatTellsTheDefaultAccount) {
  const auto loads = Loads({
      AddUser({"name=ann,bob", "account=bio", "DefaultAccount=bio",
               "Fairshare=parent", "GrpTRES=cpu=4,gres/gpu=1"}),
      AddUser({"name=eve", "account=hep", "DefaultAccount=hep"}),
      AddUser({"name=ann", "account=hep", "MaxJobs=5"}),
  });
  ASSERT_EQ(loads.size(), 1u);
  EXPECT_EQ(loads[0].begin, 0u);
  EXPECT_EQ(loads[0].end, 3u);
  EXPECT_EQ(loads[0].rows, 4u);
  EXPECT_THAT(
      loads[0].text,
      testing::EndsWith("\nCluster - 'lab'\n"
                        "Parent - 'bio'\n"
                        "User - 'ann':DefaultAccount='bio':Fairshare=parent"
                        ":GrpTRES=cpu=4,gres/gpu=1\n"
                        "User - 'bob':DefaultAccount='bio':Fairshare=parent"
                        ":GrpTRES=cpu=4,gres/gpu=1\n"
                        "Parent - 'hep'\n"
                        "User - 'eve':DefaultAccount='hep'\n"
                        "User - 'ann':DefaultAccount='bio':MaxJobs=5\n"));
}

// An account before those below it, of siblings the last name first: so they
// stand in the nested sets of slurmdbd.
TEST_F(BulkLoadTest, AccountsGoFromLeftToRight) {
  const auto is_there = [&](const char* account, const char* parent) {
    live_.tree.associations[{Name(account), {}, {}}].parent = Name(parent);
  };
  is_there("astro", "phys");
  is_there("phys", "root");
  const auto in = [](const char* user, const char* account) {
    return AddUser({absl::StrCat("name=", user),
                    absl::StrCat("account=", account),
                    absl::StrCat("DefaultAccount=", account)});
  };
  const auto loads = Loads({
      StepOf({"add", "account", "name=bio,chem", "cluster=lab", "parent=root"},
             Phase::kAccounts),
      StepOf({"add", "account", "name=zoo", "cluster=lab", "parent=bio"},
             Phase::kAccounts),
      StepOf({"modify", "account", "where", "name=astro", "cluster=lab", "set",
              "parent=chem"},
             Phase::kAccounts),
      in("ann", "astro"),
      in("bob", "bio"),
      in("cid", "chem"),
      in("dan", "phys"),
      in("eve", "zoo"),
      in("fay", "bio"),
      AddUser({"name=ann", "account=phys"}),
  });
  ASSERT_EQ(loads.size(), 1u);
  std::vector<absl::string_view> names;
  for (absl::string_view line : absl::StrSplit(loads[0].text, '\n')) {
    if (absl::ConsumePrefix(&line, "User - '")) {
      names.push_back(line.substr(0, line.find('\'')));
    }
  }
  EXPECT_EQ(absl::StrJoin(names, " "), "dan ann cid ann bob fay eve");
}

Step AddAccount(Words words) {
  words.insert(words.begin(), {"add", "account"});
  words.push_back("cluster=lab");
  return StepOf(words, Phase::kAccounts);
}

TEST_F(BulkLoadTest, AccountsHaveAFileOfTheirOwn) {
  live_.knows_all_options = true;
  const std::vector<Step> steps = {
      AddAccount({"name=bio", "parent=root", "Description=the 2nd (b)",
                  "Organization=org", "Fairshare=4"}),
      AddAccount({"name=bac,vir", "parent=bio", "Description=x",
                  "Organization=y", "GrpTRES=cpu=8", "QOS=+long"}),
      AddUser({"name=ann", "account=bac", "DefaultAccount=bac"}),
  };
  for (const Release release : {Release{2011, 4}, {2411, 5}, {2605, 5}}) {
    const auto loads = Loads(steps, LoadWhen::kAlways, release);
    ASSERT_EQ(loads.size(), 2u);
    EXPECT_TRUE(loads[0].accounts);
    EXPECT_EQ(loads[0].end, 2u);
    EXPECT_EQ(loads[0].rows, 3u);
    EXPECT_THAT(
        loads[0].text,
        testing::EndsWith(
            "Parent - 'root'\n"
            "Account - 'bio':Description='the 2nd (b)':Organization='org'"
            ":Fairshare=4\n"
            "Parent - 'bio'\n"
            "Account - 'bac':Description='x':Organization='y':GrpTRES=cpu=8"
            ":QOS=+long\n"
            "Account - 'vir':Description='x':Organization='y':GrpTRES=cpu=8"
            ":QOS=+long\n"));
    EXPECT_FALSE(loads[1].accounts);
    EXPECT_EQ(loads[1].begin, 2u);
  }
}

TEST_F(BulkLoadTest, AccountsThatLoadDoesNotMakeAsTheirCommandsDo) {
  live_.knows_all_options = true;
  live_.accounts[Name("old")];
  const auto add = [](const char* name, const char* word) {
    return AddAccount(
        {absl::StrCat("name=", name), "parent=root", word, "Organization=org"});
  };
  const Step good = add("bio", "Description=x");
  ASSERT_EQ(Places({good}), "0-1");
  for (const Step& step :
       {add("old", "Description=x"), add("Bio", "Description=x"),
        add("zoo", "Description=a#b"), add("zoo", "Description=a\\b"),
        add("zoo", "Description=a:b"), add("zoo", "Description=a "),
        add("zoo", "Description=Zoo"), add("zoo", "GrpJobs=3"),
        AddAccount({"name=zoo", "parent=root", "Description=x",
                    "Organization=y", "DefaultQOS=normal"}),
        AddAccount({"name=zoo", "Description=x", "Organization=y"})}) {
    EXPECT_EQ(Places({step, good}), "1-2") << absl::StrJoin(step.argv, " ");
  }
  // What comes back moves rows in nested sets.
  live_.marked_accounts.insert(Name("bio"));
  EXPECT_EQ(Places({good}), "");
  EXPECT_EQ(Loads({good}, LoadWhen::kAlways, {2605, 5}).size(), 1u);
  live_.marked_accounts.clear();
  live_.knows_all_options = false;
  EXPECT_EQ(Places({good}), "");
  EXPECT_EQ(Loads({good}, LoadWhen::kAlways, {2605, 5}).size(), 1u);
}

// Where a load made them, siblings stand in the order of its file, to the left
// of those who were there.
TEST_F(BulkLoadTest, AccountsOfALoadStandAsInItsFile) {
  live_.knows_all_options = true;
  live_.tree.associations[{Name("zoo"), {}, {}}].parent = RootName();
  const auto add = [](const char* name, const char* parent) {
    return AddAccount({absl::StrCat("name=", name),
                       absl::StrCat("parent=", parent), "Description=x",
                       "Organization=y"});
  };
  const auto in = [](const char* user, const char* account) {
    return AddUser({absl::StrCat("name=", user),
                    absl::StrCat("account=", account),
                    absl::StrCat("DefaultAccount=", account)});
  };
  const auto loads =
      Loads({add("bio", "root"), add("chem", "root"), add("bac", "bio"),
             add("vir", "bio"), in("u1", "zoo"), in("u2", "chem"),
             in("u3", "vir"), in("u4", "bac"), in("u5", "bio")});
  ASSERT_EQ(loads.size(), 2u);
  std::vector<absl::string_view> parents;
  for (absl::string_view line : absl::StrSplit(loads[1].text, '\n')) {
    if (absl::ConsumePrefix(&line, "Parent - ")) parents.push_back(line);
  }
  EXPECT_EQ(absl::StrJoin(parents, " "), "'bio' 'bac' 'vir' 'chem' 'zoo'");
}

// With the first rows another account was the default for now.
TEST_F(BulkLoadTest, EachLineTellsTheLastDefaultAccount) {
  const Step for_now =
      AddUser({"name=ann", "account=bio", "DefaultAccount=bio"});
  const Step own = AddUser({"name=ann", "account=hep", "DefaultAccount=hep"});
  const auto loads = Loads({for_now, own});
  ASSERT_EQ(loads.size(), 1u);
  EXPECT_THAT(loads[0].text,
              testing::EndsWith("Parent - 'bio'\n"
                                "User - 'ann':DefaultAccount='hep'\n"
                                "Parent - 'hep'\n"
                                "User - 'ann':DefaultAccount='hep'\n"));
  // Load does not move the default of a user who is there, and what a command
  // does with it is not known.
  const Step other = AddUser({"name=bob", "account=bio", "DefaultAccount=bio"});
  const Step by_command = AddUser(
      {"name=ann", "account=lab", "DefaultAccount=lab", "DefaultQOS=normal"});
  const Step third = AddUser({"name=ann", "account=zoo"});
  EXPECT_EQ(Places({by_command, own, other}), "2-3");
  EXPECT_EQ(Places({for_now, by_command, own, third, other}), "0-1 4-5");
}

TEST_F(BulkLoadTest, WhoIsThereKeepsTheDefaultAccount) {
  IsThere("ann", "bio");
  const auto loads = Loads({AddUser({"name=ann", "account=hep"})});
  ASSERT_EQ(loads.size(), 1u);
  EXPECT_THAT(loads[0].text,
              testing::HasSubstr("User - 'ann':DefaultAccount='bio'\n"));
}

TEST_F(BulkLoadTest, WhatLoadDoesOtherwiseIsNotForIt) {
  IsThere("old", "bio");
  live_.users[Name("elsewhere")];  // A record, and no row of this cluster.
  const Step good = AddUser({"name=ann", "account=bio", "DefaultAccount=bio"});
  const Step next = AddUser({"name=eve", "account=bio", "DefaultAccount=bio"});
  ASSERT_EQ(Places({good, next}), "0-2");
  for (const Step& bad : {
           AddUser({"name=bob", "account=bio", "partition=debug",
                    "DefaultAccount=bio"}),
           AddUser({"name=b b", "account=bio", "DefaultAccount=bio"}),
           AddUser({"name=Bob", "account=bio", "DefaultAccount=bio"}),
           AddUser({"name=-bob", "account=bio", "DefaultAccount=bio"}),
           AddUser({"name=bob", "account=b'o", "DefaultAccount=b'o"}),
           AddUser({"name=bob", "account=bio,hep", "DefaultAccount=bio"}),
           AddUser({"name=bob", "account=bio", "DefaultAccount=hep"}),
           AddUser({"name=bob", "account=bio", "DefaultAccount=bio",
                    "AdminLevel=Operator"}),
           AddUser({"name=bob", "account=bio", "DefaultAccount=bio",
                    "QOS=Long run"}),
           AddUser({"name=bob", "account=bio", "DefaultAccount=bio",
                    "DefaultQOS=normal"}),
           AddUser({"name=bob", "account=bio", "DefaultAccount=bio",
                    "GrpTRES=gres/gpu:a100=2"}),
           AddUser({"name=bob", "account=bio"}),  // Whose default is not known.
           AddUser({"name=old", "account=hep", "DefaultAccount=hep"}),
           AddUser({"name=elsewhere", "account=bio", "DefaultAccount=bio"}),
           AddUser({"name=elsewhere", "account=bio"}),
           StepOf({"add", "user", "name=bob", "account=bio",
                   "DefaultAccount=bio"}),
           StepOf({"add", "user", "name=bob", "account=bio", "cluster=other",
                   "DefaultAccount=bio"}),
           StepOf({"add", "account", "name=new", "cluster=lab"},
                  Phase::kAccounts),
       }) {
    EXPECT_EQ(Places({good, bad, next}), "0-1 2-3")
        << absl::StrJoin(bad.argv, " ");
  }
}

Step Limit(Words words) {
  words.insert(words.begin(), {"modify", "user", "where"});
  return StepOf(words, Phase::kLimits);
}

TEST_F(BulkLoadTest, LimitsThatFollowStandOnTheLines) {
  const auto loads = Loads({
      AddUser({"name=ann,bob", "account=bio", "DefaultAccount=bio"}),
      AddUser({"name=ann", "account=hep"}),
      Limit({"name=ann", "account=bio,hep", "cluster=lab", "partition=", "set",
             "MaxJobs=4"}),
      Limit({"name=bob", "account=bio", "cluster=lab", "partition=", "set",
             "MaxJobs=0", "GrpTRES=cpu=8", "QOS=+fast,+long"}),
  });
  ASSERT_EQ(loads.size(), 1u);
  EXPECT_EQ(loads[0].end, 4u);
  EXPECT_EQ(loads[0].rows, 3u);
  EXPECT_THAT(loads[0].text,
              testing::EndsWith(
                  "Parent - 'bio'\n"
                  "User - 'ann':DefaultAccount='bio':MaxJobs=4\n"
                  "User - 'bob':DefaultAccount='bio':MaxJobs=0:GrpTRES=cpu=8"
                  ":QOS=+fast,+long\n"
                  "Parent - 'hep'\n"
                  "User - 'ann':DefaultAccount='bio':MaxJobs=4\n"));
}

TEST_F(BulkLoadTest, LimitsOfOtherRowsAreNotForIt) {
  IsThere("old", "bio");
  const Step ann = AddUser(
      {"name=ann", "account=bio", "DefaultAccount=bio", "GrpTRES=cpu=8"});
  const Step old = AddUser({"name=old", "account=hep"});
  for (const Words& words : std::vector<Words>{
           // He has a row that is not in the file.
           {"name=old", "account=bio,hep", "cluster=lab", "set", "MaxJobs=4"},
           {"name=ann", "account=bio", "cluster=other", "set", "MaxJobs=4"},
           {"name=ann", "account=bio", "cluster=lab", "partition=debug", "set",
            "MaxJobs=4"},
           {"name=ann", "account=bio", "cluster=lab", "set", "MaxJobs=-1"},
           {"name=ann", "account=bio", "cluster=lab", "set", "QOS="},
           {"name=ann", "account=bio", "cluster=lab", "set",
            "DefaultAccount=bio"},
           // All rows of a user, or those with a limit; a row that is not
           // there.
           {"name=ann", "cluster=lab", "set", "MaxJobs=4"},
           {"name=ann", "account=bio", "cluster=lab", "MaxJobs=1", "set",
            "MaxSubmitJobs=4"},
           {"name=ann", "account=hep", "cluster=lab", "set", "MaxJobs=4"},
           // TRES of a row add up.
           {"name=ann", "account=bio", "cluster=lab", "set",
            "GrpTRES=gres/gpu=1"},
       }) {
    EXPECT_EQ(Places({ann, old, Limit(words)}), "0-2")
        << absl::StrJoin(words, " ");
  }
}

// What a later phase does may change what users have.
TEST_F(BulkLoadTest, NothingAfterThePhaseOfUsers) {
  const Step good = AddUser({"name=ann", "account=bio", "DefaultAccount=bio"});
  const Step modify = StepOf({"modify", "account", "where", "name=bio",
                              "cluster=lab", "set", "MaxJobs=1"},
                             Phase::kLimits);
  EXPECT_EQ(Places({good, modify, good}), "0-1");
}

TEST_F(BulkLoadTest, AFileHasAnEnd) {
  std::vector<Step> steps;
  for (int i = 0; i < 30; ++i) {
    Words names;
    for (int k = 0; k < 500; ++k) names.push_back(absl::StrCat("u", i, "-", k));
    steps.push_back(AddUser({absl::StrCat("name=", absl::StrJoin(names, ",")),
                             "account=bio", "DefaultAccount=bio"}));
  }
  EXPECT_EQ(Places(steps), "0-20 20-30");
}

TEST_F(BulkLoadTest, OnlyWhereItPays) {
  std::vector<Step> few, many;
  for (int i = 0; i < 100; ++i) {
    const std::string account = absl::StrCat("account=a", i);
    Words names;
    for (int k = 0; k < 50; ++k) names.push_back(absl::StrCat("u", i, "-", k));
    many.push_back(AddUser({absl::StrCat("name=", absl::StrJoin(names, ",")),
                            account, absl::StrCat("DefaultAccount=a", i)}));
  }
  few.assign(many.begin(), many.begin() + 1);
  EXPECT_TRUE(Loads(few, LoadWhen::kPays).empty());
  EXPECT_EQ(Loads(many, LoadWhen::kPays).size(), 1u);
  EXPECT_TRUE(Loads(many, LoadWhen::kNever).empty());
  // What 25.05 loads is marked.
  EXPECT_TRUE(Loads(many, LoadWhen::kPays, {2505, 0}).empty());
  EXPECT_EQ(Loads(many, LoadWhen::kAlways, {2505, 0}).size(), 1u);
  // Load reads all of a large cluster first.
  for (int i = 0; i < 100000; ++i) {
    live_.tree.associations[{Name(absl::StrCat("x", i)), {}, {}}];
  }
  EXPECT_TRUE(Loads(few, LoadWhen::kPays).empty());
}

// Users whom load cannot name, who get a DefaultQOS, or who become coordinators
// (which is said at once), come before all others, and rows of a partition
// after: the others are one load, with their limits.
TEST_F(BulkLoadTest, WhatIsNotForItDoesNotCutIt) {
  constexpr int kAccounts = 12, kUsers = 50;
  std::string target;
  for (int i = 0; i < kAccounts; ++i) {
    absl::StrAppend(&target, "Account - 'a", i, "'\n");
  }
  for (int i = 0; i < kAccounts; ++i) {
    absl::StrAppend(&target, "Parent - 'a", i, "'\n");
    const std::string home = absl::StrCat("':DefaultAccount='a", i, "'");
    for (int k = 0; k < kUsers; ++k) {
      absl::StrAppend(&target, "User - 'u", i, "-", k, home,
                      ":MaxJobs=", k % 7 + 1, "\n");
    }
    const std::string next = absl::StrCat("':DefaultAccount='a", i - 1, "'");
    if (i % 2 == 1) {
      absl::StrAppend(&target, "User - 'o@", i, home, ":MaxJobs=3\nUser - 'q",
                      i, home,
                      ":QOS='normal':DefaultQOS='normal':MaxJobs=4\nUser - 'c",
                      i, home, ":Coordinator='a0':MaxJobs=4\nUser - 'u", i - 1,
                      "-2", next, ":MaxJobs=5\nUser - 'u", i - 1, "-3", next,
                      ":Partition='p':MaxJobs=5\n");
    }
  }
  PlanOptions options;
  options.release = {2411, 5};
  const DatabaseState live = StateFromTree(SiteOf(""));
  const absl::StatusOr<Plan> plan = MakePlan({live, SiteOf(target), options});
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_TRUE(plan->applicable()) << ShownPlan(*plan);
  const std::vector<BulkLoad> loads =
      BulkLoads(plan->release, plan->steps, live, LoadWhen::kAlways);
  ASSERT_FALSE(loads.empty());
  const BulkLoad& load = loads.back();
  // Half of the accounts lack a user, and have another's second row.
  EXPECT_EQ(load.rows, size_t{kAccounts * kUsers});
  const auto makes_coordinator = [](const Step& step) {
    return absl::StrContains(absl::StrJoin(step.argv, " "), "add coordinator");
  };
  EXPECT_EQ(
      std::count_if(plan->steps.begin(), plan->steps.end(), makes_coordinator),
      1);
  EXPECT_TRUE(std::any_of(plan->steps.begin(),
                          plan->steps.begin() + static_cast<int>(load.begin),
                          makes_coordinator));
  EXPECT_TRUE(absl::StrContains(
      load.text, "User - 'u11-6':DefaultAccount='a11':MaxJobs=7\n"));
  EXPECT_TRUE(absl::StrContains(
      load.text, "User - 'u8-2':DefaultAccount='a8':MaxJobs=5\n"));
}

}  // namespace assocsync::bulk_load_test
