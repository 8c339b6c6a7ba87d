// BACKUP_DIR/CLUSTER-UTCTIME/: all that is left of one run.
#ifndef ASSOCSYNC_ENGINE_APPLY_RUN_FOLDER_H_
#define ASSOCSYNC_ENGINE_APPLY_RUN_FOLDER_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/backup/backup_folder.h"
#include "engine/backup/manifest.h"

namespace assocsync {

// A folder that no earlier run used, 0700. Until Keep() its destructor removes
// it with all that is in it: a run that changed nothing leaves nothing.
class RunFolder {
 public:
  static absl::StatusOr<RunFolder> Create(const std::string& backup_dir,
                                          absl::string_view cluster,
                                          absl::Time now);
  RunFolder(RunFolder&& other) noexcept
      : path_(std::exchange(other.path_, "")), keep_(other.keep_) {}
  RunFolder& operator=(RunFolder&&) = delete;
  ~RunFolder();

  const std::string& path() const { return path_; }
  std::string File(absl::string_view name) const {
    return absl::StrCat(path_, "/", name);
  }
  // Writes a file into it, 0600, whole or not at all.
  absl::StatusOr<BackupFile> Write(absl::string_view name,
                                   absl::string_view text) const;
  // The size and digest of a file that is in it already.
  absl::StatusOr<BackupFile> Describe(absl::string_view name) const;
  void Keep() { keep_ = true; }

 private:
  explicit RunFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
  bool keep_ = false;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_APPLY_RUN_FOLDER_H_
