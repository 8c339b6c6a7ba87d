// Jobs that wait or run, and plans that take away what they use.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/controller.h"
#include "tests/support/site.h"

namespace assocsync {
namespace {

using ::testing::HasSubstr;

class JobsTest : public testing::TestWithParam<LabRelease> {
 protected:
  JobsTest() : site_(GetParam()), controller_(GetParam(), {"ann"}) {}

  RunResult Apply(const std::string& target,
                  std::vector<std::string> more = {}) const {
    std::vector<std::string> words = {ASSOCSYNC_BINARY,
                                      "apply",
                                      site_.Put("target.cfg", target),
                                      "--yes",
                                      "--no-sql-dump",
                                      "--live",
                                      "mysql",
                                      "--sacctmgr",
                                      GetParam().Path("bin/sacctmgr"),
                                      "--slurmdbd-conf",
                                      site_.slurmdbd_conf,
                                      "--backup-dir",
                                      site_.backup_dir};
    words.insert(words.end(), more.begin(), more.end());
    return RunProgram(words);
  }

  LabSite site_;
  Controller controller_;
};

TEST_P(JobsTest, APendingJobKeepsItsQosUnlessItIsSaid) {
  site_.Must({"add | qos | long", "add | account | hep | qos=normal",
              "add | user | ann | account=hep"});
  const std::string target = GetParam().Dump("lab");
  site_.Must({"modify | account | hep | set | qos=normal,long"});
  // The node has room for one of them.
  const std::vector<std::string> whole = {"--ntasks=64", "--qos=long"};
  const int runs = controller_.Job("ann", "hep", whole);
  ASSERT_TRUE(controller_.IsRecorded(runs, "RUNNING ann hep"));
  const int waits = controller_.Job("ann", "hep", whole);
  ASSERT_TRUE(controller_.IsRecorded(waits, "PENDING ann hep"));

  const RunResult refused = Apply(target);
  EXPECT_EQ(refused.exit_code, 3) << refused.out << refused.err;
  EXPECT_THAT(refused.out, HasSubstr(absl::StrCat("hep/ann in QOS long: 1 "
                                                  "pending (",
                                                  waits, ")")));
  const RunResult skipped = Apply(target, {"--skip", "AS113"});
  EXPECT_EQ(skipped.exit_code, 0) << skipped.out << skipped.err;
  EXPECT_TRUE(controller_.Becomes(waits, "PENDING Resources"));

  const RunResult allowed = Apply(target, {"--allow", "AS113"});
  EXPECT_EQ(allowed.exit_code, 0) << allowed.out << allowed.err;
  EXPECT_TRUE(controller_.Becomes(waits, "PENDING InvalidQOS"));
  EXPECT_EQ(controller_.State(runs), "RUNNING");
}

INSTANTIATE_TEST_SUITE_P(Lab, JobsTest,
                         testing::ValuesIn(Controller::Releases()), SeriesOf);

}  // namespace
}  // namespace assocsync
