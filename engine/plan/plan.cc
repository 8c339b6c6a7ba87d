#include "engine/plan/plan.h"

#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/status.h"
#include "engine/model/finding.h"
#include "engine/plan/agreed.h"
#include "engine/plan/bulk_load.h"
#include "engine/plan/by_hand.h"
#include "engine/plan/collateral.h"
#include "engine/plan/estimate.h"
#include "engine/plan/expected.h"
#include "engine/plan/guards.h"
#include "engine/plan/jobs.h"
#include "engine/plan/planner.h"
#include "engine/plan/proof.h"
#include "engine/plan/scope.h"
#include "engine/plan/shared.h"
#include "engine/plan/skip.h"

namespace assocsync {
namespace {

bool Allows(const PlanOptions& options, FindingCode code) {
  return absl::c_linear_search(options.allow, CodeName(code));
}

// Findings about the trees name their rows in the words of RowName; a name
// that cannot be addressed stands for all that has it.
std::vector<Blamed> BlamedBy(const std::vector<Finding>& findings) {
  std::vector<Blamed> rows;
  for (const Finding& f : findings) {
    for (const std::string& row : f.rows) {
      rows.push_back({f.code, f.code == kNotAddressable
                                  ? absl::StrCat("every ", row)
                              : absl::StartsWith(row, "cluster ") ? "cluster"
                                                                  : row});
    }
  }
  return rows;
}

// slurmdbd refuses a command that names a QOS or TRES which is not there. AS107
// and AS108 say so of the row already, and cannot be lifted.
void DropToldAsMissing(const std::vector<Finding>& told,
                       std::vector<Finding>* findings) {
  absl::btree_set<absl::string_view> rows;
  for (const Finding& f : told) {
    if (f.code != kMissingQos && f.code != kMissingTres) continue;
    rows.insert(f.rows.begin(), f.rows.end());
  }
  std::erase_if(*findings, [&](const Finding& f) {
    return f.code == kCannotRestore && !f.rows.empty() &&
           absl::c_all_of(f.rows, [&](const std::string& row) {
             return rows.contains(row);
           });
  });
}

// AS109 to AS111: what is accepted need not be skipped.
bool Lifts(const PlanOptions& options, FindingCode code) {
  return (code == kNotAddressable || code == kCannotRestore) &&
         Allows(options, code);
}

// The second way around AS109, where there is one: its findings say how they
// are lifted. True: they are, and `plan` goes that way, proven.
bool AddAgain(const DatabaseState& live,
              const std::vector<Behaviour>& behaviours,
              const PlanOptions& options,
              const absl::btree_set<AssocKey>& victims, Plan* plan,
              std::vector<Finding>* findings) {
  std::optional<AddedAgain> way =
      DeleteAndAddAgain(live, plan->expected, behaviours, victims,
                        options.caller, options.keep_shared);
  if (!way.has_value()) return false;
  if (!ProveAnew(behaviours, live, way->steps, plan->expected).ok()) {
    return false;
  }
  for (Finding& f : *findings) {
    if (f.code == kCollateral) {
      f.lifted_by = std::string(RowOf(kCollateral).lifted_by);
    }
  }
  if (!Allows(options, kCollateral)) return false;
  Finding again =
      MakeFinding(kAddedAgain,
                  "rows are deleted along with what looks like them, and added "
                  "again in the same run with equal definitions: they get new "
                  "ids, and slurmctld forgets their fair-share usage");
  for (const AssocKey& row : way->rows) again.rows.push_back(row.ToString());
  // Records that stay are told as the second way leaves them.
  std::erase_if(*findings,
                [](const Finding& f) { return f.code == kRecordStays; });
  findings->push_back(std::move(again));
  findings->insert(findings->end(), way->findings.begin(), way->findings.end());
  plan->steps = std::move(way->steps);
  return true;
}

}  // namespace

void LiftAllowed(const PlanOptions& options, std::vector<Finding>* findings) {
  for (Finding& f : *findings) {
    f.lifted = !f.lifted_by.empty() && Allows(options, f.code);
  }
}

absl::string_view PhaseName(Phase phase) {
  switch (phase) {
    case Phase::kQos:
      return "QOS definitions";
    case Phase::kPinQos:
      return "pin QOS lists";
    case Phase::kAccounts:
      return "accounts";
    case Phase::kUsers:
      return "users";
    case Phase::kLimits:
      return "limits";
    case Phase::kFinalQos:
      return "QOS lists";
    case Phase::kDefaults:
      return "defaults";
    case Phase::kCoordinators:
      return "coordinators";
    case Phase::kDeleteUsers:
      return "delete users";
    case Phase::kDeleteAccounts:
      return "delete accounts";
    case Phase::kDeleteQos:
      return "delete QOS";
  }
  return "";
}

bool Plan::Has(FindingCode code) const {
  return absl::c_any_of(findings,
                        [&](const Finding& f) { return f.code == code; });
}

std::vector<std::string> Plan::RowsOf(FindingCode code) const {
  std::vector<std::string> rows;
  for (const Finding& f : findings) {
    if (f.code == code) rows.insert(rows.end(), f.rows.begin(), f.rows.end());
  }
  return rows;
}

bool Plan::applicable() const {
  return absl::c_none_of(findings, [](const Finding& f) { return f.stands(); });
}

absl::StatusOr<Plan> PlanOnce(const PlanInput& input,
                              std::vector<Blamed>* blamed) {
  const DatabaseState& live = input.live;
  const PlanOptions& options = input.options;
  ASSIGN_OR_RETURN(const Behaviour behaviour, BehaviourOf(options.release));
  std::vector<Behaviour> behaviours = {behaviour};
  Plan plan;
  plan.cluster = live.tree.cluster;
  plan.release = options.release;
  if (input.fingerprints) plan.live_fingerprint = Fingerprint(live.tree);
  if (IsNewerThanTable(options.release)) {
    plan.findings.push_back(MakeFinding(
        kNewRelease,
        absl::StrCat("Slurm ", options.release.ToString(),
                     " is newer than what assocsync knows; it is handled as ",
                     behaviour.since.ToString())));
  } else if (behaviour.evidence.kind == ReleaseEvidence::Kind::kRead) {
    behaviours = RowsThatCouldHold(behaviour);
    std::vector<std::string> names;
    for (const Behaviour& row : behaviours) {
      names.push_back(row.since.ToString());
    }
    absl::c_sort(names);
    plan.findings.push_back(MakeFinding(
        kUntestedRelease, absl::StrCat("Slurm ", options.release.ToString(),
                                       " was never run: only commands are used "
                                       "that are exact by the rules of ",
                                       absl::StrJoin(names, ", "))));
  }
  if (!live.complete) {
    plan.findings.push_back(
        MakeFinding(kOffline,
                    "planned without a server: other clusters, missing QOS and "
                    "TRES are not known"));
  }
  const auto take = [&](std::vector<Finding> findings) {
    plan.findings.insert(plan.findings.end(), findings.begin(), findings.end());
  };
  take(input.notes);
  take(GuardTrees(live, input.target, options));
  ExpectedTree expected = ExpectedFor(
      live, input.spare == nullptr ? input.target : std::move(*input.spare),
      behaviour);
  take(GuardNames(live, expected.tree, expected.changes));
  take(std::move(expected.findings));
  std::vector<Blamed> named = BlamedBy(plan.findings);
  plan.expected = std::move(expected.tree);
  const SharedRecords shared(live);
  plan.changes = shared.Changes(std::move(expected.changes));
  std::vector<Change> kept;
  if (options.keep_shared) {
    shared.Keep(&plan.expected);
    kept = std::exchange(plan.changes,
                         shared.Changes(Diff(live.tree, plan.expected)));
  }

  // A broken live tree is a finding already; nothing can be planned on it.
  if (!plan.changes.empty() && !plan.Has(kIllegalTree) &&
      (!expected.mended || Illegalities(plan.expected).empty())) {
    Planner planner(live, plan.expected, behaviours, options.keep_shared);
    planner.caller = Name(options.caller);
    planner.Run(plan.changes);
    planner.TakeOwnLevel();
    plan.steps = std::move(planner.steps);
    const bool falls_short = absl::c_any_of(
        planner.findings,
        [](const Finding& f) { return f.severity == Severity::kError; });
    bool again = false;
    if (falls_short && planner.only_victims && !planner.victims.empty()) {
      again = AddAgain(live, behaviours, options, planner.victims, &plan,
                       &planner.findings);
    }
    DropToldAsMissing(plan.findings, &planner.findings);
    take(std::move(planner.findings));
    if (!again) {
      *blamed = std::move(planner.blamed);
      // What no command does, the findings say; nothing lifts them. The rest of
      // the plan must still be exact.
      if (falls_short) plan.expected = planner.sim().tree();
    }
    // Where rows are added again, no right vanishes that would not without.
    shared.AddVanished(planner.sim().state(), &plan.changes);
    if (!again) {
      RETURN_IF_ERROR(ProveBy(planner.sims(), live, plan.steps, plan.expected));
    }
  }
  take(GuardChanges(live, plan.expected, plan.changes, options, input.shared));
  take(GuardQos(live.tree, plan.expected, plan.changes));
  TellShared(plan.changes, kept, input.shared, &plan.findings);
  blamed->insert(blamed->end(), named.begin(), named.end());
  take(GuardJobs(live.tree, plan, input.jobs, blamed));
  take(TellEnded(live.tree, plan, input.jobs));
  take(GuardMentions(plan, input.mentions));
  take(TellUsage(plan, input.usage));
  std::erase_if(*blamed,
                [&](const Blamed& row) { return Lifts(options, row.code); });
  LiftAllowed(options, &plan.findings);
  SortFindings(&plan.findings);
  return plan;
}

absl::StatusOr<std::optional<Tree>> MadeTarget(const PlanInput& input,
                                               std::vector<Finding>* notes) {
  const DatabaseState& live = input.live;
  const PlanOptions& options = input.options;
  ASSIGN_OR_RETURN(const Behaviour behaviour, BehaviourOf(options.release));
  std::optional<Tree> made;
  if (input.base != nullptr) {
    ASSIGN_OR_RETURN(made, MergedTarget(input, notes));
  } else if (input.target.authorship.by_hand) {
    // What a file by hand does not say is none of its changes.
    made = WithUnsaid(live.tree, live, input.target, behaviour, notes,
                      input.shared == nullptr ? nullptr : input.shared->agreed);
  }
  if (input.shared != nullptr) {
    if (!made.has_value()) made = input.target;
    input.shared->Apply(live, behaviour, &*made);
  }
  if (options.only.empty() && options.except.empty() &&
      options.changes.empty() && options.pick.empty()) {
    return made;
  }
  ASSIGN_OR_RETURN(
      ScopedTree part,
      InScope(live.tree, made.has_value() ? *made : input.target, options.only,
              options.except, options.changes, options.pick));
  notes->push_back(MakeFinding(
      kScope,
      absl::StrCat(part.changes, " of ", part.of,
                   part.of == 1 ? " change is" : " changes are", " planned, ",
                   input.shared != nullptr && input.shared->adds_only
                       ? "what comes first: what goes waits for other clusters"
                   : !options.pick.empty()   ? "as was picked"
                   : options.changes.empty() ? "as --only and --except say"
                                             : "as --only, --except and "
                                               "--changes say",
                   "; all else stays as live has it",
                   part.needed.empty() ? "" : ". Needed too:"),
      std::move(part.needed)));
  if (!part.dropped.empty()) {
    notes->push_back(MakeFinding(
        kScope,
        "picked, and not planned: what was not picked stands in the way",
        std::move(part.dropped)));
  }
  return std::move(part.tree);
}

absl::StatusOr<Plan> MakePlan(const PlanInput& input) {
  const DatabaseState& live = input.live;
  std::vector<Finding> notes = input.notes;
  ASSIGN_OR_RETURN(std::optional<Tree> made, MadeTarget(input, &notes));
  PlanInput asked = input.For(made.has_value() ? *made : input.target);
  asked.notes = std::move(notes);
  asked.spare = made.has_value() ? &*made : input.spare;
  std::string target =
      input.fingerprints ? Fingerprint(input.target) : std::string();
  const bool by_hand = input.target.authorship.by_hand;
  ASSIGN_OR_RETURN(Plan plan, PlanWithoutSkipped(asked));
  plan.target_fingerprint = std::move(target);
  plan.target_by_hand = by_hand;
  if (input.base != nullptr && input.fingerprints) {
    plan.base_fingerprint = Fingerprint(*input.base);
  }
  const auto loads = BulkLoads(plan.release, plan.steps, live, LoadWhen::kPays);
  for (const BulkLoad& load : loads) plan.loaded += load.end - load.begin;
  const auto ends =
      EndsOf(plan.release, plan.steps, live.tree.associations.size(), loads);
  if (!ends.empty()) plan.estimate = absl::Ceil(ends.back(), absl::Seconds(1));
  return plan;
}

}  // namespace assocsync
