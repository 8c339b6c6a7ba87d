// Disks, folders and descriptors that fail apply: the right word, the right
// status, and never 0 where something is missing. Real daemons, real binary.
#include <sys/mount.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/io/dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/site.h"

namespace assocsync::file_fault_test {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// On the newest release: nothing here depends on it.
class FileFaultTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::vector<LabRelease> releases = LabRelease::All();
    ASSERT_FALSE(releases.empty()) << "no lab: tests/lab up";
    site_.emplace(releases.back());
    site_->release().Reset();
    site_->Must(PrepareDatabase());
    site_->Must(TreeB());
    want_ = site_->release().Dump("lab");
    target_ = site_->Put("target.cfg", want_);
    site_->release().Reset();
    site_->Must(PrepareDatabase());
    site_->Must(TreeA());
    before_ = site_->release().Dump("lab");
  }
  // Lines of shell right before the `at`-th command; $run is the run's folder.
  RunResult ApplyWith(int at, const std::string& before) {
    LabSite::Trouble trouble;
    trouble.at = at;
    trouble.before =
        absl::StrCat("run=$(ls -d '", site_->backup_dir, "'/lab-*)\n", before);
    site_->SetTrouble(trouble);
    return site_->Assocsync({"apply", target_});
  }
  // assocsync apply as one line of shell, to put something around it.
  std::string ApplyLine() const {
    return absl::StrCat(
        ASSOCSYNC_BINARY, " apply '", target_, "' --yes --sacctmgr '",
        site_->File("sacctmgr"), "' --allow AS101,AS102 --backup-dir '",
        site_->backup_dir, "' --slurmdbd-conf '", site_->slurmdbd_conf, "'");
  }
  void ExpectUntouched(const RunResult& result) {
    EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
    EXPECT_EQ(site_->Commands(), 0);
    EXPECT_EQ(site_->release().Dump("lab"), before_);
    EXPECT_THAT(site_->Runs(), IsEmpty());
    EXPECT_THAT(result.err, Not(HasSubstr("is running")));
  }
  void ExpectConverged() {
    EXPECT_EQ(SortedDump(site_->release().Dump("lab")), SortedDump(want_));
  }
  void ApplyConverges() {
    site_->NoTrouble();
    const RunResult result = site_->Assocsync({"apply", target_});
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    ExpectConverged();
  }

  std::optional<LabSite> site_;
  std::string target_, want_, before_;
};

TEST_F(FileFaultTest, ADiskThatTakesNothing) {
  const std::string disk = site_->File("disk");
  ASSERT_TRUE(CreatePrivateDir(disk).ok());
  ASSERT_EQ(mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=4k,mode=0700"), 0);
  const std::string normal = site_->backup_dir;
  site_->backup_dir = disk;
  site_->Put("disk/fill", std::string(4096, 'x'));
  site_->SetTrouble({});
  for (const char* command : {"apply", "backup"}) {
    std::vector<std::string> words = {command};
    if (words[0] == "apply") {
      words.push_back(target_);
    } else {
      words.insert(words.end(), {"--backup-dir", disk, "--slurmdbd-conf",
                                 site_->slurmdbd_conf});
    }
    const RunResult full =
        words[0] == "apply"
            ? site_->Assocsync(words)
            : RunProgram(
                  {"sh", "-c",
                   absl::StrCat(ASSOCSYNC_BINARY, " backup --sacctmgr '",
                                site_->File("sacctmgr"), "' --backup-dir '",
                                disk, "' --slurmdbd-conf '",
                                site_->slurmdbd_conf, "'")});
    SCOPED_TRACE(command);
    ExpectUntouched(full);
    EXPECT_THAT(full.err, HasSubstr("No space left on device"));
  }
  ASSERT_EQ(
      mount("tmpfs", disk.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "size=4k"),
      0);
  const RunResult closed = site_->Assocsync({"apply", target_});
  ExpectUntouched(closed);
  EXPECT_THAT(closed.err, HasSubstr("Read-only file system"));
  EXPECT_EQ(umount(disk.c_str()), 0);
  site_->backup_dir = normal;
}

// From then on nothing can be recorded, so nothing runs.
TEST_F(FileFaultTest, TheRunFolderIsGone) {
  const struct {
    const char* name;
    const char* how;
  } kWays[] = {
      {"removed", "rm -rf \"$run\""},
      {"moved away", "mv \"$run\" \"$run\"-elsewhere"},
      {"the journal alone", "rm \"$run\"/journal.jsonl"},
  };
  site_->release().Lab("save", {site_->File("a.sql")});
  for (const auto& way : kWays) {
    SCOPED_TRACE(way.name);
    site_->release().Lab("load", {site_->File("a.sql")});
    const RunResult result = ApplyWith(4, way.how);
    EXPECT_EQ(result.exit_code, 4) << result.out << result.err;
    EXPECT_EQ(site_->Commands(), 4);
    EXPECT_THAT(result.err, HasSubstr("No such file or directory"));
    EXPECT_THAT(result.err, HasSubstr("not finished: 4 of "));
    fs::remove_all(site_->backup_dir);
    ApplyConverges();
    fs::remove_all(site_->backup_dir);
  }
}

// All commands are done, and what is left of the run is not whole.
TEST_F(FileFaultTest, WhatIsLeftBehindIsNotWhole) {
  const struct {
    const char* how;
    const char* said;
  } kWays[] = {
      {"mkdir \"$run\"/after.cfg", "after.cfg"},
      {"cd \"$run\"; rm manifest.json; mkdir manifest.json", "manifest.json"},
  };
  site_->release().Lab("save", {site_->File("a.sql")});
  for (const auto& way : kWays) {
    SCOPED_TRACE(way.how);
    site_->release().Lab("load", {site_->File("a.sql")});
    const RunResult result = ApplyWith(4, way.how);
    EXPECT_EQ(result.exit_code, 4) << result.out << result.err;
    EXPECT_THAT(result.err, HasSubstr("this run could not be recorded"));
    EXPECT_THAT(result.err, HasSubstr(way.said));
    EXPECT_THAT(result.err, HasSubstr("live was read again and is the target"));
    ExpectConverged();
    EXPECT_EQ(site_->LastJournal().outcome, "partial");
    fs::remove_all(site_->backup_dir);
  }
}

// A report that nobody can read is no reason to say that nothing was changed.
TEST_F(FileFaultTest, TheReportCannotBePrinted) {
  site_->SetTrouble({});
  const RunResult closed =
      RunProgram({"sh", "-c", absl::StrCat(ApplyLine(), " >/dev/full")});
  EXPECT_EQ(closed.exit_code, 4) << closed.err;
  EXPECT_THAT(closed.err, HasSubstr("No space left on device"));
  EXPECT_EQ(site_->LastJournal().outcome, "verified");
  ExpectConverged();
  // Nothing to do, and nothing done.
  const RunResult again =
      RunProgram({"sh", "-c", absl::StrCat(ApplyLine(), " >&-")});
  EXPECT_THAT(again.exit_code, testing::AnyOf(0, 1)) << again.err;
}

// At whatever place the descriptors run out.
TEST_F(FileFaultTest, TooFewDescriptors) {
  site_->SetTrouble({});
  int refused = 0;
  for (int limit = 4; limit < 64; ++limit) {
    SCOPED_TRACE(limit);
    const RunResult result =
        RunProgram({"sh", "-c",
                    absl::StrCat("ulimit -n ", limit, "; exec ", ApplyLine())});
    if (result.exit_code == 0) break;
    ++refused;
    ExpectUntouched(result);
    // Of the child, which has no more of them, those are its own words.
    EXPECT_THAT(result.err,
                testing::AnyOf(HasSubstr("Too many open files"),
                               HasSubstr("may open no more files"),
                               HasSubstr("sacctmgr ended with exit code")));
    if (HasFailure()) return;
  }
  ExpectConverged();
  EXPECT_GT(refused, 5);
}

}  // namespace assocsync::file_fault_test
