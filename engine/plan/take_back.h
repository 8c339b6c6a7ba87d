// A target without some of its changes, and without all that cannot be then:
// what --skip leaves, and what no command can name (AS110).
#ifndef ASSOCSYNC_ENGINE_PLAN_TAKE_BACK_H_
#define ASSOCSYNC_ENGINE_PLAN_TAKE_BACK_H_

#include <vector>

#include "engine/diff/diff.h"
#include "engine/model/tree.h"

namespace assocsync {

// Both trees must outlive it. n log n in their sizes for each round of Mend, of
// which there are few.
class TakeBack {
 public:
  TakeBack(const Tree& live, const Tree& target)
      : live_(live), target_(target), tree_(target) {}

  // This row or record is as live has it.
  void Row(Change::What what, const AssocKey& row);

  // The tree, when also what depends on those rows is taken back: accounts
  // above and default accounts of rows that stay, rows in accounts and of users
  // that do not come, rows with QOS that do not come, circles that a half of
  // the moves would make. An account that was to move stays where it is.
  Tree Mend() &&;

 private:
  void RowOf(const AssocKey& key) { Row(Change::What::kAssociation, key); }
  bool HasAccount(Atom name) const {
    return tree_.associations.contains({name, {}, {}});
  }
  bool IsChanged(const AssocKey& key) const;
  bool Above();
  bool Circles();
  bool Users();
  bool Qos();
  void Records();

  const Tree& live_;
  const Tree& target_;
  Tree tree_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_TAKE_BACK_H_
