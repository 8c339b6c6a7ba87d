// Is this still the state that the plan was made for, and did the run make of
// it what it should? Pure.
#ifndef ASSOCSYNC_ENGINE_APPLY_COMPARE_H_
#define ASSOCSYNC_ENGINE_APPLY_COMPARE_H_

#include <string>
#include <vector>

#include "engine/live/live.h"
#include "engine/plan/plan.h"
#include "engine/slurm/database_state.h"

namespace assocsync {

// Why a saved plan may not be run: what differs between it and `fresh`, the
// plan made now from the saved target text and options. Empty: it holds. Live
// rows that changed since are named.
std::vector<std::string> StaleReasons(const SavedPlan& saved,
                                      const Plan& fresh);

// What changed of the managed cluster between two readings. Empty: nothing that
// a plan for it could depend on, but for what else the database holds.
std::vector<std::string> LiveChanges(const LiveState& planned,
                                     const LiveState& now);

// Where `after` is not what `plan` promised for `before`: rows of the managed
// tree; ids of rows that should have been kept; rows and records of others.
std::vector<std::string> Unmet(const DatabaseState& before,
                               const DatabaseState& after, const Plan& plan);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_APPLY_COMPARE_H_
