// A plain dump in place of a backup: what is known of it, and what it is
// refused for. testdata/dumps/24.11.sql.gz is a whole one.
#include "engine/backup/plain_dump.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::plain_dump_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Good() {
  return absl::StrCat(ASSOCSYNC_SOURCE_DIR, "/testdata/dumps/24.11.sql.gz");
}

class PlainDumpTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(ReadSqlFile(Good(), [this](absl::string_view sql) {
                  absl::StrAppend(&text_, sql);
                  return absl::OkStatus();
                }).ok());
  }
  std::string With(const std::string& from, const std::string& to) const {
    EXPECT_THAT(text_, HasSubstr(from));
    return absl::StrReplaceAll(text_, {{from, to}});
  }
  // Before its last line.
  std::string Also(const std::string& more) const {
    const size_t at = text_.rfind("-- Dump completed");
    return absl::StrCat(text_.substr(0, at), more, text_.substr(at));
  }
  absl::StatusOr<PlainDump> Read(const std::string& text) const {
    const std::string path = dir_.path() + "/d.sql";
    EXPECT_TRUE(WriteFileAtomic(path, text).ok());
    return ReadPlainDump(path);
  }

  TempDir dir_ = *TempDir::Create(testing::TempDir());
  std::string text_;
};

TEST_F(PlainDumpTest, TellsWhatAManifestWould) {
  const auto dump = ReadPlainDump(Good());
  ASSERT_TRUE(dump.ok()) << dump.status();
  const Manifest& manifest = dump->manifest;
  EXPECT_THAT(manifest.clusters, ElementsAre("lab"));
  EXPECT_EQ(manifest.cluster, "lab");
  EXPECT_EQ(manifest.database, "slurm_24_11");
  EXPECT_EQ(manifest.slurm_release, "24.11");
  EXPECT_EQ(manifest.schema, "16");
  EXPECT_THAT(manifest.server_version, HasSubstr("MariaDB"));
  EXPECT_EQ(manifest.tables.size(), 34u);
  EXPECT_EQ(
      absl::FormatTime("%Y-%m-%d", manifest.created, absl::LocalTimeZone()),
      "2026-11-29");
  EXPECT_THAT(manifest.cautions,
              ElementsAre(HasSubstr("not in which time zone")));
  EXPECT_EQ(dump->sql_bytes, text_.size());
  EXPECT_EQ(dump->uses, "");
  EXPECT_TRUE(dump->left_out.empty());
  // Its bytes are the ones that are loaded, or the load is none.
  std::string streamed;
  const auto sink = [&](absl::string_view sql) {
    absl::StrAppend(&streamed, sql);
    return absl::OkStatus();
  };
  EXPECT_EQ(StreamSql(Good(), manifest, sink), absl::OkStatus());
  EXPECT_TRUE(streamed == text_);
  Manifest other = manifest;
  other.files[0].sha256[0] ^= 1;
  EXPECT_EQ(StreamSql(Good(), other, sink).code(), absl::StatusCode::kDataLoss);
}

TEST_F(PlainDumpTest, OneDatabaseAndWhatIsNotSlurms) {
  const auto uses =
      Read(absl::StrCat("CREATE DATABASE /*!32312 IF NOT EXISTS*/ `acct`;\n"
                        "USE `acct`;\n",
                        text_));
  ASSERT_TRUE(uses.ok()) << uses.status();
  EXPECT_EQ(uses->uses, "acct");
  EXPECT_EQ(uses->manifest.database, "acct");
  EXPECT_EQ(uses->manifest.tables.size(), 34u);
  const auto more =
      Read(Also("CREATE TABLE `zz` (`a` int);\nINSERT INTO `zz` VALUES (1);\n"
                "CREATE VIEW `v` AS SELECT 1;\n"));
  ASSERT_TRUE(more.ok()) << more.status();
  EXPECT_THAT(more->left_out, ElementsAre("table zz", "view v"));
  EXPECT_EQ(more->manifest.tables.size(), 34u);
  const auto undated = Read(
      With("-- Dump completed on 2026-11-29 17:06:55", "-- Dump completed"));
  ASSERT_TRUE(undated.ok()) << undated.status();
  EXPECT_THAT(undated->manifest.cautions,
              ElementsAre(HasSubstr("does not say when it was made")));
}

TEST_F(PlainDumpTest, Refused) {
  const struct {
    std::string text, want;
    absl::StatusCode code = absl::StatusCode::kFailedPrecondition;
  } kCases[] = {
      {text_.substr(0, text_.size() / 2), "d.sql", absl::StatusCode::kDataLoss},
      {With("-- Dump completed", "-- Dump"), "does not end with the line",
       absl::StatusCode::kDataLoss},
      {With("`lab_event_table`", "`lab_evnt_table`"),
       "no table lab_event_table"},
      {With("`max_jobs` ", "`max_jbos` "), "lab_assoc_table.max_jobs"},
      {With("ENGINE=InnoDB", "ENGINE=MyISAM"), "MyISAM"},
      {With("SET NAMES utf8mb4", "SET NAMES gbk"), "gbk"},
      {With("/*!40101 SET NAMES utf8mb4 */;\n", ""), "SET NAMES"},
      {Also("USE `a`;\nUSE `b`;\n"), "of several databases (a, b)"},
      {Also("USE `mysql`;\nCREATE TABLE `user_table` (`a` int);\n"),
       "is of database mysql, others are of none that is named"},
      {Also("UPDATE t SET a=1;\n"), "UPDATE"},
      {Also("INSERT INTO `nowhere` VALUES (1);\n"), "no CREATE TABLE"},
  };
  for (const auto& c : kCases) {
    const auto dump = Read(c.text);
    EXPECT_EQ(dump.status().code(), c.code) << c.want << dump.status();
    EXPECT_THAT(std::string(dump.status().message()), HasSubstr(c.want));
  }
}

}  // namespace assocsync::plain_dump_test
