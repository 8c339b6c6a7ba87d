// `dump`, and live as a source, on real daemons: what is written is live, as
// one file and as a folder, whichever way live is read.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/lab.h"
#include "tests/support/site.h"

namespace assocsync::dump_test {

using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> Words(const LabSite& site,
                               std::vector<std::string> words,
                               const std::string& live) {
  words.insert(words.begin(), ASSOCSYNC_BINARY);
  for (const std::string& word :
       {std::string("--live"), live, std::string("--slurmdbd-conf"),
        site.slurmdbd_conf, std::string("--sacctmgr"),
        site.release().Path("bin/sacctmgr")}) {
    words.push_back(word);
  }
  return words;
}

TEST(DumpTest, WhatIsWrittenIsLive) {
  const std::vector<LabRelease> releases = LabRelease::All();
  ASSERT_FALSE(releases.empty());
  for (const LabRelease& release : releases) {
    SCOPED_TRACE(release.version());
    release.Reset();
    const LabSite site(release);
    site.Must({"add | qos | name=long",
               "add | account | name=bio | cluster=lab | description=b#1 | "
               "organization=o",
               "add | account | name=cluster | cluster=lab",
               "add | account | name=it's | parent=bio | cluster=lab",
               "add | account | name=con.x%y | cluster=lab",
               "add | user | name=ann | account=it's,cluster | cluster=lab | "
               "defaultaccount=cluster",
               "modify | user | where | name=ann | account=it's | cluster=lab "
               "| set | maxjobs=5 | qos=+long",
               "add | user | name=bob | account=bio | cluster=lab | "
               "adminlevel=operator",
               "add | coordinator | account=bio | names=bob"});
    for (const std::string live : {"mysql", "sacctmgr"}) {
      SCOPED_TRACE(live);
      const auto run = [&](std::vector<std::string> words) {
        return RunProgram(Words(site, std::move(words), live));
      };
      const std::string file = site.File(absl::StrCat(live, ".cfg"));
      const std::string folder = site.File(absl::StrCat(live, "-trees"));
      const RunResult out = run({"dump"});
      ASSERT_EQ(out.exit_code, 0) << out.err;
      ASSERT_EQ(run({"dump", "--out", file}).exit_code, 0);
      ASSERT_EQ(run({"dump", "--split", folder}).exit_code, 0);
      for (const std::string& target : {file, folder, std::string("live")}) {
        const RunResult plan = run({"plan", target});
        EXPECT_EQ(plan.exit_code, 0) << target << plan.out << plan.err;
        EXPECT_THAT(plan.out, HasSubstr("No changes. Live is in sync"));
        EXPECT_EQ(run({"diff", target, "live"}).out, "") << target;
      }
      const RunResult check = run({"check", "live"});
      EXPECT_EQ(check.exit_code, 0) << check.out << check.err;
      EXPECT_THAT(check.out, Not(HasSubstr("AS205")));
      const RunResult all =
          run({"dump", "--all-clusters", "--split", folder + "-all"});
      EXPECT_EQ(all.exit_code, 0) << all.err;
      EXPECT_THAT(run({"plan", folder + "-all"}).out,
                  HasSubstr("No changes. Live is in sync"));
      EXPECT_EQ(RunProgram({ASSOCSYNC_BINARY, "fmt", folder}).out, out.out);
    }
  }
}

}  // namespace assocsync::dump_test
