// The QOS that rows would lack in the middle of a plan, though both trees give
// them. Internal to engine/plan (qos_steps.cc).
#ifndef ASSOCSYNC_ENGINE_PLAN_QOS_MEANWHILE_H_
#define ASSOCSYNC_ENGINE_PLAN_QOS_MEANWHILE_H_

#include "absl/container/btree_map.h"
#include "engine/model/row.h"
#include "engine/model/walk.h"

namespace assocsync {

struct Tree;

// A plan may stop anywhere, and users submit while it runs: a QOS that a row
// has before and after must not be missing between two commands. It would be
// where several rows on the way up to root change, in an order that is not
// known here, and where an account moves. Such rows, and `pins`, which are
// pinned for other reasons, shall have a list of their own meanwhile: what they
// have on either tree.
//
// Not everything can be kept. A list becomes a change to what is inherited
// ("+long") by way of inheriting alone, for one command. (An account above that
// lent the row its QOS for that command would do harm: slurmctld forgets the
// change when that account's list is put back, see RemindOfChanges.) For the
// same reason an account that ends with such a change is not pinned where a
// default QOS is near it.
//
// `live`, `expected`: with their accounts as TopDown tells them.
// `by_way_of_root`: accounts below one that moves are moved to root and back
// (planner.cc). Adds none where AccountQos is too large.
struct TreeDown {
  const Tree& tree;
  const std::vector<HangingAccount>& accounts;
};
absl::btree_map<AssocKey, QosNames> QosPins(
    TreeDown live, TreeDown expected, bool by_way_of_root,
    absl::btree_map<AssocKey, QosNames> pins);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_QOS_MEANWHILE_H_
