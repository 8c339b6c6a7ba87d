// Old backups and old runs of apply go, by rules (retention.h).
#ifndef ASSOCSYNC_ENGINE_APPLY_PRUNE_H_
#define ASSOCSYNC_ENGINE_APPLY_PRUNE_H_

#include <atomic>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/backup/keep_backups.h"

namespace assocsync {

struct PruneOptions {
  std::string backup_dir;
  std::string cluster;  // Only of this one; empty: of all.
  KeepRules rules;      // Not empty.
  KeepClock clock;
  bool dry_run = false;                     // Judge, and remove nothing.
  const std::atomic<bool>* stop = nullptr;  // May be null.
};

struct PruneReport {
  std::vector<JudgedBackup> judged;
  // What counts for no rule and stays, with why, newest first.
  struct LeftAlone {
    FoundBackup backup;
    std::string why;
  };
  std::vector<LeftAlone> left_alone;
  std::vector<std::string> removed;  // Paths, oldest first.
  // How the removing went: after an error `removed` is what is gone. kCancelled
  // where it was stopped.
  absl::Status status;
};

// Of backups and runs of apply that count (WhyLeftAlone), those go that no rule
// keeps. Whatever the rules say, these stay: the newest of each kind, the run
// that `--base last-applied` reads, runs that did not end well ("verified" or
// "nothing changed" in their journal), for they may be the only way back, and
// what restore left. Holds the lock of apply, but for a dry run, which writes
// nothing at all. Errors: those of ListBackups and RunLock.
absl::StatusOr<PruneReport> Prune(const PruneOptions& options);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_APPLY_PRUNE_H_
