// A walk through the accounts of a tree, and what rows have of those above.
#ifndef ASSOCSYNC_ENGINE_MODEL_WALK_H_
#define ASSOCSYNC_ENGINE_MODEL_WALK_H_

#include <memory>
#include <optional>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "engine/model/tree.h"

namespace assocsync {

// Calls `enter` for each account from root down, in the order of a walk, and
// `leave` when all below it has been walked.
void Walk(const Tree& tree, absl::FunctionRef<void(Name)> enter,
          absl::FunctionRef<void(Name)> leave);

// The account that a row hangs on; empty: it is the row of root.
inline Name HangsOn(const AssocKey& key, const Association& row) {
  return key.is_account() ? row.parent : key.account;
}

// Calls f(key, row) for the row and then for those above it, up to root or
// until it is false. In a broken tree, as far as there is a way up.
template <typename F>
void Climb(const Tree& tree, AssocKey at, F f) {
  // Bounded by the number of rows: a circle cannot hold it.
  for (size_t i = 0; i <= tree.associations.size(); ++i) {
    const auto row = tree.associations.find(at);
    if (row == tree.associations.end() || !f(at, row->second)) return;
    at = {HangsOn(at, row->second), {}, {}};
  }
}

using QosNames = absl::btree_set<absl::string_view>;

// What a row has of QOS below one that has `above`: its own list, or `above`
// with its change to it ("+a,-b"), or just that.
QosNames QosBelow(const QosNames& above, Name own);

// The QOS that jobs of a row may use: its own list, or what it inherits with
// its change to it on top. Goes up to root; for many rows there is QosLists.
QosNames EffectiveQos(const Tree& tree, const AssocKey& key);

// The QOS that hold on the way from root to where a walk is: a list replaces
// those above it, a change to it ("+a,-b") changes it until the walk comes
// back.
class QosLists {
 public:
  using Names = QosNames;
  // `above`: what holds above root; nullopt: it is not known.
  explicit QosLists(std::optional<Names> above);

  // A row below those that were entered.
  void Enter(const Fields& row);
  void Leave();  // The row that was entered last.

  // Null: no row up to root has a list, and what holds above is not known.
  const Names* names() const {
    return lists_.empty() ? nullptr : &lists_.back();
  }

 private:
  struct Undo {
    bool new_list = false;
    std::vector<absl::string_view> changed;  // In the list that was there.
  };
  std::vector<Names> lists_;
  std::vector<Undo> undo_;  // Of the rows on the way.
};

// The QOS that each account of a tree has, in one walk. Accounts that have the
// same share one list.
class AccountQos {
 public:
  using List = std::shared_ptr<const QosNames>;

  // `top_down`: TopDown of the tree.
  explicit AccountQos(const std::vector<HangingAccount>& top_down);
  const List& Of(Name account) const;  // Empty: there is no such account.
  // Lists of tens of thousands of QOS in tens of thousands of accounts would
  // take more memory than they are worth: then all are empty.
  bool too_large() const { return too_large_; }

 private:
  absl::flat_hash_map<Name, List> lists_;
  bool too_large_ = false;
};

// Calls `each` for every row that hangs on root, from there down, with its
// default QOS, which is its own or else the nearest one above it (empty: none),
// and the list that holds there (nullptr: not known). `above` as of QosLists.
void ForEachRowWithQos(
    const Tree& tree, std::optional<QosLists::Names> above,
    absl::FunctionRef<void(const AssocKey& key, const Association& row,
                           Name default_qos, const QosLists::Names* list)>
        each);

// The same for rows whose default QOS is not in the list, as far as it is
// known.
void ForEachDefaultOutOfReach(
    const Tree& tree, std::optional<QosLists::Names> above,
    absl::FunctionRef<void(const AssocKey& key, const Association& row,
                           Name default_qos, const QosLists::Names& list)>
        each);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_MODEL_WALK_H_
