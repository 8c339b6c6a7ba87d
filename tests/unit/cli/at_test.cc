// --at, and a folder of backups where one is wanted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/backup/backup_folder.h"
#include "engine/backup/manifest.h"
#include "engine/io/digest.h"
#include "engine/io/dir.h"
#include "tests/support/shell.h"

namespace assocsync::at_test {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string TreeWith(int jobs, const std::string& cluster) {
  return absl::StrCat(
      "Cluster - '", cluster,
      "':Fairshare=1:QOS='normal'\nParent - 'root'\n"
      "User - 'root':DefaultAccount='root':AdminLevel='Administrator':"
      "Fairshare=1\n"
      "Account - 'bio':Description='d':Organization='o':MaxJobs=",
      jobs, "\n");
}

class AtTest : public testing::Test {
 protected:
  AtTest() : temp_(*TempDir::Create("/tmp")) {
    fs::create_directory(Path("backups"));
    Put("live.cfg", TreeWith(9, "lab"));
  }
  std::string Path(const std::string& name) const {
    return absl::StrCat(temp_.path(), "/", name);
  }
  void Put(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name)) << text;
  }
  // Its name. `when`: "2026-11-20T01:00:00Z".
  std::string Backup(const std::string& when, int jobs, bool run = false,
                     const std::string& cluster = "lab") const {
    Manifest manifest;
    EXPECT_TRUE(
        absl::ParseTime(absl::RFC3339_full, when, &manifest.created, nullptr));
    manifest.cluster = cluster;
    const std::string name = RunFolderName(cluster, manifest.created);
    const std::string file = run ? "before.cfg" : "tree.cfg";
    if (!run) {
      manifest.made_by = std::string(kMadeByBackup);
      manifest.trees.push_back({cluster, file});
    }
    const std::string text = TreeWith(jobs, cluster);
    fs::create_directory(Path(absl::StrCat("backups/", name)));
    Put(absl::StrCat("backups/", name, "/", file), text);
    manifest.files.push_back({file, text.size(), Sha256Hex(text)});
    Put(absl::StrCat("backups/", name, "/", kManifestName),
        WriteManifest(manifest));
    return name;
  }
  RunResult Run(const std::string& line) const {
    return RunLine(temp_.path(), line,
                   {"TZ=UTC", absl::StrCat("HOME=", temp_.path())});
  }
  RunResult At(const std::string& time, const std::string& more = "") const {
    return Run(absl::StrCat("$A plan --at '", time,
                            "' --backup-dir backups --live live.cfg ", more));
  }

  TempDir temp_;
};

TEST_F(AtTest, TheNewestUpToThatTimeIsTheTarget) {
  const std::string first = Backup("2026-11-19T01:00:00Z", 1);
  const std::string second = Backup("2026-11-20T01:00:00Z", 2);
  Backup("2026-11-20T01:00:00Z", 7, false, "beta");
  Backup("2026-11-21T01:00:00Z", 3);
  const RunResult day = At("2026-11-20");
  EXPECT_EQ(day.exit_code, 0) << day.err;
  EXPECT_THAT(day.out, AllOf(HasSubstr("MaxJobs 9 -> 1"), HasSubstr(first)));
  EXPECT_THAT(day.err, HasSubstr(absl::StrCat("the target is the backup "
                                              "backups/",
                                              first, " of 2026-11-19 01:00")));
  // The very second counts.
  EXPECT_THAT(At("2026-11-20 01:00:00").out, HasSubstr("MaxJobs 9 -> 2"));
  EXPECT_THAT(At("2026-11-20 00:59:59").out, HasSubstr("MaxJobs 9 -> 1"));
  EXPECT_THAT(At("now").out, HasSubstr("MaxJobs 9 -> 3"));
  // The folder may be the target, and the base be of its own.
  EXPECT_THAT(Run(absl::StrCat("$A plan backups --at 2026-11-20T08:00 --live "
                               "live.cfg --base backups/",
                               first))
                  .out,
              HasSubstr("AS124"))
      << second;
}

TEST_F(AtTest, RunsOfApplyHoldWhatWasThereBefore) {
  Backup("2026-11-19T01:00:00Z", 1);
  const std::string run = Backup("2026-11-19T12:00:00Z", 2, /*run=*/true);
  const RunResult at = At("2026-11-20");
  EXPECT_THAT(at.out, HasSubstr("MaxJobs 9 -> 2"));
  EXPECT_THAT(at.err, HasSubstr(absl::StrCat(
                          "what was there before the run backups/", run)));
}

TEST_F(AtTest, WhatIsNotWholeIsPassedOver) {
  Backup("2026-11-18T01:00:00Z", 1);
  const std::string damaged = Backup("2026-11-19T01:00:00Z", 2);
  Put(absl::StrCat("backups/", damaged, "/tree.cfg"), TreeWith(5, "lab"));
  fs::create_directory(Path("backups/.assocsync-unfinished-x"));
  fs::create_directory(Path("backups/lab-20261119T020000Z"));
  const RunResult at = At("2026-11-20");
  EXPECT_EQ(at.exit_code, 0) << at.err;
  EXPECT_THAT(at.out, HasSubstr("MaxJobs 9 -> 1"));
  EXPECT_THAT(at.err, AllOf(HasSubstr(damaged), HasSubstr("passed over")));
}

TEST_F(AtTest, WithoutOneTheNearestIsNamed) {
  const std::string next = Backup("2026-11-20T01:00:00Z", 2);
  Backup("2026-11-21T01:00:00Z", 3);
  const auto fails = [&](const RunResult& run, const std::string& with) {
    EXPECT_EQ(run.exit_code, 1) << run.out;
    EXPECT_THAT(run.err, HasSubstr(with));
  };
  fails(At("2026-11-19"), absl::StrCat("the first after it is backups/", next));
  Put("live.cfg", TreeWith(1, "gamma"));
  fails(At("now"), "its newest is");
  fails(Run("$A plan none --at now --live live.cfg"),
        "--at chooses among the backups");
  fails(
      Run(absl::StrCat("$A plan backups/", next, " --at now --live live.cfg")),
      "is one backup");
  EXPECT_EQ(At("someday").exit_code, 64);
  EXPECT_EQ(Run("$A plan --live live.cfg").exit_code, 64);
}

TEST_F(AtTest, AFolderOfBackupsNamesThem) {
  for (int day = 10; day < 22; ++day) {
    Backup(absl::StrCat("2026-11-", day, "T01:00:00Z"), day);
  }
  const std::string run =
      Backup("2026-11-22T01:00:00Z", 1, /*run=*/true, "beta");
  const RunResult plan = Run("$A plan backups/ --live live.cfg");
  EXPECT_EQ(plan.exit_code, 1);
  EXPECT_THAT(
      plan.err,
      AllOf(HasSubstr(absl::StrCat("backups/", run)),
            HasSubstr("beta (what was there before a run)"),
            HasSubstr("2026-11-13 01:00:00"),
            Not(HasSubstr("2026-11-12 01:00:00")), HasSubstr("and 3 older"),
            HasSubstr("assocsync plan backups --at '2026-11-22")));
  EXPECT_THAT(
      Run("$A diff backups live.cfg").err,
      AllOf(HasSubstr("is a folder of backups"), Not(HasSubstr("--at"))));
}

// A backup that others can change is refused, as one that was named.
TEST_F(AtTest, WhoMayChangeABackupMayNotChooseIt) {
  const std::string name = Backup("2026-11-20T01:00:00Z", 2);
  fs::permissions(Path(absl::StrCat("backups/", name, "/tree.cfg")),
                  fs::perms(0666));
  const RunResult at = At("now");
  EXPECT_EQ(at.exit_code, 3) << at.err;
  EXPECT_THAT(at.err, HasSubstr("others may write to it"));
}

}  // namespace assocsync::at_test
