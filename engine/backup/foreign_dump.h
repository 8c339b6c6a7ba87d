// Is this dump good, which somebody else made?
#ifndef ASSOCSYNC_ENGINE_BACKUP_FOREIGN_DUMP_H_
#define ASSOCSYNC_ENGINE_BACKUP_FOREIGN_DUMP_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/backup/manifest.h"

namespace assocsync {

struct CheckDumpOptions {
  std::string cluster;   // whose tables it must have
  std::string database;  // of which, when it holds several
  absl::Time now;
  absl::TimeZone zone;  // of this host: trailers tell local time
  absl::Duration max_age = absl::Hours(1);
};

struct DumpReport {
  uint64_t bytes = 0;  // of the file as it is
  std::string sha256;  // of the same
  uint64_t sql_bytes = 0;
  std::vector<TableRows> tables;
  std::string server_version;  // as the dump says; may be empty
  absl::Duration age;
  std::vector<std::string> cautions;
};

// Reads all of the dump at `path` (plain or zstd) and makes sure that it is
// whole, that it is a slurmdbd database with `cluster`, and that it is no older
// than `max_age`: by its trailer, and by the time the file was last written
// when the trailer tells none. What it cannot show is that no rows are missing:
// it is not compared with the database. Errors: kDataLoss (not whole),
// kFailedPrecondition (another database, or too old), kUnimplemented (another
// compression), file.h.
absl::StatusOr<DumpReport> CheckForeignDump(const std::string& path,
                                            const CheckDumpOptions& options);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_FOREIGN_DUMP_H_
