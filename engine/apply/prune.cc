#include "engine/apply/prune.h"

#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "engine/apply/apply.h"
#include "engine/apply/journal.h"
#include "engine/apply/last_applied.h"
#include "engine/backup/backup_folder.h"
#include "engine/backup/run_lock.h"
#include "engine/base/status.h"
#include "engine/io/stop.h"

namespace assocsync {
namespace {

constexpr char kLastAppliedWord[] = "last applied";

// Of a run of apply: why it is left alone. What is its own, its journal tells.
std::string WhyRunLeftAlone(FoundBackup found) {
  if (!found.has_manifest()) return WhyLeftAlone(found);
  const absl::StatusOr<JournalRun> run = ReadJournal(found.path);
  if (!run.ok() || !run->stopped) return "it did not come to its end";
  if (run->outcome != kVerifiedWord &&
      run->outcome != RunWord(ApplyReport::Outcome::kNothingChanged)) {
    return absl::StrCat("it did not end well: ", run->outcome);
  }
  std::erase_if(found.others, [&](const std::string& name) {
    return name == kJournalName ||
           absl::c_any_of(run->loads, [&](const JournalRun::LoadRecord& load) {
             return load.file == name;
           });
  });
  return WhyLeftAlone(found);
}

std::string WhyAnyLeftAlone(const FoundBackup& found) {
  const std::string made_by = found.MadeBy();
  if (made_by == "apply") return WhyRunLeftAlone(found);
  if (made_by == "backup" || made_by.empty()) return WhyLeftAlone(found);
  return absl::StrCat("of ", made_by);
}

// The names of the runs that `--base last-applied` reads.
absl::btree_set<std::string> LastAppliedRuns(
    const std::vector<FoundBackup>& backups) {
  absl::btree_set<std::string> clusters, names;
  for (const FoundBackup& found : backups) {
    if (found.MadeBy() == "apply") clusters.insert(found.manifest.cluster);
  }
  for (const std::string& cluster : clusters) {
    const FoundBackup* const run = FindVerifiedRun(backups, cluster);
    if (run != nullptr) names.insert(run->name);
  }
  return names;
}

void RemoveJudged(const PruneOptions& options, PruneReport* report) {
  std::vector<const FoundBackup*> gone;
  for (const JudgedBackup& judged : report->judged) {
    if (judged.why.empty()) gone.push_back(&judged.backup);
  }
  absl::c_stable_sort(gone, [](const FoundBackup* a, const FoundBackup* b) {
    return a->manifest.created < b->manifest.created;
  });
  for (const FoundBackup* found : gone) {
    report->status = CheckStop(options.stop, "stopped");
    if (report->status.ok()) {
      report->status = RemoveBackup(options.backup_dir, found->path);
    }
    if (!report->status.ok()) return;
    report->removed.push_back(found->path);
  }
}

}  // namespace

absl::StatusOr<PruneReport> Prune(const PruneOptions& options) {
  // The lock would make the folder.
  RETURN_IF_ERROR(ListBackups(options.backup_dir).status());
  std::optional<RunLock> lock;
  if (!options.dry_run) {
    ASSIGN_OR_RETURN(RunLock taken,
                     RunLock::Acquire(options.backup_dir, "", nullptr,
                                      /*need_database=*/false, options.stop));
    lock.emplace(std::move(taken));
  }
  ASSIGN_OR_RETURN(BackupList list, ListBackups(options.backup_dir));
  const absl::btree_set<std::string> last_applied =
      LastAppliedRuns(list.backups);
  PruneReport report;
  std::vector<FoundBackup> counted;
  for (FoundBackup& found : list.backups) {
    if (!options.cluster.empty() && found.has_manifest() &&
        found.manifest.cluster != options.cluster) {
      continue;
    }
    std::string why = WhyAnyLeftAlone(found);
    if (why.empty()) {
      counted.push_back(std::move(found));
    } else {
      report.left_alone.push_back({std::move(found), std::move(why)});
    }
  }
  report.judged =
      JudgeBackups(std::move(counted), options.rules, options.clock);
  for (JudgedBackup& judged : report.judged) {
    if (last_applied.contains(judged.backup.name)) {
      judged.why.push_back(kLastAppliedWord);
    }
  }
  if (!options.dry_run) RemoveJudged(options, &report);
  return report;
}

}  // namespace assocsync
