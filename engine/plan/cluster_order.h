// In which order the clusters of a database are planned. Internal to
// engine/plan.
//
// A user's record goes with the user's last association on any cluster, and
// AdminLevel and coordinator rights with it; so does an account's, with the
// rights over it. So whoever comes to a cluster comes there before leaving
// another one, and nothing that stays in the database is ever gone meanwhile.
// Rights over an account that a cluster has yet to make are given after that.
//
// Where that goes in a circle (ann moves from lab to beta, and bob from beta to
// lab), one cluster has two plans: the first does all but deletes, and what
// goes waits for the second.
#ifndef ASSOCSYNC_ENGINE_PLAN_CLUSTER_ORDER_H_
#define ASSOCSYNC_ENGINE_PLAN_CLUSTER_ORDER_H_

#include <cstddef>
#include <vector>

#include "engine/model/tree.h"
#include "engine/slurm/database_state.h"

namespace assocsync {

struct ClusterTurn {
  size_t cluster;  // Number in the lists that OrderClusters was given.
  bool adds_only = false;
  bool operator==(const ClusterTurn&) const = default;
};

// One turn for each cluster, or two; by number where nothing else decides.
// `targets`: as they will be planned.
std::vector<ClusterTurn> OrderClusters(
    const std::vector<const DatabaseState*>& live,
    const std::vector<const Tree*>& targets);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_CLUSTER_ORDER_H_
