// The proof of a plan: its own words, run on the model of slurmdbd from live
// on, end in the expected tree, and other clusters are as they were. Under each
// of the rows of the behaviour table that could hold.
//
// kInternal: they do not, which is a bug; nothing of the plan may be shown.
#ifndef ASSOCSYNC_ENGINE_PLAN_PROOF_H_
#define ASSOCSYNC_ENGINE_PLAN_PROOF_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "engine/model/tree.h"
#include "engine/plan/step.h"
#include "engine/slurm/database_state.h"
#include "engine/slurm/release.h"
#include "engine/slurm/slurmdbd.h"

namespace assocsync {

// By models that were made of `live`, and ran the steps while the plan was
// made: what each was told from its beginning must be the words of the steps,
// in order and nothing else (Slurmdbd::history). A model of a million rows
// takes long to make.
absl::Status ProveBy(absl::Span<const Slurmdbd> models,
                     const DatabaseState& live, const std::vector<Step>& steps,
                     const Tree& expected);

// By one that was made of `live` and has run nothing: it runs the steps.
absl::Status ProveOn(Slurmdbd* model, const DatabaseState& live,
                     const std::vector<Step>& steps, const Tree& expected);

// On models of its own.
absl::Status ProveAnew(const std::vector<Behaviour>& behaviours,
                       const DatabaseState& live,
                       const std::vector<Step>& steps, const Tree& expected);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_PROOF_H_
