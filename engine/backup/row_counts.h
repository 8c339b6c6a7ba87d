// What the facts of a dump must be like for it to be a backup. Pure.
#ifndef ASSOCSYNC_ENGINE_BACKUP_ROW_COUNTS_H_
#define ASSOCSYNC_ENGINE_BACKUP_ROW_COUNTS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/backup/manifest.h"
#include "engine/backup/sql_reader.h"
#include "engine/io/database.h"

namespace assocsync {

// The same rows, by name.
RowCounts CountsOf(const std::vector<TableRows>& tables);

// The rows of each table that `facts` has a CREATE TABLE for, sorted by name:
// those of `database`, and those without a USE before them.
std::vector<TableRows> TablesOf(const DumpFacts& facts,
                                absl::string_view database);

// The tables whose rows in the dump are not as many as `before`, a count taken
// before the dump began, and tables that are only in the dump. kDataLoss when
// the dump lacks a table.
absl::StatusOr<std::vector<std::string>> TablesThatDiffer(
    const std::vector<TableRows>& dumped, const RowCounts& before);

// Judges the tables that differ by `after`, a count taken after the dump. A
// dump sees one moment between the two counts, so its rows must lie between
// them; where both counts are equal but the dump's is another, or where it lies
// outside, rows are missing or doubled: kDataLoss, with the figures.
absl::Status CheckAgainstAfter(const std::vector<TableRows>& dumped,
                               const RowCounts& before, const RowCounts& after);

// Whether these are the tables of a slurmdbd database with `clusters`, and
// those that slurmdbd cannot do without hold rows. kFailedPrecondition, naming
// what is missing.
absl::Status CheckSlurmTables(const std::vector<TableRows>& tables,
                              absl::Span<const std::string> clusters);

// The moment that a trailer tells, in `zone`. kInvalidArgument when it is none.
absl::StatusOr<absl::Time> ParseTrailerTime(absl::string_view text,
                                            absl::TimeZone zone);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_ROW_COUNTS_H_
