#include <filesystem>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/evidence.h"
#include "cli/run.h"
#include "engine/cfg/write.h"
#include "engine/io/file.h"
#include "engine/plan/shared.h"
#include "engine/render/escape.h"
#include "engine/render/html.h"
#include "engine/render/json.h"
#include "engine/render/markdown.h"
#include "engine/render/sh.h"
#include "engine/render/text.h"
#include "engine/render/unified_diff.h"

namespace assocsync {
namespace {

// Says what was assumed, where that matters.
void TellRelease(const PlanningArgs& args, const Release& release, Env& env) {
  if (!args.live_is_file() || !args.release.empty()) return;
  env.console->Say(absl::StrCat("no --release given: planned for Slurm ",
                                release.DebugString(), ", the newest known"));
}

absl::Status Save(const PlanArgs& args, const SavedPlan& saved) {
  if (args.out.empty()) return absl::OkStatus();
  return WriteFileAtomic(args.out, PlanToJson(saved));
}

// What live is and what it will be; what stands in the way goes to stderr.
void ShowDiff(const SavedPlan& saved, const TargetInput& target,
              const Tree& live, Env& env) {
  UnifiedDiffOptions options;
  options.to_name = target.name;
  options.color = env.console->color();
  // Of users and accounts that live does not hold yet, no line of it can tell.
  for (const Change& change : saved.plan.changes) {
    if (change.reaches.empty()) continue;
    env.console->Print(absl::StrCat("# ", Escaped(SharedWords(change)), "\n"));
  }
  env.console->Print(
      UnifiedDiff(Write(live), Write(saved.plan.expected), options));
  if (saved.plan.findings.empty()) return;
  TextOptions text;
  text.verbose = env.console->verbose();
  env.console->Say(RenderFindings(saved.plan, text));
}

// The page goes to others: of a file they are told its name, not its folder.
void ShowHtml(const PlanArgs& args, const SavedPlan& saved,
              const TargetInput& target, const Tree& live, Env& env) {
  HtmlOptions options;
  options.target_name = target.name;
  options.base_name = saved.options.base_name;
  options.live_from =
      args.planning.live_is_file()
          ? std::filesystem::path(saved.live_name).filename().string()
          : saved.live_name;
  env.console->Print(RenderHtml(saved.plan, live, options));
}

void Show(const PlanArgs& args, const SavedPlan& saved,
          const TargetInput& target, const Tree& live, const Evidence* evidence,
          Env& env) {
  switch (args.format) {
    case Format::kText:
      ShowPlan(saved.plan, args.planning, saved.options, env, evidence);
      break;
    case Format::kJson:
      env.console->Print(PlanToJson(saved, evidence));
      break;
    case Format::kDiff:
      ShowDiff(saved, target, live, env);
      break;
    case Format::kMarkdown:
      env.console->Print(RenderMarkdown(
          saved.plan,
          {.target_name = target.name, .base_name = saved.options.base_name}));
      break;
    case Format::kHtml:
      ShowHtml(args, saved, target, live, env);
      break;
    case Format::kSh:
      env.console->Print(RenderSh(saved.plan, {.target_name = target.name}));
      break;
    default:
      break;  // Of check; command_args.cc takes none of them for plan.
  }
}

}  // namespace

ExitCode RunPlan(const PlanArgs& given, Env& env) {
  PlanArgs args = given;
  absl::StatusOr<TargetInput> target =
      ReadTarget(args.planning, /*plans_too=*/false, /*caller_decides=*/true);
  if (!target.ok()) return Fail(target.status(), env);
  args.planning.live = ResolveLive(args.planning, args.database, *target, env);
  absl::StatusOr<std::unique_ptr<LiveSource>> source =
      MakeControlledSource(args.planning, args.database, env.reader, env.stop);
  if (!source.ok()) return Fail(source.status(), env);
  absl::StatusOr<Planned> planned =
      MakePlanned(args.planning, args.database, &*target, source->get(), env);
  if (!planned.ok()) return Fail(planned.status(), env);

  planned->target = Tree();  // The plan holds what will be.
  const SavedPlan saved = TakeSaved(&*planned, &*target, **source);
  if (const absl::Status status = Save(args, saved); !status.ok()) {
    return Fail(status, env);
  }
  const std::optional<Evidence> evidence =
      GatherEvidence(args, saved.plan, env);
  Show(args, saved, *target, planned->live.world.tree,
       evidence.has_value() ? &*evidence : nullptr, env);
  TellRelease(args.planning, saved.plan.release, env);
  if (!saved.plan.applicable()) return ExitCode::kRefused;
  const bool pending = !saved.plan.changes.empty() || !saved.plan.steps.empty();
  return args.detailed_exitcode && pending ? ExitCode::kPending : ExitCode::kOk;
}

}  // namespace assocsync
