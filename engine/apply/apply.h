// From a plan that was shown and accepted to a live tree that is shown to be
// what was asked for.
#ifndef ASSOCSYNC_ENGINE_APPLY_APPLY_H_
#define ASSOCSYNC_ENGINE_APPLY_APPLY_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/apply/controller_answer.h"
#include "engine/apply/run_step.h"
#include "engine/backup/sql_dump.h"
#include "engine/io/database.h"
#include "engine/io/process.h"
#include "engine/live/live.h"
#include "engine/plan/bulk_load.h"
#include "engine/plan/plan.h"

namespace assocsync {

struct ApplyOptions {
  std::string sacctmgr = "sacctmgr";
  absl::Duration step_limit = absl::Minutes(10);  // Of one sacctmgr command.
  // Whether many `add user` commands may be told as one load (bulk_load.h).
  // None is where the rows cannot be looked at.
  LoadWhen load = LoadWhen::kPays;
  // After each command: so long, and where it took longer itself, as long as
  // that, so that slurmdbd has half of its time for others. Zero: no pause.
  absl::Duration pause_between;
  // How long an effect that does not show yet is looked for again.
  absl::Duration look_again = absl::Seconds(1);

  // Where run folders go: BACKUP_DIR/CLUSTER-UTCTIME/. Made where missing,
  // 0700.
  std::string backup_dir;
  enum class SqlDump {
    kTake,   // Of `database`. Without a good one no command runs.
    kGiven,  // `sql_dump_file`, whole and at most an hour old.
    kOfRun,  // That of `earlier_run`, linked.
    kNone,   // The admin's explicit word; recorded.
  } sql_dump = SqlDump::kTake;
  std::string sql_dump_file;
  // The folder of the first of several runs, for the clusters of one database.
  std::string earlier_run;
  // What was there before the first of several runs: the trees of their
  // clusters as .cfg, by cluster. All of them go into the folder of each run,
  // beside the dump of the same moment. Empty: live's goes alone.
  std::vector<std::pair<std::string, std::string>> trees;
  absl::TimeZone zone;  // Of this host: dumps tell local time.
  // kTake: where the database is; options of the dump program.
  SqlDumpOptions dump;  // .dir and .stop are filled in.

  std::string version;  // Of assocsync, for journal and manifest.
};

// What is done now. `total` is 0 where it is not known.
struct ApplyProgress {
  enum class What {
    kReading,
    kDumping,   // done, total: bytes
    kStepping,  // done, total: steps
    kVerifying,
  } what;
  uint64_t done = 0, total = 0;
  absl::Duration elapsed;  // Since `what` began.
  absl::Duration left;     // kStepping: by estimate.h, from how it went so far.
  uint64_t at_once = 1;    // kStepping: so many steps as one load.
};

// The state, as far as Apply touches it. All must outlive the call.
struct ApplyDeps {
  LiveSource* live = nullptr;
  // Reads the managed cluster from slurmdbd's database as it is now (not null:
  // only this part of it): what each step is judged by. Null: no database is at
  // hand, and what sacctmgr said stands until the reading at the end.
  std::function<absl::StatusOr<DatabaseState>(const StatePart* part)> look;
  CommandRunner* runner = nullptr;
  // Connects to the database. Null: it cannot be reached from here (then there
  // is no lock across nodes, and kTake is an error).
  std::function<absl::StatusOr<std::unique_ptr<Database>>()> connect;
  // Plans again, for a state that changed beyond the managed tree since the
  // plan was made: the plan must come out the same.
  std::function<absl::StatusOr<Plan>(const LiveState&)> replan;
  std::function<absl::Time()> now;
  std::function<void(const ApplyProgress&)> progress;  // May be null.
  // Told before each step (from 1 on; `result` null), and what became of it.
  // Those of a load are told after it. May be null.
  std::function<void(size_t number, const StepResult* result)> on_step;
  const std::atomic<bool>* stop = nullptr;  // May be null.

  bool stopped() const { return stop != nullptr && *stop; }
  // To `progress`; `since`: when `what` began.
  void Tell(ApplyProgress::What what, uint64_t done, uint64_t total,
            absl::Time since, absl::Duration left = {},
            uint64_t at_once = 1) const {
    if (progress != nullptr) {
      progress({what, done, total, now() - since, left, at_once});
    }
  }
};

struct ApplyReport {
  enum class Outcome {
    kInSync,          // Nothing to do; nothing was written anywhere. Exit 0.
    kVerified,        // All done, and live is what was asked for. Exit 0.
    kNothingChanged,  // Something failed, and live is what it was. Exit 1.
    kRefused,         // A finding, or the plan is stale. Nothing ran. Exit 3.
    kPartial,         // Stopped part way, the verification failed, or the run
                      // could not be recorded in full. Exit 4.
  } outcome = Outcome::kInSync;

  std::string run_dir;  // Empty where none was left behind.
  size_t planned = 0;   // Steps of the plan.
  // Those that began, in order: what is known of each by now.
  std::vector<StepResult> steps;
  size_t done() const;           // Steps that took effect.
  size_t loads = 0, loaded = 0;  // Loads, and the steps that they did.
  bool interrupted = false;      // The stop flag ended it.
  // Why it is not kVerified: differences between live and what was asked for,
  // reasons of a refusal. One sentence or change each.
  std::vector<std::string> problems;
  ControllerAnswer controller;  // Of a run that is kVerified.
  absl::Duration dump_time, step_time;
};
// "in sync", "verified", "nothing changed", "refused", "partial"
absl::string_view RunWord(ApplyReport::Outcome outcome);

// Runs `saved.plan` (with its `expected`), made for `live`:
//  1. One apply at a time for a database and a backup folder: locks.
//  2. The run's folder: before.cfg, the plan, a full SQL dump, checked and
//     synced. Without a good dump no command runs.
//  3. Live is read again, since a dump can take minutes, and must still be what
//     was planned on.
//  4. The steps, one by one, in the journal before and after each; where that
//     pays, many that add users as one load (bulk_load.h). The run goes
//     on from a step only where that is "done" (see StepResult); "refused but
//     done" counts as done, and stops the run all the same: a sacctmgr that
//     denies what it did is not one to go on with.
//  5. Live is read once more and must be the expected tree, all of it, and
//     slurmctld is asked for its own copy.
// A returned error means that nothing was changed and nothing was left behind
// (kCancelled: the stop flag came before the first step); from the first step
// on there is a report and a run folder, whatever happens.
absl::StatusOr<ApplyReport> Apply(const LiveState& live, const SavedPlan& saved,
                                  const ApplyOptions& options,
                                  const ApplyDeps& deps);

// A run as JSON: a stream of events, each one JSON object in one line, keys in
// a fixed order. The schema is engine/render/apply.schema.json. A text that is
// not UTF-8 becomes {"base64": "..."}.
inline constexpr int kApplyFormatVersion = 1;

std::string ApplyBeginJson(const SavedPlan& saved, absl::Time time);
// `what` begins; "" for steps, which have events of their own.
std::string ApplyPhaseJson(ApplyProgress::What what, absl::Time time);
// As ApplyDeps::on_step; `step`: that one of the plan.
std::string ApplyStepJson(size_t number, const Step& step,
                          const StepResult* result, absl::Time time);
// The last one: what the run came to, with the plan, which is that of
// PlanToJson.
std::string ApplyToJson(const ApplyReport& report, const SavedPlan& saved);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_APPLY_APPLY_H_
