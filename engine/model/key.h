// The key table: the only place where an option of Slurm is spelled. Parser,
// writer, planner, model and help loop over it.
#ifndef ASSOCSYNC_ENGINE_MODEL_KEY_H_
#define ASSOCSYNC_ENGINE_MODEL_KEY_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace assocsync {

// In the order in which `sacctmgr dump` writes them (slurm-facts 2.2): Fields
// sort by this, and so does every line that the writer makes.
enum class Key : uint8_t {
  // Cluster record.
  kClassification,
  // Account record.
  kDescription,
  kOrganization,
  // User record; repeated by dump on every line of the user.
  kDefaultAccount,
  kDefaultWckey,
  kAdminLevel,
  kCoordinator,
  kWckeys,
  // Association row of a user (23.02+).
  kComment,
  // Association row: the limits.
  kDefaultQos,
  kFairshare,
  kGrpTresMins,
  kGrpTresRunMins,
  kGrpTres,
  kGrpJobs,
  kGrpJobsAccrue,
  kGrpSubmitJobs,
  kGrpWall,
  kMaxTresMinsPerJob,
  kMaxTresRunMins,
  kMaxTresPerJob,
  kMaxTresPerNode,
  kMaxJobs,
  kMaxJobsAccrue,
  kMaxSubmitJobs,
  kMaxWallDurationPerJob,
  kMinPrioThresh,
  kPriority,
  kQos,
  // QOS definitions (lines of 25.05+).
  kQosDescription,
  kQosFlags,
  kQosGraceTime,
  kQosGrpJobsAccrue,
  kQosGrpJobs,
  kQosGrpSubmitJobs,
  kQosGrpTres,
  kQosGrpTresMins,
  kQosGrpTresRunMins,
  kQosGrpWall,
  kQosLimitFactor,
  kQosMaxJobsPa,
  kQosMaxJobsPu,
  kQosMaxJobsAccruePa,
  kQosMaxJobsAccruePu,
  kQosMaxSubmitJobsPa,
  kQosMaxSubmitJobsPu,
  kQosMaxTresMinsPerJob,
  kQosMaxTresPerAccount,
  kQosMaxTresPerJob,
  kQosMaxTresPerNode,
  kQosMaxTresPerUser,
  kQosMaxTresRunMinsPerAccount,
  kQosMaxTresRunMinsPerUser,
  kQosMaxWallDurationPerJob,
  kQosMinPrioThresh,
  kQosMinTresPerJob,
  kQosPreempt,
  kQosPreemptMode,
  kQosPreemptExemptTime,
  kQosPriority,
  kQosUsageFactor,
  kQosUsageThreshold,
};
inline constexpr int kKeyCount = static_cast<int>(Key::kQosUsageThreshold) + 1;

// How a value parses and what its canonical text is (value.h).
enum class Kind : uint8_t {
  kText,        // Free text: lower case, quote characters become backticks.
  kName,        // One name.
  kNames,       // Set of names: sorted, joined by commas.
  kAdminLevel,  // "Operator" or "Administrator"; None is absence.
  kClassification,
  kCount,      // 0 .. 2^31-1.
  kFairshare,  // A count or "parent"; absence is 1.
  kMinutes,    // Minutes as a count.
  kSeconds,    // Seconds as a count.
  kTres,       // Set of item=count, sorted by item; mem in MB.
  kQosList,    // Set of names (the row's own list), or of +name / -name.
  kFlags,      // Set of QOS flags, sorted.
  kPreemptMode,
  kFactor,  // A decimal number.
};

// What a key belongs to.
enum class Scope : uint8_t {
  kCluster,
  kAccount,    // The account's record, shared by all clusters.
  kUser,       // The user's record (defaults are per cluster).
  kUserAssoc,  // A user's association row.
  kAssoc,      // Any association row, the cluster's root row included.
  kQos,
};

// How sacctmgr takes a value away (slurm-facts 4.6).
enum class Clear : uint8_t {
  kNever,         // It cannot: such a difference is a finding.
  kMinusOne,      // K=-1
  kEachMinusOne,  // K=item=-1 for every item (TRES)
  kEmpty,         // K=
  kWord,          // K=None (AdminLevel)
  kElsewhere,     // By a command of its own (coordinators, WCKeys, defaults)
};

struct KeyInfo {
  Key key;
  Scope scope;
  absl::string_view name;  // Canonical spelling, and the word after `set`.
  uint8_t least;           // Least length of an abbreviation of `name`.
  Kind kind;
  Clear clear;
  absl::string_view column;  // In CLUSTER_assoc_table, acct_table, user_table,
                             // cluster_table or qos_table; empty: no column.
  // First release that knows the key, as 2302 for 23.02; 0: all.
  uint16_t since = 0;
  // The word after `set`, where not all of them know `name`.
  absl::string_view set_word = "";
  absl::string_view word() const { return set_word.empty() ? name : set_word; }
};

// A spelling that means a key of the table. With `tres`, the value is the count
// of that one TRES: `GrpCPUs=4` is `GrpTRES=cpu=4`.
struct KeyAlias {
  absl::string_view name;
  uint8_t least;
  Key key;
  absl::string_view tres = "";
};

// A word of a value that is made of given words: flags, modes, levels.
struct WordInfo {
  Key key;
  absl::string_view word;  // Canonical spelling.
  // In the database (slurm-facts 6.2): the bit of a flag or mode, the number of
  // a level or class.
  uint32_t stored;
  uint8_t place = 0;  // Of a flag: where dump prints it (slurm-facts 6.2).
  // First release that takes it, as KeyInfo::since, and of that series its
  // first point release.
  uint16_t since = 0;
  uint8_t point = 0;
};

// One row per Key, in the order of Key.
absl::Span<const KeyInfo> AllKeys();
absl::Span<const KeyAlias> AllAliases();
// Of each key in the order of the words.
absl::Span<const WordInfo> AllWords();

// The words of `key` whose bits are in `bits`, in the order of the table; the
// other bits are left in it.
std::vector<absl::string_view> TakeWords(Key key, uint64_t* bits);
// The level or class that is stored as `number`; empty: there is none.
absl::string_view WordOfNumber(Key key, uint64_t number);
// Of a Classification in the database: it is classified (a * before the word).
inline constexpr uint64_t kClassified = 0x100;
// Of a PreemptMode there: an explicit off, for which sacctmgr has no word; dump
// prints `unknown`.
inline constexpr uint64_t kExplicitOff = 0x10;

const KeyInfo& Info(Key key);

// What an option word of a file means: case-insensitive, abbreviations down to
// the least length. Where several spellings fit, an exact one wins.
struct KeyMatch {
  enum class Result { kFound, kUnknown, kAmbiguous, kIgnored } result;
  Key key = Key::kClassification;
  absl::string_view tres;  // As in KeyAlias.
  // kUnknown: the nearest spelling, kAmbiguous: the other one. May be empty.
  absl::string_view other;
};
// `qos_line`: the keys of QOS lines; otherwise those of all other lines, which
// share one set (slurm-facts 1.4). kIgnored: `Parent=`, which load reads and
// ignores. `Partition` is no Key (it is part of a row's name): the parser asks
// IsPartitionWord first. Not fast: the parser remembers each word's match.
KeyMatch FindKey(absl::string_view word, bool qos_line);
bool IsPartitionWord(absl::string_view word);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_MODEL_KEY_H_
