#include "engine/io/user_group.h"

#include <grp.h>
#include <pwd.h>
#include <sys/xattr.h>

#include <cerrno>
#include <vector>

#include "absl/strings/str_cat.h"

namespace assocsync {
namespace {

constexpr size_t kFirstBuffer = 1 << 14;
constexpr size_t kMaxBuffer = 1 << 24;  // A group of a million members.

struct Group {
  std::string name;
  std::vector<std::string> members;
};

std::optional<std::string> NameOf(uid_t uid) {
  std::vector<char> buffer(kFirstBuffer);
  struct passwd entry;
  struct passwd* found = nullptr;
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 ||
      found == nullptr) {
    return std::nullopt;
  }
  return found->pw_name;
}

std::optional<Group> GroupOf(gid_t gid) {
  std::vector<char> buffer(kFirstBuffer);
  struct group entry;
  struct group* found = nullptr;
  int error;
  while ((error = getgrgid_r(gid, &entry, buffer.data(), buffer.size(),
                             &found)) == ERANGE &&
         buffer.size() < kMaxBuffer) {
    buffer.resize(buffer.size() * 4);
  }
  if (error != 0 || found == nullptr) return std::nullopt;
  Group group{found->gr_name, {}};
  for (char** member = found->gr_mem; *member != nullptr; ++member) {
    group.members.emplace_back(*member);
  }
  return group;
}

bool IsAlone(const Group& group, const std::string& user) {
  if (group.name != user) return false;
  for (const std::string& member : group.members) {
    if (member != user) return false;
  }
  return true;
}

}  // namespace

std::string UserName(uid_t uid) {
  return NameOf(uid).value_or(absl::StrCat(uid));
}

std::string UserText(uid_t uid) {
  const std::optional<std::string> name = NameOf(uid);
  return name.has_value() ? absl::StrCat(*name, " (uid ", uid, ")")
                          : absl::StrCat("uid ", uid);
}

std::string GroupText(gid_t gid) {
  const std::optional<Group> group = GroupOf(gid);
  return group.has_value() ? absl::StrCat(group->name, " (gid ", gid, ")")
                           : absl::StrCat("gid ", gid);
}

std::optional<uid_t> UserId(const std::string& name) {
  std::vector<char> buffer(kFirstBuffer);
  struct passwd entry;
  struct passwd* found = nullptr;
  if (getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) !=
          0 ||
      found == nullptr) {
    return std::nullopt;
  }
  return found->pw_uid;
}

bool IsPrivateGroup(gid_t gid, uid_t user) {
  const std::optional<Group> group = GroupOf(gid);
  if (!group.has_value()) return gid == 0;
  if (gid == 0) return IsAlone(*group, group->name);
  return IsAlone(*group, UserName(user));
}

bool HasAcl(int fd) {
  // An O_PATH descriptor has no attributes of its own to ask for.
  const std::string path = absl::StrCat("/proc/self/fd/", fd);
  if (getxattr(path.c_str(), "system.posix_acl_access", nullptr, 0) >= 0) {
    return true;
  }
  return errno != ENODATA && errno != EOPNOTSUPP;
}

}  // namespace assocsync
