#include "engine/io/file.h"

#include <fcntl.h>
#include <linux/limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "engine/io/trusted_path.h"

namespace assocsync {
namespace {

// "/a/b" -> "/a", "b"; "b" -> ".", "b".
std::pair<std::string, std::string> SplitPath(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {path.substr(0, std::max<size_t>(slash, 1)), path.substr(slash + 1)};
}

// Hard to guess is not needed (O_EXCL refuses what is there already), only
// unlikely to collide.
std::string TemporaryName(absl::string_view name) {
  std::random_device random;
  return absl::StrFormat(".%s.%08x%08x.tmp", name, random(), random());
}

// One that was made by pipe(2), and not opened by a name.
bool IsNamelessPipe(int fd) {
  struct statfs st;
  return fstatfs(fd, &st) == 0 && st.f_type == PIPEFS_MAGIC;
}

absl::Status CheckReplaceable(int folder, const std::string& name,
                              const std::string& path) {
  struct stat st;
  if (fstatat(folder, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) {
    return errno == ENOENT ? absl::OkStatus()
                           : FileError(path, "look at", errno);
  }
  if (S_ISREG(st.st_mode)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(path, ": cannot write: it exists and is ",
                   S_ISLNK(st.st_mode)   ? "a symlink, which is not followed"
                   : S_ISDIR(st.st_mode) ? "a folder"
                                         : "not a regular file"));
}

// ACL and user.*; a security label is for the system to give.
absl::Status CopyAttributes(int from, int to, const std::string& path) {
  const ssize_t size = flistxattr(from, nullptr, 0);
  if (size < 0 && errno == EOPNOTSUPP) return absl::OkStatus();
  if (size < 0) return FileError(path, "read the attributes", errno);
  std::string names(size, '\0');
  const ssize_t n = flistxattr(from, names.data(), names.size());
  if (n < 0) return FileError(path, "read the attributes", errno);
  names.resize(n);
  for (const absl::string_view word :
       absl::StrSplit(names, '\0', absl::SkipEmpty())) {
    if (word != "system.posix_acl_access" && !absl::StartsWith(word, "user.")) {
      continue;
    }
    const std::string name(word);
    std::string value(XATTR_SIZE_MAX, '\0');
    const ssize_t bytes =
        fgetxattr(from, name.c_str(), value.data(), value.size());
    if (bytes < 0 || fsetxattr(to, name.c_str(), value.data(), bytes, 0) != 0) {
      return FileError(path, absl::StrCat("keep the attribute ", name), errno);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status FileError(absl::string_view path, absl::string_view action,
                       int error) {
  const std::string message =
      absl::StrCat(path, ": cannot ", action, ": ", strerror(error));
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return absl::ResourceExhaustedError(message);
  }
  if (error == ELOOP) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, ": cannot ", action, ": it is a symlink, which is not followed"));
  }
  return absl::Status(absl::ErrnoToStatusCode(error), message);
}

int SyncFolder(int fd) { return fsync(fd) == 0 || errno == EINVAL ? 0 : errno; }

int WriteAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    bytes.remove_prefix(n);
  }
  return 0;
}

absl::Status NotReadable(const std::string& path, mode_t mode) {
  return absl::FailedPreconditionError(
      absl::StrCat(path, ": cannot read: ",
                   S_ISDIR(mode)    ? "a folder"
                   : S_ISFIFO(mode) ? "a FIFO"
                   : S_ISSOCK(mode) ? "a socket"
                                    : "a device",
                   ", neither a regular file nor a pipe"));
}

absl::StatusOr<UniqueFd> Reopen(int fd, const std::string& path) {
  UniqueFd file(open(absl::StrCat("/proc/self/fd/", fd).c_str(),
                     O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file.ok()) return FileError(path, "open", errno);
  return file;
}

absl::StatusOr<UniqueFd> OpenToRead(const std::string& path, Readable what) {
  const bool plain = what == Readable::kPlain;
  const UniqueFd look(
      open(path.c_str(), O_PATH | O_CLOEXEC | (plain ? O_NOFOLLOW : 0)));
  if (!look.ok()) return FileError(path, "open", errno);
  struct stat st;
  if (fstat(look.get(), &st) != 0) return FileError(path, "look at", errno);
  if (S_ISLNK(st.st_mode)) return FileError(path, "open", ELOOP);
  const bool pipe = what == Readable::kData && S_ISFIFO(st.st_mode) &&
                    IsNamelessPipe(look.get());
  if (!S_ISREG(st.st_mode) && !pipe) return NotReadable(path, st.st_mode);
  return Reopen(look.get(), path);
}

absl::StatusOr<std::string> ReadOpenFile(int fd, const std::string& path,
                                         uint64_t max) {
  struct stat st;
  if (fstat(fd, &st) != 0) return FileError(path, "look at", errno);
  std::string text;
  text.reserve(std::min<uint64_t>(st.st_size, max));
  std::string buffer(size_t{64} << 10, '\0');
  while (true) {
    const ssize_t n = read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) return absl::CancelledError("interrupted");
    if (n < 0) return FileError(path, "read", errno);
    if (n == 0) return text;
    if (text.size() + n > max) {
      return absl::ResourceExhaustedError(
          absl::StrCat(path, ": holds more than ", max, " bytes"));
    }
    text.append(buffer, 0, n);
  }
}

absl::StatusOr<std::string> ReadFile(const std::string& path, uint64_t max,
                                     Readable what) {
  ASSIGN_OR_RETURN(const UniqueFd fd, OpenToRead(path, what));
  return ReadOpenFile(fd.get(), path, max);
}

absl::StatusOr<AtomicFile> AtomicFile::Open(const std::string& path,
                                            mode_t mode) {
  AtomicFile file;
  file.path_ = path;
  std::string folder;
  std::tie(folder, file.name_) = SplitPath(path);
  if (file.name_.empty() || file.name_ == "." || file.name_ == "..") {
    return absl::InvalidArgumentError(
        absl::StrCat("'", path, "': not the name of a file"));
  }
  ASSIGN_OR_RETURN(const UniqueFd where, OpenFolderToWrite(folder));
  // To be synced it must be open as more than a place.
  file.folder_ =
      UniqueFd(openat(where.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!file.folder_.ok()) return FileError(folder, "open", errno);
  RETURN_IF_ERROR(CheckReplaceable(file.folder_.get(), file.name_, path));
  const std::string temporary = TemporaryName(file.name_);
  file.file_ = UniqueFd(
      openat(file.folder_.get(), temporary.c_str(),
             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!file.file_.ok()) return FileError(path, "create", errno);
  file.temporary_name_ = temporary;
  return file;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      name_(std::move(other.name_)),
      temporary_name_(std::exchange(other.temporary_name_, "")),
      folder_(std::move(other.folder_)),
      file_(std::move(other.file_)) {}

AtomicFile::~AtomicFile() {
  if (!temporary_name_.empty()) {
    unlinkat(folder_.get(), temporary_name_.c_str(), 0);
  }
}

std::string AtomicFile::temporary_path() const {
  return absl::StrCat(SplitPath(path_).first, "/", temporary_name_);
}

absl::Status AtomicFile::Append(absl::string_view bytes) {
  const int error = WriteAll(file_.get(), bytes);
  return error == 0 ? absl::OkStatus() : FileError(path_, "write", error);
}

absl::Status AtomicFile::TakeAttributesOf(int fd) {
  struct stat st, ours;
  if (fstat(fd, &st) != 0 || fstat(file_.get(), &ours) != 0) {
    return FileError(path_, "look at", errno);
  }
  if ((st.st_uid != ours.st_uid || st.st_gid != ours.st_gid) &&
      fchown(file_.get(), st.st_uid, st.st_gid) != 0) {
    return FileError(path_, "keep owner and group", errno);
  }
  // After the owner, whose change takes bits away. Nothing here is a program.
  if (fchmod(file_.get(), st.st_mode & 0777) != 0) {
    return FileError(path_, "keep the mode", errno);
  }
  return CopyAttributes(fd, file_.get(), path_);
}

absl::Status AtomicFile::Sync() {
  if (fsync(file_.get()) != 0) return FileError(path_, "write", errno);
  return absl::OkStatus();
}

absl::Status AtomicFile::Commit() {
  RETURN_IF_ERROR(Sync());
  // Again: what may be replaced is what is there now.
  RETURN_IF_ERROR(CheckReplaceable(folder_.get(), name_, path_));
  if (renameat(folder_.get(), temporary_name_.c_str(), folder_.get(),
               name_.c_str()) != 0) {
    return FileError(path_, "rename into place", errno);
  }
  temporary_name_.clear();
  if (const int error = SyncFolder(folder_.get()); error != 0) {
    return FileError(path_, "sync", error);
  }
  file_.Reset();
  return absl::OkStatus();
}

absl::Status WriteFileAtomic(const std::string& path, absl::string_view text,
                             mode_t mode) {
  ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Open(path, mode));
  RETURN_IF_ERROR(file.Append(text));
  return file.Commit();
}

}  // namespace assocsync
