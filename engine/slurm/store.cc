#include "engine/slurm/store.h"

#include <algorithm>

#include "absl/strings/str_split.h"
#include "engine/base/maps.h"
#include "engine/model/value.h"

namespace assocsync::slurm {
Store::Store(const Behaviour& behaviour, const World& world)
    : behaviour_(behaviour), world_(world) {
  for (const auto& [key, row] : world_.tree.associations) {
    IndexRow({Atom(), key}, row.parent);
    if (row.limits.Has(Key::kDefaultQos)) may_have_default_qos_ = true;
  }
  IndexOthers();
  FillRecords();
  if (behaviour_.has_lineage) LoadLineages();
  world_.lineages.clear();
  for (const auto& [row, lineage] : stale_) {
    if (row.cluster.empty()) world_.lineages[row.key] = Atom(lineage);
  }
  if (world_.knows_default_rows) {
    for (const auto& [user, record] : world_.tree.users) {
      const Atom account = record.fields.Get(Key::kDefaultAccount);
      for (const AssocKey& key : RowsOf(user, account)) {
        flags_[{Atom(), key}] = world_.default_rows.contains(key);
      }
    }
    // From here on flags_ is what is known.
    world_.knows_default_rows = false;
    world_.default_rows.clear();
  }
}

void Store::IndexRow(const RowRef& row, Atom parent) {
  if (row.key.is_account()) {
    auto& clusters = account_clusters_[row.key.account];
    const auto at =
        std::lower_bound(clusters.begin(), clusters.end(), row.cluster);
    if (at == clusters.end() || *at != row.cluster) {
      clusters.insert(at, row.cluster);
    }
    if (row.key.account != RootName()) {
      children_[{row.cluster, parent}].insert(row.key.account);
    }
    IndexName(NameKind::kAccount, row.key.account);
    if (names_) names_->accounts.Insert(row.key.account);
    return;
  }
  user_rows_[row.key.user].Insert(
      {row.cluster, row.key.account, row.key.partition});
  IndexName(NameKind::kUser, row.key.user);
  if (names_) names_->users.Insert(row.key.user);
  if (!row.key.partition.empty()) {
    partition_rows_[row.key.partition].insert(row);
    IndexName(NameKind::kPartition, row.key.partition);
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
    IndexName(NameKind::kAccount, account);
  }
  for (const auto& [user, record] : world_.users) {
    IndexName(NameKind::kUser, user);
  }
}

const Association* Store::Find(const AssocKey& key) const {
  return FindIn(world_.tree.associations, key);
}

bool Store::HasAccount(Atom account) const {
  return world_.tree.associations.contains(AssocKey{account, {}, {}});
}

const UserRows& Store::RowsOfUser(Atom user) const {
  return user_rows_.Get(user);
}

std::vector<AssocKey> Store::RowsOf(Atom user, Atom account) const {
  std::vector<AssocKey> rows;
  if (user.empty()) return rows;
  const auto& all = world_.tree.associations;
  for (auto at = all.lower_bound({account, user, {}});
       at != all.end() && at->first.account == account &&
       at->first.user == user;
       ++at) {
    rows.push_back(at->first);
  }
  return rows;
}

int Store::CountRows(Atom cluster, Atom user) const {
  const UserRows& rows = RowsOfUser(user);
  if (world_.others.empty()) {
    return cluster.empty() ? static_cast<int>(rows.size()) : 0;
  }
  int count = 0;
  rows.ForEach([&](const UserRow& r) { count += r.cluster == cluster; });
  return count;
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

Atom Store::QosRowFrom(Atom account) const {
  std::vector<Atom> way;
  Atom found;
  for (Atom at = account; !at.empty();) {
    const auto known = qos_rows_.find(at);
    if (known != qos_rows_.end()) {
      found = known->second;
      break;
    }
    const Association* const row = Find({at, {}, {}});
    // A cycle would be a broken database.
    if (row == nullptr || way.size() > world_.tree.associations.size()) break;
    way.push_back(at);
    if (row->limits.Has(Key::kQos) || row->limits.Has(Key::kDefaultQos)) {
      found = at;
      break;
    }
    at = row->parent;
  }
  for (const Atom at : way) qos_rows_[at] = found;
  return found;
}

Atom Store::ParentOf(Atom cluster, Atom account) const {
  if (cluster.empty()) {
    const Association* const row = Find({account, {}, {}});
    return row == nullptr ? Atom() : row->parent;
  }
  const auto found = other_parents_.find({cluster, account});
  return found == other_parents_.end() ? Atom() : found->second;
}

// Upwards from one and downwards from the other, in turns: a leaf is asked for
// below a long chain as often as a large subtree is, and one way is short.
bool Store::IsBelow(Atom account, Atom ancestor) const {
  using Names = absl::btree_set<Atom>;
  static const Names* const none = new Names;
  const auto children = [&](Atom of) -> const Names& {
    const auto found = children_.find({Atom(), of});
    return found == children_.end() ? *none : found->second;
  };
  using Left = std::pair<Names::const_iterator, Names::const_iterator>;
  std::vector<Left> below = {
      {children(ancestor).begin(), children(ancestor).end()}};
  // A cycle would be a broken database: its length bounds the walk.
  size_t steps = world_.tree.associations.size() + 1;
  for (Atom at = account; !at.empty() && steps > 0; --steps) {
    if (at == ancestor) return true;
    at = ParentOf(Atom(), at);
    while (!below.empty() && below.back().first == below.back().second) {
      below.pop_back();
    }
    if (below.empty()) return false;
    const Atom child = *below.back().first++;
    if (child == account) return true;
    below.emplace_back(children(child).begin(), children(child).end());
  }
  return false;
}

}  // namespace assocsync::slurm
