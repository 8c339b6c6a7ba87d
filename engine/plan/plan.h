// From a live state to a target tree: ordered sacctmgr commands, proven on the
// model of slurmdbd before anybody sees them.
#ifndef ASSOCSYNC_ENGINE_PLAN_PLAN_H_
#define ASSOCSYNC_ENGINE_PLAN_PLAN_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/diff/diff.h"
#include "engine/diff/merge_options.h"
#include "engine/model/finding.h"
#include "engine/model/tree.h"
#include "engine/plan/step.h"
#include "engine/slurm/database_state.h"
#include "engine/slurm/job.h"
#include "engine/slurm/release.h"

namespace assocsync {

struct PlanOptions {
  Release release;
  // The sacctmgr user who will run the plan; empty: not known.
  std::string caller;
  // Share of live objects, per kind, that a plan may delete: in percent from
  // kMaxDeleteFloor objects up, or a plain number if `max_delete_is_count`.
  int max_delete = 30;
  bool max_delete_is_count = false;
  // The target's cluster name may differ from the live one's.
  bool as_cluster = false;
  // Records that other clusters share stay as they are (shared.h).
  bool keep_shared = false;
  // Codes whose findings the admin has accepted.
  std::vector<std::string> allow;
  // Rows that stay as live has them, with what depends on them (skip.h): codes
  // of findings about rows ("AS109": their rows), and rows in words, as RowName
  // has them ("hep/alice", "user bob", "QOS long"; "account bio" too).
  std::vector<std::string> skip;
  // Selectors (scope.h): only what these name, and those do not, is planned.
  // Neither: everything.
  std::vector<std::string> only, except;
  // Kinds of changes (scope.h) that are planned; none: all.
  std::vector<std::string> changes;
  // Of what the others leave, only these changes (--pick); none: all.
  std::vector<ChangeId> pick;
  // What `why` and findings call the target ("backup.cfg").
  std::string target_name = "target";
  // Only with a base: what messages call it, and who is right.
  std::string base_name;
  MergeOptions merge;
  bool operator==(const PlanOptions&) const = default;
};

// Marks those of `findings` that the caller's --allow lifts.
void LiftAllowed(const PlanOptions& options, std::vector<Finding>* findings);

struct Plan {
  Name cluster;
  Release release;
  std::string
      live_fingerprint;  // Of DatabaseState::tree when the plan was made.
  std::string target_fingerprint;  // Of the target as read.
  std::string base_fingerprint;    // Empty: there is no base.
  bool target_by_hand = false;     // Authorship of the target.
  std::vector<Change> changes;     // live -> expected, by SharedRecords
  std::vector<Step> steps;
  std::vector<Finding> findings;  // Worst first, then by code.
  absl::Duration estimate;  // Of the steps (estimate.h), in whole seconds.
  // As many of them `apply` does by loads (bulk_load.h), if it may.
  size_t loaded = 0;
  // The whole tree after the last step: the target, but for what findings say.
  Tree expected;

  // "complete" or "written by hand": how the target was taken.
  absl::string_view WrittenWord() const {
    return target_by_hand ? "written by hand" : "complete";
  }

  bool Has(FindingCode code) const;
  // Those of all findings of the code.
  std::vector<std::string> RowsOf(FindingCode code) const;
  // No finding stands in the way of apply.
  bool applicable() const;
  bool operator==(const Plan&) const = default;
};

// What live was read from, which decides how much it tells.
enum class LiveKind { kFile, kSacctmgr, kMysql };

// A plan with what is needed to make it again: `apply PLAN.json` never takes a
// command from the file, it plans again from `target_text` with `options` and
// requires the very same plan.
struct SavedPlan {
  Plan plan;                         // Read back: `expected` is empty ...
  std::string expected_fingerprint;  // ... and this is its Fingerprint.
  PlanOptions options;
  std::string target_text;  // The target file, byte for byte.
  std::string base_text;    // The base; only where options.base_name is set.
  std::string live_name;    // LiveSource::PublicOrigin()
  std::optional<LiveKind> live_kind;  // nullopt: saved before it was noted.

  bool operator==(const SavedPlan&) const = default;
};

// What a plan for one of several clusters has to know of the others.
struct SharedView;

// All that a plan is made of. What it refers to must outlive it.
struct PlanInput {
  const DatabaseState& live;
  const Tree& target;
  const PlanOptions& options;
  // The tree that the target was made from: then the target is a proposal.
  const Tree* base = nullptr;
  // What the readers of live and of the target have to say; they become
  // findings of the plan.
  std::vector<Finding> notes = {};
  // As LiveState has them; none where its reader does not tell (jobs.h).
  std::vector<Job> jobs = {};
  std::vector<Mention> mentions = {};
  RowUsage usage = {};
  // Of a plan that is a part of one for a whole database (clusters.h); nullptr:
  // it stands alone.
  const SharedView* shared = nullptr;
  // `target` again, where nobody needs it any more: it becomes the expected
  // tree without a copy.
  Tree* spare = nullptr;
  // False: nobody is told the fingerprints of the trees; they stay empty.
  bool fingerprints = true;

  // The same for a target that was made of this one and of the base.
  PlanInput For(const Tree& made) const {
    return {.live = live,
            .target = made,
            .options = options,
            .notes = notes,
            .jobs = jobs,
            .mentions = mentions,
            .usage = usage,
            .shared = shared,
            .fingerprints = fingerprints};
  }
};

// The target as it is planned: with what a base, a file by hand and other
// clusters say, and of that the part that options.only and its kin name.
// nullopt: it is input.target as it stands. `notes`: what there is to say of
// it. Errors as of MakePlan.
absl::StatusOr<std::optional<Tree>> MadeTarget(const PlanInput& input,
                                               std::vector<Finding>* notes);

// Plans and proves. Pure: equal inputs give equal plans, byte for byte. With a
// base it plans what the target changed since then, on top of live (merge.h):
// conflicts, drift and changes that both made are findings. Where live is the
// base, the plan is the one without a base but for those.
// kInternal: the plan failed its own proof (a bug; nothing of it may be shown);
// kFailedPrecondition: a release that is not supported; kInvalidArgument: a
// selector that names nothing, or a base that is of another cluster than the
// target or no legal tree.
// Everything else that is wrong is a finding of the plan.
absl::StatusOr<Plan> MakePlan(const PlanInput& input);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_PLAN_H_
