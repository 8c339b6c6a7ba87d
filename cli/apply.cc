// `assocsync apply`: show, ask, back up, run, verify, report.
#include "engine/apply/apply.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/apply_run.h"
#include "cli/clusters.h"
#include "cli/run.h"
#include "engine/apply/compare.h"
#include "engine/base/counted.h"
#include "engine/base/status.h"
#include "engine/io/trusted_path.h"

namespace assocsync {
namespace {

// Nothing if the plan may run; otherwise how the command ends, and the report
// of that.
std::optional<ExitCode> MayRun(const Options& args, const Planned& planned,
                               ApplyReport* report, Env& env) {
  Console* console = env.console;
  const Plan& plan = planned.saved.plan;
  report->outcome = ApplyReport::Outcome::kRefused;
  if (planned.input.saved.has_value()) {
    report->problems = StaleReasons(*planned.input.saved, plan);
    if (!report->problems.empty()) {
      TellProblems(report->problems, console);
      console->Error(
          "refused: this plan was made for another situation; plan again. "
          "Nothing was changed");
      return ExitCode::kRefused;
    }
  }
  if (!args.json()) {
    const bool asks = !args.yes && console->interactive() &&
                      plan.applicable() && !plan.steps.empty();
    std::optional<Evidence> evidence;
    if (asks) evidence = GatherEvidence(args, plan, env);
    const absl::Status shown =
        FormatOf(args).plan({args, planned.saved, planned.live.database.tree,
                             evidence.has_value() ? &*evidence : nullptr},
                            env);
    if (!shown.ok()) return Fail(shown, env);
  }
  if (!plan.applicable()) {
    console->Error(args.json()
                       ? "refused by findings of the plan; nothing was changed"
                       : "refused by the findings above; nothing was changed");
    return ExitCode::kRefused;
  }
  if (plan.steps.empty()) {
    report->outcome = ApplyReport::Outcome::kInSync;
    return ExitCode::kOk;
  }
  return AskToRun(args,
                  absl::StrCat("Run ", Counted(plan.steps.size(), "command"),
                               " on cluster ", plan.cluster.view(), "?"),
                  env);
}

}  // namespace

ExitCode RunApply(const Options& given, Env& env) {
  if (given.all_clusters) return RunApplyToClusters(given, env);
  Options args = given;
  absl::StatusOr<Planned> planned = MakePlanned(&args, /*plans_too=*/true, env);
  if (!planned.ok()) return Fail(planned.status(), env);
  if (args.pick) {
    const absl::StatusOr<bool> picked = PickChanges(args, &*planned, env);
    if (!picked.ok()) return FailPicking(picked.status(), env);
    if (!*picked) {
      env.console->Say("nothing was picked; nothing was changed");
      return ExitCode::kRefused;
    }
  }
  // What is read before and after comes from one source. From the first step
  // on, Ctrl-C must not end what looks at the outcome.
  auto source = MakeControlledSource(args, env.runner, env.stop_now);
  if (!source.ok()) return Fail(source.status(), env);
  const SavedPlan& saved = planned->saved;
  if (args.json()) env.console->Print(ApplyBeginJson(saved, absl::Now()));
  ApplyReport unrun;
  if (const auto exit = MayRun(args, *planned, &unrun, env)) {
    if (*exit == ExitCode::kOk) {  // There is nothing to do.
      unrun.controller = AskController(*planned->source, planned->live.database,
                                       absl::ZeroDuration(), env.stop);
      if (unrun.controller.has != ControllerAnswer::Has::kUnknown) {
        TellController(unrun.controller, saved.plan.release, args.json(),
                       env.console);
      }
    }
    if (args.json()) env.console->Print(ApplyToJson(unrun, saved));
    return *exit;
  }

  const auto fail = [&](const absl::Status& status) {
    unrun.outcome = IsUntrusted(status) ? ApplyReport::Outcome::kRefused
                                        : ApplyReport::Outcome::kNothingChanged;
    unrun.interrupted = absl::IsCancelled(status);
    unrun.problems = {std::string(status.message())};
    if (args.json()) env.console->Print(ApplyToJson(unrun, saved));
    return Fail(status, env);
  };
  bool reachable = false;
  absl::StatusOr<ApplyOptions> options = ApplyOptionsFor(args, env, &reachable);
  if (!options.ok()) return fail(options.status());
  if (args.no_sql_dump) {
    env.console->Warn("no SQL dump is taken (--no-sql-dump)");
  }
  const absl::StatusOr<ApplyReport> report = RunPlanned(
      {args, saved, planned->live, source->get(), *options, reachable,
       [&](const LiveState& live) { return PlanFor(*planned, live); }},
      env);
  if (!report.ok()) {
    return fail(Annotate(report.status(), "nothing was changed"));
  }
  if (args.json()) env.console->Print(ApplyToJson(*report, saved));
  return TellReport(
      *report, saved, [&] { return WayBack(report->run_dir, *planned, args); },
      args, env.console);
}

}  // namespace assocsync
