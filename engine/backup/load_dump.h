// Loads an SQL dump into one database and no other, by statements of
// assocsync's own: not a byte of the dump's text is sent to the server.
#ifndef ASSOCSYNC_ENGINE_BACKUP_LOAD_DUMP_H_
#define ASSOCSYNC_ENGINE_BACKUP_LOAD_DUMP_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/backup/compression.h"
#include "engine/io/database.h"

namespace assocsync {

struct LoadOptions {
  // Into options.database.database, which must exist and hold no table of the
  // dump.
  DatabaseOptions database;
  // Of the login that is made for the load (made_on_server.h).
  uint64_t number = 0;
  // What is no table of slurmdbd's (slurm_tables.h) is refused by name; or left
  // out, and named in Loaded::left_out.
  bool leave_out_others = false;
  bool newer_release = false;  // For IsSlurmTable.
  // The only database that the dump may choose (USE), which says nothing about
  // where it is loaded; empty: none.
  std::string uses;
  const std::atomic<bool>* stop = nullptr;  // When true: kCancelled. Not owned.
  // Told now and then how many bytes of SQL have been read.
  std::function<void(uint64_t done)> progress;
};

struct Loaded {
  uint64_t sql_bytes = 0;
  std::vector<std::string> left_out;  // "view v", "table zz", sorted
  // Why the login that was given did the load itself; empty: one that was made
  // for it and could do nothing else did.
  std::string own_login;
};

// Hands over all SQL of a dump, piece by piece; returns the sink's error at
// once. ReadSqlFile in a lambda, or StreamSql (verify_backup.h).
using SqlSource = absl::FunctionRef<absl::Status(ByteSink sink)>;

// OK means: all of the source was read and understood (sql_reader.h), and every
// table and row of it was sent and taken, in strict mode and in the charset of
// the dump. That the rows are there is for the caller to count. The source is
// read once, so a caller that must trust it (a digest) checks what was read.
//
// The session's sql_mode, charset and time zone are set and read back before
// anything is sent; rows go in multi-row INSERTs of up to 4 MiB, or what
// max_allowed_packet allows.
//
// After any error the database holds some part of the dump: drop it. Errors:
// kFailedPrecondition (the text holds what is refused; the server's session is
// not what was asked for), kPermissionDenied (login or right missing),
// kResourceExhausted (the server's disk is full, a row is longer than its
// max_allowed_packet), kCancelled, kDeadlineExceeded, kDataLoss (the text ends
// inside a statement), kInternal (the server refused a statement), those of the
// source.
absl::StatusOr<Loaded> LoadDump(const LoadOptions& options, SqlSource source);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_LOAD_DUMP_H_
