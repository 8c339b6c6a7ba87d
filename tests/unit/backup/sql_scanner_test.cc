#include "engine/backup/sql_scanner.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"

namespace assocsync {
namespace {

constexpr char kTrailer[] = "-- Dump completed on 2026-11-23 23:59:59\n";

// "db.table=rows", "table=rows", a table without CREATE with a '?' behind it;
// or the error.
std::string Scanned(absl::string_view text, size_t piece) {
  SqlScanner scanner;
  for (size_t at = 0; at < text.size(); at += piece) {
    scanner.Feed(text.substr(at, piece));
  }
  const auto facts = scanner.Finish();
  if (!facts.ok()) return std::string(facts.status().message());
  EXPECT_EQ(facts->bytes, text.size());
  std::vector<std::string> words;
  for (const auto& [key, table] : facts->tables) {
    words.push_back(absl::StrCat(key.first, key.first.empty() ? "" : ".",
                                 key.second, "=", table.rows,
                                 table.created ? "" : "?"));
  }
  return absl::StrJoin(words, " ");
}

struct Case {
  const char* name;
  std::string text;
  const char* want;
};

const Case kCases[] = {
    {"nothing but the trailer", "", ""},
    {"as MariaDB writes it",
     R"(/*!999999\- enable the sandbox mode */
-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: localhost    Database: slurm_acct_db
-- ------------------------------------------------------
-- Server version	10.11.6-MariaDB-0+deb12u1

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
DROP TABLE IF EXISTS `acct_table`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
CREATE TABLE `acct_table` (
  `name` tinytext NOT NULL DEFAULT 'x;y',
  `deleted` tinyint(4) DEFAULT 0 COMMENT 'it''s (odd); \' INSERT',
  PRIMARY KEY (`name`(42))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;
LOCK TABLES `acct_table` WRITE;
/*!40000 ALTER TABLE `acct_table` DISABLE KEYS */;
INSERT INTO `acct_table` VALUES
(1,'a'),
(-2,'b\'),(\'c'),
(3,NULL);
INSERT INTO `acct_table` VALUES (4,'d');
/*!40000 ALTER TABLE `acct_table` ENABLE KEYS */;
UNLOCK TABLES;
)",
     "acct_table=4"},
    {"quotes and escapes hide everything",
     "CREATE TABLE `t` (a int);\nINSERT INTO `t` VALUES "
     "('),(',\"),('\",'\\'),(',''),('''),(','\\\\'),(';-- /* # `');",
     "t=3"},
    {"hostile comment lines inside a value",
     "CREATE TABLE `t` (a text);\nINSERT INTO `t` VALUES ('\n-- Dump "
     "completed\nDROP TABLE x;\nINSERT INTO `u` VALUES (1)\n');",
     "t=1"},
    {"a value with every byte",
     absl::StrCat("CREATE TABLE `t` (a blob);INSERT INTO `t` VALUES ('",
                  absl::string_view("\0\x01\x1a\xff\xfe\x80;()--", 11),
                  "'),(0xABCDEF,_binary 'x',b'1');"),
     "t=2"},
    {"functions and nested parentheses are one row",
     "INSERT INTO `t` VALUES ((1),f((2),3)),(4);", "t=2?"},
    {"column lists, IGNORE, REPLACE, lower case",
     "insert  ignore into t (`a`,`values`,c) values (1,2,3),(4,5,6);"
     "REPLACE INTO `t` (a) VALUE (7);",
     "t=3?"},
    {"on duplicate key update",
     "INSERT INTO `t` VALUES (1),(2) ON DUPLICATE KEY UPDATE a=VALUES(a);",
     "t=2?"},
    {"insert from select has no rows of its own",
     "INSERT INTO `t` SELECT (1),(2) FROM x;", "t=0?"},
    {"names with backticks and spaces",
     "CREATE TABLE IF NOT EXISTS `a``b c` (x int);INSERT INTO `a``b c` "
     "VALUES (1);",
     "a`b c=1"},
    {"ANSI_QUOTES", "CREATE TABLE \"t\" (a int);INSERT INTO \"t\" VALUES (1);",
     "t=1"},
    {"databases",
     "CREATE DATABASE /*!32312 IF NOT EXISTS*/ `one` /*!40100 DEFAULT "
     "CHARACTER SET latin1 */;\nUSE `one`;\nCREATE TABLE `t` (a int);\nINSERT "
     "INTO `t` VALUES (1);\nUSE `two`;\nCREATE TABLE `t` (a int);",
     "one.t=1 two.t=0"},
    {"views and their placeholders are no tables",
     "/*!50001 CREATE TABLE `v` (`a` int) ENGINE=MyISAM */;\n/*!50001 CREATE "
     "VIEW `v` AS SELECT 'it''s; */' AS `a` */;",
     ""},
    {"triggers",
     "DELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`%`*/ /*!50003 "
     "TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN\n-- it's a comment\n"
     "INSERT INTO log VALUES (NEW.a); /* and; this's */ END */;;\nDELIMITER "
     ";\nINSERT INTO `t` VALUES (1);",
     "t=1?"},
    {"procedures",
     "DELIMITER ;;\nCREATE PROCEDURE `p`() BEGIN CREATE TABLE tmp (a int); "
     "INSERT INTO t VALUES (1),(2); END ;;\nDELIMITER ;\nINSERT INTO t VALUES "
     "(3);",
     "t=1?"},
    {"comments of every kind",
     "-- it's\n# it's\n/* it's; ** */ INSERT /* x */ INTO -- y\n `t` VALUES "
     "/* ( */ (1) # )\n,(2);",
     "t=2?"},
    {"minus signs are no comments", "INSERT INTO `t` VALUES (1--1,-1),(--2);",
     "t=2?"},
    {"long words",
     absl::StrCat("INSERT INTO `t` VALUES (0x", std::string(5000, 'A'), "); ",
                  std::string(5000, 'x'), " INSERT INTO `t` VALUES (1);"),
     "t=1?"},
};

TEST(SqlScannerTest, FactsDoNotDependOnWhereTheTextIsCut) {
  for (const Case& c : kCases) {
    const std::string text = absl::StrCat(c.text, "\n", kTrailer);
    EXPECT_EQ(Scanned(text, text.size()), c.want) << c.name;
    for (size_t piece = 1; piece < std::min<size_t>(text.size(), 70); ++piece) {
      ASSERT_EQ(Scanned(text, piece), c.want) << c.name << ", cut at " << piece;
    }
  }
}

// Whatever byte a dump stops at, it is not taken for a whole one. Stopping
// inside the trailer line, once it says "Dump completed", loses nothing.
TEST(SqlScannerTest, EveryTruncationIsFound) {
  for (const Case& c : kCases) {
    const std::string text = absl::StrCat(c.text, "\n", kTrailer);
    const size_t whole = text.size() - std::string(kTrailer).size() +
                         std::string("-- Dump completed").size();
    for (size_t size = 0; size < whole; ++size) {
      SqlScanner scanner;
      scanner.Feed(absl::string_view(text).substr(0, size));
      ASSERT_EQ(scanner.Finish().status().code(), absl::StatusCode::kDataLoss)
          << c.name << ", " << size << " bytes";
    }
  }
}

TEST(SqlScannerTest, NothingMayFollowTheTrailer) {
  const struct {
    const char *after, *want;
  } kAfter[] = {
      {"", ""},
      {"\n\n \n", ""},
      {"DROP TABLE `t`;",
       "the SQL text does not end with the line '-- Dump "
       "completed'"},
      {"-- more\n",
       "the SQL text does not end with the line '-- Dump "
       "completed'"},
      {"/*!40101 SET x */;",
       "the SQL text does not end with the line '-- Dump "
       "completed'"},
      {"INSERT", "the SQL text ends in the middle of a statement"},
      {"'", "the SQL text ends in the middle of a statement"},
      {"(", "the SQL text ends in the middle of a statement"},
      {"/* ", "the SQL text ends in the middle of a statement"},
  };
  for (const auto& c : kAfter) {
    EXPECT_EQ(Scanned(absl::StrCat(kTrailer, c.after), 7), c.want) << c.after;
  }
}

TEST(SqlScannerTest, ReadsHeaderAndTrailer) {
  SqlScanner scanner;
  scanner.Feed(
      "-- Host: db1    Database: slurm_acct_db\n"
      "-- Server version\t10.11.6-MariaDB\n-- Dump completed on 2026-11-23  "
      "1:02:03");
  const auto facts = scanner.Finish();
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->database, "slurm_acct_db");
  EXPECT_EQ(facts->server_version, "10.11.6-MariaDB");
  EXPECT_EQ(facts->completed_on, "2026-11-23  1:02:03");
}

TEST(SqlScannerTest, ADumpWithoutDateIsWhole) {
  SqlScanner scanner;
  scanner.Feed("-- Dump completed");
  EXPECT_EQ(scanner.Finish()->completed_on, "");
}

}  // namespace
}  // namespace assocsync
