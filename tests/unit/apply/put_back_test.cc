// What a stopped run should not leave.
#include "engine/apply/put_back.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/plans.h"

namespace assocsync::put_back_test {

constexpr char kAccounts[] =
    "Account - 'bio':Description='b':Organization='b'\n"
    "Account - 'hep':Description='h':Organization='h'\n";

Tree With(absl::string_view more) {
  return SiteOf(absl::StrCat(kAccounts, more));
}

TEST(PutBackTest, NothingWhereNothingIsHalfDone) {
  const Tree before = With(
      "Parent - 'hep'\nUser - 'ann':DefaultAccount='hep'\n"
      "User - 'bob':DefaultAccount='hep'\n");
  const Tree expected =
      With("Parent - 'hep'\nUser - 'ann':DefaultAccount='hep'\n");
  EXPECT_FALSE(TreeToPutBack(before, before, expected).has_value());
  EXPECT_FALSE(TreeToPutBack(before, expected, expected).has_value());
  // An account that is to come is there already.
  const Tree more = SiteOf(absl::StrCat(
      kAccounts, "Account - 'new':Description='n':Organization='n'\n"));
  EXPECT_FALSE(TreeToPutBack(before, more, more).has_value());
}

TEST(PutBackTest, AFreshAccountGoesAndDefaultsComeBack) {
  constexpr char kFresh[] =
      "Account - 'tmp':Description='t':Organization='t'\n";
  const Tree before = With(
      "Parent - 'bio'\nUser - 'ann':DefaultAccount='hep'\n"
      "Parent - 'hep'\nUser - 'ann':DefaultAccount='hep'\n"
      "User - 'bob':DefaultAccount='hep'\n");
  const Tree expected = With("");
  // ann has a row of hep left, and her default is with tmp; bob has none.
  const Tree now =
      SiteOf(absl::StrCat(kAccounts, kFresh,
                          "Parent - 'hep'\nUser - 'ann':DefaultAccount='tmp'\n"
                          "Parent - 'tmp'\nUser - 'ann':DefaultAccount='tmp'\n"
                          "User - 'bob':DefaultAccount='tmp'\n"));
  const Tree want = With("Parent - 'hep'\nUser - 'ann':DefaultAccount='hep'\n");
  const auto tree = TreeToPutBack(before, now, expected);
  ASSERT_TRUE(tree.has_value());
  EXPECT_EQ(*tree, want);
}

TEST(PutBackTest, RowsThatWereToBeAddedAgainAre) {
  const Tree both = With(
      "Parent - 'hep'\nUser - 'ann':DefaultAccount='hep':MaxJobs=3\n"
      "User - 'bob':DefaultAccount='hep'\n");
  const Tree expected =
      With("Parent - 'hep'\nUser - 'ann':DefaultAccount='hep':MaxJobs=3\n");
  const auto tree = TreeToPutBack(both, With(""), expected);
  ASSERT_TRUE(tree.has_value());
  EXPECT_EQ(*tree, expected);
}

}  // namespace assocsync::put_back_test
