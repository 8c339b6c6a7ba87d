// Folders: private ones, temporary ones, how much room there is. Errors as in
// file.h.
#ifndef ASSOCSYNC_ENGINE_IO_DIR_H_
#define ASSOCSYNC_ENGINE_IO_DIR_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace assocsync {

// Makes sure that `path` is a folder only its owner can write to, and that its
// owner is this user. Missing folders on the way are made too, all 0700.
// kFailedPrecondition when `path` is a symlink, belongs to another user, or is
// writable for the group or others: somebody else could swap files in it.
absl::Status CreatePrivateDir(const std::string& path);

// Makes new entries of a folder survive a power cut.
absl::Status FsyncDir(const std::string& path);

// Bytes an ordinary user can still write below `path`.
absl::StatusOr<uint64_t> FreeBytes(const std::string& path);

// What is in the folder `path`, sorted.
absl::StatusOr<std::vector<std::string>> NamesInFolder(const std::string& path);

// The folder that holds `path`: "/a" for "/a/b", "." for "b".
std::string ParentFolder(absl::string_view path);

// A new folder, 0700, with a name nobody can foresee; removed with all it holds
// when the object is destroyed (symlinks in it are removed, not followed).
class TempDir {
 public:
  // Below `base`, which must exist.
  static absl::StatusOr<TempDir> Create(const std::string& base);
  TempDir(TempDir&& other) noexcept;
  TempDir& operator=(TempDir&&) = delete;
  ~TempDir();

  const std::string& path() const { return path_; }
  // It stays, with all that it holds.
  std::string Keep() { return std::exchange(path_, ""); }

 private:
  TempDir() = default;

  std::string path_;  // empty: moved from
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_DIR_H_
