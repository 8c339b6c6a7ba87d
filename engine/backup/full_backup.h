// `assocsync backup`: the associations of every cluster as .cfg and the SQL
// dump of the whole database, in one folder, of one moment.
#ifndef ASSOCSYNC_ENGINE_BACKUP_FULL_BACKUP_H_
#define ASSOCSYNC_ENGINE_BACKUP_FULL_BACKUP_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/backup/manifest.h"
#include "engine/backup/retention.h"
#include "engine/backup/run_lock.h"
#include "engine/backup/sql_dump.h"
#include "engine/io/process.h"
#include "engine/live/live.h"

namespace assocsync {

struct FullBackupOptions {
  // The one whose tree is saved, beside the dump of the whole database. Empty:
  // those of all; that of the one that was registered first is tree.cfg.
  std::string cluster;
  // No database can be reached from here: `live` alone is asked, and the backup
  // says so (kTreesAlone).
  bool trees_alone = false;
  std::string backup_dir;
  KeepRules keep;  // For the cluster's older backups; empty: all stay.
  absl::TimeZone zone = absl::UTCTimeZone();  // For `keep`.
  SqlDumpOptions dump;  // .dir, .stop and .progress are filled in.
  std::string version;  // Of assocsync, for the manifest.
  const SigningKey* sign_key = nullptr;  // nullptr: not signed. Not owned.
  std::vector<std::string> cautions;     // To begin those of the manifest.
};

struct FullBackupProgress {
  enum class What { kReading, kDumping, kWriting } what;
  uint64_t done = 0, total = 0;  // kDumping: bytes; `total` is an estimate.
};

// All must outlive the call.
struct FullBackupDeps {
  LiveSource* live = nullptr;
  CommandRunner* runner = nullptr;
  DatabaseOpener connect;
  std::function<absl::Time()> now;
  std::function<void(const FullBackupProgress&)> progress;  // May be null.
  const std::atomic<bool>* stop = nullptr;                  // May be null.
};

struct FullBackup {
  std::string path;
  Manifest manifest;
  uint64_t sql_bytes = 0;  // Before compression.
  bool is_signed = false;
  std::vector<std::string> removed;  // By `keep`, oldest first.
  // What is not as good as it should be, though the backup is: also those of
  // the manifest.
  std::vector<std::string> cautions;
};

// The .cfg of the managed cluster in a backup; those of the database's other
// clusters are tree-CLUSTER.cfg. Manifest::trees tells which is which.
inline constexpr absl::string_view kManagedTreeName = "tree.cfg";

// Makes BACKUP_DIR/CLUSTER-UTCTIME/ with tree.cfg, DATABASE.sql.zst,
// manifest.json and, with a key, its signature; then removes old backups. Holds
// the lock of apply: a dump in the middle of an apply would be sound SQL of a
// tree that nobody wanted.
//
// One moment: the trees are read before and after the dump. Where they differ,
// the dump is taken again, three times at most; after that the backup is kept,
// and its manifest says which cluster's .cfg may not be what the dump holds
// (then it is that of after the dump).
//
// Another cluster that cannot be read costs its .cfg and is a caution, because
// the dump has it all the same; so does any tree that .cfg cannot hold (users
// bob and Bob). A text that it cannot hold, and a source that does not tell QOS
// definitions, are cautions.
//
// After any error there is no folder. Errors: kFailedPrecondition (an apply or
// another backup runs; the folder is not private), kCancelled, those of `live`,
// TakeSqlDump and file.h.
absl::StatusOr<FullBackup> TakeFullBackup(const FullBackupOptions& options,
                                          const FullBackupDeps& deps);

// The newest good backup in the folder of the same database, where that still
// has the schema of then: slurmdbd was not upgraded since, and is of the
// release that its manifest tells, or of another point release. For when it is
// down. Of another site, whose database has the same name, it is where the
// database never had one of its clusters. kNotFound: there is none;
// kFailedPrecondition: the schema is another one now; those of ListBackups and
// `connect`.
absl::StatusOr<Manifest> LastOfSameSchema(const std::string& backup_dir,
                                          const std::string& database_name,
                                          const DatabaseOpener& connect);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_FULL_BACKUP_H_
