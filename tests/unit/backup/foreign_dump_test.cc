#include "engine/backup/foreign_dump.h"

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "engine/backup/compression.h"
#include "engine/backup/verify_backup.h"
#include "engine/io/digest.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/backup/fakes.h"

namespace assocsync::foreign_dump_test {

using ::testing::HasSubstr;

std::string Compressed(absl::string_view text) {
  std::string out;
  const auto sink = [&](absl::string_view piece) {
    absl::StrAppend(&out, piece);
    return absl::OkStatus();
  };
  ZstdCompressor zstd;
  EXPECT_TRUE(zstd.Append(text, sink).ok());
  EXPECT_TRUE(zstd.Finish(sink).ok());
  return out;
}

class CheckDumpTest : public testing::Test {
 protected:
  CheckDumpTest() : temp_(*TempDir::Create(testing::TempDir())) {
    options_.cluster = "lab";
    options_.database = "acct";
    options_.zone = absl::FixedTimeZone(3600);
    options_.now = absl::FromCivil(absl::CivilSecond(2026, 11, 24, 0, 30, 0),
                                   options_.zone);
    for (const char* name :
         {"acct_coord_table", "acct_table", "cluster_table", "qos_table",
          "table_defs_table", "tres_table", "txn_table", "user_table",
          "lab_assoc_table", "lab_event_table", "lab_job_table",
          "lab_step_table", "lab_wckey_table"}) {
      tables_[name] = 2;
    }
  }

  std::string Write(const std::string& name, const std::string& text) const {
    const std::string path = temp_.path() + "/" + name;
    EXPECT_TRUE(WriteFileAtomic(path, text).ok());
    return path;
  }

  TempDir temp_;
  CheckDumpOptions options_;
  absl::btree_map<std::string, uint64_t> tables_;
};

TEST_F(CheckDumpTest, AcceptsPlainAndCompressedText) {
  const std::string text = DumpText(tables_);
  for (const std::string& stored :
       {text, Compressed(text),
        Compressed(text.substr(0, 100)) + Compressed(text.substr(100))}) {
    const auto report = CheckForeignDump(Write("d", stored), options_);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->bytes, stored.size());
    EXPECT_EQ(report->sha256, Sha256Hex(stored));
    EXPECT_EQ(report->sql_bytes, text.size());
    EXPECT_EQ(report->tables.size(), 13u);
    EXPECT_EQ(report->age, absl::Seconds(30 * 60 + 1));
    EXPECT_EQ(report->server_version, "10.11.6-MariaDB");
    EXPECT_TRUE(report->cautions.empty());
  }
}

TEST_F(CheckDumpTest, EveryTruncationAndFlippedByteOfAZstdFileIsFound) {
  const std::string good = Compressed(DumpText(tables_));
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(
        CheckForeignDump(Write("d", good.substr(0, size)), options_).ok())
        << size;
  }
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    const auto report = CheckForeignDump(Write("d", bad), options_);
    // The header has bits that do not matter; then nothing is lost either.
    if (report.ok()) {
      EXPECT_EQ(report->sql_bytes, DumpText(tables_).size());
    }
  }
}

// A frame that ends exactly where an output buffer does.
TEST_F(CheckDumpTest, SizesAroundThePieceSize) {
  for (int extra : {-1, 0, 1}) {
    const std::string text(262144 * 2 + extra, 'x');
    std::string got;
    const auto read =
        ReadSqlFile(Write("d", Compressed(text)), [&](absl::string_view piece) {
          absl::StrAppend(&got, piece);
          return absl::OkStatus();
        });
    EXPECT_TRUE(read.ok()) << read.status();
    EXPECT_TRUE(got == text);
  }
}

TEST_F(CheckDumpTest, OtherCompressionsAreNamed) {
  const auto report = CheckForeignDump(Write("d", "BZh91"), options_);
  EXPECT_EQ(report.status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(report.status().message()),
              HasSubstr("is compressed by bzip2; bunzip2 it first"));
}

TEST_F(CheckDumpTest, RefusesWhatIsNotAllOfThisDatabase) {
  const auto refused = [&](const std::string& want) {
    const auto report =
        CheckForeignDump(Write("d", DumpText(tables_)), options_);
    EXPECT_EQ(report.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(report.status().message()), HasSubstr(want));
  };
  tables_["lab_assoc_table"] = 0;
  refused("no rows in lab_assoc_table");
  tables_.erase("lab_assoc_table");
  tables_.erase("qos_table");
  refused("with cluster lab: no table qos_table, no table lab_assoc_table");
  options_.cluster = "other";
  refused("no table other_assoc_table");
}

TEST_F(CheckDumpTest, OnlyTheNamedOneOfSeveralDatabasesCounts) {
  std::string text = "USE `acct`;\n" + DumpText(tables_, "") +
                     "USE `other`;\n" + DumpText({{"x", 1}});
  const auto report = CheckForeignDump(Write("d", text), options_);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->tables.size(), 13u);
  options_.database = "other";
  EXPECT_FALSE(CheckForeignDump(Write("d", text), options_).ok());
}

TEST_F(CheckDumpTest, Age) {
  const struct {
    const char *trailer, *want, *caution;
  } kCases[] = {
      {"-- Dump completed on 2026-11-23 23:30:00\n", "", ""},
      {"-- Dump completed on 2026-11-23 23:29:59\n",
       "made 1h1s ago (2026-11-23 23:29:59), the limit is 1h", ""},
      {"-- Dump completed on 2026-11-24  0:34:00\n", "", ""},
      {"-- Dump completed on 2026-11-24  1:00:00\n", "", "in the future"},
      {"-- Dump completed\n", "", "does not say when"},
      {"-- Dump completed on a sunny day\n", "", "is not a time like"},
  };
  for (const auto& c : kCases) {
    const std::string path = Write("d", DumpText(tables_, c.trailer));
    CheckDumpOptions options = options_;
    // Files get the time of the machine that runs the test.
    if (absl::string_view(c.caution).find("not") != absl::string_view::npos) {
      options.now = absl::Now();
    }
    const auto report = CheckForeignDump(path, options);
    EXPECT_EQ(report.ok(), c.want[0] == '\0') << report.status();
    EXPECT_THAT(std::string(report.status().message()), HasSubstr(c.want));
    if (c.caution[0] != '\0') {
      ASSERT_FALSE(report->cautions.empty()) << c.trailer;
      EXPECT_THAT(report->cautions[0], HasSubstr(c.caution));
    }
  }
  const std::string path = Write("d", DumpText(tables_, "-- Dump completed\n"));
  options_.now = absl::Now() + absl::Hours(2);
  EXPECT_EQ(CheckForeignDump(path, options_).status().code(),
            absl::StatusCode::kFailedPrecondition)
      << "the file's own age counts when the trailer tells none";
}

TEST_F(CheckDumpTest, VerifyBackupFindsEveryChange) {
  const std::string sql = Compressed(DumpText({{"t", 2}}));
  const std::string cfg = "Cluster - 'lab'\n";
  Manifest manifest;
  manifest.files = {{"before.cfg", cfg.size(), Sha256Hex(cfg)},
                    {"acct.sql.zst", sql.size(), Sha256Hex(sql)}};
  manifest.tables = {{"t", 2}};
  manifest.database = "acct";
  Write("before.cfg", cfg);
  Write("acct.sql.zst", sql);
  const auto verify = [&] {
    Write("manifest.json", WriteManifest(manifest));
    return VerifyBackup(temp_.path());
  };
  ASSERT_TRUE(verify().ok()) << verify().status();
  EXPECT_EQ(*verify(), manifest);

  std::string changed = cfg;
  changed[0] = 'X';
  Write("before.cfg", changed);
  EXPECT_THAT(std::string(verify().status().message()),
              HasSubstr("before.cfg: its bytes changed"));
  Write("before.cfg", cfg + "x");
  EXPECT_THAT(std::string(verify().status().message()),
              HasSubstr("has 17 bytes, it had 16"));
  std::filesystem::remove(temp_.path() + "/before.cfg");
  EXPECT_EQ(verify().status().code(), absl::StatusCode::kDataLoss);
  Write("before.cfg", cfg);
  manifest.tables = {{"t", 3}};
  EXPECT_THAT(std::string(verify().status().message()),
              HasSubstr("2 rows of table t, manifest.json says 3"));
  manifest.files.clear();
  EXPECT_EQ(verify().status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace assocsync::foreign_dump_test
