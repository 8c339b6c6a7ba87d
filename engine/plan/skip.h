// --skip: a plan without the rows that stand in its way. They, and what cannot
// be without them, stay as live has them; the rest is planned and proven.
#ifndef ASSOCSYNC_ENGINE_PLAN_SKIP_H_
#define ASSOCSYNC_ENGINE_PLAN_SKIP_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/plan/plan.h"

namespace assocsync {

// It is a code of findings about rows that can be left out (finding_rows.inc).
bool IsSkippable(absl::string_view word);
// "--skip AS109", for a finding that stands in the way of apply and may be left
// out; else empty.
std::string SkippedBy(const Finding& finding);

// A row that a finding is about: as RowName has it, or "every user x", "every
// account x" ... for all that has the name.
struct Blamed {
  FindingCode code;
  std::string row;
  // Not empty: what the finding shows in its place, which --skip takes too: a
  // row that loses a QOS through a change of another one.
  std::string shown = {};
};

// One round of MakePlan, which skips nothing and takes the target for all
// there is; whose fingerprint it is, the caller knows. `blamed`: the rows of
// findings that stand, where the finding's own `rows` do not name them.
absl::StatusOr<Plan> PlanOnce(const PlanInput& input,
                              std::vector<Blamed>* blamed);

// The same without what options.skip names.
absl::StatusOr<Plan> PlanWithoutSkipped(const PlanInput& input);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_SKIP_H_
