#include "engine/backup/backup_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "engine/backup/backup_list.h"
#include "engine/backup/keep_backups.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::backup_folder_test {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class BackupFolderTest : public testing::Test {
 protected:
  BackupFolderTest() : temp_(*TempDir::Create(testing::TempDir())) {}

  std::string Dir() const { return temp_.path(); }
  // Names in the backup folder.
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(Dir())) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  // A whole backup of day `day`, whose manifest `edit` may change.
  std::string Make(
      int day, const std::function<void(Manifest*)>& edit = [](Manifest*) {}) {
    Manifest manifest;
    manifest.created =
        absl::FromCivil(absl::CivilDay(2026, 11, day), absl::UTCTimeZone());
    manifest.cluster = "lab";
    manifest.made_by = std::string(kMadeByBackup);
    auto folder = StagedFolder::Create(Dir());
    EXPECT_TRUE(folder.ok()) << folder.status();
    manifest.files = {*folder->Write("tree.cfg", "text")};
    edit(&manifest);
    EXPECT_TRUE(folder->Write(kManifestName, WriteManifest(manifest)).ok());
    const auto path = folder->Publish(RunFolderName("lab", manifest.created));
    EXPECT_TRUE(path.ok()) << path.status();
    return *path;
  }

  // What the rules of lab's backups remove.
  absl::StatusOr<std::vector<std::string>> KeepLast(
      int n, const std::string& newest) const {
    KeepRules rules;
    rules.last = n;
    return KeepByRules(
        Dir(), "lab", rules,
        {absl::FromUnixSeconds(2'000'000'000), absl::UTCTimeZone()}, newest);
  }

  TempDir temp_;
};

constexpr char kDay1[] = "lab-20261101T000000Z";
constexpr char kDay2[] = "lab-20261102T000000Z";
constexpr char kDay3[] = "lab-20261103T000000Z";

TEST_F(BackupFolderTest, NothingHasTheNameBeforeItIsPublished) {
  {
    auto folder = StagedFolder::Create(Dir());
    ASSERT_TRUE(folder.ok());
    ASSERT_TRUE(folder->Write("tree.cfg", "text").ok());
    struct stat st;
    ASSERT_EQ(stat(folder->path().c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777, 0700u);
    ASSERT_EQ(stat((folder->path() + "/tree.cfg").c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777, 0600u);
    ASSERT_EQ(Names().size(), 1u);
    EXPECT_EQ(Names()[0][0], '.');
  }
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(BackupFolderTest, TwoOfOneSecondBothStay) {
  ASSERT_EQ(mkdir((Dir() + "/" + kDay1).c_str(), 0700), 0);  // Not ours.
  EXPECT_EQ(Make(1), absl::StrCat(Dir(), "/", kDay1, "-2"));
  EXPECT_EQ(Make(1), absl::StrCat(Dir(), "/", kDay1, "-3"));
  EXPECT_TRUE(fs::is_empty(Dir() + "/" + kDay1));
}

TEST_F(BackupFolderTest, LeftoversOfKilledRunsGoAndNothingElse) {
  const TempDir elsewhere = *TempDir::Create(testing::TempDir());
  ASSERT_TRUE(WriteFileAtomic(elsewhere.path() + "/precious", "x").ok());
  const std::string unfinished = Dir() + "/.assocsync-unfinished-";
  fs::create_directory(unfinished + "abcdef");
  ASSERT_TRUE(WriteFileAtomic(unfinished + "abcdef/lab.sql.zst", "x").ok());
  fs::create_symlink(elsewhere.path(), unfinished + "abcdef/link");
  fs::create_symlink(elsewhere.path(), unfinished + "link");
  ASSERT_TRUE(WriteFileAtomic(unfinished + "file", "x").ok());
  fs::create_directory(Dir() + "/.other");
  const std::string backup = Make(1);
  RemoveLeftovers(Dir());
  EXPECT_THAT(Names(),
              ElementsAre(".assocsync-unfinished-file",
                          ".assocsync-unfinished-link", ".other", kDay1));
  EXPECT_TRUE(fs::exists(elsewhere.path() + "/precious"));
}

TEST_F(BackupFolderTest, TheOldestGo) {
  Make(2);
  Make(1);
  const std::string newest = Make(3);
  const auto removed = KeepLast(2, newest);
  ASSERT_TRUE(removed.ok()) << removed.status();
  EXPECT_THAT(*removed, ElementsAre(absl::StrCat(Dir(), "/", kDay1)));
  EXPECT_THAT(Names(), ElementsAre(kDay2, kDay3));
  EXPECT_THAT(*KeepLast(2, newest), IsEmpty());
  EXPECT_THAT(*KeepLast(5, newest), IsEmpty());
}

// Backups of the trees alone are counted apart: none of them pushes out a dump.
TEST_F(BackupFolderTest, EachKindHasItsOwnCount) {
  const auto with_sql = [](Manifest* m) {
    m->files.push_back(m->files[0]);
    m->files.back().name = "db.sql.zst";
  };
  const auto full = [&](int day) {
    const std::string path = Make(day, with_sql);
    EXPECT_TRUE(fs::copy_file(path + "/tree.cfg", path + "/db.sql.zst"));
    return path;
  };
  const std::string first = full(1), second = full(2);
  const std::string third = Make(3), fourth = Make(4), fifth = Make(5);
  EXPECT_THAT(*KeepLast(1, fifth), ElementsAre(first, third, fourth));
  EXPECT_TRUE(fs::exists(second));
  EXPECT_THAT(*KeepLast(1, full(6)), ElementsAre(second));
  EXPECT_TRUE(fs::exists(fifth));
}

TEST_F(BackupFolderTest, TheOneJustMadeStaysWhateverTheClockSays) {
  Make(2);
  Make(3);
  const std::string newest = Make(1);
  ASSERT_TRUE(KeepLast(1, newest).ok());
  EXPECT_THAT(Names(), ElementsAre(kDay1));
}

TEST_F(BackupFolderTest, WhatIsNoWholeBackupIsNeitherCountedNorTouched) {
  const TempDir elsewhere = *TempDir::Create(testing::TempDir());
  fs::rename(Make(1), Dir() + "/golden");           // Renamed.
  fs::rename(Make(1), elsewhere.path() + "/real");  // A symlink to one.
  fs::create_symlink(elsewhere.path() + "/real", Dir() + "/" + kDay1);
  Make(4, [](Manifest* m) { m->made_by.clear(); });         // A run of apply.
  Make(5, [](Manifest* m) { m->cluster = "other"; });       // Another cluster.
  Make(6, [](Manifest* m) { m->files[0].bytes = 5; });      // Cut short.
  Make(7, [](Manifest* m) { m->files[0].name = "gone"; });  // Lacks a file.
  ASSERT_TRUE(WriteFileAtomic(Make(8) + "/notes", "x").ok());  // Got one.
  fs::remove(Make(9) + "/manifest.json");
  ASSERT_TRUE(WriteFileAtomic(Make(10) + "/manifest.json", "{").ok());
  fs::create_directory(Dir() + "/lab-20261111T000000Z");
  ASSERT_TRUE(WriteFileAtomic(Dir() + "/lab-20261112T000000Z", "x").ok());
  const std::vector<std::string> foreign = Names();
  const std::string old = Make(2);
  const std::string newest = Make(3);
  ASSERT_EQ(mkfifo((Dir() + "/pipe").c_str(), 0600), 0);
  fs::create_directory(Dir() + "/mine");
  const auto list = ListBackups(Dir());
  ASSERT_TRUE(list.ok()) << list.status();
  std::vector<std::string> told;
  for (const FoundBackup& found : list->backups) {
    told.push_back(absl::StrCat(found.name, " by ", found.MadeBy(), ": ",
                                WhyLeftAlone(found)));
  }
  EXPECT_THAT(
      told,
      ElementsAre(
          "lab-20261111T000000Z by : it has no manifest.json: a run that was "
          "killed, or runs now",
          "lab-20261110T000000Z by : manifest.json: not JSON",
          "lab-20261109T000000Z by : it has no manifest.json: a run that was "
          "killed, or runs now",
          "lab-20261108T000000Z by backup: holds notes, of which its manifest "
          "does not tell",
          "lab-20261107T000000Z by backup: gone is missing",
          "lab-20261106T000000Z by backup: tree.cfg has 4 bytes, not 5",
          "lab-20261105T000000Z by backup: renamed",
          "lab-20261104T000000Z by apply: ",
          absl::StrCat(kDay3, " by backup: "),
          absl::StrCat(kDay2, " by backup: "), "golden by backup: renamed"));
  std::vector<std::string> others;
  for (const BackupList::Other& other : list->others) {
    others.push_back(absl::StrCat(other.name, ": ", other.what));
  }
  EXPECT_THAT(others, ElementsAre(absl::StrCat(kDay1, ": a symlink"),
                                  "lab-20261112T000000Z: a file",
                                  "mine: a folder without manifest.json",
                                  "pipe: neither file nor folder"));
  fs::remove(Dir() + "/pipe");
  fs::remove(Dir() + "/mine");
  const auto removed = KeepLast(1, newest);
  ASSERT_TRUE(removed.ok()) << removed.status();
  EXPECT_THAT(*removed, ElementsAre(old));
  fs::remove_all(newest);
  EXPECT_EQ(Names(), foreign);
  EXPECT_TRUE(fs::exists(elsewhere.path() + "/real/tree.cfg"));
}

}  // namespace assocsync::backup_folder_test
