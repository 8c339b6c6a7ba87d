// A plan that was put aside, to be applied later or to be shown.
#ifndef ASSOCSYNC_ENGINE_PLAN_SAVED_PLAN_H_
#define ASSOCSYNC_ENGINE_PLAN_SAVED_PLAN_H_

#include <string>

#include "engine/plan/plan.h"

namespace assocsync {

// A plan with what is needed to make it again: `apply PLAN.json` never takes a
// command from the file, it plans again from `target_text` with `options` and
// requires the very same plan.
struct SavedPlan {
  Plan plan;                         // Read back: `expected` is empty ...
  std::string expected_fingerprint;  // ... and this is its Fingerprint.
  PlanOptions options;
  std::string target_text;  // The target file, byte for byte.
  std::string base_text;    // The base; only where options.base_name is set.
  std::string live_name;    // LiveSource::Origin()

  bool operator==(const SavedPlan&) const = default;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_SAVED_PLAN_H_
