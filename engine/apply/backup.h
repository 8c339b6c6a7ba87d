// What is put aside before the first step.
#ifndef ASSOCSYNC_ENGINE_APPLY_BACKUP_H_
#define ASSOCSYNC_ENGINE_APPLY_BACKUP_H_

#include <string>

#include "absl/status/statusor.h"
#include "engine/apply/apply.h"
#include "engine/apply/run_folder.h"
#include "engine/backup/manifest.h"

namespace assocsync {

struct RunBackup {
  Manifest manifest;     // As written to the folder.
  std::string sql_dump;  // As in JournalStart.
  std::string sql_dump_file;
  std::string sql_dump_sha256;
};

// Writes before.cfg, the SQL dump, plan.json and manifest.json into `folder`.
// `database`: needed for kTake. Without a good dump: an error.
absl::StatusOr<RunBackup> TakeRunBackup(
    const RunFolder& folder, const LiveState& live, const SavedPlan& saved,
    const ApplyOptions& options, const ApplyDeps& deps, Database* database);

// Adds a file that the run made to the manifest and writes it anew.
absl::Status AddToManifest(const RunFolder& folder, absl::string_view name,
                           Manifest* manifest);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_APPLY_BACKUP_H_
