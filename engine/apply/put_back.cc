#include "engine/apply/put_back.h"

#include <initializer_list>

#include "engine/plan/take_back.h"
#include "engine/slurm/limits.h"

namespace assocsync {
namespace {

// The first of these accounts in which the user has a row; empty: none.
Name FirstWithRow(const Tree& tree, Name user,
                  std::initializer_list<const Tree*> sources) {
  for (const Tree* source : sources) {
    const Name account = FieldOf(source->users, user, Key::kDefaultAccount);
    if (!account.empty() && !RowsOf(tree, user, account).empty()) {
      return account;
    }
  }
  return Name();
}

}  // namespace

std::optional<Tree> TreeToPutBack(const Tree& before, const Tree& now,
                                  const Tree& expected) {
  Tree tree = now;
  absl::btree_map<Name, bool> touched;  // Users, and whether one has rows now.
  erase_if(tree.associations, [&](const auto& entry) {
    const AssocKey own{entry.first.account, {}, {}};
    const bool fresh = !before.associations.contains(own) &&
                       !expected.associations.contains(own);
    if (fresh && entry.first.is_account()) tree.accounts.erase(own.account);
    if (fresh && !entry.first.is_account()) touched[entry.first.user];
    return fresh;
  });
  // Accounts come before their users.
  for (const auto& [key, row] : before.associations) {
    if (!expected.associations.contains(key) ||
        tree.associations.contains(key)) {
      continue;
    }
    if (key.is_account()) {
      const auto record = before.accounts.find(key.account);
      if (record != before.accounts.end()) tree.accounts.insert(*record);
    } else {
      if (!tree.associations.contains({key.account, {}, {}})) continue;
      const auto record = before.users.find(key.user);
      if (record != before.users.end()) tree.users.insert(*record);
      touched[key.user];
    }
    tree.associations.emplace(key, row);
  }
  if (tree == now) return std::nullopt;
  for (const auto& [key, row] : tree.associations) {
    const auto user = touched.find(key.user);
    if (user != touched.end()) user->second = true;
  }
  for (const auto& [user, has_rows] : touched) {
    if (!has_rows) {
      tree.users.erase(user);
      continue;
    }
    const Name account = FirstWithRow(tree, user, {&tree, &before, &expected});
    slurm::SetOrErase(Key::kDefaultAccount, account, &tree.users[user].fields);
  }
  return tree;
}

}  // namespace assocsync
