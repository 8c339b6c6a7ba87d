// The QOS that rows would lack in the middle of a plan, though both trees give
// them. Internal to engine/plan (qos_steps.cc).
#ifndef ASSOCSYNC_ENGINE_PLAN_QOS_MEANWHILE_H_
#define ASSOCSYNC_ENGINE_PLAN_QOS_MEANWHILE_H_

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "engine/model/tree.h"
#include "engine/model/walk.h"

namespace assocsync {

// A plan may stop anywhere, and users submit while it runs: a QOS that a row
// has before and after must not be missing between two commands. It would be
// where several rows on the way up to root change, in an order that is not
// known here, where an account moves, and where a list becomes a change to what
// is inherited ("+long"): slurmdbd takes that only on a row that has no list of
// its own, so for one command the row inherits.
//
// Not everything can be kept: an account that ends with such a change is not
// pinned where a default QOS is near it, nor does root lend to those below it.
// Rows of such an account may lack a QOS for a few commands.
struct QosMeanwhile {
  // Rows that shall have this list, of all that they need, while others change.
  // What they need is in one of the trees: it never widens what a row has in
  // both, but for `late`.
  absl::btree_map<AssocKey, QosNames> pins;
  // Accounts, of those, that keep it until every row below has its own: these
  // lend it to rows that inherit for one command. Never root, whose list is
  // everybody's.
  absl::btree_set<Atom> late;
};

// `pins`: rows that are pinned for other reasons, which are among those of the
// result. `by_way_of_root`: accounts below one that moves are moved to root and
// back (planner.cc). Adds none where the lists would take more memory than they
// are worth (tens of thousands of QOS in tens of thousands of accounts).
QosMeanwhile FindQosMeanwhile(const Tree& live, const Tree& expected,
                              bool by_way_of_root,
                              absl::btree_map<AssocKey, QosNames> pins);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_QOS_MEANWHILE_H_
