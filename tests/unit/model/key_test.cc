// The key table, and what words of a file it takes for which key (slurm-facts
// 1.4, 1.5).
#include "engine/model/key.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"

namespace assocsync::key_test {

// "GrpTRES", "GrpTRES cpu" (the count of that TRES), "ignored Parent",
// "unknown, like MaxJobs", "MaxJobs or MaxJobsAccrue".
std::string Found(absl::string_view word, bool qos_line) {
  const KeyMatch match = FindKey(word, qos_line);
  switch (match.result) {
    case KeyMatch::Result::kFound:
      return absl::StrCat(Info(match.key).name, match.tres.empty() ? "" : " ",
                          match.tres);
    case KeyMatch::Result::kIgnored:
      return absl::StrCat("ignored ", match.other);
    case KeyMatch::Result::kUnknown:
      return absl::StrCat("unknown", match.other.empty() ? "" : ", like ",
                          match.other);
    case KeyMatch::Result::kAmbiguous:
      break;
  }
  return absl::StrCat("could be ", match.other);
}

struct Case {
  const char* word;
  const char* want;
};

TEST(KeyTest, WordsOfClusterAccountAndUserLines) {
  constexpr Case kCases[] = {
      {"MaxJobs", "MaxJobs"},
      {"maxjobs", "MaxJobs"},
      {"MAXJ", "MaxJobs"},
      {"MaxJobsAccrue", "MaxJobsAccrue"},
      {"MaxJobsA", "MaxJobsAccrue"},
      {"MaxW", "MaxWallDurationPerJob"},
      {"MaxWall", "MaxWallDurationPerJob"},
      {"MaxS", "MaxSubmitJobs"},
      {"F", "Fairshare"},
      {"Shares", "Fairshare"},
      {"s", "Fairshare"},
      {"Q", "QOS"},
      {"QosLevel", "QOS"},
      {"o", "Organization"},
      {"Des", "Description"},
      {"DefaultA", "DefaultAccount"},
      {"DefaultQ", "DefaultQOS"},
      {"DefaultW", "DefaultWCKey"},
      {"WC", "WCKeys"},
      {"Ad", "AdminLevel"},
      {"Co", "Coordinator"},
      {"Com", "Comment"},
      {"Cl", "Classification"},
      {"Pr", "Priority"},
      {"GrpTRES", "GrpTRES"},
      {"GrpTRESM", "GrpTRESMins"},
      {"GrpTRESRunMins", "GrpTRESRunMins"},
      {"GrpW", "GrpWall"},
      // Counts of one TRES, from before there were TRES.
      {"GrpCPUs", "GrpTRES cpu"},
      {"GrpCPUMins", "GrpTRESMins cpu"},
      {"GrpCPURunMins", "GrpTRESRunMins cpu"},
      {"GrpMem", "GrpTRES mem"},
      {"GrpNodes", "GrpTRES node"},
      {"MaxCPUsPerJob", "MaxTRESPerJob cpu"},
      {"MaxCPUMinsPerJob", "MaxTRESMinsPerJob cpu"},
      {"MaxCPURunMins", "MaxTRESRunMins cpu"},
      {"MaxNodes", "MaxTRESPerJob node"},
      // Names of 24.05 and later.
      {"MaxTRES", "MaxTRESPerJob"},
      {"MaxTRESPJ", "MaxTRESPerJob"},
      {"MaxTRESPN", "MaxTRESPerNode"},
      {"MaxTRESMinsPJ", "MaxTRESMinsPerJob"},
      // load reads it and does nothing.
      {"Parent", "ignored Parent"},
      {"par", "ignored Parent"},
      {"Pa", "could be Parent"},
      // Not there, or of another line.
      {"MaxJbos", "unknown, like MaxJobs"},
      {"Fairshares", "unknown, like Fairshare"},
      {"colour", "unknown"},
      {"GraceTime", "unknown"},
  };
  for (const Case& c : kCases) EXPECT_EQ(Found(c.word, false), c.want);
}

TEST(KeyTest, WordsOfQosLines) {
  constexpr Case kCases[] = {
      {"Description", "Description"},
      {"d", "Description"},
      {"Fl", "Flags"},
      {"Gra", "GraceTime"},
      {"Pri", "Priority"},
      {"Preempt", "Preempt"},
      {"PreemptMode", "PreemptMode"},
      {"PreemptM", "PreemptMode"},
      {"PreemptExemptTime", "PreemptExemptTime"},
      {"UsageFactor", "UsageFactor"},
      {"UsageT", "UsageThreshold"},
      {"LimitF", "LimitFactor"},
      {"MaxJobsPU", "MaxJobsPU"},
      {"MaxJobsPerUser", "MaxJobsPU"},
      {"MaxJ", "MaxJobsPU"},
      {"MaxJobsPA", "MaxJobsPA"},
      {"MaxJobsPerAccount", "MaxJobsPA"},
      {"MaxJobsAccruePerAccount", "MaxJobsAccruePA"},
      {"MaxSubmitJobsPerUser", "MaxSubmitJobsPU"},
      {"MaxTRESPU", "MaxTRESPerUser"},
      {"MaxTRESPA", "MaxTRESPerAccount"},
      {"MaxTRESRunMinsPerAcct", "MaxTRESRunMinsPerAccount"},
      {"MaxCPUsPU", "MaxTRESPerUser cpu"},
      {"MaxNodesPerUser", "MaxTRESPerUser node"},
      {"MinCPUsPerJob", "MinTRESPerJob cpu"},
      // There are none of these on such a line.
      {"QOS", "unknown"},
      {"Parent", "unknown"},
  };
  for (const Case& c : kCases) EXPECT_EQ(Found(c.word, true), c.want);
}

TEST(KeyTest, PartitionIsPartOfTheRowsName) {
  for (const char* word : {"Partition", "partition", "P", "part"}) {
    EXPECT_TRUE(IsPartitionWord(word)) << word;
  }
  for (const char* word : {"", "Pa", "Partitions", "Parent", "Priority"}) {
    EXPECT_FALSE(IsPartitionWord(word)) << word;
  }
}

// What loops over the table relies on.
TEST(KeyTest, TheTable) {
  ASSERT_EQ(AllKeys().size(), static_cast<size_t>(kKeyCount));
  std::map<bool, std::set<std::string>> names;
  std::set<std::pair<Scope, std::string>> columns;
  for (size_t i = 0; i < AllKeys().size(); ++i) {
    const KeyInfo& info = AllKeys()[i];
    const bool of_qos = info.scope == Scope::kQos;
    EXPECT_EQ(static_cast<size_t>(info.key), i) << info.name;
    EXPECT_EQ(&Info(info.key), &info);
    EXPECT_LE(info.least, info.name.size()) << info.name;
    EXPECT_TRUE(names[of_qos].insert(absl::AsciiStrToLower(info.name)).second)
        << info.name;
    if (!info.column.empty()) {
      EXPECT_TRUE(columns.emplace(info.scope, info.column).second)
          << info.column;
    }
    EXPECT_EQ(info.kind == Kind::kTres, info.clear == Clear::kEachMinusOne)
        << info.name;
    // Its own name in full means it, and so does what it abbreviates to where
    // nothing else begins so.
    EXPECT_EQ(Found(info.name, of_qos), info.name);
    EXPECT_EQ(FindKey(info.name, of_qos).key, info.key);
  }
}

TEST(KeyTest, AliasesMeanKeysOfTheSameLine) {
  for (const KeyAlias& alias : AllAliases()) {
    const bool of_qos = Info(alias.key).scope == Scope::kQos;
    EXPECT_EQ(FindKey(alias.name, of_qos).key, alias.key) << alias.name;
    EXPECT_EQ(alias.tres.empty() || Info(alias.key).kind == Kind::kTres, true)
        << alias.name;
  }
}

std::string Taken(Key key, uint64_t bits) {
  const std::vector<absl::string_view> words = TakeWords(key, &bits);
  return absl::StrCat(absl::StrJoin(words, ","), bits == 0 ? "" : " and ",
                      bits == 0 ? "" : absl::StrCat(bits));
}

// slurm-facts 6.2
TEST(KeyTest, WordsThatBitsOfTheDatabaseStandFor) {
  const struct {
    Key key;
    uint64_t bits;
    const char* want;
  } kCases[] = {
      {Key::kQosFlags, 0, ""},
      {Key::kQosFlags, 64, "DenyOnLimit"},
      {Key::kQosFlags, 320, "DenyOnLimit,NoDecay"},
      {Key::kQosFlags, 1, "PartitionMinNodes"},
      {Key::kQosFlags, 1 << 10, "Relative"},
      {Key::kQosFlags, (1 << 20) + 8, "EnforceUsageThreshold and 1048576"},
      {Key::kQosPreemptMode, 2, "requeue"},
      {Key::kQosPreemptMode, 0x8001, "gang,suspend"},
      {Key::kQosPreemptMode, 0x4000 + 8, "cancel,within"},
      {Key::kQosPreemptMode, kExplicitOff, " and 16"},
      // Neither flags nor modes.
      {Key::kMaxJobs, 5, " and 5"},
  };
  for (const auto& c : kCases) EXPECT_EQ(Taken(c.key, c.bits), c.want);
}

TEST(KeyTest, WordsThatNumbersOfTheDatabaseStandFor) {
  EXPECT_EQ(WordOfNumber(Key::kAdminLevel, 2), "Operator");
  EXPECT_EQ(WordOfNumber(Key::kAdminLevel, 3), "Administrator");
  EXPECT_EQ(WordOfNumber(Key::kAdminLevel, 1), "");  // None is no level.
  EXPECT_EQ(WordOfNumber(Key::kAdminLevel, 0), "");
  EXPECT_EQ(WordOfNumber(Key::kClassification, 1), "capability");
  EXPECT_EQ(WordOfNumber(Key::kClassification, 3), "capapacity");
  EXPECT_EQ(WordOfNumber(Key::kClassification, kClassified), "");
}

// No two words of a key are one, by name or in the database.
TEST(KeyTest, WordsAreTold) {
  std::set<std::pair<Key, std::string>> words;
  std::set<std::pair<Key, uint32_t>> stored;
  for (const WordInfo& word : AllWords()) {
    EXPECT_TRUE(
        words.emplace(word.key, absl::AsciiStrToLower(word.word)).second)
        << word.word;
    EXPECT_TRUE(stored.emplace(word.key, word.stored).second) << word.word;
  }
}

}  // namespace assocsync::key_test
