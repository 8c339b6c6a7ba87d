#include "engine/plan/guards.h"

#include "engine/cfg/parse.h"
#include "engine/diff/diff.h"
#include "gtest/gtest.h"

namespace assocsync::guards_test {

std::vector<std::string> LoseEveryQos(absl::string_view had,
                                      absl::string_view gets) {
  const auto tree = ParseTree(
      "t",
      "Cluster - 'lab':QOS='long,normal'\nParent - 'root'\nAccount - 'bio'\n"
      "Parent - 'bio'\nUser - 'ann':DefaultAccount='bio'\n"
      "User - 'bob':DefaultAccount='bio'\n");
  EXPECT_TRUE(tree.ok()) << tree.status();
  const auto with = [&](absl::string_view list) {
    Tree out = *tree;
    Fields& limits = out.associations.at({Name("bio"), Name("ann"), {}}).limits;
    if (list != "inherited") limits.Set(Key::kQos, Name(list));
    return out;
  };
  const Tree live = with(had), expected = with(gets);
  std::vector<std::string> rows;
  for (const Finding& f : GuardQos(live, expected, Diff(live, expected))) {
    rows.insert(rows.end(), f.rows.begin(), f.rows.end());
  }
  return rows;
}

TEST(GuardsTest, WhoHasNoQosLeft) {
  const std::vector<std::string> ann = {"user ann"}, nobody;
  EXPECT_EQ(LoseEveryQos("inherited", ""), ann);  // An empty list of its own.
  EXPECT_EQ(LoseEveryQos("inherited", "-long,-normal"), ann);
  EXPECT_EQ(LoseEveryQos("long", "-long,-normal"), ann);
  EXPECT_EQ(LoseEveryQos("", "-long,-normal"), nobody);
  EXPECT_EQ(LoseEveryQos("", "inherited"), nobody);
  EXPECT_EQ(LoseEveryQos("inherited", "-long"), nobody);
  EXPECT_EQ(LoseEveryQos("inherited", "long"), nobody);
}

}  // namespace assocsync::guards_test
