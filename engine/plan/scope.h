// --only, --except, --changes and --pick: a part of what differs between live
// and the target. The rest stays as live has it; the part is planned and proven
// as any target is.
#ifndef ASSOCSYNC_ENGINE_PLAN_SCOPE_H_
#define ASSOCSYNC_ENGINE_PLAN_SCOPE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/diff/diff.h"
#include "engine/model/tree.h"

namespace assocsync {

// Names may be shell patterns (`*`, `?`, `[a-z]`); "account=bio/" is the
// account without what is below it.
struct Selector {
  enum class What : uint8_t {
    kAccount,       // account=bio: its record, row and users, and all below it.
    kAccountAlone,  // account=bio/
    // user=ann: the record and all rows. user=ann@bio: those rows; where there
    // is none, the user of that name.
    kUser,
    kQos,           // qos=long: the definition.
    kCoordinators,  // coordinators: the rights over accounts, all of them.
  } what;
  std::string name;
};
// kInvalidArgument: `word` is no selector; the message teaches what is.
absl::StatusOr<Selector> ParseSelector(absl::string_view word);

// What --changes lets through: rows and records that come, that go, that get
// other values (a user's default and rights are values of the record), and
// accounts that get another parent.
struct ChangeKinds {
  bool add = false, modify = false, remove = false, move = false;
};
// kInvalidArgument: a word that is none of add, modify, delete and move. No
// word: all of them.
absl::StatusOr<ChangeKinds> ParseChangeKinds(
    const std::vector<std::string>& words);

struct ScopedTree {
  Tree tree;
  // What was not named and comes all the same, with its reason, sorted:
  // "account sci: bio hangs below it".
  std::vector<std::string> needed;
  size_t changes = 0, of = 0;  // As a plan counts, in it and in the whole.
  // Picked changes that cannot be without others that were not picked.
  std::vector<std::string> dropped = {};
};

// live, with what `only` names (nothing: all) and `except` does not as target
// (which says all) has it, and with what that needs: accounts above rows that
// come, QOS that they name, records and default accounts of their users, the
// coordinator rights over accounts in it; of that, what is of the kinds in
// `changes` and can be without the others. `pick` (nothing: all) names changes
// of what is left then: these, with what they need as above, and with what must
// go before an account or a user can. kInvalidArgument: a word that is no
// selector and no kind, or that names nothing in either tree.
absl::StatusOr<ScopedTree> InScope(const Tree& live, const Tree& target,
                                   const std::vector<std::string>& only,
                                   const std::vector<std::string>& except,
                                   const std::vector<std::string>& changes = {},
                                   const std::vector<ChangeId>& pick = {});

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_SCOPE_H_
