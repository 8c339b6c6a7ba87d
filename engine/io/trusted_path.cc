#include "engine/io/trusted_path.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <filesystem>
#include <system_error>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "engine/io/file.h"
#include "engine/io/user_group.h"

namespace assocsync {
namespace {

using End = PathTrust::End;

constexpr char kPayload[] = "assocsync/untrusted";
constexpr int kMaxLinks = 40;  // As the kernel.

absl::Status Refusal(const std::string& path, absl::string_view why) {
  absl::Status status =
      absl::FailedPreconditionError(absl::StrCat(path, ": ", why));
  status.SetPayload(kPayload, absl::Cord());
  return status;
}

absl::Status Untrusted(const std::string& path, absl::string_view how,
                       absl::string_view mend) {
  return Refusal(path, absl::StrCat(how, "; ", mend, ", or --trust-path ", path,
                                    " if that is meant to be so"));
}

// Somebody beside the owner and those of a private group may write.
bool OthersMayWrite(int fd, const struct stat& st, uid_t caller) {
  if ((st.st_mode & S_IWOTH) != 0) return true;
  return (st.st_mode & S_IWGRP) != 0 &&
         (HasAcl(fd) || !IsPrivateGroup(st.st_gid, caller));
}

// One component that was walked to.
struct Place {
  UniqueFd fd;  // O_PATH
  std::string path;
  struct stat st = {};
  bool believed = false;  // At or below a path of --trust-path.
  bool shared = false;    // Others may make files here; they own those.
  bool held = false;      // Reached as a descriptor of this process.
};

// How far a path goes, and what it is judged by on the way.
class Walk {
 public:
  // `lifted`: nullptr: only links are judged, for OpenFolderToWrite.
  Walk(const std::vector<std::string>* lifted, uid_t caller)
      : lifted_(lifted), caller_(caller) {}

  // Walks to the end of `path`. kNotFound, as file.h, where something is
  // missing; `missing` then has the number of components that are.
  absl::Status To(const std::string& path) {
    if (path.empty()) return absl::InvalidArgumentError("an empty path");
    todo_.assign(1, path);
    if (!absl::StartsWith(path, "/")) {
      std::error_code error;
      const auto folder = std::filesystem::current_path(error);
      if (error) return FileError(".", "look at", error.value());
      todo_[0] = absl::StrCat(folder.string(), "/", path);
    }
    todo_ = absl::StrSplit(todo_[0], '/', absl::SkipEmpty());
    RETURN_IF_ERROR(Root());
    while (!todo_.empty()) {
      const std::string name = std::move(todo_.front());
      todo_.pop_front();
      if (name == ".") continue;
      if (name == "..") {
        if (places_.size() > 1) places_.pop_back();
        continue;
      }
      RETURN_IF_ERROR(Step(name));
    }
    return absl::OkStatus();
  }

  Place& end() { return places_.back(); }
  // The folder that the end lies in; the end itself where that is "/".
  const Place& folder() const {
    return places_[places_.size() - std::min<size_t>(places_.size(), 2)];
  }
  // After kNotFound: the end is what is there; so much is not.
  size_t missing() const { return todo_.size() + 1; }

  // Owner and mode. A folder on the `way` may be sticky.
  absl::Status Judge(Place* place, bool way) {
    const struct stat& st = place->st;
    if (lifted_ == nullptr || place->believed) return absl::OkStatus();
    RETURN_IF_ERROR(JudgeOwner(*place, "could change what is there"));
    if (!OthersMayWrite(place->fd.get(), st, caller_)) return absl::OkStatus();
    if (way && S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX) != 0) {
      place->shared = true;
      return absl::OkStatus();
    }
    return Untrusted(
        place->path,
        absl::StrFormat(
            "others may write to it (mode %04o, owner %s, group %s)",
            st.st_mode & 07777, UserText(st.st_uid), GroupText(st.st_gid)),
        absl::StrCat("chmod ", (st.st_mode & S_IWOTH) != 0 ? "go-w " : "g-w ",
                     place->path));
  }

  absl::Status JudgeOwner(const Place& place, absl::string_view may) const {
    const uid_t uid = place.st.st_uid;
    if (place.believed || uid == 0 || uid == caller_) return absl::OkStatus();
    return Untrusted(
        place.path,
        absl::StrFormat("it belongs to %s, who %s (mode %04o)", UserText(uid),
                        may, place.st.st_mode & 07777),
        absl::StrCat("chown ", UserName(caller_), " ", place.path));
  }

 private:
  absl::Status Root() {
    places_.clear();
    places_.emplace_back();
    Place& root = places_.back();
    root.path = "/";
    root.fd = UniqueFd(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    return Enter(&root);
  }

  absl::Status Enter(Place* place) {
    if (!place->fd.ok()) return FileError(place->path, "open", errno);
    if (fstat(place->fd.get(), &place->st) != 0) {
      return FileError(place->path, "look at", errno);
    }
    place->believed = place->believed || IsLifted(place->st);
    return S_ISDIR(place->st.st_mode) ? Judge(place, /*way=*/true)
                                      : absl::OkStatus();
  }

  absl::Status Step(const std::string& name) {
    const Place& in = places_.back();
    Place next;
    next.path = absl::StrCat(in.path == "/" ? "" : in.path, "/", name);
    next.believed = in.believed;
    next.held = in.path == absl::StrCat("/proc/", getpid(), "/fd");
    const int flags = O_PATH | O_CLOEXEC | (next.held ? 0 : O_NOFOLLOW);
    // As a folder first: else what is mounted on demand would not be mounted.
    next.fd = UniqueFd(openat(in.fd.get(), name.c_str(), flags | O_DIRECTORY));
    if (!next.fd.ok() && errno == ENOTDIR) {
      next.fd = UniqueFd(openat(in.fd.get(), name.c_str(), flags));
    }
    RETURN_IF_ERROR(Enter(&next));
    if (S_ISLNK(next.st.st_mode)) return Follow(next);
    places_.push_back(std::move(next));
    return absl::OkStatus();
  }

  absl::Status Follow(const Place& link) {
    const Place& in = places_.back();
    if (lifted_ != nullptr) {
      RETURN_IF_ERROR(JudgeOwner(link, "could let it lead elsewhere"));
    } else if (OthersMayWrite(in.fd.get(), in.st, caller_) &&
               ((in.st.st_mode & S_ISVTX) == 0 ||
                (link.st.st_uid != 0 && link.st.st_uid != caller_))) {
      return Refusal(
          link.path,
          "a symlink in a folder that others may write to is not followed to "
          "write something; name the folder that it leads to");
    }
    if (++links_ > kMaxLinks) {
      return absl::FailedPreconditionError(
          absl::StrCat(link.path, ": cannot open: symlinks lead in a circle"));
    }
    std::string target(4096, '\0');
    const ssize_t n =
        readlinkat(link.fd.get(), "", target.data(), target.size());
    if (n <= 0) return FileError(link.path, "read the link", errno);
    target.resize(n);
    std::vector<std::string> names =
        absl::StrSplit(target, '/', absl::SkipEmpty());
    todo_.insert(todo_.begin(), names.begin(), names.end());
    if (absl::StartsWith(target, "/")) places_.resize(1);
    return absl::OkStatus();
  }

  bool IsLifted(const struct stat& st) const {
    if (lifted_ == nullptr) return false;
    // A link itself: who owns it could let it lead to anything.
    for (const std::string& path : *lifted_) {
      struct stat lifted;
      if (lstat(path.c_str(), &lifted) == 0 && lifted.st_dev == st.st_dev &&
          lifted.st_ino == st.st_ino) {
        return true;
      }
    }
    return false;
  }

  const std::vector<std::string>* lifted_;
  uid_t caller_;
  std::deque<std::string> todo_;
  std::vector<Place> places_;  // From "/" down; no links, no dots.
  int links_ = 0;
};

// Sorted: of several things the same one is told each time.
absl::StatusOr<std::vector<std::string>> NamesIn(const Place& folder) {
  UniqueFd fd(openat(folder.fd.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.ok()) return FileError(folder.path, "open", errno);
  DIR* dir = fdopendir(fd.get());
  if (dir == nullptr) return FileError(folder.path, "open", errno);
  fd.Release();  // closedir closes it.
  std::vector<std::string> names;
  while (const struct dirent* entry = readdir(dir)) {
    const absl::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  closedir(dir);
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status JudgeFiles(Walk* walk) {
  const Place& folder = walk->end();
  if (folder.believed) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesIn(folder));
  for (const std::string& name : names) {
    Place file;
    file.path = absl::StrCat(folder.path, "/", name);
    file.fd = UniqueFd(
        openat(folder.fd.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!file.fd.ok()) return FileError(file.path, "open", errno);
    if (fstat(file.fd.get(), &file.st) != 0) {
      return FileError(file.path, "look at", errno);
    }
    // A link says 0777; what it leads to is never read.
    if (S_ISLNK(file.st.st_mode)) continue;
    RETURN_IF_ERROR(walk->Judge(&file, /*way=*/false));
  }
  return absl::OkStatus();
}

// Whether the end may be what it is, beyond what the way to it was judged by.
absl::Status JudgeEnd(Walk* walk, End end, uid_t* owner) {
  Place& place = walk->end();
  const mode_t mode = place.st.st_mode;
  if (end != End::kFile && end != End::kFileOfDaemon && end != End::kSecret) {
    if (!S_ISDIR(mode)) {
      return absl::FailedPreconditionError(
          absl::StrCat(place.path, ": not a folder"));
    }
    RETURN_IF_ERROR(walk->Judge(&place, /*way=*/false));
    return end == End::kBackup ? JudgeFiles(walk) : absl::OkStatus();
  }
  if (place.held && S_ISFIFO(mode)) return absl::OkStatus();
  if (!S_ISREG(mode)) return NotReadable(place.path, mode);
  if (end == End::kSecret && (mode & 077) != 0) {
    return Refusal(place.path,
                   absl::StrFormat("a secret that others may read (mode %04o); "
                                   "chmod 600 %s",
                                   mode & 07777, place.path));
  }
  if (end == End::kFileOfDaemon && !place.believed && !place.held &&
      !walk->folder().shared) {
    if (owner != nullptr) *owner = place.st.st_uid;
    place.st.st_uid = 0;
  }
  return walk->Judge(&place, /*way=*/false);
}

}  // namespace

bool IsUntrusted(const absl::Status& status) {
  return status.GetPayload(kPayload).has_value();
}

absl::Status UntrustedOwner(const std::string& path, uid_t owner,
                            absl::string_view mend) {
  return Untrusted(
      path,
      absl::StrCat("it belongs to ", UserText(owner), ", who could change it"),
      mend);
}

absl::Status PathTrust::Check(const std::string& path, End end) const {
  Walk walk(&lifted_, caller_);
  const absl::Status status = walk.To(path);
  if (!absl::IsNotFound(status)) {
    RETURN_IF_ERROR(status);
    return JudgeEnd(&walk, end, nullptr);
  }
  const bool to_make = end == End::kFolderToMake;
  // Of a folder that somebody else makes meanwhile it shows whose it is; not of
  // one before it.
  if (walk.end().shared && (!to_make || walk.missing() > 1)) {
    return Untrusted(walk.end().path,
                     absl::StrCat("others may put something into it, and ",
                                  path, " is not there"),
                     "put it there first");
  }
  return to_make ? absl::OkStatus() : status;
}

absl::StatusOr<std::string> PathTrust::Read(const std::string& path,
                                            uint64_t max, End end,
                                            uid_t* owner) const {
  if (owner != nullptr) *owner = 0;
  Walk walk(&lifted_, caller_);
  RETURN_IF_ERROR(walk.To(path));
  RETURN_IF_ERROR(JudgeEnd(&walk, end, owner));
  ASSIGN_OR_RETURN(const UniqueFd file, Reopen(walk.end().fd.get(), path));
  return ReadOpenFile(file.get(), path, max);
}

absl::StatusOr<UniqueFd> OpenFolderToWrite(const std::string& path) {
  Walk walk(nullptr, geteuid());
  RETURN_IF_ERROR(walk.To(path));
  if (!S_ISDIR(walk.end().st.st_mode)) {
    return FileError(path, "open", ENOTDIR);
  }
  return std::move(walk.end().fd);
}

}  // namespace assocsync
