#include "engine/backup/plain_dump.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/backup/load_writer.h"
#include "engine/backup/row_counts.h"
#include "engine/backup/slurm_tables.h"
#include "engine/backup/sql_counter.h"
#include "engine/base/status.h"
#include "engine/io/file.h"
#include "engine/io/stop.h"

namespace assocsync {
namespace {

constexpr absl::string_view kClusters = "cluster_table";
constexpr absl::string_view kVersions = "convert_version_table";

absl::Status Refused(absl::string_view what) {
  return absl::FailedPreconditionError(what);
}

// What is kept of a dump beside its counts.
class PlainLook : public SqlVisitor {
 public:
  explicit PlainLook(bool newer_release) : newer_(newer_release) {}

  absl::Status OnTable(const SqlRows& at, const SqlTable& table) override {
    RETURN_IF_ERROR(Place(at.database, table.name));
    if (!IsSlurmTable(table.name, newer_)) {
      left_out.insert(absl::StrCat("table ", table.name));
      return absl::OkStatus();
    }
    auto& names = columns[table.name];
    for (const SqlColumn& column : table.columns) {
      names.insert(absl::AsciiStrToLower(column.name));
    }
    if (table.name == kClusters || table.name == kVersions) {
      order_[table.name] = NamesOf(table.columns);
    }
    return absl::OkStatus();
  }

  absl::Status OnUnreadableTable(absl::string_view table,
                                 const absl::Status& why) override {
    if (IsSlurmTable(table, newer_)) return why;
    left_out.insert(absl::StrCat("table ", table, " (", why.message(), ")"));
    return absl::OkStatus();
  }

  absl::Status OnRow(const SqlRows& rows,
                     absl::Span<const SqlValue> values) override {
    if (rows != of_) {
      of_ = rows;
      RETURN_IF_ERROR(Place(rows.database, rows.table));
      if (IsSlurmTable(rows.table, newer_)) {
        RETURN_IF_ERROR(CharsetIsSaid(rows));
      }
    }
    const auto order = order_.find(rows.table);
    if (order == order_.end()) return absl::OkStatus();
    const auto& named = rows.columns.empty() ? order->second : rows.columns;
    const auto value = [&](absl::string_view column) {
      return ValueOf(named, values, column);
    };
    if (rows.table == kVersions) {
      int version = 0;
      if (absl::SimpleAtoi(value("version"), &version)) {
        schema_version = std::max(schema_version, version);
      }
    } else if (value("deleted") == "0") {
      clusters.emplace(value("name"));
    }
    return absl::OkStatus();
  }

  absl::Status OnObject(const SqlObject& object) override {
    left_out.insert(object.ToString());
    return absl::OkStatus();
  }

  absl::Status OnDatabase(absl::string_view database) override {
    if (!uses.has_value()) uses = std::string(database);
    if (*uses == database) return absl::OkStatus();
    return Refused(absl::StrCat("the dump is of several databases (", *uses,
                                ", ", database,
                                "); make one of slurmdbd's alone"));
  }

  TableColumns columns;
  absl::btree_set<std::string> clusters, left_out;
  std::optional<std::string> uses;
  int schema_version = 0;

 private:
  // Of tables before the first USE nobody knows whose they are.
  absl::Status Place(absl::string_view database, absl::string_view table) {
    if (!seen_.has_value()) seen_ = std::string(database);
    if (*seen_ == database) return absl::OkStatus();
    return Refused(absl::StrCat(
        "table ", table, " is of database ", database, ", others are of ",
        seen_->empty() ? "none that is named" : *seen_));
  }

  const bool newer_;
  SqlRows of_;
  std::optional<std::string> seen_;
  absl::btree_map<std::string, std::vector<std::string>> order_;
};

absl::Status TakeTime(const std::string& path, const DumpFacts& facts,
                      Manifest* manifest) {
  const absl::StatusOr<absl::Time> told =
      ParseTrailerTime(facts.completed_on, absl::LocalTimeZone());
  if (told.ok()) {
    manifest->created = *told;
    manifest->cautions.push_back(absl::StrCat(
        "the dump says that it was completed on ", facts.completed_on,
        ", and not in which time zone: it is taken as this host's. What it "
        "holds is older by as long as the dump took"));
    return absl::OkStatus();
  }
  struct stat st;
  if (stat(path.c_str(), &st) != 0) return FileError(path, "look at", errno);
  manifest->created = absl::FromTimeT(st.st_mtime);
  manifest->cautions.push_back(
      "the dump does not say when it was made: the time of the file is taken");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PlainDump> ReadPlainDump(const std::string& path,
                                        const VerifyOptions& options,
                                        bool newer_release) {
  if (options.key != nullptr) {
    return Refused(absl::StrCat(
        path, ": a plain SQL dump has no signature, and --key asks for one"));
  }
  PlainLook look(newer_release);
  uint64_t done = 0;
  const auto tell = [&](absl::string_view sql) -> absl::Status {
    done += sql.size();
    if (options.progress) options.progress(done, 0);
    return CheckStop(options.stop);
  };
  ASSIGN_OR_RETURN(const SqlFileFacts read, ScanSqlFile(path, &look, tell));

  PlainDump dump;
  dump.uses = look.uses.value_or("");
  dump.sql_bytes = read.facts.bytes;
  dump.left_out.assign(look.left_out.begin(), look.left_out.end());
  Manifest& manifest = dump.manifest;
  manifest.made_by = std::string(kMadeByDumpProgram);
  manifest.tool = manifest.made_by;
  manifest.database = look.uses.value_or(read.facts.database);
  manifest.server_version = read.facts.server_version;
  manifest.files.push_back({std::filesystem::path(path).filename().string(),
                            read.file.bytes, read.file.sha256});
  manifest.tables = TablesOf(read.facts, dump.uses);
  std::erase_if(manifest.tables, [&](const TableRows& table) {
    return !IsSlurmTable(table.name, newer_release);
  });
  if (look.schema_version > 0) {
    manifest.schema = absl::StrCat(look.schema_version);
  }
  manifest.clusters.assign(look.clusters.begin(), look.clusters.end());
  if (!manifest.clusters.empty()) manifest.cluster = manifest.clusters[0];
  RETURN_IF_ERROR(
      Annotate(CheckSlurmTables(manifest.tables, manifest.clusters), path));
  absl::StatusOr<DatabaseSchema> schema =
      SchemaOf(look.columns, manifest.clusters,
               " missing from the dump: ", "; dump all tables of the database");
  if (!schema.ok()) return Annotate(schema.status(), path);
  dump.schema = *schema;
  manifest.slurm_release = schema->ToString();
  RETURN_IF_ERROR(TakeTime(path, read.facts, &manifest));
  return dump;
}

}  // namespace assocsync
