// Users whom a plan leaves without any QOS.
#ifndef ASSOCSYNC_ENGINE_PLAN_GUARD_QOS_H_
#define ASSOCSYNC_ENGINE_PLAN_GUARD_QOS_H_

#include <vector>

#include "engine/plan/plan.h"

namespace assocsync {

// A warning (AS132) that names the users who have a QOS on live and would have
// none in `expected`: their jobs are refused where QOS are enforced. So it goes
// where a complete target has no QOS on its Cluster line, as dumps have of a
// list that was emptied.
std::vector<Finding> GuardQos(const Tree& live, const Tree& expected,
                              const std::vector<Change>& changes);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_GUARD_QOS_H_
