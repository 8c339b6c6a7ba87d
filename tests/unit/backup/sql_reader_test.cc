#include "engine/backup/sql_reader.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::sql_reader_test {

using ::testing::HasSubstr;

constexpr char kTrailer[] = "-- Dump completed on 2026-11-23 23:59:59\n";
constexpr char kUtf8[] = "/*!40101 SET NAMES utf8mb4 */;\n";

// Writes down what it is told, one word each.
class Recorder : public SqlVisitor {
 public:
  std::vector<std::string> told;
  bool passes_over = false;  // All rows.

  bool WantsRows(const SqlRows&) override { return !passes_over; }

  absl::Status OnTable(const SqlRows& at, const SqlTable& table) override {
    told.push_back(
        absl::StrCat("table ", At(at), table.name, "/", table.columns.size()));
    return absl::OkStatus();
  }
  absl::Status OnUnreadableTable(absl::string_view table,
                                 const absl::Status&) override {
    told.push_back(absl::StrCat("unreadable ", table));
    return absl::OkStatus();
  }
  absl::Status OnRow(const SqlRows& rows,
                     absl::Span<const SqlValue> values) override {
    std::string text = At(rows);
    absl::StrAppend(&text, rows.table);
    if (!rows.columns.empty()) {
      absl::StrAppend(&text, "[", absl::StrJoin(rows.columns, ","), "]");
    }
    const auto value = [](std::string* out, const SqlValue& v) {
      constexpr absl::string_view kSigns[] = {"NULL", "", "'", "x"};
      absl::StrAppend(out, kSigns[static_cast<int>(v.kind)],
                      absl::CHexEscape(v.text));
    };
    told.push_back(
        absl::StrCat(text, "(", absl::StrJoin(values, "|", value), ")"));
    return absl::OkStatus();
  }
  absl::Status OnObject(const SqlObject& object) override {
    told.push_back(object.ToString());
    return absl::OkStatus();
  }
  absl::Status OnDatabase(absl::string_view database) override {
    told.push_back(absl::StrCat("database ", database));
    return absl::OkStatus();
  }

 private:
  // "db." of USE, "latin1:" where it is not utf8mb4.
  static std::string At(const SqlRows& at) {
    return absl::StrCat(
        at.charset == "utf8mb4" || at.charset.empty() ? "" : at.charset + ":",
        at.time_zone.empty() ? "" : at.time_zone + " ", at.database,
        at.database.empty() ? "" : ".");
  }
};

// What was told, or the error.
std::string Read(absl::string_view text, size_t piece) {
  Recorder recorder;
  SqlReader reader(&recorder);
  for (size_t at = 0; at < text.size(); at += piece) {
    const absl::Status status = reader.Feed(text.substr(at, piece));
    if (!status.ok()) return std::string(status.message());
  }
  const auto facts = reader.Finish();
  if (!facts.ok()) return std::string(facts.status().message());
  EXPECT_EQ(facts->bytes, text.size());
  return absl::StrJoin(recorder.told, " ");
}

struct Case {
  const char* name;
  std::string text;
  std::string want;
};

const std::string kT = absl::StrCat(kUtf8, "CREATE TABLE `t` (`a` int);\n");

const Case kGood[] = {
    {"nothing but the trailer", "", ""},
    {"as MariaDB writes it",
     R"(/*M!999999\- enable the sandbox mode */
-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: localhost    Database: slurm_acct_db
-- ------------------------------------------------------
-- Server version	10.11.6-MariaDB-0+deb12u1

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*M!100616 SET @OLD_NOTE_VERBOSITY=@@NOTE_VERBOSITY, NOTE_VERBOSITY=0 */;
DROP TABLE IF EXISTS `acct_table`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `acct_table` (
  `name` tinytext NOT NULL DEFAULT 'x;y',
  `deleted` tinyint(4) DEFAULT 0 COMMENT 'it''s (odd); \' INSERT',
  PRIMARY KEY (`name`(42))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;
/*!40101 SET character_set_client = @saved_cs_client */;
LOCK TABLES `acct_table` WRITE;
/*!40000 ALTER TABLE `acct_table` DISABLE KEYS */;
INSERT INTO `acct_table` VALUES
('b\'),(\'c',-2),
(NULL,3.5e-7);
INSERT INTO `acct_table` VALUES ('d',4);
/*!40000 ALTER TABLE `acct_table` ENABLE KEYS */;
UNLOCK TABLES;
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
)",
     "table +00:00 acct_table/2 +00:00 acct_table('b\\'),(\\'c|-2) "
     "+00:00 acct_table(NULL|3.5e-7) +00:00 acct_table('d|4)"},
    {"as mydumper writes it",
     "/*!40101 SET NAMES binary*/;\n/*!40014 SET FOREIGN_KEY_CHECKS=0*/;\n"
     "/*!40103 SET TIME_ZONE='+00:00' */;\nCREATE TABLE `t` (`a` text);\n"
     "INSERT INTO `t` VALUES\n(\"a\\\"b'c\")\n,(\"x\"\"y\");\n",
     "table binary:+00:00 t/1 binary:+00:00 t('a\\\"b\\'c) "
     "binary:+00:00 t('x\\\"y)"},
    {"quotes and escapes hide everything",
     kT + "INSERT INTO `t` VALUES ('),('),('\\'),('),('''),('),('\\\\'),"
          "(';-- /* # `');",
     "table t/1 t('),() t('\\'),() t('\\'),() t('\\\\) t(';-- /* # `)"},
    {"every escape", kT + R"(INSERT INTO `t` VALUES ('\0\b\n\r\t\Z\%\_\x\"');)",
     "table t/1 t('\\x00\\x08\\n\\r\\t\\x1a\\\\%\\\\_x\\\")"},
    {"hostile comment lines inside a value",
     kT + "INSERT INTO `t` VALUES ('\n-- Dump completed\nDROP TABLE x;\n');",
     "table t/1 t('\\n-- Dump completed\\nDROP TABLE x;\\n)"},
    {"a value with every byte",
     absl::StrCat(kT, "INSERT INTO `t` VALUES ('",
                  absl::string_view("\0\x01\x1a\xff\xfe\x80;()--", 11), "');"),
     "table t/1 t('\\x00\\x01\\x1a\\xff\\xfe\\x80;()--)"},
    {"bytes without a charset",
     kT + "INSERT INTO `t` VALUES (0x6127),(X'6162'),(_binary 'a\\'\xff');",
     "table t/1 t(xa\\') t(xab) t(xa\\'\\xff)"},
    {"column lists, IGNORE, lower case",
     kT + "insert  ignore into t (`a`,`values`,c) values (1,2,3),(4,5,6);",
     "table t/1 t[a,values,c](1|2|3) t[a,values,c](4|5|6)"},
    {"names with backticks and spaces",
     absl::StrCat(kUtf8,
                  "CREATE TABLE IF NOT EXISTS `a``b c` (`x` int);"
                  "INSERT INTO `a``b c` VALUES (1);"),
     "table a`b c/1 a`b c(1)"},
    {"databases",
     absl::StrCat(kUtf8,
                  "CREATE DATABASE /*!32312 IF NOT EXISTS*/ `one` /*!40100 "
                  "DEFAULT CHARACTER SET latin1 */;\nUSE `one`;\n"
                  "CREATE TABLE `t` (`a` int);\nINSERT INTO `t` VALUES (1);\n"
                  "USE `two`;\nCREATE TABLE `t` (`a` int);"),
     "database one database one table one.t/1 one.t(1) database two table "
     "two.t/1"},
    {"views and their placeholders",
     "/*!50001 DROP VIEW IF EXISTS `v`*/;\n/*!50001 CREATE TABLE `v` (`a` int) "
     "ENGINE=MyISAM */;\n/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 "
     "DEFINER=`root`@`localhost` SQL SECURITY DEFINER */\n/*!50001 VIEW `v` AS "
     "SELECT 'it''s; */' AS `a` */;",
     "unreadable v view v"},
    {"triggers, procedures, events",
     "DELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`%`*/ /*!50003 "
     "TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN\n-- it's a comment\n"
     "INSERT INTO log VALUES (NEW.a); /* and; this's */ END */;;\nDELIMITER "
     ";\nDELIMITER //\nCREATE PROCEDURE `p`() BEGIN CREATE TABLE tmp (a int); "
     "END //\nCREATE DEFINER=`r`@`%` EVENT IF NOT EXISTS `e` DO SELECT 1//\n"
     "DELIMITER ;\n",
     "trigger x procedure p event e"},
    {"comments of every kind",
     kT + "-- it's\n# it's\n/* it's; ** */ INSERT /* x */ INTO -- y\n `t` "
          "VALUES (1)\n,(2);",
     "table t/1 t(1) t(2)"},
    {"latin1, and back to what it was",
     "SET @saved_cs_client = @@character_set_client; SET NAMES utf8;"
     "CREATE TABLE `t` (`a` int); SET @saved_cs_client = "
     "@@character_set_client, character_set_client = latin1; INSERT INTO t "
     "VALUES (1); SET character_set_client = @saved_cs_client; INSERT INTO t "
     "VALUES (2);",
     "table utf8mb3:t/1 latin1:t(1) utf8mb3:t(2)"},
    {"transaction",
     "SET autocommit=0; START TRANSACTION; SET @@SESSION.SQL_LOG_BIN= 0; "
     "commit;",
     ""},
};

TEST(SqlReaderTest, WhatIsToldDoesNotDependOnWhereTheTextIsCut) {
  for (const Case& c : kGood) {
    const std::string text = absl::StrCat(c.text, "\n", kTrailer);
    EXPECT_EQ(Read(text, text.size()), c.want) << c.name;
    for (size_t piece = 1; piece < std::min<size_t>(text.size(), 70); ++piece) {
      ASSERT_EQ(Read(text, piece), c.want) << c.name << ", cut at " << piece;
    }
  }
}

// Whatever byte a dump stops at, it is not taken for a whole one. Stopping
// inside the trailer line, once it says "Dump completed", loses nothing.
// Rows that nobody wants end where they end for those who want them.
TEST(SqlReaderTest, RowsArePassedOver) {
  for (const Case& c : kGood) {
    const std::string text = absl::StrCat(c.text, kTrailer);
    Recorder all;
    SqlReader reads(&all);
    ASSERT_TRUE(reads.Feed(text).ok()) << c.name;
    ASSERT_TRUE(reads.Finish().ok()) << c.name;
    std::erase_if(all.told, [](const std::string& word) {
      return absl::EndsWith(word, ")");  // A row.
    });
    for (const size_t piece : {size_t{1}, size_t{2}, size_t{5}, text.size()}) {
      Recorder some;
      some.passes_over = true;
      SqlReader passes(&some);
      for (size_t at = 0; at < text.size(); at += piece) {
        ASSERT_TRUE(passes.Feed(absl::string_view(text).substr(at, piece)).ok())
            << c.name;
      }
      ASSERT_TRUE(passes.Finish().ok()) << c.name;
      EXPECT_EQ(some.told, all.told) << c.name << ", pieces of " << piece;
    }
  }
}

TEST(SqlReaderTest, WhatIsNoRowIsNotPassedOver) {
  const auto read = [](absl::string_view rows, size_t piece) {
    Recorder recorder;
    recorder.passes_over = true;
    SqlReader reader(&recorder);
    const std::string text =
        absl::StrCat(kT, "INSERT INTO `t` VALUES ", rows, kTrailer);
    for (size_t at = 0; at < text.size(); at += piece) {
      const absl::Status status =
          reader.Feed(absl::string_view(text).substr(at, piece));
      if (!status.ok()) return std::string(status.message());
    }
    return std::string(reader.Finish().status().message());
  };
  for (const size_t piece : {1, 3, 1000}) {
    EXPECT_EQ(read("(-1),('a;\\'),(b'),(\"'\"),('''');\n", piece), "");
    EXPECT_THAT(read("(1) /* ' */;\n", piece), HasSubstr("'/' in a row of t"));
    EXPECT_THAT(read("(1) -- '\n;\n", piece), HasSubstr("'-' in a row of t"));
    EXPECT_THAT(read("(1) # '\n;\n", piece), HasSubstr("'#' in a row of t"));
    EXPECT_THAT(read("(1),('a\n", piece), HasSubstr("middle of a statement"));
    EXPECT_THAT(read("(1),(2)\n", piece), testing::Not(testing::IsEmpty()));
  }
}

TEST(SqlReaderTest, EveryTruncationIsFound) {
  for (const Case& c : kGood) {
    const std::string text = absl::StrCat(c.text, "\n", kTrailer);
    const size_t whole = text.size() - std::string(kTrailer).size() +
                         std::string("-- Dump completed").size();
    for (size_t size = 0; size < whole; ++size) {
      Recorder recorder;
      SqlReader reader(&recorder);
      ASSERT_TRUE(reader.Feed(absl::string_view(text).substr(0, size)).ok());
      ASSERT_EQ(reader.Finish().status().code(), absl::StatusCode::kDataLoss)
          << c.name << ", " << size << " bytes";
    }
  }
}

// `want`: a part of the message, which begins with the byte.
const Case kRefused[] = {
    {"delete", "DELETE FROM t;", "byte 0 of the SQL text: 'DELETE FROM t'"},
    {"load data", "LOAD DATA INFILE '/etc/passwd' INTO TABLE t;",
     "'LOAD DATA INFILE '...' INTO TABLE'"},
    {"shell", "\\! touch x\n;", "'\\ ! touch x'"},
    {"grant", "GRANT ALL ON *.* TO x;", "GRANT ALL ON"},
    {"user", "CREATE USER x;", "CREATE USER x"},
    {"drop elsewhere", "DROP TABLE IF EXISTS other . t;", "DROP TABLE"},
    {"drop two", "DROP TABLE a, other.b;", "DROP TABLE"},
    {"rename", "ALTER TABLE t RENAME TO other.t;", "ALTER TABLE"},
    {"insert elsewhere", kT + "INSERT INTO `other`.`t` VALUES (1);",
     "INSERT INTO other . t VALUES"},
    {"insert into what was not made", kT + "INSERT INTO `u` VALUES (1);",
     "rows of u, of which there is no CREATE TABLE"},
    {"insert from select", kT + "INSERT INTO `t` SELECT (1) FROM x;",
     "INSERT INTO t SELECT"},
    {"on duplicate key",
     kT + "INSERT INTO `t` VALUES (1) ON DUPLICATE KEY UPDATE a=1;",
     "'O' behind a row"},
    {"a function", kT + "INSERT INTO `t` VALUES (LOAD_FILE('/etc/shadow'));",
     "'LOAD_FILE' in a row of t: values must be literals"},
    {"a sum", kT + "INSERT INTO `t` VALUES (1+1);", "'1+1' in a row"},
    {"a user variable", kT + "INSERT INTO `t` VALUES (@a);", "'@' in a row"},
    {"a comment in a row", kT + "INSERT INTO `t` VALUES (0x61 /*!999998 ' */);",
     "'/' behind a value of t: values must be literals"},
    {"two strings", kT + "INSERT INTO `t` VALUES ('a' 'b');",
     "''' behind a value"},
    {"another introducer", kT + "INSERT INTO `t` VALUES (_gbk'a');",
     "'_gbk' in a row"},
    {"odd hex", kT + "INSERT INTO `t` VALUES (0x123);", "'0x123' in a row"},
    {"too many values", kT + "INSERT INTO `t` VALUES (1,2);",
     "a row of 2 values in t, which has 1 columns"},
    {"made twice", kT + "CREATE TABLE `t` (`a` int);",
     "table t is made a second time"},
    {"gbk", "SET NAMES gbk;", "'gbk': in this charset a quote or a backslash"},
    {"sjis", "SET character_set_client = sjis;", "'sjis': in this charset"},
    {"names with a collation", "SET NAMES utf8 COLLATE utf8_bin;",
     "the name of a charset is expected"},
    {"charset of somebody", "SET character_set_client = @a;",
     "the value of an unknown variable"},
    {"ansi quotes", "SET sql_mode='ANSI_QUOTES';", "what a quote"},
    {"no escapes", "SET sql_mode='no_backslash_escapes';", "what a quote"},
    {"mode by number", "SET sql_mode=1048576;", "what a quote"},
    {"mode by variable", "SET @m=1048576; SET sql_mode=@m;",
     "'@': no variable that a dump"},
    {"mode in a known variable", "SET @OLD_SQL_MODE='ANSI'; ",
     "keeps nothing but old values"},
    {"mode by expression", "SET sql_mode=CONCAT('ANSI','_QUOTES');",
     "an expression"},
    {"mode behind a comma", "SET sql_notes=0, sql_mode='ORACLE';",
     "what a quote"},
    {"global", "SET GLOBAL max_connections=1;", "no variable that a dump"},
    {"global, later", "SET sql_notes=1, @@GLOBAL.sql_mode='';",
     "no variable that a dump"},
    {"sums", "SET @a=1+1+1+1;", "no variable that a dump"},
    {"statement", "SET STATEMENT sql_mode='' FOR DROP DATABASE d;",
     "no variable that a dump"},
    {"password", "SET PASSWORD = 'x';", "no variable that a dump"},
    {"only newer servers", "DROP TABLE /*!99999 a */ IF EXISTS x;",
     "that only some servers run"},
    {"only MariaDB", "/*M!100100 DROP TABLE x */;",
     "that only some servers run"},
    {"no version", "/*! DROP TABLE x */;", "that only some servers run"},
    {"a version of six digits", "/*!050001 DROP TABLE x */;",
     "that only some servers run"},
    {"two in one", "/*!40000 SET sql_notes=1; DROP DATABASE d */;",
     "no statement that dumps"},
    {"code in code", "/*!40000 SET /*!40000 sql_notes=1 */ */;",
     "code in a comment inside"},
    {"a long delimiter", "DELIMITER 123456789\n", "no such delimiter"},
    {"many tokens", absl::StrCat("DROP ", std::string(60000, ','), ";"),
     "no statement of a dump is as long"},
    {"a long name",
     absl::StrCat("DROP TABLE `", std::string(2 << 20, 'x'), "`;"),
     "no statement of a dump is as long"},
};

TEST(SqlReaderTest, EverythingElseIsRefused) {
  for (const Case& c : kRefused) {
    const std::string text = absl::StrCat(c.text, "\n", kTrailer);
    for (const size_t piece : {text.size(), size_t{1} << 12, size_t{7}}) {
      if (text.size() / piece > 100'000) continue;
      const std::string got = Read(text, piece);
      EXPECT_THAT(got, HasSubstr(c.want)) << c.name;
      EXPECT_THAT(got, testing::StartsWith("byte ")) << c.name;
    }
  }
}

TEST(SqlReaderTest, StaysRefusedAndNamesTheByte) {
  Recorder recorder;
  SqlReader reader(&recorder);
  const absl::Status first =
      reader.Feed(absl::StrCat("-- x\n  GRANT y;", std::string(60, '\n')));
  EXPECT_EQ(first.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(first.message(), HasSubstr("byte 7 of the SQL text"));
  EXPECT_EQ(reader.Feed("COMMIT;"), first);
  EXPECT_EQ(reader.Finish().status(), first);
}

TEST(SqlReaderTest, ARowOfManyPiecesIsReadInLinearTime) {
  const std::string value(size_t{40} << 20, '\'');
  Recorder recorder;
  SqlReader reader(&recorder);
  ASSERT_TRUE(reader.Feed(kT + "INSERT INTO t VALUES ('").ok());
  for (size_t at = 0; at < value.size(); at += 1 << 16) {
    ASSERT_TRUE(reader.Feed(value.substr(at, 1 << 16)).ok());
  }
  ASSERT_TRUE(reader.Feed(absl::StrCat("');\n", kTrailer)).ok());
  const auto facts = reader.Finish();
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->tables.at({"", "t"}).rows, 1u);
}

TEST(SqlReaderTest, ARowThatNoServerStoresIsRefused) {
  const std::string value(size_t{8} << 20, 'x');
  Recorder recorder;
  SqlReader reader(&recorder);
  absl::Status status = reader.Feed(kT + "INSERT INTO t VALUES ('");
  for (int i = 0; i < 20 && status.ok(); ++i) status = reader.Feed(value);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("a row or a word of more than 64 MiB"));
}

TEST(SqlReaderTest, NothingMayFollowTheTrailer) {
  const std::string no_trailer =
      "the SQL text does not end with the line '-- Dump completed'";
  const std::string middle = "the SQL text ends in the middle of a ";
  const std::pair<const char*, std::string> kAfter[] = {
      {"", ""},
      {"\n\n \n", ""},
      {"DROP TABLE `t`;", no_trailer},
      {"-- more\n", no_trailer},
      {"/*!40101 SET sql_notes=0 */;", no_trailer},
      {"INSERT", middle + "statement"},
      {"'", middle + "string"},
      {"(", middle + "statement"},
      {"/* ", middle + "comment"},
      {"`", middle + "name"},
      {"/*!40101 SET\n", middle + "comment"},
  };
  for (const auto& [after, want] : kAfter) {
    for (const size_t piece : {1, 7, 1000}) {
      EXPECT_EQ(Read(absl::StrCat(kTrailer, after), piece), want) << after;
    }
  }
}

TEST(SqlReaderTest, ReadsHeaderAndTrailer) {
  Recorder recorder;
  SqlReader reader(&recorder);
  ASSERT_TRUE(reader
                  .Feed("-- Host: db1    Database: slurm_acct_db\n"
                        "-- Server version\t10.11.6-MariaDB\n-- Dump completed "
                        "on 2026-11-23  1:02:03")
                  .ok());
  const auto facts = reader.Finish();
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->server_version, "10.11.6-MariaDB");
  EXPECT_EQ(facts->completed_on, "2026-11-23  1:02:03");
}

TEST(SqlReaderTest, ADumpWithoutDateIsWhole) {
  Recorder recorder;
  SqlReader reader(&recorder);
  ASSERT_TRUE(reader.Feed("-- Dump completed").ok());
  EXPECT_EQ(reader.Finish()->completed_on, "");
}

}  // namespace assocsync::sql_reader_test
