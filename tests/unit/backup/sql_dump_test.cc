#include "engine/backup/sql_dump.h"

#include <sys/mount.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/backup/compression.h"
#include "engine/io/digest.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/backup/fakes.h"

namespace assocsync::sql_dump_test {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A database, a program that dumps it rightly, and an empty folder.
struct Scene {
  Scene() : temp(*TempDir::Create(testing::TempDir())) {
    database.rows = {{"acct_table", 3}, {"lab_assoc_table", 5000}, {"x", 0}};
    program.sql = DumpText(database.rows);
    options.tool = "/usr/bin/mariadb-dump";
    options.dir = temp.path();
    options.database.host = "db1";
    options.database.user = "slurm";
    options.database.password = "hid#den";
    options.database.database = "acct";
  }

  absl::StatusOr<SqlDump> Take() {
    return TakeSqlDump(options, program, database);
  }
  // Nothing is left: no file, no temporary one, no password.
  void ExpectNothingLeft() const {
    EXPECT_TRUE(fs::is_empty(options.dir)) << "something was left behind";
  }

  TempDir temp;
  SqlDumpOptions options;
  FakeDumpProgram program;
  FakeDatabase database;
};

class SqlDumpTest : public testing::Test, protected Scene {};

TEST_F(SqlDumpTest, LeavesOneCheckedPrivateFile) {
  uint64_t done = 0;
  options.progress = [&](uint64_t so_far, uint64_t) { done = so_far; };
  const auto dump = Take();
  ASSERT_TRUE(dump.ok()) << dump.status();
  EXPECT_EQ(dump->file.name, "acct.sql.zst");
  const std::string path = temp.path() + "/acct.sql.zst";
  EXPECT_EQ(dump->file.bytes, fs::file_size(path));
  EXPECT_EQ(dump->file.sha256, *Sha256OfFile(path));
  EXPECT_EQ(dump->sql_bytes, program.sql.size());
  EXPECT_EQ(done, program.sql.size());
  EXPECT_THAT(dump->tables, ElementsAre(TableRows{"acct_table", 3},
                                        TableRows{"lab_assoc_table", 5000},
                                        TableRows{"x", 0}));
  EXPECT_EQ(dump->server_version, "10.11.6-MariaDB");
  EXPECT_EQ(dump->tool, program.version);
  EXPECT_THAT(dump->cautions, IsEmpty());
  std::string sql;
  ASSERT_TRUE(ReadSqlFile(path, [&](absl::string_view piece) {
                absl::StrAppend(&sql, piece);
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(sql, program.sql);
  struct stat st;
  ASSERT_EQ(stat(path.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0600u);
  int entries = 0;
  for ([[maybe_unused]] const auto& e : fs::directory_iterator(temp.path())) {
    ++entries;
  }
  EXPECT_EQ(entries, 1);
}

TEST_F(SqlDumpTest, ThePasswordIsOnlyInAPrivateFileThatGoesAway) {
  struct stat file, folder;
  program.meanwhile = [&] {
    ASSERT_EQ(stat(program.option_file.c_str(), &file), 0);
    ASSERT_EQ(stat(ParentFolder(program.option_file).c_str(), &folder), 0);
  };
  ASSERT_TRUE(Take().ok());
  EXPECT_EQ(file.st_mode & 07777, 0600u);
  EXPECT_EQ(folder.st_mode & 077, 0u);
  EXPECT_THAT(program.option_text, HasSubstr("password=\"hid#den\"\n"));
  for (const std::string& word : program.argv) {
    EXPECT_THAT(word, Not(HasSubstr("hid")));
  }
  EXPECT_THAT(program.argv[1], testing::StartsWith("--defaults-file="));
  EXPECT_EQ(program.argv.back(), "acct");
  EXPECT_FALSE(fs::exists(program.option_file));
}

TEST_F(SqlDumpTest, TheAdminsOwnOptionFileWinsAndStays) {
  const TempDir other = *TempDir::Create(testing::TempDir());
  const std::string mine = other.path() + "/my.cnf";
  ASSERT_TRUE(WriteFileAtomic(mine, "[client]\npassword=x\n").ok());
  options.database.defaults_file = mine;
  ASSERT_TRUE(Take().ok());
  EXPECT_EQ(program.argv[1], "--defaults-file=" + mine);
  EXPECT_TRUE(fs::exists(mine));
}

TEST_F(SqlDumpTest, NothingButAWholeDumpIsKept) {
  const struct {
    const char* name;
    std::function<void(Scene&)> fault;
    absl::StatusCode code;
    const char* want;
  } kCases[] = {
      {"exit status",
       [](Scene& t) {
         t.program.result.exit_code = 2;
         t.program.result.err =
             "mysqldump: Got error: 1045: \"Access denied "
             "for user 'slurm'\"\n";
       },
       absl::StatusCode::kPermissionDenied,
       "exit code 2: mysqldump: Got error"},
      {"killed", [](Scene& t) { t.program.result.signal = 9; },
       absl::StatusCode::kInternal, "killed by signal 9"},
      {"never started",
       [](Scene& t) { t.program.error = absl::UnavailableError("no"); },
       absl::StatusCode::kUnavailable, "no"},
      {"too slow",
       [](Scene& t) { t.program.error = absl::DeadlineExceededError("slow"); },
       absl::StatusCode::kDeadlineExceeded, "slow"},
      {"nothing, and exit 0", [](Scene& t) { t.program.sql.clear(); },
       absl::StatusCode::kDataLoss, "does not end with the line"},
      {"cut short, and exit 0", [](Scene& t) { t.program.sql.resize(30000); },
       absl::StatusCode::kDataLoss, "in the middle of a statement"},
      {"a table is missing",
       [](Scene& t) {
         t.program.sql = DumpText({{"acct_table", 3}});
       },
       absl::StatusCode::kDataLoss, "lacks table lab_assoc_table, table x"},
      {"one table is missing",
       [](Scene& t) {
         t.program.sql = DumpText({{"acct_table", 3}, {"x", 0}});
       },
       absl::StatusCode::kDataLoss, "lacks table lab_assoc_table"},
      {"a row is missing",
       [](Scene& t) {
         auto rows = t.database.rows;
         --rows["lab_assoc_table"];
         t.program.sql = DumpText(rows);
       },
       absl::StatusCode::kDataLoss,
       "holds 4999 rows of table lab_assoc_table, the database had 5000 before "
       "and 5000 after"},
      {"a row too many",
       [](Scene& t) {
         auto rows = t.database.rows;
         ++rows["x"];
         t.program.sql = DumpText(rows);
       },
       absl::StatusCode::kDataLoss, "holds 1 row of table x"},
      {"the database is gone",
       [](Scene& t) { t.database.error = absl::UnavailableError("db"); },
       absl::StatusCode::kUnavailable, "db"},
      {"an empty database", [](Scene& t) { t.database.rows.clear(); },
       absl::StatusCode::kFailedPrecondition, "it has no tables"},
      {"no room",
       [](Scene& t) { t.database.bytes_per_table = uint64_t{1} << 60; },
       absl::StatusCode::kResourceExhausted, "MiB free"},
      {"no dump program",
       [](Scene& t) {
         t.options.tool.clear();
         t.options.search_path = "/nowhere";
       },
       absl::StatusCode::kUnavailable, "neither mariadb-dump nor mysqldump"},
      {"a hostile database name",
       [](Scene& t) { t.options.database.database = "--all-databases"; },
       absl::StatusCode::kInvalidArgument, "not a usable database name"},
      {"a database name that leads elsewhere",
       [](Scene& t) { t.options.database.database = "../x"; },
       absl::StatusCode::kInvalidArgument, "not a usable database name"},
  };
  for (const auto& c : kCases) {
    Scene fresh;
    c.fault(fresh);
    const auto dump = fresh.Take();
    EXPECT_EQ(dump.status().code(), c.code) << c.name << dump.status();
    EXPECT_THAT(std::string(dump.status().message()), HasSubstr(c.want))
        << c.name;
    EXPECT_THAT(std::string(dump.status().message()), Not(HasSubstr("hid#")));
    fresh.ExpectNothingLeft();
  }
}

TEST_F(SqlDumpTest, ATableMayGrowWhileTheDumpRuns) {
  auto at_dump = database.rows;
  at_dump["lab_assoc_table"] = 5003;
  program.sql = DumpText(at_dump);
  program.meanwhile = [&] { database.rows["lab_assoc_table"] = 5004; };
  const auto dump = Take();
  ASSERT_TRUE(dump.ok()) << dump.status();
  EXPECT_THAT(dump->cautions,
              ElementsAre("table lab_assoc_table changed while the dump ran "
                          "(5004 rows after it)"));
}

TEST_F(SqlDumpTest, ARowsLostFromAGrowingTableAreStillFound) {
  auto at_dump = database.rows;
  at_dump["lab_assoc_table"] = 4999;
  program.sql = DumpText(at_dump);
  program.meanwhile = [&] { database.rows["lab_assoc_table"] = 5004; };
  EXPECT_EQ(Take().status().code(), absl::StatusCode::kDataLoss);
  ExpectNothingLeft();
}

TEST_F(SqlDumpTest, ATableBornMeanwhileIsNoError) {
  auto at_dump = database.rows;
  at_dump["new_assoc_table"] = 1;
  program.sql = DumpText(at_dump);
  program.meanwhile = [&] { database.rows = at_dump; };
  const auto dump = Take();
  ASSERT_TRUE(dump.ok()) << dump.status();
  EXPECT_EQ(dump->tables.size(), 4u);
  EXPECT_EQ(dump->cautions.size(), 1u);
}

TEST_F(SqlDumpTest, WarningsAndOtherEnginesArePassedOn) {
  program.result.err = "mysqldump: a warning\n";
  database.engine = "MyISAM";
  const auto dump = Take();
  ASSERT_TRUE(dump.ok()) << dump.status();
  ASSERT_EQ(dump->cautions.size(), 4u);
  EXPECT_THAT(dump->cautions[0], HasSubstr("acct_table has engine MyISAM"));
  EXPECT_EQ(dump->cautions[3], "/usr/bin/mariadb-dump: mysqldump: a warning");
}

TEST_F(SqlDumpTest, StopsOnRequestAndLeavesNothing) {
  std::atomic<bool> stop = false;
  options.stop = &stop;
  options.progress = [&](uint64_t done, uint64_t) {
    if (done > 5000) stop = true;
  };
  EXPECT_EQ(Take().status().code(), absl::StatusCode::kCancelled);
  ExpectNothingLeft();
}

TEST_F(SqlDumpTest, AFailureKeepsTheOlderDump) {
  ASSERT_TRUE(Take().ok());
  const std::string path = temp.path() + "/acct.sql.zst";
  const std::string old = *Sha256OfFile(path);
  program.sql.resize(30000);
  EXPECT_FALSE(Take().ok());
  EXPECT_EQ(*Sha256OfFile(path), old);
}

TEST_F(SqlDumpTest, AFullDiskIsSaidAndLeavesNothing) {
  options.dir = temp.path() + "/disk";
  ASSERT_EQ(mkdir(options.dir.c_str(), 0700), 0);
  if (mount("tmpfs", options.dir.c_str(), "tmpfs", 0, "size=17m") != 0) {
    GTEST_SKIP() << "cannot mount a tmpfs here";
  }
  // Comments that zstd cannot make smaller.
  std::string noise = "-- ";
  unsigned state = 1;
  for (int i = 0; i < 40 << 20; ++i) {
    state = state * 1664525 + 1013904223;
    noise.push_back(static_cast<char>(0x20 + (state >> 24) % 0x5e));
  }
  program.sql = noise + "\n" + program.sql;
  const auto dump = Take();
  EXPECT_EQ(dump.status().code(), absl::StatusCode::kResourceExhausted)
      << dump.status();
  EXPECT_THAT(std::string(dump.status().message()), HasSubstr("No space left"));
  ExpectNothingLeft();
  umount2(options.dir.c_str(), MNT_DETACH);
}

}  // namespace assocsync::sql_dump_test
