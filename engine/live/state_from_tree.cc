#include "engine/live/state_from_tree.h"

#include <utility>

#include "engine/base/maps.h"
#include "engine/model/value.h"

namespace assocsync {

DatabaseState StateFromTree(Tree tree) {
  DatabaseState state;
  const auto fetch = [](const auto& user) { user.first.PrefetchRank(); };
  ForEachAhead(tree.users, fetch, [&](const auto& entry) {
    const auto& [name, user] = entry;
    Record record;
    if (const Name* level = user.fields.Find(Key::kAdminLevel)) {
      record.fields.Set(Key::kAdminLevel, *level);
    }
    state.users.emplace_hint(state.users.end(), name, std::move(record));
    for (absl::string_view account :
         Elements(user.fields.Get(Key::kCoordinator).view())) {
      state.coordinators.insert({Name(account), name});
    }
  });
  for (const auto& [name, account] : tree.accounts) {
    Record record;
    for (Key key : {Key::kDescription, Key::kOrganization}) {
      if (const Name* text = account.fields.Find(key)) {
        record.fields.Set(key, *text);
      }
    }
    state.accounts.emplace_hint(state.accounts.end(), name, std::move(record));
  }
  for (const auto& [name, qos] : tree.qos) state.qos.insert(name);
  state.tree = std::move(tree);
  return state;
}

}  // namespace assocsync
