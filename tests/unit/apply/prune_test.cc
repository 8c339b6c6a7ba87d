#include "engine/apply/prune.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "engine/apply/journal.h"
#include "engine/backup/backup_folder.h"
#include "engine/io/digest.h"
#include "engine/io/dir.h"
#include "engine/io/file_lock.h"

namespace assocsync::prune_test {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

absl::Time Day(int day) {
  return absl::FromCivil(absl::CivilDay(2026, 11, day), absl::UTCTimeZone());
}

class PruneTest : public testing::Test {
 protected:
  PruneTest() : temp_(*TempDir::Create(testing::TempDir())) {
    options_.backup_dir = temp_.path();
    options_.rules.last = 1;
    options_.clock = {Day(30), absl::UTCTimeZone()};
  }

  // A folder of day `day`; its name.
  std::string Make(int day, const std::string& made_by, bool has_sql = true,
                   const std::string& cluster = "lab") const {
    const std::string name = RunFolderName(cluster, Day(day));
    const std::string path = absl::StrCat(temp_.path(), "/", name);
    fs::create_directory(path);
    Manifest manifest;
    manifest.created = Day(day);
    manifest.cluster = cluster;
    manifest.made_by = made_by;
    for (const char* file : {"before.cfg", "db.sql.zst"}) {
      if (file[0] == 'd' && !has_sql) continue;
      std::ofstream(absl::StrCat(path, "/", file)) << "text";
      manifest.files.push_back({file, 4, Sha256Hex("text")});
    }
    std::ofstream(path + "/manifest.json") << WriteManifest(manifest);
    return name;
  }
  // A run of apply that ended so; an empty outcome: it was killed. As apply
  // leaves it, its journal is in the manifest only where it ended.
  std::string MakeRun(int day, const std::string& outcome,
                      bool has_sql = true) const {
    const std::string name = Make(day, "", has_sql);
    auto journal = Journal::Create(
        absl::StrCat(temp_.path(), "/", name, "/", kJournalName), {});
    EXPECT_TRUE(journal.ok()) << journal.status();
    std::ofstream(absl::StrCat(temp_.path(), "/", name, "/load-1.cfg"));
    EXPECT_TRUE(journal->Load(1, 2, "load-1.cfg", Day(day)).ok());
    if (!outcome.empty()) {
      EXPECT_TRUE(journal->Stop(0, outcome, {}, {}, {}, Day(day)).ok());
    }
    return name;
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(temp_.path())) {
      if (entry.is_directory()) names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  PruneReport Run() const {
    auto report = Prune(options_);
    EXPECT_TRUE(report.ok()) << report.status();
    EXPECT_TRUE(report->status.ok()) << report->status;
    return *std::move(report);
  }

  TempDir temp_;
  PruneOptions options_;
};

// Of runs, too; each kind has its own count.
TEST_F(PruneTest, EachKindHasItsOwnCount) {
  const std::string by_backup(kMadeByBackup);
  Make(1, by_backup);
  Make(2, by_backup);
  Make(3, by_backup, /*has_sql=*/false);
  MakeRun(4, "verified");
  MakeRun(5, "verified");
  MakeRun(6, "nothing changed");
  MakeRun(7, "nothing changed", /*has_sql=*/false);
  Make(8, by_backup, true, "beta");
  const PruneReport report = Run();
  std::vector<std::string> told;
  for (const JudgedBackup& judged : report.judged) {
    told.push_back(absl::StrCat(judged.backup.name, ": ",
                                absl::StrJoin(judged.why, ", ")));
  }
  EXPECT_THAT(
      told,
      ElementsAre("beta-20261108T000000Z: last", "lab-20261102T000000Z: last",
                  "lab-20261101T000000Z: ", "lab-20261103T000000Z: last",
                  "lab-20261106T000000Z: last",
                  "lab-20261105T000000Z: last applied",
                  "lab-20261104T000000Z: ", "lab-20261107T000000Z: last"));
  EXPECT_THAT(report.removed,
              ElementsAre(temp_.path() + "/lab-20261101T000000Z",
                          temp_.path() + "/lab-20261104T000000Z"));
  EXPECT_EQ(Names().size(), 6u);
}

TEST_F(PruneTest, RunsThatDidNotEndWellAndRestoresStay) {
  const std::string killed = MakeRun(1, "");
  const std::string partial = MakeRun(2, "partial");
  const std::string restored = Make(3, "assocsync restore");
  const std::string noted = MakeRun(4, "verified");
  std::ofstream(absl::StrCat(temp_.path(), "/", noted, "/notes")) << "mine";
  const std::string none = Make(5, "");  // Without a journal.
  MakeRun(6, "verified");
  MakeRun(7, "verified");
  const PruneReport report = Run();
  std::vector<std::string> told;
  for (const PruneReport::LeftAlone& left : report.left_alone) {
    told.push_back(absl::StrCat(left.backup.name, ": ", left.why));
  }
  EXPECT_THAT(
      told,
      ElementsAre(none + ": it did not come to its end",
                  noted + ": holds notes, of which its manifest does not tell",
                  restored + ": of restore",
                  partial + ": it did not end well: partial",
                  killed + ": it did not come to its end"));
  EXPECT_THAT(report.removed,
              ElementsAre(temp_.path() + "/lab-20261106T000000Z"));
}

TEST_F(PruneTest, ADryRunWritesNothing) {
  Make(1, std::string(kMadeByBackup));
  Make(2, std::string(kMadeByBackup));
  options_.dry_run = true;
  const PruneReport report = Run();
  EXPECT_TRUE(report.judged[1].why.empty());
  EXPECT_THAT(report.removed, IsEmpty());
  EXPECT_EQ(std::distance(fs::directory_iterator(temp_.path()), {}), 2);
}

TEST_F(PruneTest, OfOneCluster) {
  for (const char* cluster : {"lab", "beta"}) {
    Make(1, std::string(kMadeByBackup), true, cluster);
    Make(2, std::string(kMadeByBackup), true, cluster);
  }
  options_.cluster = "beta";
  Run();
  EXPECT_THAT(Names(),
              ElementsAre("beta-20261102T000000Z", "lab-20261101T000000Z",
                          "lab-20261102T000000Z"));
}

TEST_F(PruneTest, NotWhileAnApplyRuns) {
  Make(1, std::string(kMadeByBackup));
  Make(2, std::string(kMadeByBackup));
  const auto lock = FileLock::Acquire(temp_.path() + "/apply.lock");
  ASSERT_TRUE(lock.ok());
  EXPECT_THAT(std::string(Prune(options_).status().message()),
              HasSubstr("another apply or backup is running"));
  EXPECT_EQ(Names().size(), 2u);
}

TEST_F(PruneTest, AFolderThatIsNotThereIsNotMade) {
  options_.backup_dir = temp_.path() + "/none";
  EXPECT_TRUE(absl::IsNotFound(Prune(options_).status()));
  EXPECT_FALSE(fs::exists(options_.backup_dir));
}

}  // namespace assocsync::prune_test
