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

// Whichever command fails: nothing of the detour stays, and who has a row left
// can submit.
TEST_P(AccessTest, AStoppedDetourIsPutBack) {
  const std::vector<std::string> site = {
      "add | account | hep,bio", "add | user | j-doe | account=hep,bio",
      "add | user | j_doe | account=hep,bio"};
  site_.Must({site[0], site[1]});
  const std::string target = site_.Put("target.cfg", GetParam().Dump("lab"));
  const auto apply = [&] {
    return site_.Assocsync({"apply", target, "--live", "mysql", "--no-sql-dump",
                            "--max-delete", "100%"});
  };
  bool put_back = false;
  for (int at = 1;; ++at) {
    GetParam().Reset();
    site_.Must(site);
    const std::string before = GetParam().Dump("lab");
    LabSite::Trouble trouble;
    trouble.at = at;
    trouble.replace = "echo ' error: made by a test' >&2; false";
    site_.SetTrouble(trouble);
    const RunResult run = apply();
    if (run.exit_code == 0) break;  // There are fewer commands.
    SCOPED_TRACE(absl::StrCat("command ", at, "\n", run.out, run.err));
    put_back = put_back || absl::StrContains(run.err, "was put back");
    const std::string after = GetParam().Dump("lab");
    EXPECT_FALSE(absl::StrContains(after, "assocsync0tmp"));
    if (run.exit_code == 1) {
      EXPECT_EQ(SortedDump(after), SortedDump(before));
    } else {
      EXPECT_EQ(run.exit_code, 4);
    }
    EXPECT_TRUE(controller_.WouldTake("j-doe"));
    EXPECT_EQ(controller_.WouldTake("j_doe"),
              absl::StrContains(after, "'j_doe'"));
    site_.NoTrouble();
    const RunResult again = apply();
    EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
    if (HasFailure()) break;
  }
  // Before 23.11 the rows go exactly without a detour.
  EXPECT_EQ(put_back, GetParam().series() >= 2311);
}

INSTANTIATE_TEST_SUITE_P(Lab, AccessTest,
                         testing::ValuesIn(Controller::Releases()), SeriesOf);

}  // namespace
}  // namespace assocsync
