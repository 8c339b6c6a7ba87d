// The changes of a plan as the lines of an outline: what text, Markdown and
// HTML lay out. One marked line per thing that people count as one: an account
// with its record and its limits, a user in an account, a QOS.
#ifndef ASSOCSYNC_ENGINE_RENDER_OUTLINE_H_
#define ASSOCSYNC_ENGINE_RENDER_OUTLINE_H_

#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "engine/diff/diff.h"
#include "engine/plan/plan.h"

namespace assocsync {

struct Item {
  enum class Section : uint8_t {
    kCluster,
    kQos,
    kAccounts,
    kUsers,
    kShared,  // Records of users and accounts that change on other clusters.
  } section;
  // kContext: unchanged itself, shown because it holds what changes.
  enum class Mark : uint8_t { kContext, kAdd, kModify, kMove, kRemove } mark;
  bool user = false;  // A user's line; `row.user` is its name.
  // The user's own record comes or goes with this line.
  bool with_record = false;
  // "new user", "user leaves"; empty: neither. Who has a record, of another
  // cluster, is not new.
  absl::string_view user_word;
  int depth = 0;    // kAccounts: 0 for the outermost account.
  AssocKey row;     // As in Change: QOS and cluster names are row.account.
  Name moved_from;  // kMove: the parent that it leaves.
  Name reaches;     // As in Change.
  // Those of the record and of the row, in the order in which they are shown.
  // They point into the plan, which must outlive the outline.
  absl::InlinedVector<const FieldChange*, 2> fields;
};

// In display order: cluster, QOS, the account tree (an account's users before
// its sub-accounts), then users whose own record changes, then records of users
// and accounts that change for other clusters too. Linear time but for the
// sorting of siblings.
std::vector<Item> Outline(const Plan& plan);

// How many marked lines there are of each kind, and commands.
struct Counts {
  int add = 0, change = 0, move = 0, remove = 0, commands = 0;
  bool operator==(const Counts&) const = default;
};
Counts CountsOf(const std::vector<Item>& outline, const Plan& plan);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_OUTLINE_H_
