
#include "absl/strings/str_cat.h"
#include "cli/clusters.h"
#include "cli/run.h"
#include "engine/io/file.h"
#include "engine/render/json.h"

namespace assocsync {

ExitCode RunPlan(const Options& given, Env& env) {
  if (given.all_clusters) return RunPlanOfClusters(given, env);
  Options args = given;
  absl::StatusOr<Planned> planned =
      MakePlanned(&args, /*plans_too=*/false, env);
  if (!planned.ok()) return Fail(planned.status(), env);
  if (args.pick) {
    const absl::StatusOr<bool> picked = PickChanges(args, &*planned, env);
    if (!picked.ok()) return FailPicking(picked.status(), env);
    if (!*picked) {
      env.console->Say("nothing was picked, and nothing is planned");
      return ExitCode::kOk;
    }
  }
  const SavedPlan& saved = planned->saved;
  if (!args.out.empty()) {
    const auto status = WriteFileAtomic(args.out, PlanToJson(saved));
    if (!status.ok()) return Fail(status, env);
  }
  const std::optional<Evidence> evidence =
      GatherEvidence(args, saved.plan, env);
  const absl::Status shown =
      FormatOf(args).plan({args, saved, planned->live.database.tree,
                           evidence.has_value() ? &*evidence : nullptr},
                          env);
  if (!shown.ok()) return Fail(shown, env);
  // What was assumed, where that matters.
  if (args.live == Live::kFile && args.release.empty()) {
    env.console->Say(absl::StrCat(
        "no --release given: planned for Slurm ", saved.plan.release.ToString(),
        planned->live.database.complete ? ", the oldest with such a database"
                                        : ", the newest known"));
  }
  if (!saved.plan.applicable()) return ExitCode::kRefused;
  const bool pending = !saved.plan.changes.empty() || !saved.plan.steps.empty();
  return args.detailed_exitcode && pending ? ExitCode::kPending : ExitCode::kOk;
}

}  // namespace assocsync
