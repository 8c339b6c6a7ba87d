#include "engine/io/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "engine/io/file.h"

namespace assocsync {
namespace {

// Who wrote the file; it is only a hint and may be anybody's text.
std::string Holder(int fd) {
  char buffer[32];
  const ssize_t n = pread(fd, buffer, sizeof buffer, 0);
  int pid = 0;
  if (n > 0 &&
      absl::SimpleAtoi(absl::StripAsciiWhitespace(absl::string_view(buffer, n)),
                       &pid)) {
    return absl::StrCat("process ", pid);
  }
  return "another process";
}

// False when the file that was locked is no longer the one under its name.
bool StillThere(int fd, const std::string& path) {
  struct stat ours, named;
  return fstat(fd, &ours) == 0 && lstat(path.c_str(), &named) == 0 &&
         ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

}  // namespace

absl::StatusOr<FileLock> FileLock::Acquire(const std::string& path) {
  // Somebody may remove the file between open and flock; again, then.
  for (int attempt = 0; attempt < 10; ++attempt) {
    UniqueFd fd(open(path.c_str(),
                     O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY,
                     0600));
    if (!fd.ok()) return FileError(path, "open the lock file", errno);
    struct stat st;
    if (fstat(fd.get(), &st) != 0) return FileError(path, "look at", errno);
    if (!S_ISREG(st.st_mode)) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, ": the lock file is not a regular file"));
    }
    if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return FileError(path, "lock", errno);
      return absl::AbortedError(absl::StrCat(
          path, ": locked by ", Holder(fd.get()), "; wait until it is done"));
    }
    if (!StillThere(fd.get(), path)) continue;
    int error = ftruncate(fd.get(), 0) == 0 ? 0 : errno;
    if (error == 0) error = WriteAll(fd.get(), absl::StrCat(getpid(), "\n"));
    if (error != 0) return FileError(path, "write", error);
    return FileLock(std::move(fd));
  }
  return absl::FailedPreconditionError(
      absl::StrCat(path, ": something keeps removing the lock file"));
}

}  // namespace assocsync
