#include "engine/restore/record.h"

#include "engine/base/status.h"
#include "nlohmann/json.hpp"

namespace assocsync {
namespace {

using Json = nlohmann::ordered_json;

Json NewRecord(absl::string_view kind, absl::Time time) {
  return Json{{"record", std::string(kind)},
              {"time", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time,
                                        absl::UTCTimeZone())}};
}

absl::Status Append(JournalFile& file, const Json& record) {
  return file.Append(
      record.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace

Manifest ManifestOf(const SqlDump& dump, const RestoreOptions& options,
                    const Manifest& backup) {
  Manifest manifest;
  manifest.clusters = ClustersOf(NamesOf(dump.tables));
  manifest.cluster =
      manifest.clusters.empty() ? backup.cluster : manifest.clusters.front();
  manifest.database = options.database;
  manifest.server_version = dump.server_version;
  manifest.slurm_release = options.release.ToString();
  manifest.tool = dump.tool;
  manifest.version = options.version;
  manifest.made_by = std::string(kMadeByRestore);
  manifest.cautions = dump.cautions;
  manifest.files.push_back(dump.file);
  manifest.tables = dump.tables;
  return manifest;
}

absl::StatusOr<RestoreRecord> RestoreRecord::Create(
    const std::string& path, const RestoreOptions& options, bool dumped,
    absl::Time time) {
  ASSIGN_OR_RETURN(JournalFile file, JournalFile::Create(path));
  Json record = NewRecord("start", time);
  record["version"] = options.version;
  record["database"] = options.database;
  record["backup"] = options.dir;
  record["release"] = options.release.ToString();
  record["sql_dump"] = dumped ? "taken" : "none";
  RETURN_IF_ERROR(Append(file, record));
  return RestoreRecord(std::move(file));
}

absl::Status RestoreRecord::Loaded(const std::string& shadow, int schema,
                                   absl::Time time) {
  Json record = NewRecord("loaded", time);
  record["database"] = shadow;
  record["schema"] = schema;
  return Append(file_, record);
}

absl::Status RestoreRecord::Swapping(const Swap& swap, absl::Time time) {
  Json record = NewRecord("swap", time);
  record["kept"] = swap.kept;
  record["out"] = swap.present;
  record["in"] = swap.restored;
  return Append(file_, record);
}

absl::Status RestoreRecord::Swapped(absl::Time time) {
  return Append(file_, NewRecord("swapped", time));
}

absl::Status RestoreRecord::End(const RestoreReport& report, absl::Time time) {
  Json record = NewRecord("end", time);
  record["outcome"] = report.outcome == RestoreReport::Outcome::kRestored
                          ? "restored"
                          : "not verified";
  record["problems"] = report.problems;
  return Append(file_, record);
}

}  // namespace assocsync
