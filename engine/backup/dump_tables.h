// The associations in a plain SQL dump of slurmdbd's database (mariadb-dump,
// mysqldump), read without a server: what `plan old.sql.gz` takes.
#ifndef ASSOCSYNC_ENGINE_BACKUP_DUMP_TABLES_H_
#define ASSOCSYNC_ENGINE_BACKUP_DUMP_TABLES_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/io/mapped_file.h"
#include "engine/live/live.h"
#include "engine/live/read_state.h"
#include "engine/slurm/release.h"

namespace assocsync {

// Reads `cluster` (empty: the only one there is) of the dump in `bytes`, which
// is plain or compressed by gzip, xz or zstd. It costs what the tables of
// accounts, users, QOS and associations hold: rows of other tables, which are
// nearly all of a dump, are passed over.
//
// All or nothing, as ReadDatabase, whose errors are returned; also
// kFailedPrecondition: what no dump of a Slurm database holds (with its byte),
// tables of two databases; kDataLoss: the dump is cut short. `name` is for
// messages.
absl::StatusOr<DatabaseRead> ReadDump(absl::string_view name,
                                      absl::string_view bytes,
                                      absl::string_view cluster,
                                      bool fold_users);

// Whether `bytes` are such a dump, compressed or not.
bool IsSqlDump(absl::string_view bytes);
// The file, where it is a regular one and such a dump; nullopt: it is not, or
// there is none.
absl::StatusOr<std::optional<MappedFile>> OpenSqlDump(const std::string& path);

// Such a dump as live; names of users are folded. Without a `release` plans are
// for the oldest that has these tables.
std::unique_ptr<LiveSource> LiveFromDump(std::string path,
                                         std::optional<Release> release);
// What that source reads and lists, of the dump in `bytes`.
absl::StatusOr<LiveState> LiveOfDump(absl::string_view name,
                                     absl::string_view bytes,
                                     absl::string_view cluster,
                                     std::optional<Release> release);
absl::StatusOr<std::vector<std::string>> ClustersOfDump(
    absl::string_view name, absl::string_view bytes);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_DUMP_TABLES_H_
