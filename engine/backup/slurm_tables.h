// The tables of slurmdbd's database, by name. Pure.
#ifndef ASSOCSYNC_ENGINE_BACKUP_SLURM_TABLES_H_
#define ASSOCSYNC_ENGINE_BACKUP_SLURM_TABLES_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace assocsync {

struct SlurmTable {
  absl::string_view name;    // Of a cluster's: behind "CLUSTER_".
  bool of_cluster;           // One for each cluster.
  bool always = false;       // Every release from 20.11 on has it.
  bool never_empty = false;  // slurmdbd itself puts a row there.
};

// Those of the releases from 20.11 on (slurm-facts 6.2; seen in the databases
// of 20.11, 22.05, 24.11 and 26.05).
absl::Span<const SlurmTable> SlurmTables();

// Whether slurmdbd made the table `name`. Databases keep what older releases
// made, so it is asked of all releases together. `newer`: the release is later
// than all that are known here, and every name that ends as slurmdbd's do,
// in "_table", may be one of its own.
bool IsSlurmTable(absl::string_view name, bool newer = false);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_SLURM_TABLES_H_
