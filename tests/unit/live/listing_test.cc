#include "engine/live/listing.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/model/tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::listing_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

AssocKey Key3(absl::string_view a, absl::string_view u, absl::string_view p) {
  return {Name(a), Name(u), Name(p)};
}

Tree Lab() {
  Tree tree;
  tree.cluster = Name("lab");
  tree.associations[Key3("root", "", "")];
  tree.associations[Key3("a|b", "", "")].parent = Name("root");
  tree.associations[Key3("a|b", "c|d", "p|q")];
  tree.associations[Key3("kid", "", "")].parent = Name("a|b");
  return tree;
}

std::string Show(const absl::StatusOr<std::vector<AssocLine>>& lines) {
  if (!lines.ok()) return std::string(lines.status().message());
  std::string text;
  for (const AssocLine& l : *lines) {
    absl::StrAppend(&text, l.id, " ", l.cluster, " <", l.account, "><", l.user,
                    "><", l.partition, "> of <", l.parent, "> dq <",
                    l.default_qos, "> qos <", l.qos, "> at <", l.lineage,
                    ">\n");
  }
  return text;
}

struct Case {
  absl::string_view name, text;
  bool lineage;
  absl::string_view want;  // A part of it.
};

constexpr Case kCases[] = {
    {"one field too many", "3|lab|p||||||\n", false, "a name with '|'"},
    {"account row", "3|lab|p|||root||n,q|/p/\n", true,
     "3 lab <p><><> of <root> dq <> qos <n,q> at </p/>"},
    {"without lineage", "6|lab|c1|al ice|gpu|||q2\n", false,
     "6 lab <c1><al ice><gpu> of <> dq <> qos <q2> at <>"},
    {"bar in all names", "4|lab|a|b|c|d|p|q||x|y|/a|b/0-c|d/p|q/\n", true,
     "4 lab <a|b><c|d><p|q> of <> dq <x> qos <y> at </a|b/0-c|d/p|q/>"},
    {"bar in an account", "3|lab|a|b|||root|||/a|b/\n", true,
     "3 lab <a|b><><> of <root>"},
    {"bar in a parent", "5|lab|kid|||a|b|||/a|b/kid/\n", true,
     "5 lab <kid><><> of <a|b>"},
    {"bar, no lineage", "4|lab|a|b|c|d|p|q||x|y\n", false,
     "4 lab <a|b><c|d><p|q> of <> dq <x> qos <y>"},
    {"bar nobody knows", "4|lab|z|b|||root|||/z|b/\n", true, "a name with '|'"},
    {"bar elsewhere", "4|other|a|b|||root|||/a|b/\n", true, "a name with '|'"},
    {"newline in a name", "8|lab|p|nl\nu|x|||8|\n", false,
     "breaks sacctmgr's output"},
    {"no id", "x|lab|p|||root||\n", false, "cannot be read: 'x|lab"},
    {"no cluster", "3||p|||root||\n", false, "cannot be read"},
    {"user row with a parent", "3|lab|p|u||root||\n", false, "cannot be read"},
    {"partition of no user", "3|lab|p||gpu|||\n", false, "cannot be read"},
    {"escapes", "3\x1b[2J|lab\n", false, "'3?[2J|lab'"},
    {"nothing", "", true, ""},
};

TEST(AssocLines, Cases) {
  for (const Case& c : kCases) {
    EXPECT_THAT(Show(AssocLines(c.text, c.lineage, Lab())), HasSubstr(c.want))
        << c.name;
  }
}

// Two rows of the managed tree that sacctmgr prints alike cannot be told apart.
TEST(AssocLines, AmbiguousBarIsAnError) {
  Tree tree;
  tree.cluster = Name("lab");
  tree.associations[Key3("a", "b|c", "")];
  tree.associations[Key3("a|b", "c", "")];
  const auto lines = AssocLines("4|lab|a|b|c||||\n", false, tree);
  EXPECT_EQ(lines.status().code(), absl::StatusCode::kUnimplemented)
      << Show(lines);
}

TEST(UserLines, RightsAreSortedAndUnique) {
  const auto lines = UserLines("None|al ice|\nOperator|u1|po1,po,po1\n", {});
  ASSERT_TRUE(lines.ok()) << lines.status();
  EXPECT_EQ((*lines)[0].user, "al ice");
  EXPECT_THAT((*lines)[0].accounts, ElementsAre());
  EXPECT_EQ((*lines)[1].admin_level, "Operator");
  EXPECT_THAT((*lines)[1].accounts, ElementsAre("po", "po1"));
}

TEST(UserLines, BarInANameNeedsAKnownName) {
  const std::string text = "None|u|x|acct\n";
  EXPECT_FALSE(UserLines(text, {}).ok());
  const auto lines = UserLines(text, {"u|x", "other"});
  ASSERT_TRUE(lines.ok()) << lines.status();
  EXPECT_EQ((*lines)[0].user, "u|x");
  EXPECT_THAT((*lines)[0].accounts, ElementsAre("acct"));
  EXPECT_FALSE(UserLines(text, {"u|x", "u"}).ok());
}

TEST(UserLines, BrokenLines) {
  for (const char* text : {"None\n", "None|u\n", "\n", "None||x\nNone\n"}) {
    EXPECT_FALSE(UserLines(text, {}).ok()) << text;
  }
}

TEST(AccountLines, NameAndRest) {
  const auto lines = AccountLines("p|some text|org\nq||\n", 3, {});
  ASSERT_TRUE(lines.ok()) << lines.status();
  EXPECT_EQ((*lines)[0].account, "p");
  EXPECT_EQ((*lines)[0].rest, "some text|org");
  EXPECT_EQ((*lines)[1].rest, "|");
  const auto bars = AccountLines("p|x|y|org\n", 3, {"p"});
  ASSERT_TRUE(bars.ok()) << bars.status();
  EXPECT_EQ((*bars)[0].rest, "x|y|org");
  EXPECT_FALSE(AccountLines("p|x|y|org\n", 3, {}).ok());
  EXPECT_FALSE(AccountLines("p|x|y|org\n", 3, {"p", "p|x"}).ok());
  EXPECT_FALSE(AccountLines("z|ab|\nx\n", 3, {}).ok());
}

TEST(Listing, TresAndNames) {
  const auto tres = TresLines("cpu|\ngres|gpu:a100\nfs|disk\n");
  ASSERT_TRUE(tres.ok());
  EXPECT_THAT(*tres, ElementsAre("cpu", "gres/gpu:a100", "fs/disk"));
  EXPECT_FALSE(TresLines("cpu\n").ok());
  EXPECT_FALSE(NameLines("a\n\nb\n", "QOS").ok());
  EXPECT_THAT(*NameLines("a\nb\n", "QOS"), ElementsAre("a", "b"));
}

TEST(Listing, ConfigValue) {
  const absl::string_view text =
      "AuthAltParameters      = (null)\nParameters             = "
      "PreserveCaseUser\nSLURMDBD_VERSION       = 24.11.5\n";
  EXPECT_EQ(ConfigValue(text, "Parameters"), "PreserveCaseUser");
  EXPECT_EQ(ConfigValue(text, "SLURMDBD_VERSION"), "24.11.5");
  EXPECT_EQ(ConfigValue(text, "Nothing"), "");
}

TEST(Words, OneCleanLine) {
  EXPECT_EQ(
      Words("sacctmgr: error: Sending PersistInit msg\n\n Problem \x1b\n"),
      "Sending PersistInit msg; Problem ?");
  EXPECT_EQ(Words(std::string(1000, 'x'), 10), "xxxxxxxxxx ...");
}

}  // namespace assocsync::listing_test
