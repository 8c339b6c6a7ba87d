#include "engine/diff/merge.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "engine/cfg/parse.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::merge_test {

constexpr absl::string_view kHead =
    "Cluster - 'c':Fairshare=1:QOS='normal'\n"
    "Parent - 'root'\n"
    "User - 'root':DefaultAccount='root':AdminLevel='Administrator'\n";

// `body` stands under root; a line "QOS - ..." goes before the cluster.
Tree Cfg(absl::string_view body) {
  std::string qos, rest;
  for (absl::string_view line : absl::StrSplit(body, '\n')) {
    absl::StrAppend(absl::StartsWith(line, "QOS ") ? &qos : &rest, line, "\n");
  }
  absl::StatusOr<Tree> tree = ParseTree("t", absl::StrCat(qos, kHead, rest));
  EXPECT_TRUE(tree.ok()) << tree.status();
  return tree.ok() ? *std::move(tree) : Tree();
}

// What becomes of live, and what there is to say of it.
std::string Shown(const Tree& live, const Merge& merge) {
  std::string out;
  for (const Change& change : Diff(live, merge.tree)) {
    absl::StrAppend(&out, change.ToString(), "\n");
  }
  for (const Difference& d : merge.conflicts) {
    absl::StrAppend(&out, "conflict ", d.ToString(), "\n");
  }
  for (const Difference& d : merge.drift) {
    absl::StrAppend(&out, "drift ", d.ToString(), "\n");
  }
  for (const Difference& d : merge.both) {
    absl::StrAppend(&out, "both ", d.ToString(), "\n");
  }
  return out;
}

struct Case {
  const char* name;
  const char *base, *live, *target;
  const char* want;         // Undecided: as live has it.
  const char* want_target;  // --prefer target; nullptr: the same.
};

#define ACCOUNT(name) "Account - '" name "':Description='d':Organization='o'"

const Case kCases[] = {
    {"each changes a field of its own", ACCOUNT("a") ":MaxJobs=1\n",
     ACCOUNT("a") ":MaxJobs=1:GrpJobs=5\n", ACCOUNT("a") ":MaxJobs=2\n",
     "~ association a MaxJobs 1 -> 2\n"
     "drift a: GrpJobs (not set), now 5\n",
     nullptr},
    {"both change a field differently", ACCOUNT("a") ":MaxJobs=1\n",
     ACCOUNT("a") ":MaxJobs=3\n", ACCOUNT("a") ":MaxJobs=2\n",
     "conflict a: MaxJobs 1, on live 3, proposed 2\n",
     "~ association a MaxJobs 3 -> 2\n"
     "conflict a: MaxJobs 1, on live 3, proposed 2\n"},
    {"both change a field equally", ACCOUNT("a") "\n",
     ACCOUNT("a") ":MaxJobs=3\n", ACCOUNT("a") ":MaxJobs=3\n",
     "both a: MaxJobs (not set), now 3 on both\n", nullptr},
    {"elements of TRES", ACCOUNT("a") ":GrpTRES=cpu=1,mem=4\n",
     ACCOUNT("a") ":GrpTRES=cpu=2,mem=4,node=9\n",
     ACCOUNT("a") ":GrpTRES=cpu=3\n",
     "~ association a GrpTRES cpu=2,mem=4,node=9 -> cpu=2,node=9\n"
     "conflict a: GrpTRES cpu 1, on live 2, proposed 3\n"
     "drift a: GrpTRES node not there, now 9\n",
     "~ association a GrpTRES cpu=2,mem=4,node=9 -> cpu=3,node=9\n"
     "conflict a: GrpTRES cpu 1, on live 2, proposed 3\n"
     "drift a: GrpTRES node not there, now 9\n"},
    {"elements of a QOS list", ACCOUNT("a") ":QOS='normal,x'\n",
     ACCOUNT("a") ":QOS='normal,x,y'\n", ACCOUNT("a") ":QOS='normal,z'\n",
     "~ association a QOS normal,x,y -> normal,y,z\n"
     "drift a: QOS y not there, now there\n",
     nullptr},
    {"a list and a delta do not mix", ACCOUNT("a") "\n",
     ACCOUNT("a") ":QOS='normal,x'\n", ACCOUNT("a") ":QOS='+y'\n",
     "conflict a: QOS (not set), on live normal,x, proposed +y\n",
     "~ association a QOS normal,x -> +y\n"
     "conflict a: QOS (not set), on live normal,x, proposed +y\n"},
    {"nor where only the proposal is a delta", ACCOUNT("a") ":QOS='normal,x'\n",
     ACCOUNT("a") ":QOS='normal,x,y'\n", ACCOUNT("a") ":QOS='+z'\n",
     "conflict a: QOS normal,x, on live normal,x,y, proposed +z\n",
     "~ association a QOS normal,x,y -> +z\n"
     "conflict a: QOS normal,x, on live normal,x,y, proposed +z\n"},
    {"added on live, added by the proposal", "",
     ACCOUNT("a") "\nParent - 'a'\nUser - 'u':DefaultAccount='a'\n",
     ACCOUNT("b") "\n",
     "+ account b Description (not set) -> d Organization (not set) -> o\n"
     "+ association b parent  -> root\n"
     "drift a: added on live\n"
     "drift a/u: added on live\n",
     nullptr},
    {"deleted by the proposal, edited on live", ACCOUNT("a") "\n",
     ACCOUNT("a") ":MaxJobs=1\n", "",
     "conflict a: deleted by the proposal, changed on live\n",
     "- account a Description d -> (not set) Organization o -> (not set)\n"
     "- association a parent root ->  MaxJobs 1 -> (not set)\n"
     "conflict a: deleted by the proposal, changed on live\n"},
    {"deleted on live, edited by the proposal", ACCOUNT("a") "\n", "",
     ACCOUNT("a") ":MaxJobs=1\n",
     "conflict a: changed by the proposal, deleted on live\n",
     "+ account a Description (not set) -> d Organization (not set) -> o\n"
     "+ association a parent  -> root MaxJobs (not set) -> 1\n"
     "conflict a: changed by the proposal, deleted on live\n"},
    {"deleted on both", ACCOUNT("a") "\n", "", "", "both a: deleted on both\n",
     nullptr},
    {"moved by the proposal, edited on live",
     ACCOUNT("a") "\n" ACCOUNT("b") "\n",
     ACCOUNT("a") ":MaxJobs=1\n" ACCOUNT("b") "\n",
     ACCOUNT("b") "\nParent - 'b'\n" ACCOUNT("a") "\n",
     "~ association a parent root -> b\n"
     "drift a: MaxJobs (not set), now 1\n",
     nullptr},
    {"moved to two places",
     ACCOUNT("a") "\n" ACCOUNT("b") "\n" ACCOUNT("c") "\n",
     ACCOUNT("b") "\n" ACCOUNT("c") "\nParent - 'b'\n" ACCOUNT("a") "\n",
     ACCOUNT("b") "\n" ACCOUNT("c") "\nParent - 'c'\n" ACCOUNT("a") "\n",
     "conflict a: parent root, on live b, proposed c\n",
     "~ association a parent b -> c\n"
     "conflict a: parent root, on live b, proposed c\n"},
    {"moves that make a circle only together",
     ACCOUNT("a") "\n" ACCOUNT("b") "\n",
     ACCOUNT("b") "\nParent - 'b'\n" ACCOUNT("a") "\n",
     ACCOUNT("a") "\nParent - 'a'\n" ACCOUNT("b") "\n",
     "conflict a: the moves of both sides make a circle; on live it is under "
     "b, proposed under root\n"
     "conflict b: the moves of both sides make a circle; on live it is under "
     "root, proposed under a\n"
     "drift a: parent root, now b\n",
     "~ association a parent b -> root\n"
     "~ association b parent root -> a\n"
     "conflict a: the moves of both sides make a circle; on live it is under "
     "b, proposed under root\n"
     "conflict b: the moves of both sides make a circle; on live it is under "
     "root, proposed under a\n"},
    {"a user is renamed",
     ACCOUNT("a") "\nParent - 'a'\nUser - 'bob':DefaultAccount='a'\n",
     ACCOUNT("a") "\nParent - 'a'\nUser - 'bob':DefaultAccount='a'\n",
     ACCOUNT("a") "\nParent - 'a'\nUser - 'rob':DefaultAccount='a'\n",
     "- user bob DefaultAccount a -> (not set)\n"
     "+ user rob DefaultAccount (not set) -> a\n"
     "- association a/bob\n"
     "+ association a/rob\n",
     nullptr},
    {"a user joined the account that the proposal deletes", ACCOUNT("a") "\n",
     ACCOUNT("a") "\nParent - 'a'\nUser - 'u':DefaultAccount='a'\n", "",
     "conflict a: deleted by the proposal, but on live user u is under it\n"
     "drift a/u: added on live\n",
     "- account a Description d -> (not set) Organization o -> (not set)\n"
     "- user u DefaultAccount a -> (not set)\n"
     "- association a parent root -> \n"
     "- association a/u\n"
     "conflict a: deleted by the proposal, but on live user u is under it\n"},
    {"a sub-account was put under the account that the proposal deletes",
     ACCOUNT("a") "\n", ACCOUNT("a") "\nParent - 'a'\n" ACCOUNT("s") "\n", "",
     "conflict a: deleted by the proposal, but on live account s is under it\n"
     "drift s: added on live\n",
     "- account a Description d -> (not set) Organization o -> (not set)\n"
     "- account s Description d -> (not set) Organization o -> (not set)\n"
     "- association a parent root -> \n"
     "- association s parent a -> \n"
     "conflict a: deleted by the proposal, but on live account s is under "
     "it\n"},
    {"each side took away another association of a user",
     ACCOUNT("a") "\n" ACCOUNT(
         "b") "\nParent - 'a'\nUser - 'u':DefaultAccount="
              "'a'\nParent - 'b'\nUser - 'u':DefaultAccount='a'\n",
     ACCOUNT("a") "\n" ACCOUNT("b") "\nParent - 'a'\nUser - 'u':DefaultAccount="
                                    "'a'\n",
     ACCOUNT("a") "\n" ACCOUNT("b") "\nParent - 'b'\nUser - 'u':DefaultAccount="
                                    "'b'\n",
     "conflict user u: each side deleted some of the user's associations, "
     "together all\n"
     "conflict user u: the default account b of one side is none of the user's "
     "any more\n"
     "drift b/u: deleted on live\n",
     "~ user u DefaultAccount a -> b\n"
     "- association a/u\n"
     "+ association b/u\n"
     "conflict user u: each side deleted some of the user's associations, "
     "together all\n"},
    {"the default account went on live",
     ACCOUNT("a") "\n" ACCOUNT(
         "b") "\nParent - 'a'\nUser - 'u':DefaultAccount="
              "'a'\nParent - 'b'\nUser - 'u':DefaultAccount='a'\n",
     ACCOUNT("a") "\n" ACCOUNT("b") "\nParent - 'a'\nUser - 'u':DefaultAccount="
                                    "'a'\n",
     ACCOUNT("a") "\n" ACCOUNT(
         "b") "\nParent - 'a'\nUser - 'u':DefaultAccount="
              "'b'\nParent - 'b'\nUser - 'u':DefaultAccount='b'\n",
     "conflict user u: the default account b of one side is none of the user's "
     "any more\n"
     "drift b/u: deleted on live\n",
     nullptr},
    {"coordinators and WCKeys by element",
     ACCOUNT("a") "\nParent - 'a'\n"
                  "User - 'u':DefaultAccount='a':Coordinator='a':WCKeys='k'\n",
     ACCOUNT("a") "\nParent - 'a'\n"
                  "User - 'u':DefaultAccount='a':WCKeys='k,l'\n",
     ACCOUNT(
         "a") "\nParent - 'a'\n"
              "User - 'u':DefaultAccount='a':Coordinator='a':WCKeys='k,m'\n",
     "~ user u WCKeys k,l -> k,l,m\n"
     "drift user u: Coordinator a, now (not set)\n"
     "drift user u: WCKeys l not there, now there\n",
     nullptr},
    {"a coordinator of the account that the proposal deletes",
     ACCOUNT("a") "\n" ACCOUNT("b") "\nParent - 'b'\nUser - 'u':DefaultAccount="
                                    "'b'\n",
     ACCOUNT("a") "\n" ACCOUNT("b") "\nParent - 'b'\nUser - 'u':DefaultAccount="
                                    "'b':Coordinator='a'\n",
     ACCOUNT("b") "\nParent - 'b'\nUser - 'u':DefaultAccount='b'\n",
     "conflict a: deleted by the proposal, but on live user u coordinates it\n"
     "drift user u: Coordinator (not set), now a\n",
     "- account a Description d -> (not set) Organization o -> (not set)\n"
     "~ user u Coordinator a -> (not set)\n"
     "- association a parent root -> \n"
     "conflict a: deleted by the proposal, but on live user u coordinates "
     "it\n"},
    {"a QOS that the proposal deletes is named on live",
     "QOS - 'normal':Description='n'\nQOS - 'x':Description='x'\n" ACCOUNT(
         "a") "\n",
     "QOS - 'normal':Description='n'\nQOS - 'x':Description='x'\n" ACCOUNT(
         "a") ":QOS='normal,x'\n",
     "QOS - 'normal':Description='n'\n" ACCOUNT("a") "\n",
     "conflict QOS x: deleted by the proposal, but on live a names it\n"
     "drift a: QOS (not set), now normal,x\n",
     "- qos x Description x -> (not set)\n"
     "~ association a QOS normal,x -> normal\n"
     "conflict QOS x: deleted by the proposal, but on live a names it\n"},
    {"DefaultQOS of one side outside the list of both",
     ACCOUNT("a") ":QOS='normal,x'\n",
     ACCOUNT("a") ":QOS='normal,x':DefaultQOS='x'\n",
     ACCOUNT("a") ":QOS='normal'\n",
     "conflict a: DefaultQOS x of one side is not in the QOS list that both "
     "make\n"
     "drift a: DefaultQOS (not set), now x\n",
     "~ association a DefaultQOS x -> (not set) QOS normal,x -> normal\n"
     "conflict a: DefaultQOS x of one side is not in the QOS list that both "
     "make\n"},
    {"QOS that only live lists stay", ACCOUNT("a") "\n",
     "QOS - 'normal':Description='n'\n" ACCOUNT("a") "\n",
     ACCOUNT("a") ":MaxJobs=1\n", "~ association a MaxJobs (not set) -> 1\n",
     nullptr},
};

TEST(MergeTest, Cases) {
  for (const Case& c : kCases) {
    const Tree base = Cfg(c.base), live = Cfg(c.live), target = Cfg(c.target);
    for (const auto prefer :
         {std::optional<Side>(), std::optional<Side>(Side::kTarget)}) {
      MergeOptions options;
      options.prefer = prefer;
      const auto merge = MergeTrees(base, live, target, options);
      ASSERT_TRUE(merge.ok()) << c.name << ": " << merge.status();
      const char* const want = prefer.has_value() && c.want_target != nullptr
                                   ? c.want_target
                                   : c.want;
      EXPECT_EQ(Shown(live, *merge), want) << c.name;
    }
  }
}

TEST(MergeTest, AConflictCanBeDecidedByRow) {
  const Tree base = Cfg(ACCOUNT("a") "\n" ACCOUNT("b") "\n");
  const Tree live =
      Cfg(ACCOUNT("a") ":MaxJobs=1\n" ACCOUNT("b") ":MaxJobs=1\n");
  const Tree target =
      Cfg(ACCOUNT("a") ":MaxJobs=2\n" ACCOUNT("b") ":MaxJobs=2\n");
  MergeOptions options;
  options.prefer_row = {{"a", Side::kTarget}, {"nobody", Side::kLive}};
  const auto merge = MergeTrees(base, live, target, options);
  ASSERT_TRUE(merge.ok()) << merge.status();
  ASSERT_EQ(merge->conflicts.size(), 2u);
  EXPECT_EQ(merge->conflicts[0].taken, Side::kTarget);
  EXPECT_EQ(merge->conflicts[1].taken, std::nullopt);
  EXPECT_THAT(merge->unused_preferences, testing::ElementsAre("nobody"));
  EXPECT_EQ(Diff(live, merge->tree)[0].ToString(),
            "~ association a MaxJobs 1 -> 2");
}

}  // namespace assocsync::merge_test
