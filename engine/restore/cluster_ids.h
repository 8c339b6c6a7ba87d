// The ids of clusters, in a dump and in the present database. Since 24.11
// slurmctld keeps its cluster's name and id in a file of its StateSaveLocation
// and does not start where slurmdbd knows the cluster by another id.
#ifndef ASSOCSYNC_ENGINE_RESTORE_CLUSTER_IDS_H_
#define ASSOCSYNC_ENGINE_RESTORE_CLUSTER_IDS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/backup/manifest.h"
#include "engine/io/database.h"

namespace assocsync {

struct ClusterIdChange {
  std::string cluster;
  std::string now, backup;
  bool operator==(const ClusterIdChange&) const = default;
};

// Of the clusters that both have, by name, those whose id a restore changes.
// Empty where either knows no ids (before 24.11). Reads the dump up to the end
// of cluster_table, which is near its beginning. Errors: those of StreamSql;
// of the server only what ends a restore anyway.
absl::StatusOr<std::vector<ClusterIdChange>> ClusterIdChanges(
    const std::string& dir, const Manifest& manifest, Database& server,
    absl::string_view database);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RESTORE_CLUSTER_IDS_H_
