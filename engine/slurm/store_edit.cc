// Changes of a Store: rows, records, coordinators, WCKeys. Whatever the
// tree shows of them is kept as `sacctmgr dump` would show it: a record is in
// the tree exactly while it has a row there.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/model/value.h"
#include "engine/slurm/store.h"

namespace assocsync::slurm {
namespace {

constexpr Key kOfWckeys[] = {Key::kWckeys, Key::kDefaultWckey};

void Move(const Fields& from, Key key, Fields* to) {
  if (const Atom* const value = from.Find(key)) {
    to->Set(key, *value);
  } else {
    to->Erase(key);
  }
}

}  // namespace

void Store::AddRow(const AssocKey& key, Association row, bool flagged) {
  if (!key.is_account()) PinFlags(key.user);
  const Atom parent = row.parent;
  if (row.limits.Has(Key::kDefaultQos)) may_have_default_qos_ = true;
  auto& rows = world_.tree.associations;
  const auto at = rows.insert_or_assign(key, std::move(row)).first;
  IndexRow({Atom(), key}, parent);
  if (key.is_account()) {
    wild_above_.erase(key.account);
    qos_rows_.erase(key.account);
    if (const Record* const record = AccountRecord(key.account)) {
      world_.tree.accounts.insert_or_assign(key.account, *record);
    }
  } else {
    const Record* const record = EnterUser(key.user);
    if (record == nullptr ||
        record->fields.Get(Key::kDefaultAccount) != key.account) {
      return;
    }
    // It is known of an only row without being noted.
    const auto beside = [&](const AssocKey& other) {
      return other.account == key.account && other.user == key.user;
    };
    if (!flagged || (at != rows.begin() && beside(std::prev(at)->first)) ||
        (std::next(at) != rows.end() && beside(std::next(at)->first))) {
      flags_[{Atom(), key}] = flagged;
    }
  }
}

void Store::RemoveRow(const RowRef& row) {
  const AssocKey& key = row.key;
  const Atom parent = ParentOf(row.cluster, key.account);
  if (row.cluster.empty()) {
    if (!key.is_account()) PinFlags(key.user);
    world_.tree.associations.erase(key);
    world_.ids.erase(key);
    world_.lineages.erase(key);
  } else {
    world_.others.erase({row.cluster, key});
  }
  flags_.erase(row);
  stale_.erase(row);
  if (key.is_account()) {
    if (row.cluster.empty()) {
      cached_lineages_.erase(key.account);
      wild_above_.erase(key.account);
      qos_rows_.erase(key.account);
    }
    const auto siblings = children_.find({row.cluster, parent});
    if (siblings != children_.end()) siblings->second.erase(key.account);
    other_parents_.erase({row.cluster, key.account});
    auto& clusters = account_clusters_[key.account];
    clusters.erase(std::remove(clusters.begin(), clusters.end(), row.cluster),
                   clusters.end());
    if (clusters.empty()) {
      account_clusters_.erase(key.account);
      if (names_) names_->accounts.Erase(key.account);
    }
    if (row.cluster.empty()) world_.tree.accounts.erase(key.account);
    return;
  }
  UserRows& rows = user_rows_[key.user];
  rows.Erase({row.cluster, key.account, key.partition});
  if (rows.empty() && names_) names_->users.Erase(key.user);
  if (!key.partition.empty()) {
    auto& same = partition_rows_[key.partition];
    same.erase(row);
    if (same.empty()) {
      partition_rows_.erase(key.partition);
      if (names_) names_->partitions.Erase(key.partition);
    }
  }
  if (!row.cluster.empty()) return;
  if (CountRows(Atom(), key.user) == 0) {
    LeaveUser(key.user);
    return;
  }
  // Without a flagged row there is no default account any more. (A row that may
  // be flagged is only removed where it makes no difference: guards.cc.)
  const Atom account = DefaultAccount(key.user);
  if (account != key.account) return;
  const std::vector<AssocKey> left = RowsOf(key.user, account);
  if (std::none_of(left.begin(), left.end(), [&](const AssocKey& other) {
        return DefaultFlag(other) != Flag::kNo;
      })) {
    SetDefaultAccount(key.user, Atom());
  }
}

void Store::QosChanged(const AssocKey& row) {
  const Association* const now = Find(row);
  if (now == nullptr) return;
  if (now->limits.Has(Key::kDefaultQos)) may_have_default_qos_ = true;
  if (row.is_account()) qos_rows_.clear();
}

Association& Store::Edit(const AssocKey& key) {
  return world_.tree.associations.at(key);
}

void Store::SetParent(Atom account, Atom parent) {
  Association& row = Edit({account, {}, {}});
  children_[{Atom(), row.parent}].erase(account);
  children_[{Atom(), parent}].insert(account);
  row.parent = parent;
  wild_above_.clear();
  qos_rows_.clear();
}

Record* Store::AccountRecord(Atom account) {
  const auto found = world_.accounts.find(account);
  return found == world_.accounts.end() ? nullptr : &found->second;
}

void Store::AddAccountRecord(Atom account, const Fields& fields) {
  Record& record = world_.accounts[account];
  record.fields = fields;
  IndexName(NameKind::kAccount, account);
  if (HasAccount(account)) world_.tree.accounts[account].fields = fields;
}

void Store::RemoveAccountRecord(Atom account) {
  world_.accounts.erase(account);
  world_.tree.accounts.erase(account);
}

void Store::SetAccountField(Atom account, Key key, Atom value) {
  world_.accounts[account].fields.Set(key, value);
  const auto shown = world_.tree.accounts.find(account);
  if (shown != world_.tree.accounts.end()) shown->second.fields.Set(key, value);
}

void Store::AddUserRecord(Atom user, const Fields& fields) {
  world_.users[user].fields = fields;
  IndexName(NameKind::kUser, user);
}

void Store::RemoveUserRecord(Atom user) {
  world_.users.erase(user);
  world_.tree.users.erase(user);
}

void Store::SetAdminLevel(Atom user, Atom level) {
  Fields value;
  if (!level.empty()) value.Set(Key::kAdminLevel, level);
  Move(value, Key::kAdminLevel, &world_.users[user].fields);
  const auto shown = world_.tree.users.find(user);
  if (shown != world_.tree.users.end()) {
    Move(value, Key::kAdminLevel, &shown->second.fields);
  }
}

// A user's first row in the tree: the record becomes visible.
Record* Store::EnterUser(Atom user) {
  const auto [shown, is_new] = world_.tree.users.try_emplace(user);
  if (!is_new) return &shown->second;
  const auto record = world_.users.find(user);
  if (record == world_.users.end()) {
    world_.tree.users.erase(shown);
    return nullptr;
  }
  Move(record->second.fields, Key::kAdminLevel, &shown->second.fields);
  for (const Key key : kOfWckeys) {
    Move(record->second.fields, key, &shown->second.fields);
    record->second.fields.Erase(key);
  }
  coordinators_to_show_.insert(user);
  return &shown->second;
}

void Store::LeaveUser(Atom user) {
  const auto shown = world_.tree.users.find(user);
  if (shown == world_.tree.users.end()) return;
  const auto record = world_.users.find(user);
  if (record != world_.users.end()) {
    for (const Key key : kOfWckeys) {
      Move(shown->second.fields, key, &record->second.fields);
    }
  }
  world_.tree.users.erase(shown);
}

Fields Store::WckeyFields(Atom user) const {
  Fields out;
  for (const auto* records : {&world_.tree.users, &world_.users}) {
    const auto record = records->find(user);
    if (record == records->end()) continue;
    for (const Key key : kOfWckeys) Move(record->second.fields, key, &out);
    break;
  }
  return out;
}

void Store::SetWckeyFields(Atom user, const Fields& fields) {
  auto& records =
      world_.tree.users.contains(user) ? world_.tree.users : world_.users;
  const auto record = records.find(user);
  if (record == records.end()) return;
  for (const Key key : kOfWckeys) Move(fields, key, &record->second.fields);
}

void Store::ShowCoordinators() const {
  for (const Atom user : coordinators_to_show_) {
    const auto shown = world_.tree.users.find(user);
    if (shown == world_.tree.users.end()) continue;
    std::vector<absl::string_view> accounts;
    const auto found = coordinates_.find(user);
    if (found != coordinates_.end()) {
      for (const Atom account : found->second) {
        accounts.push_back(account.view());
      }
    }
    if (accounts.empty()) {
      shown->second.fields.Erase(Key::kCoordinator);
    } else {
      shown->second.fields.Set(Key::kCoordinator, Atom(JoinElements(accounts)));
    }
  }
  coordinators_to_show_.clear();
}

void Store::AddCoordinator(Atom account, Atom user) {
  world_.coordinators.insert({account, user});
  coordinates_[user].insert(account);
  coordinators_to_show_.insert(user);
}

void Store::RemoveCoordinator(const World::Coordinator& coordinator) {
  const World::Coordinator copy = coordinator;
  world_.coordinators.erase(copy);
  coordinates_[copy.user].erase(copy.account);
  coordinators_to_show_.insert(copy.user);
}

std::vector<World::Coordinator> Store::CoordinatorsOf(Atom user) const {
  std::vector<World::Coordinator> all;
  const auto found = coordinates_.find(user);
  if (found == coordinates_.end()) return all;
  for (const Atom account : found->second) all.push_back({account, user});
  return all;
}

std::vector<World::Coordinator> Store::CoordinatorsIn(Atom account) const {
  std::vector<World::Coordinator> all;
  for (auto at = world_.coordinators.lower_bound({account, Atom()});
       at != world_.coordinators.end() && at->account == account; ++at) {
    all.push_back(*at);
  }
  return all;
}

}  // namespace assocsync::slurm
