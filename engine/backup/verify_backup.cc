#include "engine/backup/verify_backup.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/backup/row_counts.h"
#include "engine/backup/sql_counter.h"
#include "engine/base/counted.h"
#include "engine/base/input_limits.h"
#include "engine/base/maps.h"
#include "engine/base/status.h"
#include "engine/io/digest.h"
#include "engine/io/file.h"
#include "engine/io/stop.h"

namespace assocsync {
namespace {

constexpr absl::string_view kSqlEnding = ".sql.zst";

// Counts bytes, and ends the work when the user wants that.
class Watch {
 public:
  Watch(const VerifyOptions& options, const Manifest& manifest)
      : options_(options) {
    for (const BackupFile& file : manifest.files) total_ += file.bytes;
  }
  absl::Status Done(uint64_t bytes) {
    done_ += bytes;
    return Look();
  }
  absl::Status Look() {
    if (options_.progress) options_.progress(done_, total_);
    return CheckStop(options_.stop);
  }

 private:
  const VerifyOptions& options_;
  uint64_t done_ = 0, total_ = 0;
};

// By looking at the folder alone.
absl::Status CheckSize(const std::string& path, const BackupFile& file) {
  struct stat st;
  if (lstat(path.c_str(), &st) != 0) {
    if (errno == ENOENT) {
      return absl::DataLossError(absl::StrCat(path, ": is missing"));
    }
    return FileError(path, "look at", errno);
  }
  if (!S_ISREG(st.st_mode)) {
    return absl::DataLossError(absl::StrCat(path, ": not a regular file"));
  }
  if (static_cast<uint64_t>(st.st_size) == file.bytes) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat(path, ": has ", st.st_size, " bytes, it had ", file.bytes));
}

absl::Status CheckDigest(const std::string& path, const BackupFile& file,
                         const std::string& sha256) {
  if (sha256 == file.sha256) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(path, ": its bytes changed (SHA-256 ",
                                          sha256, ", it was ", file.sha256,
                                          ")"));
}

// The first difference, in words.
std::string TableDifference(const std::vector<TableRows>& dumped,
                            const std::vector<TableRows>& listed) {
  const RowCounts in_dump = CountsOf(dumped), in_list = CountsOf(listed);
  for (const auto& [name, rows] : in_dump) {
    const uint64_t* listed_rows = FindIn(in_list, name);
    if (listed_rows == nullptr) {
      return absl::StrCat("it holds table ", name, ", which ", kManifestName,
                          " does not list");
    }
    if (*listed_rows != rows) {
      return absl::StrCat("it holds ", Counted(rows, "row"), " of table ", name,
                          ", ", kManifestName, " says ", *listed_rows);
    }
  }
  for (const auto& [name, rows] : in_list) {
    if (!in_dump.contains(name)) return absl::StrCat("it lacks table ", name);
  }
  return absl::StrCat("its tables are listed in another order in ",
                      kManifestName);
}

absl::Status VerifyFile(const std::string& dir, const BackupFile& file,
                        const Manifest& manifest, Watch* watch) {
  const std::string path = absl::StrCat(dir, "/", file.name);
  RETURN_IF_ERROR(CheckSize(path, file));
  const bool is_sql = absl::EndsWith(file.name, kSqlEnding);
  absl::StatusOr<SqlFileFacts> scanned = SqlFileFacts();
  if (is_sql) {
    scanned =
        ScanSqlFile(path, [&](absl::string_view) { return watch->Look(); });
    if (absl::IsCancelled(scanned.status())) return scanned.status();
  }
  // A digest tells more than the place where decompression stumbled.
  ASSIGN_OR_RETURN(const std::string sha256, Sha256OfFile(path));
  RETURN_IF_ERROR(CheckDigest(path, file, sha256));
  RETURN_IF_ERROR(scanned);
  const auto tables = TablesOf(scanned->facts, manifest.database);
  if (is_sql && tables != manifest.tables) {
    return absl::DataLossError(
        absl::StrCat(path, ": ", TableDifference(tables, manifest.tables)));
  }
  return watch->Done(file.bytes);
}

const BackupFile* Find(const Manifest& manifest, absl::string_view name) {
  for (const BackupFile& file : manifest.files) {
    if (file.name == name) return &file;
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<Manifest> VerifyBackup(const std::string& dir,
                                      const VerifyOptions& options,
                                      Signature* signature) {
  ASSIGN_OR_RETURN(Manifest manifest,
                   ReadManifest(dir, options.key, signature));
  if (manifest.files.empty()) {
    return absl::DataLossError(
        absl::StrCat(dir, ": its manifest lists nothing"));
  }
  for (const TreeFile& tree : manifest.trees) {
    if (Find(manifest, tree.file) != nullptr) continue;
    return absl::DataLossError(absl::StrCat(
        dir, ": its manifest names ", tree.file, " and does not list it"));
  }
  if (manifest.made_by == kMadeByBackup) {
    // A tree that .cfg cannot hold is in the SQL dump, and the backup says so.
    const bool has_sql = manifest.tool != kTreesAlone;
    const bool told =
        absl::c_any_of(manifest.cautions, [](const std::string& caution) {
          return absl::StartsWith(caution, kNoTree);
        });
    if (!has_sql || !told) {
      RETURN_IF_ERROR(Annotate(TreeFileOf(manifest, "").status(), dir));
    }
    if (has_sql) RETURN_IF_ERROR(Annotate(SqlFileOf(manifest).status(), dir));
  }
  Watch watch(options, manifest);
  for (const BackupFile& file : manifest.files) {
    RETURN_IF_ERROR(VerifyFile(dir, file, manifest, &watch));
  }
  return manifest;
}

absl::StatusOr<std::string> ReadVerified(const std::string& dir,
                                         const Manifest& manifest,
                                         absl::string_view name) {
  const BackupFile* file = Find(manifest, name);
  if (file == nullptr) {
    return absl::NotFoundError(
        absl::StrCat(dir, ": its manifest does not list ", name));
  }
  const std::string path = absl::StrCat(dir, "/", name);
  RETURN_IF_ERROR(CheckSize(path, *file));
  ASSIGN_OR_RETURN(
      std::string text,
      ReadFile(path, std::min(file->bytes, kMaxTreeFile), Readable::kPlain));
  RETURN_IF_ERROR(CheckDigest(path, *file, Sha256Hex(text)));
  return text;
}

absl::StatusOr<std::string> TreeFileOf(const Manifest& manifest,
                                       absl::string_view cluster) {
  if (cluster.empty()) cluster = manifest.cluster;
  std::vector<std::string> there;
  for (const TreeFile& tree : manifest.trees) {
    if (tree.cluster == cluster) return tree.file;
    there.push_back(tree.cluster);
  }
  if (manifest.made_by != kMadeByBackup && cluster == manifest.cluster) {
    return std::string(kBeforeRunName);
  }
  if (there.empty()) there.push_back(manifest.cluster);
  return absl::NotFoundError(
      absl::StrCat("it holds no associations of cluster '", cluster,
                   "', only of ", absl::StrJoin(there, ", ")));
}

std::vector<std::string> ClustersOfTrees(const Manifest& manifest) {
  std::vector<std::string> clusters;
  for (const TreeFile& tree : manifest.trees) clusters.push_back(tree.cluster);
  if (!clusters.empty()) return clusters;
  // A run of apply; one of restore has no tree.
  const absl::StatusOr<std::string> file = TreeFileOf(manifest, "");
  if (file.ok() && absl::c_any_of(manifest.files, [&](const BackupFile& each) {
        return each.name == *file;
      })) {
    clusters.push_back(manifest.cluster);
  }
  return clusters;
}

absl::StatusOr<BackupFile> SqlFileOf(const Manifest& manifest) {
  const bool plain = manifest.made_by == kMadeByDumpProgram;
  for (const BackupFile& file : manifest.files) {
    if (plain || absl::EndsWith(file.name, kSqlEnding)) return file;
  }
  return absl::NotFoundError(absl::StrCat(
      "it holds no SQL dump (", manifest.tool,
      "); `assocsync apply` of the folder restores the associations"));
}

absl::Status StreamSql(const std::string& dir, const Manifest& manifest,
                       ByteSink sink) {
  ASSIGN_OR_RETURN(const BackupFile file, Annotate(SqlFileOf(manifest), dir));
  const bool plain = manifest.made_by == kMadeByDumpProgram;
  const std::string path = plain ? dir : absl::StrCat(dir, "/", file.name);
  if (!plain) RETURN_IF_ERROR(CheckSize(path, file));
  ASSIGN_OR_RETURN(const FileRead read,
                   ReadSqlFile(path, [&](absl::string_view sql) {
                     return Annotate(sink(sql), path);
                   }));
  return CheckDigest(path, file, read.sha256);
}

absl::StatusOr<SqlFileFacts> ScanSqlFile(
    const std::string& path,
    absl::FunctionRef<absl::Status(absl::string_view)> look) {
  SqlCounter counter;
  return ScanSqlFile(path, &counter, look);
}

absl::StatusOr<SqlFileFacts> ScanSqlFile(
    const std::string& path, SqlVisitor* visitor,
    absl::FunctionRef<absl::Status(absl::string_view)> look) {
  SqlFileFacts scanned;
  SqlReader reader(visitor);
  ASSIGN_OR_RETURN(
      scanned.file,
      ReadSqlFile(path, [&](absl::string_view piece) -> absl::Status {
        RETURN_IF_ERROR(look(piece));
        return Annotate(reader.Feed(piece), path);
      }));
  ASSIGN_OR_RETURN(scanned.facts, Annotate(reader.Finish(), path));
  return scanned;
}

}  // namespace assocsync
