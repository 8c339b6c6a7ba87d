// Users and groups by their numbers, for messages and for trusted_path.h.
#ifndef ASSOCSYNC_ENGINE_IO_USER_GROUP_H_
#define ASSOCSYNC_ENGINE_IO_USER_GROUP_H_

#include <sys/types.h>

#include <optional>
#include <string>

namespace assocsync {

// "nobody"; "65534" where the user has no name.
std::string UserName(uid_t uid);

// "nobody (uid 65534)", "staff (gid 50)"; the number alone without a name.
std::string UserText(uid_t uid);
std::string GroupText(gid_t gid);

// nullopt: there is no such user.
std::optional<uid_t> UserId(const std::string& name);

// Whether group `gid` is root's or that of `user` alone: named as the user is,
// without other members. Group 0 is root's also where it has no name.
bool IsPrivateGroup(gid_t gid, uid_t user);

// Whether what `fd` (may be O_PATH) refers to has an ACL beyond its mode, which
// may let anybody write. True where that cannot be found out.
bool HasAcl(int fd);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_USER_GROUP_H_
