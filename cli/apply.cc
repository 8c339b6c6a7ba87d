// `assocsync apply`: show, ask, back up, run, verify, report.
#include "engine/apply/apply.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "cli/database.h"
#include "cli/run.h"
#include "engine/apply/compare.h"
#include "engine/base/counted.h"
#include "engine/base/status.h"
#include "engine/io/trusted_path.h"
#include "engine/live/database_look.h"
#include "engine/plan/estimate.h"
#include "engine/render/shown.h"
#include "engine/render/text.h"

namespace assocsync {
namespace {

constexpr size_t kShownProblems = 20;

constexpr char kDumpAdvice[] =
    "a full SQL dump is taken before anything is changed: run this where "
    "slurmdbd.conf can be read (--slurmdbd-conf PATH), give MariaDB client "
    "options with --defaults-file FILE, or bring a dump made elsewhere with "
    "--sql-dump FILE (--no-sql-dump goes without one)";

absl::StatusOr<ApplyOptions> OptionsFrom(const Options& args, const Env& env,
                                         bool* reachable) {
  ApplyOptions options;
  options.sacctmgr = args.sacctmgr;
  options.step_limit = args.timeout;
  options.load = args.bulk_load;
  options.pause_between = args.pause_between;
  options.version = ASSOCSYNC_VERSION;
  options.zone = absl::LocalTimeZone();
  options.sql_dump = args.no_sql_dump         ? ApplyOptions::SqlDump::kNone
                     : !args.sql_dump.empty() ? ApplyOptions::SqlDump::kGiven
                                              : ApplyOptions::SqlDump::kTake;
  options.sql_dump_file = args.sql_dump;
  ASSIGN_OR_RETURN(options.backup_dir, BackupDir(args, env));
  const absl::Status found =
      FindDatabase(args, kDumpAdvice, env.stop, &options.dump.database);
  *reachable = found.ok();
  // An error only where a dump must be taken.
  if (options.sql_dump == ApplyOptions::SqlDump::kTake) RETURN_IF_ERROR(found);
  FillDump(args, env, &options.dump);
  return options;
}

void ShowProgress(const ApplyProgress& now, Console* console) {
  switch (now.what) {
    case ApplyProgress::What::kReading:
      console->Progress("reading live again");
      return;
    case ApplyProgress::What::kVerifying:
      console->Progress("reading live to verify");
      return;
    case ApplyProgress::What::kDumping:
      console->Progress(DumpProgress(now.done, now.total));
      return;
    case ApplyProgress::What::kStepping:
      break;
  }
  const uint64_t last = now.done + now.at_once;
  console->Progress(absl::StrCat(
      now.at_once == 1 ? absl::StrCat("command ", last)
                       : absl::StrCat("commands ", now.done + 1, " to ", last,
                                      " as one load"),
      " of ", now.total, ", ", About(now.left), " left"));
}

std::string Shortly(absl::Duration time) {
  return absl::FormatDuration(absl::Trunc(time, absl::Milliseconds(10)));
}

// What to do after a run that stopped.
void AdviseAfterStop(const ApplyReport& report, const Planned& planned,
                     const Options& args, Console* console) {
  console->Say(absl::StrCat("what was there before: ", report.run_dir,
                            "/before.cfg; what ran: ", report.run_dir,
                            "/journal.jsonl"));
  if (console->quiet()) return;
  console->Error(
      "applying the same target again goes on from here; this goes back:",
      WayBack(report.run_dir, planned, args));
}

// `tell` for each of them, but for no more than people read.
template <typename List, typename Tell>
void TellEach(const List& list, Console* console, const Tell& tell) {
  const size_t shown =
      console->verbose() ? list.size() : std::min(list.size(), kShownProblems);
  for (size_t i = 0; i < shown; ++i) tell(list[i]);
  if (shown < list.size()) {
    console->Error(absl::StrCat("and ", list.size() - shown,
                                " more (--verbose shows all)"));
  }
}

void TellProblems(const std::vector<std::string>& problems, Console* console) {
  TellEach(problems, console,
           [&](const std::string& problem) { console->Error(problem); });
}

// The steps of which not all is well: the one that stopped the run, and those
// that turned out otherwise at its end.
void TellSteps(const ApplyReport& report, const std::vector<Step>& steps,
               Console* console) {
  std::vector<size_t> numbers;
  for (size_t i = 0; i < report.steps.size(); ++i) {
    if (report.steps[i].outcome != StepResult::Outcome::kDone) {
      numbers.push_back(i);
    }
  }
  TellEach(numbers, console, [&](size_t i) {
    console->Error(absl::StrCat("command ", i + 1, " of ", report.planned, " (",
                                steps[i].why, "): ", Explain(report.steps[i])),
                   ShownCommand(steps[i]));
  });
}

// `as_json`: what is said on stdout is in the JSON.
void TellController(const ControllerAnswer& answer, const Release& release,
                    bool as_json, Console* console) {
  using Has = ControllerAnswer::Has;
  if (as_json && answer.has != Has::kOther) return;
  switch (answer.has) {
    case Has::kUnknown:
      console->Print(absl::StrCat(
          "slurmctld was not asked: ", absl::StrJoin(answer.words, ""), ".\n"));
      break;
    case Has::kSame:
      console->Print("slurmctld has the same tree.\n");
      break;
    case Has::kOther:
      TellProblems(answer.words, console);
      console->Warn(absl::StrCat(
          "slurmctld does not have the tree that slurmdbd has (above): ",
          ControllerRemedy(release), " makes it read the tree again"));
  }
}

ExitCode Report(const ApplyReport& report, const Planned& planned,
                const Options& args, Console* console) {
  const SavedPlan& saved = planned.saved;
  const Plan& plan = saved.plan;
  TellSteps(report, plan.steps, console);
  TellProblems(report.problems, console);
  const size_t done = report.done(), began = report.steps.size();
  const std::string tally = absl::StrCat(
      done, " of ", Counted(report.planned, "command"), " done, ", began - done,
      " failed, ", report.planned - began, " not tried");
  switch (report.outcome) {
    case ApplyReport::Outcome::kInSync:
      return ExitCode::kOk;
    case ApplyReport::Outcome::kRefused:
      console->Error("refused; nothing was changed");
      return ExitCode::kRefused;
    case ApplyReport::Outcome::kVerified:
      if (!args.json()) {
        console->Print(absl::StrFormat(
            "Applied: %s%s, %s (%s). Read again: live is %s.\nBackup: %s\n",
            tally,
            report.loads == 0
                ? ""
                : absl::StrCat(" (", report.loaded, " by ",
                               Counted(report.loads, "load"), ")"),
            Shortly(report.step_time),
            args.no_sql_dump ? "no SQL dump"
                             : "SQL dump " + Shortly(report.dump_time),
            ShownTarget(plan, saved.options.target_name), report.run_dir));
      }
      TellController(report.controller, plan.release, args.json(), console);
      if (!args.json()) {
        console->Print(absl::StrCat(
            "Way back: ", WayBack(report.run_dir, planned, args), "\n"));
      }
      // Status 1 would say that nothing was changed.
      return console->status().ok() ? ExitCode::kOk : ExitCode::kPartial;
    case ApplyReport::Outcome::kNothingChanged:
      console->Error(
          absl::StrCat(tally, "; live was read again and is what it was"));
      AdviseAfterStop(report, planned, args, console);
      return ExitCode::kError;
    case ApplyReport::Outcome::kPartial:
      console->Error(absl::StrCat(
          report.interrupted ? "interrupted: " : "not finished: ", tally));
      AdviseAfterStop(report, planned, args, console);
      return ExitCode::kPartial;
  }
  return ExitCode::kPartial;
}

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
  if (args.yes) return std::nullopt;
  if (!console->interactive()) {
    console->Error(
        "refused: there is no terminal to ask on; --yes applies without "
        "asking. Nothing was changed");
    return ExitCode::kRefused;
  }
  const bool agreed = console->Agrees(
      absl::StrCat("Run ", Counted(plan.steps.size(), "command"),
                   " on cluster ", plan.cluster.view(), "?"));
  if (*env.stop) return Fail(absl::CancelledError(""), env);
  if (agreed) return std::nullopt;
  console->Say("nothing was changed");
  return ExitCode::kRefused;
}

}  // namespace

ExitCode RunApply(const Options& given, Env& env) {
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
  absl::StatusOr<ApplyOptions> options = OptionsFrom(args, env, &reachable);
  if (!options.ok()) return fail(options.status());
  ApplyDeps deps;
  deps.live = source->get();
  deps.runner = env.runner;
  std::optional<DatabaseLook> look;
  if (reachable) {
    deps.connect = [&] { return Connect(options->dump.database); };
    look.emplace(options->dump.database, saved.plan.cluster.str(),
                 !planned->live.preserve_user_case);
    deps.look = [&](const absl::btree_set<Name>* users) {
      return look->Read(users);
    };
  }
  deps.replan = [&](const LiveState& live) { return PlanFor(*planned, live); };
  deps.now = absl::Now;
  std::optional<ApplyProgress::What> phase;
  deps.progress = [&](const ApplyProgress& now) {
    ShowProgress(now, env.console);
    if (args.json() && phase != now.what) {
      env.console->Print(ApplyPhaseJson(now.what, absl::Now()));
    }
    phase = now.what;
  };
  if (args.json()) {
    deps.on_step = [&](size_t number, const StepResult* result) {
      env.console->Print(ApplyStepJson(number, saved.plan.steps[number - 1],
                                       result, absl::Now()));
    };
  }
  deps.stop = env.stop;
  if (args.no_sql_dump) {
    env.console->Warn("no SQL dump is taken (--no-sql-dump)");
  }
  absl::StatusOr<ApplyReport> report =
      Apply(planned->live, saved, *options, deps);
  env.console->ProgressDone();
  if (!report.ok()) {
    return fail(Annotate(report.status(), "nothing was changed"));
  }
  if (args.json()) env.console->Print(ApplyToJson(*report, saved));
  return Report(*report, *planned, args, env.console);
}

}  // namespace assocsync
