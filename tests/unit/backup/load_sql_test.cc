#include "engine/backup/load_sql.h"

#include <atomic>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "engine/io/program.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync {
namespace {

using ::testing::AllOf;

using ::testing::HasSubstr;
using ::testing::Not;

// A client program that is a shell script, run by the real runner.
class LoadSqlTest : public testing::Test {
 protected:
  LoadSqlTest() : dir_(*TempDir::Create(testing::TempDir())) {
    options_.database.database = "scratch";
    options_.database.user = "slurm";
    options_.database.password = "geheim";
    options_.secret_dir = dir_.path();
    options_.tool = dir_.path() + "/client";
  }
  // `script` runs after the words of argv and the option file were kept.
  void Client(const std::string& script) {
    ASSERT_TRUE(WriteFileAtomic(options_.tool,
                                absl::StrCat("#!/bin/sh\n"
                                             "[ \"$2\" = --version ] && exit\n"
                                             "cd ",
                                             dir_.path(),
                                             "\nprintf '%s\\n' \"$@\" >argv\n"
                                             "cat \"${1#*=}\" >options\n",
                                             script),
                                0700)
                    .ok());
  }
  absl::StatusOr<Loaded> Load(const std::string& sql) {
    ProcessRunner runner(CleanEnvironment({"PATH=/usr/bin:/bin"}));
    return LoadSql(
        options_, [&](ByteSink sink) { return sink(sql); }, runner);
  }
  std::string Kept(const std::string& name) {
    return ReadFile(dir_.path() + "/" + name, 1 << 30).value_or("(none)");
  }

  TempDir dir_;
  LoadOptions options_;
};

TEST_F(LoadSqlTest, TheClientGetsEveryByteAndNoPassword) {
  std::string sql = "INSERT INTO `t` VALUES ('";
  for (int i = 0; i < 1000000; ++i) sql += "\r\n\\0x"[i % 5];
  absl::StrAppend(&sql, "');\n");
  Client("cat >got");
  const auto loaded = Load(sql);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->sql_bytes, sql.size());
  EXPECT_TRUE(Kept("got") == sql);
  EXPECT_THAT(Kept("argv"), AllOf(HasSubstr("--binary-mode\n"),
                                  HasSubstr("--database=scratch\n"),
                                  Not(HasSubstr("geheim"))));
  EXPECT_THAT(Kept("options"), HasSubstr("password=\"geheim\""));
  EXPECT_FALSE(Kept("argv").find("--defaults-file=") != 0);
}

TEST_F(LoadSqlTest, ErrorsQuoteTheClient) {
  Client(
      "head -c 1000 >/dev/null; echo 'ERROR 1064 at line 3: no' >&2; exit 1");
  std::string sql = "INSERT INTO `t` VALUES ('";
  sql.append(3000000, 'x');
  absl::StrAppend(&sql, "');\n");
  auto loaded = Load(sql);
  EXPECT_EQ(loaded.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(loaded.status().message(), HasSubstr("ERROR 1064 at line 3: no"));
  Client("cat >/dev/null; echo 'ERROR 1045: Access denied' >&2; exit 1");
  EXPECT_EQ(Load("SET @a=1;").status().code(),
            absl::StatusCode::kPermissionDenied);
  Client("cat >/dev/null; echo \"The table 't' is full\" >&2; exit 1");
  EXPECT_EQ(Load("SET @a=1;").status().code(),
            absl::StatusCode::kResourceExhausted);
  // It says that all is well, and is not.
  Client("exit 0");
  loaded = Load(sql);
  EXPECT_EQ(loaded.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(loaded.status().message(), HasSubstr("before it had read"));
}

TEST_F(LoadSqlTest, WhatLeavesTheDatabaseNeverArrives) {
  Client("cat >got; echo >ended");
  const auto loaded = Load("SET @a=1;\nUSE `other`;\nDROP TABLE `t`;\n");
  EXPECT_EQ(loaded.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(loaded.status().message(), HasSubstr("USE"));
  EXPECT_THAT(Kept("got"), Not(HasSubstr("USE")));
  EXPECT_EQ(Kept("ended"), "(none)");
  EXPECT_EQ(Load("DROP TABLE `t`").status().code(),
            absl::StatusCode::kDataLoss);
}

TEST_F(LoadSqlTest, ASourceThatFailsAndAStopEndTheClient) {
  Client("cat >got; echo >ended");
  ProcessRunner runner(CleanEnvironment({"PATH=/usr/bin:/bin"}));
  const auto fails = [](ByteSink sink) {
    const absl::Status status = sink("SET @a=1;");
    return status.ok() ? absl::DataLossError("torn") : status;
  };
  EXPECT_EQ(LoadSql(options_, fails, runner).status().message(), "torn");
  EXPECT_EQ(Kept("ended"), "(none)");
  std::atomic<bool> stop{true};
  options_.stop = &stop;
  EXPECT_EQ(Load("SET @a=1;").status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(Kept("ended"), "(none)");
}

TEST_F(LoadSqlTest, WithoutAClientItSaysWhatToInstall) {
  options_.tool = "";
  options_.search_path = dir_.path();
  const auto loaded = Load("SET @a=1;");
  EXPECT_EQ(loaded.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(loaded.status().message(),
              HasSubstr("neither mariadb nor mysql found"));
}

}  // namespace
}  // namespace assocsync
