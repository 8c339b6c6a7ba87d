// The order in which accounts are shown: internal to engine/render.
#ifndef ASSOCSYNC_ENGINE_RENDER_ACCOUNT_WALK_H_
#define ASSOCSYNC_ENGINE_RENDER_ACCOUNT_WALK_H_

#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "engine/base/name.h"

namespace assocsync {

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

#endif  // ASSOCSYNC_ENGINE_RENDER_ACCOUNT_WALK_H_
