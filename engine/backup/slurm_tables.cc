#include "engine/backup/slurm_tables.h"

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace assocsync {
namespace {

constexpr SlurmTable kTables[] = {
    {"acct_coord_table", false, true},
    {"acct_table", false, true, true},
    {"clus_res_table", false},
    {"cluster_table", false, true, true},
    {"convert_version_table", false},
    {"federation_table", false},
    {"qos_table", false, true, true},
    {"res_table", false},
    {"table_defs_table", false, true},
    {"tres_table", false, true, true},
    {"txn_table", false, true},
    {"user_table", false, true, true},
    {"assoc_table", true, true, true},
    {"assoc_usage_day_table", true},
    {"assoc_usage_hour_table", true},
    {"assoc_usage_month_table", true},
    {"event_table", true, true},
    {"job_env_table", true},
    {"job_script_table", true},
    {"job_table", true, true},
    {"last_ran_table", true},
    {"qos_usage_day_table", true},
    {"qos_usage_hour_table", true},
    {"qos_usage_month_table", true},
    {"resv_table", true},
    {"step_table", true, true},
    {"suspend_table", true},
    {"usage_day_table", true},
    {"usage_hour_table", true},
    {"usage_month_table", true},
    {"wckey_table", true, true},
    {"wckey_usage_day_table", true},
    {"wckey_usage_hour_table", true},
    {"wckey_usage_month_table", true},
};

}  // namespace

absl::Span<const SlurmTable> SlurmTables() { return kTables; }

bool IsSlurmTable(absl::string_view name, bool newer) {
  if (newer && absl::EndsWith(name, "_table")) return true;
  return absl::c_any_of(kTables, [&](const SlurmTable& table) {
    absl::string_view cluster = name;
    if (!table.of_cluster) return name == table.name;
    return absl::ConsumeSuffix(&cluster, table.name) && cluster.size() > 1 &&
           absl::EndsWith(cluster, "_");
  });
}

}  // namespace assocsync
