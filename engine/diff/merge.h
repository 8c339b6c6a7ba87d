// The three-way merge in front of a plan: what a proposal changed since the
// tree that it was made from, on top of what live has become meanwhile.
#ifndef ASSOCSYNC_ENGINE_DIFF_MERGE_H_
#define ASSOCSYNC_ENGINE_DIFF_MERGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/diff/diff.h"
#include "engine/diff/merge_options.h"
#include "engine/model/tree.h"

namespace assocsync {

// "hep" (an account, its record and its row), "hep/alice", "hep/alice@debug",
// "user alice" (a user's record), "QOS fast", "cluster".
std::string RowName(Change::What what, const AssocKey& row);

// One thing that is not the same in base, live and target.
struct Difference {
  Change::What what = Change::What::kAssociation;
  AssocKey row;
  enum class About : uint8_t { kRow, kParent, kField } about = About::kRow;
  Key key = Key::kClassification;  // kField only, with
  std::string element;             // the element of a list; empty: the value.
  // kRow: any text where it exists. nullopt: not there, not set.
  std::optional<std::string> base, live, target;
  std::string note;           // Why, where the values do not say it.
  std::optional<Side> taken;  // Conflicts: what MergeOptions decided.

  // "hep/alice: MaxJobs 4, on live 8, proposed 6"
  std::string ToString() const;
};

struct Merge {
  // What live should become: legal, whatever the options say. An undecided
  // conflict is as live has it, as far as the rest allows.
  Tree tree;
  std::vector<Difference> drift;      // Only live changed it: kept.
  std::vector<Difference> conflicts;  // Both did, differently.
  std::vector<Difference> both;       // Both did, equally: nothing to do.
  std::vector<std::string> unused_preferences;  // Rows without a conflict.
};

// Merges per field, and per element of QOS lists of one form (both explicit or
// both deltas), coordinators, WCKeys, flags and TRES. All three must be legal
// trees. Pure; sorted; n log n. What it decides beyond single fields:
//
// * Deleted on one side, unchanged on the other: deleted. Deleted on one and
//   edited on the other: a conflict. An account counts as edited with its
//   record, parent and limits; the last row of a user with the user's record.
// * An account deleted on one side under which the other put something (a user,
//   an account, a coordinator): a conflict about the account. Decided for the
//   deleter, what was put there goes with it.
// * Moved on one side, edited on the other: both. Moved to two places: a
//   conflict. Moves that only together make a circle: a conflict about each
//   account of the circle that was moved.
// * A user of whose associations each side deleted some, and both together all:
//   a conflict about the user.
// * A default account or WCKey that only the other side took away: a conflict
//   about the user; an undecided one, or one that cannot be had, becomes what
//   the other side says, else the first that is left.
// * A QOS deleted on one side and newly named by the other: a conflict about
//   the QOS. Decided for the deleter, rows lose the name. DefaultQOS outside
//   the row's own merged list: a conflict about that row.
// * A user or account that was renamed is one deleted and one added.
// * QOS definitions are merged where all three trees list them; else they stay
//   as live has them.
//
// kInternal: the result would be no legal tree (a bug, or an illegal input).
absl::StatusOr<Merge> MergeTrees(const Tree& base, const Tree& live,
                                 const Tree& target,
                                 const MergeOptions& options = {});

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_DIFF_MERGE_H_
