#include "engine/backup/backup_folder.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <tuple>

#include "absl/algorithm/container.h"
#include "absl/container/btree_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/backup/verify_backup.h"
#include "engine/base/status.h"
#include "engine/io/digest.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"

namespace assocsync {
namespace {

namespace fs = std::filesystem;

constexpr absl::string_view kUnfinished = ".assocsync-unfinished-";

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

// `name`, or `name`-2, `name`-3 ...
bool IsNumbered(absl::string_view text, absl::string_view name) {
  if (!absl::ConsumePrefix(&text, name)) return false;
  if (text.empty()) return true;
  return absl::ConsumePrefix(&text, "-") && !text.empty() &&
         absl::c_all_of(text, absl::ascii_isdigit);
}

struct WholeBackup {
  std::string path;
  absl::Time created;
  bool has_sql = false;
};

// Whether `path` is a backup of `cluster` as KeepNewest means it.
bool IsWholeBackup(const std::string& dir, const std::string& name,
                   absl::string_view cluster, WholeBackup* backup) {
  backup->path = absl::StrCat(dir, "/", name);
  if (!IsOwnFolder(backup->path)) return false;
  const absl::StatusOr<Manifest> manifest = ReadManifest(backup->path);
  if (!manifest.ok() || manifest->made_by != kMadeByBackup ||
      manifest->cluster != cluster ||
      !IsNumbered(name, RunFolderName(cluster, manifest->created))) {
    return false;
  }
  backup->created = manifest->created;
  backup->has_sql = SqlFileOf(*manifest).ok();
  absl::btree_set<std::string> wanted = {std::string(kManifestName)};
  struct stat signature;
  if (lstat(absl::StrCat(backup->path, "/", kSignatureName).c_str(),
            &signature) == 0 &&
      S_ISREG(signature.st_mode)) {
    wanted.insert(std::string(kSignatureName));
  }
  for (const BackupFile& file : manifest->files) {
    struct stat st;
    if (lstat(absl::StrCat(backup->path, "/", file.name).c_str(), &st) != 0 ||
        !S_ISREG(st.st_mode) ||
        static_cast<uint64_t>(st.st_size) != file.bytes) {
      return false;
    }
    wanted.insert(file.name);
  }
  return absl::c_equal(NamesIn(backup->path), wanted);
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

// All or nothing, as far as the name goes: a kill leaves a leftover.
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

absl::StatusOr<std::vector<std::string>> KeepNewest(
    const std::string& backup_dir, absl::string_view cluster, size_t keep,
    const std::string& newest) {
  std::vector<WholeBackup> backups;
  for (const std::string& name : NamesIn(backup_dir)) {
    WholeBackup backup;
    if (IsWholeBackup(backup_dir, name, cluster, &backup)) {
      backups.push_back(std::move(backup));
    }
  }
  // Newest first; the one at hand before all, whatever the clock did. Of one
  // second: NAME, NAME-2 ... NAME-10.
  const auto rank = [&](const WholeBackup& backup) {
    return std::make_tuple(backup.path == newest, backup.created,
                           backup.path.size(), backup.path);
  };
  absl::c_sort(backups, [&](const WholeBackup& a, const WholeBackup& b) {
    return rank(a) > rank(b);
  });
  std::vector<std::string> removed;
  size_t kept[2] = {};  // Of each kind.
  for (const WholeBackup& backup : backups) {
    if (backup.path == newest || kept[backup.has_sql] < keep) {
      ++kept[backup.has_sql];
      continue;
    }
    RETURN_IF_ERROR(RemoveBackup(backup_dir, backup.path));
    removed.push_back(backup.path);
  }
  absl::c_reverse(removed);  // Oldest first.
  return removed;
}

}  // namespace assocsync
