#include "engine/base/intern_set.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace assocsync::intern_set_test {

struct Texts {
  absl::string_view At(uint32_t number) const { return kept[number]; }
  uint32_t Add(absl::string_view text) {
    kept.emplace_back(text);
    return static_cast<uint32_t>(kept.size() - 1);
  }

  std::vector<std::string> kept = {""};
};
using Set = InternSet<Texts, absl::string_view>;

// Among a million texts some hundred have the hash of another one.
TEST(InternSetTest, OneHashManyValues) {
  // The last place of any array, the first, and one between.
  for (const uint32_t hash : {0xffffffffu, 0u, 7u}) {
    Texts texts;
    Set set;
    const auto add = [&](absl::string_view text) { return texts.Add(text); };
    EXPECT_EQ(set.Find(texts, "0", hash), 0u);
    for (uint32_t i = 1; i <= 500; ++i) {
      const std::string text = absl::StrCat(i);
      // Others beside them, that must be moved along as the set grows.
      EXPECT_EQ(set.FindOrAdd(texts, text, hash, add), 2 * i - 1);
      EXPECT_EQ(set.FindOrAdd(texts, text, hash + i, add), 2 * i);
    }
    EXPECT_EQ(set.size(), 1000u);
    for (uint32_t i = 1; i <= 500; ++i) {
      const std::string text = absl::StrCat(i);
      EXPECT_EQ(set.Find(texts, text, hash), 2 * i - 1);
      EXPECT_EQ(set.FindOrAdd(texts, text, hash + i, add), 2 * i);
    }
    EXPECT_EQ(set.Find(texts, "501", hash), 0u);
    EXPECT_EQ(set.size(), 1000u);
  }
}

TEST(InternSetTest, RoomIsMadeOnceAndNothingIsLost) {
  Texts texts;
  Set set;
  const auto add = [&](absl::string_view text) { return texts.Add(text); };
  EXPECT_EQ(set.FindOrAdd(texts, "a", Set::HashOf("a"), add), 1u);
  set.Reserve(100000);
  set.Reserve(10);
  EXPECT_EQ(set.Find(texts, "a", Set::HashOf("a")), 1u);
  EXPECT_EQ(set.Find(texts, "b", Set::HashOf("b")), 0u);
}

}  // namespace assocsync::intern_set_test
