#include "engine/apply/row_history.h"

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/backup/manifest.h"
#include "engine/io/digest.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::row_history_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kNoAnn[] =
    "Cluster - 'lab':Fairshare=1\nParent - 'root'\n"
    "User - 'root':DefaultAccount='root':AdminLevel='Administrator':"
    "Fairshare=1\nAccount - 'bio':Description='b':Organization='b':"
    "Fairshare=1\n";

std::string WithAnn(const std::string& more) {
  return absl::StrCat(kNoAnn, "Parent - 'bio'\nUser - 'ann':DefaultAccount='",
                      "bio':Fairshare=1", more, "\n");
}

class RowHistoryTest : public testing::Test {
 protected:
  RowHistoryTest() {
    options_.backup_dir = dir_.path();
    options_.damaged = [this](const absl::Status& status) {
      damaged_.emplace_back(status.message());
    };
  }
  // A folder as backup leaves it, or (with `after`) a run of apply.
  void Put(const std::string& name, int64_t time, const std::string& tree,
           const std::string& after = "", const std::string& cluster = "lab") {
    const std::string folder = absl::StrCat(dir_.path(), "/", name);
    std::filesystem::create_directory(folder);
    Manifest manifest;
    manifest.created = absl::FromUnixSeconds(time);
    manifest.cluster = cluster;
    const auto add = [&](const std::string& file, const std::string& text) {
      ASSERT_TRUE(WriteFileAtomic(folder + "/" + file, text).ok());
      manifest.files.push_back({file, text.size(), Sha256Hex(text)});
    };
    if (after.empty()) {
      manifest.made_by = std::string(kMadeByBackup);
      manifest.trees = {{cluster, "tree.cfg"}};
      add("tree.cfg", tree);
    } else {
      add("before.cfg", tree);
      add("after.cfg", after);
    }
    ASSERT_TRUE(
        WriteFileAtomic(folder + "/manifest.json", WriteManifest(manifest))
            .ok());
  }
  // "folder/file: change; change" of each entry.
  std::vector<std::string> Told(const std::string& word) {
    const auto row = HistoryRow::Parse(word);
    EXPECT_TRUE(row.ok()) << row.status();
    const auto saved = ReadSavedTrees(*row, options_);
    EXPECT_TRUE(saved.ok()) << saved.status();
    if (!saved.ok()) return {};
    trees_ = saved->trees.size();
    std::vector<std::string> told;
    for (const HistoryEntry& entry : HistoryOf(saved->trees)) {
      std::vector<std::string> changes;
      for (const Change& change : entry.changes) {
        changes.push_back(change.ToString());
      }
      if (!entry.there) changes.push_back("not there");
      told.push_back(absl::StrCat(
          std::filesystem::path(entry.at->folder).filename().string(), "/",
          entry.at->file, ": ", absl::StrJoin(changes, "; ")));
    }
    return told;
  }

  TempDir dir_ = *TempDir::Create(testing::TempDir());
  HistoryOptions options_;
  std::vector<std::string> damaged_;
  size_t trees_ = 0;
};

TEST_F(RowHistoryTest, OnlyWhatChangedOldestFirst) {
  Put("d", 400, WithAnn(":MaxJobs=8"));
  Put("a", 100, kNoAnn);
  Put("b", 200, WithAnn(":MaxJobs=4"));
  Put("c", 300, WithAnn(":MaxJobs=4"));
  Put("e", 500, WithAnn(":MaxJobs=8"), kNoAnn);
  EXPECT_THAT(Told("bio/ann"),
              ElementsAre("a/tree.cfg: not there",
                          "b/tree.cfg: + association bio/ann MaxJobs (not "
                          "set) -> 4",
                          "d/tree.cfg: ~ association bio/ann MaxJobs 4 -> 8",
                          "e/after.cfg: - association bio/ann MaxJobs 8 -> "
                          "(not set); not there"));
  EXPECT_EQ(trees_, 6u);
  EXPECT_THAT(damaged_, IsEmpty());
  EXPECT_THAT(Told("user=ann"), SizeIs(4));
  EXPECT_THAT(Told("account=bio"),
              ElementsAre(HasSubstr("a/tree.cfg: + account bio ")));
  options_.since = absl::FromUnixSeconds(250);
  options_.until = absl::FromUnixSeconds(450);
  EXPECT_THAT(Told("BIO/ann"),
              ElementsAre(HasSubstr("c/tree.cfg: + association bio/ann"),
                          HasSubstr("d/tree.cfg: ~ association bio/ann")));
}

TEST_F(RowHistoryTest, WhatIsDamagedIsToldAndPassedOver) {
  Put("a", 100, kNoAnn);
  Put("b", 200, WithAnn(""));
  Put("c", 300, kNoAnn);
  Put("d", 400, WithAnn(""));
  ASSERT_TRUE(WriteFileAtomic(dir_.path() + "/b/tree.cfg", kNoAnn).ok());
  ASSERT_TRUE(WriteFileAtomic(dir_.path() + "/c/manifest.json", "{").ok());
  std::filesystem::create_directory(dir_.path() + "/somebodys");
  ASSERT_TRUE(WriteFileAtomic(dir_.path() + "/file", "x").ok());
  EXPECT_THAT(Told("bio/ann"),
              ElementsAre("a/tree.cfg: not there",
                          HasSubstr("d/tree.cfg: + association bio/ann")));
  EXPECT_THAT(damaged_, ElementsAre(HasSubstr("/c"), HasSubstr("b/tree.cfg")));
}

TEST_F(RowHistoryTest, WhichCluster) {
  Put("a", 100, kNoAnn);
  const auto row = HistoryRow::Parse("bio/ann");
  options_.cluster = "nowhere";
  EXPECT_EQ(ReadSavedTrees(*row, options_).status().code(),
            absl::StatusCode::kNotFound);
  options_.cluster = "";
  Put("b", 200, kNoAnn, "", "two");
  const auto two = ReadSavedTrees(*row, options_);
  EXPECT_EQ(two.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(two.status().message()),
              HasSubstr("--cluster lab, --cluster two"));
  options_.cluster = "lab";
  EXPECT_THAT(Told("bio/ann"), SizeIs(1));
  options_.backup_dir = "/nowhere";
  EXPECT_EQ(ReadSavedTrees(*row, options_).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(HistoryRowTest, Words) {
  for (const char* word : {"", "/", "bio/", "/ann", "user=", "qos=", "user=a*",
                           "color=red", "account=b?"}) {
    EXPECT_EQ(HistoryRow::Parse(word).status().code(),
              absl::StatusCode::kInvalidArgument)
        << word;
  }
  for (const char* word : {"bio", "bio/ann", "bio/ann@debug", "account=bio",
                           "user=ann", "user=ann@bio", "qos=long"}) {
    EXPECT_TRUE(HistoryRow::Parse(word).ok()) << word;
  }
}

}  // namespace assocsync::row_history_test
