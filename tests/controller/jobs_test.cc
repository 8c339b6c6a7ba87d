// Jobs that wait or run, and plans that take away what they use.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/controller.h"
#include "tests/support/site.h"

namespace assocsync::jobs_test {

using ::testing::HasSubstr;
using ::testing::Not;

class JobsTest : public testing::TestWithParam<LabRelease> {
 protected:
  JobsTest() : site_(GetParam()), controller_(GetParam(), {"ann"}) {}

  RunResult Apply(const std::string& target, std::vector<std::string> more = {},
                  const std::string& live = "mysql",
                  const std::string& sacctmgr = "") const {
    return ApplyFile(site_.Put("target.cfg", target), std::move(more), live,
                     sacctmgr);
  }
  RunResult ApplyFile(const std::string& path, std::vector<std::string> more,
                      const std::string& live = "mysql",
                      const std::string& sacctmgr = "") const {
    std::vector<std::string> words = {
        ASSOCSYNC_BINARY,
        "apply",
        path,
        "--yes",
        "--no-sql-dump",
        "--live",
        live,
        "--sacctmgr",
        sacctmgr.empty() ? GetParam().Path("bin/sacctmgr") : sacctmgr,
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

// slurmdbd deletes it under its jobs (22.05, 24.11): those that run show
// QOS=(null) then, and those that wait never start.
TEST_P(JobsTest, AQosThatJobsAndAPartitionUse) {
  site_.Must({"add | account | hep", "add | user | ann | account=hep"});
  // Of a backup's tree QOS are a part on every release.
  const RunResult saved =
      RunProgram({ASSOCSYNC_BINARY, "backup", "--sacctmgr",
                  GetParam().Path("bin/sacctmgr"), "--slurmdbd-conf",
                  site_.slurmdbd_conf, "--backup-dir", site_.backup_dir});
  ASSERT_EQ(saved.exit_code, 0) << saved.err;
  const std::string backup = site_.Runs()[0];
  site_.Must(
      {"add | qos | long", "modify | account | hep | set | qos=normal,long"});
  ASSERT_TRUE(
      controller_.Run("scontrol", {"update", "partitionname=main", "qos=long"})
          .clean());
  const std::vector<std::string> whole = {"--ntasks=64", "--qos=long"};
  const int runs = controller_.Job("ann", "hep", whole);
  ASSERT_TRUE(controller_.IsRecorded(runs, "RUNNING ann hep"));
  const int waits = controller_.Job("ann", "hep", whole);
  ASSERT_TRUE(controller_.IsRecorded(waits, "PENDING ann hep"));

  const RunResult refused = ApplyFile(backup, {});
  EXPECT_EQ(refused.exit_code, 3) << refused.out << refused.err;
  EXPECT_THAT(refused.out,
              HasSubstr(absl::StrCat("QOS long: 1 running (", runs,
                                     "), 1 pending (", waits, ")")));
  EXPECT_THAT(refused.out, HasSubstr("QOS long: partition main (QoS)"));
  const RunResult skipped = ApplyFile(backup, {"--skip", "AS113"});
  EXPECT_EQ(skipped.exit_code, 0) << skipped.out << skipped.err;
  EXPECT_EQ(controller_.State(runs), "RUNNING");
  EXPECT_TRUE(controller_.Becomes(waits, "PENDING Resources"));
  EXPECT_THAT(controller_.Run("scontrol", {"show", "job", "-o"}).out,
              Not(HasSubstr("QOS=(null)")));
  controller_.Run("scontrol", {"update", "partitionname=main", "qos="});
}

// slurmctld looks at them every half minute.
TEST_P(JobsTest, LimitsThatEndRunningJobs) {
  site_.Must({"add | account | hep,bio,chem,spent,idle",
              "add | user | ann | account=hep,bio,chem,idle",
              "modify | account | hep | set | GrpTRESMins=cpu=0",
              "modify | account | spent | set | GrpWall=0",
              "modify | account | bio | set | parent=spent",
              "modify | user | ann | where | account=chem | set | "
              "MaxTRESMinsPerJob=cpu=0",
              "modify | account | idle | set | GrpTRESMins=cpu=1000000"});
  const std::string target = GetParam().Dump("lab");
  site_.Must({"modify | account | hep | set | GrpTRESMins=cpu=-1",
              "modify | account | bio | set | parent=root",
              "modify | user | ann | where | account=chem | set | "
              "MaxTRESMinsPerJob=cpu=-1",
              "modify | account | idle | set | GrpTRESMins=cpu=-1"});
  const char* const kAccounts[] = {"hep", "bio", "chem", "idle"};
  std::vector<int> jobs;
  for (const char* account : kAccounts) {
    jobs.push_back(controller_.Job("ann", account));
    ASSERT_TRUE(controller_.IsRecorded(jobs.back(),
                                       absl::StrCat("RUNNING ann ", account)));
  }
  const RunResult applied = Apply(target);
  EXPECT_EQ(applied.exit_code, 0) << applied.out << applied.err;
  const char* const kTold[] = {
      "hep/ann (GrpTRESMins cpu of hep: 0): 1 running (",
      "bio/ann (GrpWall of spent: 0): 1 running (",
      "chem/ann (MaxTRESMinsPerJob cpu: 0): 1 running (",
      "idle/ann (GrpTRESMins cpu of idle: 1000000): 1 running ("};
  for (size_t i = 0; i < jobs.size(); ++i) {
    EXPECT_THAT(applied.out, HasSubstr(absl::StrCat(kTold[i], jobs[i], ")")));
  }
  for (size_t i = 0; i < 3; ++i) {
    const std::string ended = absl::StrCat("TIMEOUT ann ", kAccounts[i]);
    EXPECT_TRUE(controller_.IsRecorded(jobs[i], ended) ||
                controller_.IsRecorded(jobs[i], ended))
        << controller_.State(jobs[i]);
  }
  EXPECT_EQ(controller_.State(jobs[3]), "RUNNING");
}

// Of a held job slurmdbd hears nothing until it starts.
TEST_P(JobsTest, AJobThatSlurmdbdHasNotHeardOf) {
  site_.Must({"add | account | hep,bio", "add | user | ann | account=bio"});
  const std::string target = GetParam().Dump("lab");
  site_.Must({"add | user | ann | account=hep"});
  const int held = controller_.Job("ann", "hep", {"--hold"});
  ASSERT_TRUE(controller_.Becomes(held, "PENDING JobHeldUser"));
  for (const std::string live : {"mysql", "sacctmgr"}) {
    const RunResult refused = Apply(target, {}, live);
    EXPECT_EQ(refused.exit_code, 3) << refused.out << refused.err;
    EXPECT_THAT(refused.out,
                HasSubstr(absl::StrCat("hep/ann: 1 pending (", held, ")")));
    EXPECT_THAT(refused.out, Not(HasSubstr("AS144")));
  }
  const RunResult skipped = Apply(target, {"--skip", "AS113"});
  EXPECT_EQ(skipped.exit_code, 0) << skipped.out << skipped.err;
  EXPECT_EQ(controller_.State(held), "PENDING JobHeldUser");
}

// Such records stay where the message of a job's end was lost. No daemon loses
// one on demand: it is written here.
TEST_P(JobsTest, AJobThatOnlyTheDatabaseBelievesIn) {
  site_.Must({"add | account | hep,bio", "add | user | ann | account=bio"});
  const std::string target = GetParam().Dump("lab");
  site_.Must({"add | user | ann | account=hep"});
  const int ended = controller_.Job("ann", "hep");
  ASSERT_TRUE(controller_.IsRecorded(ended, "RUNNING ann hep"));
  controller_.Run("scancel", {absl::StrCat(ended)});
  ASSERT_TRUE(controller_.IsRecorded(ended, "CANCELLED ann hep"));
  const int lost = ended + 5000;
  GetParam().Sql(
      absl::StrCat("UPDATE lab_job_table SET time_end=0, state=1, "
                   "id_job=",
                   lost, " WHERE id_job=", ended));

  const RunResult refused = Apply(target);
  EXPECT_EQ(refused.exit_code, 3) << refused.out << refused.err;
  EXPECT_THAT(refused.out,
              HasSubstr(absl::StrCat("hep/ann: 1 runaway (", lost, ")")));
  EXPECT_THAT(refused.out, HasSubstr("sacctmgr show runawayjobs"));
  // As it says.
  GetParam().Sacctmgr({"show", "runawayjobs", "cluster=lab"});
  const RunResult applied = Apply(target);
  EXPECT_EQ(applied.exit_code, 0) << applied.out << applied.err;
}

// A node that hangs keeps jobs for hours as completing.
TEST_P(JobsTest, AJobThatHasEndedOnANodeThatHangs) {
  site_.Must({"add | account | hep,bio", "add | user | ann | account=bio"});
  const std::string target = GetParam().Dump("lab");
  site_.Must({"add | user | ann | account=hep"});
  const int ended = controller_.Job("ann", "hep");
  const int again = controller_.Job("ann", "hep", {"--requeue"});
  ASSERT_TRUE(controller_.IsRecorded(ended, "RUNNING ann hep"));
  ASSERT_TRUE(controller_.IsRecorded(again, "RUNNING ann hep"));
  GetParam().Lab("kill", {"slurmd"});
  controller_.Run("scancel", {absl::StrCat(ended)});
  controller_.Run("scontrol", {"requeue", absl::StrCat(again)});
  ASSERT_TRUE(controller_.IsRecorded(ended, "CANCELLED ann hep"));
  ASSERT_TRUE(controller_.Becomes(ended, "COMPLETING"));
  ASSERT_TRUE(controller_.Becomes(again, "COMPLETING"));

  const RunResult refused = Apply(target);
  EXPECT_EQ(refused.exit_code, 3) << refused.out << refused.err;
  EXPECT_THAT(refused.out,
              HasSubstr(absl::StrCat("hep/ann: 1 pending (", again, ")")));
  controller_.Run("scancel", {absl::StrCat(again)});
  const RunResult applied = Apply(target);
  EXPECT_EQ(applied.exit_code, 0) << applied.out << applied.err;
  GetParam().Lab("start", {"slurmd"});
}

// A job that comes while commands run, and of which slurmdbd does not hear.
TEST_P(JobsTest, AJobThatComesBeforeADelete) {
  site_.Must({"add | account | hep,bio", "add | user | ann | account=bio"});
  const std::string target = GetParam().Dump("lab");
  site_.Must({"add | user | ann | account=hep",
              "modify | account | bio | set | maxjobs=1"});
  site_.Put("squeue",
            absl::StrCat("#!/bin/sh\nexec ", GetParam().Path("bin/squeue"),
                         " \"$@\"\n"),
            0700);
  LabSite::Trouble trouble;
  trouble.at = 1;
  // Of the environment nothing reaches sacctmgr that need not.
  trouble.before =
      absl::StrCat("ASSOCSYNC_LAB_STATE=", GetParam().Path(".."), " ",
                   LabScript(), " as ann ", GetParam().name(),
                   " sbatch --hold -A hep --wrap 'sleep 600' >&2\nsleep 1.1");
  site_.SetTrouble(trouble);
  const RunResult stopped = Apply(target, {}, "mysql", site_.File("sacctmgr"));
  EXPECT_EQ(stopped.exit_code, 4) << stopped.out << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("stopped before step 2: AS113"));
  EXPECT_THAT(stopped.err, HasSubstr("hep/ann: 1 pending"));
  EXPECT_THAT(stopped.err, HasSubstr("1 of 2 commands done, 0 failed"));
  EXPECT_THAT(GetParam().Dump("lab"), HasSubstr("Parent - 'hep'"));
}

TEST_P(JobsTest, APartitionOrReservationThatNamesWhatGoes) {
  site_.Must({"add | account | hep,bio", "add | user | ann | account=bio"});
  const std::string target = GetParam().Dump("lab");
  site_.Must({"add | account | tmp", "add | user | ann | account=tmp"});
  const RunResult reserved = controller_.Run(
      "scontrol",
      {"create", "reservation", "reservationname=course", "accounts=tmp",
       "starttime=now+1hour", "duration=60", "nodes=n1"});
  ASSERT_TRUE(reserved.clean()) << reserved.err;
  const RunResult applied = Apply(target);
  EXPECT_EQ(applied.exit_code, 0) << applied.out << applied.err;
  EXPECT_THAT(applied.out, HasSubstr("warning AS145"));
  EXPECT_THAT(applied.out,
              HasSubstr("account tmp: reservation course (Accounts)"));
}

TEST_P(JobsTest, AControllerThatCannotBeAsked) {
  site_.Must({"add | account | hep", "add | user | ann | account=hep"});
  const std::string target = GetParam().Dump("lab");
  site_.Must({"add | user | ann | account=root"});
  // No squeue lies beside it.
  const std::string alone =
      site_.Put("sacctmgr",
                absl::StrCat("#!/bin/sh\nexec ",
                             GetParam().Path("bin/sacctmgr"), " \"$@\"\n"),
                0700);
  const RunResult applied = Apply(target, {}, "mysql", alone);
  EXPECT_EQ(applied.exit_code, 0) << applied.out << applied.err;
  EXPECT_THAT(applied.out, HasSubstr("note AS144"));
  EXPECT_THAT(applied.out, HasSubstr("squeue"));
}

INSTANTIATE_TEST_SUITE_P(Lab, JobsTest,
                         testing::ValuesIn(Controller::Releases()), SeriesOf);

}  // namespace assocsync::jobs_test
