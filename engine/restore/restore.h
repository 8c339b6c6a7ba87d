// The SQL way back: the whole slurmdbd database as it was in a backup, with
// slurmdbd stopped, and never a moment without data.
//
// The backup is loaded into a database beside the present one, compared there
// with its manifest, and put in place by one RENAME TABLE statement (swap.h).
// The tables that were there before are kept in a third database until they
// are purged. Whatever happens to this program, under the database's name there
// is, at any moment, all that was there before or all of the backup. After a
// kill: run it again; what the killed run left is recognised and dropped.
#ifndef ASSOCSYNC_ENGINE_RESTORE_RESTORE_H_
#define ASSOCSYNC_ENGINE_RESTORE_RESTORE_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/backup/load_dump.h"
#include "engine/backup/sql_dump.h"
#include "engine/io/database.h"
#include "engine/io/process.h"
#include "engine/restore/preview.h"
#include "engine/slurm/release.h"

namespace assocsync {

struct RestoreOptions {
  std::string dir;  // Of `assocsync backup`, or of a run; or a plain SQL dump.
  std::string backup_dir;  // Where this run leaves its folder.
  std::string database;    // Under this name.
  Release release;         // The slurmdbd that will be started on it.
  // Where a slurmdbd may answer.
  std::vector<std::string> daemon_hosts;
  int daemon_port = 6819;
  // Whom slurmdbd logs in as; empty: not known. Without the PROCESS right only
  // the connections of one's own user can be seen.
  std::string daemon_user;
  // A dump of what is there now, before anything is done. False: the admin's
  // explicit word; recorded.
  bool take_dump = true;
  bool old_server = false;          // Also on a server without atomic DDL.
  bool running_controller = false;  // Also beside a slurmctld that answers.
  std::string version;              // Of assocsync.
  // Whose signature the backup must have; nullptr: nobody's. Not owned.
  const VerifyingKey* key = nullptr;
};

struct RestoreProgress {
  enum class What {
    kVerifying,  // done, total: bytes of the backup
    kCounting,   // rows of the present database
    kDumping,    // done, total: bytes of SQL
    kLoading,    // done: bytes of SQL; total: 0 where not known
    kComparing,  // rows of what was loaded
    kSwapping,
    kCounted,  // rows after the swap
  } what;
  uint64_t done = 0, total = 0;
};

// The state, as far as a restore touches it.
struct RestoreDeps {
  // A connection that may write, without a default database.
  std::function<absl::StatusOr<std::unique_ptr<Database>>()> connect;
  // Loads the SQL of options.dir into the database `name`, and leaves out what
  // is none of slurmdbd's. `uses`: as in LoadOptions. LoadDump.
  std::function<absl::StatusOr<Loaded>(const Manifest& manifest,
                                       const std::string& uses,
                                       const std::string& name)>
      load;
  // Dumps options.database into the folder `dir`. TakeSqlDump.
  std::function<absl::StatusOr<SqlDump>(const std::string& dir,
                                        Database& database)>
      dump;
  // Does anything listen there? Listens (tcp.h). Of slurmdbd, and of the
  // slurmctld of each cluster.
  std::function<absl::StatusOr<bool>(const std::string& host, int port)>
      listens;
  // Shows it; asks; true: go on.
  std::function<bool(const RestorePreview& preview)> confirm;
  std::function<absl::Time()> now;
  std::function<void(const RestoreProgress&)> progress;  // May be null.
  const std::atomic<bool>* stop = nullptr;               // May be null.
  // As connect, for what is done or undone once `stop` is true: only stop_now
  // ends its waits, and each takes at most `limit`. Null: as connect.
  std::function<absl::StatusOr<std::unique_ptr<Database>>(absl::Duration limit)>
      connect_after_stop;
  // The swap, and what looks at it, is ended by this one only. May be null.
  const std::atomic<bool>* stop_now = nullptr;
};

struct RestoreReport {
  enum class Outcome {
    kDeclined,     // Nothing was changed. Exit 3.
    kRestored,     // And every table has the rows of the backup. Exit 0.
    kNotVerified,  // Swapped, or not known whether; see problems. Exit 4.
  } outcome = Outcome::kDeclined;
  std::string run_dir;  // Its dump, manifest and restore.jsonl.
  bool dumped = false;  // What was there before is in run_dir.
  std::string kept;     // The database with the old tables; empty: none.
  size_t tables = 0;
  uint64_t rows = 0;
  std::vector<ClusterChange> cluster_changes;
  std::vector<std::string> running_controllers;  // Clusters, by name.
  std::vector<std::string> problems;             // Of kNotVerified.
  std::vector<std::string> cautions;
};

// Does it. A returned error means that nothing was changed: the present tables
// are where they were, and what was made beside them is gone again, or will be
// with the next run. Codes: kFailedPrecondition (refused: slurmdbd runs or may
// run, a connection is open, the schema does not fit slurmdbd, the server or a
// table cannot do it, another run of assocsync), kDataLoss (the backup is not
// whole, or was not loaded whole), kCancelled, and those of the steps.
absl::StatusOr<RestoreReport> RestoreDatabase(const RestoreOptions& options,
                                              const RestoreDeps& deps);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RESTORE_RESTORE_H_
