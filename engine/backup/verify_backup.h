// Backup folders, of `assocsync backup` and of a run of `apply`, as they are
// found years later: are they whole, and what do they hold? Where a folder
// `dir` goes with its manifest, the path of a plain SQL dump goes with what
// stands for its manifest (plain_dump.h).
#ifndef ASSOCSYNC_ENGINE_BACKUP_VERIFY_BACKUP_H_
#define ASSOCSYNC_ENGINE_BACKUP_VERIFY_BACKUP_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/backup/compression.h"
#include "engine/backup/manifest.h"
#include "engine/backup/sql_reader.h"

namespace assocsync {

// How a caution of the manifest begins that tells why there is no tree.
inline constexpr absl::string_view kNoTree = "no .cfg of cluster ";

struct VerifyOptions {
  const std::atomic<bool>* stop = nullptr;  // When true: kCancelled. Not owned.
  // Told now and then how many bytes have been looked at, and of how many: all
  // files of the folder.
  std::function<void(uint64_t done, uint64_t total)> progress;
  // Whose signature the manifest must have; nullptr: nobody's. Not owned.
  const VerifyingKey* key = nullptr;
};

// Whether every file of the manifest in folder `dir` is there with its size and
// digest, every SQL dump among them (*.sql.zst) is whole and has the tables
// and rows that the manifest tells, and the files that the manifest names
// beside its list are in that list. The manifest, or: kDataLoss naming the
// first file that is not as it was; those of ReadManifest, which also fills
// `signature`; file.h.
absl::StatusOr<Manifest> VerifyBackup(const std::string& dir,
                                      const VerifyOptions& options = {},
                                      Signature* signature = nullptr);

// The same for one file of the manifest, by size and digest alone; its text.
// kNotFound: the manifest does not list it.
absl::StatusOr<std::string> ReadVerified(const std::string& dir,
                                         const Manifest& manifest,
                                         absl::string_view file);

// The file with the associations of `cluster` (empty: the manifest's own): of a
// run of apply before.cfg. kNotFound, naming the clusters that are there.
absl::StatusOr<std::string> TreeFileOf(const Manifest& manifest,
                                       absl::string_view cluster);

// Those whose trees the folder holds: not those of its dump alone.
std::vector<std::string> ClustersOfTrees(const Manifest& manifest);

// The file with the SQL dump. kNotFound: the folder holds none (apply was told
// --no-sql-dump).
absl::StatusOr<BackupFile> SqlFileOf(const Manifest& manifest);

// Hands all SQL of the backup to `sink` in the order in which it must be
// loaded, and returns the sink's error at once. The bytes that were read are
// those of the manifest: kDataLoss when their digest is another, but that is
// known only at the end. Other errors: SqlFileOf, ReadSqlFile.
absl::Status StreamSql(const std::string& dir, const Manifest& manifest,
                       ByteSink sink);

struct SqlFileFacts {
  FileRead file;
  DumpFacts facts;
};
// Reads a whole dump, plain or compressed. `look` sees each piece of SQL first;
// its error ends it. Errors: ReadSqlFile; kDataLoss where the SQL is not whole;
// kFailedPrecondition where it says what no dump does (sql_reader.h).
absl::StatusOr<SqlFileFacts> ScanSqlFile(
    const std::string& path,
    absl::FunctionRef<absl::Status(absl::string_view)> look);
// The same, with one who is told what it says.
absl::StatusOr<SqlFileFacts> ScanSqlFile(
    const std::string& path, SqlVisitor* visitor,
    absl::FunctionRef<absl::Status(absl::string_view)> look);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_VERIFY_BACKUP_H_
