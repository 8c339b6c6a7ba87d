// Names that one side still says and the other took away: coordinators'
// accounts, defaults, QOS.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "engine/base/maps.h"
#include "engine/base/name_set.h"
#include "engine/diff/merger.h"
#include "engine/model/value.h"

namespace assocsync {
namespace {

Name Without(Name list, absl::string_view name) {
  auto elements = Elements(list.view());
  elements.erase(std::remove(elements.begin(), elements.end(), name),
                 elements.end());
  return Name(JoinElements(std::move(elements)));
}

}  // namespace

// Nobody coordinates what is no more.
void Merger::Coordinators() {
  for (auto& [user, record] : tree_.users) {
    KeepElements(
        Key::kCoordinator,
        [&](absl::string_view element) {
          const Name account(element);
          const bool known = base_.accounts.contains(account) ||
                             live_.accounts.contains(account) ||
                             target_.accounts.contains(account);
          return tree_.accounts.contains(account) || !known;
        },
        &record.fields);
  }
}

// A default of the user that is not one that `has` knows any more becomes that
// of the side that is right, else of the other, else `otherwise` (empty: none).
void Merger::MendDefault(Name user, Key key, absl::string_view what,
                         absl::FunctionRef<bool(Name)> has,
                         absl::FunctionRef<Name()> otherwise, Fields* record) {
  const Name* const merged = record->Find(key);
  if (merged == nullptr || has(*merged)) return;
  const Side side =
      Conflict(Change::What::kUser, AssocKey{{}, user, {}},
               absl::StrCat("the default ", what, " ", merged->view(),
                            " of one side is none of the user's any more"));
  const Tree* const order[] = {side == Side::kLive ? &live_ : &target_,
                               side == Side::kLive ? &target_ : &live_};
  for (const Tree* const tree : order) {
    const Record* const other = FindIn(tree->users, user);
    if (other == nullptr) continue;
    const Name* const value = other->fields.Find(key);
    if (value != nullptr && has(*value)) return record->Set(key, *value);
  }
  const Name rest = otherwise();
  if (rest.empty()) return record->Erase(key);
  record->Set(key, rest);
}

void Merger::Defaults() {
  absl::flat_hash_map<Name, Name> first;  // Account of each user; when asked.
  NameMap<Name> defaults;
  for (const auto& [user, record] : tree_.users) {
    defaults[user] = record.fields.Get(Key::kDefaultAccount);
  }
  NameSet in_default;  // Users with a row there: nearly all.
  for (const auto& [row, association] : tree_.associations) {
    if (defaults.Get(row.user) == row.account) in_default.insert(row.user);
  }
  for (auto& [name, record] : tree_.users) {
    const Name user = name;
    Fields& fields = record.fields;
    MendDefault(
        user, Key::kDefaultAccount, "account",
        [&](Name account) {
          if (in_default.contains(user) && account == defaults.Get(user)) {
            return true;
          }
          const auto it =
              tree_.associations.lower_bound(AssocKey{account, user, {}});
          return it != tree_.associations.end() &&
                 it->first.account == account && it->first.user == user;
        },
        [&] {
          if (first.empty()) {
            for (const auto& [key, row] : tree_.associations) {
              first.try_emplace(key.user, key.account);
            }
          }
          return first[user];
        },
        &fields);
    const Name wckeys = fields.Get(Key::kWckeys);
    MendDefault(
        user, Key::kDefaultWckey, "WCKey",
        [&](Name wckey) { return HasElement(wckeys.view(), wckey.view()); },
        [&] {
          const auto all = Elements(wckeys.view());
          return all.empty() ? Name() : Name(all[0]);
        },
        &fields);
  }
}

// Rows and QOS that name `qos` no longer do. A value of which nothing is left
// is as the side has it that deleted the QOS: a list that vanished would give
// the row all that it inherits.
void Merger::LoseQos(Name qos, const Tree& deleter) {
  const auto lose = [&](Key key, Fields* fields, const Fields* there) {
    const Name* const list = fields->Find(key);
    if (list == nullptr) return;
    Name left = *list;
    for (const absl::string_view sign : {"", "+", "-"}) {
      left = Without(left, absl::StrCat(sign, qos.view()));
    }
    if (left == *list) return;
    const Name* const otherwise = there == nullptr ? nullptr : there->Find(key);
    if (!left.empty()) {
      fields->Set(key, left);
    } else if (otherwise != nullptr) {
      fields->Set(key, *otherwise);
    } else {
      fields->Erase(key);
    }
  };
  for (auto& [row, association] : tree_.associations) {
    const Association* const found = FindIn(deleter.associations, row);
    const Fields* const there = found == nullptr ? nullptr : &found->limits;
    lose(Key::kQos, &association.limits, there);
    lose(Key::kDefaultQos, &association.limits, there);
  }
  for (auto& [name, record] : tree_.qos) {
    const Record* const found = FindIn(deleter.qos, name);
    lose(Key::kQosPreempt, &record.fields,
         found == nullptr ? nullptr : &found->fields);
  }
}

void Merger::UsesOfQos() {
  if (!base_.lists_qos || !live_.lists_qos || !target_.lists_qos) return;
  absl::btree_map<Name, std::string> missing;  // And who names it.
  const auto look = [&](const Fields& fields, Key key, const auto& where) {
    for (const absl::string_view element : Elements(fields.Get(key).view())) {
      const Name qos(QosNamed(element));
      if (tree_.qos.contains(qos)) continue;
      // Known to neither side, it is a fault of its own: AS107.
      if (live_.qos.contains(qos) == target_.qos.contains(qos)) continue;
      missing.try_emplace(qos, where());
    }
  };
  for (const auto& [row, association] : tree_.associations) {
    const auto where = [&, row = row] { return row.ToString(); };
    look(association.limits, Key::kQos, where);
    look(association.limits, Key::kDefaultQos, where);
  }
  for (const auto& [name, record] : tree_.qos) {
    look(record.fields, Key::kQosPreempt,
         [&, name = name] { return absl::StrCat("QOS ", name.view()); });
  }
  for (const auto& [qos, where] : missing) {
    const bool by_target = live_.qos.contains(qos);
    const Side side = Conflict(
        Change::What::kQos, AssocKey{qos, {}, {}},
        absl::StrCat(by_target ? "deleted by the proposal, but on live "
                               : "deleted on live, but in the proposal ",
                     where, " names it"));
    if (by_target == (side == Side::kLive)) {
      tree_.qos[qos] = (by_target ? live_ : target_).qos.at(qos);
    } else {
      LoseQos(qos, by_target ? target_ : live_);
    }
  }
}

// One side's DefaultQOS with the other side's list.
void Merger::OwnLists() {
  const auto outside = [](const Fields& limits) {
    const Name list = limits.Get(Key::kQos);
    const Name* const qos = limits.Find(Key::kDefaultQos);
    return qos != nullptr && IsQosList(list.view()) &&
           !HasElement(list.view(), qos->view());
  };
  for (auto& [row, association] : tree_.associations) {
    if (!outside(association.limits)) continue;
    const Association* const l = FindIn(live_.associations, row);
    const Association* const t = FindIn(target_.associations, row);
    // What a side has itself, it is that side's to answer for.
    if (l == nullptr || t == nullptr || outside(l->limits) ||
        outside(t->limits)) {
      continue;
    }
    const Side side = Conflict(
        Change::What::kAssociation, row,
        absl::StrCat("DefaultQOS ",
                     association.limits.Get(Key::kDefaultQos).view(),
                     " of one side is not in the QOS list that both make"));
    const Fields& from = (side == Side::kLive ? l : t)->limits;
    for (const Key key : {Key::kQos, Key::kDefaultQos}) {
      const Name* const value = from.Find(key);
      if (value == nullptr) {
        association.limits.Erase(key);
      } else {
        association.limits.Set(key, *value);
      }
    }
  }
}

}  // namespace assocsync
