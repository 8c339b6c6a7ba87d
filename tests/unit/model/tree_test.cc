// What a tree is: options of a row, names of rows, what no Slurm could hold,
// order and fingerprint.
#include "engine/model/tree.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/model/value.h"
#include "gtest/gtest.h"

namespace assocsync::tree_test {

// Rows as "a<root", "a/u" and "a/u@p"; records as "acct:a", "user:u" and, with
// a default account and WCKeys, "user:u:a:w1,w2". Root is there.
Tree TreeOf(absl::string_view text) {
  Tree tree;
  tree.cluster = Name("c");
  tree.associations[{RootName(), {}, {}}];
  tree.accounts[RootName()];
  for (const absl::string_view word :
       absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const std::vector<std::string> parts = absl::StrSplit(word, ':');
    if (parts[0] == "acct") {
      tree.accounts[Name(parts[1])];
    } else if (parts[0] == "user") {
      Fields& fields = tree.users[Name(parts[1])].fields;
      if (parts.size() > 2 && !parts[2].empty()) {
        fields.Set(Key::kDefaultAccount, Name(parts[2]));
      }
      if (parts.size() > 3) fields.Set(Key::kDefaultWckey, Name(parts[3]));
      if (parts.size() > 4) fields.Set(Key::kWckeys, Name(parts[4]));
    } else if (absl::StrContains(word, '<')) {
      const std::pair<std::string, std::string> row = absl::StrSplit(word, '<');
      tree.associations[{Name(row.first), {}, {}}].parent = Name(row.second);
    } else {
      const std::pair<std::string, std::string> row =
          absl::StrSplit(word, absl::MaxSplits('/', 1));
      const std::pair<std::string, std::string> who =
          absl::StrSplit(row.second, absl::MaxSplits('@', 1));
      tree.associations[{Name(row.first), Name(who.first), Name(who.second)}];
    }
  }
  return tree;
}

TEST(FieldsTest, SortedByKeyEachOnce) {
  Fields fields;
  EXPECT_TRUE(fields.empty());
  fields.Set(Key::kPriority, Name("3"));
  fields.Set(Key::kMaxJobs, Name("4"));
  fields.Set(Key::kPriority, Name("5"));
  EXPECT_EQ(fields.ToString(), "MaxJobs=4:Priority=5");
  EXPECT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields.Get(Key::kMaxJobs).view(), "4");
  EXPECT_EQ(fields.Find(Key::kGrpJobs), nullptr);
  EXPECT_EQ(fields.Get(Key::kGrpJobs), Name());
  fields.Erase(Key::kGrpJobs);
  fields.Erase(Key::kMaxJobs);
  EXPECT_EQ(fields.ToString(), "Priority=5");
  fields.Erase(Key::kPriority);
  EXPECT_EQ(fields, Fields());
}

// Not set is one thing, set to nothing is another.
TEST(FieldsTest, AnEmptyValueIsAValue) {
  Fields fields;
  fields.Set(Key::kComment, Name(""));
  EXPECT_TRUE(fields.Has(Key::kComment));
  EXPECT_NE(fields, Fields());
  EXPECT_EQ(fields.ToString(), "Comment=");
}

TEST(FieldsTest, EqualHoweverTheyCameAbout) {
  FieldList list;
  list.Set(Key::kMaxJobs, Name("4"));
  list.Set(Key::kGrpJobs, Name("1"));
  list.Set(Key::kComment, Name("x"));
  list.Erase(Key::kComment);
  list.Erase(Key::kQos);
  Fields fields;
  fields.Set(Key::kGrpJobs, Name("1"));
  fields.Set(Key::kMaxJobs, Name("4"));
  EXPECT_EQ(Fields(list), fields);
  EXPECT_EQ(FieldList(fields).span().size(), 2u);
}

// What points into a set of options stays good when another is made of it.
TEST(FieldsTest, WhatWasFoundStays) {
  Fields fields;
  fields.Set(Key::kMaxJobs, Name("4"));
  const Name* const found = fields.Find(Key::kMaxJobs);
  for (int i = 0; i < 20000; ++i) {
    Fields other = fields;
    other.Set(Key::kGrpJobs, Name(absl::StrCat(i)));
  }
  EXPECT_EQ(found->view(), "4");
}

TEST(TreeTest, KeepElements) {
  const struct {
    const char* list;
    const char* goes;
    const char* want;
    bool changed;
  } kCases[] = {
      {"a,b,c", "b", "QOS=a,c", true},
      {"a,b,c", "z", "QOS=a,b,c", false},
      {"a", "a", "", true},
      {"+a,-b", "a", "QOS=-b", true},
      {"", "a", "QOS=", false},
  };
  for (const auto& c : kCases) {
    Fields fields;
    fields.Set(Key::kQos, Name(c.list));
    const bool changed = KeepElements(
        Key::kQos,
        [&](absl::string_view element) { return QosNamed(element) != c.goes; },
        &fields);
    EXPECT_EQ(changed, c.changed) << c.list << " without " << c.goes;
    EXPECT_EQ(fields.ToString(), c.want);
  }
}

TEST(TreeTest, NamesOfRows) {
  EXPECT_EQ((AssocKey{Name("hep"), {}, {}}).ToString(), "hep");
  EXPECT_EQ((AssocKey{Name("hep"), Name("al"), {}}).ToString(), "hep/al");
  EXPECT_EQ((AssocKey{Name("hep"), Name("al"), Name("p")}).ToString(),
            "hep/al@p");
  EXPECT_TRUE((AssocKey{Name("hep"), {}, {}}).is_account());
  // An account's own row comes before those of its users, and the row without
  // a partition before the others.
  const Tree tree = TreeOf("b/u b<root a/u@p a/u a/t a<root");
  std::vector<std::string> rows;
  for (const auto& [key, row] : tree.associations) {
    rows.push_back(key.ToString());
  }
  EXPECT_EQ(absl::StrJoin(rows, " "), "a a/t a/u a/u@p b b/u root");
}

TEST(TreeTest, Illegalities) {
  const struct {
    const char* name;
    const char* tree;
    const char* want;
  } kCases[] = {
      {"nothing but root", "", ""},
      {"an account and a user", "a<root acct:a a/u user:u:a", ""},
      {"partition rows alone", "a<root acct:a a/u@p a/u@q user:u:a", ""},
      {"no default account", "a<root acct:a a/u user:u", ""},
      {"no parent", "a<x acct:a", "account a: its parent 'x' does not exist"},
      {"a circle", "a<b b<a acct:a acct:b",
       "account a: does not hang on root (a cycle, or below an account without "
       "parent)|account b: does not hang on root (a cycle, or below an account "
       "without parent)"},
      {"its own parent", "a<a acct:a",
       "account a: does not hang on root (a cycle, or below an account without "
       "parent)"},
      {"below an account without parent", "a<x b<a acct:a acct:b",
       "account a: its parent 'x' does not exist|account b: does not hang on "
       "root (a cycle, or below an account without parent)"},
      {"an account without a record", "a<root", "account a has no record"},
      {"a record without an account", "acct:a", "account a has no association"},
      {"a user in no account", "a/u user:u:a",
       "association a/u: its account does not exist"},
      {"a user without a record", "a<root acct:a a/u", "user u has no record"},
      {"a record without a user", "user:u", "user u has no association"},
      {"a default account of others",
       "a<root b<root acct:a acct:b a/u user:u:b",
       "user u: default account 'b' is none of the user's accounts"},
      {"a default account that is not there", "a<root acct:a a/u user:u:x",
       "user u: default account 'x' is none of the user's accounts"},
      {"and a row in an account without a name",
       "a<root acct:a a/u user:u:x /v user:v",
       "association /v: its account does not exist|user u: default account 'x' "
       "is none of the user's accounts"},
      {"a default WCKey", "a<root acct:a a/u user:u:a:w:v,w", ""},
      {"a default WCKey that is not there", "a<root acct:a a/u user:u:a:x:v,w",
       "user u: default WCKey 'x' is none of the user's WCKeys"},
      {"a default WCKey and no WCKeys", "a<root acct:a a/u user:u:a:w",
       "user u: default WCKey 'w' is none of the user's WCKeys"},
      {"root below another", "root<a a<root acct:a", "root has a parent"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(absl::StrJoin(Illegalities(TreeOf(c.tree)), "|"), c.want)
        << c.name;
  }
  EXPECT_EQ(absl::StrJoin(Illegalities(Tree()), "|"),
            "there is no root account");
  Tree tree = TreeOf("a<root acct:a");
  tree.associations[{Name("a"), {}, Name("p")}].parent = RootName();
  EXPECT_EQ(absl::StrJoin(Illegalities(tree), "|"),
            "account row a@p has a partition");
}

TEST(TreeTest, TopDown) {
  const struct {
    const char* tree;
    const char* want;
  } kCases[] = {
      {"", "root"},
      {"b<root a<root", "root a b"},
      // Level by level, though the names say otherwise.
      {"z<root a<z m<a c<root", "root c z a m"},
      // What hangs on nothing is left out.
      {"a<root x<y y<x b<gone", "root a"},
  };
  for (const auto& c : kCases) {
    std::vector<std::string> names;
    for (const auto& [name, row] : TopDown(TreeOf(c.tree))) {
      names.push_back(name.str());
    }
    EXPECT_EQ(absl::StrJoin(names, " "), c.want);
  }
  EXPECT_TRUE(TopDown(Tree()).empty());
}

// Whatever differs, wherever, the fingerprint does too; who wrote the file and
// on which line makes no difference.
TEST(TreeTest, Fingerprint) {
  const Tree tree = TreeOf("a<root acct:a b<a acct:b a/u user:u:a");
  const std::string print = Fingerprint(tree);
  EXPECT_EQ(print.size(), 16u);
  Tree same = tree;
  same.authorship.by_hand = true;
  same.users[Name("u")].line = 7;
  EXPECT_EQ(Fingerprint(same), print);
  EXPECT_EQ(same, tree);
  using Change = void (*)(Tree*);
  const Change kChanges[] = {
      [](Tree* t) { t->cluster = Name("d"); },
      [](Tree* t) { t->lists_qos = true; },
      [](Tree* t) { t->qos[Name("q")]; },
      [](Tree* t) { t->accounts[Name("q")]; },
      [](Tree* t) { t->users[Name("q")]; },
      [](Tree* t) {
        t->cluster_fields.Set(Key::kClassification, Name("capacity"));
      },
      [](Tree* t) {
        t->accounts[Name("a")].fields.Set(Key::kDescription, Name(""));
      },
      [](Tree* t) {
        t->users[Name("u")].fields.Set(Key::kAdminLevel, Name("Operator"));
      },
      [](Tree* t) {
        t->associations[{Name("a"), {}, {}}].limits.Set(Key::kMaxJobs,
                                                        Name("0"));
      },
      [](Tree* t) {
        t->associations[{Name("b"), {}, {}}].parent = RootName();
      },
      [](Tree* t) {
        t->associations[{Name("a"), Name("u"), Name("p")}];
      },
      [](Tree* t) {
        t->associations.erase({Name("a"), Name("u"), {}});
      },
  };
  std::vector<std::string> prints = {print};
  for (const Change change : kChanges) {
    Tree other = tree;
    change(&other);
    prints.push_back(Fingerprint(other));
  }
  std::sort(prints.begin(), prints.end());
  EXPECT_EQ(std::unique(prints.begin(), prints.end()), prints.end());
  // Of this tree on every machine.
  EXPECT_EQ(print, "b2a19a751f62b285");
}

}  // namespace assocsync::tree_test
