// One holder at a time, across processes of one machine.
#ifndef ASSOCSYNC_ENGINE_IO_FILE_LOCK_H_
#define ASSOCSYNC_ENGINE_IO_FILE_LOCK_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "engine/io/unique_fd.h"

namespace assocsync {

// Held while the object lives; the kernel lets go when the process ends in any
// way. The file stays behind, with the process id of its last holder in it:
// removing it would let two processes hold "the same" lock.
class FileLock {
 public:
  // Does not wait. kAborted when another process holds the lock; the message
  // says which. Errors of the file itself as in file.h.
  static absl::StatusOr<FileLock> Acquire(const std::string& path);

 private:
  explicit FileLock(UniqueFd file) : file_(std::move(file)) {}

  UniqueFd file_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_FILE_LOCK_H_
