// The changes of a plan as the lines of an outline: what text, Markdown and
// HTML lay out. One marked line per thing that people count as one: an account
// with its record and its limits, a user in an account, a QOS.
#ifndef ASSOCSYNC_ENGINE_RENDER_OUTLINE_H_
#define ASSOCSYNC_ENGINE_RENDER_OUTLINE_H_

#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
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

// One option with its change, as a key of maps: this Abseil hashes no optional.
// Whether each side is set, and to what.
using FieldKey = std::tuple<Key, bool, Name, bool, Name>;
FieldKey KeyOf(const FieldChange& field);

// One line for users who change in the same way.
struct FoldedItem {
  const Item* item;  // Of several the first.
  // Of several users of one account, or several users' records, all of them.
  std::vector<const Item*> users = {};
  bool folded() const { return !users.empty(); }
};
// So many, and more, are told on one line.
inline constexpr size_t kFoldFrom = 4;

// The lines of the outline, in its order. Users of one account become one line,
// where the first of them stands, if they do the same: come with the same
// options, go, or change the same options from the same values to the same
// values. Who has rights, or gets or loses them, has a line of his own. Points
// into the outline. Linear.
std::vector<FoldedItem> Fold(const std::vector<Item>& outline);
// The lines without folding.
std::vector<FoldedItem> Unfolded(const std::vector<Item>& outline);

// How many marked lines there are of each kind, and commands.
struct Counts {
  int add = 0, change = 0, move = 0, remove = 0, commands = 0;
  bool operator==(const Counts&) const = default;
  Counts& operator+=(const Counts& more);
};
Counts CountsOf(const std::vector<Item>& outline, const Plan& plan);

// The order in which accounts are shown, here and in report_rows.cc.
//
// Calls visit(name, depth) for each of `names`, which are sorted: an account
// before those below it, siblings by name. `parent_of`: empty for those on top.
// Accounts in a circle, which only a tree that is not legal has, come last.
template <typename ParentOf, typename Visit>
void WalkAccounts(const std::vector<Name>& names, ParentOf parent_of,
                  Visit visit) {
  std::vector<Name> tops;
  absl::flat_hash_map<Name, std::vector<Name>> children;
  for (const Name name : names) {
    const Name parent = parent_of(name);
    (parent.empty() ? tops : children[parent]).push_back(name);
  }
  // Not recursive: a chain of accounts may be as long as the tree is large.
  std::vector<std::pair<Name, int>> stack;
  const auto push = [&](const std::vector<Name>& accounts, int depth) {
    for (auto name = accounts.rbegin(); name != accounts.rend(); ++name) {
      stack.push_back({*name, depth});
    }
  };
  push(names, 0);
  push(tops, 0);
  absl::flat_hash_set<Name> walked;
  while (!stack.empty()) {
    const auto [name, depth] = stack.back();
    stack.pop_back();
    if (!walked.insert(name).second) continue;
    visit(name, depth);
    if (const auto below = children.find(name); below != children.end()) {
      push(below->second, depth + 1);
    }
  }
}

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_OUTLINE_H_
