#include "engine/io/dir.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/io/file.h"
#include "engine/io/unique_fd.h"

namespace assocsync {
namespace {

absl::string_view WithoutSlashes(absl::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  return path;
}

absl::Status MakeFolders(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0) return FsyncDir(ParentFolder(path));
  const int error = errno;
  if (error == EEXIST) return absl::OkStatus();
  const std::string parent = ParentFolder(path);
  if (error != ENOENT || parent == path || parent == ".") {
    return FileError(path, "create the folder", error);
  }
  RETURN_IF_ERROR(MakeFolders(parent));
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return FileError(path, "create the folder", errno);
  }
  return FsyncDir(parent);
}

}  // namespace

std::string ParentFolder(absl::string_view path) {
  path = WithoutSlashes(path);
  const size_t slash = path.rfind('/');
  if (slash == absl::string_view::npos) return ".";
  return std::string(WithoutSlashes(path.substr(0, slash + 1)));
}

absl::Status CreatePrivateDir(const std::string& given) {
  // lstat would follow a symlink that has a slash behind it.
  const std::string path(WithoutSlashes(given));
  RETURN_IF_ERROR(MakeFolders(path));
  struct stat st;
  if (lstat(path.c_str(), &st) != 0) return FileError(path, "look at", errno);
  if (!S_ISDIR(st.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": not a folder",
                     S_ISLNK(st.st_mode) ? " but a symlink, which is not "
                                           "followed; name the folder itself"
                                         : ""));
  }
  if (st.st_uid != geteuid()) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": belongs to user id ", st.st_uid, ", not to ",
                     geteuid(), "; its owner could swap files in it"));
  }
  if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, ": others may write to it and could swap files in it; ",
        "chmod go-w ", path));
  }
  return absl::OkStatus();
}

absl::Status FsyncDir(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.ok()) return FileError(path, "open the folder", errno);
  const int error = SyncFolder(fd.get());
  return error == 0 ? absl::OkStatus()
                    : FileError(path, "sync the folder", error);
}

absl::StatusOr<uint64_t> FreeBytes(const std::string& path) {
  struct statvfs st;
  if (statvfs(path.c_str(), &st) != 0) {
    return FileError(path, "find out how much is free", errno);
  }
  return uint64_t{st.f_bavail} * st.f_frsize;
}

absl::StatusOr<std::vector<std::string>> NamesInFolder(
    const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator it(path, error), end;
       !error && it != end; it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  if (error) return FileError(path, "read", error.value());
  absl::c_sort(names);
  return names;
}

absl::StatusOr<TempDir> TempDir::Create(const std::string& base) {
  std::string path = absl::StrCat(base, "/assocsync-XXXXXX");
  if (mkdtemp(path.data()) == nullptr) {
    return FileError(base, "create a temporary folder in it", errno);
  }
  TempDir dir;
  dir.path_ = std::move(path);
  return dir;
}

TempDir::TempDir(TempDir&& other) noexcept
    : path_(std::exchange(other.path_, "")) {}

TempDir::~TempDir() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace assocsync
