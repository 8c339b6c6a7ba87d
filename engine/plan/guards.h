// What makes a plan unsafe. Planning never hides a step; the guards judge, and
// only apply obeys.
#ifndef ASSOCSYNC_ENGINE_PLAN_GUARDS_H_
#define ASSOCSYNC_ENGINE_PLAN_GUARDS_H_

#include <vector>

#include "engine/plan/plan.h"

namespace assocsync {

// Guards on the trees alone, before anything is planned: illegal or empty
// target, illegal live tree, cluster name. `target` as it was read.
std::vector<Finding> GuardTrees(const DatabaseState& live, const Tree& target,
                                const PlanOptions& options);

// QOS and TRES that `expected` names, where it differs from live, and that are
// not there.
std::vector<Finding> GuardNames(const DatabaseState& live, const Tree& expected,
                                const std::vector<Change>& changes);

// Guards on what changes: share of deletes, protected rows, administrators.
// `view` (may be null): another cluster's plan may bring an Administrator.
std::vector<Finding> GuardChanges(const DatabaseState& live,
                                  const Tree& expected,
                                  const std::vector<Change>& changes,
                                  const PlanOptions& options,
                                  const SharedView* view = nullptr);

// The same for the records that all clusters of a database share, when the
// plans of several have run: share of deletes.
std::vector<Finding> GuardRecords(const DatabaseState& before,
                                  const DatabaseState& after,
                                  const PlanOptions& options);

// A warning (AS132) that names the users who have a QOS on live and would have
// none in `expected`: their jobs are refused where QOS are enforced. So it goes
// where a complete target has no QOS on its Cluster line, as dumps have of a
// list that was emptied.
std::vector<Finding> GuardQos(const Tree& live, const Tree& expected,
                              const std::vector<Change>& changes);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_GUARDS_H_
