// One apply or backup at a time (a backup in the middle of an apply would hold
// a tree that nobody wanted): per backup folder by a file lock, per database by
// a named lock of the server, which holds across nodes. A third lock goes on to
// every child: while a sacctmgr of a killed apply still runs, none begins.
#ifndef ASSOCSYNC_ENGINE_BACKUP_RUN_LOCK_H_
#define ASSOCSYNC_ENGINE_BACKUP_RUN_LOCK_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/io/database.h"
#include "engine/io/file_lock.h"
#include "engine/io/unique_fd.h"

namespace assocsync {

// The files of the locks, which stay in the backup folder.
inline constexpr absl::string_view kRunLockName = "apply.lock";
inline constexpr absl::string_view kChildrenLockName = "children.lock";

using DatabaseOpener =
    std::function<absl::StatusOr<std::unique_ptr<Database>>()>;

class RunLock {
 public:
  // Of a run that was killed, a child or the server's session may live on for a
  // moment: those are waited for, three seconds at most or until `stop` (may be
  // null; then kCancelled). kFailedPrecondition: another apply or backup runs.
  // `connect` may be null; where it fails, that is an error only if
  // `need_database`. Errors of the files as in file.h.
  static absl::StatusOr<RunLock> Acquire(const std::string& backup_dir,
                                         const std::string& database_name,
                                         DatabaseOpener connect,
                                         bool need_database,
                                         const std::atomic<bool>* stop);
  // Null: the database is not reached.
  Database* database() { return database_.get(); }

  // Call now and then: a server closes connections that are silent for long,
  // and the lock goes with them. Takes the lock anew where that happened.
  // kFailedPrecondition: somebody else has it by now, so stop.
  absl::Status Keep(absl::Time now);

 private:
  RunLock(FileLock file, std::string name, DatabaseOpener connect)
      : file_(std::move(file)),
        name_(std::move(name)),
        connect_(std::move(connect)) {}
  absl::Status Connect();

  FileLock file_;
  UniqueFd children_;
  std::string name_;
  DatabaseOpener connect_;
  std::unique_ptr<Database> database_;
  absl::Time last_ = absl::InfinitePast();
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_RUN_LOCK_H_
