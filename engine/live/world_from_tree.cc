#include "engine/live/world_from_tree.h"

#include <utility>

#include "engine/model/value.h"

namespace assocsync {

World WorldFromTree(Tree tree) {
  World world;
  for (const auto& [name, user] : tree.users) {
    Record record;
    if (const Atom* level = user.fields.Find(Key::kAdminLevel)) {
      record.fields.Set(Key::kAdminLevel, *level);
    }
    world.users.emplace_hint(world.users.end(), name, std::move(record));
    for (absl::string_view account :
         Elements(user.fields.Get(Key::kCoordinator).view())) {
      world.coordinators.insert({Atom(account), name});
    }
  }
  for (const auto& [name, account] : tree.accounts) {
    Record record;
    for (Key key : {Key::kDescription, Key::kOrganization}) {
      if (const Atom* text = account.fields.Find(key)) {
        record.fields.Set(key, *text);
      }
    }
    world.accounts.emplace_hint(world.accounts.end(), name, std::move(record));
  }
  for (const auto& [name, qos] : tree.qos) world.qos.insert(name);
  world.tree = std::move(tree);
  return world;
}

}  // namespace assocsync
