#include "engine/backup/backup_folder.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/io/digest.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"

namespace assocsync {
namespace {

namespace fs = std::filesystem;

// A folder, no symlink to one, that belongs to this user.
bool IsOwnFolder(const std::string& path) {
  struct stat st;
  return lstat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode) &&
         st.st_uid == geteuid();
}

// Empty where it cannot be read.
std::vector<std::string> NamesIn(const std::string& dir) {
  return NamesInFolder(dir).value_or(std::vector<std::string>());
}

absl::StatusOr<std::string> NewUnfinished(const std::string& backup_dir) {
  std::string path = absl::StrCat(backup_dir, "/", kUnfinished, "XXXXXX");
  if (mkdtemp(path.data()) == nullptr) {
    return FileError(backup_dir, "make a folder in it", errno);
  }
  return path;
}

// A folder with all that is in it; 0 or an errno. Symlinks in it are removed,
// not followed.
int RemoveAll(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  return error.value();
}

}  // namespace

std::string FileNameOfCluster(absl::string_view cluster) {
  std::string name;
  for (char c : cluster) {
    const bool plain = absl::ascii_isalnum(c) || c == '_' || c == '-' ||
                       (c == '.' && !name.empty());
    name += plain ? c : '_';
  }
  return name.substr(0, 100);
}

std::string RunFolderName(absl::string_view cluster, absl::Time now) {
  return absl::StrCat(
      FileNameOfCluster(cluster), "-",
      absl::FormatTime("%Y%m%dT%H%M%SZ", now, absl::UTCTimeZone()));
}

absl::StatusOr<StagedFolder> StagedFolder::Create(
    const std::string& backup_dir) {
  StagedFolder folder;
  folder.backup_dir_ = backup_dir;
  ASSIGN_OR_RETURN(folder.path_, NewUnfinished(backup_dir));
  return folder;
}

StagedFolder::~StagedFolder() {
  if (!path_.empty()) RemoveAll(path_);
}

absl::StatusOr<BackupFile> StagedFolder::Write(absl::string_view name,
                                               absl::string_view text) const {
  RETURN_IF_ERROR(WriteFileAtomic(absl::StrCat(path_, "/", name), text));
  return BackupFile{std::string(name), text.size(), Sha256Hex(text)};
}

absl::StatusOr<std::string> StagedFolder::Publish(absl::string_view name) {
  RETURN_IF_ERROR(FsyncDir(path_));
  const std::string base = absl::StrCat(backup_dir_, "/", name);
  std::string path = base;
  // Never onto anything that is there, not even onto an empty folder; nobody
  // else makes folders here while the lock is held.
  struct stat st;
  for (int i = 2; lstat(path.c_str(), &st) == 0; ++i) {
    path = absl::StrCat(base, "-", i);
  }
  if (rename(path_.c_str(), path.c_str()) != 0) {
    return FileError(path, "give the backup its name", errno);
  }
  path_.clear();
  RETURN_IF_ERROR(FsyncDir(backup_dir_));
  return path;
}

void RemoveLeftovers(const std::string& backup_dir) {
  for (const std::string& name : NamesIn(backup_dir)) {
    const std::string path = absl::StrCat(backup_dir, "/", name);
    if (absl::StartsWith(name, kUnfinished) && IsOwnFolder(path)) {
      RemoveAll(path);
    }
  }
}

absl::Status RemoveBackup(const std::string& backup_dir,
                          const std::string& path) {
  ASSIGN_OR_RETURN(const std::string grave, NewUnfinished(backup_dir));
  if (rename(path.c_str(), grave.c_str()) != 0) {
    const int error = errno;
    rmdir(grave.c_str());
    return FileError(path, "remove", error);
  }
  const int error = RemoveAll(grave);
  return error == 0 ? absl::OkStatus() : FileError(path, "remove", error);
}

}  // namespace assocsync
