// The .cfg files of a backup folder, and whether the SQL dump beside them says
// the same.
#ifndef ASSOCSYNC_ENGINE_APPLY_COMPARE_TREES_H_
#define ASSOCSYNC_ENGINE_APPLY_COMPARE_TREES_H_

#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/statusor.h"
#include "engine/backup/manifest.h"
#include "engine/io/database.h"
#include "engine/model/tree.h"

namespace assocsync {

// Every tree of the folder `dir` by its cluster; of a run of apply, that of
// before.cfg. kDataLoss: a file is of another cluster than the manifest says;
// those of ReadVerified and ParseTree.
absl::StatusOr<absl::btree_map<std::string, Tree>> ReadTrees(
    const std::string& dir, const Manifest& manifest, bool fold_users = true);

// Whether the clusters in `database`, into which the SQL dump of `dir` was
// loaded, have the associations of the .cfg files. What a `sacctmgr dump` of
// the release cannot tell (sizes that it rounds, QOS before 25.05) counts as
// equal only where just that differs: a .cfg of a backup may come from
// sacctmgr. Returns the clusters where it did. kDataLoss shows the first line
// that differs; other errors: ReadTrees, ReadDatabase.
absl::StatusOr<std::vector<std::string>> CompareTrees(const std::string& dir,
                                                      const Manifest& manifest,
                                                      Database& database);

// The trees of all clusters in the plain SQL dump at `path`, whose `manifest`
// plain_dump.h gave; those that are loaded from it into `database` are the
// same: kDataLoss shows the first line that differs. Other errors: ReadDump,
// ReadDatabase.
absl::StatusOr<absl::btree_map<std::string, Tree>> ReadDumpedTrees(
    const std::string& path, const Manifest& manifest);
absl::Status CompareWithDump(const std::string& path, const Manifest& manifest,
                             Database& database);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_APPLY_COMPARE_TREES_H_
