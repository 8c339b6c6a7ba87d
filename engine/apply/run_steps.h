// The steps of a plan one by one, each looked at before its end is written.
#ifndef ASSOCSYNC_ENGINE_APPLY_RUN_STEPS_H_
#define ASSOCSYNC_ENGINE_APPLY_RUN_STEPS_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "engine/apply/apply.h"
#include "engine/apply/journal.h"
#include "engine/apply/run_folder.h"
#include "engine/backup/run_lock.h"
#include "engine/model/tree.h"
#include "engine/slurm/database_state.h"

namespace assocsync {

// Runs steps until the end or the first that is not "done". With
// `deps.look` the run stops at a step of which sacctmgr says "done" and the
// database does not; without, what sacctmgr says decides. An effect that is
// not there yet is looked for again for a while (a slurmdbd whose sacctmgr was
// killed commits a moment later), unless the stop flag is set.
//
// With `deps.look` many steps may run as one load (bulk_load.h), which is
// looked at as they are, together: it is done, or they run one by one, or,
// where that cannot be told, the run stops there.
//
// `before`: live right before the first step. `in_the_way`: what by now stands
// in the way of the plan's deletes; asked before each, but not more than once a
// second, and the run stops there. Fills steps, problems,
// interrupted and step_time of `report`. An error: not one step ran.
// kFailedPrecondition: the database does not hold the associations that
// slurmdbd shows, and the SQL dump was taken from it.
absl::Status RunSteps(
    const Plan& plan, const ApplyOptions& options, const ApplyDeps& deps,
    const DatabaseState& before,
    const std::function<std::vector<std::string>()>& in_the_way,
    Journal* journal, RunLock* lock, RunFolder* folder, ApplyReport* report);

// Looks at steps in the reading at the end of the run: at those that were not
// seen yet, and again at one that stopped the run. What a later step of the run
// changed again tells nothing of an earlier one. Updates report->steps and
// returns what changed there.
std::vector<Journal::Settled> SettleSteps(const Plan& plan,
                                          const DatabaseState& before,
                                          const DatabaseState& after,
                                          ApplyReport* report);

// The tree that `before` is after the steps that took effect. nullopt: it is
// not known of one of them whether it did.
std::optional<Tree> TreeAfterSteps(const Plan& plan,
                                   const DatabaseState& before,
                                   const std::vector<StepResult>& steps);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_APPLY_RUN_STEPS_H_
