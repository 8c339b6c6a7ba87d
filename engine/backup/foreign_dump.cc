#include "engine/backup/foreign_dump.h"

#include <sys/stat.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "engine/backup/row_counts.h"
#include "engine/backup/verify_backup.h"
#include "engine/base/status.h"
#include "engine/io/file.h"

namespace assocsync {
namespace {

// Clocks of two hosts differ by less, when somebody looks after them.
constexpr absl::Duration kClockSkew = absl::Minutes(5);

// When the dump was made, as far as can be told.
absl::StatusOr<absl::Time> TimeOf(const std::string& path,
                                  const DumpFacts& facts, absl::TimeZone zone,
                                  std::vector<std::string>* cautions) {
  if (!facts.completed_on.empty()) {
    auto time = ParseTrailerTime(facts.completed_on, zone);
    if (time.ok()) return time;
    cautions->push_back(absl::StrCat(path, ": ", time.status().message()));
  }
  struct stat st;
  if (stat(path.c_str(), &st) != 0) return FileError(path, "look at", errno);
  cautions->push_back(absl::StrCat(
      path, ": does not say when it was made; the file's own time is used"));
  return absl::TimeFromTimespec(st.st_mtim);
}

absl::Status CheckAge(const std::string& path, const CheckDumpOptions& options,
                      absl::Time made, DumpReport* report) {
  report->age = options.now - made;
  if (report->age > options.max_age) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, ": made ",
        absl::FormatDuration(absl::Floor(report->age, absl::Seconds(1))),
        " ago (", absl::FormatTime("%Y-%m-%d %H:%M:%S", made, options.zone),
        "), the limit is ", absl::FormatDuration(options.max_age),
        "; take a new dump"));
  }
  if (report->age < -kClockSkew) {
    report->cautions.push_back(
        absl::StrCat(path, ": says it was made in the future (",
                     absl::FormatTime("%Y-%m-%d %H:%M:%S", made, options.zone),
                     "); another time zone or clock made it"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DumpReport> CheckForeignDump(const std::string& path,
                                            const CheckDumpOptions& options) {
  ASSIGN_OR_RETURN(
      const SqlFileFacts scanned,
      ScanSqlFile(path, [](absl::string_view) { return absl::OkStatus(); }));
  DumpReport report;
  report.bytes = scanned.file.bytes;
  report.sha256 = scanned.file.sha256;
  report.sql_bytes = scanned.facts.bytes;
  report.server_version = scanned.facts.server_version;
  report.tables = TablesOf(scanned.facts, options.database);
  RETURN_IF_ERROR(
      Annotate(CheckSlurmTables(report.tables, {options.cluster}), path));
  ASSIGN_OR_RETURN(const absl::Time made,
                   TimeOf(path, scanned.facts, options.zone, &report.cautions));
  RETURN_IF_ERROR(CheckAge(path, options, made, &report));
  return report;
}

}  // namespace assocsync
