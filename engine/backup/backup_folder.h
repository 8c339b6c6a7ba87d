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

#include "absl/status/status.h"
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

// How the name of a folder begins that is not finished.
inline constexpr absl::string_view kUnfinished = ".assocsync-unfinished-";

// Removes a backup of `backup_dir`, by its path: all of it or nothing, as far
// as its name goes. What a kill leaves is a leftover.
absl::Status RemoveBackup(const std::string& backup_dir,
                          const std::string& path);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_BACKUP_FOLDER_H_
