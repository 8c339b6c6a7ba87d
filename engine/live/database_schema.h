// Which columns a slurmdbd database has, and so which releases wrote it:
// internal to engine/live. The version number that slurmdbd keeps in the
// database does not tell neighbouring releases apart (slurm-facts 6.1), so the
// columns are looked at.
#ifndef ASSOCSYNC_ENGINE_LIVE_DATABASE_SCHEMA_H_
#define ASSOCSYNC_ENGINE_LIVE_DATABASE_SCHEMA_H_

#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/io/database.h"
#include "engine/model/key.h"
#include "engine/slurm/release.h"

namespace assocsync {

struct DatabaseSchema {
  // Series of the releases that write this schema, as 2411; `newest` is
  // kNoNewest where later ones may write it as well.
  int oldest = 0;
  int newest = 0;

  const Behaviour& behaviour() const { return BehaviourOfSeries(oldest); }
  // id_parent and lineage; before that lft and rgt say what hangs below what.
  bool has_lineage() const { return behaviour().has_lineage; }
  // The column of an option is there.
  bool Has(const KeyInfo& key) const { return key.since <= oldest; }
  std::string ToString() const;  // "24.11", "25.05 or later"
};

// Whether rows of the table make up a state: records, or those of a cluster.
bool IsOfState(absl::string_view table);

std::string AssocTable(absl::string_view cluster);
std::string WckeyTable(absl::string_view cluster);

// Names of columns, in lower case, by table.
using TableColumns = absl::btree_map<std::string, absl::btree_set<std::string>>;

// The schema that tables with these columns are of, for reading `clusters`.
// kFailedPrecondition: a table or column is missing: "these are", `are`
// (" missing: "), all their names, `advice`.
absl::StatusOr<DatabaseSchema> SchemaOf(
    const TableColumns& columns, const std::vector<std::string>& clusters,
    absl::string_view are, absl::string_view advice);

// Names of the clusters, as they are listed (sorted bytewise).
// kFailedPrecondition: this is no database of slurmdbd.
absl::StatusOr<std::vector<std::string>> ListClusters(Database& database);

// Looks at every table that reading `clusters` needs. kFailedPrecondition: a
// table or column is missing (or hidden from this user), or an upgrade stopped
// half way: all that is missing is named; a table is not InnoDB: no snapshot
// would hold for it.
absl::StatusOr<DatabaseSchema> ProbeSchema(
    Database& database, const std::vector<std::string>& clusters);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LIVE_DATABASE_SCHEMA_H_
