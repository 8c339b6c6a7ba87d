// Files, written whole or not at all. What assocsync leaves behind is readable
// by its owner only, is on disk when a call returns, and is never a half file
// under a real name. Where something is written a symlink is not followed as
// the last component, nor before it in a folder that others may write to.
//
// Every error names the path. A full disk or quota is kResourceExhausted; the
// other codes are those of absl::ErrnoToStatusCode (kNotFound,
// kPermissionDenied, ...).
#ifndef ASSOCSYNC_ENGINE_IO_FILE_H_
#define ASSOCSYNC_ENGINE_IO_FILE_H_

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/io/unique_fd.h"

namespace assocsync {

// "`path`: cannot `action`: No space left on device", with the code that fits
// `error` (an errno).
absl::Status FileError(absl::string_view path, absl::string_view action,
                       int error);

// What may be opened to be read. A device, a socket or a FIFO never is: to open
// one can block for ever, or do something. It is looked at first, and what was
// looked at is what is opened.
enum class Readable {
  // A file, links followed, or a pipe without a name, which the caller holds:
  // `<(...)`, /dev/stdin.
  kData,
  kFile,   // A file, links followed.
  kPlain,  // A file, and no link as the last component.
};
// kFailedPrecondition for anything else, saying what it is.
absl::StatusOr<UniqueFd> OpenToRead(const std::string& path, Readable what);

// The whole file. kResourceExhausted when it holds more than `max` bytes;
// kCancelled when a signal came while a pipe had nothing to say. "-" is a file
// name like any other.
absl::StatusOr<std::string> ReadFile(const std::string& path, uint64_t max,
                                     Readable what = Readable::kData);

// Steps of these, for one who has looked at the thing by himself: `fd` (O_PATH)
// opened to be read; all of an open file; the refusal of a thing of that mode.
absl::StatusOr<UniqueFd> Reopen(int fd, const std::string& path);
absl::StatusOr<std::string> ReadOpenFile(int fd, const std::string& path,
                                         uint64_t max);
absl::Status NotReadable(const std::string& path, mode_t mode);

// A file that appears under its name only when Commit succeeds; until then its
// bytes are in a temporary file beside it, which the destructor removes.
class AtomicFile {
 public:
  // kFailedPrecondition when `path` exists and is no regular file (a device, a
  // folder, a symlink): renaming over those would destroy them.
  static absl::StatusOr<AtomicFile> Open(const std::string& path,
                                         mode_t mode = 0600);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  ~AtomicFile();

  absl::Status Append(absl::string_view bytes);
  // Gives it owner, group, mode, ACL and user attributes of the open file `fd`.
  // An error, which leaves the older file as it was, where one cannot be given.
  absl::Status TakeAttributesOf(int fd);
  // Puts everything appended so far on disk. The file still has no name; it
  // can be read back under temporary_path().
  absl::Status Sync();
  // Sync, rename (replacing an older file), sync of the folder. After an error
  // the file under `path` is the old one or the new one, whole. Call once.
  absl::Status Commit();

  const std::string& path() const { return path_; }
  std::string temporary_path() const;

 private:
  AtomicFile() = default;

  std::string path_;
  std::string name_;            // last part of path_
  std::string temporary_name_;  // empty: committed or moved from
  UniqueFd folder_;  // held open: renaming the folder meanwhile changes nothing
  UniqueFd file_;
};

// AtomicFile in one call.
absl::Status WriteFileAtomic(const std::string& path, absl::string_view text,
                             mode_t mode = 0600);

// fsync of an open folder, 0 or an errno. A file system that cannot sync
// folders at all (some network ones say EINVAL) is no error: there is nothing
// to wait for.
int SyncFolder(int fd);

// Writes all of `bytes`, whatever the kernel takes at a time. Returns 0 or an
// errno.
int WriteAll(int fd, absl::string_view bytes);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_FILE_H_
