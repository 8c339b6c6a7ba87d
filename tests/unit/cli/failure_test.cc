// --on-failure.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/io/dir.h"
#include "tests/support/shell.h"

namespace assocsync::failure_test {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class FailureTest : public testing::Test {
 protected:
  FailureTest() : temp_(*TempDir::Create("/tmp")) {
    std::ofstream(temp_.path() + "/tell")
        << "#!/bin/sh\n{ echo \"$ASSOCSYNC_FAILED $ASSOCSYNC_STATUS\"; "
           "printf '<%s>' \"$@\"; cat; } >"
        << temp_.path() << "/told\n";
    fs::permissions(temp_.path() + "/tell", fs::perms(0755));
  }
  RunResult Run(const std::string& line) const {
    return RunLine(temp_.path(), absl::StrCat("$A ", line), {"LC_ALL=C.UTF-8"});
  }
  std::string Told() const {
    std::ifstream in(temp_.path() + "/told");
    return {std::istreambuf_iterator<char>(in), {}};
  }

  TempDir temp_;
};

TEST_F(FailureTest, AProgramIsToldWhatWasSaid) {
  const RunResult run =
      Run("verify none --on-failure \"$PWD/tell  -s backup@root\"");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(Told(), absl::StrCat("verify 1\n<-s><backup@root>", run.err));
  EXPECT_THAT(run.err, HasSubstr("none"));
}

TEST_F(FailureTest, NotWhereAllWentWellOrTheCommandHasNoSuchOption) {
  fs::create_directory(temp_.path() + "/b");
  fs::permissions(temp_.path() + "/b", fs::perms(0700));
  EXPECT_EQ(Run("backups --backup-dir b --on-failure $PWD/tell").exit_code, 0);
  Run("fmt none; true");
  EXPECT_EQ(Told(), "");
  EXPECT_EQ(Run("backups --backup-dir none --on-failure $PWD/tell").exit_code,
            1);
  EXPECT_THAT(Told(), HasSubstr("backups 1\n"));
}

// Its own trouble is told, and changes no status.
TEST_F(FailureTest, OneThatFailsIsNamed) {
  for (const char* command : {"/none", "false", "'ls /none'"}) {
    const RunResult run =
        Run(absl::StrCat("verify none --on-failure ", command));
    EXPECT_EQ(run.exit_code, 1) << command;
    EXPECT_THAT(run.err, HasSubstr("--on-failure: ")) << command;
  }
}

// Told at once, and not on the night when it matters.
TEST_F(FailureTest, WordsThatNeedAShellAreRefused) {
  for (const char* words : {"' '", "'mail -s \"it failed\" root'", "'a;b'",
                            "'tell $HOME'", "'A=b tell'"}) {
    const RunResult run = Run(absl::StrCat("verify none --on-failure ", words));
    EXPECT_EQ(run.exit_code, 64) << words;
    EXPECT_THAT(run.err, HasSubstr("no shell is run for it")) << words;
  }
}

TEST_F(FailureTest, AProgramThatOthersCanChangeIsNotRun) {
  fs::permissions(temp_.path() + "/tell", fs::perms(0777));
  const RunResult run = Run("verify none --on-failure $PWD/tell");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.err, HasSubstr("--on-failure: cannot start"));
  EXPECT_EQ(Told(), "");
}

}  // namespace assocsync::failure_test
