// The folders of `assocsync backup`, and what becomes of them.
//
// BACKUP_DIR/CLUSTER-UTCTIME/ is built under a name that begins with a dot and
// renamed when it is whole and on disk: whatever has the real name is a whole
// backup. What a killed run leaves has the other name, and the next run removes
// it. The caller holds the lock of BACKUP_DIR (RunLock) throughout.
#ifndef ASSOCSYNC_ENGINE_BACKUP_BACKUP_FOLDER_H_
#define ASSOCSYNC_ENGINE_BACKUP_BACKUP_FOLDER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/backup/manifest.h"

namespace assocsync {

// The name of a cluster as a part of a file's: what is no letter, digit, '.',
// '_' or '-' becomes '_'; at most 100 bytes.
std::string FileNameOfCluster(absl::string_view cluster);

// "lab-20261124T000744Z"
std::string RunFolderName(absl::string_view cluster, absl::Time now);

// A folder that is not there yet. Removed with all that is in it by the
// destructor, unless it was published.
class StagedFolder {
 public:
  static absl::StatusOr<StagedFolder> Create(const std::string& backup_dir);
  StagedFolder(StagedFolder&& other) noexcept
      : backup_dir_(std::move(other.backup_dir_)),
        path_(std::exchange(other.path_, "")) {}
  StagedFolder& operator=(StagedFolder&&) = delete;
  ~StagedFolder();

  const std::string& path() const { return path_; }
  // Writes a file into it, 0600.
  absl::StatusOr<BackupFile> Write(absl::string_view name,
                                   absl::string_view text) const;
  // Gives it the name `name`, or `name`-2 and so on where that is taken, for
  // good. Returns its path. Call once, last.
  absl::StatusOr<std::string> Publish(absl::string_view name);

 private:
  StagedFolder() = default;
  std::string backup_dir_;
  std::string path_;  // Empty: published.
};

// Removes what killed runs left in `backup_dir`; what anybody else put there
// stays.
void RemoveLeftovers(const std::string& backup_dir);

// Removes the oldest backups of `cluster` so that `keep` of them are left with
// an SQL dump, and `keep` without one (kTreesAlone), `newest` (a path) always
// among them: what has the trees alone stands for no dump. A backup is a real
// folder of the user's own, with the name that `backup` gave it, that holds the
// files of its manifest with their sizes, a signature or none, and nothing
// else. Everything else is not counted and not touched: run folders of apply,
// folders that were renamed, or lack a file, or got one, symlinks. Returns the
// paths that were removed.
absl::StatusOr<std::vector<std::string>> KeepNewest(
    const std::string& backup_dir, absl::string_view cluster, size_t keep,
    const std::string& newest);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_BACKUP_FOLDER_H_
