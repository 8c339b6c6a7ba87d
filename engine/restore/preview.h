// What a restore will do, before anybody agrees to it.
#ifndef ASSOCSYNC_ENGINE_RESTORE_PREVIEW_H_
#define ASSOCSYNC_ENGINE_RESTORE_PREVIEW_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/backup/manifest.h"
#include "engine/io/database.h"
#include "engine/restore/cluster_changes.h"
#include "engine/restore/survey.h"
#include "engine/slurm/release.h"

namespace assocsync {

struct TableChange {
  std::string name;
  std::optional<uint64_t> now;     // Rows; none: there is no such table.
  std::optional<uint64_t> backup;  // Rows; none: the backup has no such table.
};

// What a cluster has that is younger than the backup, in rows.
struct ClusterLoss {
  std::string cluster;
  bool in_backup = false;
  uint64_t new_jobs = 0;  // Submitted since; of these that have not ended:
  uint64_t new_pending = 0;
  uint64_t new_running = 0;
  std::vector<std::string> running_ids;  // Some of new_running, by number.
  uint64_t changed_jobs = 0;    // Written since, the new ones among them.
  uint64_t purged_jobs = 0;     // In the backup, and purged (archived) since.
  uint64_t new_assocs = 0;      // Made since, and not deleted.
  uint64_t changed_assocs = 0;  // Written since, the new ones among them.
};

struct RestorePreview {
  Manifest manifest;  // Of the backup.
  std::string dir;
  std::string database;
  Release release;                  // Of the slurmdbd that will be started.
  std::vector<TableChange> tables;  // Those of either side, sorted.
  std::vector<ClusterLoss> clusters;
  std::vector<ClusterChange> cluster_changes;
  bool present = false;    // There is something to be replaced.
  bool take_dump = false;  // It is dumped first.
  std::vector<std::string> cautions;
};

// Rows now and then. Counts every table of the present database. Tables that
// are no slurmdbd's, or of another release's, have no losses of their own.
absl::StatusOr<RestorePreview> MakePreview(Database& server,
                                           absl::string_view database,
                                           const Contents& present,
                                           const Manifest& manifest);

// The clusters that `tables` (names) belong to, sorted: those with a
// CLUSTER_assoc_table.
std::vector<std::string> ClustersOf(const std::vector<std::string>& tables);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RESTORE_PREVIEW_H_
