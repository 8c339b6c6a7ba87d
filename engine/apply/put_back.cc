#include "engine/apply/put_back.h"

#include <initializer_list>
#include <utility>

namespace assocsync {
namespace {

// The first of these accounts in which the user has a row; empty: none.
Name FirstWithRow(const Tree& tree, Name user,
                  std::initializer_list<const Tree*> sources) {
  const auto has_row = [&](Name account) {
    const auto row = tree.associations.lower_bound({account, user, {}});
    return !account.empty() && row != tree.associations.end() &&
           row->first.account == account && row->first.user == user;
  };
  for (const Tree* source : sources) {
    const auto record = source->users.find(user);
    if (record == source->users.end()) continue;
    const Name account = record->second.fields.Get(Key::kDefaultAccount);
    if (has_row(account)) return account;
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
    Fields& fields = tree.users[user].fields;
    if (account.empty()) {
      fields.Erase(Key::kDefaultAccount);
    } else {
      fields.Set(Key::kDefaultAccount, account);
    }
  }
  return tree;
}

}  // namespace assocsync
