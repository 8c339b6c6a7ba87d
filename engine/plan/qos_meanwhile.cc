// First what each account has on either tree, and on both: that it keeps, and
// what is below may count on it. Then accounts and users' rows that would not
// keep it by themselves, in whatever order the commands come.
#include "engine/plan/qos_meanwhile.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "engine/model/value.h"

namespace assocsync {
namespace {

using List = AccountQos::List;

constexpr size_t kMostNames = 10'000'000;  // In all lists together.

Atom OwnQos(const Association& row) { return row.limits.Get(Key::kQos); }

QosNames Both(const QosNames& a, const QosNames& b) {
  QosNames both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(),
                        std::inserter(both, both.end()));
  return both;
}

bool IsExplicit(Atom own) { return !own.empty() && !IsQosDelta(own.view()); }

// What a row with this list of its own has, below one that has `above`.
QosNames WithOwn(Atom own, const QosNames& above) {
  const auto elements = Elements(own.view());
  if (IsExplicit(own)) return QosNames(elements.begin(), elements.end());
  QosNames names = above;
  for (const absl::string_view element : elements) {
    if (element[0] == '+') {
      names.insert(QosNamed(element));
    } else {
      names.erase(QosNamed(element));
    }
  }
  return names;
}

bool Covers(const QosNames& all, const QosNames& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

const List& NoList() {
  static const List* const none = new List(std::make_shared<QosNames>());
  return *none;
}

class Finder {
 public:
  Finder(const Tree& live, const Tree& expected, bool by_way_of_root)
      : live_(live),
        expected_(expected),
        by_way_of_root_(by_way_of_root),
        live_lists_(live),
        expected_lists_(expected) {}

  absl::btree_map<AssocKey, QosNames> Find(
      absl::btree_map<AssocKey, QosNames> pins) {
    pins_ = std::move(pins);
    if (live_lists_.too_large() || expected_lists_.too_large()) return pins_;
    FillKept();
    FindDefaults();
    LookAtAccounts();
    LookAtUsers();
    return std::move(pins_);
  }

 private:
  const List& Kept(Atom account) const {
    const auto it = kept_.find(account);
    return it == kept_.end() ? NoList() : it->second;
  }

  // What the accounts have on both trees. Of one that only one tree has: what
  // it keeps while those above it change.
  void FillKept() {
    for (const Atom account : TopDown(live_)) {
      const AssocKey key{account, {}, {}};
      if (!expected_.associations.contains(key)) continue;
      const List& had = live_lists_.Of(account);
      const List& gets = expected_lists_.Of(account);
      kept_[account] =
          *had == *gets ? had
                        : std::make_shared<const QosNames>(Both(*had, *gets));
    }
    for (const Tree* const tree : {&live_, &expected_}) {
      for (const Atom account : TopDown(*tree)) {
        if (kept_.contains(account)) continue;
        const Association& row = tree->associations.at({account, {}, {}});
        const List& above = Kept(row.parent);
        const Atom own = OwnQos(row);
        kept_[account] =
            own.empty()
                ? above
                : std::make_shared<const QosNames>(WithOwn(own, *above));
      }
    }
  }

  // Accounts with a default QOS at, above or below them, on either tree.
  void FindDefaults() {
    for (const Tree* const tree : {&live_, &expected_}) {
      absl::flat_hash_set<Atom> above, below;
      for (const auto& [key, row] : tree->associations) {
        if (!row.limits.Has(Key::kDefaultQos)) continue;
        if (key.is_account()) above.insert(key.account);
        for (Atom at = key.account; !at.empty() && below.insert(at).second;) {
          at = tree->associations.at({at, {}, {}}).parent;
        }
      }
      for (const Atom account : TopDown(*tree)) {
        const Atom parent = tree->associations.at({account, {}, {}}).parent;
        if (above.contains(parent)) above.insert(account);
      }
      has_default_.insert(above.begin(), above.end());
      has_default_.insert(below.begin(), below.end());
    }
  }

  // An account that ends with a change to what it inherits gets there from a
  // pin by way of inheriting alone, and then a default QOS may be out of reach.
  bool MayBePinned(Atom account) const {
    const Atom gets = OwnQos(expected_.associations.at({account, {}, {}}));
    return !IsQosDelta(gets.view()) || !has_default_.contains(account);
  }

  // What an account inherits at any moment, wherever it is.
  QosNames Inherited(Atom account) {
    const AssocKey key{account, {}, {}};
    const Atom from = live_.associations.at(key).parent;
    const Atom to = expected_.associations.at(key).parent;
    QosNames least = *Kept(from);
    if (to != from) least = Both(least, *Kept(to));
    if (from != to || moves_.contains(from)) moves_.insert(account);
    if (by_way_of_root_ && moves_.contains(account)) {
      least = Both(least, *Kept(RootName()));
    }
    return least;
  }

  // `inherits`: what it has from above at any moment.
  void LookAt(const AssocKey& key, Atom had, Atom gets,
              const QosNames& inherits, const QosNames& before,
              const QosNames& after) {
    const QosNames both = Both(before, after);
    if (!pins_.contains(key) && Covers(WithOwn(had, inherits), both) &&
        Covers(WithOwn(gets, inherits), both)) {
      return;
    }
    QosNames& list = pins_[key];
    list.insert(before.begin(), before.end());
    list.insert(after.begin(), after.end());
  }

  void LookAtAccounts() {
    for (const Atom account : TopDown(live_)) {
      const AssocKey key{account, {}, {}};
      const auto want = expected_.associations.find(key);
      if (want == expected_.associations.end() || !MayBePinned(account))
        continue;
      LookAt(key, OwnQos(live_.associations.at(key)), OwnQos(want->second),
             Inherited(account), *live_lists_.Of(account),
             *expected_lists_.Of(account));
    }
  }

  void LookAtUsers() {
    auto want = expected_.associations.begin();
    const auto end = expected_.associations.end();
    for (const auto& [key, row] : live_.associations) {
      while (want != end && want->first < key) ++want;
      if (want == end || want->first != key || key.is_account()) continue;
      const Atom had = OwnQos(row), gets = OwnQos(want->second);
      // One that only inherits is as the account is, and of two lists of its
      // own the second comes in one command.
      if (had.empty() && gets.empty()) continue;
      if (IsExplicit(had) && IsExplicit(gets)) continue;
      const auto before = WithOwn(had, *live_lists_.Of(key.account));
      const auto after = WithOwn(gets, *expected_lists_.Of(key.account));
      LookAt(key, had, gets, *Kept(key.account), before, after);
    }
  }

  const Tree& live_;
  const Tree& expected_;
  const bool by_way_of_root_;
  const AccountQos live_lists_, expected_lists_;
  absl::flat_hash_map<Atom, List> kept_;
  absl::flat_hash_set<Atom> moves_;  // Themselves, or with one above.
  absl::flat_hash_set<Atom> has_default_;
  absl::btree_map<AssocKey, QosNames> pins_;
};

}  // namespace

AccountQos::AccountQos(const Tree& tree) {
  size_t names = 0;
  for (const Atom account : TopDown(tree)) {
    const Association& row = tree.associations.at({account, {}, {}});
    List list = Of(row.parent);
    if (const Atom own = OwnQos(row); !own.empty()) {
      list = std::make_shared<const QosNames>(WithOwn(own, *list));
      names += list->size();
    }
    lists_[account] = std::move(list);
    too_large_ = names > kMostNames;
    if (too_large_) break;
  }
  if (too_large_) lists_.clear();
}

const AccountQos::List& AccountQos::Of(Atom account) const {
  const auto it = lists_.find(account);
  return it == lists_.end() ? NoList() : it->second;
}

absl::btree_map<AssocKey, QosNames> QosPins(
    const Tree& live, const Tree& expected, bool by_way_of_root,
    absl::btree_map<AssocKey, QosNames> pins) {
  return Finder(live, expected, by_way_of_root).Find(std::move(pins));
}

}  // namespace assocsync
