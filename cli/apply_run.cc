#include "cli/apply_run.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "cli/database.h"
#include "engine/apply/compare.h"
#include "engine/base/counted.h"
#include "engine/base/status.h"
#include "engine/live/database_look.h"
#include "engine/plan/estimate.h"
#include "engine/render/shown.h"

namespace assocsync {
namespace {

constexpr size_t kShownProblems = 20;

constexpr char kDumpAdvice[] =
    "a full SQL dump is taken before anything is changed: run this where "
    "slurmdbd.conf can be read (--slurmdbd-conf PATH), give MariaDB client "
    "options with --defaults-file FILE, or bring a dump made elsewhere with "
    "--sql-dump FILE (--no-sql-dump goes without one)";

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

}  // namespace

absl::StatusOr<ApplyOptions> ApplyOptionsFor(const Options& args,
                                             const Env& env, bool* reachable) {
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

absl::StatusOr<ApplyReport> RunPlanned(const PlanToRun& run, Env& env) {
  const Options& args = run.args;
  const SavedPlan& saved = run.saved;
  const DatabaseOptions& database = run.options.dump.database;
  ApplyDeps deps;
  deps.live = run.source;
  deps.runner = env.runner;
  std::optional<DatabaseLook> look;
  if (run.reachable) {
    deps.connect = [&] { return Connect(database); };
    look.emplace(database, saved.plan.cluster.str(),
                 !run.live.preserve_user_case);
    deps.look = [&](const StatePart* part) { return look->Read(part); };
  }
  deps.replan = run.replan;
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
  absl::StatusOr<ApplyReport> report =
      Apply(run.live, saved, run.options, deps);
  env.console->ProgressDone();
  return report;
}

std::optional<ExitCode> AskToRun(const Options& args,
                                 const std::string& question, Env& env) {
  if (args.yes) return std::nullopt;
  Console* const console = env.console;
  if (!console->interactive()) {
    console->Error(
        "refused: there is no terminal to ask on; --yes applies without "
        "asking. Nothing was changed");
    return ExitCode::kRefused;
  }
  const bool agreed = console->Agrees(question);
  if (*env.stop) return Fail(absl::CancelledError(""), env);
  if (agreed) return std::nullopt;
  console->Say("nothing was changed");
  return ExitCode::kRefused;
}

void TellProblems(const std::vector<std::string>& problems, Console* console) {
  TellEach(problems, console,
           [&](const std::string& problem) { console->Error(problem); });
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

void AdviseAfterStop(const std::string& run_dir, const std::string& way_back,
                     Console* console) {
  console->Say(absl::StrCat("what was there before: ", run_dir,
                            "/before.cfg; what ran: ", run_dir,
                            "/journal.jsonl"));
  if (console->quiet()) return;
  console->Error(
      "applying the same target again goes on from here; this goes back:",
      way_back);
}

ExitCode TellReport(const ApplyReport& report, const SavedPlan& saved,
                    const std::function<std::string()>& way_back,
                    const Options& args, Console* console) {
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
      if (!args.json() && way_back != nullptr) {
        console->Print(absl::StrCat("Way back: ", way_back(), "\n"));
      }
      // Status 1 would say that nothing was changed.
      return console->status().ok() ? ExitCode::kOk : ExitCode::kPartial;
    case ApplyReport::Outcome::kNothingChanged:
      console->Error(
          absl::StrCat(tally, "; live was read again and is what it was"));
      if (way_back != nullptr) {
        AdviseAfterStop(report.run_dir, way_back(), console);
      }
      return ExitCode::kError;
    case ApplyReport::Outcome::kPartial:
      console->Error(absl::StrCat(
          report.interrupted ? "interrupted: " : "not finished: ", tally));
      if (way_back != nullptr) {
        AdviseAfterStop(report.run_dir, way_back(), console);
      }
      return ExitCode::kPartial;
  }
  return ExitCode::kPartial;
}

}  // namespace assocsync
