// Walks: the order of accounts, and which QOS reach a row from those above it.
#include "engine/model/walk.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/model/value.h"
#include "gtest/gtest.h"

namespace assocsync::walk_test {

// "a<root" with a QOS list and a DefaultQOS: "a<root;q1,q2;q1"; "-" is a list
// that is not set.
Tree TreeOf(absl::string_view rows) {
  Tree tree;
  tree.associations[{RootName(), {}, {}}];
  for (const absl::string_view text :
       absl::StrSplit(rows, ' ', absl::SkipEmpty())) {
    const std::vector<std::string> parts = absl::StrSplit(text, ';');
    const std::pair<std::string, std::string> name =
        absl::StrSplit(parts[0], '<');
    const std::pair<std::string, std::string> row =
        absl::StrSplit(name.first, '/');
    Association& association =
        tree.associations[{Name(row.first), Name(row.second), {}}];
    association.parent = Name(name.second);
    if (parts.size() > 1 && parts[1] != "-") {
      association.limits.Set(Key::kQos, Name(parts[1]));
    }
    if (parts.size() > 2) {
      association.limits.Set(Key::kDefaultQos, Name(parts[2]));
    }
  }
  return tree;
}

TEST(WalkTest, EntersFromRootDownAndLeavesBelowFirst) {
  const struct {
    const char* tree;
    const char* want;
  } kCases[] = {
      {"", "root /root"},
      {"b<root a<root", "root a /a b /b /root"},
      {"z<root a<z b<root", "root b /b z a /a /z /root"},
      {"a<root x<y y<x", "root a /a /root"},  // A circle is not walked.
  };
  for (const auto& c : kCases) {
    std::vector<std::string> way;
    Walk(
        TreeOf(c.tree), [&](Name account) { way.push_back(account.str()); },
        [&](Name account) {
          way.push_back(absl::StrCat("/", account.view()));
        });
    EXPECT_EQ(absl::StrJoin(way, " "), c.want);
  }
}

struct Case {
  const char* name;
  const char* tree;
  const char* row;
  const char* want;
};
constexpr Case kEffective[] = {
    {"its own list", "root;a,b x<root;c", "x", "c"},
    {"what is above", "root;a,b x<root", "x", "a,b"},
    {"a change on top of that", "root;a,b x<root;+c,-a", "x", "b,c"},
    {"through accounts that say nothing", "root;a x<root y<x z<y;+b", "z",
     "a,b"},
    {"changes on the way, the topmost first", "root;a x<root;+b y<x;-b z<y;+c",
     "z", "a,c"},
    {"a list on the way ends it", "root;a x<root;b y<x;+c", "y", "b,c"},
    {"a user", "root;a x<root;+b x/u;-a", "x/u", "b"},
    {"a user's own list", "root;a x<root;+b x/u;c", "x/u", "c"},
    {"a change of what is not there", "root;a x<root;-z", "x", "a"},
    {"no list at all", "x<root x/u;+c", "x/u", "c"},
    {"no such row", "root;a", "y", ""},
    {"a circle ends", "x<y;+a y<x;+b", "x", "a,b"},
};

std::string Joined(const QosNames& names) { return absl::StrJoin(names, ","); }

TEST(WalkTest, EffectiveQos) {
  for (const Case& c : kEffective) {
    const std::pair<std::string, std::string> row =
        absl::StrSplit(c.row, absl::MaxSplits('/', 1));
    EXPECT_EQ(Joined(EffectiveQos(TreeOf(c.tree),
                                  {Name(row.first), Name(row.second), {}})),
              c.want)
        << c.name;
  }
}

// In one walk, for all accounts, the same.
TEST(WalkTest, AccountQosAgrees) {
  for (const Case& c : kEffective) {
    const Tree tree = TreeOf(c.tree);
    const AccountQos lists(TopDown(tree));
    for (const auto& [account, row] : TopDown(tree)) {
      EXPECT_EQ(Joined(*lists.Of(account)),
                Joined(EffectiveQos(tree, {account, {}, {}})))
          << c.name;
    }
    EXPECT_FALSE(lists.too_large());
    EXPECT_TRUE(lists.Of(Name("nobody"))->empty());
  }
}

// Accounts that say nothing share the list of the one above.
TEST(WalkTest, AccountQosShares) {
  const Tree tree = TreeOf("root;a x<root y<x z<root;+b");
  const AccountQos lists(TopDown(tree));
  EXPECT_EQ(lists.Of(Name("x")), lists.Of(RootName()));
  EXPECT_EQ(lists.Of(Name("y")), lists.Of(RootName()));
  EXPECT_NE(lists.Of(Name("z")), lists.Of(RootName()));
}

TEST(WalkTest, DefaultsOutOfReach) {
  const struct {
    const char* name;
    const char* tree;
    const char* want;
  } kCases[] = {
      {"in the list", "root;a,b x<root;-;a", ""},
      {"not in it", "root;a x<root;-;b", "x b of a"},
      {"one from above, which a row's own list has not",
       "root;a,b;a x<root;b x/u;a", "x a of b"},
      {"and its users", "root;a,b;a x<root x/u;b", "x/u a of b"},
      {"a change takes it away", "root;a,b;a x<root;-a", "x a of b"},
      {"a default of its own", "root;a,b;a x<root;b;b", ""},
      {"below, the list is another one again", "root;a;a x<root;b;b y<root",
       ""},
      {"no list, and none known above", "x<root;-;a", ""},
      {"no default", "root;a x<root;b", ""},
  };
  for (const auto& c : kCases) {
    std::vector<std::string> found;
    ForEachDefaultOutOfReach(
        TreeOf(c.tree), std::nullopt,
        [&](const AssocKey& key, const Association&, Name name,
            const QosLists::Names& list) {
          found.push_back(absl::StrCat(key.ToString(), " ", name.view(), " of ",
                                       Joined(list)));
        });
    EXPECT_EQ(absl::StrJoin(found, "; "), c.want) << c.name;
  }
  // What holds above root is said: then a change to it is enough to know.
  std::vector<std::string> found;
  ForEachDefaultOutOfReach(
      TreeOf("x<root;+b;b y<root;-;c"), QosLists::Names{"a"},
      [&](const AssocKey& key, const Association&, Name name,
          const QosLists::Names& list) {
        found.push_back(absl::StrCat(key.ToString(), " ", name.view(), " of ",
                                     Joined(list)));
      });
  EXPECT_EQ(absl::StrJoin(found, "; "), "y c of a");
}

// From a row to root, or until somebody has seen enough.
TEST(WalkTest, Climb) {
  const struct {
    const char* name;
    const char* tree;
    const char* row;
    const char* until;
    const char* want;
  } kCases[] = {
      {"a user's row hangs on its account", "a<root a/u", "a/u", "",
       "a/u a root"},
      {"an account's on its parent", "b<a a<root", "b", "", "b a root"},
      {"root's on nothing", "a<root", "root", "", "root"},
      {"it ends where it is told to", "c<b b<a a<root", "c", "b", "c b"},
      {"a row that is not there", "a<root", "x", "", ""},
      {"a user's row whose account is not there", "a/u", "a/u", "", "a/u"},
      {"a parent that is not there", "b<gone", "b", "", "b"},
  };
  for (const auto& c : kCases) {
    const std::pair<std::string, std::string> row =
        absl::StrSplit(c.row, absl::MaxSplits('/', 1));
    std::vector<std::string> way;
    Climb(TreeOf(c.tree), {Name(row.first), Name(row.second), {}},
          [&](const AssocKey& key, const Association&) {
            way.push_back(key.ToString());
            return way.back() != c.until;
          });
    EXPECT_EQ(absl::StrJoin(way, " "), c.want) << c.name;
  }
  // In a circle it goes round once for each row, and ends.
  size_t steps = 0;
  Climb(TreeOf("x<y y<x"), {Name("x"), {}, {}},
        [&](const AssocKey&, const Association&) { return ++steps > 0; });
  EXPECT_EQ(steps, 4u);
}

TEST(WalkTest, QosBelow) {
  const struct {
    const char* above;
    const char* own;
    const char* want;
  } kCases[] = {
      {"a,b", "", "a,b"},       // It says nothing.
      {"a,b", "c", "c"},        // A list replaces all.
      {"a,b", "+c", "a,b,c"},   // A change is made to what is inherited.
      {"a,b", "-a", "b"},       //
      {"a,b", "+c,-a", "b,c"},  //
      {"a,b", "+a", "a,b"},     // What is there already,
      {"a,b", "-c", "a,b"},     // and what is not.
      {"", "+a", "a"},          // With nothing above.
      {"", "-a", ""},           //
  };
  for (const auto& c : kCases) {
    const std::string above = c.above;
    const std::vector<absl::string_view> names = Elements(above);
    const Name own(c.own);
    EXPECT_EQ(Joined(QosBelow({names.begin(), names.end()}, own)), c.want)
        << c.above << " " << c.own;
  }
}

// Each row that hangs on root, with its default and the list that holds there.
TEST(WalkTest, RowsWithQos) {
  const struct {
    const char* name;
    const char* tree;
    const char* want;
  } kCases[] = {
      {"a row inherits both", "root;a,b;a x<root x/u",
       "root a of a,b; x a of a,b; x/u a of a,b"},
      {"its own come first", "root;a,b;a x<root;b;b x/u;c;c",
       "root a of a,b; x b of b; x/u c of c"},
      {"no list up to root", "x<root;-;a", "root  of ?; x a of ?"},
      {"a change to a list that is not known", "x<root;+a",
       "root  of ?; x  of ?"},
      {"users who say the same, in two accounts",
       "root;a x<root x/u;+b x/v;+b x/w;-a y<root;c y/u;+b y/v",
       "root  of a; x  of a; x/u  of a,b; x/v  of a,b; x/w  of ; y  of c; "
       "y/u  of b,c; y/v  of c"},
      {"and where no list is known", "x<root x/u;+a x/v;b x/w;+a",
       "root  of ?; x  of ?; x/u  of ?; x/v  of b; x/w  of ?"},
      {"what does not hang on root is left out", "root;a x<gone;b",
       "root  of a"},
  };
  for (const auto& c : kCases) {
    std::vector<std::string> rows;
    ForEachRowWithQos(
        TreeOf(c.tree), std::nullopt,
        [&](const AssocKey& key, const Association&, Name name,
            const QosLists::Names* list) {
          rows.push_back(absl::StrCat(key.ToString(), " ", name.view(), " of ",
                                      list == nullptr ? "?" : Joined(*list)));
        });
    EXPECT_EQ(absl::StrJoin(rows, "; "), c.want) << c.name;
  }
}

// As a walk comes and goes: what a row changed is as before when it is left.
TEST(WalkTest, ListsAsAWalkComesAndGoes) {
  QosLists lists{QosLists::Names{"a"}};
  const auto enter = [&](const char* own) {
    Fields row;
    if (*own != '\0') row.Set(Key::kQos, Name(own));
    lists.Enter(row);
    return Joined(*lists.names());
  };
  const auto leave = [&] {
    lists.Leave();
    return Joined(*lists.names());
  };
  EXPECT_EQ(Joined(*lists.names()), "a");
  EXPECT_EQ(enter("+b"), "a,b");
  EXPECT_EQ(enter(""), "a,b");
  EXPECT_EQ(enter("-a,+c"), "b,c");
  EXPECT_EQ(enter("x,y"), "x,y");
  EXPECT_EQ(enter("-x"), "y");
  EXPECT_EQ(leave(), "x,y");
  EXPECT_EQ(leave(), "b,c");
  EXPECT_EQ(leave(), "a,b");
  EXPECT_EQ(leave(), "a,b");
  EXPECT_EQ(leave(), "a");
  EXPECT_EQ(QosLists(std::nullopt).names(), nullptr);
}

}  // namespace assocsync::walk_test
