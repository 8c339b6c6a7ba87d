// Which rows of users one `modify user` names.
#include "engine/plan/row_groups.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace assocsync::row_groups_test {

// Of "a/u": account a, user u.
std::vector<AssocKey> Rows(absl::string_view text) {
  std::vector<AssocKey> rows;
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    const std::pair<std::string, std::string> at = absl::StrSplit(word, '/');
    rows.push_back({Name(at.first), Name(at.second), {}});
  }
  return rows;
}

std::string Groups(absl::string_view rows, absl::string_view there,
                   size_t most = 100) {
  const std::vector<AssocKey> said = Rows(rows), all = Rows(there);
  const auto rows_of = [&](Name user, size_t at_most) {
    std::vector<AssocKey> of;
    for (const AssocKey& row : all) {
      if (row.user == user && of.size() < at_most) of.push_back(row);
    }
    return of;
  };
  return absl::StrJoin(
      GroupUserRows(said, rows_of, most), " | ",
      [&](std::string* out, const std::vector<size_t>& group) {
        absl::StrAppend(out, absl::StrJoin(group, " ", [&](auto* to, size_t i) {
                          absl::StrAppend(to, said[i].account.view(), "/",
                                          said[i].user.view());
                        }));
      });
}

TEST(RowGroupsTest, WhoHasNoOtherRowGoesWithAnybodyWhoHasNone) {
  EXPECT_EQ(Groups("a/u a/v b/u b/w", "a/u a/v b/u b/w"), "a/u b/u a/v b/w");
}

TEST(RowGroupsTest, NoUserHasAnotherRowInTheAccounts) {
  // u is in b too, where v is named.
  EXPECT_EQ(Groups("a/u b/v", "a/u b/u b/v c/v"), "a/u | b/v");
  EXPECT_EQ(Groups("b/v a/u", "a/u b/u b/v c/v"), "b/v | a/u");
  EXPECT_EQ(Groups("a/u c/v", "a/u b/u c/v d/v"), "a/u c/v");
  EXPECT_EQ(Groups("a/u a/w", "a/u b/u a/w"), "a/u | a/w");
}

TEST(RowGroupsTest, NoGroupIsLargerThanABatch) {
  EXPECT_EQ(Groups("a/u b/u c/v d/w", "a/u b/u c/v d/w", 2),
            "a/u b/u | c/v d/w");
  EXPECT_EQ(Groups("a/u b/u c/u", "a/u b/u c/u", 2), "a/u | b/u | c/u");
}

// A user has one row in each of thousands of accounts, and each gets a limit of
// its own: nobody asks for all of them each time.
TEST(RowGroupsTest, WhoHasManyOtherRowsGoesByAccount) {
  size_t asked = 0;
  const auto rows_of = [&](Name user, size_t at_most) {
    asked = std::max(asked, at_most);
    std::vector<AssocKey> of;
    for (size_t i = 0; i < at_most; ++i) {
      of.push_back({Name(absl::StrCat("a", i)), user, {}});
    }
    return of;
  };
  EXPECT_EQ(GroupUserRows(Rows("a0/u a0/v a1/u"), rows_of, 9),
            (std::vector<std::vector<size_t>>{{0, 1}, {2}}));
  EXPECT_LT(asked, 100u);
}

TEST(RowGroupsTest, RowsOfOtherPartitionsAreNotInTheWay) {
  const std::vector<AssocKey> rows = Rows("a/u b/v");
  const auto rows_of = [](Name user, size_t) {
    return std::vector<AssocKey>{{Name("a"), user, Name("p")},
                                 {Name("b"), user, Name("p")}};
  };
  EXPECT_EQ(GroupUserRows(rows, rows_of, 9).size(), 1u);
}

}  // namespace assocsync::row_groups_test
