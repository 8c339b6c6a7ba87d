// What goes together, and what does not.
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "cli/options.h"

namespace assocsync {
namespace {

struct Clash {
  unsigned commands;
  bool (*broken)(const Options& args);
  absl::string_view message;
};
constexpr Clash kClashes[] = {
    {kForFmt, [](const Options& o) { return o.check && o.in_place; },
     "--check and --in-place contradict each other"},
    {kForFmt,
     [](const Options& o) {
       return o.in_place &&
              (o.files.empty() || absl::c_linear_search(o.files, "-"));
     },
     "--in-place writes files; which ones?"},
    {kForFmt,
     [](const Options& o) {
       return !o.check && !o.in_place && o.files.size() > 1;
     },
     "several files go with --check or --in-place"},
    {kForLog | kForHistory,
     [](const Options& o) { return o.since && o.until && *o.since > *o.until; },
     "--since is after --until"},
    {kForDiff,
     [](const Options& o) { return o.target == "-" && o.second == "-"; },
     "A and B cannot both be the standard input"},
    {kForCheck,
     [](const Options& o) { return o.target == "-" && o.base == "-"; },
     "TARGET and BASE cannot both be the standard input"},
    {kForApply,
     [](const Options& o) { return o.no_sql_dump && !o.sql_dump.empty(); },
     "--no-sql-dump and --sql-dump contradict each other"},
    {kForPlanning,
     [](const Options& o) {
       return o.base.empty() && o.merge != MergeOptions();
     },
     "--prefer decides conflicts of a merge: it goes with --base"},
    {kForPlanning, [](const Options& o) { return o.pick && o.target == "-"; },
     "--pick makes the plan again: TARGET cannot be the standard input"},
    {kForBackup | kForPrune,
     [](const Options& o) { return o.said("keep") && o.said("keep-last"); },
     "--keep and --keep-last mean the same: say one"},
    {kForStatus,
     [](const Options& o) { return o.said("no-live") && !o.target.empty(); },
     "--no-live looks at no live tree: it takes no TARGET"},
    {kForStatus,
     [](const Options& o) {
       return o.status_limits.warn_age > o.status_limits.crit_age;
     },
     "--warn-age is more than --crit-age"},
    {kForVerify,
     [](const Options& o) { return o.said("cluster") && !o.target.empty(); },
     "--cluster chooses a backup where no DIR is given"},
    {kForPrune, [](const Options& o) { return o.keep.empty(); },
     "prune removes what no rule keeps; which rules? --keep-last N, "
     "--keep-daily N ..."},
    {kForApply, [](const Options& o) { return o.live == Live::kFile; },
     "apply changes the live cluster: --live cannot be a file"},
    {kForBackup, [](const Options& o) { return o.live == Live::kFile; },
     "backup saves the live cluster: --live cannot be a file"},
    {kForBackup,
     [](const Options& o) {
       return o.said("release") && o.live == Live::kSacctmgr;
     },
     "--release goes with --live mysql; slurmdbd says its own"},
    {kForDump,
     [](const Options& o) { return !o.out.empty() && !o.split.empty(); },
     "--out writes one file and --split a folder; which one?"},
    {kForDump,
     [](const Options& o) { return o.all_clusters && o.split.empty(); },
     "a file holds the tree of one cluster: --all-clusters goes with --split "
     "DIR"},
    {kForDump | kForPlanning,
     [](const Options& o) { return o.all_clusters && o.said("cluster"); },
     "--cluster and --all-clusters contradict each other"},
    {kForPlanning,
     [](const Options& o) { return o.all_clusters && o.as_cluster; },
     "--as-cluster renames one tree: it does not go with --all-clusters"},
    {kForPlanning,
     [](const Options& o) { return o.all_clusters && o.keep_shared; },
     "--all-clusters plans what clusters share, and --keep-shared leaves it: "
     "which one?"},
    {kForPlanning,
     [](const Options& o) { return o.all_clusters && !o.base.empty(); },
     "--base is of one cluster: it does not go with --all-clusters"},
    {kForPlanning, [](const Options& o) { return o.all_clusters && o.pick; },
     "--pick chooses among the changes of one cluster: it does not go with "
     "--all-clusters (--only does)"},
    {kForPlanning,
     [](const Options& o) { return o.all_clusters && !o.out.empty(); },
     "--out saves the plan of one cluster: it does not go with --all-clusters "
     "(apply DIR --all-clusters plans anew)"},
    {kForPlanning,
     [](const Options& o) { return o.all_clusters && o.at.has_value(); },
     "--at chooses the backup of one cluster: with --all-clusters name the "
     "backup itself (assocsync backups lists them)"},
    {kForPlanning,
     [](const Options& o) {
       return o.all_clusters && (o.target == "-" || o.target == kLiveSource);
     },
     "--all-clusters takes the trees of several clusters: TARGET is the folder "
     "of a backup or of dump --all-clusters, or an SQL dump"},
    {kForPlanning,
     [](const Options& o) { return o.all_clusters && o.format == "html"; },
     "--format html shows the plan of one cluster: it does not go with "
     "--all-clusters"},
    {kForPlan | kForCheck | kForDiff | kForDump | kForStatus,
     [](const Options& o) {
       return o.said("release") &&
              (o.live == Live::kAuto || o.live == Live::kSacctmgr);
     },
     "--release goes with --live FILE.cfg or --live mysql; slurmdbd says its "
     "own"},
    {kForPlanning,
     [](const Options& o) {
       return o.summary && o.format != "text" && o.format != "markdown";
     },
     "--summary goes with --format text or markdown"},
    {kForPlan | kForCheck,
     [](const Options& o) {
       return o.said("max-bytes") && o.format != "markdown";
     },
     "--max-bytes goes with --format markdown"},
    {kForApply,
     [](const Options& o) { return o.said("format") && o.json() && !o.yes; },
     "--format json asks nobody: it goes with --yes"},
};

// What a file or a variable says for another command.
void ForgetUnsaid(Options* options) {
  const unsigned command = options->command->mask;
  if (!options->said("format") && (!FormatOf(*options).TakenBy(command) ||
                                   (command == kForApply && !options->yes))) {
    options->format = "text";
  }
  // One that was set for plans says nothing of the slurmdbd that is saved, nor
  // of this node's.
  if ((command & (kForBackup | kForRestore)) != 0 &&
      !options->said("release")) {
    options->release.clear();
  }
  // Trees that were named say whose they are.
  if ((command & (kForCheck | kForDiff | kForFmt)) != 0 &&
      !options->said("cluster") && !options->names_live()) {
    options->cluster.clear();
  }
}

}  // namespace

std::string Contradiction(Options* options) {
  const Options& args = *options;
  const CommandInfo& command = *args.command;
  if (!args.explain.empty()) return "";
  ForgetUnsaid(options);
  if (!FormatOf(args).TakenBy(command.mask)) {
    return absl::StrCat("--format: ", command.name, " prints ",
                        FormatsOf(command.mask));
  }
  if (args.purge && args.said("target")) {
    return "--purge drops what earlier restores kept; it takes no DIR";
  }
  for (const auto& [given, missing] :
       {std::pair(&args.target, command.target),
        std::pair(&args.second, command.second)}) {
    if (given->empty() && !missing.empty() && !args.purge && !args.at &&
        !command.may_lack) {
      return std::string(missing);
    }
  }
  for (const Clash& clash : kClashes) {
    if ((clash.commands & command.mask) != 0 && clash.broken(args)) {
      return std::string(clash.message);
    }
  }
  return "";
}

}  // namespace assocsync
