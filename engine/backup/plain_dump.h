// A plain SQL dump of slurmdbd's database (mariadb-dump, mysqldump), plain or
// compressed, in place of a backup's folder: what is known of it without a
// manifest.
#ifndef ASSOCSYNC_ENGINE_BACKUP_PLAIN_DUMP_H_
#define ASSOCSYNC_ENGINE_BACKUP_PLAIN_DUMP_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/backup/manifest.h"
#include "engine/backup/verify_backup.h"
#include "engine/live/database_schema.h"

namespace assocsync {

// What no such dump tells of itself, for people.
inline constexpr absl::string_view kNotInPlainDumps =
    "a plain SQL dump has no manifest: whether rows were lost before the file "
    "was made, whether its bytes changed since, who made it, and whether it is "
    "of one moment (--single-transaction) cannot be told";

struct PlainDump {
  // As the manifest of a backup would tell it: made_by is kMadeByDumpProgram,
  // `files` the dump itself, as it was read; `tables` those of slurmdbd;
  // `created` the time that its last line tells, taken as this host's, else
  // that of the file; `slurm_release` which releases write such tables;
  // `database` empty where neither USE nor a comment names it; `cautions` what
  // of that is a guess. No trees.
  Manifest manifest;
  // USE is said, and of which database: what is loaded is to be of it alone.
  std::string uses;
  DatabaseSchema schema;  // The same.
  // "view v", "table zz": they are not loaded.
  std::vector<std::string> left_out;
  uint64_t sql_bytes = 0;
};

// Reads all of the dump at `path`. It is whole, says nothing but what dumps say
// (sql_reader.h), is of one database, and has all tables that a slurmdbd needs,
// each of which can be made again and loaded. `newer_release`: as in
// IsSlurmTable. Errors: kDataLoss (not whole), kFailedPrecondition (any of the
// others; options.key: there is no signature), kCancelled, those of
// ReadSqlFile.
absl::StatusOr<PlainDump> ReadPlainDump(const std::string& path,
                                        const VerifyOptions& options = {},
                                        bool newer_release = false);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_PLAIN_DUMP_H_
