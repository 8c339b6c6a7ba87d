#include "engine/apply/run_folder.h"

#include <errno.h>
#include <sys/stat.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/io/digest.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"

namespace assocsync {

absl::StatusOr<RunFolder> RunFolder::Create(const std::string& backup_dir,
                                            absl::string_view cluster,
                                            absl::Time now) {
  RETURN_IF_ERROR(CreatePrivateDir(backup_dir));
  const std::string base =
      absl::StrCat(backup_dir, "/", RunFolderName(cluster, now));
  std::string path = base;
  for (int i = 2; mkdir(path.c_str(), 0700) != 0; ++i) {
    if (errno != EEXIST || i > 1000) {
      return FileError(path, "make the folder", errno);
    }
    path = absl::StrCat(base, "-", i);
  }
  RunFolder folder(path);
  RETURN_IF_ERROR(FsyncDir(backup_dir));
  return folder;
}

RunFolder::~RunFolder() {
  if (path_.empty() || keep_) return;
  std::error_code ignored;  // Symlinks in it are removed, not followed.
  std::filesystem::remove_all(path_, ignored);
}

absl::StatusOr<BackupFile> RunFolder::Write(absl::string_view name,
                                            absl::string_view text) const {
  RETURN_IF_ERROR(WriteFileAtomic(File(name), text));
  return BackupFile{std::string(name), text.size(), Sha256Hex(text)};
}

absl::StatusOr<BackupFile> RunFolder::Describe(absl::string_view name) const {
  const std::string path = File(name);
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return FileError(path, "read", errno);
  ASSIGN_OR_RETURN(std::string digest, Sha256OfFile(path));
  return BackupFile{std::string(name), static_cast<uint64_t>(info.st_size),
                    std::move(digest)};
}

}  // namespace assocsync
