// The backups in a folder, for those who want the tree of a day and know no
// names.
#ifndef ASSOCSYNC_ENGINE_BACKUP_FIND_BACKUP_H_
#define ASSOCSYNC_ENGINE_BACKUP_FIND_BACKUP_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/backup/manifest.h"

namespace assocsync {

// A folder of `assocsync backup`, or of a run of apply or restore, which saved
// what was there before it.
struct FoundBackup {
  std::string path, name;
  absl::Time created;                 // When it was begun.
  bool of_run = false;                // Not of `backup`.
  std::vector<std::string> clusters;  // Whose trees it holds; not empty.
  uint64_t bytes = 0;                 // All its files.
};

// Those in `dir` that hold a tree, by their manifests, newest first; whether
// they are whole, nobody has looked. Folders that cannot be read are left out.
std::vector<FoundBackup> BackupsIn(const std::string& dir);

// The newest of `backups`, which are as BackupsIn gives them, that holds
// `cluster` (empty: any) and was begun at or before `time`, then the older
// ones.
std::vector<FoundBackup> BackupsUpTo(absl::Span<const FoundBackup> backups,
                                     absl::string_view cluster,
                                     absl::Time time);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_FIND_BACKUP_H_
