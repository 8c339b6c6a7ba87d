// The SQL dump against a real MariaDB: tests/lab in build/dev/tests/real_tests
#include <atomic>
#include <filesystem>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "engine/backup/compression.h"
#include "engine/backup/foreign_dump.h"
#include "engine/backup/sql_dump.h"
#include "engine/io/database.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "engine/io/process.h"
#include "engine/io/program.h"
#include "engine/io/slurmdbd_conf.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/lab.h"

namespace assocsync::backup_test {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPath[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
constexpr char kScratch[] = "assocsync_backup_test";
constexpr char kCopy[] = "assocsync_backup_copy";
constexpr char kUser[] = "assocsync_test";
// Every character that an option file gives a meaning to.
constexpr char kPassword[] = "a\"b\\c#d'e ;f\\n=[g]\xc3\xa9";

class BackupTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = LabFolder("24.11");
    if (folder_.empty()) GTEST_SKIP() << "the lab is not up";
    root_.defaults_file = folder_ + "/../mariadb/root.cnf";
    root_.database = kScratch;
    Sql(absl::StrFormat(
        "DROP DATABASE IF EXISTS %s; CREATE DATABASE %s;"
        "DROP DATABASE IF EXISTS %s; CREATE DATABASE %s;"
        "CREATE OR REPLACE USER %s@'127.0.0.1' IDENTIFIED BY %s;"
        "GRANT ALL ON %s.* TO %s@'127.0.0.1';",
        kScratch, kScratch, kCopy, kCopy, kUser, SqlString(kPassword), kScratch,
        kUser));
    temp_.emplace(*TempDir::Create(testing::TempDir()));
  }
  void TearDown() override {
    if (folder_.empty()) return;
    Sql(
        absl::StrFormat("DROP DATABASE %s; DROP DATABASE %s;"
                        "DROP USER %s@'127.0.0.1';",
                        kScratch, kCopy, kUser));
  }

  // As root, and able to write.
  void Sql(const std::string& sql, const std::string& database = "mysql") {
    const TempDir dir = *TempDir::Create(testing::TempDir());
    ASSERT_TRUE(WriteFileAtomic(dir.path() + "/sql", sql).ok());
    Client(dir.path() + "/sql", "cat", database);
  }
  void Client(const std::string& file, const std::string& reader,
              const std::string& database) {
    const RunResult result = LabRun(
        {"sh", "-c", "\"$1\" \"$2\" | mariadb --defaults-file=\"$3\" \"$4\"",
         "sh", reader, file, root_.defaults_file, database});
    ASSERT_TRUE(result.clean()) << result.err;
  }
  void Load(const std::string& file) { Client(file, "zstdcat", kCopy); }

  SqlDumpOptions Options(const DatabaseOptions& database) {
    SqlDumpOptions options;
    options.database = database;
    options.search_path = "/usr/bin:/bin";
    options.dir = temp_->path();
    return options;
  }
  DatabaseOptions AsUser() {
    SlurmdbdConf conf = *ReadSlurmdbdConf(folder_ + "/slurmdbd.conf");
    DatabaseOptions options = conf.Database();
    options.user = kUser;
    options.password = kPassword;
    options.database = kScratch;
    return options;
  }
  absl::StatusOr<SqlDump> Take(const SqlDumpOptions& options) {
    auto database = Connect(options.database);
    if (!database.ok()) return database.status();
    ProcessRunner runner(CleanEnvironment({kPath}));
    return TakeSqlDump(options, runner, **database);
  }
  // A dump by this shell script, named `name`, is an error that says `want`,
  // and leaves nothing.
  void ExpectFoundOut(const std::string& name, const std::string& script,
                      const std::string& want) {
    const TempDir bin = *TempDir::Create(testing::TempDir());
    SqlDumpOptions options = Options(AsUser());
    options.tool = absl::StrCat(bin.path(), "/", name);
    ASSERT_TRUE(WriteFileAtomic(options.tool,
                                absl::StrCat("#!/bin/sh\n", script, "\n"), 0700)
                    .ok());
    const auto dump = Take(options);
    EXPECT_FALSE(dump.ok()) << script;
    EXPECT_THAT(std::string(dump.status().message()), HasSubstr(want))
        << script;
    EXPECT_TRUE(fs::is_empty(temp_->path())) << script;
  }
  std::string File() const {
    return absl::StrCat(temp_->path(), "/", kScratch, ".sql.zst");
  }

  // Table checksums, which see every byte of every value.
  std::vector<std::string> Checksums(const std::string& schema) {
    DatabaseOptions options = root_;
    options.database = schema;
    auto database = Connect(options);
    EXPECT_TRUE(database.ok()) << database.status();
    const auto tables = TableSizes(**database, schema);
    EXPECT_TRUE(tables.ok());
    std::vector<std::string> sums;
    for (const TableSize& table : *tables) {
      const auto rows = (*database)->Query(
          absl::StrCat("CHECKSUM TABLE ", SqlName(table.name), " EXTENDED"));
      EXPECT_TRUE(rows.ok()) << rows.status();
      sums.push_back(absl::StrCat(table.name, " ", (*rows)[0][1].value_or("")));
    }
    return sums;
  }

  std::string folder_;
  DatabaseOptions root_;
  std::optional<TempDir> temp_;
};

TEST_F(BackupTest, ASlurmDatabaseComesBackExactly) {
  const auto conf = ReadSlurmdbdConf(folder_ + "/slurmdbd.conf");
  ASSERT_TRUE(conf.ok()) << conf.status();
  const auto dump = Take(Options(conf->Database()));
  ASSERT_TRUE(dump.ok()) << dump.status();
  EXPECT_THAT(dump->tool, HasSubstr("MariaDB"));
  const std::string path = temp_->path() + "/" + dump->file.name;

  CheckDumpOptions check;
  check.cluster = "lab";
  check.database = conf->storage_loc;
  check.now = absl::Now();
  check.zone = absl::LocalTimeZone();
  const auto report = CheckForeignDump(path, check);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->tables, dump->tables);
  EXPECT_EQ(report->sha256, dump->file.sha256);
  EXPECT_EQ(report->server_version, dump->server_version);
  EXPECT_TRUE(report->cautions.empty());

  Load(path);
  EXPECT_EQ(Checksums(kCopy), Checksums(conf->storage_loc));
}

// Tables that hold every byte in every kind of column.
std::string EveryByte() {
  std::string hex;
  for (int byte = 0; byte < 256; ++byte) {
    absl::StrAppend(&hex, absl::StrFormat("%02x", byte));
  }
  return absl::StrCat(
      "CREATE TABLE l (a text) CHARSET=latin1;"
      "CREATE TABLE u (a text) CHARSET=utf8mb3;"
      "CREATE TABLE m (a text, `b``c` int) CHARSET=utf8mb4;"
      "CREATE TABLE b (a longblob, v varbinary(300), t timestamp, f double,"
      " n blob NULL);"
      "CREATE TABLE big (a longblob);"
      "CREATE TABLE z (id int AUTO_INCREMENT PRIMARY KEY);"
      "INSERT INTO l VALUES (CAST(0x",
      hex, " AS CHAR CHARACTER SET ", "latin1)), (CONVERT(BINARY 0x", hex,
      " USING latin1));"
      "INSERT INTO u VALUES (_utf8mb3 0x6ac3bc726765), "
      "('\\'),(\\n-- Dump completed\\n');"
      "INSERT INTO m VALUES (_utf8mb4 0xf09f92a9, 1), ('a\\0b\\Z\\\\', 2);"
      "INSERT INTO b VALUES (0x",
      hex, ", 0x", hex,
      ", '2026-03-29 02:30:00', 0.1, NULL), ('', '', NULL, 1e300, '');"
      "INSERT INTO big VALUES (REPEAT(0x27285c292c00ff, 1000000));"
      "SET sql_mode='NO_AUTO_VALUE_ON_ZERO'; INSERT INTO z VALUES (0), (7);");
}

// No --hex-blob: bytes survive as they are, in every character set.
TEST_F(BackupTest, EveryByteSurvives) {
  Sql(absl::StrCat(EveryByte(),
                   "CREATE TABLE `o``dd name; -- x` (a int);"
                   "INSERT INTO `o``dd name; -- x` VALUES (1),(2),(3);"),
      kScratch);
  const auto dump = Take(Options(AsUser()));
  ASSERT_TRUE(dump.ok()) << dump.status();
  EXPECT_EQ(dump->tables.size(), 7u);
  Load(File());
  EXPECT_EQ(Checksums(kCopy), Checksums(kScratch));
}

// The other dump program, with slurmdbd's own rights: one text, as checked.
TEST_F(BackupTest, MydumperBringsBackTheSame) {
  Sql(absl::StrCat(EveryByte(), "CREATE TABLE empty (a int)"), kScratch);
  SqlDumpOptions options = Options(AsUser());
  options.tool = "mydumper";
  uint64_t done = 0;
  options.progress = [&](uint64_t so_far, uint64_t) { done = so_far; };
  const auto dump = Take(options);
  ASSERT_TRUE(dump.ok()) << dump.status();
  EXPECT_THAT(dump->tool, HasSubstr("mydumper 0.10"));
  EXPECT_EQ(dump->tables.size(), 7u);
  EXPECT_EQ(done, dump->sql_bytes);
  EXPECT_THAT(dump->cautions, testing::IsEmpty());
  EXPECT_EQ(std::distance(fs::directory_iterator(temp_->path()), {}), 1)
      << "only the one file is left";
  Load(File());
  EXPECT_EQ(Checksums(kCopy), Checksums(kScratch));
}

TEST_F(BackupTest, WhatIsWrongWithMydumpersFilesIsFoundOut) {
  Sql("CREATE TABLE t (a int); INSERT INTO t SELECT seq FROM seq_1_to_100000;"
      "CREATE TABLE u (a int); INSERT INTO u VALUES (1)",
      kScratch);
  // $db is how the names of its files begin.
  const struct {
    const char *script, *want;
  } kCases[] = {
      {"run; truncate -s 50000 $db.t.sql",
       "t.sql ends in the middle of a statement"},
      {"run; sed -i '/^(77/d' $db.t.sql", "rows of table t"},
      {"run; rm $db.t.sql", "holds 0 rows of table t"},
      {"run; rm $db.t.sql $db.t-schema.sql", "lacks table t"},
      {"run; rm $db.t-schema.sql", "wrote rows of table t, but not how"},
      {"run; : >$out/metadata", "do not say that it finished"},
      {"run; mv $out/metadata $out/metadata.partial", "finished"},
      {"run; cp $db.t.sql $db.t.00001.sql.gz", "wrote a file 'assocsync_"},
      {"run; : >$out/mysql.user.sql", "wrote a file 'mysql.user.sql'"},
      {"run; exit 1", "exit code 1"},
      {"run; kill -9 $$", "signal 9"},
      {"exit 0", "do not say that it finished"},
  };
  for (const auto& c : kCases) {
    ExpectFoundOut("mydumper",
                   absl::StrCat("[ \"$1\" = --version ] && exec mydumper "
                                "\"$@\"\nout=${3#--outputdir=}; db=$out/",
                                kScratch,
                                "\nrun() { mydumper $args || exit; }; "
                                "args=\"$*\"\n",
                                c.script),
                   c.want);
  }
  // Without a lock there is no one moment.
  Sql(absl::StrFormat("REVOKE LOCK TABLES ON %s.* FROM %s@'127.0.0.1'",
                      kScratch, kUser));
  SqlDumpOptions options = Options(AsUser());
  options.tool = "mydumper";
  const absl::Status refused = Take(options).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied) << refused;
  EXPECT_TRUE(fs::is_empty(temp_->path()));
}

TEST_F(BackupTest, AViewATriggerAndAProcedureAreNoTables) {
  Sql("CREATE TABLE t (a int); INSERT INTO t VALUES (1),(2);"
      "CREATE VIEW v AS SELECT 'it''s; (' AS x, a FROM t;\n"
      "DELIMITER ;;\n"
      "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN"
      " IF NEW.a > 5 THEN SET NEW.a = 5; END IF;\n-- it's\nEND;;\n"
      "CREATE PROCEDURE p() BEGIN INSERT INTO t VALUES (9); END;;\n"
      "DELIMITER ;\n",
      kScratch);
  const auto dump = Take(Options(AsUser()));
  ASSERT_TRUE(dump.ok()) << dump.status();
  EXPECT_THAT(dump->tables, testing::ElementsAre(TableRows{"t", 2}));
}

TEST_F(BackupTest, TablesThatGrowMeanwhile) {
  Sql("CREATE TABLE t (a int AUTO_INCREMENT PRIMARY KEY, b varchar(100));"
      "INSERT INTO t (b) SELECT REPEAT('x', 90) FROM seq_1_to_300000;"
      "CREATE TABLE still (a int); INSERT INTO still VALUES (1);",
      kScratch);
  std::atomic<bool> done = false;
  std::thread writer([&] {
    while (!done) {
      Sql("INSERT INTO t (b) SELECT 'y' FROM seq_1_to_50", kScratch);
    }
  });
  const auto dump = Take(Options(AsUser()));
  done = true;
  writer.join();
  ASSERT_TRUE(dump.ok()) << dump.status();
  EXPECT_THAT(absl::StrJoin(dump->cautions, "\n"), Not(HasSubstr("still")));
  ASSERT_EQ(dump->tables.size(), 2u);
  EXPECT_GE(dump->tables[1].rows, 300000u);
}

TEST_F(BackupTest, AWrongPasswordNamesItsFileAndShowsNothing) {
  DatabaseOptions options = AsUser();
  options.password = "wrong-secret";
  const absl::Status status = Take(Options(options)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("slurmdbd.conf"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("wrong-secret")));
  // When only the dump program is refused.
  SqlDumpOptions dump = Options(options);
  auto good = Connect(AsUser());
  ASSERT_TRUE(good.ok());
  Sql("CREATE TABLE t (a int)", kScratch);
  ProcessRunner runner(CleanEnvironment({kPath}));
  const absl::Status refused = TakeSqlDump(dump, runner, **good).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied) << refused;
  EXPECT_THAT(std::string(refused.message()), Not(HasSubstr("wrong-secret")));
  EXPECT_TRUE(fs::is_empty(temp_->path()));
}

TEST_F(BackupTest, AMissingDatabaseIsNamed) {
  DatabaseOptions options = root_;
  options.database = "assocsync_not_there";
  const absl::Status status = Connect(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("assocsync_not_there"));
}

// Programs that say all went well, and programs that die.
TEST_F(BackupTest, ALyingDumpProgramIsFoundOut) {
  Sql("CREATE TABLE t (a int); INSERT INTO t SELECT seq FROM seq_1_to_100000",
      kScratch);
  const struct {
    const char *script, *want;
  } kCases[] = {
      {"mariadb-dump \"$@\" | head -c 100000; exit 0", "middle of a statement"},
      {"mariadb-dump \"$@\" | head -c 100000; kill -9 $$", "signal 9"},
      {"mariadb-dump \"$@\" | grep -v '^(77'; exit 0", "rows of table t"},
      {"mariadb-dump \"$@\" --no-data", "holds 0 rows of table t"},
      {"mariadb-dump \"$@\" --skip-comments", "does not end with the line"},
      {"mariadb-dump \"$@\" --ignore-table="
       "assocsync_backup_test.t",
       "lacks table t"},
      {"mariadb-dump \"$@\" >/dev/full", "exit code"},
  };
  for (const auto& c : kCases) {
    ExpectFoundOut("dump",
                   absl::StrCat("[ \"$2\" = --version ] && exec mariadb-dump "
                                "\"$@\"\n",
                                c.script),
                   c.want);
  }
}

TEST_F(BackupTest, ASessionCannotWriteAndLocksExcludeEachOther) {
  Sql("CREATE TABLE t (a int)", kScratch);
  auto one = Connect(AsUser());
  auto two = Connect(AsUser());
  ASSERT_TRUE(one.ok()) << one.status();
  ASSERT_TRUE(two.ok()) << two.status();
  EXPECT_FALSE((*one)->Execute("INSERT INTO t VALUES (1)").ok());
  EXPECT_FALSE((*one)->Execute("DROP TABLE t").ok());
  ASSERT_TRUE(TryLock(**one, "assocsync:x'y").ok());
  const absl::Status held = TryLock(**two, "assocsync:x'y");
  EXPECT_EQ(held.code(), absl::StatusCode::kFailedPrecondition) << held;
  ASSERT_TRUE(Unlock(**one, "assocsync:x'y").ok());
  EXPECT_TRUE(TryLock(**two, "assocsync:x'y").ok());
  two->reset();
  // The server hears of the end of a session a moment after its client is gone.
  absl::Status freed;
  for (int i = 0; i < 100; ++i) {
    freed = TryLock(**one, "assocsync:x'y");
    if (freed.ok()) break;
    absl::SleepFor(absl::Milliseconds(50));
  }
  EXPECT_EQ(freed, absl::OkStatus()) << "gone with its session";
  // A sink that stops half way leaves the connection usable.
  EXPECT_EQ((*one)->ForEachRow("SELECT seq FROM seq_1_to_1000",
                               [](absl::Span<const Database::Value>) {
                                 return absl::CancelledError("enough");
                               }),
            absl::CancelledError("enough"));
  EXPECT_EQ((*(*one)->Query("SELECT 'a', NULL, ''"))[0],
            (Database::Row{"a", std::nullopt, ""}));
}

}  // namespace assocsync::backup_test
