#include "engine/backup/keep_backups.h"

#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "engine/backup/backup_folder.h"
#include "engine/base/status.h"

namespace assocsync {
namespace {

auto KindOf(const FoundBackup& found) {
  // Those of `backup` first, with a dump first.
  return std::make_tuple(found.manifest.cluster,
                         found.manifest.made_by != kMadeByBackup,
                         !found.has_sql);
}

// `backups`: of one kind, newest first.
void JudgeKind(absl::Span<JudgedBackup> backups, const KeepRules& rules,
               const KeepClock& clock) {
  std::vector<absl::Time> times;
  for (const JudgedBackup& judged : backups) {
    times.push_back(judged.backup.manifest.created);
  }
  std::vector<std::vector<std::string>> reasons =
      ReasonsToKeep(rules, times, clock);
  for (size_t i = 0; i < backups.size(); ++i) {
    backups[i].why = std::move(reasons[i]);
  }
  if (backups[0].why.empty()) backups[0].why.push_back("newest");
}

}  // namespace

std::string WhyLeftAlone(const FoundBackup& found) {
  if (!found.problem.empty()) return found.problem;
  if (!found.odd.empty()) return found.odd;
  if (found.others.empty()) return "";
  return absl::StrCat("holds ", found.others[0],
                      found.others.size() > 1 ? " and more" : "",
                      ", of which its manifest does not tell");
}

bool CountTogether(const FoundBackup& a, const FoundBackup& b) {
  return KindOf(a) == KindOf(b);
}

std::vector<JudgedBackup> JudgeBackups(std::vector<FoundBackup> backups,
                                       const KeepRules& rules,
                                       const KeepClock& clock,
                                       absl::string_view newest) {
  absl::c_stable_sort(backups, [&](const FoundBackup& a, const FoundBackup& b) {
    return std::make_pair(KindOf(a), a.path != newest) <
           std::make_pair(KindOf(b), b.path != newest);
  });
  std::vector<JudgedBackup> judged;
  for (FoundBackup& found : backups) judged.push_back({std::move(found), {}});
  for (size_t begin = 0, end; begin < judged.size(); begin = end) {
    end = begin + 1;
    while (end < judged.size() &&
           CountTogether(judged[begin].backup, judged[end].backup)) {
      ++end;
    }
    JudgeKind(absl::MakeSpan(judged).subspan(begin, end - begin), rules, clock);
  }
  return judged;
}

absl::StatusOr<std::vector<std::string>> KeepByRules(
    const std::string& backup_dir, absl::string_view cluster,
    const KeepRules& rules, const KeepClock& clock, const std::string& newest) {
  ASSIGN_OR_RETURN(const BackupList list, ListBackups(backup_dir));
  std::vector<FoundBackup> counted;
  for (const FoundBackup& found : list.backups) {
    if (found.manifest.made_by == kMadeByBackup &&
        found.manifest.cluster == cluster && WhyLeftAlone(found).empty()) {
      counted.push_back(found);
    }
  }
  std::vector<JudgedBackup> gone =
      JudgeBackups(std::move(counted), rules, clock, newest);
  std::erase_if(gone,
                [](const JudgedBackup& judged) { return !judged.why.empty(); });
  // What is removed before an error is the least wanted.
  absl::c_stable_sort(gone, [](const JudgedBackup& a, const JudgedBackup& b) {
    return a.backup.manifest.created < b.backup.manifest.created;
  });
  std::vector<std::string> removed;
  for (const JudgedBackup& judged : gone) {
    RETURN_IF_ERROR(RemoveBackup(backup_dir, judged.backup.path));
    removed.push_back(judged.backup.path);
  }
  return removed;
}

}  // namespace assocsync
