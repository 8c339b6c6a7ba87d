#include "engine/apply/last_applied.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/apply/journal.h"
#include "engine/backup/verify_backup.h"
#include "engine/base/status.h"
#include "engine/render/json.h"

namespace assocsync {
namespace {

bool WasVerified(const std::string& dir) {
  const absl::StatusOr<JournalRun> run = ReadJournal(dir);
  return run.ok() && run->stopped && run->outcome == kVerifiedWord;
}

}  // namespace

const FoundBackup* FindVerifiedRun(absl::Span<const FoundBackup> backups,
                                   absl::string_view cluster) {
  const auto newest = absl::c_find_if(backups, [&](const FoundBackup& found) {
    return found.MadeBy() == "apply" && found.manifest.cluster == cluster &&
           WasVerified(found.path);
  });
  return newest == backups.end() ? nullptr : &*newest;
}

absl::StatusOr<LastApplied> FindLastApplied(const std::string& backup_dir,
                                            absl::string_view cluster) {
  const absl::StatusOr<BackupList> list = ListBackups(backup_dir);
  const FoundBackup* const run =
      list.ok() ? FindVerifiedRun(list->backups, cluster) : nullptr;
  if (run == nullptr) {
    return absl::NotFoundError(absl::StrCat(
        "no verified run of apply on cluster '", cluster, "' in ", backup_dir,
        "; name the file that the proposal was made from: --base FILE.cfg"));
  }
  ASSIGN_OR_RETURN(const std::string plan,
                   ReadVerified(run->path, run->manifest, "plan.json"));
  absl::StatusOr<SavedPlan> saved = PlanFromJson(plan);
  if (!saved.ok()) return Annotate(saved.status(), run->path);
  return LastApplied{run->path, std::move(saved->target_text)};
}

}  // namespace assocsync
