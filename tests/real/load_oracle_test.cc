// Is what LoadDump loads the very thing that was dumped? Random tables with
// random definitions, charsets and hostile values, dumped by real programs in
// many ways; the server itself compares.
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "engine/backup/load_dump.h"
#include "engine/backup/mydumper.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "gtest/gtest.h"
#include "tests/support/environment.h"
#include "tests/support/lab.h"

namespace assocsync::load_oracle_test {

constexpr char kSource[] = "assocsync_oracle_from";
constexpr char kLoaded[] = "assocsync_oracle_to";
using Words = std::vector<std::string>;

class LoadOracleTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::vector<LabRelease> all = LabRelease::All();
    ASSERT_FALSE(all.empty()) << "no lab: tests/lab up";
    root_.defaults_file = all.back().Path("../mariadb/root.cnf");
  }
  void TearDown() override {
    Sql(absl::StrCat("DROP DATABASE IF EXISTS ", kSource,
                     "; DROP DATABASE IF EXISTS ", kLoaded));
  }

  std::string Sql(const std::string& sql) {
    const TempDir dir = *TempDir::Create(testing::TempDir());
    EXPECT_TRUE(WriteFileAtomic(dir.path() + "/sql", sql).ok());
    const RunResult result =
        RunProgram({"sh", "-c", "exec mariadb \"$@\" <" + dir.path() + "/sql",
                    "sh", "--defaults-file=" + root_.defaults_file, "-N", "-B",
                    "--binary-mode", "--default-character-set=utf8mb4"});
    EXPECT_TRUE(result.clean()) << result.err << sql.substr(0, 2000);
    return result.out;
  }
  size_t Below(size_t n) { return random_() % n; }
  template <size_t n>
  std::string Any(const char* const (&words)[n]) {
    return words[Below(n)];
  }

  // A table of slurmdbd's name, so that it is loaded.
  std::string RandomTable(const std::string& name) {
    static constexpr const char* kTypes[] = {"tinyint(4)",
                                             "smallint(5) unsigned",
                                             "mediumint(9)",
                                             "int(11)",
                                             "bigint(20) unsigned",
                                             "double",
                                             "float unsigned",
                                             "decimal(20,6)",
                                             "tinytext",
                                             "text",
                                             "longtext",
                                             "blob",
                                             "varchar(40)",
                                             "char(7)",
                                             "varbinary(30)",
                                             "timestamp",
                                             "datetime(6)",
                                             "date"};
    static constexpr const char* kCharsets[] = {
        "", "", " CHARACTER SET latin1", " CHARACTER SET utf8mb3",
        " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"};
    static constexpr const char* kTables[] = {
        "latin1", "utf8mb3", "utf8mb4", "utf8mb4 ROW_FORMAT=COMPRESSED",
        "utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC"};
    types_.clear();
    std::string sql = absl::StrCat("CREATE TABLE `", name,
                                   "` (`id` bigint(20) unsigned NOT NULL "
                                   "AUTO_INCREMENT");
    const size_t columns = 1 + Below(8);
    for (size_t i = 0; i < columns; ++i) {
      const std::string type = Any(kTypes);
      const bool text =
          absl::StrContains(type, "text") || absl::StrContains(type, "char(");
      types_.push_back(type);
      absl::StrAppend(&sql, ", `c``", i, "\\` ", type,
                      text ? Any(kCharsets) : "",
                      type == "timestamp" && Below(2) == 0
                          ? " NOT NULL DEFAULT current_timestamp() ON UPDATE "
                            "current_timestamp()"
                      : Below(3) == 0 ? " DEFAULT NULL COMMENT 'it''s; \\\\ ü'"
                                      : " NULL");
    }
    absl::StrAppend(&sql, ", PRIMARY KEY (`id`)");
    for (size_t i = 0; i < columns; ++i) {
      const bool lob =
          absl::StrContains(types_[i], "text") || types_[i] == "blob";
      if (Below(3) != 0) continue;
      absl::StrAppend(&sql, ", KEY `k", i, "` (`c``", i, "\\`",
                      lob ? "(12)" : "", ",`id`)");
    }
    return absl::StrCat(sql, ") ENGINE=InnoDB DEFAULT CHARSET=", Any(kTables),
                        " COMMENT='t'';';\n");
  }
  std::string RandomValue(const std::string& type) {
    if (Below(6) == 0) return "DEFAULT";
    if (type == "timestamp" || type == "datetime(6)") {
      return absl::StrCat("'2026-0", 1 + Below(9), "-1", Below(10), " 0",
                          Below(10), ":10:00'");
    }
    if (type == "date") return "'2026-11-27'";
    if (absl::StrContains(type, "decimal")) return "-12345.678901";
    if (absl::StrContains(type, "float")) return absl::StrCat(Below(9), ".25");
    if (type == "double") {
      return absl::StrCat(Below(2) ? "-" : "", "1.", random_(), "e", Below(30),
                          "");
    }
    if (absl::StrContains(type, "int")) return absl::StrCat(Below(127));
    static constexpr const char* kPieces[] = {
        "'", "\"",   "\\",   "`",  ";",  "--", "/*!99999 ", "*/",
        "#", "(",    "),(",  "\n", "\r", "\t", "\x1a",      "%",
        "_", "NULL", "0x61", " ",  "é",  "ß"};
    const bool bytes = type == "blob" || absl::StrContains(type, "binary");
    const size_t most = absl::StrContains(type, "char(7)") ? 3
                        : absl::StrContains(type, "(")     ? 4
                                                           : 20;
    std::string value;
    for (size_t i = Below(most); i > 0; --i) {
      if (bytes) {
        for (int k = 0; k < 3; ++k) value.push_back(char(Below(256)));
      } else {
        absl::StrAppend(&value, std::string(Any(kPieces)).substr(0, 7));
      }
    }
    if (bytes) return absl::StrCat("X'", absl::BytesToHexString(value), "'");
    if (type == "char(7)") value.clear();
    return absl::StrCat("CONVERT(X'", absl::BytesToHexString(value),
                        "' USING utf8mb4)");
  }
  // `plain`: mydumper does not know how to quote a name.
  void FillSource(bool plain) {
    std::string sql =
        absl::StrCat("SET sql_mode=''; DROP DATABASE IF EXISTS ", kSource,
                     "; CREATE DATABASE ", kSource,
                     " CHARACTER SET latin1; USE ", kSource, ";\n");
    for (size_t i = 0; i < 3; ++i) {
      const std::string name =
          absl::StrCat("c", i, plain ? "" : "`x", "_job_table");
      absl::StrAppend(&sql, absl::StrReplaceAll(RandomTable("T"),
                                                {{"`T`", SqlName(name)}}));
      for (size_t rows = Below(40); rows > 0; --rows) {
        std::vector<std::string> values = {"NULL"};
        for (const std::string& type : types_) {
          values.push_back(RandomValue(type));
        }
        absl::StrAppend(&sql, "INSERT INTO ", SqlName(name), " VALUES (",
                        absl::StrJoin(values, ","), ");\n");
      }
    }
    Sql(sql);
  }

  std::string Dump() {
    static constexpr const char* kOptions[] = {
        "--hex-blob",
        "--complete-insert",
        "--skip-extended-insert",
        "--skip-tz-utc",
        "--insert-ignore",
        "--no-autocommit",
        "--skip-add-locks",
        "--skip-disable-keys",
        "--skip-add-drop-table",
        "--default-character-set=utf8mb3",
        "--order-by-primary",
        "--skip-set-charset"};
    Words words = {"mariadb-dump", "--defaults-file=" + root_.defaults_file,
                   "--default-character-set=utf8mb4"};
    for (const char* option : kOptions) {
      const std::string word = option;
      // Without it a dump does not tell its charset, and is not loaded.
      if (word == "--skip-set-charset") continue;
      if (Below(4) == 0) words.push_back(word);
    }
    told_ = absl::StrJoin(words, " ");
    words.push_back(kSource);
    const RunResult result = RunProgram(words);
    EXPECT_TRUE(result.clean()) << result.err;
    return result.out;
  }
  std::string DumpByMydumper() {
    const TempDir dir = *TempDir::Create(testing::TempDir());
    const RunResult result = RunProgram(MydumperCommand(
        "/usr/bin/mydumper", root_.defaults_file, kSource, dir.path()));
    EXPECT_TRUE(result.clean()) << result.err;
    told_ = "mydumper";
    std::string sql;
    EXPECT_TRUE(JoinMydumperFiles(dir.path(), kSource, "mydumper 0.10",
                                  absl::UnixEpoch(), absl::UTCTimeZone(),
                                  [&](absl::string_view piece) {
                                    absl::StrAppend(&sql, piece);
                                    return absl::OkStatus();
                                  })
                    .ok());
    return sql;
  }

  std::vector<std::string> Tables(const std::string& database) {
    const std::string names =
        Sql(absl::StrCat("SELECT TABLE_NAME FROM information_schema.TABLES "
                         "WHERE TABLE_SCHEMA = '",
                         database, "' ORDER BY 1"));
    std::vector<std::string> tables;
    for (absl::string_view name :
         absl::StrSplit(names, '\n', absl::SkipEmpty())) {
      tables.emplace_back(name);
    }
    return tables;
  }
  // Definitions and checksums of every table, by the server.
  std::string Everything(const std::string& database) {
    std::string sql = absl::StrCat("USE ", database, ";");
    for (const std::string& table : Tables(database)) {
      absl::StrAppend(&sql, "SHOW CREATE TABLE ", SqlName(table),
                      ";CHECKSUM TABLE ", SqlName(table), " EXTENDED;");
    }
    return absl::StrReplaceAll(Sql(sql), {{database, "DATABASE"}});
  }

  DatabaseOptions root_;
  std::mt19937_64 random_{1};
  std::vector<std::string> types_;
  std::string told_;  // How it was dumped.
};

TEST_F(LoadOracleTest, WhatIsLoadedIsWhatWasDumped) {
  const int rounds = FromEnvironment("ASSOCSYNC_ORACLE", 25);
  const int first = FromEnvironment("ASSOCSYNC_SEED", 1);
  for (int round = 0; round < rounds; ++round) {
    random_.seed(first + round);
    SCOPED_TRACE(absl::StrCat("seed ", first + round));
    const bool by_mydumper = round % 5 == 4;
    FillSource(by_mydumper);
    const std::string sql = by_mydumper ? DumpByMydumper() : Dump();
    Sql(absl::StrCat("DROP DATABASE IF EXISTS ", kLoaded, "; CREATE DATABASE ",
                     kLoaded, " CHARACTER SET latin1"));
    LoadOptions load;
    load.database = root_;
    load.database.database = kLoaded;
    load.number = 7;
    const auto loaded = LoadDump(load, [&](ByteSink sink) {
      for (size_t at = 0; at < sql.size();) {
        const size_t piece = 1 + Below(5000);
        const absl::Status status =
            sink(absl::string_view(sql).substr(at, piece));
        if (!status.ok()) return status;
        at += piece;
      }
      return absl::OkStatus();
    });
    ASSERT_TRUE(loaded.ok()) << told_ << ": " << loaded.status() << sql;
    EXPECT_EQ(loaded->own_login, "");
    ASSERT_EQ(Everything(kLoaded), Everything(kSource)) << told_ << "\n" << sql;
  }
}

}  // namespace assocsync::load_oracle_test
