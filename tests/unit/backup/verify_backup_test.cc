#include "engine/backup/verify_backup.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/backup/compression.h"
#include "engine/io/digest.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/backup/fakes.h"

namespace assocsync::verify_backup_test {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class VerifyBackupTest : public testing::Test {
 protected:
  VerifyBackupTest() : temp_(*TempDir::Create(testing::TempDir())) {
    manifest_.cluster = "lab";
    manifest_.database = "db";
    manifest_.made_by = std::string(kMadeByBackup);
    manifest_.trees = {{"lab", "tree.cfg"}, {"two", "tree-two.cfg"}};
    manifest_.tables = {{"a", 3}, {"b", 0}};
    Put("tree.cfg", "one");
    Put("tree-two.cfg", "two");
    PutDump(DumpText({{"a", 3}, {"b", 0}}));
  }
  std::string File(const std::string& name) const {
    return temp_.path() + "/" + name;
  }
  // Writes a file and lists it.
  void Put(const std::string& name, const std::string& bytes) {
    ASSERT_TRUE(WriteFileAtomic(File(name), bytes).ok());
    std::erase_if(manifest_.files,
                  [&](const BackupFile& f) { return f.name == name; });
    manifest_.files.push_back({name, bytes.size(), Sha256Hex(bytes)});
    PutManifest();
  }
  void PutDump(const std::string& sql) {
    std::string bytes;
    ZstdCompressor zstd;
    const auto sink = [&](absl::string_view piece) {
      bytes.append(piece.data(), piece.size());
      return absl::OkStatus();
    };
    ASSERT_TRUE(zstd.Append(sql, sink).ok());
    ASSERT_TRUE(zstd.Finish(sink).ok());
    Put("db.sql.zst", bytes);
  }
  void PutManifest() {
    ASSERT_TRUE(
        WriteFileAtomic(File("manifest.json"), WriteManifest(manifest_)).ok());
  }
  std::string Verify() {
    const auto manifest = VerifyBackup(temp_.path());
    return manifest.ok() ? "good" : std::string(manifest.status().message());
  }

  TempDir temp_;
  Manifest manifest_;
};

TEST_F(VerifyBackupTest, AGoodOneIsGood) {
  EXPECT_EQ(Verify(), "good");
  uint64_t done = 0, total = 0;
  VerifyOptions options;
  options.progress = [&](uint64_t d, uint64_t t) { done = d, total = t; };
  EXPECT_TRUE(VerifyBackup(temp_.path(), options).ok());
  EXPECT_EQ(done, total);
  EXPECT_GT(total, 0u);
}

TEST_F(VerifyBackupTest, EveryFaultIsNamed) {
  const std::string dump = *ReadFile(File("db.sql.zst"), 1 << 20);
  std::string changed = dump;
  changed[changed.size() / 2] ^= 1;
  ASSERT_TRUE(WriteFileAtomic(File("db.sql.zst"), changed).ok());
  EXPECT_THAT(Verify(), HasSubstr("db.sql.zst: its bytes changed"));
  ASSERT_TRUE(
      WriteFileAtomic(File("db.sql.zst"), dump.substr(0, dump.size() - 9))
          .ok());
  EXPECT_THAT(Verify(), HasSubstr("db.sql.zst: has "));
  fs::remove(File("db.sql.zst"));
  EXPECT_THAT(Verify(), HasSubstr("db.sql.zst: is missing"));
  fs::create_symlink("/dev/null", File("db.sql.zst"));
  EXPECT_THAT(Verify(), HasSubstr("not a regular file"));
  fs::remove(File("db.sql.zst"));
  PutDump(DumpText({{"a", 3}, {"b", 0}}, ""));
  EXPECT_THAT(Verify(), HasSubstr("Dump completed"));
  PutDump(DumpText({{"a", 3}, {"b", 0}, {"c", 1}}));
  EXPECT_THAT(Verify(), HasSubstr("holds table c, which manifest.json does"));
  PutDump(DumpText({{"a", 3}}));
  EXPECT_THAT(Verify(), HasSubstr("lacks table b"));
  PutDump(DumpText({{"a", 2}, {"b", 0}}));
  EXPECT_THAT(Verify(), HasSubstr("2 rows of table a, manifest.json says 3"));
}

TEST_F(VerifyBackupTest, AManifestThatSaysTooLittleIsNotGood) {
  manifest_.trees.push_back({"three", "tree-three.cfg"});
  PutManifest();
  EXPECT_THAT(Verify(), HasSubstr("names tree-three.cfg and does not list it"));
  manifest_.trees.clear();
  PutManifest();
  EXPECT_THAT(Verify(), HasSubstr("no associations of cluster 'lab'"));
  manifest_.trees = {{"lab", "tree.cfg"}};
  std::erase_if(manifest_.files,
                [](const BackupFile& f) { return f.name == "db.sql.zst"; });
  PutManifest();
  EXPECT_THAT(Verify(), HasSubstr("holds no SQL dump"));
  fs::remove(File("manifest.json"));
  EXPECT_THAT(Verify(), HasSubstr("this is no backup folder"));
}

TEST_F(VerifyBackupTest, StopsWhenTold) {
  std::atomic<bool> stop{true};
  VerifyOptions options;
  options.stop = &stop;
  EXPECT_EQ(VerifyBackup(temp_.path(), options).status().code(),
            absl::StatusCode::kCancelled);
}

TEST_F(VerifyBackupTest, ReadsOneFileOnlyIfItIsTheManifests) {
  EXPECT_EQ(*ReadVerified(temp_.path(), manifest_, "tree.cfg"), "one");
  ASSERT_TRUE(WriteFileAtomic(File("tree.cfg"), "eno").ok());
  EXPECT_EQ(ReadVerified(temp_.path(), manifest_, "tree.cfg").status().code(),
            absl::StatusCode::kDataLoss);
  ASSERT_TRUE(WriteFileAtomic(File("tree.cfg"), "ones").ok());
  EXPECT_EQ(ReadVerified(temp_.path(), manifest_, "tree.cfg").status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(ReadVerified(temp_.path(), manifest_, "other").status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(VerifyBackupTest, FindsTheTreeOfACluster) {
  EXPECT_EQ(*TreeFileOf(manifest_, ""), "tree.cfg");
  EXPECT_EQ(*TreeFileOf(manifest_, "two"), "tree-two.cfg");
  EXPECT_THAT(TreeFileOf(manifest_, "x").status().message(),
              HasSubstr("only of lab, two"));
  manifest_.made_by.clear();
  manifest_.trees.clear();
  EXPECT_EQ(*TreeFileOf(manifest_, ""), "before.cfg");
  EXPECT_EQ(*TreeFileOf(manifest_, "lab"), "before.cfg");
  EXPECT_FALSE(TreeFileOf(manifest_, "two").ok());
}

TEST_F(VerifyBackupTest, StreamsTheSqlOrSaysThatItIsAnother) {
  std::string sql;
  const auto sink = [&](absl::string_view piece) {
    sql.append(piece.data(), piece.size());
    return absl::OkStatus();
  };
  ASSERT_TRUE(StreamSql(temp_.path(), manifest_, sink).ok());
  EXPECT_EQ(sql, DumpText({{"a", 3}, {"b", 0}}));
  for (BackupFile& file : manifest_.files) file.sha256.assign(64, '0');
  EXPECT_EQ(StreamSql(temp_.path(), manifest_, sink).code(),
            absl::StatusCode::kDataLoss);
}

}  // namespace assocsync::verify_backup_test
