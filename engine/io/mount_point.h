// Is the disk there that should be mounted at a folder?
#ifndef ASSOCSYNC_ENGINE_IO_MOUNT_POINT_H_
#define ASSOCSYNC_ENGINE_IO_MOUNT_POINT_H_

#include <string>

#include "absl/status/status.h"

namespace assocsync {

// Whether `mount` is a mount point now, also a bind mount, and the folder
// `path` lies on it or below; symlinks are followed in both. To look wakes an
// automount. kFailedPrecondition, saying what is there instead: a plain folder,
// as where the disk did not come up; a `path` elsewhere; no `path` at all: then
// it is another disk, or nobody made the folder yet. Other errors: file.h.
absl::Status CheckIsOnMount(const std::string& path, const std::string& mount);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_MOUNT_POINT_H_
