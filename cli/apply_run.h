// The run of one plan: what `apply` does for a plan alone, and for each of
// those of several clusters.
#ifndef ASSOCSYNC_CLI_APPLY_RUN_H_
#define ASSOCSYNC_CLI_APPLY_RUN_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/run.h"
#include "engine/apply/apply.h"

namespace assocsync {

// What `args` say of a run. `reachable`: the database is. An error only where a
// dump of it must be taken.
absl::StatusOr<ApplyOptions> ApplyOptionsFor(const Options& args,
                                             const Env& env, bool* reachable);

// One plan, made on `live`. All must outlive the call.
struct PlanToRun {
  const Options& args;
  const SavedPlan& saved;
  const LiveState& live;
  LiveSource* source;  // By env.runner, stopped by env.stop_now.
  const ApplyOptions& options;
  bool reachable = false;
  std::function<absl::StatusOr<Plan>(const LiveState&)> replan;
};
// Apply, with progress and the events of its steps.
absl::StatusOr<ApplyReport> RunPlanned(const PlanToRun& run, Env& env);

// Asks on the terminal whether to `question`. nullopt: yes, or --yes; otherwise
// how the command ends, which is told.
std::optional<ExitCode> AskToRun(const Options& args,
                                 const std::string& question, Env& env);

// Tells what a run came to, and returns the status that it ends with.
// `way_back`: the command that undoes it; called only where it is told. Null:
// the caller tells.
ExitCode TellReport(const ApplyReport& report, const SavedPlan& saved,
                    const std::function<std::string()>& way_back,
                    const Options& args, Console* console);
// Of a run that stopped: where what was there is, and what to do.
void AdviseAfterStop(const std::string& run_dir, const std::string& way_back,
                     Console* console);
void TellProblems(const std::vector<std::string>& problems, Console* console);
void TellController(const ControllerAnswer& answer, const Release& release,
                    bool as_json, Console* console);

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_APPLY_RUN_H_
