// `assocsync restore` on a site with a slurmctld and jobs.
#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/controller.h"
#include "tests/support/site.h"

namespace assocsync::restore_test {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class RestoreTest : public testing::TestWithParam<LabRelease> {
 protected:
  RestoreTest()
      : site_(GetParam()), controller_(GetParam(), {"ann", "cat", "eve"}) {
    site_.Must({"add | account | hep", "add | user | ann | account=hep"});
    old_ = controller_.Job("ann", "hep");
    EXPECT_TRUE(controller_.IsRecorded(old_, "RUNNING ann hep"));
    // Times are whole seconds: a job of the very second of the backup counts as
    // younger.
    absl::SleepFor(absl::Seconds(1.1));
    const RunResult made =
        RunProgram({ASSOCSYNC_BINARY, "backup", "--sacctmgr",
                    GetParam().Path("bin/sacctmgr"), "--slurmdbd-conf",
                    site_.slurmdbd_conf, "--backup-dir", site_.File("backup")});
    EXPECT_TRUE(made.clean()) << made.out << made.err;
    // What the backup does not know.
    site_.Must({"add | account | newa", "add | user | cat | account=newa"});
    young_ = {controller_.Job("ann", "hep"), controller_.Job("cat", "newa")};
    EXPECT_TRUE(controller_.IsRecorded(young_[0], "RUNNING ann hep"));
    EXPECT_TRUE(controller_.IsRecorded(young_[1], "RUNNING cat newa"));
    ids_ = GetParam().RowIds();
    for (const auto& [row, id] : ids_) {
      last_id_ = std::max(last_id_, std::stoi(id));
    }
  }

  std::string Backup() const {
    for (const auto& entry :
         std::filesystem::directory_iterator(site_.File("backup"))) {
      if (entry.is_directory()) return entry.path();
    }
    return "";
  }

  RunResult Restore(const std::vector<std::string>& more = {}) {
    const std::string login = site_.Put(
        "root.cnf",
        absl::StrCat("[client]\nuser = root\nsocket = ",
                     GetParam().Path("../mariadb/mariadb.sock"), "\n"));
    std::vector<std::string> words = {ASSOCSYNC_BINARY,
                                      "restore",
                                      Backup(),
                                      "--backup-dir",
                                      site_.backup_dir,
                                      "--slurmdbd-conf",
                                      site_.slurmdbd_conf,
                                      "--slurmdbd",
                                      GetParam().Path("bin/slurmdbd"),
                                      "--defaults-file",
                                      login,
                                      "--yes"};
    words.insert(words.end(), more.begin(), more.end());
    return RunProgram(words);
  }

  // Runs what stands under Next, as it stands, with a systemctl of the lab's.
  void DoNext(const std::string& said) {
    const std::string folder = site_.File("bin");
    RunProgram({"mkdir", "-p", folder});
    site_.Put("bin/systemctl",
              absl::StrCat("#!/bin/sh\nset -e\nlab() { '", LabScript(),
                           "' \"$1\" ", GetParam().name(),
                           " \"$2\"; }\ncase $1 in\nrestart) lab stop $2; lab "
                           "start $2 ;;\n*) lab $1 $2 ;;\nesac\n"),
              0700);
    int commands = 0;
    bool next = false;
    for (const absl::string_view line : absl::StrSplit(said, '\n')) {
      if (absl::StrContains(line, "to go back:")) break;
      if (next && absl::StrContains(line, " # ")) {
        const std::string command(line.substr(0, line.find(" # ")));
        const RunResult result = RunProgram(
            {"sh", "-c", absl::StrCat(command, " </dev/null")},
            {absl::StrCat("PATH=", folder, ":", GetParam().Path("bin"),
                          ":/usr/sbin:/usr/bin:/sbin:/bin")});
        EXPECT_TRUE(result.clean()) << command << result.out << result.err;
        ++commands;
      }
      next = next || line == "Next";
    }
    EXPECT_EQ(commands, 4) << said;
  }

  // slurmctld has the tree of the backup, and nothing that happens from now on
  // to jobs that the backup does not know touches the record of another.
  void ExpectHarmless() {
    EXPECT_THAT(controller_.Associations(),
                AllOf(Contains("hep/ann"), Not(Contains("newa/cat"))));
    EXPECT_EQ(controller_.Submit("cat", {"--account=newa"}), 0);
    site_.Must({"add | account | other", "add | user | eve | account=other"});
    // A number given out twice is what charges one user's jobs to another.
    for (const auto& [row, id] : GetParam().RowIds()) {
      const auto had = ids_.find(row);
      if (had == ids_.end()) {
        EXPECT_GT(std::stoi(id), last_id_) << row;
      } else {
        EXPECT_EQ(id, had->second) << row;
      }
    }
    const int next = controller_.Job("ann", "hep");
    const int eve = controller_.Job("eve", "other");
    EXPECT_TRUE(controller_.IsRecorded(next, "RUNNING ann hep"));
    EXPECT_TRUE(controller_.IsRecorded(eve, "RUNNING eve other"));
    for (const int job : young_) {
      controller_.Run("scancel", {absl::StrCat(job)});
      EXPECT_TRUE(controller_.Becomes(job, ""));
    }
    // What ends after these is recorded after them.
    controller_.Run("scancel", {absl::StrCat(next)});
    EXPECT_TRUE(controller_.IsRecorded(next, "CANCELLED ann hep"));
    EXPECT_EQ(controller_.Accounting()[old_], "RUNNING ann hep");
    EXPECT_EQ(controller_.Accounting()[eve], "RUNNING eve other");
    controller_.Run("scancel", {absl::StrCat(old_)});
    EXPECT_TRUE(controller_.IsRecorded(old_, "CANCELLED ann hep"));
  }

  LabSite site_;
  Controller controller_;
  int old_ = 0;                             // A job that the backup knows.
  std::vector<int> young_;                  // Jobs that it does not.
  std::map<std::string, std::string> ids_;  // Before the restore.
  int last_id_ = 0;
};

TEST_P(RestoreTest, WithTheControllerStopped) {
  site_.Must({"add | federation | fed | clusters=lab"});
  GetParam().Lab("stop");
  const RunResult refused = Restore();
  EXPECT_EQ(refused.exit_code, 3) << refused.out << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("slurmctld of cluster lab runs"));

  GetParam().Lab("stop", {"slurmctld"});
  // As a purge of slurmdbd's.
  GetParam().Sql(absl::StrCat("DELETE FROM lab_job_table WHERE id_job=", old_));
  const RunResult result = Restore();
  ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out,
              HasSubstr("cluster lab: 1 job that was purged or archived"));
  EXPECT_THAT(result.out,
              AllOf(HasSubstr(absl::StrCat("2 jobs submitted since (running: ",
                                           young_[0], ", ", young_[1], ")")),
                    HasSubstr("cluster lab is in no federation again (now in "
                              "federation fed)")));
  DoNext(result.out);
  ExpectHarmless();
}

TEST_P(RestoreTest, BesideARunningController) {
  GetParam().Lab("stop");
  const RunResult result = Restore({"--running-controller"});
  ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
  DoNext(result.out);
  ExpectHarmless();
}

INSTANTIATE_TEST_SUITE_P(Lab, RestoreTest,
                         testing::ValuesIn(Controller::Releases()), SeriesOf);

}  // namespace assocsync::restore_test
