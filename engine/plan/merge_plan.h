// What stands in front of the plan for a proposal: the merge.
#ifndef ASSOCSYNC_ENGINE_PLAN_MERGE_PLAN_H_
#define ASSOCSYNC_ENGINE_PLAN_MERGE_PLAN_H_

#include <vector>

#include "absl/status/statusor.h"
#include "engine/plan/plan.h"

namespace assocsync {

// Live, with what the target changed since `input.base`, which is not null.
// What the merge has to say goes to `notes`. Errors: as MakePlan has them.
absl::StatusOr<Tree> MergedTarget(const PlanInput& input,
                                  std::vector<Finding>* notes);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_MERGE_PLAN_H_
