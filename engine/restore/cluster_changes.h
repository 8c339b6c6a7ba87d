// Clusters, in a dump and in the present database: their ids, their federation,
// and which there are.
#ifndef ASSOCSYNC_ENGINE_RESTORE_CLUSTER_CHANGES_H_
#define ASSOCSYNC_ENGINE_RESTORE_CLUSTER_CHANGES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/backup/manifest.h"
#include "engine/io/database.h"

namespace assocsync {

// What slurmdbd keeps of a cluster beside its rows.
struct ClusterFacts {
  // Since 24.11 slurmctld keeps its cluster's name and id in a file of its
  // StateSaveLocation and does not start where slurmdbd knows the cluster by
  // another id. Before, empty.
  std::string id;
  std::string federation;  // Empty: none.
  bool operator==(const ClusterFacts&) const = default;
};

struct ClusterChange {
  std::string cluster;
  ClusterFacts now, backup;
  bool operator==(const ClusterChange&) const = default;
};

// Of the clusters that both have, by name, those of which a restore changes
// something. Reads the dump up to the end of cluster_table, which is near its
// beginning. Errors: those of StreamSql; of the server only what ends a restore
// anyway.
absl::StatusOr<std::vector<ClusterChange>> ClusterChanges(
    const std::string& dir, const Manifest& manifest, Database& server,
    absl::string_view database);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RESTORE_CLUSTER_CHANGES_H_
