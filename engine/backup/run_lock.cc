#include "engine/backup/run_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "engine/base/status.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "engine/io/stop.h"

namespace assocsync {
namespace {
constexpr absl::Duration kKeepEvery = absl::Seconds(20);
constexpr absl::Duration kPatience = absl::Seconds(3);
constexpr absl::Duration kAskEvery = absl::Milliseconds(50);

// Until `attempt` is no longer refused by somebody else's lock.
template <typename Attempt>
absl::Status Patiently(const std::atomic<bool>* stop, const Attempt& attempt) {
  for (absl::Duration waited;; waited += kAskEvery) {
    const absl::Status status = attempt();
    if (!absl::IsFailedPrecondition(status) || waited >= kPatience) {
      return status;
    }
    RETURN_IF_ERROR(CheckStop(stop, "stopped while waiting for a lock"));
    absl::SleepFor(kAskEvery);
  }
}

// A lock that outlives this process in the children that it started: the
// descriptor is inherited (no O_CLOEXEC), and the lock ends with the last copy.
absl::StatusOr<UniqueFd> LockForChildren(const std::string& path) {
  UniqueFd fd(
      open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NOCTTY, 0600));
  if (!fd.ok()) return FileError(path, "open", errno);
  if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno != EWOULDBLOCK) return FileError(path, "lock", errno);
  return absl::FailedPreconditionError(absl::StrCat(
      path,
      ": a command that an earlier run started is still running, though that "
      "run was killed; try again when it has ended"));
}

}  // namespace

absl::StatusOr<RunLock> RunLock::Acquire(const std::string& backup_dir,
                                         const std::string& database_name,
                                         DatabaseOpener connect,
                                         bool need_database,
                                         const std::atomic<bool>* stop) {
  RETURN_IF_ERROR(CreatePrivateDir(backup_dir));
  absl::StatusOr<FileLock> file =
      FileLock::Acquire(absl::StrCat(backup_dir, "/", kRunLockName));
  if (absl::IsAborted(file.status())) {
    return absl::FailedPreconditionError(absl::StrCat(
        "another apply or backup is running: ", file.status().message()));
  }
  if (!file.ok()) return file.status();
  RunLock lock(*std::move(file), LockOf(database_name), std::move(connect));
  RETURN_IF_ERROR(Patiently(stop, [&]() -> absl::Status {
    ASSIGN_OR_RETURN(lock.children_, LockForChildren(absl::StrCat(
                                         backup_dir, "/", kChildrenLockName)));
    return absl::OkStatus();
  }));
  const absl::Status status = Patiently(stop, [&] { return lock.Connect(); });
  if (absl::IsFailedPrecondition(status) || absl::IsCancelled(status)) {
    return status;
  }
  if (!status.ok()) {
    if (need_database) return status;
    lock.connect_ = nullptr;
  }
  return lock;
}

absl::Status RunLock::Connect() {
  if (connect_ == nullptr) {
    return absl::UnavailableError(
        "the database cannot be reached from here: name it with "
        "--slurmdbd-conf or --defaults-file, or bring a dump made elsewhere "
        "with --sql-dump FILE");
  }
  ASSIGN_OR_RETURN(database_, connect_());
  const absl::Status status = TryLock(*database_, name_);
  if (status.ok()) return status;
  database_.reset();
  return absl::IsFailedPrecondition(status)
             ? Annotate(status,
                        "another apply or backup is running on this database")
             : status;
}

absl::Status RunLock::Keep(absl::Time now) {
  if (database_ == nullptr || now - last_ < kKeepEvery) {
    return absl::OkStatus();
  }
  last_ = now;
  if (database_->Query("SELECT 1").ok()) return absl::OkStatus();
  const absl::Status status = Connect();
  // A database that is gone for a moment is slurmdbd's trouble first: the next
  // step will tell.
  return absl::IsFailedPrecondition(status) ? status : absl::OkStatus();
}

}  // namespace assocsync
