#include "engine/plan/plan.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/plan/expected.h"
#include "engine/plan/finding.h"
#include "engine/plan/guards.h"
#include "engine/plan/planner.h"
#include "engine/plan/shared.h"

namespace assocsync {
namespace {

Finding Note(absl::string_view code, Finding::Severity severity,
             std::string message) {
  Finding finding;
  finding.code = std::string(code);
  finding.severity = severity;
  finding.message = std::move(message);
  return finding;
}

// Runs the plan's own words, from the beginning, on a fresh model.
absl::Status Prove(const World& live, const Plan& plan,
                   const std::vector<Behaviour>& behaviours) {
  for (const Behaviour& behaviour : behaviours) {
    Slurmdbd model(behaviour, live);
    for (size_t i = 0; i < plan.steps.size(); ++i) {
      ASSIGN_OR_RETURN(const Command command, ParseCommand(plan.steps[i].argv));
      const Outcome outcome = model.Run(command);
      if (outcome.result != Outcome::Result::kDone) {
        return absl::InternalError(
            absl::StrCat("proof: step ", i + 1, " (", plan.steps[i].why,
                         ") would not be done: ", outcome.reason));
      }
    }
    const std::vector<Change> left = Diff(model.tree(), plan.expected);
    if (!left.empty()) {
      return absl::InternalError(
          absl::StrCat("proof: under release ", behaviour.since.DebugString(),
                       " the plan ends with ", left.size(),
                       " differences, the first: ", left[0].DebugString()));
    }
    if (model.world().others != live.others) {
      return absl::InternalError("proof: the plan touches another cluster");
    }
  }
  return absl::OkStatus();
}

}  // namespace

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

bool Plan::applicable() const {
  return std::none_of(findings.begin(), findings.end(),
                      [](const Finding& f) { return f.stands(); });
}

absl::StatusOr<Plan> MakePlan(const World& live, const Tree& target,
                              const PlanOptions& options) {
  ASSIGN_OR_RETURN(const Behaviour behaviour, BehaviourOf(options.release));
  std::vector<Behaviour> behaviours = {behaviour};
  Plan plan;
  plan.cluster = live.tree.cluster;
  plan.release = options.release;
  plan.live_fingerprint = Fingerprint(live.tree);
  plan.target_fingerprint = Fingerprint(target);
  if (IsNewerThanTable(options.release)) {
    plan.findings.push_back(
        Note(kNewRelease, Finding::Severity::kWarning,
             absl::StrCat("Slurm ", options.release.DebugString(),
                          " is newer than what assocsync knows; it is handled "
                          "as ",
                          behaviour.since.DebugString())));
  } else if (!behaviour.tested) {
    for (const Behaviour& other : BehaviourTable()) {
      // What this release can say at all, it must be able to say there.
      if (other.has_comment == behaviour.has_comment &&
          other.account_where_works == behaviour.account_where_works) {
        behaviours.push_back(other);
      }
    }
    plan.findings.push_back(
        Note(kUntestedRelease, Finding::Severity::kNote,
             absl::StrCat("Slurm ", options.release.DebugString(),
                          " was never tested: only commands that are exact on "
                          "every known release are used")));
  }
  if (!live.complete) {
    plan.findings.push_back(
        Note(kOffline, Finding::Severity::kNote,
             "planned without a server: other clusters, missing QOS and TRES "
             "are not known"));
  }
  ExpectedTree expected = ExpectedFor(live, target, behaviour);
  const auto take = [&](std::vector<Finding> findings) {
    plan.findings.insert(plan.findings.end(), findings.begin(), findings.end());
  };
  take(options.source_findings);
  take(GuardTrees(live, target, expected.tree, options));
  take(std::move(expected.findings));
  plan.expected = std::move(expected.tree);
  const SharedRecords shared(live);
  plan.changes = shared.Changes(plan.expected);
  std::vector<Change> kept;
  if (options.keep_shared) {
    shared.Keep(&plan.expected);
    kept = std::exchange(plan.changes, shared.Changes(plan.expected));
  }

  // A broken live tree is a finding already; nothing can be planned on it.
  if (!plan.changes.empty() && Illegalities(plan.expected).empty() &&
      std::none_of(plan.findings.begin(), plan.findings.end(),
                   [](const Finding& f) { return f.code == kIllegalTree; })) {
    Planner planner(live, plan.expected, behaviours, options.keep_shared);
    planner.Run(plan.changes);
    plan.steps = std::move(planner.steps);
    const bool falls_short = std::any_of(
        planner.findings.begin(), planner.findings.end(), [](const Finding& f) {
          return f.severity == Finding::Severity::kRefuse;
        });
    take(std::move(planner.findings));
    // What no command does, the findings say; nothing lifts them. The rest of
    // the plan must still be exact.
    if (falls_short) plan.expected = planner.sim().tree();
    shared.AddVanished(planner.sim().world(), &plan.changes);
    RETURN_IF_ERROR(Prove(live, plan, behaviours));
  }
  take(GuardChanges(live, plan.expected, plan.changes, options));
  TellShared(plan.changes, kept, &plan.findings);
  for (Finding& f : plan.findings) {
    f.lifted = !f.lifted_by.empty() &&
               std::find(options.allow.begin(), options.allow.end(), f.code) !=
                   options.allow.end();
  }
  std::stable_sort(plan.findings.begin(), plan.findings.end(),
                   [](const Finding& a, const Finding& b) {
                     return std::tie(a.severity, a.code) <
                            std::tie(b.severity, b.code);
                   });
  return plan;
}

}  // namespace assocsync
