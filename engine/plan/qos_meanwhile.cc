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

// Accounts that have the same share one.
using Shared = std::shared_ptr<const QosNames>;

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

class Finder {
 public:
  Finder(const Tree& live, const Tree& expected, bool by_way_of_root)
      : live_(live), expected_(expected), by_way_of_root_(by_way_of_root) {}

  absl::btree_map<AssocKey, QosNames> Find(
      absl::btree_map<AssocKey, QosNames> pins) {
    pins_ = pins;
    FillLists(live_, &live_lists_);
    FillLists(expected_, &expected_lists_);
    FillKept();
    FindDefaults();
    LookAtAccounts();
    LookAtUsers();
    return std::move(names_ > kMostNames ? pins : pins_);
  }

 private:
  using Lists = absl::flat_hash_map<Atom, Shared>;

  Shared Make(QosNames names) {
    names_ += names.size();
    return names_ > kMostNames
               ? none_
               : std::make_shared<const QosNames>(std::move(names));
  }

  Shared With(Atom own, const Shared& above) {
    return own.empty() ? above : Make(WithOwn(own, *above));
  }

  Shared Of(const Lists& lists, Atom account) const {
    const auto it = lists.find(account);
    return it == lists.end() ? none_ : it->second;
  }

  void FillLists(const Tree& tree, Lists* lists) {
    for (const Atom account : TopDown(tree)) {
      const Association& row = tree.associations.at({account, {}, {}});
      (*lists)[account] = With(OwnQos(row), Of(*lists, row.parent));
    }
  }

  // What the accounts have on both trees. Of one that only one tree has: what
  // it keeps while those above it change.
  void FillKept() {
    for (const auto& [account, had] : live_lists_) {
      const Shared gets = Of(expected_lists_, account);
      kept_[account] = *had == *gets ? had : Make(Both(*had, *gets));
    }
    for (const Tree* const tree : {&live_, &expected_}) {
      const Tree& other = tree == &live_ ? expected_ : live_;
      for (const Atom account : TopDown(*tree)) {
        const AssocKey key{account, {}, {}};
        if (other.associations.contains(key)) continue;
        const Association& row = tree->associations.at(key);
        kept_[account] = With(OwnQos(row), Of(kept_, row.parent));
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
  Shared Inherited(Atom account) {
    const AssocKey key{account, {}, {}};
    const Atom from = live_.associations.at(key).parent;
    const Atom to = expected_.associations.at(key).parent;
    Shared least = Of(kept_, from);
    if (to != from) least = Make(Both(*least, *Of(kept_, to)));
    if (from != to || moves_.contains(from)) moves_.insert(account);
    if (by_way_of_root_ && moves_.contains(account)) {
      least = Make(Both(*least, *Of(kept_, RootName())));
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
             *Inherited(account), *Of(live_lists_, account),
             *Of(expected_lists_, account));
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
      const auto before = WithOwn(had, *Of(live_lists_, key.account));
      const auto after = WithOwn(gets, *Of(expected_lists_, key.account));
      LookAt(key, had, gets, *Of(kept_, key.account), before, after);
    }
  }

  const Tree& live_;
  const Tree& expected_;
  const bool by_way_of_root_;
  const Shared none_ = std::make_shared<const QosNames>();
  Lists live_lists_, expected_lists_, kept_;
  absl::flat_hash_set<Atom> moves_;  // Themselves, or with one above.
  absl::flat_hash_set<Atom> has_default_;
  size_t names_ = 0;
  absl::btree_map<AssocKey, QosNames> pins_;
};

}  // namespace

absl::btree_map<AssocKey, QosNames> QosPins(
    const Tree& live, const Tree& expected, bool by_way_of_root,
    absl::btree_map<AssocKey, QosNames> pins) {
  return Finder(live, expected, by_way_of_root).Find(std::move(pins));
}

}  // namespace assocsync
