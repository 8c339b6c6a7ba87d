// The state as far as one tree tells it: internal to engine/live.
#ifndef ASSOCSYNC_ENGINE_LIVE_STATE_FROM_TREE_H_
#define ASSOCSYNC_ENGINE_LIVE_STATE_FROM_TREE_H_

#include "engine/slurm/database_state.h"

namespace assocsync {

// complete is false; users, accounts, coordinators and QOS definitions are the
// tree's.
DatabaseState StateFromTree(Tree tree);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LIVE_STATE_FROM_TREE_H_
