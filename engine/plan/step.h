// One command of a plan.
#ifndef ASSOCSYNC_ENGINE_PLAN_STEP_H_
#define ASSOCSYNC_ENGINE_PLAN_STEP_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "engine/base/word_list.h"

namespace assocsync {

// Steps are sorted by phase; within a phase by tree order. A plan that deletes
// rows and adds them again (AS141) is two such lists, one after the other.
enum class Phase : uint8_t {
  kQos,     // QOS definitions: add, modify, then Preempt
  kPinQos,  // keep QOS, and DefaultQOS, in reach while lists and parents change
  kAccounts,  // add and move, from the top down; descriptions
  // associations of users, default account first; where very many come, their
  // order, and what is said of them at once, is what costs least
  kUsers,
  kLimits,    // limits, lists and DefaultQOS of rows
  kFinalQos,  // pinned lists to what was asked for; slurmctld reminded
  kDefaults,  // default accounts, WCKeys, AdminLevel
  kCoordinators,
  kDeleteUsers,     // users' associations
  kDeleteAccounts,  // from the bottom up, then records that nobody needs
  kDeleteQos,
};
absl::string_view PhaseName(Phase phase);  // "users", "delete accounts", ...

// One command. `argv` are the words after `sacctmgr -i`, as execve gets them.
struct Step {
  Phase phase = Phase::kQos;
  WordList argv;
  std::string why;  // "hep/alice: MaxJobs 4 -> 8"
  bool deletes = false;
  bool operator==(const Step&) const = default;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_STEP_H_
