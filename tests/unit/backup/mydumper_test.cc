#include "engine/backup/mydumper.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "engine/backup/sql_counter.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::mydumper_test {

using ::testing::Contains;
using ::testing::HasSubstr;

TEST(MydumperTest, IsToldByItsName) {
  EXPECT_TRUE(IsMydumper("mydumper"));
  EXPECT_TRUE(IsMydumper("/usr/bin/mydumper"));
  EXPECT_FALSE(IsMydumper("mariadb-dump"));
  EXPECT_FALSE(IsMydumper("/opt/mydumper/bin/mysqldump"));
}

TEST(MydumperTest, OnlyAKnownVersion) {
  EXPECT_TRUE(
      CheckMydumperVersion("mydumper 0.10.0, built against MySQL 10.11.14")
          .ok());
  const absl::Status newer =
      CheckMydumperVersion("mydumper v0.16.3-1, built against MySQL 8.0");
  EXPECT_EQ(newer.code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(newer.message()),
              HasSubstr("use --dump-tool mariadb-dump"));
}

TEST(MydumperTest, ItsConnectionsSeeOneMoment) {
  const auto argv = MydumperCommand("/b/mydumper", "/o", "acct", "/f");
  EXPECT_EQ(argv[0], "/b/mydumper");
  EXPECT_THAT(argv, Contains("--lock-all-tables"));
  EXPECT_THAT(argv, Contains("--defaults-file=/o"));
  EXPECT_THAT(argv, Contains("--database=acct"));
  EXPECT_THAT(argv, Contains("--outputdir=/f"));
  for (const std::string& word : argv) EXPECT_NE(word, "--no-locks");
}

TEST(MydumperTest, FilesBecomeOneText) {
  const TempDir dir = *TempDir::Create(testing::TempDir());
  const auto put = [&](const std::string& name, const std::string& text) {
    ASSERT_TRUE(WriteFileAtomic(dir.path() + "/" + name, text).ok());
  };
  put("metadata", "Started dump at: x\nFinished dump at: y\n");
  put("acct-schema-create.sql", "CREATE DATABASE `acct`;\n");
  put("acct.b-schema.sql", "CREATE TABLE `b` (\n  `a` int\n);\n");
  put("acct.b.sql", "INSERT INTO `b` VALUES\n(1),\n(2);\n");
  put("acct.a-schema.sql", "CREATE TABLE `a` (\n  `a` int\n);\n");
  put("acct.a.sql", "");
  std::string sql;
  const absl::Status joined = JoinMydumperFiles(
      dir.path(), "acct", "mydumper 0.10.0", absl::FromUnixSeconds(1795682139),
      absl::UTCTimeZone(), [&](absl::string_view piece) {
        absl::StrAppend(&sql, piece);
        return absl::OkStatus();
      });
  ASSERT_TRUE(joined.ok()) << joined;
  EXPECT_EQ(sql,
            "-- Dump by mydumper 0.10.0, its files in one\n"
            "/*!40101 SET SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n"
            "/*!40014 SET UNIQUE_CHECKS=0 */;\n"
            "\n"
            "DROP TABLE IF EXISTS `a`;\n"
            "CREATE TABLE `a` (\n  `a` int\n);\n"
            "\n"
            "\n"
            "\n"
            "DROP TABLE IF EXISTS `b`;\n"
            "CREATE TABLE `b` (\n  `a` int\n);\n"
            "\n"
            "INSERT INTO `b` VALUES\n(1),\n(2);\n"
            "\n"
            "-- Dump completed on 2026-11-26 08:35:39\n");
  SqlCounter counter;
  SqlReader reader(&counter);
  ASSERT_TRUE(reader.Feed(sql).ok());
  const auto facts = reader.Finish();
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->completed_on, "2026-11-26 08:35:39");
  EXPECT_EQ(facts->tables.at({"", "b"}).rows, 2u);
  EXPECT_EQ(facts->tables.at({"", "a"}).rows, 0u);
}

}  // namespace assocsync::mydumper_test
