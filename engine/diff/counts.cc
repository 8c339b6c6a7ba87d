#include "engine/diff/counts.h"

#include <utility>

#include "absl/container/btree_map.h"

namespace assocsync {

ChangeCounts CountOf(const std::vector<Change>& changes) {
  using What = Change::What;
  struct Thing {
    Change::How how;
    bool moved = false;
  };
  absl::btree_map<std::pair<What, AssocKey>, Thing> things;
  for (const Change& change : changes) {
    if (change.what == What::kUser && change.how != Change::How::kModify) {
      continue;
    }
    const What what =
        change.what == What::kAccount ? What::kAssociation : change.what;
    Thing& thing =
        things.try_emplace({what, change.row}, Thing{change.how}).first->second;
    thing.moved |= change.moves();
    // Where an account had its record already, the row tells.
    if (change.how != Change::How::kModify) thing.how = change.how;
  }
  ChangeCounts counts;
  for (const auto& [key, thing] : things) {
    switch (thing.how) {
      case Change::How::kAdd:
        ++counts.added;
        break;
      case Change::How::kRemove:
        ++counts.removed;
        break;
      case Change::How::kModify:
        ++(thing.moved ? counts.moved : counts.changed);
        break;
    }
  }
  return counts;
}

}  // namespace assocsync
