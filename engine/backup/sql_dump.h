// The full SQL dump, taken before anything is changed, and only trusted once it
// has been shown to be whole.
#ifndef ASSOCSYNC_ENGINE_BACKUP_SQL_DUMP_H_
#define ASSOCSYNC_ENGINE_BACKUP_SQL_DUMP_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/backup/manifest.h"
#include "engine/io/database.h"
#include "engine/io/process.h"

namespace assocsync {

struct SqlDumpOptions {
  DatabaseOptions database;
  // The dump program: mariadb-dump, mysqldump or mydumper (mydumper.h). Empty:
  // the first of them that is in `search_path` (the value of PATH), without
  // mydumper.
  std::string tool;
  std::string search_path;
  // An existing private folder; it gets DATABASE.sql.zst, 0600.
  std::string dir;
  // Where the option file with the password may lie while the dump runs, in a
  // private folder of its own. Best kept in memory. Empty: `dir`.
  std::string secret_dir;
  // So long the dump program may write nothing (mydumper: to its files).
  absl::Duration silence = absl::InfiniteDuration();
  const std::atomic<bool>* stop = nullptr;  // not owned; see process.h
  // Told now and then how many bytes of SQL there are and how many there will
  // be, roughly: the server's own estimate, which may be off by half.
  std::function<void(uint64_t done, uint64_t expected)> progress;
};

struct SqlDump {
  BackupFile file;         // name relative to `dir`
  uint64_t sql_bytes = 0;  // before compression
  std::vector<TableRows> tables;
  std::string server_version;
  std::string tool;  // its --version
  // For people: tables that changed while the dump ran, or whose engine has no
  // transactions, and what the dump program had to say.
  std::vector<std::string> cautions;
};

// Dumps all of options.database.database with a child of `runner`; `database`
// is a connection to the same database, for what the dump is compared with.
//
// OK means: the program ended with exit status 0; its text is whole and ends
// with the trailer; every table is in it; every table has exactly the rows that
// it had before the dump, or, if it changed meanwhile, a number between those
// before and after; the file on disk, read back, decompresses to just that text
// and has that digest; file and folder are synced.
//
// After any error there is no file. Errors: kResourceExhausted (the disk is, or
// would be, full; with figures), kUnavailable (no dump program, or no server),
// kPermissionDenied (login or right missing), kCancelled, kDeadlineExceeded,
// kDataLoss (it ran but is not whole), kInternal (the program failed; its own
// words are in the message), and those of the database and of file.h.
absl::StatusOr<SqlDump> TakeSqlDump(const SqlDumpOptions& options,
                                    CommandRunner& runner, Database& database);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_SQL_DUMP_H_
