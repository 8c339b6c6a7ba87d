// Retention beside restic's: a table that restic itself made
// (testdata/retention), and a model of its rules that shares no code with ours.
#include "engine/backup/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/backup/backup_folder.h"
#include "engine/backup/keep_backups.h"
#include "engine/backup/manifest.h"
#include "engine/io/dir.h"

namespace assocsync::retention_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

absl::TimeZone Berlin() {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone("Europe/Berlin", &zone));
  return zone;
}

absl::Time At(const std::string& text) {  // "2026-11-24T01:30:00Z"
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error))
      << text << error;
  return time;
}

std::string Name(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

// "keep-daily=7 keep-within=14d"
KeepRules RulesOf(absl::string_view text) {
  static const std::map<std::string, int KeepRules::*> kRules = {
      {"last", &KeepRules::last},       {"hourly", &KeepRules::hourly},
      {"daily", &KeepRules::daily},     {"weekly", &KeepRules::weekly},
      {"monthly", &KeepRules::monthly}, {"yearly", &KeepRules::yearly}};
  KeepRules rules;
  for (absl::string_view word : absl::StrSplit(text, ' ')) {
    EXPECT_TRUE(absl::ConsumePrefix(&word, "keep-")) << text;
    const std::vector<std::string> sides = absl::StrSplit(word, '=');
    if (sides[0] == "within") {
      rules.within = *ParseKeepSpan(sides[1]);
    } else {
      EXPECT_TRUE(absl::SimpleAtoi(sides[1], &(rules.*kRules.at(sides[0]))));
    }
  }
  return rules;
}

// What is kept, "TIME RULE, RULE", oldest first. `times` in any order.
std::vector<std::string> Kept(const KeepRules& rules,
                              std::vector<absl::Time> times,
                              const KeepClock& clock) {
  std::sort(times.rbegin(), times.rend());
  const auto reasons = ReasonsToKeep(rules, times, clock);
  std::vector<std::string> kept;
  for (size_t i = times.size(); i-- > 0;) {
    if (reasons[i].empty()) continue;
    kept.push_back(
        absl::StrCat(Name(times[i]), " ", absl::StrJoin(reasons[i], ", ")));
  }
  return kept;
}

// The year of nights of testdata/retention/make, judged by restic 0.14. It
// keeps no oldest one for what is left of a rule, as later ones do: its rules
// there leave nothing.
TEST(RetentionTest, KeepsWhatResticKeeps) {
  std::ifstream in(ASSOCSYNC_SOURCE_DIR "/testdata/retention/restic.txt");
  std::map<std::string, std::vector<absl::Time>> taken;  // By host.
  std::string host, rules;
  std::vector<std::string> want;
  int compared = 0;
  const auto compare = [&] {
    if (rules.empty()) return;
    EXPECT_EQ(absl::StrJoin(Kept(RulesOf(rules), taken[host],
                                 {At("2026-11-01T00:00:00Z"), Berlin()}),
                            "\n"),
              absl::StrJoin(want, "\n"))
        << host << " " << rules;
    ++compared;
    want.clear();
  };
  std::string line;
  while (std::getline(in, line)) {
    absl::string_view rest = line;
    if (absl::ConsumePrefix(&rest, "taken ")) {
      const std::vector<std::string> words = absl::StrSplit(rest, ' ');
      taken[words[0]].push_back(At(words[1]));
    } else if (absl::ConsumePrefix(&rest, "rules ")) {
      compare();
      const std::vector<std::string> words =
          absl::StrSplit(rest, absl::MaxSplits(' ', 1));
      host = words[0];
      rules = words[1];
    } else if (absl::ConsumePrefix(&rest, "keep ")) {
      want.emplace_back(rest);
    }
  }
  compare();
  EXPECT_EQ(taken.size(), 2u);
  EXPECT_GE(taken["lab"].size(), 365u);
  EXPECT_GE(compared, 20);
}

// The model: the parts of the calendar that have a backup, and of the newest n
// of them the newest backup.
std::set<absl::Time> Model(const KeepRules& rules,
                           const std::vector<absl::Time>& times,
                           absl::TimeZone zone) {
  std::set<absl::Time> kept;
  if (times.empty()) return kept;
  const absl::Time oldest = *std::min_element(times.begin(), times.end());
  const absl::Time newest = *std::max_element(times.begin(), times.end());
  const auto by_format = [&](const char* format) {
    return [=](absl::Time t) { return absl::FormatTime(format, t, zone); };
  };
  const auto by_week = [&](absl::Time t) {
    // Days since a Thursday, of the local date.
    const int64_t days = absl::ToCivilDay(t, zone) - absl::CivilDay(1970, 1, 1);
    return absl::StrCat(1'000'000 + (days + 3) / 7);
  };
  const std::pair<int, std::function<std::string(absl::Time)>> parts[] = {
      {rules.last, by_format("%E4Y%m%d%H%M%S%Ez")},
      {rules.hourly, by_format("%E4Y%m%d%H")},
      {rules.daily, by_format("%E4Y%m%d")},
      {rules.weekly, by_week},
      {rules.monthly, by_format("%E4Y%m")},
      {rules.yearly, by_format("%E4Y")}};
  for (const auto& [count, name] : parts) {
    std::map<std::string, absl::Time> newest_of;
    for (const absl::Time time : times) {
      absl::Time& best = newest_of.emplace(name(time), time).first->second;
      best = std::max(best, time);
    }
    std::set<absl::Time> all;
    for (const auto& [unused, time] : newest_of) all.insert(time);
    int left = count;
    for (auto it = all.rbegin(); it != all.rend() && left != 0; ++it) {
      kept.insert(*it);
      if (left > 0) --left;
    }
    if (left != 0) kept.insert(oldest);
  }
  if (rules.within != KeepSpan()) {  // Of days alone here.
    const absl::CivilSecond at = absl::ToCivilSecond(newest, zone);
    const absl::CivilSecond bound(at.year(), at.month(),
                                  at.day() - rules.within.days, at.hour(),
                                  at.minute(), at.second());
    for (const absl::Time time : times) {
      if (time > absl::FromCivil(bound, zone)) kept.insert(time);
    }
  }
  return kept;
}

TEST(RetentionTest, AgreesWithTheModel) {
  std::mt19937 random(20261129);
  const auto draw = [&](int most) {
    return std::uniform_int_distribution<int>(0, most)(random);
  };
  const absl::TimeZone zone = Berlin();
  for (int round = 0; round < 500; ++round) {
    KeepRules rules;
    for (int KeepRules::*rule :
         {&KeepRules::last, &KeepRules::hourly, &KeepRules::daily,
          &KeepRules::weekly, &KeepRules::monthly, &KeepRules::yearly}) {
      rules.*rule = draw(2) > 0 ? 0 : draw(15) - 1;
    }
    if (draw(3) == 0) rules.within.days = 1 + draw(60);
    // Near a change of the clock, or over years.
    const int64_t step = draw(1) == 0 ? 1500 : 86400 * (1 + draw(20));
    std::set<absl::Time> times;
    absl::Time time = At("2026-10-24T20:00:00Z") + absl::Hours(draw(5));
    for (int i = draw(120); i >= 0; --i) {
      times.insert(time);
      time += absl::Seconds(1 + draw(static_cast<int>(step)));
    }
    const std::vector<absl::Time> newest_first(times.rbegin(), times.rend());
    const auto reasons =
        ReasonsToKeep(rules, newest_first, {At("2050-01-01T00:00:00Z"), zone});
    std::set<absl::Time> kept;
    for (size_t i = 0; i < newest_first.size(); ++i) {
      if (!reasons[i].empty()) kept.insert(newest_first[i]);
    }
    ASSERT_EQ(kept, Model(rules, newest_first, zone)) << round;
  }
}

// As `backup --keep-...` does it: a backup each night, then what is old goes,
// of what is left from the nights before. On disk, with two clusters.
TEST(RetentionTest, AYearOfNights) {
  const TempDir temp = *TempDir::Create(testing::TempDir());
  const absl::TimeZone zone = Berlin();
  const KeepRules rules =
      RulesOf("keep-daily=7 keep-weekly=5 keep-monthly=12 keep-within=2d");
  std::map<std::string, std::set<absl::Time>> model;
  for (int night = 0; night < 366; ++night) {
    if (night % 37 == 5 || (night > 200 && night < 210)) continue;
    for (const char* cluster : {"lab", "beta"}) {
      if (cluster[0] == 'b' && night % 3 != 0) continue;
      const absl::Time now = absl::FromCivil(
          absl::CivilSecond(2025, 11, 1 + night, 2, 30, 0), zone);
      Manifest manifest;
      manifest.created = now;
      manifest.cluster = cluster;
      manifest.made_by = std::string(kMadeByBackup);
      manifest.files = {{"db.sql.zst", 0, std::string(64, '0')}};
      const std::string path =
          absl::StrCat(temp.path(), "/", RunFolderName(cluster, now));
      std::filesystem::create_directory(path);
      std::ofstream(path + "/db.sql.zst");
      std::ofstream(path + "/manifest.json") << WriteManifest(manifest);
      const auto removed =
          KeepByRules(temp.path(), cluster, rules, {now, zone}, path);
      ASSERT_TRUE(removed.ok()) << removed.status();
      std::set<absl::Time>& kept = model[cluster];
      kept.insert(now);
      kept = Model(rules, {kept.begin(), kept.end()}, zone);
      std::set<absl::Time> there;
      const absl::StatusOr<BackupList> list = ListBackups(temp.path());
      ASSERT_TRUE(list.ok()) << list.status();
      for (const FoundBackup& found : list->backups) {
        if (found.manifest.cluster == cluster) {
          there.insert(found.manifest.created);
        }
      }
      ASSERT_EQ(there, kept) << cluster << " night " << night;
    }
  }
  EXPECT_GE(model["lab"].size(), 20u);
  EXPECT_LE(model["lab"].size(), 24u);
}

TEST(RetentionTest, WhatIsLeftOfARuleKeepsTheOldest) {
  const std::vector<absl::Time> times = {At("2026-11-24T02:00:00Z"),
                                         At("2026-11-24T01:00:00Z"),
                                         At("2026-11-24T00:30:00Z")};
  const KeepClock clock = {At("2026-12-01T00:00:00Z"), absl::UTCTimeZone()};
  EXPECT_THAT(Kept(RulesOf("keep-daily=2"), times, clock),
              ElementsAre("2026-11-24T00:30:00Z oldest daily",
                          "2026-11-24T02:00:00Z daily"));
  EXPECT_THAT(Kept(RulesOf("keep-daily=1"), times, clock),
              ElementsAre("2026-11-24T02:00:00Z daily"));
  KeepRules all;
  all.monthly = KeepRules::kAll;
  EXPECT_THAT(Kept(all, times, clock),
              ElementsAre("2026-11-24T00:30:00Z oldest monthly",
                          "2026-11-24T02:00:00Z monthly"));
  EXPECT_THAT(Kept(all, {}, clock), IsEmpty());
}

// One that a wrong clock made in the future is no newest one.
TEST(RetentionTest, WithinCountsFromTheNewestThatIsNotInTheFuture) {
  const std::vector<absl::Time> times = {
      At("2036-01-01T00:00:00Z"), At("2026-11-24T00:00:00Z"),
      At("2026-11-17T00:00:01Z"), At("2026-11-17T00:00:00Z")};
  EXPECT_THAT(Kept(RulesOf("keep-within=7d"), times,
                   {At("2026-12-24T00:00:00Z"), absl::UTCTimeZone()}),
              ElementsAre("2026-11-17T00:00:01Z within 7d",
                          "2026-11-24T00:00:00Z within 7d",
                          "2036-01-01T00:00:00Z within 7d"));
}

TEST(RetentionTest, Spans) {
  EXPECT_EQ(ParseKeepSpan("2y5m7d3h")->ToString(), "2y5m7d3h");
  EXPECT_EQ(ParseKeepSpan("36h")->hours, 36);
  EXPECT_EQ(ParseKeepSpan("7d1y")->ToString(), "1y7d");
  for (const char* bad : {"", "0d", "7", "d", "1w", "-1d", "1d1d", "1 d", "1d ",
                          "99999999999d", "1001y", "1.5d", "+1d"}) {
    EXPECT_FALSE(ParseKeepSpan(bad).ok()) << bad;
  }
}

}  // namespace assocsync::retention_test
