#include "engine/backup/full_backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/backup/backup_folder.h"
#include "engine/io/dir.h"

namespace assocsync::full_backup_test {

using ::testing::HasSubstr;

// Of a slurmdbd that is down.
class Tables : public Database {
 public:
  Tables(std::vector<std::string> clusters, std::string schema)
      : clusters_(std::move(clusters)), schema_(std::move(schema)) {}
  absl::Status ForEachRow(absl::string_view sql, RowSink sink) override {
    const bool asks_clusters = absl::StrContains(sql, "cluster_table");
    for (const std::string& value :
         asks_clusters ? clusters_ : std::vector<std::string>{schema_}) {
      const std::vector<Value> row = {value};
      const absl::Status status = sink(row);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  const std::vector<std::string> clusters_;
  const std::string schema_;
};

class LastOfSameSchemaTest : public testing::Test {
 protected:
  LastOfSameSchemaTest() : temp_(*TempDir::Create(testing::TempDir())) {}

  void Make(int day, const std::vector<std::string>& clusters,
            const std::string& release, const std::string& schema = "16",
            const std::string& made_by = std::string(kMadeByBackup)) const {
    Manifest manifest;
    manifest.created = absl::FromUnixSeconds(day * 86400);
    manifest.cluster = clusters[0];
    manifest.clusters = clusters;
    manifest.database = "slurm_acct_db";
    manifest.slurm_release = release;
    manifest.schema = schema;
    manifest.made_by = made_by;
    const std::string path = absl::StrCat(
        temp_.path(), "/", RunFolderName(clusters[0], manifest.created));
    std::filesystem::create_directory(path);
    std::ofstream(path + "/manifest.json") << WriteManifest(manifest);
  }
  // Its release, or why there is none.
  std::string Last(std::vector<std::string> clusters,
                   const std::string& schema = "16",
                   const std::string& database = "slurm_acct_db") const {
    const auto last =
        LastOfSameSchema(temp_.path(), database,
                         [&]() -> absl::StatusOr<std::unique_ptr<Database>> {
                           return std::make_unique<Tables>(clusters, schema);
                         });
    return last.ok() ? last->slurm_release
                     : std::string(last.status().message());
  }

  TempDir temp_;
};

TEST_F(LastOfSameSchemaTest, TheNewestOfThisDatabase) {
  EXPECT_THAT(Last({"lab"}), HasSubstr("no good backup of database"));
  Make(1, {"lab"}, "24.11.1");
  Make(2, {"gpu", "lab"}, "24.11.5");
  Make(3, {"lab"}, "23.11.1", "", "");
  // One was deleted since, and one came.
  EXPECT_EQ(Last({"gpu", "lab", "new"}), "24.11.5");
  EXPECT_THAT(Last({"gpu", "lab"}, "17"),
              HasSubstr("the database has schema 17"));
  EXPECT_THAT(Last({"lab"}, "16", "other"),
              HasSubstr("no good backup of database other"));
}

// Two sites may share a folder, and databases have the same name everywhere.
TEST_F(LastOfSameSchemaTest, ThatOfAnotherSiteSaysNothing) {
  Make(1, {"lab"}, "24.11.1");
  Make(2, {"theirs"}, "25.05.1");
  EXPECT_EQ(Last({"lab"}), "24.11.1");
  EXPECT_EQ(Last({"theirs"}), "25.05.1");
  const std::string none = Last({"mine"});
  EXPECT_THAT(none, HasSubstr("whose clusters it has; theirs-"));
  EXPECT_THAT(none, HasSubstr("is of cluster theirs"));
}

}  // namespace assocsync::full_backup_test
