#include "engine/slurm/names.h"

#include <algorithm>
#include <random>

#include "gtest/gtest.h"

namespace assocsync::slurm::names_test {

TEST(NamesTest, Like) {
  const struct {
    const char* pattern;
    const char* text;
    bool want;
  } kCases[] = {
      {"ab_1", "ab_1", true},
      {"ab_1", "abx1", true},
      {"ab_1", "ab1", false},
      {"a%1", "a1", true},
      {"a%1", "abc1", true},
      {"a%1", "a1b", false},
      {"%/a_b/%", "/a/b/", true},
      {"%/a/%", "/b/0-u/a/", true},
      {"", "", true},
      {"_", "", false},
      {"%", "", true},
      {"%a%b%", "xaxxbx", true},
      {"%a%b", "ab%", false},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Like(c.pattern, c.text), c.want) << c.pattern << " " << c.text;
  }
}

TEST(NamesTest, MayCollate) {
  EXPECT_TRUE(MayCollate("bob", "Bob"));
  EXPECT_TRUE(MayCollate("bob", "bob "));
  EXPECT_TRUE(MayCollate("jose", "jos\xc3\xa9"));
  EXPECT_FALSE(MayCollate("bob", "bob"));
  EXPECT_FALSE(MayCollate("bob", "rob"));
  EXPECT_FALSE(MayCollate("jose", "mar\xc3\xa9"));
}

// The index finds what a scan finds.
TEST(NamesTest, IndexAgreesWithAScan) {
  std::mt19937 random(7);
  const auto below = [&](int n) {
    return static_cast<size_t>(
        std::uniform_int_distribution<>(0, n - 1)(random));
  };
  const std::string letters = "ab_%-A";
  const auto word = [&](int longest) {
    std::string out;
    for (size_t n = below(longest); n > 0; --n) out += letters[below(6)];
    return out;
  };
  for (int round = 0; round < 300; ++round) {
    NameIndex index;
    std::vector<Name> names;
    for (int i = 0; i < 40; ++i) {
      const Name name("n" + word(6));
      index.Insert(name);
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(name);
      }
    }
    index.Erase(names.back());
    names.pop_back();
    const std::string pattern = FoldName("n" + word(6));
    std::vector<Name> found, want;
    index.FindLike(pattern, &found);
    for (const Name name : names) {
      if (Like(pattern, FoldName(name.view()))) want.push_back(name);
    }
    std::sort(found.begin(), found.end());
    std::sort(want.begin(), want.end());
    EXPECT_EQ(found, want) << pattern;
  }
}

}  // namespace assocsync::slurm::names_test
