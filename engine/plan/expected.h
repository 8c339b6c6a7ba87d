// What the target means here: the tree that the plan ends in, and findings for
// all that Slurm cannot bring back.
#ifndef ASSOCSYNC_ENGINE_PLAN_EXPECTED_H_
#define ASSOCSYNC_ENGINE_PLAN_EXPECTED_H_

#include <vector>

#include "absl/status/statusor.h"
#include "engine/diff/diff.h"
#include "engine/model/tree.h"
#include "engine/plan/plan.h"
#include "engine/slurm/database_state.h"
#include "engine/slurm/release.h"

namespace assocsync {

struct ExpectedTree {
  Tree tree;
  std::vector<Change> changes;  // Diff(live.tree, tree)
  // False: where the target is a legal tree, so is this.
  bool mended = false;
  std::vector<Finding> findings;
};

// The target as it can be on this database:
// - under the live cluster's name;
// - Description and Organization that the target does not state (root, hand-
//   made files, dumps of 24.05+ of UsersAreCoords accounts) are live's, or what
//   `add account` gives;
// - QOS definitions are live's unless both list them;
// - objects whose names sacctmgr cannot address stay as they are in live;
// - values that no command brings back stay what they must be.
// Each of the last two is a finding, with its row.
ExpectedTree ExpectedFor(const DatabaseState& live, Tree target,
                         const Behaviour& behaviour);

// What stands in front of that for a proposal: the merge (merge_plan.cc).
//
// Live, with what the target changed since `input.base`, which is not null.
// What the merge has to say goes to `notes`. Errors: as MakePlan has them.
absl::StatusOr<Tree> MergedTarget(const PlanInput& input,
                                  std::vector<Finding>* notes);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_EXPECTED_H_
