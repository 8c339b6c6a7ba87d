#include "engine/apply/apply.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/apply/backup.h"
#include "engine/apply/compare.h"
#include "engine/apply/journal.h"
#include "engine/apply/put_back.h"
#include "engine/apply/run_folder.h"
#include "engine/apply/run_steps.h"
#include "engine/backup/run_lock.h"
#include "engine/base/counted.h"
#include "engine/base/status.h"
#include "engine/cfg/write.h"
#include "engine/diff/diff.h"
#include "engine/model/finding.h"
#include "engine/plan/jobs.h"

namespace assocsync {
namespace {

using RunOutcome = ApplyReport::Outcome;

// How long slurmctld may take to have what slurmdbd told it.
constexpr absl::Duration kControllerPatience = absl::Seconds(3);

class Run {
 public:
  Run(const LiveState& live, const SavedPlan& saved,
      const ApplyOptions& options, const ApplyDeps& deps)
      : live_(live),
        saved_(saved),
        plan_(saved.plan),
        options_(options),
        deps_(deps) {}

  absl::StatusOr<ApplyReport> Execute();

 private:
  ApplyReport Refusal(std::vector<std::string> reasons) const;
  // What the plan takes away from these jobs; empty: nothing that stands.
  std::vector<std::string> InTheWay(const std::vector<Job>& jobs) const;
  // Reads live again, into before_. Reasons why the plan does not hold for it.
  absl::StatusOr<std::vector<std::string>> ReadAgain();
  JournalStart StartOf(const Plan& plan) const;  // Without an SQL dump.
  absl::StatusOr<Journal> StartJournal(const RunFolder& folder,
                                       const RunBackup& backup) const;
  // Reads what became of it, settles what is known of each step, and fills the
  // report.
  void Verify(const RunFolder& folder, Journal* journal, Manifest* manifest);
  RunOutcome Judge(const LiveState& after);
  // What a run that stopped has begun and should not leave (put_back.h), is put
  // back by a plan of its own, and `after` read again.
  void PutBack(const RunFolder& folder, Manifest* manifest, LiveState* after);
  absl::Status RunBack(const Plan& back, const RunFolder& folder,
                       Manifest* manifest);

  const LiveState& live_;
  const SavedPlan& saved_;
  const Plan& plan_;
  const ApplyOptions& options_;
  const ApplyDeps& deps_;
  LiveState before_;  // Right before the first step.
  ApplyReport report_;
};

ApplyReport Run::Refusal(std::vector<std::string> reasons) const {
  ApplyReport report;
  report.outcome = RunOutcome::kRefused;
  report.planned = plan_.steps.size();
  report.problems = std::move(reasons);
  return report;
}

std::vector<std::string> Run::InTheWay(const std::vector<Job>& jobs) const {
  std::vector<Finding> findings = GuardJobs(before_.database.tree, plan_, jobs);
  LiftAllowed(saved_.options, &findings);
  std::vector<std::string> reasons;
  for (const Finding& f : findings) {
    if (!f.stands()) continue;
    reasons.push_back(absl::StrCat(CodeName(f.code), ": ", f.message, ": ",
                                   absl::StrJoin(f.rows, "; ")));
  }
  return reasons;
}

absl::StatusOr<std::vector<std::string>> Run::ReadAgain() {
  deps_.Tell(ApplyProgress::What::kReading, 0, 0, deps_.now());
  ASSIGN_OR_RETURN(before_, deps_.live->Read(plan_.cluster.view()));
  std::vector<std::string> reasons = LiveChanges(live_, before_);
  for (std::string& reason : InTheWay(before_.jobs)) {
    reasons.push_back(std::move(reason));
  }
  if (!reasons.empty() || before_.database == live_.database) return reasons;
  // Something beyond this cluster's rows changed: a record, a coordinator,
  // another cluster. It matters only if it makes another plan.
  ASSIGN_OR_RETURN(const Plan again, deps_.replan(before_));
  if (again == plan_) return reasons;
  SavedPlan saved = saved_;
  saved.expected_fingerprint = Fingerprint(plan_.expected);
  return StaleReasons(saved, again);
}

JournalStart Run::StartOf(const Plan& plan) const {
  JournalStart start;
  start.time = deps_.now();
  start.version = options_.version;
  start.cluster = plan.cluster.str();
  start.release = plan.release.ToString();
  start.steps = plan.steps.size();
  start.live = plan.live_fingerprint;
  start.target = plan.target_fingerprint;
  start.expected = Fingerprint(plan.expected);
  start.sql_dump = "none";
  return start;
}

absl::StatusOr<Journal> Run::StartJournal(const RunFolder& folder,
                                          const RunBackup& backup) const {
  JournalStart start = StartOf(plan_);
  start.sql_dump = backup.sql_dump;
  start.sql_dump_file = backup.sql_dump_file;
  start.sql_dump_sha256 = backup.sql_dump_sha256;
  return Journal::Create(folder.File(kJournalName), start);
}

RunOutcome Run::Judge(const LiveState& after) {
  std::vector<std::string>& problems = report_.problems;
  std::vector<std::string> unmet =
      Unmet(before_.database, after.database, plan_);
  if (unmet.empty()) return RunOutcome::kVerified;
  const bool all_done = report_.done() == report_.planned;
  if (!all_done && before_.database == after.database) {
    return RunOutcome::kNothingChanged;
  }
  if (all_done) {
    problems.insert(problems.end(), unmet.begin(), unmet.end());
    return RunOutcome::kPartial;
  }
  // What is still to do is what was not done; but nothing else may differ.
  const std::optional<Tree> so_far =
      TreeAfterSteps(plan_, before_.database, report_.steps);
  if (so_far.has_value()) {
    for (const Change& change : Diff(*so_far, after.database.tree)) {
      problems.push_back(absl::StrCat("changed by none of the commands done: ",
                                      change.ToString()));
    }
  }
  Plan kept = plan_;
  kept.expected = after.database.tree;
  unmet = Unmet(before_.database, after.database, kept);
  problems.insert(problems.end(), unmet.begin(), unmet.end());
  return RunOutcome::kPartial;
}

absl::Status Run::RunBack(const Plan& back, const RunFolder& folder,
                          Manifest* manifest) {
  ASSIGN_OR_RETURN(Journal journal,
                   Journal::Create(folder.File(kPutBackName), StartOf(back)));
  size_t done = 0;
  absl::Status status;
  for (const Step& step : back.steps) {
    status = journal.Begin(done + 1, step, deps_.now());
    if (!status.ok()) break;
    const StepResult result =
        RunStep(step, options_.sacctmgr, options_.step_limit, *deps_.runner);
    status = journal.End(done + 1, result, deps_.now());
    if (result.outcome != StepResult::Outcome::kDone) {
      status = absl::FailedPreconditionError(
          absl::StrCat(step.why, ": ", Explain(result)));
    }
    if (!status.ok()) break;
    ++done;
  }
  RETURN_IF_ERROR(journal.Stop(
      done, status.ok() ? "done" : "partial",
      status.ok() ? std::vector<std::string>()
                  : std::vector<std::string>{std::string(status.message())},
      {}, {}, deps_.now()));
  RETURN_IF_ERROR(AddToManifest(folder, kPutBackName, manifest));
  return status;
}

void Run::PutBack(const RunFolder& folder, Manifest* manifest,
                  LiveState* after) {
  const std::optional<Tree> target = TreeToPutBack(
      before_.database.tree, after->database.tree, plan_.expected);
  if (!target.has_value()) return;
  // Only what this run made of live: others may be at work too.
  const std::optional<Tree> made =
      TreeAfterSteps(plan_, before_.database, report_.steps);
  const auto failed = [&](absl::string_view why) {
    report_.problems.push_back(absl::StrCat(
        "what the stopped run has begun could not be put back: ", why));
  };
  if (!made.has_value() || !(*made == after->database.tree)) {
    return failed("live is not just what its commands made of it");
  }
  PlanOptions options;
  options.release = plan_.release;
  options.caller = saved_.options.caller;
  options.max_delete = 100;
  options.allow = {std::string(CodeName(kWholeKindVanishes))};
  options.target_name = "what was there before";
  PlanInput input{after->database, *target, options};
  if (auto jobs = deps_.live->Jobs(after->database); jobs.ok()) {
    input.jobs = *std::move(jobs);
  }
  const absl::StatusOr<Plan> back = MakePlan(input);
  if (!back.ok()) return failed(back.status().message());
  for (const Finding& finding : back->findings) {
    if (finding.stands()) {
      return failed(
          absl::StrCat(CodeName(finding.code), ": ", finding.message));
    }
  }
  const absl::Status run = RunBack(*back, folder, manifest);
  absl::StatusOr<LiveState> again = deps_.live->ReadTree(plan_.cluster.view());
  if (!again.ok()) return failed(again.status().message());
  *after = *std::move(again);
  if (!run.ok()) return failed(run.message());
  if (!(after->database.tree == back->expected)) {
    return failed("live is not what it should be now");
  }
  if (before_.database == after->database) {
    report_.outcome = RunOutcome::kNothingChanged;
  }
  report_.problems.push_back(absl::StrCat(
      "what it had begun was put back, by ",
      Counted(back->steps.size(), "command"), " (", kPutBackName, ")"));
}

void Run::Verify(const RunFolder& folder, Journal* journal,
                 Manifest* manifest) {
  deps_.Tell(ApplyProgress::What::kVerifying, 0, 0, deps_.now());
  absl::StatusOr<LiveState> after = deps_.live->ReadTree(plan_.cluster.view());
  std::vector<Journal::Settled> settled;
  // Whatever could not be kept of the run: then it did not all go well, even
  // where live is what was asked for.
  const auto note = [&](const absl::Status& status) {
    if (status.ok()) return;
    report_.problems.push_back(
        absl::StrCat("this run could not be recorded: ", status.message()));
    if (report_.outcome == RunOutcome::kVerified) {
      report_.outcome = RunOutcome::kPartial;
      report_.problems.push_back("live was read again and is the target");
    }
  };
  if (!after.ok()) {
    report_.outcome = RunOutcome::kPartial;
    report_.problems.push_back(absl::StrCat(
        "what became of live could not be read: ", after.status().message()));
  } else {
    settled = SettleSteps(plan_, before_.database, after->database, &report_);
    report_.outcome = Judge(*after);
    if (report_.outcome == RunOutcome::kVerified) {
      report_.controller = AskController(*deps_.live, after->database,
                                         kControllerPatience, deps_.stop);
    }
    if (report_.done() < report_.planned && !deps_.stopped()) {
      PutBack(folder, manifest, &*after);
    }
    const absl::Status written =
        folder.Write(kAfterRunName, Write(after->database.tree)).status();
    note(written);
    if (written.ok()) note(AddToManifest(folder, kAfterRunName, manifest));
  }
  const absl::Status stop =
      journal->Stop(report_.done(), RunWord(report_.outcome), report_.problems,
                    settled, report_.controller, deps_.now());
  note(stop);
  if (stop.ok()) note(AddToManifest(folder, kJournalName, manifest));
}

absl::StatusOr<ApplyReport> Run::Execute() {
  std::vector<std::string> refusals;
  for (const Finding& finding : plan_.findings) {
    if (finding.stands()) {
      refusals.push_back(
          absl::StrCat(CodeName(finding.code), ": ", finding.message));
    }
  }
  if (!plan_.applicable()) return Refusal(std::move(refusals));
  if (plan_.steps.empty()) return report_;
  if (deps_.stopped())
    return absl::CancelledError("stopped before the first step");

  ASSIGN_OR_RETURN(
      RunLock lock,
      RunLock::Acquire(
          options_.backup_dir, options_.dump.database.database, deps_.connect,
          options_.sql_dump == ApplyOptions::SqlDump::kTake, deps_.stop));
  ASSIGN_OR_RETURN(RunFolder folder,
                   RunFolder::Create(options_.backup_dir, plan_.cluster.view(),
                                     deps_.now()));
  report_.planned = plan_.steps.size();
  const absl::Time dump_start = deps_.now();
  ASSIGN_OR_RETURN(
      RunBackup backup,
      TakeRunBackup(folder, live_, saved_, options_, deps_, lock.database()));
  report_.dump_time = deps_.now() - dump_start;
  ASSIGN_OR_RETURN(std::vector<std::string> stale, ReadAgain());
  if (!stale.empty()) return Refusal(std::move(stale));
  ASSIGN_OR_RETURN(Journal journal, StartJournal(folder, backup));
  // Where they cannot be looked at, slurmdbd still refuses to delete their
  // rows.
  const auto in_the_way = [&]() -> std::vector<std::string> {
    const auto jobs = deps_.live->Jobs(before_.database);
    return jobs.ok() ? InTheWay(*jobs) : std::vector<std::string>();
  };
  RETURN_IF_ERROR(RunSteps(plan_, options_, deps_, before_.database, in_the_way,
                           &journal, &lock, &folder, &report_));
  report_.run_dir = folder.path();
  Verify(folder, &journal, &backup.manifest);
  return std::move(report_);
}

}  // namespace

absl::string_view RunWord(RunOutcome outcome) {
  constexpr absl::string_view kWords[] = {
      "in sync", kVerifiedWord, "nothing changed", "refused", "partial"};
  return kWords[static_cast<int>(outcome)];
}

absl::StatusOr<ApplyReport> Apply(const LiveState& live, const SavedPlan& saved,
                                  const ApplyOptions& options,
                                  const ApplyDeps& deps) {
  return Run(live, saved, options, deps).Execute();
}

}  // namespace assocsync
