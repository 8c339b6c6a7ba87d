// Whom a path is believed from.
//
// What is told through a path (a login, a policy, a program to run, a backup to
// restore) is told by everybody who can change any component of that path. As
// sudo and OpenSSH do, a path is believed when each component is owned by root
// or by the caller and nobody else may write to it:
//
//   - A folder on the way that others may write to is believed where it is
//     sticky, as /tmp is: others can remove or rename nothing there that is not
//     theirs, and what comes next must be root's or the caller's as well. The
//     last folder, in which files are read or made, must not be one.
//   - A symlink must be root's or the caller's; its target is walked, and
//     judged, as if it had been written there.
//   - What a group may write is believed where that group is private: named as
//     the owner (root or the caller), no other members, and no ACL behind the
//     mode's group bits. Those are the groups that systems with a umask of 002
//     give to every user, and root's own; sudo takes the latter too. Whose
//     primary group it is besides is not asked: that means reading all users.
//   - ACLs need no look of their own otherwise: whom they let write shows in
//     the group bits, which are their mask.
//   - What lies at or below a path of --trust-path is believed as it is.
//   - A descriptor that the caller holds (/dev/stdin, /dev/fd/3, `<(...)`) has
//     no path that others could change: the thing itself is judged, a pipe is
//     believed.
//
// A path that is believed can be opened again by others (libmariadb, the dump
// programs): whoever could change what it leads to is believed already.
#ifndef ASSOCSYNC_ENGINE_IO_TRUSTED_PATH_H_
#define ASSOCSYNC_ENGINE_IO_TRUSTED_PATH_H_

#include <sys/types.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/io/unique_fd.h"

namespace assocsync {

// Whether an error says that a path is not believed, and not that something
// went wrong. Its message names the component, how it is, and what to do.
bool IsUntrusted(const absl::Status& status);

class PathTrust {
 public:
  // What a path must lead to.
  enum class End {
    kFile,
    // A file whose owner may be anybody where nobody but root and the caller
    // can put files into its folder: one of them gave it to that owner, who is
    // judged by whoever reads the file.
    kFileOfDaemon,
    kSecret,  // A file that only its owner may read; nothing lifts that.
    kFolder,
    // A folder, or nothing: then it can be made without others in between.
    kFolderToMake,
    kBackup,  // A folder, with the files in it.
  };

  // `lifted`: what --trust-path says. `caller`: who is believed beside root.
  explicit PathTrust(std::vector<std::string> lifted = {},
                     uid_t caller = geteuid())
      : lifted_(std::move(lifted)), caller_(caller) {}

  // Walks `path` component by component, never following one unseen. Errors:
  // IsUntrusted (kFailedPrecondition), also for a missing thing that others
  // could put there; kFailedPrecondition for another kind of thing than `end`
  // says; those of file.h.
  absl::Status Check(const std::string& path, End end) const;

  // The text of a file, of the very one that was judged. `owner`, with
  // kFileOfDaemon: who must be judged yet; root where nobody is left to judge.
  absl::StatusOr<std::string> Read(const std::string& path, uint64_t max,
                                   End end = End::kFile,
                                   uid_t* owner = nullptr) const;

  uid_t caller() const { return caller_; }

 private:
  std::vector<std::string> lifted_;
  uid_t caller_;
};

// An open folder (O_PATH) in which something is to be written: anybody's, but
// not reached through a symlink that somebody else may have put into a folder
// of many. Errors: IsUntrusted, file.h.
absl::StatusOr<UniqueFd> OpenFolderToWrite(const std::string& path);

// The refusal of a file whose `owner` may not tell what is in it. `mend`: what
// to do about that.
absl::Status UntrustedOwner(const std::string& path, uid_t owner,
                            absl::string_view mend);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_TRUSTED_PATH_H_
