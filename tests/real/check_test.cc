// What check says of a tree, held against real daemons: that the names exist
// (--live), and that Slurm does what the rules say it does.
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/lab.h"
#include "tests/support/site.h"

namespace assocsync::check_test {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kTree[] =
    "Cluster - 'lab':QOS='normal'\n"
    "Parent - 'root'\n"
    "User - 'root':DefaultAccount='root':AdminLevel='Administrator'\n"
    "Account - 'hep':Description='HEP'\n"
    "Parent - 'hep'\n"
    "User - 'j_doe':DefaultAccount='hep':QOS='+real'\n"
    "User - 'j-doe':DefaultAccount='hep':QOS='+unreal'\n"
    "User - 'ann':DefaultAccount='hep':MaxTRESPerJob=cpu=1,gres/unreal=2\n";

RunResult CheckFile(const LabSite& site, const std::string& file,
                    std::vector<std::string> more) {
  std::vector<std::string> argv = {ASSOCSYNC_BINARY,
                                   "check",
                                   file,
                                   "--slurmdbd-conf",
                                   site.slurmdbd_conf,
                                   "--sacctmgr",
                                   site.release().Path("bin/sacctmgr")};
  argv.insert(argv.end(), more.begin(), more.end());
  return RunProgram(argv);
}

TEST(CheckTest, LiveTellsWhatExists) {
  const std::vector<LabRelease> releases = LabRelease::All();
  ASSERT_FALSE(releases.empty());
  for (const LabRelease& release : releases) {
    SCOPED_TRACE(release.version());
    release.Reset();
    const LabSite site(release);
    site.Must({"add | qos | name=real"});
    const std::string file = site.Put("tree.cfg", kTree);
    for (const char* const live : {"sacctmgr", "mysql"}) {
      SCOPED_TRACE(live);
      const RunResult run = CheckFile(site, file, {"--live", live});
      EXPECT_EQ(run.exit_code, 3) << run.err;
      EXPECT_THAT(run.out,
                  HasSubstr("AS205 hep/j-doe: QOS 'unreal' does not exist"));
      EXPECT_THAT(run.out, HasSubstr("AS207 hep/ann: TRES 'gres/unreal' is not "
                                     "known"));
      EXPECT_THAT(run.out, Not(HasSubstr("'real'")));
      EXPECT_THAT(run.out, Not(HasSubstr("'cpu'")));
      EXPECT_THAT(run.out, Not(HasSubstr("'normal'")));
    }
    // Without the option no server is asked.
    EXPECT_THAT(CheckFile(site, file, {}).out, Not(HasSubstr("AS205")));
  }
}

TEST(CheckTest, SlurmDoesWhatTheRulesSay) {
  const std::vector<LabRelease> releases = LabRelease::All();
  ASSERT_FALSE(releases.empty());
  for (const LabRelease& release : releases) {
    SCOPED_TRACE(release.version());
    release.Reset();
    const LabSite site(release);
    site.Must({"add | qos | name=gold",
               "add | account | name=hep | cluster=lab",
               "modify | cluster | where | name=lab | set | qos=normal",
               "add | user | name=ann | account=hep | cluster=lab | "
               "defaultaccount=hep"});
    const auto rows = [&](const std::string& condition) {
      return release.Sql(
          "SELECT COUNT(*) FROM lab_assoc_table WHERE deleted=0 AND " +
          condition);
    };
    // AS204: whatever its exit code, the default is not set.
    release.Sacctmgr({"modify", "user", "where", "name=ann", "account=hep",
                      "cluster=lab", "set", "defaultqos=gold"});
    EXPECT_THAT(release.Dump("lab"), Not(HasSubstr("DefaultQOS='gold'")));
    // AS205.
    release.Sacctmgr({"modify", "user", "where", "name=ann", "account=hep",
                      "cluster=lab", "set", "qos=+unreal"});
    EXPECT_THAT(release.Dump("lab"), Not(HasSubstr("unreal")));
    // AS211: two accounts whose first 42 characters are equal are never two.
    const std::string name(42, 'a');
    release.Sacctmgr({"add", "account", "name=" + name, "cluster=lab"});
    release.Sacctmgr({"add", "account", "name=" + name + "b", "cluster=lab"});
    EXPECT_THAT(rows(absl::StrCat("acct LIKE '", name, "%'")),
                testing::StartsWith("1"));
    // AS212: a name with brackets becomes others.
    release.Sacctmgr({"add", "account", "name=n[1-2]", "cluster=lab"});
    EXPECT_THAT(rows("acct = 'n[1-2]'"), testing::StartsWith("0"));
    // AS210.
    site.Must(
        {"add | user | name=j_doe,j-doe | account=hep | cluster=lab | "
         "defaultaccount=hep"});
    release.Sacctmgr({"delete", "user", "name=j_doe"});
    EXPECT_THAT(rows("user = 'j_doe'"), testing::StartsWith("0"));
    EXPECT_THAT(rows("user = 'j-doe'"),
                testing::StartsWith(release.series() >= 2311 ? "0" : "1"));
  }
}

}  // namespace assocsync::check_test
