// What lies in a folder of backups: the folders that backup, apply and restore
// left, and whatever else.
#ifndef ASSOCSYNC_ENGINE_BACKUP_BACKUP_LIST_H_
#define ASSOCSYNC_ENGINE_BACKUP_BACKUP_LIST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/backup/manifest.h"

namespace assocsync {

struct FoundBackup {
  std::string name, path;
  // As it stands there. Where it cannot be read, `created` is what the name
  // tells, and the rest empty.
  Manifest manifest;
  absl::Status read = absl::OkStatus();  // How that went: ReadManifest's.
  bool has_manifest() const { return read.ok(); }
  uint64_t bytes = 0;  // Of the files that belong to it.
  bool has_sql = false, is_signed = false;
  // What is wrong with it, as far as names and sizes tell: verify reads every
  // byte. Empty: good.
  std::string problem;
  // Names in it that its manifest does not tell of, sorted.
  std::vector<std::string> others;
  // Why it may be somebody's own copy: "renamed", "not yours". Empty: it is the
  // very folder that the command made.
  std::string odd;

  // "backup", "apply" or "restore"; empty where no manifest can be read.
  std::string MadeBy() const;
  // Not of `backup`: what it saved was there before the run.
  bool of_run() const { return manifest.made_by != kMadeByBackup; }
};

// Those whose associations it holds; where nothing tells, those of its dump.
std::vector<std::string> ClustersIn(const Manifest& manifest);
// Also where no manifest tells.
bool HoldsCluster(const FoundBackup& found, const std::string& cluster);

// Those in `dir` that hold a tree, newest first; whether they are whole, nobody
// has looked. None where `dir` cannot be read.
std::vector<FoundBackup> BackupsWithTrees(const std::string& dir);

// The newest of `backups`, which are as BackupsWithTrees gives them, that holds
// the tree of `cluster` (empty: any) and was begun at or before `time`, then
// the older ones.
std::vector<FoundBackup> BackupsUpTo(absl::Span<const FoundBackup> backups,
                                     absl::string_view cluster,
                                     absl::Time time);

struct BackupList {
  std::vector<FoundBackup> backups;  // Newest first.
  struct Other {
    std::string name;
    std::string what;  // "a file", "a symlink" ...
  };
  std::vector<Other> others;  // By name; not the files of assocsync itself.
};

// Looks at the folders in `backup_dir`: real ones, that have a manifest or a
// name like those of backups. Symlinks are not followed. Reads manifests, looks
// at sizes, changes nothing. Errors: that of reading `backup_dir` itself.
absl::StatusOr<BackupList> ListBackups(const std::string& backup_dir);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_BACKUP_LIST_H_
