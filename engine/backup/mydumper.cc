#include "engine/backup/mydumper.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/container/btree_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/input_limits.h"
#include "engine/base/status.h"
#include "engine/io/database.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"

namespace assocsync {
namespace {

namespace fs = std::filesystem;

constexpr absl::string_view kKnownVersion = "mydumper 0.10.";
constexpr absl::string_view kSchema = "-schema.sql";
constexpr size_t kEnd = 2;  // Bytes of ";\n".

struct TableFiles {
  std::string schema, rows;  // Paths; empty: there is none.
};

absl::Status Unexpected(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("mydumper: ", what));
}

// What mydumper writes last of all, once its connections have ended.
absl::Status CheckFinished(const std::string& folder) {
  const absl::StatusOr<std::string> metadata =
      ReadFile(absl::StrCat(folder, "/metadata"), kMaxMydumperMetadata);
  if (!metadata.ok() || !absl::StrContains(*metadata, "\nFinished dump at: ")) {
    return Unexpected("its files do not say that it finished");
  }
  return absl::OkStatus();
}

absl::StatusOr<absl::btree_map<std::string, TableFiles>> TablesIn(
    const std::string& folder, absl::string_view database) {
  absl::btree_map<std::string, TableFiles> tables;
  ASSIGN_OR_RETURN(const std::vector<std::string> files, NamesInFolder(folder));
  for (const std::string& file : files) {
    absl::string_view name = file;
    // The database is made by whoever loads the dump.
    if (name == "metadata" ||
        name == absl::StrCat(database, "-schema-create.sql")) {
      continue;
    }
    const bool own =
        absl::ConsumePrefix(&name, database) && absl::ConsumePrefix(&name, ".");
    const bool schema = own && absl::ConsumeSuffix(&name, kSchema);
    if (!own || (!schema && !absl::ConsumeSuffix(&name, ".sql"))) {
      return Unexpected(absl::StrCat("wrote a file '", file, "'"));
    }
    TableFiles& table = tables[std::string(name)];
    (schema ? table.schema : table.rows) = absl::StrCat(folder, "/", file);
  }
  for (const auto& [name, files] : tables) {
    if (files.schema.empty()) {
      return Unexpected(absl::StrCat("wrote rows of table ", name,
                                     ", but not how it is made"));
    }
  }
  return tables;
}

// One file. Its last statement must be whole: what follows would become a part
// of it.
absl::Status JoinFile(const std::string& path, ByteSink sink) {
  std::string end;
  const auto pass = [&](absl::string_view sql) {
    absl::StrAppend(&end, sql.substr(sql.size() - std::min(sql.size(), kEnd)));
    end.erase(0, end.size() - std::min(end.size(), kEnd));
    return sink(sql);
  };
  RETURN_IF_ERROR(ReadSqlFile(path, pass).status());
  if (!end.empty() && end != ";\n") {
    return Unexpected(absl::StrCat(fs::path(path).filename().string(),
                                   " ends in the middle of a statement"));
  }
  return sink("\n");
}

}  // namespace

bool IsMydumper(absl::string_view tool) {
  return fs::path(std::string(tool)).filename() == "mydumper";
}

absl::Status CheckMydumperVersion(absl::string_view version) {
  if (absl::StartsWith(version, kKnownVersion)) return absl::OkStatus();
  return absl::UnimplementedError(absl::StrCat(
      "'", version, "': of mydumper, assocsync knows the locks and files of ",
      "0.10 alone; use --dump-tool mariadb-dump"));
}

std::vector<std::string> MydumperCommand(absl::string_view tool,
                                         absl::string_view option_file,
                                         absl::string_view database,
                                         absl::string_view folder) {
  return {std::string(tool), absl::StrCat("--defaults-file=", option_file),
          absl::StrCat("--database=", database),
          absl::StrCat("--outputdir=", folder), "--threads=4",
          "--lock-all-tables", "--trx-consistency-only", "--no-views",
          // A query of somebody else that runs for long is no reason to fail,
          // and none to kill it.
          "--long-query-guard=4294967", "--verbose=1"};
}

uint64_t BytesInFiles(const std::string& folder) {
  uint64_t bytes = 0;
  for (const std::string& name :
       NamesInFolder(folder).value_or(std::vector<std::string>())) {
    std::error_code gone;
    const uint64_t size = fs::file_size(absl::StrCat(folder, "/", name), gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

absl::Status JoinMydumperFiles(const std::string& folder,
                               absl::string_view database,
                               absl::string_view version, absl::Time now,
                               absl::TimeZone zone, ByteSink sink) {
  RETURN_IF_ERROR(CheckFinished(folder));
  ASSIGN_OR_RETURN(const auto tables, TablesIn(folder, database));
  RETURN_IF_ERROR(
      sink(absl::StrCat("-- Dump by ", version, ", its files in one\n",
                        // As mariadb-dump has it: a row whose id is 0 keeps it.
                        "/*!40101 SET SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n",
                        "/*!40014 SET UNIQUE_CHECKS=0 */;\n")));
  for (const auto& [name, files] : tables) {
    RETURN_IF_ERROR(
        sink(absl::StrCat("\nDROP TABLE IF EXISTS ", SqlName(name), ";\n")));
    RETURN_IF_ERROR(JoinFile(files.schema, sink));
    if (!files.rows.empty()) RETURN_IF_ERROR(JoinFile(files.rows, sink));
  }
  return sink(absl::StrCat("-- Dump completed on ",
                           absl::FormatTime("%Y-%m-%d %H:%M:%S", now, zone),
                           "\n"));
}

}  // namespace assocsync
