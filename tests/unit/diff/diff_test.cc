#include "engine/diff/diff.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "engine/cfg/parse.h"
#include "gtest/gtest.h"

namespace assocsync::diff_test {

Tree Cfg(absl::string_view body) {
  const auto tree = ParseTree(
      "t", absl::StrCat(
               "Cluster - 'c'\n",
               "Parent - 'root'\nUser - 'root':DefaultAccount='root'\n", body));
  EXPECT_TRUE(tree.ok()) << tree.status();
  return tree.ok() ? *tree : Tree();
}

std::string Shown(const Tree& live, const Tree& target) {
  std::string out;
  for (const Change& change : Diff(live, target)) {
    absl::StrAppend(&out, change.ToString(), "\n");
  }
  return out;
}

struct Case {
  absl::string_view name, live, target, want;
};

constexpr absl::string_view kTwo =
    "Account - 'a':Description='a':Organization='a'\n"
    "Account - 'b':Description='b':Organization='b'\n";

const Case kCases[] = {
    {"added", "", "Account - 'a':Description='x':MaxJobs=1\n",
     "+ account a Description (not set) -> x\n"
     "+ association a parent  -> root MaxJobs (not set) -> 1\n"},
    {"taken away", "Account - 'a':Description='x':MaxJobs=1\n", "",
     "- account a Description x -> (not set)\n"
     "- association a parent root ->  MaxJobs 1 -> (not set)\n"},
    {"an option that goes, stays, comes and changes",
     "Account - 'a':GrpJobs=1:MaxJobs=2:MaxSubmitJobs=3\n",
     "Account - 'a':MaxJobs=2:MaxSubmitJobs=4:Priority=5\n",
     "~ association a GrpJobs 1 -> (not set) MaxSubmitJobs 3 -> 4 Priority "
     "(not set) -> 5\n"},
    {"a user's record and row",
     "Account - 'a'\nParent - 'a'\nUser - 'u':DefaultAccount='a':MaxJobs=1\n",
     "Account - 'a'\nParent - 'a'\nUser - 'u':DefaultAccount='a':"
     "AdminLevel=Operator\n",
     "~ user u AdminLevel (not set) -> Operator\n"
     "~ association a/u MaxJobs 1 -> (not set)\n"},
};

TEST(DiffTest, Cases) {
  for (const Case& c : kCases) {
    EXPECT_EQ(Shown(Cfg(c.live), Cfg(c.target)), c.want) << c.name;
    EXPECT_EQ(Shown(Cfg(c.live), Cfg(c.live)), "") << c.name;
  }
}

TEST(DiffTest, AMoveHasBothParents) {
  const Tree live = Cfg(kTwo);
  Tree target = live;
  target.associations[{Name("b"), {}, {}}].parent = Name("a");
  const std::vector<Change> changes = Diff(live, target);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_TRUE(changes[0].moves());
  EXPECT_EQ(changes[0].ToString(), "~ association b parent root -> a");
}

// Where one side says nothing of QOS definitions, nothing may be concluded.
TEST(DiffTest, QosOfOneSideOnly) {
  Tree lists = Cfg(kTwo);
  lists.lists_qos = true;
  lists.qos[Name("fast")];
  Tree other = lists;
  other.qos.clear();
  EXPECT_EQ(Shown(lists, other), "- qos fast\n");
  other.lists_qos = false;
  EXPECT_EQ(Shown(lists, other), "");
  EXPECT_EQ(Shown(other, lists), "");
}

}  // namespace assocsync::diff_test
