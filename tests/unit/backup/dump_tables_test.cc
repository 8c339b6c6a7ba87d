// What a plain SQL dump is refused for. That a whole one says what the database
// says is a test on real ones (tests/real/database_live_test.cc).
#include "engine/backup/dump_tables.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::dump_tables_test {

using ::testing::HasSubstr;

constexpr char kHead[] =
    "-- MariaDB dump 10.19\n/*!40101 SET NAMES utf8mb4 */;\n";
constexpr char kClusters[] =
    "CREATE TABLE `cluster_table` (`name` tinytext NOT NULL, `deleted` tinyint "
    "DEFAULT 0) ENGINE=InnoDB;\n"
    "INSERT INTO `cluster_table` VALUES ('a',0),('b',0),('gone',1);\n";
constexpr char kTrailer[] = "-- Dump completed on 2026-11-23 23:59:59\n";

std::string Error(const std::string& text, absl::string_view cluster = "") {
  const auto read = ReadDump("old.sql", text, cluster, true);
  return std::string(read.status().message());
}

TEST(DumpTablesTest, SaysWhatIsWrong) {
  EXPECT_THAT(Error(absl::StrCat(kHead, kTrailer)),
              HasSubstr("old.sql, an SQL dump: there is no cluster_table"));
  EXPECT_THAT(Error(absl::StrCat(kHead, kClusters)),
              HasSubstr("does not end with the line '-- Dump completed"));
  EXPECT_THAT(
      Error(absl::StrCat(kHead, kClusters, kTrailer)),
      testing::AllOf(HasSubstr("a, b"), testing::Not(HasSubstr("gone"))));
  EXPECT_THAT(Error(absl::StrCat(kHead, kClusters, kTrailer), "gone"),
              HasSubstr("gone"));
  EXPECT_THAT(
      Error(absl::StrCat(kHead, kClusters, kTrailer), "a"),
      testing::AllOf(HasSubstr("table a_assoc_table"), HasSubstr("all tables"),
                     testing::Not(HasSubstr("GRANT"))));
  EXPECT_THAT(Error(absl::StrCat(kHead, "USE `x`;\n", kClusters, "USE `y`;\n",
                                 kClusters, kTrailer)),
              HasSubstr("in two databases, x and y"));
  EXPECT_THAT(
      Error(absl::StrCat("/*!40101 SET NAMES latin1 */;\n", kClusters,
                         "INSERT INTO `cluster_table` VALUES ('\xe9',0);\n",
                         kTrailer)),
      HasSubstr("--default-character-set=utf8mb4"));
  EXPECT_THAT(Error(absl::StrCat(kHead,
                                 "CREATE TABLE `cluster_table` (`name` "
                                 "tinytext) ENGINE=MyISAM;\n",
                                 kTrailer)),
              HasSubstr("MyISAM"));
  EXPECT_THAT(Error(absl::StrCat(kHead, kClusters,
                                 "INSERT INTO `cluster_table` (`nome`) VALUES "
                                 "('a');\n",
                                 kTrailer)),
              HasSubstr("no column nome"));
}

TEST(DumpTablesTest, KnowsOneWhenItSeesIt) {
  EXPECT_TRUE(IsSqlDump(absl::StrCat(kHead, kClusters, kTrailer)));
  EXPECT_FALSE(IsSqlDump("Cluster - 'a'\n"));
  EXPECT_FALSE(OpenSqlDump("/nowhere")->has_value());
}

}  // namespace assocsync::dump_tables_test
