#include "engine/model/key.h"

#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "engine/base/edit_distance.h"

namespace assocsync {
namespace {

// Spellings and least lengths: slurm-facts 1.4 and 1.5; columns: 6.2. Where an
// abbreviation differs by release (MaxTRES), the newest is here: it takes all
// that the older ones take.
constexpr KeyInfo kKeys[] = {
    {Key::kClassification, Scope::kCluster, "Classification", 2,
     Kind::kClassification, Clear::kNever, "classification"},
    {Key::kDescription, Scope::kAccount, "Description", 3, Kind::kText,
     Clear::kEmpty, "description"},
    {Key::kOrganization, Scope::kAccount, "Organization", 1, Kind::kText,
     Clear::kEmpty, "organization"},
    {Key::kDefaultAccount, Scope::kUser, "DefaultAccount", 8, Kind::kName,
     Clear::kElsewhere, "is_def"},
    {Key::kDefaultWckey, Scope::kUser, "DefaultWCKey", 8, Kind::kName,
     Clear::kElsewhere, ""},
    {Key::kAdminLevel, Scope::kUser, "AdminLevel", 2, Kind::kAdminLevel,
     Clear::kWord, "admin_level"},
    {Key::kCoordinator, Scope::kUser, "Coordinator", 2, Kind::kNames,
     Clear::kElsewhere, ""},
    {Key::kWckeys, Scope::kUser, "WCKeys", 2, Kind::kNames, Clear::kElsewhere,
     ""},
    {Key::kComment, Scope::kUserAssoc, "Comment", 3, Kind::kText, Clear::kNever,
     "comment", 2302},
    {Key::kDefaultQos, Scope::kAssoc, "DefaultQOS", 8, Kind::kName,
     Clear::kMinusOne, "def_qos_id"},
    {Key::kFairshare, Scope::kAssoc, "Fairshare", 1, Kind::kFairshare,
     Clear::kMinusOne, "shares"},
    {Key::kGrpTresMins, Scope::kAssoc, "GrpTRESMins", 8, Kind::kTres,
     Clear::kEachMinusOne, "grp_tres_mins"},
    {Key::kGrpTresRunMins, Scope::kAssoc, "GrpTRESRunMins", 8, Kind::kTres,
     Clear::kEachMinusOne, "grp_tres_run_mins"},
    {Key::kGrpTres, Scope::kAssoc, "GrpTRES", 7, Kind::kTres,
     Clear::kEachMinusOne, "grp_tres"},
    {Key::kGrpJobs, Scope::kAssoc, "GrpJobs", 4, Kind::kCount, Clear::kMinusOne,
     "grp_jobs"},
    {Key::kGrpJobsAccrue, Scope::kAssoc, "GrpJobsAccrue", 8, Kind::kCount,
     Clear::kMinusOne, "grp_jobs_accrue"},
    {Key::kGrpSubmitJobs, Scope::kAssoc, "GrpSubmitJobs", 4, Kind::kCount,
     Clear::kMinusOne, "grp_submit_jobs"},
    {Key::kGrpWall, Scope::kAssoc, "GrpWall", 4, Kind::kMinutes,
     Clear::kMinusOne, "grp_wall"},
    {Key::kMaxTresMinsPerJob, Scope::kAssoc, "MaxTRESMinsPerJob", 8,
     Kind::kTres, Clear::kEachMinusOne, "max_tres_mins_pj"},
    {Key::kMaxTresRunMins, Scope::kAssoc, "MaxTRESRunMins", 8, Kind::kTres,
     Clear::kEachMinusOne, "max_tres_run_mins"},
    {Key::kMaxTresPerJob, Scope::kAssoc, "MaxTRESPerJob", 7, Kind::kTres,
     Clear::kEachMinusOne, "max_tres_pj"},
    {Key::kMaxTresPerNode, Scope::kAssoc, "MaxTRESPerNode", 11, Kind::kTres,
     Clear::kEachMinusOne, "max_tres_pn"},
    {Key::kMaxJobs, Scope::kAssoc, "MaxJobs", 4, Kind::kCount, Clear::kMinusOne,
     "max_jobs"},
    {Key::kMaxJobsAccrue, Scope::kAssoc, "MaxJobsAccrue", 8, Kind::kCount,
     Clear::kMinusOne, "max_jobs_accrue"},
    {Key::kMaxSubmitJobs, Scope::kAssoc, "MaxSubmitJobs", 4, Kind::kCount,
     Clear::kMinusOne, "max_submit_jobs"},
    {Key::kMaxWallDurationPerJob, Scope::kAssoc, "MaxWallDurationPerJob", 4,
     Kind::kMinutes, Clear::kMinusOne, "max_wall_pj"},
    {Key::kMinPrioThresh, Scope::kAssoc, "MinPrioThresh", 4, Kind::kCount,
     Clear::kMinusOne, "min_prio_thresh"},
    {Key::kPriority, Scope::kAssoc, "Priority", 2, Kind::kCount,
     Clear::kMinusOne, "priority"},
    {Key::kQos, Scope::kAssoc, "QOS", 1, Kind::kQosList, Clear::kEmpty, "qos"},
    {Key::kQosDescription, Scope::kQos, "Description", 1, Kind::kText,
     Clear::kEmpty, "description"},
    {Key::kQosFlags, Scope::kQos, "Flags", 2, Kind::kFlags, Clear::kMinusOne,
     "flags"},
    {Key::kQosGraceTime, Scope::kQos, "GraceTime", 3, Kind::kSeconds,
     Clear::kMinusOne, "grace_time"},
    {Key::kQosGrpJobsAccrue, Scope::kQos, "GrpJobsAccrue", 8, Kind::kCount,
     Clear::kMinusOne, "grp_jobs_accrue"},
    {Key::kQosGrpJobs, Scope::kQos, "GrpJobs", 4, Kind::kCount,
     Clear::kMinusOne, "grp_jobs"},
    {Key::kQosGrpSubmitJobs, Scope::kQos, "GrpSubmitJobs", 4, Kind::kCount,
     Clear::kMinusOne, "grp_submit_jobs"},
    {Key::kQosGrpTres, Scope::kQos, "GrpTRES", 7, Kind::kTres,
     Clear::kEachMinusOne, "grp_tres"},
    {Key::kQosGrpTresMins, Scope::kQos, "GrpTRESMins", 8, Kind::kTres,
     Clear::kEachMinusOne, "grp_tres_mins"},
    {Key::kQosGrpTresRunMins, Scope::kQos, "GrpTRESRunMins", 8, Kind::kTres,
     Clear::kEachMinusOne, "grp_tres_run_mins"},
    {Key::kQosGrpWall, Scope::kQos, "GrpWall", 4, Kind::kMinutes,
     Clear::kMinusOne, "grp_wall"},
    {Key::kQosLimitFactor, Scope::kQos, "LimitFactor", 6, Kind::kFactor,
     Clear::kMinusOne, "limit_factor", 2108},
    {Key::kQosMaxJobsPa, Scope::kQos, "MaxJobsPA", 9, Kind::kCount,
     Clear::kMinusOne, "max_jobs_pa"},
    {Key::kQosMaxJobsPu, Scope::kQos, "MaxJobsPU", 4, Kind::kCount,
     Clear::kMinusOne, "max_jobs_per_user"},
    {Key::kQosMaxJobsAccruePa, Scope::kQos, "MaxJobsAccruePA", 15, Kind::kCount,
     Clear::kMinusOne, "max_jobs_accrue_pa"},
    {Key::kQosMaxJobsAccruePu, Scope::kQos, "MaxJobsAccruePU", 15, Kind::kCount,
     Clear::kMinusOne, "max_jobs_accrue_pu"},
    {Key::kQosMaxSubmitJobsPa, Scope::kQos, "MaxSubmitJobsPA", 15, Kind::kCount,
     Clear::kMinusOne, "max_submit_jobs_pa"},
    {Key::kQosMaxSubmitJobsPu, Scope::kQos, "MaxSubmitJobsPU", 4, Kind::kCount,
     Clear::kMinusOne, "max_submit_jobs_per_user"},
    {Key::kQosMaxTresMinsPerJob, Scope::kQos, "MaxTRESMinsPerJob", 8,
     Kind::kTres, Clear::kEachMinusOne, "max_tres_mins_pj"},
    {Key::kQosMaxTresPerAccount, Scope::kQos, "MaxTRESPerAccount", 11,
     Kind::kTres, Clear::kEachMinusOne, "max_tres_pa"},
    {Key::kQosMaxTresPerJob, Scope::kQos, "MaxTRESPerJob", 11, Kind::kTres,
     Clear::kEachMinusOne, "max_tres_pj"},
    {Key::kQosMaxTresPerNode, Scope::kQos, "MaxTRESPerNode", 11, Kind::kTres,
     Clear::kEachMinusOne, "max_tres_pn"},
    {Key::kQosMaxTresPerUser, Scope::kQos, "MaxTRESPerUser", 11, Kind::kTres,
     Clear::kEachMinusOne, "max_tres_pu"},
    {Key::kQosMaxTresRunMinsPerAccount, Scope::kQos, "MaxTRESRunMinsPerAccount",
     20, Kind::kTres, Clear::kEachMinusOne, "max_tres_run_mins_pa", 0,
     "MaxTRESRunMinsPA"},
    {Key::kQosMaxTresRunMinsPerUser, Scope::kQos, "MaxTRESRunMinsPerUser", 20,
     Kind::kTres, Clear::kEachMinusOne, "max_tres_run_mins_pu", 0,
     "MaxTRESRunMinsPU"},
    {Key::kQosMaxWallDurationPerJob, Scope::kQos, "MaxWallDurationPerJob", 4,
     Kind::kMinutes, Clear::kMinusOne, "max_wall_duration_per_job"},
    {Key::kQosMinPrioThresh, Scope::kQos, "MinPrioThresh", 4, Kind::kCount,
     Clear::kMinusOne, "min_prio_thresh"},
    {Key::kQosMinTresPerJob, Scope::kQos, "MinTRESPerJob", 7, Kind::kTres,
     Clear::kEachMinusOne, "min_tres_pj"},
    {Key::kQosPreempt, Scope::kQos, "Preempt", 7, Kind::kNames, Clear::kEmpty,
     "preempt"},
    {Key::kQosPreemptMode, Scope::kQos, "PreemptMode", 8, Kind::kPreemptMode,
     Clear::kWord, "preempt_mode"},
    // The file has seconds, the command line takes minutes (slurm-facts 2.4b).
    {Key::kQosPreemptExemptTime, Scope::kQos, "PreemptExemptTime", 8,
     Kind::kSeconds, Clear::kMinusOne, "preempt_exempt_time"},
    {Key::kQosPriority, Scope::kQos, "Priority", 3, Kind::kCount,
     Clear::kMinusOne, "priority"},
    {Key::kQosUsageFactor, Scope::kQos, "UsageFactor", 6, Kind::kFactor,
     Clear::kMinusOne, "usage_factor"},
    {Key::kQosUsageThreshold, Scope::kQos, "UsageThreshold", 6, Kind::kFactor,
     Clear::kMinusOne, "usage_thres"},
};
static_assert(std::size(kKeys) == kKeyCount, "one row per Key");

constexpr KeyAlias kAliases[] = {
    {"Shares", 1, Key::kFairshare},
    {"QosLevel", 1, Key::kQos},
    {"GrpCPUMins", 7, Key::kGrpTresMins, "cpu"},
    {"GrpCPURunMins", 7, Key::kGrpTresRunMins, "cpu"},
    {"GrpCPUs", 7, Key::kGrpTres, "cpu"},
    {"GrpMemory", 4, Key::kGrpTres, "mem"},
    {"GrpNodes", 4, Key::kGrpTres, "node"},
    {"MaxCPUMinsPerJob", 7, Key::kMaxTresMinsPerJob, "cpu"},
    {"MaxCPURunMins", 7, Key::kMaxTresRunMins, "cpu"},
    {"MaxCPUsPerJob", 7, Key::kMaxTresPerJob, "cpu"},
    {"MaxNodesPerJob", 4, Key::kMaxTresPerJob, "node"},
    {"MaxTRESPJ", 9, Key::kMaxTresPerJob},
    {"MaxTRESPN", 9, Key::kMaxTresPerNode},
    {"MaxTRESMinsPJ", 13, Key::kMaxTresMinsPerJob},
    {"GrpCPUMins", 7, Key::kQosGrpTresMins, "cpu"},
    {"GrpCPURunMins", 7, Key::kQosGrpTresRunMins, "cpu"},
    {"GrpCPUs", 7, Key::kQosGrpTres, "cpu"},
    {"GrpMemory", 4, Key::kQosGrpTres, "mem"},
    {"GrpNodes", 4, Key::kQosGrpTres, "node"},
    {"MaxCPUMinsPerJob", 7, Key::kQosMaxTresMinsPerJob, "cpu"},
    {"MaxCPUsPerJob", 7, Key::kQosMaxTresPerJob, "cpu"},
    {"MaxCPUsPerUser", 11, Key::kQosMaxTresPerUser, "cpu"},
    {"MaxCPUsPU", 9, Key::kQosMaxTresPerUser, "cpu"},
    {"MaxJobsAccruePerAccount", 17, Key::kQosMaxJobsAccruePa},
    {"MaxJobsAccruePerUser", 17, Key::kQosMaxJobsAccruePu},
    {"MaxJobsPerAccount", 11, Key::kQosMaxJobsPa},
    {"MaxJobsPerUser", 4, Key::kQosMaxJobsPu},
    {"MaxNodesPerJob", 4, Key::kQosMaxTresPerJob, "node"},
    {"MaxNodesPerUser", 8, Key::kQosMaxTresPerUser, "node"},
    {"MaxNodesPU", 8, Key::kQosMaxTresPerUser, "node"},
    {"MaxSubmitJobsPerAccount", 17, Key::kQosMaxSubmitJobsPa},
    {"MaxSubmitJobsPerUser", 4, Key::kQosMaxSubmitJobsPu},
    {"MaxTRES", 7, Key::kQosMaxTresPerJob},
    {"MaxTRESPJ", 9, Key::kQosMaxTresPerJob},
    {"MaxTRESPA", 9, Key::kQosMaxTresPerAccount},
    {"MaxTRESPN", 9, Key::kQosMaxTresPerNode},
    {"MaxTRESPU", 9, Key::kQosMaxTresPerUser},
    {"MaxTRESMinsPJ", 13, Key::kQosMaxTresMinsPerJob},
    {"MaxTRESRunMinsPerAcct", 20, Key::kQosMaxTresRunMinsPerAccount},
    {"MaxTRESRunMinsPA", 16, Key::kQosMaxTresRunMinsPerAccount},
    {"MaxTRESRunMinsPU", 16, Key::kQosMaxTresRunMinsPerUser},
    {"MinCPUsPerJob", 7, Key::kQosMinTresPerJob, "cpu"},
};

// A test asks the daemons of the lab for each (tests/real/words_test.cc); what
// the releases between them know was read in their sources. All releases parse
// gang, but up to 22.05.2 slurmdbd does not store a mode with it (a3993ea38c).
constexpr WordInfo kWords[] = {
    {Key::kClassification, "capability", 1},
    {Key::kClassification, "capacity", 2},
    {Key::kClassification, "capapacity", 3},
    {Key::kAdminLevel, "Administrator", 3},
    {Key::kAdminLevel, "Operator", 2},
    {Key::kQosFlags, "DenyOnLimit", 1 << 6, 1},
    {Key::kQosFlags, "EnforceUsageThreshold", 1 << 3, 2},
    {Key::kQosFlags, "NoDecay", 1 << 8, 9},
    {Key::kQosFlags, "NoReserve", 1 << 4, 8},
    {Key::kQosFlags, "OverPartQOS", 1 << 7, 7},
    {Key::kQosFlags, "PartitionMaxNodes", 1 << 1, 4},
    {Key::kQosFlags, "PartitionMinNodes", 1 << 0, 3},
    {Key::kQosFlags, "PartitionTimeLimit", 1 << 2, 5},
    {Key::kQosFlags, "Relative", 1 << 10, 10, 2311},
    {Key::kQosFlags, "RequiresReservation", 1 << 5, 6},
    {Key::kQosFlags, "UsageFactorSafe", 1 << 9, 11},
    {Key::kQosPreemptMode, "cancel", 8},
    {Key::kQosPreemptMode, "gang", 0x8000, 0, 2205, 3},
    {Key::kQosPreemptMode, "priority", 0x2000, 0, 2505},
    {Key::kQosPreemptMode, "requeue", 2},
    {Key::kQosPreemptMode, "suspend", 1},
    {Key::kQosPreemptMode, "within", 0x4000, 0, 2205},
};

bool Abbreviates(absl::string_view word, absl::string_view name, int least) {
  return word.size() >= static_cast<size_t>(least) &&
         absl::StartsWithIgnoreCase(name, word);
}

}  // namespace

absl::Span<const KeyInfo> AllKeys() { return kKeys; }
absl::Span<const KeyAlias> AllAliases() { return kAliases; }
absl::Span<const WordInfo> AllWords() { return kWords; }

std::vector<absl::string_view> TakeWords(Key key, uint64_t* bits) {
  std::vector<absl::string_view> words;
  for (const WordInfo& info : kWords) {
    if (info.key != key || (*bits & info.stored) == 0) continue;
    words.push_back(info.word);
    *bits &= ~uint64_t{info.stored};
  }
  return words;
}

absl::string_view WordOfNumber(Key key, uint64_t number) {
  for (const WordInfo& info : kWords) {
    if (info.key == key && info.stored == number) return info.word;
  }
  return "";
}

const KeyInfo& Info(Key key) { return kKeys[static_cast<int>(key)]; }

bool IsPartitionWord(absl::string_view word) {
  return Abbreviates(word, "Partition", 1) &&
         !absl::EqualsIgnoreCase(word, "Pa");
}

KeyMatch FindKey(absl::string_view word, bool qos_line) {
  struct Spelling {
    absl::string_view name;
    int least;
    Key key;
    absl::string_view tres;
  };
  std::vector<Spelling> all;
  const auto add = [&](const Spelling& s) {
    if ((Info(s.key).scope == Scope::kQos) == qos_line) all.push_back(s);
  };
  for (const KeyInfo& k : kKeys) add({k.name, k.least, k.key, ""});
  for (const KeyAlias& a : kAliases) add({a.name, a.least, a.key, a.tres});
  std::vector<Spelling> fits;
  for (const Spelling& s : all) {
    if (Abbreviates(word, s.name, s.least)) fits.push_back(s);
  }
  for (const Spelling& s : fits) {
    if (s.name.size() == word.size()) {
      return {KeyMatch::Result::kFound, s.key, s.tres, ""};
    }
  }
  if (!qos_line && Abbreviates(word, "Parent", 2)) {
    if (!absl::EqualsIgnoreCase(word, "Pa")) {
      return {KeyMatch::Result::kIgnored, Key::kClassification, "", "Parent"};
    }
    return {KeyMatch::Result::kAmbiguous, Key::kClassification, "Partition",
            "Parent"};
  }
  if (fits.empty()) {
    absl::string_view nearest;
    int nearest_distance = 4;  // Farther than this is no help to anybody.
    for (const Spelling& s : all) {
      if (const int d = EditDistance(word, s.name); d < nearest_distance) {
        nearest_distance = d;
        nearest = s.name;
      }
    }
    return {KeyMatch::Result::kUnknown, Key::kClassification, "", nearest};
  }
  for (const Spelling& s : fits) {
    if (s.key != fits[0].key || s.tres != fits[0].tres) {
      return {KeyMatch::Result::kAmbiguous, fits[0].key, fits[0].name, s.name};
    }
  }
  return {KeyMatch::Result::kFound, fits[0].key, fits[0].tres, ""};
}

}  // namespace assocsync
