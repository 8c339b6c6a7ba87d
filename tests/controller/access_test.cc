// While a plan runs, command by command, whom both trees have can submit jobs:
// slurmctld is asked, which follows slurmdbd in its own way.
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/support/controller.h"
#include "tests/support/site.h"

namespace assocsync {
namespace {

class AccessTest : public testing::TestWithParam<LabRelease> {
 protected:
  AccessTest()
      : site_(GetParam()), controller_(GetParam(), {"j_doe", "j-doe"}) {}

  // `target`: a dump of what is to be, as commands made it. How many commands.
  int ExpectAccessAllTheWay(const std::string& target) {
    const std::string file = site_.Put("target.cfg", target);
    const RunResult plan = site_.Assocsync(
        {"plan", file, "--format", "sh", "--max-delete", "100%"});
    EXPECT_EQ(plan.exit_code, 0) << plan.out << plan.err;
    int commands = 0;
    for (const absl::string_view line : absl::StrSplit(plan.out, '\n')) {
      if (!absl::StrContains(line, "\"$sacctmgr\" -i")) continue;
      ++commands;
      const RunResult done =
          RunProgram({"sh", "-c",
                      absl::StrCat("sacctmgr=", GetParam().Path("bin/sacctmgr"),
                                   "; ", line)});
      EXPECT_TRUE(done.clean()) << line << done.out << done.err;
      for (const char* user : {"j_doe", "j-doe"}) {
        EXPECT_TRUE(controller_.WouldTake(user)) << user << " " << line;
      }
    }
    return commands;
  }

  LabSite site_;
  Controller controller_;
};

// On releases that find rows by pattern, the row of a partition goes exactly
// only where a fresh account has the default meanwhile.
TEST_P(AccessTest, ADetourLeavesADefaultAccount) {
  site_.Must({"add | account | hep", "add | user | j-doe | account=hep",
              "add | user | j_doe | account=hep"});
  const std::string target = GetParam().Dump("lab");
  site_.Must({"add | user | j_doe | account=hep | partition=main"});
  EXPECT_GT(ExpectAccessAllTheWay(target), 0);
  EXPECT_EQ(SortedDump(GetParam().Dump("lab")), SortedDump(target));
}

INSTANTIATE_TEST_SUITE_P(Lab, AccessTest,
                         testing::ValuesIn(Controller::Releases()), SeriesOf);

}  // namespace
}  // namespace assocsync
