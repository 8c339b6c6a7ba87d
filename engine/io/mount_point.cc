#include "engine/io/mount_point.h"

#include <errno.h>
#include <fcntl.h>

#include <cstdint>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/status.h"
#include "engine/io/file.h"
#include "engine/io/unique_fd.h"

namespace assocsync {
namespace {

constexpr uint64_t kMaxProcFile = uint64_t{16} << 20;

// An open folder as the kernel has it.
struct OpenFolder {
  std::string path;  // Without symlinks.
  std::string mount_id;
};

// Not with O_PATH, which wakes no automount.
absl::StatusOr<OpenFolder> LookAt(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.ok()) return FileError(path, "open the folder", errno);
  OpenFolder folder;
  std::error_code error;
  folder.path = std::filesystem::read_symlink(
                    absl::StrCat("/proc/self/fd/", fd.get()), error)
                    .string();
  if (error) return FileError(path, "look at", error.value());
  ASSIGN_OR_RETURN(
      const std::string info,
      ReadFile(absl::StrCat("/proc/self/fdinfo/", fd.get()), kMaxProcFile));
  for (absl::string_view line : absl::StrSplit(info, '\n')) {
    if (absl::ConsumePrefix(&line, "mnt_id:")) {
      folder.mount_id = std::string(absl::StripAsciiWhitespace(line));
    }
  }
  return folder;
}

// The kernel writes a blank, tab, newline or backslash as three octal digits.
std::string Unescaped(absl::string_view text) {
  std::string out;
  while (!text.empty()) {
    uint32_t byte = 0;
    if (text[0] == '\\' && text.size() >= 4) {
      for (const char digit : text.substr(1, 3))
        byte = byte * 8 + (digit - '0');
      out.push_back(static_cast<char>(byte));
      text.remove_prefix(4);
    } else {
      out.push_back(text[0]);
      text.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace

absl::Status CheckIsOnMount(const std::string& path, const std::string& mount) {
  ASSIGN_OR_RETURN(const OpenFolder point, LookAt(mount));
  // By the number of the mount that was opened: a mount that another one hides
  // has its line, too.
  ASSIGN_OR_RETURN(const std::string mounts,
                   ReadFile("/proc/self/mountinfo", kMaxProcFile));
  // "36 35 98:0 /root /mount/point rw,noatime shared:1 - ext3 /dev/root rw"
  constexpr size_t kId = 0, kPoint = 4;
  std::string mounted_at;
  for (const absl::string_view line : absl::StrSplit(mounts, '\n')) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    if (words.size() > kPoint && words[kId] == point.mount_id) {
      mounted_at = Unescaped(words[kPoint]);
    }
  }
  if (mounted_at != point.path) {
    return absl::FailedPreconditionError(absl::StrCat(
        mount, ": nothing is mounted there",
        mounted_at.empty() ? ""
                           : absl::StrCat("; it is a folder of what is mounted "
                                          "at ",
                                          mounted_at)));
  }
  const absl::StatusOr<OpenFolder> folder = LookAt(path);
  if (absl::IsNotFound(folder.status())) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, " is not there: another disk is mounted at ", mount,
        ", or this one is new; then make it: install -d -m 700 ", path));
  }
  RETURN_IF_ERROR(folder);
  absl::string_view below = folder->path;
  if (point.path == "/" || folder->path == point.path ||
      (absl::ConsumePrefix(&below, point.path) &&
       absl::ConsumePrefix(&below, "/"))) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      path, " does not lie at or below ", mount,
      folder->path == path ? "" : absl::StrCat(" (it is ", folder->path, ")")));
}

}  // namespace assocsync
