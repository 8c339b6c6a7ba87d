#include "engine/slurm/slurmdbd_tables.h"

#include <iterator>

#include "absl/algorithm/container.h"
#include "absl/strings/str_split.h"
#include "engine/base/maps.h"
#include "engine/model/value.h"

namespace assocsync::slurm {
SlurmdbdTables::SlurmdbdTables(const Behaviour& behaviour,
                               const DatabaseState& state)
    : behaviour_(behaviour), state_(state) {
  for (const auto& [key, row] : state_.tree.associations) {
    IndexRow({Name(), key}, row.parent);
    if (row.limits.Has(Key::kDefaultQos)) may_have_default_qos_ = true;
  }
  IndexOthers();
  FillRecords();
  if (behaviour_.has_lineage) LoadLineages();
  state_.lineages.clear();
  for (const auto& [row, lineage] : stale_) {
    if (row.cluster.empty()) state_.lineages[row.key] = Name(lineage);
  }
  if (state_.knows_default_rows) {
    flags_.reserve(state_.default_rows.size());
    for (const auto& [user, record] : state_.tree.users) {
      const Name account = record.fields.Get(Key::kDefaultAccount);
      for (const AssocKey& key : RowsOf(user, account)) {
        flags_[{Name(), key}] = state_.default_rows.contains(key);
      }
    }
    // From here on flags_ is what is known.
    state_.knows_default_rows = false;
    state_.default_rows.clear();
  }
}

void SlurmdbdTables::IndexRow(const RowRef& row, Name parent) {
  if (row.key.is_account()) {
    auto& clusters = account_clusters_[row.key.account];
    const auto at = absl::c_lower_bound(clusters, row.cluster);
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
void SlurmdbdTables::IndexOthers() {
  for (const auto& [other, value] : state_.others) {
    const RowRef row{other.cluster, other.row};
    Name parent;
    if (row.key.is_account() && row.key.account != RootName()) {
      const std::vector<absl::string_view> path =
          absl::StrSplit(value.lineage.view(), '/', absl::SkipEmpty());
      if (path.empty()) {
        unknown_parents_.insert(row.cluster);
      } else {
        parent = path.size() == 1 ? RootName() : Name(path[path.size() - 2]);
      }
      other_parents_[{row.cluster, row.key.account}] = parent;
    }
    IndexRow(row, parent);
  }
}

void SlurmdbdTables::LoadLineages() {
  for (const auto& [key, lineage] : state_.lineages) {
    const RowRef row{Name(), key};
    if (lineage.empty() || !state_.tree.associations.contains(key)) continue;
    if (RegularLineage(row) != lineage.view()) stale_[row] = lineage.str();
  }
  for (const auto& [other, value] : state_.others) {
    const RowRef row{other.cluster, other.row};
    if (value.lineage.empty() || unknown_parents_.contains(row.cluster)) {
      continue;
    }
    if (RegularLineage(row) != value.lineage.view()) {
      stale_[row] = value.lineage.str();
    }
  }
}

// A DatabaseState from a file knows the records of its tree only; one from a
// database has them all.
void SlurmdbdTables::FillRecords() {
  for (const auto& [account, record] : state_.tree.accounts) {
    state_.accounts.try_emplace(account, record);
  }
  std::vector<std::pair<Name, Record>> unknown;
  Along users(state_.users);
  for (const auto& [user, record] : state_.tree.users) {
    if (users.Find(user) == nullptr) {
      Record only_level;
      if (const Name* const level = record.fields.Find(Key::kAdminLevel)) {
        only_level.fields.Set(Key::kAdminLevel, *level);
      }
      unknown.emplace_back(user, only_level);
    }
    if (state_.complete) continue;
    const Name list = record.fields.Get(Key::kCoordinator);
    for (const absl::string_view account : Elements(list.view())) {
      state_.coordinators.insert({Name(account), user});
    }
  }
  for (const auto& user : unknown) {
    state_.users.insert(state_.users.end(),
                        user);  // Mostly there are no others.
  }
  for (const DatabaseState::Coordinator& c : state_.coordinators) {
    coordinates_[c.user].insert(c.account);
  }
  for (const auto& [account, record] : state_.accounts) {
    IndexName(NameKind::kAccount, account);
  }
  for (const auto& [user, record] : state_.users) {
    IndexName(NameKind::kUser, user);
  }
}

std::vector<AssocKey> SlurmdbdTables::RowsOf(Name user, Name account) const {
  std::vector<AssocKey> rows;
  if (user.empty()) return rows;
  const auto& all = state_.tree.associations;
  for (auto at = all.lower_bound({account, user, {}});
       at != all.end() && at->first.account == account &&
       at->first.user == user;
       ++at) {
    rows.push_back(at->first);
  }
  return rows;
}

std::vector<AssocKey> SlurmdbdTables::RowsOf(
    const std::vector<Name>& users, const std::vector<Name>& accounts) const {
  std::vector<AssocKey> rows;
  const absl::btree_set<Name> in(accounts.begin(), accounts.end());
  for (const Name user : users) {
    const UserRows& all = RowsOfUser(user);
    if (in.size() < all.size()) {
      for (const Name account : in) {
        absl::c_copy(RowsOf(user, account), std::back_inserter(rows));
      }
      continue;
    }
    all.ForEach([&](const UserRow& r) {
      if (r.cluster.empty() && in.contains(r.account)) {
        rows.push_back({r.account, user, r.partition});
      }
    });
  }
  return rows;
}

int SlurmdbdTables::CountRows(Name cluster, Name user) const {
  const UserRows& rows = RowsOfUser(user);
  if (state_.others.empty()) {
    return cluster.empty() ? static_cast<int>(rows.size()) : 0;
  }
  int count = 0;
  rows.ForEach([&](const UserRow& r) { count += r.cluster == cluster; });
  return count;
}

std::vector<Name> SlurmdbdTables::ClustersOf(Name account) const {
  const auto* const found = FindIn(account_clusters_, account);
  if (found == nullptr) return {};
  return {found->begin(), found->end()};
}

std::vector<RowRef> SlurmdbdTables::UsersIn(Name cluster, Name account) const {
  std::vector<RowRef> rows;
  if (cluster.empty()) {
    const auto& all = state_.tree.associations;
    for (auto at = all.upper_bound({account, {}, {}});
         at != all.end() && at->first.account == account; ++at) {
      rows.push_back({cluster, at->first});
    }
    return rows;
  }
  const DatabaseState::OtherKey first{cluster, {account, {}, {}}};
  for (auto at = state_.others.upper_bound(first);
       at != state_.others.end() && at->first.cluster == cluster &&
       at->first.row.account == account;
       ++at) {
    rows.push_back({cluster, at->first.row});
  }
  return rows;
}

bool SlurmdbdTables::Subtree(const RowRef& account,
                             std::vector<RowRef>* rows) const {
  std::vector<Name> todo = {account.key.account};
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

Name SlurmdbdTables::QosRowFrom(Name account) const {
  std::vector<Name> way;
  Name found;
  for (Name at = account; !at.empty();) {
    if (const Name* const known = FindIn(qos_rows_, at)) {
      found = *known;
      break;
    }
    const Association* const row = Find({at, {}, {}});
    // A cycle would be a broken database.
    if (row == nullptr || way.size() > state_.tree.associations.size()) break;
    way.push_back(at);
    if (row->limits.Has(Key::kQos) || row->limits.Has(Key::kDefaultQos)) {
      found = at;
      break;
    }
    at = row->parent;
  }
  for (const Name at : way) qos_rows_[at] = found;
  return found;
}

Name SlurmdbdTables::ParentOf(Name cluster, Name account) const {
  if (cluster.empty()) {
    const Association* const row = Find({account, {}, {}});
    return row == nullptr ? Name() : row->parent;
  }
  const Name* const found = FindIn(other_parents_, {cluster, account});
  return found == nullptr ? Name() : *found;
}

// Upwards from one and downwards from the other, in turns: a leaf is asked for
// below a long chain as often as a large subtree is, and one way is short.
bool SlurmdbdTables::IsBelow(Name account, Name ancestor) const {
  using Names = absl::btree_set<Name>;
  static const Names* const none = new Names;
  const auto children = [&](Name of) -> const Names& {
    const Names* const found = FindIn(children_, {Name(), of});
    return found == nullptr ? *none : *found;
  };
  using Left = std::pair<Names::const_iterator, Names::const_iterator>;
  std::vector<Left> below = {
      {children(ancestor).begin(), children(ancestor).end()}};
  // A cycle would be a broken database: its length bounds the walk.
  size_t steps = state_.tree.associations.size() + 1;
  for (Name at = account; !at.empty() && steps > 0; --steps) {
    if (at == ancestor) return true;
    at = ParentOf(Name(), at);
    while (!below.empty() && below.back().first == below.back().second) {
      below.pop_back();
    }
    if (below.empty()) return false;
    const Name child = *below.back().first++;
    if (child == account) return true;
    below.emplace_back(children(child).begin(), children(child).end());
  }
  return false;
}

}  // namespace assocsync::slurm
