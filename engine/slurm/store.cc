#include "engine/slurm/store.h"

#include <algorithm>

#include "absl/strings/str_split.h"
#include "engine/model/value.h"

namespace assocsync::slurm {
Store::Store(const Behaviour& behaviour, const World& world)
    : behaviour_(behaviour), world_(world) {
  for (const auto& [key, row] : world_.tree.associations) {
    IndexRow({Atom(), key}, row.parent);
  }
  IndexOthers();
  FillRecords();
  if (behaviour_.has_lineage) LoadLineages();
  world_.lineages.clear();
  for (const auto& [row, lineage] : stale_) {
    if (row.cluster.empty()) world_.lineages[row.key] = Atom(lineage);
  }
  if (world_.knows_default_rows) {
    for (const auto& [user, rows] : user_rows_) {
      const Atom account = DefaultAccount(user);
      for (const UserRow& r : rows) {
        if (!r.cluster.empty() || r.account != account) continue;
        const AssocKey key{account, user, r.partition};
        flags_[{Atom(), key}] = world_.default_rows.contains(key);
      }
    }
    // From here on flags_ is what is known.
    world_.knows_default_rows = false;
    world_.default_rows.clear();
  }
}

void Store::IndexRow(const RowRef& row, Atom parent) {
  const auto odd = [&](NameKind kind, Atom name) {
    if (!IsPlainName(name.view())) odd_[static_cast<int>(kind)].insert(name);
  };
  if (row.key.is_account()) {
    account_clusters_[row.key.account].insert(row.cluster);
    if (row.key.account != RootName()) {
      children_[{row.cluster, parent}].insert(row.key.account);
    }
    odd(NameKind::kAccount, row.key.account);
    if (names_) names_->accounts.Insert(row.key.account);
    return;
  }
  user_rows_[row.key.user].push_back(
      {row.cluster, row.key.account, row.key.partition});
  odd(NameKind::kUser, row.key.user);
  if (names_) names_->users.Insert(row.key.user);
  if (!row.key.partition.empty()) {
    partition_rows_[row.key.partition].insert(row);
    odd(NameKind::kPartition, row.key.partition);
    if (names_) names_->partitions.Insert(row.key.partition);
  }
}

// Other clusters tell the parents of their accounts by lineages only.
void Store::IndexOthers() {
  for (const auto& [other, value] : world_.others) {
    const RowRef row{other.cluster, other.row};
    Atom parent;
    if (row.key.is_account() && row.key.account != RootName()) {
      const std::vector<absl::string_view> path =
          absl::StrSplit(value.lineage.view(), '/', absl::SkipEmpty());
      if (path.empty()) {
        unknown_parents_.insert(row.cluster);
      } else {
        parent = path.size() == 1 ? RootName() : Atom(path[path.size() - 2]);
      }
      other_parents_[{row.cluster, row.key.account}] = parent;
    }
    IndexRow(row, parent);
  }
}

void Store::LoadLineages() {
  for (const auto& [key, lineage] : world_.lineages) {
    const RowRef row{Atom(), key};
    if (lineage.empty() || !world_.tree.associations.contains(key)) continue;
    if (RegularLineage(row) != lineage.view()) stale_[row] = lineage.str();
  }
  for (const auto& [other, value] : world_.others) {
    const RowRef row{other.cluster, other.row};
    if (value.lineage.empty() || unknown_parents_.contains(row.cluster)) {
      continue;
    }
    if (RegularLineage(row) != value.lineage.view()) {
      stale_[row] = value.lineage.str();
    }
  }
}

// A World from a file knows the records of its tree only; one from a database
// has them all.
void Store::FillRecords() {
  for (const auto& [account, record] : world_.tree.accounts) {
    world_.accounts.try_emplace(account, record);
  }
  for (const auto& [user, record] : world_.tree.users) {
    Record only_level;
    if (const Atom* const level = record.fields.Find(Key::kAdminLevel)) {
      only_level.fields.Set(Key::kAdminLevel, *level);
    }
    world_.users.try_emplace(user, only_level);
    if (world_.complete) continue;
    const Atom list = record.fields.Get(Key::kCoordinator);
    for (const absl::string_view account : Elements(list.view())) {
      world_.coordinators.insert({Atom(account), user});
    }
  }
  for (const World::Coordinator& c : world_.coordinators) {
    coordinates_[c.user].insert(c.account);
  }
  for (const auto& [account, record] : world_.accounts) {
    if (!IsPlainName(account.view())) {
      odd_[static_cast<int>(NameKind::kAccount)].insert(account);
    }
  }
  for (const auto& [user, record] : world_.users) {
    if (!IsPlainName(user.view())) {
      odd_[static_cast<int>(NameKind::kUser)].insert(user);
    }
  }
}

const Association* Store::Find(const AssocKey& key) const {
  const auto found = world_.tree.associations.find(key);
  return found == world_.tree.associations.end() ? nullptr : &found->second;
}

bool Store::HasAccount(Atom account) const {
  return world_.tree.associations.contains(AssocKey{account, {}, {}});
}

absl::Span<const Store::UserRow> Store::RowsOfUser(Atom user) const {
  const auto found = user_rows_.find(user);
  if (found == user_rows_.end()) return {};
  return found->second;
}

std::vector<AssocKey> Store::RowsOf(Atom user, Atom account) const {
  std::vector<AssocKey> rows;
  for (const UserRow& r : RowsOfUser(user)) {
    if (r.cluster.empty() && r.account == account) {
      rows.push_back({account, user, r.partition});
    }
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

int Store::CountRows(Atom cluster, Atom user) const {
  const auto rows = RowsOfUser(user);
  return static_cast<int>(
      std::count_if(rows.begin(), rows.end(),
                    [&](const UserRow& r) { return r.cluster == cluster; }));
}

std::vector<Atom> Store::ClustersOf(Atom account) const {
  const auto found = account_clusters_.find(account);
  if (found == account_clusters_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::vector<RowRef> Store::UsersIn(Atom cluster, Atom account) const {
  std::vector<RowRef> rows;
  if (cluster.empty()) {
    const auto& all = world_.tree.associations;
    for (auto at = all.upper_bound({account, {}, {}});
         at != all.end() && at->first.account == account; ++at) {
      rows.push_back({cluster, at->first});
    }
    return rows;
  }
  const World::OtherKey first{cluster, {account, {}, {}}};
  for (auto at = world_.others.upper_bound(first);
       at != world_.others.end() && at->first.cluster == cluster &&
       at->first.row.account == account;
       ++at) {
    rows.push_back({cluster, at->first.row});
  }
  return rows;
}

bool Store::Subtree(const RowRef& account, std::vector<RowRef>* rows) const {
  std::vector<Atom> todo = {account.key.account};
  for (size_t i = 0; i < todo.size(); ++i) {
    rows->push_back({account.cluster, {todo[i], {}, {}}});
    for (const RowRef& user : UsersIn(account.cluster, todo[i])) {
      rows->push_back(user);
    }
    const auto found = children_.find({account.cluster, todo[i]});
    if (found == children_.end()) continue;
    todo.insert(todo.end(), found->second.begin(), found->second.end());
  }
  return !unknown_parents_.contains(account.cluster);
}

Atom Store::ParentOf(Atom cluster, Atom account) const {
  if (cluster.empty()) {
    const Association* const row = Find({account, {}, {}});
    return row == nullptr ? Atom() : row->parent;
  }
  const auto found = other_parents_.find({cluster, account});
  return found == other_parents_.end() ? Atom() : found->second;
}

bool Store::IsBelow(Atom account, Atom ancestor) const {
  // A cycle would be a broken database: its length bounds the walk.
  size_t steps = world_.tree.associations.size() + 1;
  for (Atom at = account; !at.empty() && steps > 0; --steps) {
    if (at == ancestor) return true;
    at = ParentOf(Atom(), at);
  }
  return false;
}

}  // namespace assocsync::slurm
