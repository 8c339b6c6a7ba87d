// A target without some of its changes, and without all that cannot be then:
// what --skip leaves, and what no command can name (AS110).
#ifndef ASSOCSYNC_ENGINE_PLAN_TAKE_BACK_H_
#define ASSOCSYNC_ENGINE_PLAN_TAKE_BACK_H_

#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "engine/base/maps.h"
#include "engine/diff/diff.h"
#include "engine/model/tree.h"

namespace assocsync {

// Makes `to` have at `key` what `from` has there, or nothing.
template <typename Map, typename K>
void CopyOrErase(const Map& from, const K& key, Map* to) {
  const auto found = from.find(key);
  if (found == from.end()) {
    to->erase(key);
  } else {
    to->insert_or_assign(key, found->second);
  }
}

// The options of `name` among these records, and of a row; nullptr: there is no
// such thing.
inline const Fields* FieldsIn(const absl::btree_map<Name, Record>& records,
                              Name name) {
  const Record* const record = FindIn(records, name);
  return record == nullptr ? nullptr : &record->fields;
}
inline const Fields* LimitsIn(const Tree& tree, const AssocKey& key) {
  const Association* const row = FindIn(tree.associations, key);
  return row == nullptr ? nullptr : &row->limits;
}

// The rows of a user in an account, with and without a partition.
std::vector<AssocKey> RowsOf(const Tree& tree, Name user, Name account);

// Both trees must outlive it. n log n in their sizes for each round of Mend, of
// which there are few.
class TakeBack {
 public:
  TakeBack(const Tree& live, const Tree& target)
      : live_(live), target_(target), tree_(target) {}

  // This row or record is as live has it. A user who is to go stays with all
  // rows; an account over which a user has rights stays, if this is the user's
  // record.
  void Row(Change::What what, const AssocKey& row);

  // The user's record is as live has it, but for rights over accounts that go:
  // these go with them, unless the target itself names them.
  void RecordOf(Name user) { Back(Change::What::kUser, {{}, user, {}}); }

  // The tree, when also what depends on those rows is taken back: accounts
  // above and default accounts of rows that stay, rows in accounts and of users
  // that do not come, QOS that rows name which stay, rows with QOS that do not
  // come, rows whose default QOS would be out of reach, circles that a half of
  // the moves would make. An account that was to move stays where it is. What
  // stays only so that something else can keeps no right over an account that
  // goes: that right goes with the account.
  Tree Mend() &&;

 private:
  void Back(Change::What what, const AssocKey& row);
  void RowOf(const AssocKey& key) { Back(Change::What::kAssociation, key); }
  bool HasAccount(Name name) const {
    return tree_.associations.contains({name, {}, {}});
  }
  bool IsChanged(const AssocKey& key) const;
  bool Above();
  bool Circles();
  bool Kept();
  bool Users();
  bool Qos();
  bool DefaultQos();
  void Records();

  const Tree& live_;
  const Tree& target_;
  Tree tree_;
  absl::btree_set<Name> kept_;  // Users whose records were asked for.
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_TAKE_BACK_H_
