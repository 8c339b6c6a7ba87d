// The command that undoes a run of apply.
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/clusters.h"
#include "cli/run.h"
#include "engine/model/finding.h"
#include "engine/plan/plan.h"
#include "engine/render/escape.h"

namespace assocsync {
namespace {

// What of a command line says where things are.
constexpr absl::string_view kPlaces[] = {
    "config",        "cluster",    "live",     "slurmdbd-conf",
    "defaults-file", "backup-dir", "sacctmgr", "trust-path"};

// What a plan back is made by, where nothing of it is asked for.
PlanOptions OptionsBack(const PlanOptions& there, const Options& args) {
  PlanOptions options;
  options.release = there.release;
  options.caller = there.caller;
  if (!args.said("max-delete")) {
    options.max_delete = args.max_delete;
    options.max_delete_is_count = args.max_delete_is_count;
  }
  return options;
}

// The codes of those that would refuse the plan back, as far as anything lifts
// them: that these changes were meant is what the run says.
void AddCodes(const std::vector<Finding>& findings,
              std::vector<std::string>* codes) {
  for (const Finding& finding : findings) {
    const std::string code(CodeName(finding.code));
    if (finding.stands() && !finding.lifted_by.empty() &&
        !absl::c_linear_search(*codes, code)) {
      codes->push_back(code);
    }
  }
}

std::vector<std::string> InTheWay(const Planned& planned, const Options& args) {
  const SavedPlan& saved = planned.saved;
  DatabaseState after = planned.live.database;
  after.tree = saved.plan.expected;
  for (const auto& [name, record] : after.tree.qos) after.qos.insert(name);
  const PlanOptions options = OptionsBack(saved.options, args);
  std::vector<std::string> codes;
  const absl::StatusOr<Plan> back =
      MakePlan({after, planned.live.database.tree, options});
  if (back.ok()) AddCodes(back->findings, &codes);
  return codes;
}

std::vector<std::string> InTheWay(const PlannedClusters& planned,
                                  const Options& args) {
  const PlanOptions options =
      OptionsBack(planned.clusters[0].saved.options, args);
  std::vector<PlanInput> inputs;
  for (size_t i = 0; i < planned.clusters.size(); ++i) {
    inputs.push_back({planned.whole.after[i],
                      planned.clusters[i].live.database.tree, options});
  }
  std::vector<std::string> codes;
  const absl::StatusOr<ClustersPlan> back =
      PlanClusters(inputs, [](size_t, uint32_t) { return std::string(); });
  if (!back.ok()) return codes;
  AddCodes(back->findings, &codes);
  for (const ClustersPlan::Part& part : back->parts) {
    AddCodes(part.plan.findings, &codes);
  }
  return codes;
}

std::string BackLine(const std::string& run_dir, absl::string_view flags,
                     const std::vector<std::string>& codes,
                     const Options& args) {
  std::string line =
      absl::StrCat("assocsync apply ", ShownWord(run_dir), flags);
  for (const absl::string_view name : kPlaces) {
    const auto given = args.given.find(name);
    if (given == args.given.end()) continue;
    for (const absl::string_view value : absl::StrSplit(given->second, '\n')) {
      absl::StrAppend(&line, " --", name, " ", ShownWord(value));
    }
  }
  // Where there was no database to dump, there will be none.
  if (args.no_sql_dump) absl::StrAppend(&line, " --no-sql-dump");
  if (!codes.empty()) {
    absl::StrAppend(&line, " --allow ", absl::StrJoin(codes, ","));
  }
  return line;
}

}  // namespace

std::string WayBack(const std::string& run_dir, const Planned& planned,
                    const Options& args) {
  return BackLine(run_dir, "", InTheWay(planned, args), args);
}

std::string WayBackOfClusters(const std::string& run_dir,
                              const PlannedClusters& planned,
                              const Options& args) {
  return BackLine(run_dir, " --all-clusters", InTheWay(planned, args), args);
}

}  // namespace assocsync
