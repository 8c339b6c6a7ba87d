// What two sides' decisions do not allow together.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "engine/base/name_set.h"
#include "engine/diff/merger.h"
#include "engine/model/value.h"

namespace assocsync {
namespace {

// The rows of an account, its own first.
std::vector<AssocKey> RowsOf(const Tree& tree, Name account) {
  std::vector<AssocKey> rows;
  for (auto it = tree.associations.lower_bound(AssocKey{account, {}, {}});
       it != tree.associations.end() && it->first.account == account; ++it) {
    rows.push_back(it->first);
  }
  return rows;
}

}  // namespace

void Merger::DropAccount(Name account) {
  for (const AssocKey& row : RowsOf(tree_, account)) {
    tree_.associations.erase(row);
  }
  tree_.accounts.erase(account);
}

// One side deleted the account, the other put or left something under it: who
// is right is decided once.
bool Merger::AccountStays(Name account, const std::string& under) {
  const bool by_target = live_.accounts.contains(account);
  auto decided = orphans_.find(account);
  if (decided == orphans_.end()) {
    const Side side = Conflict(
        Change::What::kAccount, AssocKey{account, {}, {}},
        absl::StrCat(by_target ? "deleted by the proposal, but on live "
                               : "deleted on live, but in the proposal ",
                     under));
    decided = orphans_.emplace(account, side).first;
  }
  if (by_target != (decided->second == Side::kLive)) return false;
  if (!tree_.accounts.contains(account)) {
    CopyAccount(by_target ? live_ : target_, account);
  }
  return true;
}

// `row` hangs on `account`, which is not there.
void Merger::Orphan(Name account, const AssocKey& row) {
  const Tree& deleter = live_.accounts.contains(account) ? target_ : live_;
  if (AccountStays(
          account,
          row.is_account()
              ? absl::StrCat("account ", row.account.view(), " is under it")
              : absl::StrCat("user ", row.user.view(), " is under it"))) {
    return;
  }
  if (!row.is_account()) {
    tree_.associations.erase(row);
    return;
  }
  // As the side has it that deleted the account, if it has it.
  const Name parent = ParentOf(deleter, row.account);
  if (!parent.empty() && parent != account) {
    tree_.associations[row].parent = parent;
  } else {
    DropAccount(row.account);
  }
}

// Users whom both sides have, but who would be left without an association.
bool Merger::LostUsers() {
  NameSet there;
  for (const auto& [row, association] : tree_.associations) {
    there.insert(row.user);
  }
  absl::btree_set<Name> as_live, as_target;
  for (const auto& [user, record] : live_.users) {
    if (there.contains(user) || !target_.users.contains(user) ||
        !lost_users_.insert(user).second) {
      continue;
    }
    const Side side = Conflict(
        Change::What::kUser, AssocKey{{}, user, {}},
        "each side deleted some of the user's associations, together all");
    (side == Side::kLive ? as_live : as_target).insert(user);
  }
  const auto bring_back = [&](const Tree& side,
                              const absl::btree_set<Name>& users) {
    if (users.empty()) return;
    for (const auto& [row, association] : side.associations) {
      if (users.contains(row.user)) tree_.associations[row] = association;
    }
  };
  bring_back(live_, as_live);
  bring_back(target_, as_target);
  return !as_live.empty() || !as_target.empty();
}

// Coordinators that `side` made since base, of accounts that `other` deleted.
void Merger::NewCoordinators(const Tree& side, const Tree& other) {
  for (const auto& [user, record] : side.users) {
    const Name list = record.fields.Get(Key::kCoordinator);
    if (list.empty()) continue;
    const Name before = FieldOf(base_.users, user, Key::kCoordinator);
    if (list == before) continue;
    for (const absl::string_view element : Elements(list.view())) {
      const Name account(element);
      if (HasElement(before.view(), element) ||
          !side.accounts.contains(account) ||
          other.accounts.contains(account) ||
          tree_.accounts.contains(account)) {
        continue;
      }
      AccountStays(account,
                   absl::StrCat("user ", user.view(), " coordinates it"));
    }
  }
}

bool Merger::Orphans() {
  bool changed = false;
  std::vector<std::pair<Name, AssocKey>> found;
  for (const auto& [row, association] : tree_.associations) {
    if (!row.is_account()) {
      if (!tree_.accounts.contains(row.account)) {
        found.emplace_back(row.account, row);
      }
    } else if (row.account != RootName() &&
               !tree_.accounts.contains(association.parent)) {
      found.emplace_back(association.parent, row);
    }
  }
  if (found.empty()) return false;
  absl::flat_hash_map<Name, std::vector<AssocKey>> below;
  for (const auto& [row, association] : tree_.associations) {
    if (row.is_account()) below[association.parent].push_back(row);
  }
  // Whom one leaves behind comes next: a chain would take a round for each.
  while (!found.empty()) {
    std::vector<std::pair<Name, AssocKey>> left;
    for (const auto& [account, row] : found) {
      // An earlier one may have brought it back, or taken the row along.
      if (tree_.accounts.contains(account) ||
          !tree_.associations.contains(row)) {
        continue;
      }
      Orphan(account, row);
      changed = true;
      if (!row.is_account() || tree_.accounts.contains(row.account)) continue;
      for (const AssocKey& child : below[row.account]) {
        if (ParentOf(tree_, child.account) == row.account) {
          left.emplace_back(row.account, child);
        }
      }
    }
    std::sort(left.begin(), left.end(),
              [](const auto& a, const auto& b) { return a.second < b.second; });
    found = std::move(left);
  }
  return changed;
}

// Circles of accounts: each as one side has it.
bool Merger::Circles() {
  absl::btree_map<Name, int> state;  // 1: on the way down; 2: hangs on root.
  for (const auto& [start, record] : tree_.accounts) {
    std::vector<Name> way;
    Name at = start;
    while (at != RootName() && state[at] == 0) {
      state[at] = 1;
      way.push_back(at);
      at = ParentOf(tree_, at);
    }
    if (at != RootName() && state[at] == 1) {
      const auto circle = std::find(way.begin(), way.end(), at);
      std::vector<Name> members(circle, way.end());
      std::sort(members.begin(), members.end());
      bool changed = false;
      for (const Name member : members) {
        const Name on_live = ParentOf(live_, member);
        const Name proposed = ParentOf(target_, member);
        if (on_live.empty() || proposed.empty() || on_live == proposed) {
          continue;
        }
        const Side side = Conflict(
            Change::What::kAccount, AssocKey{member, {}, {}},
            absl::StrCat("the moves of both sides make a circle; on live it is "
                         "under ",
                         on_live.view(), ", proposed under ", proposed.view()));
        Name& parent = tree_.associations[AssocKey{member, {}, {}}].parent;
        const Name want = side == Side::kLive ? on_live : proposed;
        changed = changed || parent != want;
        parent = want;
      }
      // Decided row by row they may still make one; then one side is right,
      // whose own accounts make none.
      if (!changed) {
        const Tree& side = options_.prefer == Side::kTarget ? target_ : live_;
        for (const auto& [name, unused] : tree_.accounts) {
          const Name parent = ParentOf(side, name);
          if (parent.empty()) continue;
          tree_.associations[AssocKey{name, {}, {}}].parent = parent;
        }
      }
      return true;
    }
    for (const Name account : way) state[account] = 2;
  }
  return false;
}

}  // namespace assocsync
