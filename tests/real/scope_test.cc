// A part of a target on real daemons: one account comes back, and what was made
// since stays.
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
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

// At noon somebody deletes an account of 200 users; others work on. It comes
// back from whatever there is, and no other row changes.
TEST(ScopeTest, NoonDrill) {
  const std::vector<LabRelease> releases = LabRelease::All();
  ASSERT_FALSE(releases.empty()) << "no lab: tests/lab up";
  std::string users;
  for (int i = 0; i < 200; ++i) absl::StrAppend(&users, i ? "," : "", "u", i);
  for (const LabRelease& release : releases) {
    SCOPED_TRACE(release.version());
    LabSite site(release);
    release.Reset();
    const std::string later =
        "add | user | name=later | account=chem | defaultaccount=chem";
    site.Must(
        {"add | account | name=bio | description=bio | organization=bio",
         "add | account | name=x | parent=bio | description=d | organization=o",
         "add | account | name=chem | description=chem | organization=chem",
         "add | user | name=ann,bob | account=chem | defaultaccount=chem",
         absl::StrCat("add | user | name=bob,", users, " | account=x"),
         "modify | account | where | name=x | set | fairshare=9 | "
         "grptres=cpu=64",
         "modify | user | where | name=u3,bob | account=x | set | maxjobs=4",
         "add | coordinator | account=x | names=u5,ann", later});
    const auto want = SortedDump(release.Dump("lab"));
    site.Must({"delete | user | name=later"});

    const std::string cfg = site.Put("old.cfg", release.Dump("lab"));
    RunResult made =
        RunProgram({ASSOCSYNC_BINARY, "backup", "--backup-dir", site.backup_dir,
                    "--slurmdbd-conf", release.Path("slurmdbd.conf"),
                    "--sacctmgr", release.Path("bin/sacctmgr")});
    ASSERT_EQ(made.exit_code, 0) << made.out << made.err;
    ASSERT_EQ(site.Runs().size(), 1u);
    const std::string folder = site.Runs()[0];
    const std::string sql = site.File("old.sql.gz");
    made =
        RunProgram({"sh", "-c",
                    "mariadb-dump --defaults-file=\"$1\" \"$2\" | gzip >\"$3\"",
                    "sh", release.Path("my.cnf"),
                    std::string(absl::StripAsciiWhitespace(
                        release.Sql("SELECT DATABASE()"))),
                    sql});
    ASSERT_EQ(made.exit_code, 0) << made.err;

    for (const std::string& source : {cfg, folder, sql}) {
      SCOPED_TRACE(source);
      // Up to 22.05 an account goes only when it is nobody's default any more.
      site.Must({absl::StrCat("delete | user | name=", users),
                 "delete | account | name=x", later});
      const RunResult result =
          site.Assocsync({"apply", source, "--only", "account=x"});
      EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
      EXPECT_THAT(result.out, HasSubstr("Read again: live is what was asked"));
      EXPECT_EQ(SortedDump(release.Dump("lab")), want) << result.out;
      site.Must({"delete | user | name=later"});
    }
  }
}

}  // namespace assocsync::scope_test
