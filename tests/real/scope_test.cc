// A part of a target on real daemons: one account comes back, and what was made
// since stays.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/site.h"

namespace assocsync::scope_test {

using ::testing::HasSubstr;

TEST(ScopeTest, OneAccountBack) {
  const std::vector<LabRelease> releases = LabRelease::All();
  ASSERT_FALSE(releases.empty()) << "no lab: tests/lab up";
  const std::string backup = absl::StrCat(
      ASSOCSYNC_SOURCE_DIR, "/testdata/field/20-one-account-back.cfg");
  const std::vector<std::string> chem = {
      "add | account | name=chem | description=chem | organization=chem",
      "add | account | name=newacc",
      "add | user | name=eve | account=newacc | defaultaccount=newacc",
      "add | user | name=ann | account=chem | defaultaccount=chem"};
  for (const LabRelease& release : releases) {
    SCOPED_TRACE(release.version());
    LabSite site(release);
    release.Reset();
    site.Must(chem);
    // By hand, in an order of one's own: what must come.
    site.Must({"add | account | name=bio | description=bio | organization=bio",
               "add | user | name=bob,cat,dan | account=bio | "
               "defaultaccount=bio",
               "add | user | name=ann | account=bio",
               "modify | user | where | name=ann | set | defaultaccount=bio"});
    const auto want = SortedDump(release.Dump("lab"));

    release.Reset();
    site.Must(chem);
    const std::vector<std::string> words = {"apply", backup, "--only",
                                            "account=bio"};
    const RunResult result = site.Assocsync(words);
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr("AS143"));
    EXPECT_THAT(result.out, HasSubstr("Read again: live is what was asked of "
                                      "20-one-account-back.cfg"));
    EXPECT_EQ(SortedDump(release.Dump("lab")), want) << result.out;
    const int commands = site.Commands();
    const RunResult again = site.Assocsync(words);
    EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
    EXPECT_EQ(site.Commands(), commands);
  }
}

}  // namespace assocsync::scope_test
