#include "engine/restore/preview.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/backup/row_counts.h"
#include "engine/base/maps.h"
#include "engine/base/status.h"

namespace assocsync {
namespace {

constexpr absl::string_view kAssocEnd = "_assoc_table";
constexpr absl::string_view kJobEnd = "_job_table";

constexpr size_t kRunningShown = 10;

// How many rows of a table each condition holds for, into `counts`. SUM over no
// rows is NULL.
absl::Status Count(
    Database& server, const std::string& table,
    const std::vector<std::pair<std::string, uint64_t*>>& counts) {
  std::string columns;
  for (const auto& [condition, count] : counts) {
    absl::StrAppend(&columns, columns.empty() ? "" : ", ", "COALESCE(SUM(",
                    condition, "), 0)");
  }
  ASSIGN_OR_RETURN(
      const auto rows,
      server.Query(absl::StrCat("SELECT ", columns, " FROM ", SqlName(table))));
  bool good = rows.size() == 1 && rows[0].size() == counts.size();
  for (size_t i = 0; good && i < counts.size(); ++i) {
    good = absl::SimpleAtoi(rows[0][i].value_or(""), counts[i].second);
  }
  return good ? absl::OkStatus()
              : absl::InternalError(
                    absl::StrCat("the server gave no sums of ", table));
}

// `jobs`: job records that the cluster has now.
absl::StatusOr<ClusterLoss> LossOf(Database& server, const std::string& cluster,
                                   uint64_t jobs, const Manifest& manifest) {
  ClusterLoss loss;
  loss.cluster = cluster;
  // Times are whole seconds: what is of the very second counts as lost, for it
  // may be.
  const int64_t since = absl::ToUnixSeconds(manifest.created);
  const std::string assocs = absl::StrCat(cluster, kAssocEnd);
  const std::string job_table = absl::StrCat(cluster, kJobEnd);
  uint64_t jobs_then = 0;
  for (const TableRows& table : manifest.tables) {
    loss.in_backup = loss.in_backup || table.name == assocs;
    if (table.name == job_table) jobs_then = table.rows;
  }
  const std::string fresh = absl::StrCat("time_submit >= ", since);
  // As slurmdbd tells jobs that have not ended (live/read_state.cc).
  const std::string running =
      absl::StrCat(fresh, " AND time_end = 0 AND state IN (1, 2)");
  RETURN_IF_ERROR(
      Count(server, job_table,
            {{fresh, &loss.new_jobs},
             {absl::StrCat("mod_time >= ", since), &loss.changed_jobs},
             {absl::StrCat(fresh, " AND time_end = 0 AND state = 0"),
              &loss.new_pending},
             {running, &loss.new_running}}));
  // slurmdbd takes records of jobs out of the table only when it purges them.
  const uint64_t still_there = jobs - std::min(jobs, loss.new_jobs);
  loss.purged_jobs = jobs_then - std::min(jobs_then, still_there);
  if (loss.new_running > 0) {
    ASSIGN_OR_RETURN(
        loss.running_ids,
        FirstColumn(
            server,
            absl::StrCat("SELECT id_job FROM ", SqlName(job_table), " WHERE ",
                         running, " ORDER BY id_job LIMIT ", kRunningShown)));
  }
  RETURN_IF_ERROR(
      Count(server, assocs,
            {{absl::StrCat("creation_time >= ", since, " AND deleted = 0"),
              &loss.new_assocs},
             {absl::StrCat("mod_time >= ", since), &loss.changed_assocs}}));
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
  absl::c_sort(clusters);
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
  if (!manifest.database.empty() && manifest.database != database) {
    preview.cautions.push_back(absl::StrCat(
        "the backup is of a database of another name, ", manifest.database));
  }
  RowCounts counts;
  if (preview.present) {
    const std::vector<std::string> names = NamesOf(present.tables);
    ASSIGN_OR_RETURN(counts, CountAll(server, database, names));
    for (const std::string& cluster : ClustersOf(names)) {
      const uint64_t* jobs = FindIn(counts, absl::StrCat(cluster, kJobEnd));
      absl::StatusOr<ClusterLoss> loss =
          LossOf(server, cluster, jobs == nullptr ? 0 : *jobs, manifest);
      if (LostServer(loss.status())) return loss.status();
      if (!loss.ok()) {
        preview.cautions.push_back(absl::StrCat(
            "what cluster ", cluster,
            " would lose cannot be told: ", loss.status().message()));
        continue;
      }
      preview.clusters.push_back(*std::move(loss));
    }
  }
  const auto value = [](const uint64_t* rows) {
    return rows == nullptr ? std::nullopt : std::optional(*rows);
  };
  Join(counts, CountsOf(manifest.tables),
       [&](const std::string& name, const uint64_t* now, const uint64_t* then) {
         preview.tables.push_back({name, value(now), value(then)});
       });
  return preview;
}

}  // namespace assocsync
