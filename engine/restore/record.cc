#include "engine/restore/record.h"

#include "engine/base/status.h"
#include "nlohmann/json.hpp"

namespace assocsync {
namespace {

using Json = nlohmann::ordered_json;

absl::Status Append(JournalFile& file, absl::string_view kind, absl::Time time,
                    const Json& fields = Json::object()) {
  Json record = {{"record", std::string(kind)},
                 {"time", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time,
                                           absl::UTCTimeZone())}};
  record.update(fields);
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
  RETURN_IF_ERROR(Append(file, "start", time,
                         {{"version", options.version},
                          {"database", options.database},
                          {"backup", options.dir},
                          {"release", options.release.ToString()},
                          {"sql_dump", dumped ? "taken" : "none"}}));
  return RestoreRecord(std::move(file));
}

absl::Status RestoreRecord::Loaded(const std::string& shadow, int schema,
                                   absl::Time time) {
  return Append(file_, "loaded", time,
                {{"database", shadow}, {"schema", schema}});
}

absl::Status RestoreRecord::Swapping(const Swap& swap, absl::Time time) {
  return Append(
      file_, "swap", time,
      {{"kept", swap.kept}, {"out", swap.present}, {"in", swap.restored}});
}

absl::Status RestoreRecord::Swapped(absl::Time time) {
  return Append(file_, "swapped", time);
}

absl::Status RestoreRecord::End(const RestoreReport& report, absl::Time time) {
  const bool restored = report.outcome == RestoreReport::Outcome::kRestored;
  return Append(file_, "end", time,
                {{"outcome", restored ? "restored" : "not verified"},
                 {"problems", report.problems}});
}

}  // namespace assocsync
