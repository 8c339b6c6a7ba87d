// A line that another file had means what it means where it stands: each of
// these files would be read in another way if the first one's were believed.
#include "engine/cfg/recall.h"

#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/input_limits.h"
#include "engine/cfg/parse.h"
#include "gtest/gtest.h"
#include "tests/support/told.h"

namespace assocsync::recall_test {

constexpr char kHead[] =
    "Cluster - 'c'\n"
    "Parent - 'root'\n"
    "Account - 'bio'\n"
    "Account - 'chem'\n";

struct Pair {
  const char* why;
  std::string first, second;
  friend void PrintTo(const Pair& pair, std::ostream* out) { *out << pair.why; }
};

class RecallTest : public testing::TestWithParam<Pair> {};

TEST_P(RecallTest, ReadsAsItStands) {
  for (const bool fold_first : {false, true}) {
    cfg::Recall recall;
    const ParseResult first =
        Parse(GetParam().first, {.fold_users = fold_first, .keep = &recall});
    ASSERT_EQ(FormatErrors("first", first.errors), "");
    for (const bool fold : {false, true}) {
      EXPECT_EQ(ToldBy(Parse(GetParam().second,
                             {.fold_users = fold, .recall = &recall})),
                ToldBy(Parse(GetParam().second, {.fold_users = fold})));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Pairs, RecallTest,
    testing::Values(
        Pair{"its Parent= names the account above",
             absl::StrCat(kHead,
                          "Parent - 'chem'\nUser - 'x':DefaultAccount='chem'\n"
                          "Parent - 'bio'\n"
                          "User - 'a':DefaultAccount='bio':Parent='bio'\n"),
             absl::StrCat(kHead,
                          "Parent - 'chem'\nUser - 'x':DefaultAccount='chem'\n"
                          "User - 'a':DefaultAccount='bio':Parent='bio'\n"
                          "Parent - 'bio'\nUser - 'a':DefaultAccount='bio'\n")},
        Pair{"the file ended above it",
             absl::StrCat(kHead,
                          "Parent - 'bio'\n"
                          "User - 'a':DefaultAccount='bio'\n"
                          "User - 'b':DefaultAccount='bio'\n"
                          "User - 'd':DefaultAccount='bio'\n"
                          "# assocsync:end\n"),
             absl::StrCat(kHead,
                          "Parent - 'bio'\n"
                          "User - 'a':DefaultAccount='bio'\n"
                          "# assocsync:end\n"
                          "User - 'b':DefaultAccount='bio'\n"
                          "User - 'd':DefaultAccount='bio'\n")},
        Pair{"another line gave the user's rights",
             absl::StrCat(
                 kHead,
                 "Parent - 'bio'\n"
                 "User - 'a':DefaultAccount='chem':AdminLevel='Operator'\n"
                 "Parent - 'chem'\nUser - 'a':DefaultAccount='chem'\n"),
             absl::StrCat(
                 kHead, "Parent - 'chem'\nUser - 'a':DefaultAccount='chem'\n")},
        Pair{"the user is written in another way above",
             absl::StrCat(kHead,
                          "Parent - 'bio'\nUser - 'ann':DefaultAccount='bio'\n"
                          "Parent - 'chem'\n"
                          "User - 'ann':DefaultAccount='bio'\n"),
             absl::StrCat(kHead,
                          "Parent - 'bio'\nUser - 'Ann':DefaultAccount='bio'\n"
                          "Parent - 'chem'\n"
                          "User - 'ann':DefaultAccount='bio'\n")},
        Pair{
            "the name is in upper case",
            absl::StrCat(kHead,
                         "Parent - 'bio'\nUser - 'Ann':DefaultAccount='bio'\n"),
            absl::StrCat(kHead,
                         "Parent - 'bio'\n"
                         "User - 'Ann':DefaultAccount='bio'\n")},
        Pair{
            "the line above does not say it",
            absl::StrCat(kHead,
                         "Parent - 'bio'\n"
                         "User - 'a':DefaultAccount='bio':AdminLevel='None'\n"
                         "Parent - 'chem'\n"
                         "User - 'a':DefaultAccount='bio':AdminLevel='None'\n"),
            absl::StrCat(kHead,
                         "Parent - 'bio'\n"
                         "User - 'a':DefaultAccount='bio'\n"
                         "Parent - 'chem'\n"
                         "User - 'a':DefaultAccount='bio':AdminLevel='None'\n"
                         "User - 'a':Partition='p':AdminLevel='Operator'\n")},
        Pair{"there is no cluster yet",
             absl::StrCat(kHead,
                          "Parent - 'bio'\nUser - 'a':DefaultAccount='bio'\n"),
             absl::StrCat("User - 'a':DefaultAccount='bio'\n", kHead)},
        Pair{"it goes on",
             absl::StrCat(kHead,
                          "Parent - 'bio'\n"
                          "User - 'a':DefaultAccount='bio':\\\nMaxJobs=1\n"
                          "User - 'b':DefaultAccount='bio'\n"),
             absl::StrCat(kHead,
                          "Parent - 'bio'\n"
                          "User - 'a':DefaultAccount='bio':\\\nMaxJobs=2\n"
                          "User - 'b':DefaultAccount='bio'\n")},
        Pair{"it ends as another's, whose name is in lower case",
             absl::StrCat(kHead,
                          "Parent - 'bio'\nUser - 'a':DefaultAccount='bio'\n"),
             absl::StrCat(kHead,
                          "Parent - 'bio'\nUser - 'Z':DefaultAccount='bio'\n"
                          "User - 'q\\#1':DefaultAccount='bio'\n"
                          "User - 'it's':DefaultAccount='bio'\n"
                          "User - '(null)':DefaultAccount='bio'\n"
                          "User - '':DefaultAccount='bio'\n")},
        Pair{"it ends as another's, whose name is short",
             absl::StrCat(kHead,
                          "Parent - 'bio'\nUser - 'a':DefaultAccount='bio'\n"),
             absl::StrCat(kHead, "Parent - 'bio'\nUser - '",
                          std::string(2000, 'x'), "':DefaultAccount='bio'\n")},
        Pair{"it ends as another's, whose line is just short enough",
             absl::StrCat(kHead,
                          "Parent - 'bio'\nUser - 'a':DefaultAccount='bio'",
                          std::string(kMaxLine - 32, ' '), "\n"),
             absl::StrCat(kHead,
                          "Parent - 'bio'\nUser - 'abc':DefaultAccount='bio'",
                          std::string(kMaxLine - 32, ' '), "\n")},
        Pair{
            "it ends as another's, who has no rights yet",
            absl::StrCat(kHead,
                         "Parent - 'bio'\nUser - 'a':DefaultAccount='bio'\n"
                         "User - 'd':DefaultAccount='bio':AdminLevel='None'\n"),
            absl::StrCat(
                kHead,
                "Parent - 'bio'\n"
                "User - 'b':DefaultAccount='bio':AdminLevel='Operator'\n"
                "User - 'c':DefaultAccount='bio':AdminLevel='Operator'\n"
                "Parent - 'chem'\nUser - 'b':DefaultAccount='bio'\n"
                "User - 'c':DefaultAccount='bio':AdminLevel='None'\n")},
        Pair{"it ends as another's, and its default is nowhere",
             absl::StrCat(kHead,
                          "Parent - 'bio'\nUser - 'a':DefaultAccount='bio'\n"),
             absl::StrCat(
                 kHead,
                 "Parent - 'chem'\nUser - 'longer':DefaultAccount='bio'\n")},
        Pair{"the last line ends in nothing",
             absl::StrCat(kHead,
                          "Parent - 'bio'\nUser - 'a':DefaultAccount='bio'\n"),
             absl::StrCat(kHead,
                          "Parent - 'bio'\nUser - 'a':DefaultAccount='bio'")}));

// Which is the whole use of it.
TEST(RecallTest, KeepsPlainLines) {
  cfg::Recall recall;
  Parse(absl::StrCat(kHead,
                     "Parent - 'bio'\n"
                     "User - 'a':DefaultAccount='bio':MaxJobs=4\n"
                     "User - 'a':Partition='p':DefaultAccount='bio'\n"
                     "User - 'B':DefaultAccount='bio'\n"
                     "User - 'd':DefaultAccount='bio'  # why\n"
                     "User - 'e':DefaultAccount='bio':MaxJobs=4\n"),
        {.keep = &recall});
  ASSERT_EQ(recall.lines().size(), 4u);
  EXPECT_EQ(recall.ending(recall.lines()[1].ending).partition, Name("p"));
  EXPECT_EQ(recall.lines()[2].user, Name("d"));
  EXPECT_EQ(recall.lines()[3].ending, recall.lines()[0].ending);
}

}  // namespace assocsync::recall_test
