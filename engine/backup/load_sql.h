// Loads an SQL dump into one database and no other, with the client program
// (mariadb, mysql) as a child that gets the SQL on its stdin.
#ifndef ASSOCSYNC_ENGINE_BACKUP_LOAD_SQL_H_
#define ASSOCSYNC_ENGINE_BACKUP_LOAD_SQL_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/backup/compression.h"
#include "engine/io/database.h"
#include "engine/io/process.h"

namespace assocsync {

struct LoadOptions {
  // Into options.database.database, which must exist and best be empty: a dump
  // drops the tables that it brings.
  DatabaseOptions database;
  // The client program. Empty: mariadb, else mysql, from `search_path` (the
  // value of PATH).
  std::string tool;
  std::string search_path;
  // Where the option file with the password may lie meanwhile, in a private
  // folder of its own. Best kept in memory. Must exist.
  std::string secret_dir;
  absl::Duration limit = absl::InfiniteDuration();  // of the client program
  const std::atomic<bool>* stop = nullptr;          // not owned; see process.h
  // Told now and then how many bytes of SQL the client has been given.
  std::function<void(uint64_t done)> progress;
};

struct Loaded {
  uint64_t sql_bytes = 0;
  std::string tool;  // its --version
};

// Hands over all SQL of a dump, piece by piece; returns the sink's error at
// once. ReadSqlFile in a lambda, or StreamSql
// (verify_backup.h).
using SqlSource = absl::FunctionRef<absl::Status(ByteSink sink)>;

// OK means: all of the source was handed over, each statement of it is one that
// stays within the database (load_guard.h), and the client ended with exit
// status 0. That the rows arrived is for the caller to count: this is not
// proof. The source is read once, so a caller that must trust it (a digest)
// checks what was read.
//
// After any error the database holds some part of the dump: drop it. A client
// that was killed may leave the server busy with its last statement for a
// moment. Errors: kFailedPrecondition (a statement that does not stay within
// the database), kUnavailable (no client program), kPermissionDenied (login or
// right missing), kResourceExhausted (the server's disk is full), kCancelled,
// kDeadlineExceeded, kDataLoss (the text ends inside a statement), kInternal
// (the client failed; its own words are in the message), those of the source.
absl::StatusOr<Loaded> LoadSql(const LoadOptions& options, SqlSource source,
                               CommandRunner& runner);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_LOAD_SQL_H_
