// Plans for a whole database: their order, what clusters share, and what is
// refused. Laws over random databases: tests/laws/clusters_law_test.cc.
#include "engine/plan/clusters.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/cfg/parse.h"
#include "engine/model/finding.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/several_clusters.h"

namespace assocsync::clusters_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::string_view kBio =
    "Account - 'bio':Description='biology':Organization='bio'\n";
constexpr absl::string_view kHep =
    "Account - 'hep':Description='hep':Organization='hep'\n";

Tree TreeOf(absl::string_view cluster, absl::string_view body,
            Written written = Written::kComplete) {
  const auto tree =
      ParseTree("t",
                absl::StrCat("Cluster - '", cluster,
                             "':Fairshare=1:QOS='normal'\nParent - 'root'\n"
                             "User - 'root':DefaultAccount='root':"
                             "AdminLevel='Administrator':Fairshare=1\n",
                             body),
                {.written = written});
  EXPECT_TRUE(tree.ok()) << tree.status();
  return tree.ok() ? *tree : Tree();
}

// Accounts bio and hep, and these users of hep, a line each.
std::string Hep(absl::string_view users) {
  return absl::StrCat(kBio, kHep, users.empty() ? "" : "Parent - 'hep'\n",
                      users);
}
constexpr absl::string_view kBob =
    "User - 'bob':DefaultAccount='hep':AdminLevel='Operator':"
    "Coordinator='bio'\n";
constexpr absl::string_view kEve = "User - 'eve':DefaultAccount='hep'\n";

class ClustersTest : public testing::Test {
 protected:
  ClustersTest() {
    options_.release = {2411, 5};
    options_.allow = {"AS101", "AS102", "AS103"};
  }

  absl::StatusOr<ClustersPlan> Make(const std::vector<Tree>& live,
                                    const std::vector<Tree>& targets) {
    const auto behaviour = BehaviourOf(options_.release);
    states_ = DatabaseOf(*behaviour, live);
    targets_ = targets;
    states_.resize(targets.size());  // The first of them have a target.
    return PlanClusters(InputsOf(states_, targets_, options_), PlaceInClusters);
  }
  ClustersPlan PlanOf(const std::vector<Tree>& live,
                      const std::vector<Tree>& targets) {
    auto whole = Make(live, targets);
    EXPECT_TRUE(whole.ok()) << whole.status();
    return whole.ok() ? *std::move(whole) : ClustersPlan();
  }

  // "lab: add user bob account=hep", without the words that repeat.
  static std::vector<std::string> Commands(const ClustersPlan& whole) {
    std::vector<std::string> out;
    for (const ClustersPlan::Part& part : whole.parts) {
      for (const Step& step : part.plan.steps) {
        std::string line(part.plan.cluster.view());
        absl::StrAppend(&line, part.turn.adds_only ? " first" : "", ":");
        for (const absl::string_view word : step.argv) {
          if (absl::StartsWith(word, "cluster=") || word == "partition=") {
            continue;
          }
          absl::StrAppend(&line, " ", word);
        }
        out.push_back(line);
      }
    }
    return out;
  }
  static std::vector<std::string> RowsOf(const ClustersPlan& whole,
                                         FindingCode code) {
    std::vector<std::string> rows;
    for (const Finding& f : whole.findings) {
      if (f.code == code) rows.insert(rows.end(), f.rows.begin(), f.rows.end());
    }
    return rows;
  }

  PlanOptions options_;
  std::vector<DatabaseState> states_;
  std::vector<Tree> targets_;
};

// Whoever moves comes before leaving, and keeps AdminLevel and rights.
TEST_F(ClustersTest, AUserMoves) {
  const ClustersPlan whole =
      PlanOf({TreeOf("beta", Hep(kBob)), TreeOf("lab", Hep(""))},
             {TreeOf("beta", Hep("")), TreeOf("lab", Hep(kBob))});
  EXPECT_THAT(Commands(whole),
              ElementsAre("lab: add user name=bob account=hep "
                          "DefaultAccount=hep",
                          "beta: delete user where name=bob account=hep"));
  EXPECT_EQ(whole.after[1].tree.users.at(Name("bob")),
            targets_[1].users.at(Name("bob")));
}

TEST_F(ClustersTest, UsersWhoChangePlaces) {
  const ClustersPlan whole =
      PlanOf({TreeOf("beta", Hep(kBob)), TreeOf("lab", Hep(kEve))},
             {TreeOf("beta", Hep(kEve)), TreeOf("lab", Hep(kBob))});
  EXPECT_THAT(
      Commands(whole),
      ElementsAre("beta first: add user name=eve account=hep "
                  "DefaultAccount=hep",
                  "lab: add user name=bob account=hep DefaultAccount=hep",
                  "lab: delete user where name=eve account=hep",
                  "beta: delete user where name=bob account=hep"));
}

// A right over an account that another cluster has yet to make.
TEST_F(ClustersTest, RightsOverAnAccountToCome) {
  const std::string ann =
      "User - 'ann':DefaultAccount='hep':Coordinator='chem'\n";
  const ClustersPlan whole = PlanOf(
      {TreeOf("beta", Hep("User - 'ann':DefaultAccount='hep'\n")),
       TreeOf("lab", "")},
      {TreeOf("beta", Hep(ann)),
       TreeOf("lab", "Account - 'chem':Description='c':Organization='o'\n")});
  EXPECT_THAT(Commands(whole),
              ElementsAre(HasSubstr("lab: add account name=chem"),
                          HasSubstr("beta: add coordinator account=chem")));
}

TEST_F(ClustersTest, WhatIsSharedIsChangedOnce) {
  const std::string live = Hep("User - 'bob':DefaultAccount='hep'\n");
  const std::string target =
      absl::StrCat("Account - 'bio':Description='of life':Organization='bio'\n",
                   kHep, "Parent - 'hep'\n", kBob);
  const ClustersPlan whole =
      PlanOf({TreeOf("beta", live), TreeOf("lab", live)},
             {TreeOf("beta", target), TreeOf("lab", target)});
  EXPECT_THAT(
      Commands(whole),
      ElementsAre("beta: modify account where name=bio set "
                  "Description=of life",
                  "beta: modify user where name=bob set AdminLevel=Operator",
                  "beta: add coordinator account=bio name=bob"));
  // No other cluster hears of it that has not said it itself.
  EXPECT_FALSE(whole.parts[0].plan.Has(kSharedRecords));
}

// The record of who leaves every cluster goes with the last one.
TEST_F(ClustersTest, WhoLeavesEverywhere) {
  const ClustersPlan whole =
      PlanOf({TreeOf("beta", Hep(kBob)), TreeOf("lab", Hep(kBob))},
             {TreeOf("beta", Hep("")), TreeOf("lab", Hep(""))});
  EXPECT_EQ(whole.parts[0].plan.steps.size(), 1u);
  EXPECT_FALSE(whole.after[0].users.contains(Name("bob")));
  EXPECT_THAT(whole.after[0].coordinators, IsEmpty());
}

// A QOS that all let go of is deleted when the last one has.
TEST_F(ClustersTest, AQosGoesLast) {
  const auto with = [](absl::string_view cluster, bool has) {
    const std::string text =
        absl::StrCat("QOS - 'normal':Description='n'\n",
                     has ? "QOS - 'long':Description='l'\n" : "", "Cluster - '",
                     cluster, "':Fairshare=1:QOS='normal", has ? ",long" : "",
                     "'\nParent - 'root'\nUser - 'root':DefaultAccount='root':"
                     "AdminLevel='Administrator':Fairshare=1\n",
                     kHep);
    auto tree = ParseTree("t", text, {.written = Written::kComplete});
    EXPECT_TRUE(tree.ok()) << tree.status();
    return *std::move(tree);
  };
  const ClustersPlan whole = PlanOf({with("beta", true), with("lab", true)},
                                    {with("beta", false), with("lab", false)});
  EXPECT_TRUE(whole.applicable());
  EXPECT_THAT(Commands(whole),
              ElementsAre(HasSubstr("beta: modify account where name=root"),
                          HasSubstr("lab: modify account where name=root"),
                          "lab: delete qos where name=long"));
}

TEST_F(ClustersTest, FilesThatContradictEachOther) {
  const ClustersPlan whole = PlanOf(
      {TreeOf("beta", ""), TreeOf("lab", "")},
      {TreeOf("beta", Hep(kBob)),
       TreeOf(
           "lab",
           absl::StrCat(
               "Account - 'bio':Description='o''ther':Organization='bio'\n",
               kHep, "Parent - 'hep'\nUser - 'bob':DefaultAccount='hep'\n"))});
  EXPECT_FALSE(whole.applicable());
  EXPECT_THAT(whole.parts, IsEmpty());
  EXPECT_THAT(
      RowsOf(whole, kFilesContradict),
      ElementsAre(
          HasSubstr("account bio: Description 'biology' at a/cluster.cfg:4, "),
          "user bob: AdminLevel Operator at a/cluster.cfg:7, none at "
          "b/cluster.cfg:7",
          "user bob: Coordinator bio at a/cluster.cfg:7, none at "
          "b/cluster.cfg:7"));
}

// A file by hand without a word leaves it to the others.
TEST_F(ClustersTest, AFileByHandThatIsSilent) {
  const std::string silent = Hep("User - 'bob':DefaultAccount='hep'\n");
  for (const bool gets : {true, false}) {
    const std::string live = gets ? silent : Hep(kBob);
    const std::string says = gets ? Hep(kBob) : silent;
    const ClustersPlan whole =
        PlanOf({TreeOf("beta", live), TreeOf("lab", live)},
               {TreeOf("beta", silent, Written::kByHand), TreeOf("lab", says)});
    EXPECT_THAT(RowsOf(whole, kFilesContradict), IsEmpty());
    ASSERT_EQ(whole.after.size(), 2u);
    for (const DatabaseState& state : whole.after) {
      EXPECT_EQ(state.tree.users.at(Name("bob")),
                targets_[1].users.at(Name("bob")));
    }
    EXPECT_EQ(whole.parts[1].plan.steps.size(), 0u);
    // It is not said to stay where it does not.
    for (const Finding& f : whole.parts[0].plan.findings) {
      for (const std::string& row : f.rows) {
        EXPECT_THAT(row, testing::Not(HasSubstr("user bob")));
      }
    }
  }
}

TEST_F(ClustersTest, AClusterWithoutATreeStays) {
  const ClustersPlan whole =
      PlanOf({TreeOf("beta", Hep(kEve)), TreeOf("gamma", Hep(kEve))},
             {TreeOf("beta", Hep(""))});
  EXPECT_THAT(RowsOf(whole, kNoTreeOfCluster), ElementsAre("cluster gamma"));
  EXPECT_TRUE(whole.after[0].users.contains(Name("eve")));
}

// A selector need name something on one cluster only; the others are left.
TEST_F(ClustersTest, Scope) {
  const std::vector<Tree> live = {TreeOf("beta", Hep("")),
                                  TreeOf("lab", Hep(""))};
  const std::vector<Tree> target = {TreeOf("beta", Hep(kEve)),
                                    TreeOf("lab", Hep(kBob))};
  options_.only = {"user=bob"};
  const ClustersPlan whole = PlanOf(live, target);
  ASSERT_EQ(whole.parts.size(), 1u);
  EXPECT_EQ(whole.parts[0].plan.cluster.view(), "lab");
  options_.only = {"user=bob", "user=nobody"};
  EXPECT_THAT(std::string(Make(live, target).status().message()),
              HasSubstr("--only user=nobody: neither live nor the target of "
                        "any cluster"));
}

// --max-delete holds for the records of all clusters, too: either cluster loses
// less than it allows.
TEST_F(ClustersTest, ShareOfTheWhole) {
  options_.allow.clear();
  std::string both, of_beta, of_lab;
  const auto add = [](absl::string_view name, std::string* to) {
    absl::StrAppend(to, "User - '", name, "':DefaultAccount='hep'\n");
  };
  for (int i = 0; i < 70; ++i) add(absl::StrCat("both", i), &both);
  for (int i = 0; i < 30; ++i) {
    add(absl::StrCat("b", i), &of_beta);
    add(absl::StrCat("l", i), &of_lab);
  }
  const ClustersPlan whole = PlanOf(
      {TreeOf("beta", Hep(both + of_beta)), TreeOf("lab", Hep(both + of_lab))},
      {TreeOf("beta", Hep(both)), TreeOf("lab", Hep(both))});
  for (const ClustersPlan::Part& part : whole.parts) {
    EXPECT_TRUE(part.plan.applicable());
  }
  EXPECT_FALSE(whole.applicable());
  EXPECT_EQ(RowsOf(whole, kDeleteShare).size(), 60u);
}

// Whoever runs the plans may not lose the right to before the last one.
TEST_F(ClustersTest, TheCallerStaysUntilTheEnd) {
  const std::string with =
      Hep("User - 'boss':DefaultAccount='hep':AdminLevel='Administrator'\n");
  const std::string without = Hep("User - 'boss':DefaultAccount='hep'\n");
  options_.caller = "boss";
  options_.allow = {"AS103", "AS104"};
  const ClustersPlan whole = PlanOf(
      {TreeOf("beta", with), TreeOf("lab", with)},
      {TreeOf("beta", without), TreeOf("lab", absl::StrCat(without, kEve))});
  EXPECT_FALSE(whole.applicable());
  EXPECT_THAT(RowsOf(whole, kProtectedRow),
              ElementsAre("user boss: AdminLevel Administrator"));
}

TEST_F(ClustersTest, OfTwoMoments) {
  const std::vector<Tree> trees = {TreeOf("beta", Hep(kEve)),
                                   TreeOf("lab", Hep(""))};
  ASSERT_TRUE(Make(trees, trees).ok());
  states_[0].tree.associations.erase({Name("hep"), Name("eve"), {}});
  EXPECT_EQ(PlanClusters(InputsOf(states_, targets_, options_), PlaceInClusters)
                .status()
                .code(),
            absl::StatusCode::kAborted);
}

}  // namespace assocsync::clusters_test
