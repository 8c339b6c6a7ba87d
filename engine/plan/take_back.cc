#include "engine/plan/take_back.h"

#include <iterator>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "engine/base/name_set.h"
#include "engine/model/value.h"
#include "engine/model/walk.h"

namespace assocsync {
namespace {

using What = Change::What;

}  // namespace

std::vector<AssocKey> RowsOf(const Tree& tree, Name user, Name account) {
  std::vector<AssocKey> rows;
  for (auto at = tree.associations.lower_bound({account, user, {}});
       at != tree.associations.end() && at->first.account == account &&
       at->first.user == user;
       ++at) {
    rows.push_back(at->first);
  }
  return rows;
}

void TakeBack::Row(What what, const AssocKey& row) {
  if (what == What::kUser && live_.users.contains(row.user)) {
    kept_.insert(row.user);
  }
  Back(what, row);
}

void TakeBack::Back(What what, const AssocKey& row) {
  switch (what) {
    case What::kCluster:
      tree_.cluster_fields = live_.cluster_fields;
      return;
    case What::kQos:
      return CopyOrErase(live_.qos, row.account, &tree_.qos);
    case What::kAccount:
      return CopyOrErase(live_.accounts, row.account, &tree_.accounts);
    case What::kUser:
      return CopyOrErase(live_.users, row.user, &tree_.users);
    case What::kAssociation:
      return CopyOrErase(live_.associations, row, &tree_.associations);
  }
}

// Each round takes changes back, until what is left can stand.
Tree TakeBack::Mend() && {
  bool again = true;
  while (again) {
    again = Above() || Circles() || Kept() || Users() || Qos() || DefaultQos();
  }
  Records();
  return std::move(tree_);
}

// What the target itself lacks is none of ours.
bool TakeBack::IsChanged(const AssocKey& key) const {
  const Association* const is = FindIn(tree_.associations, key);
  const Association* const was = FindIn(live_.associations, key);
  return is != nullptr && (was == nullptr || !(*is == *was));
}

// Rows whose account, or accounts whose parent, is not there.
bool TakeBack::Above() {
  std::vector<AssocKey> look;
  absl::flat_hash_map<Name, std::vector<Name>> below;  // Some may have left.
  for (const auto& [key, row] : tree_.associations) {
    look.push_back(key);
    if (key.is_account()) below[row.parent].push_back(key.account);
  }
  bool again = false;
  while (!look.empty()) {
    const AssocKey key = look.back();
    look.pop_back();
    const auto row = tree_.associations.find(key);
    if (row == tree_.associations.end()) continue;
    const Name above = HangsOn(key, row->second);
    if (above.empty() || HasAccount(above)) continue;
    const AssocKey own{above, {}, {}};
    const bool was_there = live_.associations.contains(own);
    if (was_there || IsChanged(key)) {
      RowOf(was_there ? own : key);
      look.push_back(was_there ? own : key);
      again = true;
      if (was_there || !key.is_account() || HasAccount(key.account)) continue;
      for (auto of = tree_.associations.upper_bound(key);
           of != tree_.associations.end() && of->first.account == key.account;
           ++of) {
        look.push_back(of->first);
      }
      for (const Name child : below[key.account]) {
        look.push_back({child, {}, {}});
      }
    }
  }
  return again;
}

bool TakeBack::Circles() {
  NameSet reached;
  for (const HangingAccount& account : TopDown(tree_))
    reached.insert(account.name);
  std::vector<AssocKey> back;
  for (const auto& [key, row] : tree_.associations) {
    if (key.is_account() && !reached.contains(key.account) && IsChanged(key)) {
      back.push_back(key);
    }
  }
  for (const AssocKey& key : back) RowOf(key);
  return !back.empty();
}

// Rows of users who are not to go, those of the target among them whose new
// rows do not come; and accounts over which a user has rights who was asked
// for.
bool TakeBack::Kept() {
  NameSet here;
  for (const auto& [key, row] : tree_.associations) here.insert(key.user);
  std::vector<AssocKey> back;
  for (const auto& [key, row] : live_.associations) {
    const bool stays = target_.users.contains(key.user)
                           ? !here.contains(key.user)
                           : kept_.contains(key.user);
    if (stays && !tree_.associations.contains(key)) back.push_back(key);
  }
  for (const Name user : kept_) {
    const Name list = live_.users.at(user).fields.Get(Key::kCoordinator);
    for (const absl::string_view account : Elements(list.view())) {
      const AssocKey own{Name(account), {}, {}};
      if (live_.associations.contains(own) && !HasAccount(own.account)) {
        back.push_back(own);
      }
    }
  }
  for (const AssocKey& key : back) RowOf(key);
  return !back.empty();
}

bool TakeBack::Users() {
  absl::btree_map<Name, std::vector<AssocKey>> rows_of;
  for (const auto& [key, row] : tree_.associations) {
    if (!key.is_account()) rows_of[key.user].push_back(key);
  }
  bool again = false;
  for (const auto& [user, rows] : rows_of) {
    auto record = tree_.users.find(user);
    if (record == tree_.users.end()) {
      if (!live_.users.contains(user)) {  // It does not come.
        for (const AssocKey& key : rows) RowOf(key);
        again = true;
        continue;
      }
      Back(What::kUser, {{}, user, {}});
      record = tree_.users.find(user);
    }
    const auto has = [&, &of = rows](Name account) {
      return absl::c_any_of(
          of, [&](const AssocKey& key) { return key.account == account; });
    };
    const Name home = record->second.fields.Get(Key::kDefaultAccount);
    if (home.empty() || has(home)) continue;
    const Name was = FieldOf(live_.users, user, Key::kDefaultAccount);
    if (!was.empty() && !has(was)) {
      for (const AssocKey& key : RowsOf(live_, user, was)) {
        RowOf(key);
        again = true;
      }
    }
    record->second.fields.Set(Key::kDefaultAccount,
                              was.empty() ? rows.front().account : was);
  }
  return again;
}

// QOS that go, and are named by what stays; rows that name a QOS that does not
// come.
bool TakeBack::Qos() {
  if (!tree_.lists_qos) return false;
  absl::btree_set<Name> stay;
  // Whether one of them does not come; of those that go, notes which must stay.
  const auto names_missing = [&](const Fields& fields, const Fields* target) {
    bool missing = false;
    for (const Key key : {Key::kQos, Key::kDefaultQos, Key::kQosPreempt}) {
      const Name list = fields.Get(key);
      for (const absl::string_view item : Elements(list.view())) {
        const Name name(QosNamed(item));
        if (tree_.qos.contains(name)) continue;
        if (target_.qos.contains(name)) {
          missing = true;
        } else if (live_.qos.contains(name) &&
                   (target == nullptr || target->Get(key) != list)) {
          stay.insert(name);
        }
      }
    }
    return missing;
  };
  std::vector<AssocKey> rows;
  for (const auto& [key, row] : tree_.associations) {
    if (names_missing(row.limits, LimitsIn(target_, key)) && IsChanged(key)) {
      rows.push_back(key);
    }
  }
  std::vector<Name> qos;
  for (const auto& [name, record] : tree_.qos) {
    const Record* const was = FindIn(live_.qos, name);
    if (names_missing(record.fields, FieldsIn(target_.qos, name)) &&
        (was == nullptr || !(*was == record))) {
      qos.push_back(name);
    }
  }
  qos.insert(qos.end(), stay.begin(), stay.end());
  for (const AssocKey& key : rows) RowOf(key);
  for (const Name name : qos) Back(What::kQos, {name, {}, {}});
  return !rows.empty() || !qos.empty();
}

// slurmdbd refuses lists in which the default QOS that holds for a row, its own
// or one from above, is not: what changes on the way from such a row up is
// taken back, the nearest first. Where the target has such rows they are none
// of ours.
bool TakeBack::DefaultQos() {
  std::vector<AssocKey> out;
  ForEachDefaultOutOfReach(tree_, QosLists::Names(),
                           [&](const AssocKey& key, const Association&, Name,
                               const QosLists::Names&) { out.push_back(key); });
  if (out.empty()) return false;
  absl::btree_set<AssocKey> of_target;
  ForEachDefaultOutOfReach(
      target_, QosLists::Names(),
      [&](const AssocKey& key, const Association&, Name,
          const QosLists::Names&) { of_target.insert(key); });
  absl::btree_set<AssocKey> back;
  for (AssocKey at : out) {
    if (of_target.contains(at)) continue;
    while (!IsChanged(at)) {
      const auto row = tree_.associations.find(at);  // Some trees lack root's.
      if (row == tree_.associations.end()) break;
      const Name above = HangsOn(at, row->second);
      if (above.empty()) break;
      at = {above, {}, {}};
    }
    if (IsChanged(at)) back.insert(at);
  }
  for (const AssocKey& key : back) RowOf(key);
  return !back.empty();
}

void TakeBack::Records() {
  absl::btree_set<Name> accounts, users;
  for (const auto& [key, row] : tree_.associations) {
    (key.is_account() ? accounts : users)
        .insert(key.is_account() ? key.account : key.user);
  }
  const auto match = [](const absl::btree_set<Name>& wanted, const auto& live,
                        auto* records) {
    for (auto at = records->begin(); at != records->end();) {
      at = wanted.contains(at->first) ? std::next(at) : records->erase(at);
    }
    for (const Name name : wanted) {
      if (records->contains(name)) continue;
      const Record* const was = FindIn(live, name);
      (*records)[name] = was == nullptr ? Record() : *was;
    }
  };
  match(accounts, live_.accounts, &tree_.accounts);
  match(users, live_.users, &tree_.users);
  for (auto& [name, record] : tree_.users) {
    const Name of_target = FieldOf(target_.users, name, Key::kCoordinator);
    KeepElements(
        Key::kCoordinator,
        [&](absl::string_view element) {
          const Name account(element);
          if (accounts.contains(account)) return true;
          // What the target names and does not hold is told of the target.
          return !target_.accounts.contains(account) &&
                 (!live_.accounts.contains(account) ||
                  HasElement(of_target.view(), element));
        },
        &record.fields);
  }
}

}  // namespace assocsync
