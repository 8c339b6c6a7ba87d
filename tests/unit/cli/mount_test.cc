// --require-mount, with real mounts in a namespace of their own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/io/dir.h"
#include "engine/io/process.h"

namespace assocsync::mount_test {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class MountTest : public testing::Test {
 protected:
  MountTest() : temp_(*TempDir::Create("/tmp")) {}

  // In a mount namespace in which $D is `temp_` and `a disk` a folder of it.
  RunResult Run(const std::string& script) const {
    ProcessRunner runner({"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                          absl::StrCat("A=", ASSOCSYNC_BINARY),
                          absl::StrCat("D=", temp_.path())});
    std::vector<std::string> words = {"unshare", "--mount"};
    if (geteuid() != 0) words.push_back("--map-root-user");
    words.insert(words.end(),
                 {"/bin/bash", "-c",
                  absl::StrCat("set -e; cd $D; mkdir 'a disk'; ", script)});
    const auto run = runner.Run(words, absl::Seconds(60));
    EXPECT_TRUE(run.ok()) << run.status();
    return run.ok() ? *run : RunResult();
  }
  void SetUp() override {
    if (!Run("mount -t tmpfs tmpfs 'a disk'").clean()) {
      GTEST_SKIP() << "no mounts may be made here";
    }
    std::filesystem::remove(temp_.path() + "/a disk");
  }
  void ExpectRefused(const std::string& script, const std::string& why) const {
    const RunResult run = Run(script);
    EXPECT_EQ(run.exit_code, 3) << script << "\n" << run.err;
    EXPECT_THAT(run.err, HasSubstr(why)) << script;
    EXPECT_THAT(run.err, HasSubstr("nothing was changed"));
    EXPECT_THAT(run.out, IsEmpty());
    std::filesystem::remove_all(temp_.path() + "/a disk");
  }
  void ExpectFine(const std::string& script) const {
    const RunResult run = Run(script);
    EXPECT_EQ(run.exit_code, 0) << script << "\n" << run.err;
    std::filesystem::remove_all(temp_.path() + "/a disk");
  }

  TempDir temp_;
};

constexpr char kList[] =
    "$A backups --backup-dir \"$D/a disk/slurm\" --require-mount \"$D/a disk\"";

TEST_F(MountTest, ADiskThatDidNotComeUpIsRefused) {
  ExpectRefused(absl::StrCat("mkdir 'a disk/slurm'; ", kList),
                "/a disk: nothing is mounted there; it is a folder of what is "
                "mounted at ");
  // Before anything else is looked at: there is no slurmdbd.conf here.
  for (const char* command :
       {"backup --slurmdbd-conf /none", "restore x --slurmdbd-conf /none",
        "prune --keep-last 1", "verify", "history bio",
        "plan --at now --live none.cfg",
        "plan none.cfg --base last-applied --live none.cfg"}) {
    ExpectRefused(absl::StrCat("$A ", command,
                               " --backup-dir \"$D/a disk\" --require-mount "
                               "\"$D/a disk\""),
                  "nothing is mounted there");
  }
  // What is named lies where it lies.
  ExpectFine(
      "echo 'Cluster - lab' > t.cfg; $A plan t.cfg --live t.cfg "
      "--require-mount "
      "\"$D/a disk\"");
  ExpectRefused("rmdir 'a disk'; $A backups --require-mount \"$D/a disk\"",
                "No such file");
}

TEST_F(MountTest, AnotherDiskIsRefused) {
  ExpectRefused(absl::StrCat("mount -t tmpfs tmpfs 'a disk'; ", kList),
                "/a disk/slurm is not there: another disk is mounted");
}

TEST_F(MountTest, AMountIsTaken) {
  constexpr char kMake[] = "mkdir -m 700 'a disk/slurm'; ";
  ExpectFine(absl::StrCat("mount -t tmpfs tmpfs 'a disk'; ", kMake, kList));
  // The same file system, so no number of a device tells.
  ExpectFine(absl::StrCat("mount --bind 'a disk' 'a disk'; ", kMake, kList));
  ExpectFine(absl::StrCat("mount -t tmpfs tmpfs 'a disk'; ", kMake,
                          "ln -s 'a disk' link; $A backups --backup-dir "
                          "link/slurm --require-mount link; rm link"));
}

TEST_F(MountTest, ABackupFolderElsewhereIsRefused) {
  ExpectRefused(
      "mount -t tmpfs tmpfs 'a disk'; mkdir -m 700 'a disk2'; "
      "trap 'rmdir \"$D/a disk2\"' EXIT; "
      "$A backups --backup-dir \"$D/a disk2\" --require-mount \"$D/a disk\"",
      "a disk2 does not lie at or below");
}

// Its line stands in the kernel's table all the same.
TEST_F(MountTest, AMountThatAnotherOneHidesIsRefused) {
  ExpectRefused(absl::StrCat("mount -t tmpfs tmpfs 'a disk'; mount -t tmpfs "
                             "tmpfs \"$D\"; mkdir -p \"$D/a disk/slurm\"; ",
                             kList),
                "nothing is mounted there");
}

// Of the config file: plan has nothing to do with it.
TEST_F(MountTest, OtherCommandsDoNotAsk) {
  ExpectFine(
      "printf \"Cluster - 'a'\\nParent - 'root'\\n\" | "
      "ASSOCSYNC_REQUIRE_MOUNT=/none $A fmt");
}

}  // namespace assocsync::mount_test
