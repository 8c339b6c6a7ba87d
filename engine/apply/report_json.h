// What a run of apply came to, as JSON. The schema is
// engine/render/apply.schema.json.
#ifndef ASSOCSYNC_ENGINE_APPLY_REPORT_JSON_H_
#define ASSOCSYNC_ENGINE_APPLY_REPORT_JSON_H_

#include <string>

#include "engine/apply/apply.h"
#include "engine/plan/saved_plan.h"

namespace assocsync {

inline constexpr int kApplyFormatVersion = 1;

// One JSON object, keys in a fixed order, a newline at its end; the plan in it
// is that of PlanToJson. A text that is not UTF-8 becomes {"base64": "..."}.
std::string ApplyToJson(const ApplyReport& report, const SavedPlan& saved);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_APPLY_REPORT_JSON_H_
