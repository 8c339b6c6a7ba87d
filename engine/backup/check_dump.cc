#include "engine/backup/check_dump.h"

#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/backup/compression.h"
#include "engine/backup/dump_check.h"
#include "engine/backup/sql_scanner.h"
#include "engine/base/status.h"
#include "engine/io/digest.h"
#include "engine/io/file.h"

namespace assocsync {
namespace {

constexpr uint64_t kMaxManifest = uint64_t{64} << 20;
// Clocks of two hosts differ by less, when somebody looks after them.
constexpr absl::Duration kClockSkew = absl::Minutes(5);

struct Scanned {
  FileRead file;
  DumpFacts facts;
};

absl::StatusOr<Scanned> ScanFile(const std::string& path) {
  Scanned scanned;
  SqlScanner scanner;
  ASSIGN_OR_RETURN(scanned.file,
                   ReadSqlFile(path, [&](absl::string_view piece) {
                     scanner.Feed(piece);
                     return absl::OkStatus();
                   }));
  absl::StatusOr<DumpFacts> facts = scanner.Finish();
  RETURN_IF_ERROR(Annotate(facts.status(), path));
  scanned.facts = *std::move(facts);
  return scanned;
}

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

absl::Status VerifyFile(const std::string& dir, const BackupFile& file,
                        const Manifest& manifest) {
  const std::string path = absl::StrCat(dir, "/", file.name);
  struct stat st;
  if (lstat(path.c_str(), &st) != 0) return FileError(path, "look at", errno);
  if (!S_ISREG(st.st_mode)) {
    return absl::DataLossError(absl::StrCat(path, ": not a regular file"));
  }
  if (static_cast<uint64_t>(st.st_size) != file.bytes) {
    return absl::DataLossError(absl::StrCat(path, ": has ", st.st_size,
                                            " bytes, it had ", file.bytes));
  }
  ASSIGN_OR_RETURN(const std::string sha256, Sha256OfFile(path));
  if (sha256 != file.sha256) {
    return absl::DataLossError(
        absl::StrCat(path, ": its bytes changed (SHA-256 ", sha256, ", it was ",
                     file.sha256, ")"));
  }
  if (!absl::EndsWith(file.name, ".sql.zst")) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Scanned scanned, ScanFile(path));
  if (TablesOf(scanned.facts, manifest.database) == manifest.tables) {
    return absl::OkStatus();
  }
  return absl::DataLossError(absl::StrCat(
      path, ": its tables or rows are not those of ", kManifestName));
}

}  // namespace

absl::StatusOr<DumpReport> CheckSqlDump(const std::string& path,
                                        const CheckDumpOptions& options) {
  ASSIGN_OR_RETURN(const Scanned scanned, ScanFile(path));
  DumpReport report;
  report.bytes = scanned.file.bytes;
  report.sha256 = scanned.file.sha256;
  report.sql_bytes = scanned.facts.bytes;
  report.server_version = scanned.facts.server_version;
  report.tables = TablesOf(scanned.facts, options.database);
  RETURN_IF_ERROR(
      Annotate(CheckSlurmTables(report.tables, options.cluster), path));
  ASSIGN_OR_RETURN(const absl::Time made,
                   TimeOf(path, scanned.facts, options.zone, &report.cautions));
  RETURN_IF_ERROR(CheckAge(path, options, made, &report));
  return report;
}

absl::StatusOr<Manifest> VerifyBackup(const std::string& dir) {
  ASSIGN_OR_RETURN(
      const std::string text,
      ReadFile(absl::StrCat(dir, "/", kManifestName), kMaxManifest));
  absl::StatusOr<Manifest> manifest = ParseManifest(text);
  RETURN_IF_ERROR(Annotate(manifest.status(), dir));
  if (manifest->files.empty()) {
    return absl::DataLossError(
        absl::StrCat(dir, ": its manifest lists nothing"));
  }
  for (const BackupFile& file : manifest->files) {
    RETURN_IF_ERROR(VerifyFile(dir, file, *manifest));
  }
  return manifest;
}

}  // namespace assocsync
