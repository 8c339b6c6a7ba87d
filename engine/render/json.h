// A plan as JSON and back. The schema is engine/render/plan.schema.json.
#ifndef ASSOCSYNC_ENGINE_RENDER_JSON_H_
#define ASSOCSYNC_ENGINE_RENDER_JSON_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/plan/clusters.h"
#include "engine/plan/evidence.h"
#include "engine/plan/plan.h"

namespace assocsync {

inline constexpr int kPlanFormatVersion = 1;

// One JSON object, keys in a fixed order, a newline at its end. Equal plans
// give equal bytes. A text that is not UTF-8 becomes {"base64": "..."}.
// Where `saved.expected_fingerprint` is empty it is taken of plan.expected.
// `evidence`: shown in a key of its own, which PlanFromJson skips: it is no
// part of a plan. nullptr: no such key.
std::string PlanToJson(const SavedPlan& saved,
                       const Evidence* evidence = nullptr);

// The plan for the clusters of a whole database: what holds for all of it, and
// under "clusters" the plans of its parts, in their order, each as PlanToJson
// has it. `parts`: those of `whole`. The schema is
// engine/render/clusters.schema.json.
std::string ClustersToJson(const ClustersPlan& whole,
                           const std::vector<SavedPlan>& parts);

// The reverse: PlanFromJson(PlanToJson(s)) == s but for plan.expected.
// Strict: kInvalidArgument, with where in the document, for anything that
// PlanToJson does not make (unknown and missing keys, wrong types, unknown
// words); kFailedPrecondition for another format_version.
absl::StatusOr<SavedPlan> PlanFromJson(absl::string_view text);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_JSON_H_
