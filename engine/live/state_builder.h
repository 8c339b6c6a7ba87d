// One dump and several listings, put together and held against each other:
// internal to engine/live.
#ifndef ASSOCSYNC_ENGINE_LIVE_STATE_BUILDER_H_
#define ASSOCSYNC_ENGINE_LIVE_STATE_BUILDER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/live/listing.h"
#include "engine/slurm/database_state.h"

namespace assocsync {

// Call in the order of declaration. kAborted: two listings contradict each
// other, so something changed between them; reading again may help.
class StateBuilder {
 public:
  // `fold_users`: names of users are lower-cased, as in the parser.
  StateBuilder(Tree tree, bool fold_users);

  const Tree& tree() const { return state_.tree; }

  // Of all clusters. The managed cluster's rows must be those of the dump.
  absl::Status AddAssociations(absl::Span<const AssocLine> lines);

  // Names that are certain by now.
  absl::btree_set<std::string> UserNames() const;
  absl::btree_set<std::string> AccountNames() const;

  // All user records; each user of any cluster must be there.
  absl::Status AddUsers(absl::Span<const UserLine> lines);
  // Other clusters whose dumps tell what UserLines cannot: which of a user's
  // coordinator rights are his own and which come from an account above.
  std::vector<std::string> ClustersToDump() const;
  void AddCoordinatorsOf(const Tree& other);
  // Users without any association: what comes from above is left out. (A right
  // of such a user below another one of his cannot be seen.)
  void FinishCoordinators();

  // All account records. `organizations`: the same accounts with nothing but
  // the organization as `rest`, where a `|` in a text makes that necessary.
  absl::Status AddAccounts(absl::Span<const AccountLine> lines,
                           absl::Span<const AccountLine> organizations);

  absl::Status AddQosAndTres(absl::Span<const absl::string_view> qos,
                             absl::Span<const std::string> tres);

  DatabaseState Build() && { return std::move(state_); }

 private:
  DatabaseState state_;
  const bool fold_users_;
  // Parents of each account, on any cluster.
  absl::btree_set<DatabaseState::Coordinator> parents_;  // {parent, child}
  // Users of other clusters, and one cluster that holds them.
  absl::btree_map<Name, Name> foreign_users_;
  // Listed coordinator rights of users that are not in the managed tree.
  absl::btree_map<Name, std::vector<Name>> unsettled_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LIVE_STATE_BUILDER_H_
