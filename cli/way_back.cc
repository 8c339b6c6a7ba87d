// The command that undoes a run of apply.
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
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

// The codes of the findings that would refuse the plan back, as far as anything
// lifts them: that these changes were meant is what the run says.
std::vector<std::string> InTheWay(const Planned& planned, const Options& args) {
  const SavedPlan& saved = planned.saved;
  DatabaseState after = planned.live.database;
  after.tree = saved.plan.expected;
  for (const auto& [name, record] : after.tree.qos) after.qos.insert(name);
  PlanOptions options;
  options.release = saved.options.release;
  options.caller = saved.options.caller;
  if (!args.said("max-delete")) {
    options.max_delete = args.max_delete;
    options.max_delete_is_count = args.max_delete_is_count;
  }
  std::vector<std::string> codes;
  const absl::StatusOr<Plan> back =
      MakePlan({after, planned.live.database.tree, options});
  if (!back.ok()) return codes;
  for (const Finding& finding : back->findings) {
    const std::string code(CodeName(finding.code));
    if (finding.stands() && !finding.lifted_by.empty() &&
        !absl::c_linear_search(codes, code)) {
      codes.push_back(code);
    }
  }
  return codes;
}

}  // namespace

std::string WayBack(const std::string& run_dir, const Planned& planned,
                    const Options& args) {
  std::string line = absl::StrCat("assocsync apply ", ShownWord(run_dir));
  for (const absl::string_view name : kPlaces) {
    const auto given = args.given.find(name);
    if (given == args.given.end()) continue;
    for (const absl::string_view value : absl::StrSplit(given->second, '\n')) {
      absl::StrAppend(&line, " --", name, " ", ShownWord(value));
    }
  }
  // Where there was no database to dump, there will be none.
  if (args.no_sql_dump) absl::StrAppend(&line, " --no-sql-dump");
  const std::vector<std::string> codes = InTheWay(planned, args);
  if (!codes.empty()) {
    absl::StrAppend(&line, " --allow ", absl::StrJoin(codes, ","));
  }
  return line;
}

}  // namespace assocsync
