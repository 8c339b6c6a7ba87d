#include "engine/apply/last_applied.h"

#include <filesystem>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/apply/journal.h"
#include "engine/backup/verify_backup.h"
#include "engine/base/status.h"
#include "engine/render/json.h"

namespace assocsync {
namespace {

namespace fs = std::filesystem;

bool WasVerified(const std::string& dir) {
  const absl::StatusOr<JournalRun> run = ReadJournal(dir);
  return run.ok() && run->stopped && run->outcome == kVerifiedWord;
}

}  // namespace

absl::StatusOr<VerifiedRun> FindVerifiedRun(const std::string& backup_dir,
                                            absl::string_view cluster) {
  struct Run {
    absl::Time time;
    std::string dir;
    Manifest manifest;
  };
  std::vector<Run> runs;
  std::error_code error;
  for (fs::directory_iterator it(backup_dir, error), end; !error && it != end;
       it.increment(error)) {
    const std::string dir = it->path().string();
    absl::StatusOr<Manifest> manifest = ReadManifest(dir);
    if (!manifest.ok() || !manifest->made_by.empty() ||
        manifest->cluster != cluster) {
      continue;
    }
    const absl::Time time = manifest->created;
    runs.push_back({time, dir, *std::move(manifest)});
  }
  // Newest first. Of one second: NAME, NAME-2 ... NAME-10.
  absl::c_sort(runs, [](const Run& a, const Run& b) {
    return std::make_tuple(a.time, a.dir.size(), a.dir) >
           std::make_tuple(b.time, b.dir.size(), b.dir);
  });
  const auto newest = absl::c_find_if(
      runs, [](const Run& run) { return WasVerified(run.dir); });
  if (newest == runs.end()) {
    return absl::NotFoundError(absl::StrCat(
        "no verified run of apply on cluster '", cluster, "' in ", backup_dir,
        "; name the file that the proposal was made from: --base FILE.cfg"));
  }
  return VerifiedRun{newest->dir, std::move(newest->manifest)};
}

absl::StatusOr<LastApplied> FindLastApplied(const std::string& backup_dir,
                                            absl::string_view cluster) {
  ASSIGN_OR_RETURN(const VerifiedRun run, FindVerifiedRun(backup_dir, cluster));
  ASSIGN_OR_RETURN(const std::string plan,
                   ReadVerified(run.dir, run.manifest, "plan.json"));
  absl::StatusOr<SavedPlan> saved = PlanFromJson(plan);
  if (!saved.ok()) return Annotate(saved.status(), run.dir);
  return LastApplied{run.dir, std::move(saved->target_text)};
}

}  // namespace assocsync
