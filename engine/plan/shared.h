// Records that all clusters of a database share: the AdminLevel of a user and
// the coordinator rights, the texts of an account, the definition of a QOS. One
// cluster's file changes them for every cluster, so each such change is one of
// the plan's, with the clusters that it reaches. (Default accounts and WCKeys
// are each cluster's own.)
#ifndef ASSOCSYNC_ENGINE_PLAN_SHARED_H_
#define ASSOCSYNC_ENGINE_PLAN_SHARED_H_

#include <vector>

#include "absl/container/flat_hash_map.h"
#include "engine/diff/diff.h"
#include "engine/plan/plan.h"
#include "engine/slurm/database_state.h"

namespace assocsync {

// `live` must outlive it. Lists of clusters are sorted and hold the database's
// other clusters only; none are known where live is a file.
class SharedRecords {
 public:
  explicit SharedRecords(const DatabaseState& live);

  // `changes`, which are Diff(live.tree, expected), as the database sees them:
  // - the record of a user or an account that comes to this cluster and is in
  //   the database already is modified (kModify) where it changes, not added;
  // - of one that leaves this cluster and stays on others, what they share is
  //   not among the fields: it stays;
  // - Change::reaches is filled in.
  std::vector<Change> Changes(std::vector<Change> changes) const;

  // Rights that go with the record of an account, of users who are not in the
  // expected tree: `after` is the database when the plan has run. Keeps the
  // order.
  void AddVanished(const DatabaseState& after,
                   std::vector<Change>* changes) const;

  // Makes `expected` what live is wherever another cluster shares a record
  // that exists.
  void Keep(Tree* expected) const;

 private:
  using Clusters = absl::flat_hash_map<Name, std::vector<Name>>;

  void Complete(Change* change) const;
  void UserChange(Change* change) const;
  void AccountChange(Change* change) const;
  // Coordinator rights of a user as a canonical kNames text.
  Name RightsOf(Name user) const;
  Name ReachOf(Name user, const FieldChanges& fields) const;

  const DatabaseState& live_;
  Clusters of_user_, of_account_;
  std::vector<Name> clusters_;  // All of them.
  absl::flat_hash_map<Name, std::vector<absl::string_view>> rights_;
};

// AS129, or nothing where no change reaches another cluster. `changes`: of the
// plan. `kept`: what would have been changed, but for --keep-shared. `view`
// (may be null): the clusters of the same plan say what this one says.
void TellShared(const std::vector<Change>& changes,
                const std::vector<Change>& kept, const SharedView* view,
                std::vector<Finding>* findings);

// "AdminLevel Operator -> (not set); also on cluster beta"
std::string SharedMessage(const Change& change);
// The same with the record before it: "user alice: AdminLevel ..."
std::string SharedWords(const Change& change);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_SHARED_H_
