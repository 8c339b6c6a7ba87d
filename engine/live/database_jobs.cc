#include "engine/live/database_jobs.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/slurm/database_state.h"

namespace assocsync {
namespace {

constexpr int kJobComplete = 3;  // slurm.h: pending 0, running 1, suspended 2.

}  // namespace

absl::StatusOr<std::vector<Job>> ReadJobs(Database& database,
                                          const DatabaseNames& names,
                                          const DatabaseState& database_state) {
  struct Found {
    uint64_t id = 0, row = 0;
    std::string qos;
    Job::State state = Job::State::kRunning;
  };
  const std::string table =
      absl::StrCat(database_state.tree.cluster.view(), "_job_table");
  // Only what this login may read is listed.
  ASSIGN_OR_RETURN(
      const auto columns,
      Scalar(
          database,
          absl::StrCat(
              "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE "
              "TABLE_SCHEMA "
              "= DATABASE() AND TABLE_NAME = ",
              SqlString(table),
              " AND COLUMN_NAME IN ('id_job', 'id_assoc', 'id_qos', 'state', "
              "'time_end', 'deleted')")));
  if (columns != "6") return std::vector<Job>();
  std::vector<Found> found;
  RETURN_IF_ERROR(database.ForEachRow(
      absl::StrCat("SELECT id_job, id_assoc, id_qos, state FROM ",
                   SqlName(table), " WHERE time_end=0 AND deleted=0 AND state<",
                   kJobComplete),
      [&](absl::Span<const Database::Value> row) -> absl::Status {
        Found job;
        if (!absl::SimpleAtoi(row[0].value_or(""), &job.id) ||
            !absl::SimpleAtoi(row[1].value_or(""), &job.row)) {
          return absl::DataLossError("a job's id is no number");
        }
        job.qos = std::string(row[2].value_or(""));
        if (row[3] == "0") job.state = Job::State::kPending;
        found.push_back(std::move(job));
        return absl::OkStatus();
      }));
  if (found.empty()) return std::vector<Job>();
  absl::flat_hash_map<uint64_t, const AssocKey*> rows;
  for (const auto& [key, id] : database_state.ids) rows[id] = &key;
  std::vector<Job> jobs;
  for (const Found& job : found) {
    const auto row = rows.find(job.row);
    if (row == rows.end()) continue;  // Its row is gone already.
    const auto qos = names.qos.find(job.qos);
    jobs.push_back({job.id, *row->second,
                    qos == names.qos.end() ? Name() : Name(qos->second),
                    job.state});
  }
  std::sort(jobs.begin(), jobs.end(), [](const Job& a, const Job& b) {
    return std::tie(a.row, a.id) < std::tie(b.row, b.id);
  });
  return jobs;
}

}  // namespace assocsync
