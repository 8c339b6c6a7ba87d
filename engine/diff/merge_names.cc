// Names that one side still says and the other took away: coordinators'
// accounts, defaults, QOS.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/diff/merger.h"
#include "engine/model/value.h"

namespace assocsync {
namespace {

bool Holds(Atom list, absl::string_view name) {
  const auto elements = Elements(list.view());
  return std::find(elements.begin(), elements.end(), name) != elements.end();
}

Atom Without(Atom list, absl::string_view name) {
  auto elements = Elements(list.view());
  elements.erase(std::remove(elements.begin(), elements.end(), name),
                 elements.end());
  return Atom(JoinElements(std::move(elements)));
}

bool IsExplicitList(Atom list) {
  return !list.empty() && !absl::StartsWith(list.view(), "+") &&
         !absl::StartsWith(list.view(), "-");
}

}  // namespace

// Nobody coordinates what is no more.
void Merger::Coordinators() {
  for (auto& [user, record] : tree_.users) {
    const Atom list = record.fields.Get(Key::kCoordinator);
    Atom left = list;
    for (const absl::string_view element : Elements(list.view())) {
      const Atom account(element);
      if (tree_.accounts.contains(account)) continue;
      const bool known = base_.accounts.contains(account) ||
                         live_.accounts.contains(account) ||
                         target_.accounts.contains(account);
      if (known) left = Without(left, element);
    }
    if (left == list) continue;
    if (left.empty()) {
      record.fields.Erase(Key::kCoordinator);
    } else {
      record.fields.Set(Key::kCoordinator, left);
    }
  }
}

void Merger::DefaultAccount(Atom user, Fields* record) {
  const Atom* const merged = record->Find(Key::kDefaultAccount);
  if (merged == nullptr) return;
  const auto has = [&](Atom account) {
    const auto it = tree_.associations.lower_bound(AssocKey{account, user, {}});
    return it != tree_.associations.end() && it->first.account == account &&
           it->first.user == user;
  };
  if (has(*merged)) return;
  const Side side =
      Conflict(Change::What::kUser, AssocKey{{}, user, {}},
               absl::StrCat("the default account ", merged->view(),
                            " of one side is none of the user's any more"));
  const Tree* const order[] = {side == Side::kLive ? &live_ : &target_,
                               side == Side::kLive ? &target_ : &live_};
  for (const Tree* const tree : order) {
    const auto it = tree->users.find(user);
    if (it == tree->users.end()) continue;
    const Atom* const other = it->second.fields.Find(Key::kDefaultAccount);
    if (other != nullptr && has(*other)) {
      return record->Set(Key::kDefaultAccount, *other);
    }
  }
  for (const auto& [row, association] : tree_.associations) {
    if (row.user == user) {
      return record->Set(Key::kDefaultAccount, row.account);
    }
  }
}

void Merger::DefaultWckey(Atom user, Fields* record) {
  const Atom* const merged = record->Find(Key::kDefaultWckey);
  const Atom list = record->Get(Key::kWckeys);
  if (merged == nullptr || Holds(list, merged->view())) return;
  const Side side =
      Conflict(Change::What::kUser, AssocKey{{}, user, {}},
               absl::StrCat("the default WCKey ", merged->view(),
                            " of one side is none of the user's any more"));
  const Tree* const order[] = {side == Side::kLive ? &live_ : &target_,
                               side == Side::kLive ? &target_ : &live_};
  for (const Tree* const tree : order) {
    const auto it = tree->users.find(user);
    if (it == tree->users.end()) continue;
    const Atom* const other = it->second.fields.Find(Key::kDefaultWckey);
    if (other != nullptr && Holds(list, other->view())) {
      return record->Set(Key::kDefaultWckey, *other);
    }
  }
  const auto left = Elements(list.view());
  if (left.empty()) return record->Erase(Key::kDefaultWckey);
  record->Set(Key::kDefaultWckey, Atom(left[0]));
}

void Merger::Defaults() {
  for (auto& [user, record] : tree_.users) {
    DefaultAccount(user, &record.fields);
    DefaultWckey(user, &record.fields);
  }
}

// Rows and QOS that name `qos` no longer do. A value of which nothing is left
// is as the side has it that deleted the QOS: a list that vanished would give
// the row all that it inherits.
void Merger::LoseQos(Atom qos, const Tree& deleter) {
  const auto lose = [&](Key key, Fields* fields, const Fields* there) {
    const Atom* const list = fields->Find(key);
    if (list == nullptr) return;
    Atom left = *list;
    for (const absl::string_view sign : {"", "+", "-"}) {
      left = Without(left, absl::StrCat(sign, qos.view()));
    }
    if (left == *list) return;
    const Atom* const otherwise = there == nullptr ? nullptr : there->Find(key);
    if (!left.empty()) {
      fields->Set(key, left);
    } else if (otherwise != nullptr) {
      fields->Set(key, *otherwise);
    } else {
      fields->Erase(key);
    }
  };
  for (auto& [row, association] : tree_.associations) {
    const auto found = deleter.associations.find(row);
    const Fields* const there =
        found == deleter.associations.end() ? nullptr : &found->second.limits;
    lose(Key::kQos, &association.limits, there);
    lose(Key::kDefaultQos, &association.limits, there);
  }
  for (auto& [name, record] : tree_.qos) {
    const auto found = deleter.qos.find(name);
    lose(Key::kQosPreempt, &record.fields,
         found == deleter.qos.end() ? nullptr : &found->second.fields);
  }
}

void Merger::UsesOfQos() {
  if (!base_.lists_qos || !live_.lists_qos || !target_.lists_qos) return;
  absl::btree_map<Atom, std::string> missing;  // And who names it.
  const auto look = [&](const Fields& fields, Key key,
                        const std::string& where) {
    for (absl::string_view name : Elements(fields.Get(key).view())) {
      if (absl::StartsWith(name, "+") || absl::StartsWith(name, "-")) {
        name.remove_prefix(1);
      }
      const Atom qos(name);
      if (tree_.qos.contains(qos)) continue;
      // Known to neither side, it is a fault of its own: AS107.
      if (live_.qos.contains(qos) == target_.qos.contains(qos)) continue;
      missing.emplace(qos, where);
    }
  };
  for (const auto& [row, association] : tree_.associations) {
    look(association.limits, Key::kQos, row.DebugString());
    look(association.limits, Key::kDefaultQos, row.DebugString());
  }
  for (const auto& [name, record] : tree_.qos) {
    look(record.fields, Key::kQosPreempt, absl::StrCat("QOS ", name.view()));
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
    const Atom list = limits.Get(Key::kQos);
    const Atom* const qos = limits.Find(Key::kDefaultQos);
    return qos != nullptr && IsExplicitList(list) && !Holds(list, qos->view());
  };
  for (auto& [row, association] : tree_.associations) {
    if (!outside(association.limits)) continue;
    const auto l = live_.associations.find(row);
    const auto t = target_.associations.find(row);
    // What a side has itself, it is that side's to answer for.
    if (l == live_.associations.end() || t == target_.associations.end() ||
        outside(l->second.limits) || outside(t->second.limits)) {
      continue;
    }
    const Side side = Conflict(
        Change::What::kAssociation, row,
        absl::StrCat("DefaultQOS ",
                     association.limits.Get(Key::kDefaultQos).view(),
                     " of one side is not in the QOS list that both make"));
    const Fields& from =
        side == Side::kLive ? l->second.limits : t->second.limits;
    for (const Key key : {Key::kQos, Key::kDefaultQos}) {
      const Atom* const value = from.Find(key);
      if (value == nullptr) {
        association.limits.Erase(key);
      } else {
        association.limits.Set(key, *value);
      }
    }
  }
}

}  // namespace assocsync
