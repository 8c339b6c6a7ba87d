// --only and --except: what of a target they take.
#include "engine/plan/scope.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/diff/diff.h"
#include "engine/live/state_from_tree.h"
#include "engine/render/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/plans.h"

namespace assocsync::scope_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Words = std::vector<std::string>;

constexpr absl::string_view kTexts = ":Description='d':Organization='o'\n";

std::string Account(absl::string_view name) {
  return absl::StrCat("Account - '", name, "'", kTexts);
}

// sci/bio was deleted by mistake, with all below it; newacc was made since.
std::string Before() {
  return absl::StrCat(
      Account("chem"), Account("sci"), "Parent - 'sci'\n", Account("bio"),
      "Parent - 'bio'\n", Account("lab1"),
      "User - 'ann':DefaultAccount='bio':Coordinator='bio':MaxJobs=4\n"
      "User - 'bob':DefaultAccount='bio'\n",
      "Parent - 'lab1'\n", "User - 'cat':DefaultAccount='lab1'\n",
      "Parent - 'chem'\n",
      "User - 'ann':DefaultAccount='bio':Coordinator='bio'\n"
      "User - 'dan':DefaultAccount='chem':Coordinator='bio,chem':MaxJobs=1\n");
}
std::string Now() {
  return absl::StrCat(
      Account("chem"), Account("newacc"), Account("sci"), "Parent - 'chem'\n",
      "User - 'ann':DefaultAccount='chem'\n"
      "User - 'dan':DefaultAccount='chem':Coordinator='newacc':MaxJobs=9\n",
      "Parent - 'newacc'\n", "User - 'eve':DefaultAccount='newacc'\n");
}

ScopedTree Scoped(absl::string_view live, absl::string_view target, Words only,
                  Words except = {}) {
  const auto scoped = InScope(SiteOf(live), SiteOf(target), only, except);
  EXPECT_TRUE(scoped.ok()) << scoped.status();
  return scoped.value_or(ScopedTree());
}

// What becomes of live, a change in words each.
Words ChangesOf(absl::string_view live, const ScopedTree& scoped) {
  Words words;
  for (const Change& change : Diff(SiteOf(live), scoped.tree)) {
    words.push_back(change.ToString());
  }
  return words;
}

TEST(ScopeTest, AnAccountComesBackWithAllThatWasInIt) {
  const ScopedTree scoped = Scoped(Now(), Before(), {"account=bio"});
  EXPECT_THAT(
      ChangesOf(Now(), scoped),
      ElementsAre("+ account bio Description (not set) -> d Organization (not "
                  "set) -> o",
                  "+ account lab1 Description (not set) -> d Organization (not "
                  "set) -> o",
                  "~ user ann DefaultAccount chem -> bio Coordinator (not set) "
                  "-> bio",
                  "+ user bob DefaultAccount (not set) -> bio",
                  "+ user cat DefaultAccount (not set) -> lab1",
                  "~ user dan Coordinator newacc -> bio,newacc",
                  "+ association bio parent  -> sci",
                  "+ association bio/ann MaxJobs (not set) -> 4",
                  "+ association bio/bob", "+ association lab1 parent  -> bio",
                  "+ association lab1/cat"));
  EXPECT_THAT(scoped.needed, IsEmpty());
  EXPECT_EQ(scoped.changes, 7);  // Two accounts, three users in them ...
  EXPECT_EQ(scoped.of, 10);      // newacc, newacc/eve, chem/dan
}

TEST(ScopeTest, AnAccountAlone) {
  const ScopedTree scoped = Scoped(Now(), Before(), {"account=bio/"});
  const Tree& tree = scoped.tree;
  EXPECT_TRUE(tree.associations.contains({Name("bio"), Name("bob"), {}}));
  EXPECT_FALSE(tree.accounts.contains(Name("lab1")));
}

TEST(ScopeTest, AccountsAboveComeAlong) {
  const ScopedTree scoped = Scoped(Now(), Before(), {"account=lab1"});
  EXPECT_THAT(scoped.needed, ElementsAre("account bio: lab1 is below it"));
  const Tree& tree = scoped.tree;
  EXPECT_TRUE(tree.associations.contains({Name("lab1"), Name("cat"), {}}));
  EXPECT_FALSE(tree.associations.contains({Name("bio"), Name("bob"), {}}));
  EXPECT_TRUE(Illegalities(tree).empty());
}

TEST(ScopeTest, AUserAndOneRowOfAUser) {
  EXPECT_THAT(ChangesOf(Now(), Scoped(Now(), Before(), {"user=dan"})),
              ElementsAre("~ user dan Coordinator newacc -> chem",
                          "~ association chem/dan MaxJobs 9 -> 1"));
  EXPECT_THAT(ChangesOf(Now(), Scoped(Now(), Before(), {"user=dan@chem"})),
              ElementsAre("~ association chem/dan MaxJobs 9 -> 1"));
  EXPECT_THAT(ChangesOf(Now(), Scoped(Now(), Before(), {"user=[e]*"})),
              ElementsAre("- user eve DefaultAccount newacc -> (not set)",
                          "- association newacc/eve"));
}

// Sites whose users are named as in their directory.
TEST(ScopeTest, AnAtInAName) {
  const auto tree = [](absl::string_view limit) {
    return absl::StrCat(Account("bio"), Account("a@b"), "Parent - 'bio'\n",
                        "User - 'ann':DefaultAccount='bio':MaxJobs=", limit,
                        "\nUser - 'bob@x':DefaultAccount='bio':MaxJobs=", limit,
                        "\nParent - 'a@b'\n",
                        "User - 'bob@x':DefaultAccount='bio':MaxJobs=", limit,
                        "\n");
  };
  const auto rows = [&](const std::string& selector) {
    return ChangesOf(tree("1"), Scoped(tree("1"), tree("2"), {selector}));
  };
  const std::string bio = "~ association bio/bob@x MaxJobs 1 -> 2",
                    ab = "~ association a@b/bob@x MaxJobs 1 -> 2";
  EXPECT_THAT(rows("user=bob@x"), ElementsAre(ab, bio));
  EXPECT_THAT(rows("user=bob@x@bio"), ElementsAre(bio));
  EXPECT_THAT(rows("user=bob@x@A@b"), ElementsAre(ab));
  EXPECT_THAT(rows("user=*@bio"),
              ElementsAre("~ association bio/ann MaxJobs 1 -> 2", bio));
}

TEST(ScopeTest, WhatGoesAndExcept) {
  EXPECT_THAT(ChangesOf(Now(), Scoped(Now(), Before(), {"account=newacc"})),
              ElementsAre("- account newacc Description d -> (not set) "
                          "Organization o -> (not set)",
                          "~ user dan Coordinator newacc -> (not set)",
                          "- user eve DefaultAccount newacc -> (not set)",
                          "- association newacc parent root -> ",
                          "- association newacc/eve"));
  // All of it but what would be deleted.
  const ScopedTree rest =
      Scoped(Now(), Before(), {}, {"account=newacc", "user=dan"});
  EXPECT_TRUE(rest.tree.accounts.contains(Name("newacc")));
  EXPECT_TRUE(rest.tree.accounts.contains(Name("bio")));
  EXPECT_EQ(rest.tree.users.at(Name("dan")).fields.Get(Key::kCoordinator),
            Name("newacc"));
}

// eve's only account goes, and the target has eve in another one.
TEST(ScopeTest, NobodyIsLeftWithNothing) {
  const std::string target =
      absl::StrCat(Account("chem"), "Parent - 'chem'\n",
                   "User - 'eve':DefaultAccount='chem'\n");
  const ScopedTree moved = Scoped(Now(), target, {"account=newacc"});
  EXPECT_TRUE(
      moved.tree.associations.contains({Name("chem"), Name("eve"), {}}));
  EXPECT_FALSE(moved.tree.accounts.contains(Name("newacc")));
  EXPECT_THAT(moved.needed,
              ElementsAre("chem/eve: user eve has nothing else left"));
  const ScopedTree kept =
      Scoped(Now(), target, {"account=newacc"}, {"account=chem"});
  EXPECT_TRUE(
      kept.tree.associations.contains({Name("newacc"), Name("eve"), {}}));
}

TEST(ScopeTest, QosThatRowsNameComeAlong) {
  Tree live = SiteOf(Account("a"));
  live.lists_qos = true;
  live.qos[Name("normal")];
  Tree target = SiteOf(
      absl::StrCat(Account("a"),
                   "Parent - 'a'\nUser - 'u':DefaultAccount='a':QOS='long'\n"));
  target.lists_qos = true;
  for (const char* name : {"normal", "long", "other"}) target.qos[Name(name)];
  const auto scoped = InScope(live, target, {"user=u"}, {});
  ASSERT_TRUE(scoped.ok()) << scoped.status();
  EXPECT_THAT(scoped->needed, ElementsAre("QOS long: a/u has it"));
  EXPECT_FALSE(scoped->tree.qos.contains(Name("other")));
  const auto one = InScope(live, target, {"qos=o*"}, {});
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_TRUE(one->tree.qos.contains(Name("other")));
  EXPECT_EQ(one->changes, 1);
}

TEST(ScopeTest, CoordinatorsAlone) {
  EXPECT_THAT(ChangesOf(Now(), Scoped(Now(), Before(), {"coordinators"})),
              ElementsAre("~ user dan Coordinator newacc -> chem"));
}

Words ChangesOfKinds(Words kinds, Words only = {}) {
  const auto scoped = InScope(SiteOf(Now()), SiteOf(Before()), only, {}, kinds);
  EXPECT_TRUE(scoped.ok()) << scoped.status();
  return ChangesOf(Now(), scoped.value_or(ScopedTree()));
}

TEST(ScopeTest, NothingIsDeleted) {
  const Words changes = ChangesOfKinds({"add", "modify", "move"});
  for (const std::string& change : changes) {
    EXPECT_NE(change[0], '-') << change;
  }
  EXPECT_THAT(changes, testing::Contains("+ association bio/bob"));
  EXPECT_THAT(changes, testing::Contains("~ association chem/dan MaxJobs 9 -> "
                                         "1"));
  EXPECT_EQ(ChangesOfKinds({"add", "modify", "delete", "move"}),
            ChangesOf(Now(), {SiteOf(Before()), {}, 0, 0}));
}

TEST(ScopeTest, OneKindAlone) {
  EXPECT_THAT(ChangesOfKinds({"delete"}),
              ElementsAre("- account newacc Description d -> (not set) "
                          "Organization o -> (not set)",
                          "~ user dan Coordinator newacc -> (not set)",
                          "- user eve DefaultAccount newacc -> (not set)",
                          "- association newacc parent root -> ",
                          "- association newacc/eve"));
  EXPECT_THAT(ChangesOfKinds({"modify"}),
              testing::Contains("~ association chem/dan MaxJobs 9 -> 1"));
  EXPECT_THAT(ChangesOfKinds({"add"}, {"account=lab1"}),
              testing::Contains("+ association lab1/cat"));
}

// Another cluster has it, or the target would not name it.
TEST(ScopeTest, ARightStaysWhoseAccountGoesHereAlone) {
  const std::string user = "Parent - 'a'\nUser - 'u':DefaultAccount='a'";
  const std::string live = absl::StrCat(Account("a"), Account("x"), user,
                                        ":Coordinator='x':MaxJobs=1\n");
  for (const bool named : {true, false}) {
    const std::string target =
        absl::StrCat(Account("a"), user, named ? ":Coordinator='x'" : "", "\n");
    const auto scoped =
        InScope(SiteOf(live), SiteOf(target), {}, {}, {"delete"});
    ASSERT_TRUE(scoped.ok()) << scoped.status();
    EXPECT_FALSE(scoped->tree.accounts.contains(Name("x")));
    EXPECT_EQ(FieldOf(scoped->tree.users, Name("u"), Key::kCoordinator),
              Name(named ? "x" : ""));
    EXPECT_EQ(scoped->changes, named ? 1 : 2);
  }
}

TEST(ScopeTest, AMoveWithoutItsLimits) {
  const std::string live = absl::StrCat(Account("a"), Account("b"));
  const std::string target =
      absl::StrCat(Account("a"), "Parent - 'a'\n", "Account - 'b'",
                   ":Description='d':Organization='o':MaxJobs=4\n");
  const auto of = [&](Words kinds) {
    const auto scoped = InScope(SiteOf(live), SiteOf(target), {}, {}, kinds);
    EXPECT_TRUE(scoped.ok()) << scoped.status();
    return ChangesOf(live, scoped.value_or(ScopedTree()));
  };
  EXPECT_THAT(of({"move"}), ElementsAre("~ association b parent root -> a"));
  EXPECT_THAT(of({"modify"}),
              ElementsAre("~ association b MaxJobs (not set) -> 4"));
  EXPECT_THAT(of({"add"}), IsEmpty());
}

TEST(ScopeTest, WordsThatNameNothing) {
  EXPECT_THAT(std::string(ParseChangeKinds({"add", "adds"}).status().message()),
              HasSubstr("'adds' is no kind of change"));
  for (const char* word :
       {"bio", "account=", "account=/", "user=@a", "user=a@", "", "qos="}) {
    EXPECT_EQ(ParseSelector(word).status().code(),
              absl::StatusCode::kInvalidArgument)
        << word;
  }
  const auto scoped =
      InScope(SiteOf(Now()), SiteOf(Before()), {"account=bioo"}, {});
  EXPECT_EQ(scoped.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(scoped.status().message()),
              HasSubstr("--only account=bioo: neither live nor the target"));
}

// What hangs below an account that is in scope, and elsewhere in the other
// tree, is not below the one that was named in either.
TEST(ScopeTest, BelowIsBelowInOneTree) {
  const std::string live = absl::StrCat(Account("bio"), Account("gpu"),
                                        "Parent - 'bio'\n", Account("lab1"));
  const std::string target = absl::StrCat(Account("bio"), Account("lab1"),
                                          "Parent - 'lab1'\n", Account("gpu"));
  EXPECT_THAT(ChangesOf(live, Scoped(live, target, {"account=bio"})),
              ElementsAre("~ association lab1 parent bio -> root"));
}

// Live's changes of these words alone, as ChangesOf has them (or begin so).
ScopedTree Picked(absl::string_view live, absl::string_view target,
                  const Words& words) {
  std::vector<ChangeId> pick;
  for (const Change& change : Diff(SiteOf(live), SiteOf(target))) {
    for (const std::string& word : words) {
      if (absl::StartsWith(change.ToString(), word)) {
        pick.push_back({change.what, change.row});
      }
    }
  }
  EXPECT_EQ(pick.size(), words.size());
  const auto scoped = InScope(SiteOf(live), SiteOf(target), {}, {}, {}, pick);
  EXPECT_TRUE(scoped.ok()) << scoped.status();
  return scoped.value_or(ScopedTree());
}

TEST(ScopeTest, PickedChangesComeWithWhatTheyNeed) {
  ScopedTree picked = Picked(Now(), Before(), {"~ association chem/dan"});
  EXPECT_THAT(ChangesOf(Now(), picked),
              ElementsAre("~ association chem/dan MaxJobs 9 -> 1"));
  EXPECT_THAT(picked.needed, IsEmpty());
  // A row, with the accounts above it and the user's record.
  picked = Picked(Now(), Before(), {"+ association lab1/cat"});
  EXPECT_THAT(picked.needed, ElementsAre("account bio: lab1 is below it",
                                         "account lab1: lab1/cat is below it"));
  EXPECT_THAT(absl::StrJoin(ChangesOf(Now(), picked), "\n"),
              testing::AllOf(HasSubstr("+ user cat"),
                             HasSubstr("+ account bio Description"),
                             testing::Not(HasSubstr("ann"))));
  // The record of an account that goes: all that is in it goes first.
  picked = Picked(Now(), Before(), {"- account newacc"});
  EXPECT_THAT(picked.needed, ElementsAre("newacc/eve: account newacc goes"));
  EXPECT_THAT(absl::StrJoin(ChangesOf(Now(), picked), "\n"),
              testing::AllOf(HasSubstr("- user eve"),
                             HasSubstr("- association newacc parent")));
  // A row that comes gets no other default account by itself.
  picked = Picked(Now(), Before(), {"+ association bio/ann"});
  EXPECT_THAT(absl::StrJoin(ChangesOf(Now(), picked), "\n"),
              testing::Not(HasSubstr("DefaultAccount chem -> bio")));
  EXPECT_THAT(picked.dropped, IsEmpty());
  // A user is nobody without a row.
  picked = Picked(Now(), Before(), {"+ user bob"});
  EXPECT_THAT(ChangesOf(Now(), picked), IsEmpty());
  EXPECT_THAT(picked.dropped, ElementsAre(HasSubstr("+ user bob")));
}

TEST(ScopeTest, ThePlanSaysWhatItLeaves) {
  PlanOptions options;
  options.release = {2605, 5};
  options.only = {"account=lab1"};
  const auto plan =
      MakePlan({StateFromTree(SiteOf(Now())), SiteOf(Before()), options});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_TRUE(plan->applicable()) << ShownPlan(*plan);
  EXPECT_EQ(plan->target_fingerprint, Fingerprint(SiteOf(Before())));
  const Finding* told = nullptr;
  for (const Finding& f : plan->findings) {
    if (CodeName(f.code) == "AS143") told = &f;
  }
  ASSERT_NE(told, nullptr);
  EXPECT_THAT(told->message, HasSubstr(" changes are planned"));
  EXPECT_THAT(told->rows, ElementsAre("account bio: lab1 is below it"));
  options.only = {"account=sci/"};
  const auto nothing =
      MakePlan({StateFromTree(SiteOf(Now())), SiteOf(Before()), options});
  ASSERT_TRUE(nothing.ok()) << nothing.status();
  ShowOptions text;
  text.target_name = "b.cfg";
  EXPECT_EQ(RenderCounts(*nothing, text),
            "No changes. Live is in sync with what was asked of b.cfg.");
}

}  // namespace assocsync::scope_test
