// `restore --purge`: the tables that restores moved aside go for good.
#ifndef ASSOCSYNC_ENGINE_RESTORE_PURGE_H_
#define ASSOCSYNC_ENGINE_RESTORE_PURGE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/backup/run_lock.h"
#include "engine/restore/names.h"

namespace assocsync {

struct PurgeOptions {
  std::string backup_dir;  // For the lock.
  std::string database;
};

// Finds the kept databases of options.database, oldest first, shows them to
// `confirm`, and drops them where it returns true. Returns those that were
// dropped; when it fails in the middle, the error names them. Leftovers of
// killed restores go without asking: they hold nothing that is nowhere else.
// kFailedPrecondition: another run of assocsync; or the database itself has no
// tables of slurmdbd, so that the kept ones may be all there is.
absl::StatusOr<std::vector<std::string>> PurgeKept(
    const PurgeOptions& options, const DatabaseOpener& connect,
    const std::function<bool(const std::vector<OwnDatabase>&)>& confirm);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RESTORE_PURGE_H_
