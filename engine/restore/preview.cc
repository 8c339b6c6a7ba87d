#include "engine/restore/preview.h"

#include <algorithm>

#include "absl/container/btree_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/status.h"

namespace assocsync {
namespace {

constexpr absl::string_view kAssocEnd = "_assoc_table";

// Two sums over one table; SUM over no rows is NULL.
absl::StatusOr<std::pair<uint64_t, uint64_t>> TwoSums(
    Database& server, const std::string& first, const std::string& second,
    const std::string& table) {
  ASSIGN_OR_RETURN(const auto rows,
                   server.Query(absl::StrCat("SELECT COALESCE(SUM(", first,
                                             "), 0), COALESCE(SUM(", second,
                                             "), 0) FROM ", SqlName(table))));
  std::pair<uint64_t, uint64_t> sums;
  if (rows.size() != 1 || rows[0].size() != 2 ||
      !absl::SimpleAtoi(rows[0][0].value_or(""), &sums.first) ||
      !absl::SimpleAtoi(rows[0][1].value_or(""), &sums.second)) {
    return absl::InternalError(
        absl::StrCat("the server gave no sums of ", table));
  }
  return sums;
}

absl::StatusOr<ClusterLoss> LossOf(Database& server, const std::string& cluster,
                                   const Manifest& manifest) {
  ClusterLoss loss;
  loss.cluster = cluster;
  // Times are whole seconds: what is of the very second counts as lost, for it
  // may be.
  const int64_t since = absl::ToUnixSeconds(manifest.created);
  const std::string assocs = absl::StrCat(cluster, kAssocEnd);
  for (const TableRows& table : manifest.tables) {
    loss.in_backup = loss.in_backup || table.name == assocs;
  }
  ASSIGN_OR_RETURN(const auto jobs,
                   TwoSums(server, absl::StrCat("time_submit >= ", since),
                           absl::StrCat("mod_time >= ", since),
                           absl::StrCat(cluster, "_job_table")));
  loss.new_jobs = jobs.first;
  loss.changed_jobs = jobs.second;
  ASSIGN_OR_RETURN(
      const auto rows,
      TwoSums(server,
              absl::StrCat("creation_time >= ", since, " AND deleted = 0"),
              absl::StrCat("mod_time >= ", since), assocs));
  loss.new_assocs = rows.first;
  loss.changed_assocs = rows.second;
  return loss;
}

}  // namespace

std::vector<std::string> ClustersOf(const std::vector<std::string>& tables) {
  std::vector<std::string> clusters;
  for (const std::string& table : tables) {
    absl::string_view name = table;
    if (absl::ConsumeSuffix(&name, kAssocEnd) && !name.empty()) {
      clusters.emplace_back(name);
    }
  }
  std::sort(clusters.begin(), clusters.end());
  return clusters;
}

absl::StatusOr<RestorePreview> MakePreview(Database& server,
                                           absl::string_view database,
                                           const Contents& present,
                                           const Manifest& manifest) {
  RestorePreview preview;
  preview.manifest = manifest;
  preview.database = std::string(database);
  preview.present = !present.tables.empty();
  if (manifest.database != database) {
    preview.cautions.push_back(absl::StrCat(
        "the backup is of a database of another name, ", manifest.database));
  }
  absl::btree_map<std::string, TableChange> tables;
  if (preview.present) {
    ASSIGN_OR_RETURN(const RowCounts counts,
                     CountAll(server, database, present.TableNames()));
    for (const auto& [name, rows] : counts) tables[name].now = rows;
    for (const std::string& cluster : ClustersOf(present.TableNames())) {
      absl::StatusOr<ClusterLoss> loss = LossOf(server, cluster, manifest);
      if (absl::IsUnavailable(loss.status()) ||
          absl::IsDeadlineExceeded(loss.status()) ||
          absl::IsCancelled(loss.status())) {
        return loss.status();
      }
      if (!loss.ok()) {
        preview.cautions.push_back(absl::StrCat(
            "what cluster ", cluster,
            " would lose cannot be told: ", loss.status().message()));
        continue;
      }
      preview.clusters.push_back(*std::move(loss));
    }
  }
  for (const TableRows& table : manifest.tables) {
    tables[table.name].backup = table.rows;
  }
  for (auto& [name, change] : tables) {
    change.name = name;
    preview.tables.push_back(std::move(change));
  }
  return preview;
}

}  // namespace assocsync
