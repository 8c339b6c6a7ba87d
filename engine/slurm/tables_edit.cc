// Changes of a SlurmdbdTables: rows, records, coordinators, WCKeys. Whatever
// the tree shows of them is kept as `sacctmgr dump` would show it: a record is
// in the tree exactly while it has a row there.
#include <algorithm>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "engine/base/maps.h"
#include "engine/model/value.h"
#include "engine/slurm/limits.h"
#include "engine/slurm/slurmdbd_tables.h"

namespace assocsync::slurm {
namespace {

constexpr Key kOfWckeys[] = {Key::kWckeys, Key::kDefaultWckey};

void Move(const Fields& from, Key key, Fields* to) {
  if (const Name* const value = from.Find(key)) {
    to->Set(key, *value);
  } else {
    to->Erase(key);
  }
}

}  // namespace

void SlurmdbdTables::AddRow(const AssocKey& key, Association row,
                            bool flagged) {
  if (!key.is_account()) PinFlags(key.user);
  const Name parent = row.parent;
  if (row.limits.Has(Key::kDefaultQos)) may_have_default_qos_ = true;
  auto& rows = state_.tree.associations;
  const auto at = rows.insert_or_assign(key, std::move(row)).first;
  IndexRow({Name(), key}, parent);
  if (key.is_account()) {
    wild_above_.erase(key.account);
    qos_rows_.erase(key.account);
    if (const Record* const record = FindIn(state_.accounts, key.account)) {
      state_.tree.accounts.insert_or_assign(key.account, *record);
    }
  } else {
    const Fields& record = EnterUser(key.user).fields;
    if (record.Get(Key::kDefaultAccount) != key.account) return;
    // It is known of an only row without being noted.
    const auto beside = [&](const AssocKey& other) {
      return other.account == key.account && other.user == key.user;
    };
    if (!flagged || (at != rows.begin() && beside(std::prev(at)->first)) ||
        (std::next(at) != rows.end() && beside(std::next(at)->first))) {
      flags_[{Name(), key}] = flagged;
    }
  }
}

void SlurmdbdTables::RemoveRow(const RowRef& row) {
  const AssocKey& key = row.key;
  const Name parent = ParentOf(row.cluster, key.account);
  if (row.cluster.empty()) {
    if (!key.is_account()) PinFlags(key.user);
    state_.tree.associations.erase(key);
    state_.ids.erase(key);
    state_.lineages.erase(key);
  } else {
    state_.others.erase({row.cluster, key});
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
    if (row.cluster.empty()) state_.tree.accounts.erase(key.account);
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
  if (CountRows(Name(), key.user) == 0) {
    LeaveUser(key.user);
    return;
  }
  // Without a flagged row there is no default account any more. (A row that may
  // be flagged is only removed where it makes no difference: refusals.cc.)
  const Name account = DefaultAccount(key.user);
  if (account != key.account) return;
  const std::vector<AssocKey> left = RowsOf(key.user, account);
  if (absl::c_none_of(left, [&](const AssocKey& other) {
        return DefaultFlag(other) != Flag::kNo;
      })) {
    SetDefaultAccount(key.user, Name());
  }
}

void SlurmdbdTables::QosChanged(const AssocKey& row) {
  const Association& now = *Find(row);
  if (now.limits.Has(Key::kDefaultQos)) may_have_default_qos_ = true;
  if (row.is_account()) qos_rows_.clear();
}

void SlurmdbdTables::SetParent(Name account, Name parent) {
  Association& row = Edit({account, {}, {}});
  children_[{Name(), row.parent}].erase(account);
  children_[{Name(), parent}].insert(account);
  row.parent = parent;
  wild_above_.clear();
  qos_rows_.clear();
}

void SlurmdbdTables::AddAccountRecord(Name account, const Fields& fields) {
  state_.accounts[account].fields = fields;
  IndexName(NameKind::kAccount, account);
  if (HasAccount(account)) state_.tree.accounts[account].fields = fields;
}

void SlurmdbdTables::RemoveAccountRecord(Name account) {
  state_.accounts.erase(account);
  state_.tree.accounts.erase(account);
}

void SlurmdbdTables::SetAccountField(Name account, Key key, Name value) {
  state_.accounts[account].fields.Set(key, value);
  const auto shown = state_.tree.accounts.find(account);
  if (shown != state_.tree.accounts.end()) shown->second.fields.Set(key, value);
}

void SlurmdbdTables::AddUserRecord(Name user, const Fields& fields) {
  state_.users[user].fields = fields;
  IndexName(NameKind::kUser, user);
}

void SlurmdbdTables::RemoveUserRecord(Name user) {
  state_.users.erase(user);
  state_.tree.users.erase(user);
}

void SlurmdbdTables::SetAdminLevel(Name user, Name level) {
  Fields value;
  if (!level.empty()) value.Set(Key::kAdminLevel, level);
  Move(value, Key::kAdminLevel, &state_.users[user].fields);
  const auto shown = state_.tree.users.find(user);
  if (shown != state_.tree.users.end()) {
    Move(value, Key::kAdminLevel, &shown->second.fields);
  }
}

// A user's first row in the tree: the record becomes visible.
Record& SlurmdbdTables::EnterUser(Name user) {
  const auto [shown, is_new] = state_.tree.users.try_emplace(user);
  if (!is_new) return shown->second;
  Fields& record = state_.users.at(user).fields;
  Move(record, Key::kAdminLevel, &shown->second.fields);
  for (const Key key : kOfWckeys) {
    Move(record, key, &shown->second.fields);
    record.Erase(key);
  }
  coordinators_to_show_.insert(user);
  return shown->second;
}

void SlurmdbdTables::LeaveUser(Name user) {
  const auto shown = state_.tree.users.find(user);
  if (shown == state_.tree.users.end()) return;
  const auto record = state_.users.find(user);
  if (record != state_.users.end()) {
    for (const Key key : kOfWckeys) {
      Move(shown->second.fields, key, &record->second.fields);
    }
  }
  state_.tree.users.erase(shown);
}

Fields SlurmdbdTables::WckeyFields(Name user) const {
  Fields out;
  for (const auto* records : {&state_.tree.users, &state_.users}) {
    const auto record = records->find(user);
    if (record == records->end()) continue;
    for (const Key key : kOfWckeys) Move(record->second.fields, key, &out);
    break;
  }
  return out;
}

void SlurmdbdTables::SetWckeyFields(Name user, const Fields& fields) {
  auto& records =
      state_.tree.users.contains(user) ? state_.tree.users : state_.users;
  const auto record = records.find(user);
  if (record == records.end()) return;
  for (const Key key : kOfWckeys) Move(fields, key, &record->second.fields);
}

void SlurmdbdTables::ShowCoordinators() const {
  for (const Name user : coordinators_to_show_) {
    const auto shown = state_.tree.users.find(user);
    if (shown == state_.tree.users.end()) continue;
    std::vector<absl::string_view> accounts;
    for (const DatabaseState::Coordinator& c : CoordinatorsOf(user)) {
      accounts.push_back(c.account.view());
    }
    SetOrErase(Key::kCoordinator, Name(JoinElements(accounts)),
               &shown->second.fields);
  }
  coordinators_to_show_.clear();
}

void SlurmdbdTables::AddCoordinator(Name account, Name user) {
  state_.coordinators.insert({account, user});
  coordinates_[user].insert(account);
  coordinators_to_show_.insert(user);
}

void SlurmdbdTables::RemoveCoordinator(
    const DatabaseState::Coordinator& coordinator) {
  state_.coordinators.erase(coordinator);
  coordinates_[coordinator.user].erase(coordinator.account);
  coordinators_to_show_.insert(coordinator.user);
}

std::vector<DatabaseState::Coordinator> SlurmdbdTables::CoordinatorsOf(
    Name user) const {
  std::vector<DatabaseState::Coordinator> all;
  if (const auto* const accounts = FindIn(coordinates_, user)) {
    for (const Name account : *accounts) all.push_back({account, user});
  }
  return all;
}

std::vector<DatabaseState::Coordinator> SlurmdbdTables::CoordinatorsIn(
    Name account) const {
  std::vector<DatabaseState::Coordinator> all;
  for (auto at = state_.coordinators.lower_bound({account, Name()});
       at != state_.coordinators.end() && at->account == account; ++at) {
    all.push_back(*at);
  }
  return all;
}

}  // namespace assocsync::slurm
