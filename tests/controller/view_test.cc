// After apply: does slurmctld have what slurmdbd has?
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/controller.h"
#include "tests/support/site.h"

namespace assocsync::view_test {

using ::testing::HasSubstr;

class ViewTest : public testing::TestWithParam<LabRelease> {
 protected:
  ViewTest() : site_(GetParam()), controller_(GetParam(), {"ann"}) {}

  RunResult Apply(const std::string& target,
                  const std::string& format = "text") const {
    return site_.Assocsync({"apply", site_.Put("target.cfg", target), "--live",
                            "mysql", "--max-delete", "100%", "--no-sql-dump",
                            "--format", format});
  }

  LabSite site_;
  Controller controller_;
};

TEST_P(ViewTest, SlurmctldHasWhatWasApplied) {
  site_.Must(PrepareDatabase());
  site_.Must(TreeB());
  const std::string target = GetParam().Dump("lab");
  GetParam().Reset();
  site_.Must(PrepareDatabase());
  site_.Must(TreeA());
  const RunResult applied = Apply(target);
  EXPECT_EQ(applied.exit_code, 0) << applied.out << applied.err;
  EXPECT_THAT(applied.out, HasSubstr("slurmctld has the same tree."))
      << applied.err;
}

// What comes into the database past slurmdbd, as a restore does, slurmctld does
// not see until it reads the tree again.
TEST_P(ViewTest, WhereItHasNotTheRemedyIsNamed) {
  site_.Must({"add | account | hep", "add | user | ann | account=hep"});
  GetParam().Sql("UPDATE lab_assoc_table SET max_jobs=5 WHERE user='ann'");
  std::string target = GetParam().Dump("lab");
  site_.Must({"modify | account | hep | set | grpjobs=7"});
  const RunResult applied = Apply(target);
  EXPECT_EQ(applied.exit_code, 0) << applied.out << applied.err;
  EXPECT_THAT(applied.err,
              HasSubstr("hep/ann: MaxJobs is nothing there, not 5"));
  const bool reconfigures = GetParam().series() >= 2411;
  EXPECT_THAT(applied.err,
              HasSubstr(reconfigures ? "scontrol reconfigure makes it read"
                                     : "a restart of slurmctld makes it"));
  const std::string asked = Apply(target, "json").out;
  EXPECT_THAT(asked, HasSubstr("\"outcome\":\"in sync\""));
  EXPECT_THAT(asked, HasSubstr("\"tree\":\"other\""));
  EXPECT_THAT(asked, HasSubstr("hep/ann: MaxJobs is nothing there, not 5"));
  EXPECT_THAT(asked,
              HasSubstr(reconfigures ? "\"remedy\":\"scontrol reconfigure\""
                                     : "\"remedy\":\"a restart of slurmctld"));
  controller_.ReadTreeAgain();
  const RunResult again = Apply(target);  // There is nothing to do.
  EXPECT_THAT(again.out, HasSubstr("slurmctld has the same tree."))
      << again.err;
}

TEST_P(ViewTest, OneThatDoesNotRunIsTold) {
  site_.Must({"add | account | hep"});
  const std::string target = GetParam().Dump("lab");
  site_.Must({"modify | account | hep | set | grpjobs=7"});
  GetParam().Lab("stop", {"slurmctld"});
  const RunResult applied = Apply(target);
  EXPECT_EQ(applied.exit_code, 0) << applied.out << applied.err;
  EXPECT_THAT(applied.out, HasSubstr("slurmctld was not asked: no slurmctld is "
                                     "registered with slurmdbd."));
}

INSTANTIATE_TEST_SUITE_P(Lab, ViewTest,
                         testing::ValuesIn(Controller::Releases()), SeriesOf);

}  // namespace assocsync::view_test
