#include "engine/backup/load_writer.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::load_writer_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Keeps what it is sent, and the variables that are set.
class FakeSession : public Database {
 public:
  std::vector<std::string> sent;  // Without SET and SELECT.
  std::string mode = "STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO";
  std::string charset, packet = "16777216";
  bool obeys = true;
  absl::Status answer;

  absl::Status ForEachRow(absl::string_view sql, RowSink sink) override {
    if (absl::ConsumePrefix(&sql, "SET NAMES ")) {
      if (obeys) charset = std::string(sql);
      return absl::OkStatus();
    }
    if (absl::StartsWith(sql, "SET SESSION ")) return absl::OkStatus();
    if (absl::ConsumePrefix(&sql, "SELECT @@session.")) {
      std::string value = charset;
      if (sql == "sql_mode") value = mode;
      if (sql == "time_zone") value = "+00:00";
      if (sql == "max_allowed_packet") value = packet;
      return sink({Value(value)});
    }
    sent.emplace_back(sql);
    return answer;
  }
};

absl::Status Load(const std::string& sql, FakeSession* session,
                  bool leave_out = false,
                  std::vector<std::string>* left_out = nullptr) {
  LoadWriter writer(session, {leave_out, false});
  absl::Status status = writer.Start();
  if (!status.ok()) return status;
  SqlReader reader(&writer);
  status = reader.Feed(absl::StrCat(
      "SET NAMES utf8mb4; SET time_zone='+00:00';", sql, "-- Dump completed"));
  if (status.ok()) status = reader.Finish().status();
  if (status.ok()) status = writer.Finish();
  if (left_out != nullptr) {
    left_out->assign(writer.left_out().begin(), writer.left_out().end());
  }
  return status;
}

TEST(LoadWriterTest, SendsItsOwnWordsForTheSameValues) {
  FakeSession session;
  ASSERT_TRUE(
      Load("create table `acct_table`(\n  `name` TINYTEXT not null default '',"
           "\n  `x` int(10) UNSIGNED DEFAULT '3' COMMENT 'it''s',\n"
           " `at` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE "
           "current_timestamp(),\n primary key (`name`(42)) USING BTREE,\n"
           "unique key `u`(`x`,`name`(3))) engine=innodb auto_increment=7 "
           "default charset=latin1 row_format=compressed key_block_size=8 ;\n"
           "INSERT INTO acct_table VALUES(\"a'b\\\\\",\t-1,NULL),('\\0',0x00ff,"
           "'x'); insert into acct_table (`x`,at) values (1,2);",
           &session)
          .ok());
  EXPECT_THAT(
      session.sent,
      ElementsAre(
          "CREATE TABLE `acct_table` (`name` tinytext NOT NULL DEFAULT '', "
          "`x` int(10) unsigned DEFAULT '3' COMMENT 'it''s', `at` timestamp "
          "NOT NULL DEFAULT CURRENT_TIMESTAMP() ON UPDATE CURRENT_TIMESTAMP(), "
          "PRIMARY KEY (`name`(42)), UNIQUE KEY `u` (`x`,`name`(3))) "
          "ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=latin1 "
          "ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8",
          "INSERT INTO `acct_table` VALUES ('a\\'b\\\\',-1,NULL),('\\0',"
          "_binary'\\0\xff','x')",
          "INSERT INTO `acct_table` (`x`,`at`) VALUES (1,2)"));
}

TEST(LoadWriterTest, StatementsFitIntoAPacket) {
  FakeSession session;
  session.packet = "20000";
  std::string sql =
      "CREATE TABLE `acct_table` (`a` text);INSERT INTO acct_table VALUES ";
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&sql, i > 0 ? "," : "", "('", std::string(900, 'x'), "')");
  }
  ASSERT_TRUE(Load(sql + ";", &session).ok());
  EXPECT_EQ(session.sent.size(), 6u);  // A table, and five times rows.
  for (const std::string& statement : session.sent) {
    EXPECT_LT(statement.size(), 19000u);
  }
  FakeSession small;
  small.packet = "4096";
  const absl::Status status =
      Load(absl::StrCat("CREATE TABLE `acct_table` (`a` text);"
                        "INSERT INTO acct_table VALUES ('",
                        std::string(4000, 'x'), "');"),
           &small);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("max_allowed_packet; raise it"));
}

TEST(LoadWriterTest, ASessionThatIsNotAsItWasSetGetsNothing) {
  FakeSession quotes;
  quotes.mode = "STRICT_ALL_TABLES,ANSI_QUOTES";
  EXPECT_THAT(std::string(Load("", &quotes).message()),
              HasSubstr("sql_mode is 'STRICT_ALL_TABLES,ANSI_QUOTES'"));
  FakeSession gbk;
  gbk.charset = "gbk";
  gbk.obeys = false;
  EXPECT_THAT(
      std::string(Load("CREATE TABLE `acct_table` (`a` int);", &gbk).message()),
      HasSubstr("character_set_client is 'gbk'"));
  EXPECT_THAT(gbk.sent, ElementsAre());
}

TEST(LoadWriterTest, WhatIsNoneOfSlurmdbdsIsNamed) {
  const std::string view = "CREATE VIEW `v` AS SELECT 1;";
  const std::string other =
      "CREATE TABLE `zz` (`a` int);INSERT INTO zz VALUES (1);";
  const std::string strange =
      "CREATE TABLE `qos_table` (`a` int) ENGINE=MyISAM;";
  FakeSession session;
  EXPECT_THAT(std::string(Load(view, &session).message()),
              HasSubstr("view v, which is none of slurmdbd's"));
  EXPECT_THAT(std::string(Load(other, &session).message()),
              HasSubstr("table zz, which is none of slurmdbd's"));
  std::vector<std::string> left_out;
  EXPECT_TRUE(Load(view + other + "CREATE TABLE `lab_job_table` (`a` int);",
                   &session, true, &left_out)
                  .ok());
  EXPECT_THAT(left_out, ElementsAre("table zz", "view v"));
  EXPECT_THAT(session.sent, ElementsAre("CREATE TABLE `lab_job_table` (`a` "
                                        "int) ENGINE=InnoDB"));
  EXPECT_THAT(std::string(Load(strange, &session, true).message()),
              HasSubstr("slurmdbd's tables are of engine InnoDB"));
  EXPECT_THAT(std::string(Load("USE `other`;", &session, true).message()),
              HasSubstr("chooses its database itself (other)"));
}

TEST(LoadWriterTest, RowsOfAnUnknownCharsetAreRefusedWithTheirByte) {
  FakeSession session;
  const absl::Status status = Load(
      "CREATE TABLE `acct_table` (`a` int);SET character_set_client = "
      "@saved_cs_client;INSERT INTO acct_table VALUES (1);",
      &session);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(std::string(status.message()),
            "byte 151 of the SQL text: rows of acct_table, and the text does "
            "not say (SET NAMES) in which charset they are");
}

// What a table may not be.
TEST(LoadWriterTest, TablesThatCanReachFurtherAreRefused) {
  const std::pair<const char*, const char*> kCases[] = {
      {"(`a` int) ENGINE=FEDERATED CONNECTION='mysql://h/d/t'", "InnoDB"},
      {"(`a` int) DATA DIRECTORY='/tmp'", "'DATA'"},
      {"(`a` int) INDEX DIRECTORY='/tmp'", "'INDEX'"},
      {"(`a` int) UNION=(other.t)", "'UNION'"},
      {"(`a` int) PARTITION BY HASH (`a`)", "'PARTITION'"},
      {"(`a` int) AS SELECT * FROM other.t", "'AS'"},
      {"(`a` int) SELECT 1", "'SELECT'"},
      {"(`a` int) WITH SYSTEM VERSIONING", "'WITH'"},
      {"(`a` int) TRANSACTIONAL=1", "'TRANSACTIONAL'"},
      {"(`a` int) ENCRYPTED=YES", "'ENCRYPTED'"},
      {"(`a` int AS (1+1))", "'AS'"},
      {"(`a` int GENERATED ALWAYS AS (f()) STORED)", "'GENERATED'"},
      {"(`a` int DEFAULT (uuid()))", "'('"},
      {"(`a` int DEFAULT f())", "'f'"},
      {"(`a` int DEFAULT 1+1)", "'+'"},
      {"(`a` int CHECK (`a` > 0))", "'CHECK'"},
      {"(`a` int REFERENCES `b` (`a`))", "'REFERENCES'"},
      {"(`a` int, CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `b` (`a`))",
       "'CONSTRAINT'"},
      {"(`a` int, FULLTEXT KEY `k` (`a`))", "'FULLTEXT'"},
      {"(`a` int, KEY `k` ((`a` + 1)))", "'('"},
      {"(`a` int, KEY `k` (`a`) COMMENT 'x')", "'COMMENT'"},
      {"(`a` json)", "'json'"},
      {"(`a` geometry)", "'geometry'"},
      {"(`a` enum('x'))", "'enum'"},
      {"(`a` int(99999999))", "'99999999'"},
      {"(a int)", "'a'"},
      {"()", "')'"},
      {"LIKE other.t", "'LIKE'"},
      {"(`a` text CHARACTER SET `x`)", "'x'"},
      {"(`a` int) CHARSET=utf8;mb4", "'mb4'"},
  };
  for (const auto& [definition, word] : kCases) {
    FakeSession session;
    const absl::Status status = Load(
        absl::StrCat("CREATE TABLE `acct_table` ", definition, ";"), &session);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition)
        << definition;
    EXPECT_THAT(std::string(status.message()), HasSubstr(word)) << definition;
  }
}

TEST(LoadWriterTest, TheServersWordsComeWithTheStatement) {
  FakeSession session;
  session.answer = absl::InternalError(
      "MariaDB error 1114: The table 'acct_"
      "table' is full");
  const absl::Status status =
      Load("CREATE TABLE `acct_table` (`a` int);", &session);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("making table acct_table: MariaDB error 1114"));
}

}  // namespace assocsync::load_writer_test
