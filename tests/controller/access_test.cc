// While a plan runs, command by command, whom both trees have can submit jobs:
// slurmctld is asked, which follows slurmdbd in its own way.
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/support/controller.h"
#include "tests/support/site.h"

namespace assocsync::access_test {

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
      for (const auto& [user, account] : qos_) {
        EXPECT_TRUE(Takes(user, {"--qos=long", "--account=" + account}))
            << user << " " << line;
      }
    }
    return commands;
  }

  // slurmctld would take a job of the user with these options of sbatch.
  bool Takes(const std::string& user,
             const std::vector<std::string>& options) const {
    std::vector<std::string> words = {"sbatch", "--test-only", "--wrap=true"};
    words.insert(words.end(), options.begin(), options.end());
    return controller_.RunAs(user, words).exit_code == 0;
  }

  LabSite site_;
  Controller controller_;
  // Users who may use QOS long in that account on both trees.
  std::map<std::string, std::string> qos_;
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

// slurmctld forgets QOS='+long' of a row when a list above it is set.
TEST_P(AccessTest, AChangeToAListThatIsSetAboveItIsSaidAgain) {
  site_.Must({"add | qos | long,qa",
              "modify | cluster | lab | set | qos=normal",
              "add | account | top", "add | account | hep | parent=top",
              "add | user | j_doe | account=hep",
              "modify | user | j_doe | account=hep | set | qos=+long"});
  const std::string target = site_.Put("target.cfg", GetParam().Dump("lab"));
  const auto takes = [&](const std::string& qos) {
    return Takes("j_doe", {"--qos=" + qos});
  };
  EXPECT_TRUE(takes("long"));
  for (const char* set : {"account | hep", "account | top", "cluster | lab"}) {
    SCOPED_TRACE(set);
    site_.Must({absl::StrCat("modify | ", set, " | set | qos=normal,qa")});
    const RunResult applied =
        site_.Assocsync({"apply", target, "--no-sql-dump"});
    EXPECT_EQ(applied.exit_code, 0) << applied.out << applied.err;
    EXPECT_TRUE(takes("long")) << applied.out;
    EXPECT_TRUE(takes("normal"));
    EXPECT_FALSE(takes("qa"));
  }
}

// Lists that change above each other, and an account that moves.
TEST_P(AccessTest, AQosOfBothTreesIsThereAllTheWay) {
  site_.Must({"add | qos | long", "modify | cluster | lab | set | qos=normal",
              "add | account | hep,bio | qos=normal",
              "add | account | lab | parent=hep",
              "add | user | j_doe,j-doe | account=hep,lab",
              "modify | user | j_doe | account=hep | set | qos=normal,long",
              "modify | user | j-doe | account=lab | set | qos=normal,long"});
  const std::string live = site_.Put("live.cfg", GetParam().Dump("lab"));
  site_.Must({"modify | account | hep,bio | set | qos=long",
              "modify | user | j_doe | account=hep | set | qos=",
              "modify | user | j-doe | account=lab | set | qos=",
              "modify | account | lab | set | parent=bio"});
  const std::string target = GetParam().Dump("lab");
  ASSERT_EQ(site_.Assocsync({"apply", live, "--no-sql-dump"}).exit_code, 0);
  qos_ = {{"j_doe", "hep"}, {"j-doe", "lab"}};
  EXPECT_GT(ExpectAccessAllTheWay(target), 0);
  EXPECT_EQ(SortedDump(GetParam().Dump("lab")), SortedDump(target));
}

// The job of a user who names no QOS runs in the one of the account's new
// place, also where the account has a list of its own, and below it (where
// 24.11 moves accounts out of the way first).
TEST_P(AccessTest, AnAccountThatMovedHasTheDefaultQosOfItsNewPlace) {
  std::string target;
  for (const char* parent : {"bio", "hep"}) {
    GetParam().Reset();
    site_.Must({"add | qos | long",
                "modify | cluster | lab | set | qos=normal,long",
                "add | account | hep,bio",
                "modify | account | hep | set | defaultqos=normal",
                "modify | account | bio | set | defaultqos=long",
                absl::StrCat("add | account | lab | parent=", parent),
                absl::StrCat("add | account | shop | qos=normal,long | parent=",
                             parent),
                "add | account | deep | parent=lab",
                "add | user | j_doe | account=lab,deep",
                "add | user | j-doe | account=shop"});
    if (target.empty()) {
      target = site_.Put("target.cfg", GetParam().Dump("lab"));
    }
  }
  const RunResult applied = site_.Assocsync({"apply", target, "--no-sql-dump"});
  EXPECT_EQ(applied.exit_code, 0) << applied.out << applied.err;
  for (const auto& [user, account] :
       std::vector<std::pair<std::string, std::string>>{
           {"j_doe", "lab"}, {"j_doe", "deep"}, {"j-doe", "shop"}}) {
    const int job =
        controller_.Submit(user, {"--hold", "--account=" + account});
    ASSERT_NE(job, 0) << account << applied.out;
    EXPECT_EQ(
        controller_.Run("squeue", {"-h", "-j", absl::StrCat(job), "-o", "%q"})
            .out,
        "long\n")
        << account << applied.out;
  }
}

// slurmctld keeps the QOS of the old place.
TEST_P(AccessTest, AnAccountThatMovedHasTheQosOfItsNewPlace) {
  site_.Must(
      {"add | qos | long,qa", "modify | cluster | lab | set | qos=normal",
       "add | account | hep | qos=normal", "add | account | bio | qos=long",
       "add | account | lab | parent=bio",
       "add | user | j_doe,j-doe | account=lab",
       "modify | user | j-doe | account=lab | set | qos=+qa"});
  const std::string target = site_.Put("target.cfg", GetParam().Dump("lab"));
  GetParam().Reset();
  site_.Must(
      {"add | qos | long,qa", "modify | cluster | lab | set | qos=normal",
       "add | account | hep | qos=normal", "add | account | bio | qos=long",
       "add | account | lab | parent=hep",
       "add | user | j_doe,j-doe | account=lab",
       "modify | user | j-doe | account=lab | set | qos=+qa"});
  const RunResult applied = site_.Assocsync({"apply", target, "--no-sql-dump"});
  EXPECT_EQ(applied.exit_code, 0) << applied.out << applied.err;
  for (const char* user : {"j_doe", "j-doe"}) {
    EXPECT_TRUE(Takes(user, {"--qos=long"})) << user << applied.out;
    EXPECT_FALSE(Takes(user, {"--qos=normal"})) << user << applied.out;
  }
  EXPECT_TRUE(Takes("j-doe", {"--qos=qa"})) << applied.out;
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

}  // namespace assocsync::access_test
