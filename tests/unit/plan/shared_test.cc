// Records that clusters share: one cluster's plan tells what it does to them.
#include "engine/plan/shared.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/cfg/parse.h"
#include "engine/live/state_from_tree.h"
#include "gtest/gtest.h"

namespace assocsync::shared_test {

constexpr absl::string_view kHead =
    "Cluster - 'beta':Fairshare=1:QOS='normal'\n"
    "Parent - 'root'\n"
    "User - 'root':DefaultAccount='root':AdminLevel='Administrator':"
    "Fairshare=1\n";
constexpr absl::string_view kBio =
    "Account - 'bio':Description='biology':Organization='bio':Fairshare=1\n";

Tree Beta(absl::string_view body) {
  const auto tree = ParseTree("t", absl::StrCat(kHead, body));
  EXPECT_TRUE(tree.ok()) << tree.status();
  return tree.ok() ? *tree : Tree();
}

// Beta as it is, in a database in which lab has account bio with alice, who is
// Operator and coordinates bio.
DatabaseState WithLab(absl::string_view body) {
  DatabaseState state = StateFromTree(Beta(body));
  state.complete = true;
  state.qos = {Name("normal")};
  const Name lab("lab"), bio("bio"), alice("alice"), root("root");
  state.others[{lab, {root, {}, {}}}] = {Name("/"), Name("normal"), {}};
  state.others[{lab, {bio, {}, {}}}] = {Name("/bio/"), {}, {}};
  state.others[{lab, {bio, alice, {}}}] = {Name("/bio/0-alice/"), {}, {}};
  state.users[alice].fields.Set(Key::kAdminLevel, Name("Operator"));
  state.coordinators.insert({bio, alice});
  if (!state.accounts.contains(bio)) {
    Fields& texts = state.accounts[bio].fields;
    texts.Set(Key::kDescription, Name("biology"));
    texts.Set(Key::kOrganization, Name("bio"));
  }
  return state;
}

Plan PlanOf(const DatabaseState& live, absl::string_view target,
            bool keep_shared = false) {
  PlanOptions options;
  options.release = {2605, 5};
  options.keep_shared = keep_shared;
  options.allow = {"AS101", "AS102"};
  const auto plan = MakePlan({live, Beta(target), options});
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.ok() ? *plan : Plan();
}

std::string Shared(const Plan& plan) {
  std::string out;
  for (const Change& change : plan.changes) {
    if (!change.reaches.empty()) {
      absl::StrAppend(&out, SharedWords(change), "\n");
    }
  }
  return out;
}

std::string Told(const Plan& plan) {
  std::string out;
  for (const Finding& f : plan.findings) {
    if (CodeName(f.code) != "AS129") continue;
    absl::StrAppend(&out, f.severity == Severity::kNote ? "left " : "");
    absl::StrAppend(&out, absl::StrJoin(f.rows, "\n"), "\n");
  }
  return out;
}

const char* const kAliceInBio =
    "Parent - 'bio'\nUser - 'alice':DefaultAccount='bio'\n";

// What the file of a cluster says of a user who is new there, and not new to
// the database.
TEST(SharedTest, OfAUserWhoComesToTheCluster) {
  const DatabaseState live = WithLab("");
  const std::string target = absl::StrCat(
      "Account - 'bio':Description='mine':Organization='bio'\n", kAliceInBio);
  const Plan plan = PlanOf(live, target);
  const char* const want =
      "account bio: Description biology -> mine; also on cluster lab\n"
      "user alice: AdminLevel Operator -> (not set), Coordinator bio -> (not "
      "set); also on cluster lab\n";
  EXPECT_EQ(Shared(plan), want);
  EXPECT_EQ(Told(plan), want);
  EXPECT_TRUE(plan.applicable());

  const Plan kept = PlanOf(live, target, true);
  EXPECT_EQ(Shared(kept), "");
  EXPECT_EQ(Told(kept), absl::StrCat("left ", want));
  EXPECT_EQ(
      kept.expected.users.at(Name("alice")).fields.Get(Key::kAdminLevel).view(),
      "Operator");
  for (const Step& step : kept.steps) {
    EXPECT_EQ(absl::StrJoin(step.argv, " ").find("AdminLevel"),
              std::string::npos);
  }
}

TEST(SharedTest, ThatAreTheSameAreNoChange) {
  const DatabaseState live = WithLab("");
  const Plan plan = PlanOf(
      live, absl::StrCat(kBio,
                         "Parent - 'bio'\nUser - 'alice':DefaultAccount='bio':"
                         "AdminLevel='Operator':Coordinator='bio'\n"));
  EXPECT_EQ(Shared(plan), "");
  EXPECT_EQ(Told(plan), "");
  EXPECT_TRUE(plan.applicable());
}

// Who leaves this cluster, and stays on another one, keeps the record.
TEST(SharedTest, OfAUserWhoLeavesTheCluster) {
  const std::string here =
      absl::StrCat(kBio,
                   "Parent - 'bio'\nUser - 'alice':DefaultAccount='bio':"
                   "AdminLevel='Operator':Coordinator='bio'\n");
  const Plan plan = PlanOf(WithLab(here), "");
  EXPECT_EQ(Shared(plan), "");
  for (const Change& change : plan.changes) {
    for (const FieldChange& f : change.fields) {
      EXPECT_NE(f.key, Key::kAdminLevel);
      EXPECT_NE(f.key, Key::kDescription);
    }
  }
}

// `delete account` takes the rights over it along, whosever they are.
TEST(SharedTest, RightsThatGoWithAnAccount) {
  DatabaseState live = WithLab(
      "Account - 'own':Description='own':Organization='own':Fairshare=1\n");
  live.coordinators.insert({Name("own"), Name("alice")});
  const Plan plan = PlanOf(live, "");
  EXPECT_EQ(Shared(plan),
            "user alice: Coordinator bio,own -> bio; also on cluster lab\n");
  EXPECT_EQ(Told(plan), Shared(plan));
  const Plan kept = PlanOf(live, "", true);
  EXPECT_EQ(Shared(kept), "");
}

// The last Administrator has no row here.
TEST(SharedTest, TheGuardsSeeThem) {
  DatabaseState live = WithLab("");
  live.users[Name("alice")].fields.Set(Key::kAdminLevel, Name("Administrator"));
  const Plan plan = PlanOf(live, absl::StrCat(kBio, kAliceInBio));
  std::vector<std::string> codes;
  for (const Finding& f : plan.findings) codes.emplace_back(CodeName(f.code));
  EXPECT_EQ(absl::StrJoin(codes, " "), "AS102 AS104 AS129");
  EXPECT_FALSE(plan.applicable());
}

// Leaving one cluster takes no right away.
TEST(SharedTest, WhoStaysElsewhereStaysAdministrator) {
  const std::string here =
      absl::StrCat(kBio,
                   "Parent - 'bio'\nUser - 'alice':DefaultAccount='bio':"
                   "AdminLevel='Administrator'\n");
  DatabaseState live = WithLab(here);
  live.coordinators.clear();
  const Plan plan = PlanOf(live, kBio);
  EXPECT_TRUE(plan.applicable()) << plan.findings[0].message;
}

}  // namespace assocsync::shared_test
