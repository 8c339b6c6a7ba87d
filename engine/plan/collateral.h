// The second way around AS109: where no delete is exact, what it would take
// along is deleted too, and added again at once.
#ifndef ASSOCSYNC_ENGINE_PLAN_COLLATERAL_H_
#define ASSOCSYNC_ENGINE_PLAN_COLLATERAL_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "engine/plan/plan.h"
#include "engine/slurm/database_state.h"
#include "engine/slurm/release.h"

namespace assocsync {

struct AddedAgain {
  // First all of the plan but for `rows`, then what adds these. Each part is in
  // the order of phases.
  std::vector<Step> steps;
  // Rows of live that are deleted and added again, with all that belongs to
  // their users (rights, WCKeys ...) where that goes along.
  std::vector<AssocKey> rows;
  std::vector<Finding> findings;  // None that refuses.
};

// Steps from `live` to `expected` in which `victims` of deletes, and what else
// must go with them, are deleted and added again with equal definitions.
// nullopt: not everything can be: something of another cluster would be hit, or
// a row of root or of `caller`, whose rights would be gone meanwhile.
// `keep_shared`: as Planner has it.
std::optional<AddedAgain> DeleteAndAddAgain(
    const DatabaseState& live, const Tree& expected,
    const std::vector<Behaviour>& behaviours, absl::btree_set<AssocKey> victims,
    const std::string& caller, bool keep_shared);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_COLLATERAL_H_
