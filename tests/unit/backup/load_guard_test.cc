#include "engine/backup/load_guard.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync {
namespace {

using ::testing::HasSubstr;

// Fed in pieces of `step` bytes.
absl::Status Judged(absl::string_view sql, size_t step) {
  LoadGuard guard;
  for (; !sql.empty(); sql.remove_prefix(std::min(step, sql.size()))) {
    const absl::Status status = guard.Feed(sql.substr(0, step));
    if (!status.ok()) return status;
  }
  return guard.Finish();
}

struct Case {
  const char* name;
  const char* sql;
  const char* why;  // Empty: it may be loaded.
};

constexpr char kVersion[] = "depends on the server's version";
constexpr char kElsewhere[] = "a database of its own choice";
constexpr char kNone[] = "no statement of a dump";
constexpr char kRoutine[] = "a trigger or routine";
constexpr char kServer[] = "change the server";
constexpr char kQuotes[] = "what a quote means";

constexpr Case kCases[] = {
    {"empty", "", ""},
    {"sandbox", "/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump\n",
     ""},
    {"head",
     "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' "
     "*/;\n/*M!100616 SET @OLD_NOTE_VERBOSITY=@@NOTE_VERBOSITY, "
     "NOTE_VERBOSITY=0 */;\n",
     ""},
    {"table",
     "DROP TABLE IF EXISTS `a;b`;\nCREATE TABLE `a;b` (\n `x` int, -- no;\n"
     " `y` text /*!80000 INVISIBLE */\n);\nLOCK TABLES `a;b` WRITE;\n"
     "/*!40000 ALTER TABLE `a;b` DISABLE KEYS */;\n"
     "INSERT INTO `a;b` VALUES (1,'USE x; \\'; USE y'),(2,'''');\n"
     "/*!40000 ALTER TABLE `a;b` ENABLE KEYS */;\nUNLOCK TABLES;\n",
     ""},
    {"columns", "INSERT INTO t (`a`) VALUES (1);", ""},
    {"transaction", "SET autocommit=0; START TRANSACTION; commit;", ""},
    {"view",
     "/*!50001 DROP VIEW IF EXISTS `v`*/;\n"
     "/*!50001 CREATE ALGORITHM=UNDEFINED */\n"
     "/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */\n"
     "/*!50001 VIEW `v` AS select `t`.`a` from `t` */;\n",
     ""},
    {"use", "USE `other`;", kElsewhere},
    {"use in a comment", "/*!40000 USE other */;", kElsewhere},
    {"create database",
     "CREATE DATABASE /*!32312 IF NOT EXISTS*/ `slurm_acct_db`;", kElsewhere},
    {"drop database", "/*!40000 DROP DATABASE IF EXISTS `d`*/;", kElsewhere},
    {"insert elsewhere", "INSERT INTO `other`.`t` VALUES (1);", kElsewhere},
    {"insert elsewhere, plain", "INSERT INTO other.t VALUES (1);", kElsewhere},
    {"drop elsewhere", "DROP TABLE IF EXISTS other . t;", kElsewhere},
    {"create elsewhere", "CREATE TABLE other.t (a int);", kElsewhere},
    {"view elsewhere", "CREATE VIEW other.v AS SELECT 1;", kElsewhere},
    {"drop two", "DROP TABLE a, other.b;", kNone},
    {"delete", "DELETE FROM t;", kNone},
    {"rename", "RENAME TABLE a TO other.a;", kNone},
    {"alter", "ALTER TABLE t RENAME TO other.t;", kNone},
    {"grant", "GRANT ALL ON *.* TO x;", kNone},
    {"load data", "LOAD DATA INFILE '/etc/passwd' INTO TABLE t;", kNone},
    {"shell", "\\! touch /tmp/x\n", kNone},
    {"system", "system touch /tmp/x\n;", kNone},
    {"create user", "CREATE USER x;", kNone},
    {"select into", "CREATE SQL x;", kNone},
    {"trigger", "CREATE TRIGGER t BEFORE INSERT ON t FOR EACH ROW SET @a=1;",
     kRoutine},
    {"trigger, as dumped",
     "DELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`l`*/ /*!50003 "
     "TRIGGER t BEFORE INSERT ON t FOR EACH ROW SET @a=1 */;;\n",
     kRoutine},
    {"procedure", "CREATE DEFINER=`r`@`l` PROCEDURE p() SELECT 1;", kRoutine},
    {"global", "SET GLOBAL max_connections=1;", kServer},
    {"global, later", "SET @a=1, @@GLOBAL.max_connections=1;", kServer},
    {"statement", "SET STATEMENT x=1 FOR DROP DATABASE d;", kServer},
    {"password", "SET PASSWORD = 'x';", kServer},
    {"ansi quotes", "SET sql_mode='ANSI_QUOTES';", kQuotes},
    {"no escapes", "SET @a='no_backslash_escapes';", kQuotes},
    {"mode by number", "SET sql_mode=4;", kQuotes},
    // Code for one server, a comment for another.
    {"hidden name", "DROP TABLE /*!99999 a */ IF EXISTS x;", kVersion},
    {"hidden head", "/*!80000 INSERT INTO a VALUES (1) */ DROP DATABASE d;",
     kVersion},
    {"hidden rest", "/*!80000 CREATE TABLE a ( */ /*!80001 x */;", kVersion},
    {"two in one", "/*!40000 SET @a=1; DROP DATABASE d */;", kRoutine},
    {"nested", "/*!40000 SET /* */ @a=1 */;", "comments inside comments"},
};

TEST(LoadGuardTest, Cases) {
  for (const Case& c : kCases) {
    for (size_t step : {1, 2, 3, 7, 10000}) {
      const absl::Status status = Judged(c.sql, step);
      if (*c.why == '\0') {
        EXPECT_TRUE(status.ok()) << c.name << ": " << status;
      } else {
        EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition)
            << c.name;
        EXPECT_THAT(status.message(), HasSubstr(c.why)) << c.name;
      }
    }
  }
}

TEST(LoadGuardTest, RefusesBeforeTheStatementIsWhole) {
  for (const Case& c : kCases) {
    if (*c.why == '\0') continue;
    // Whatever was passed on before the refusal never ended the statement.
    LoadGuard guard;
    std::string passed;
    for (const char* at = c.sql; *at != '\0'; ++at) {
      if (!guard.Feed(absl::string_view(at, 1)).ok()) break;
      passed += *at;
    }
    EXPECT_LT(passed.size(), strlen(c.sql)) << c.name;
  }
}

TEST(LoadGuardTest, NamesTheLineAndStaysRefused) {
  LoadGuard guard;
  ASSERT_TRUE(guard.Feed("SET @a=1;\n\n").ok());
  const absl::Status status = guard.Feed("USE `x`;");
  EXPECT_THAT(status.message(),
              HasSubstr("line 3 of the SQL text, 'USE': it would go into"));
  EXPECT_EQ(guard.Feed("SET @a=1;"), status);
  EXPECT_EQ(guard.Finish(), status);
}

TEST(LoadGuardTest, TheTextMustEndBetweenStatements) {
  for (const char* sql :
       {"INSERT INTO t VALUES (1", "INSERT INTO t VALUES ('a", "DROP TABLE t",
        "/* ", "SET @a=1", "/*!40000 ", "CREATE TABLE `t"}) {
    EXPECT_EQ(Judged(sql, 3).code(), absl::StatusCode::kDataLoss) << sql;
  }
  EXPECT_TRUE(Judged("SET @a=1; -- Dump completed", 3).ok());
}

}  // namespace
}  // namespace assocsync
