// First what each account has on either tree, and on both: that it keeps, and
// what is below may count on it. Then accounts and users' rows that would not
// keep it by themselves, in whatever order the commands come.
#include "engine/plan/qos_meanwhile.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "engine/base/maps.h"
#include "engine/model/value.h"

namespace assocsync {
namespace {

using List = AccountQos::List;

Name OwnQos(const Association& row) { return row.limits.Get(Key::kQos); }

QosNames Both(const QosNames& a, const QosNames& b) {
  QosNames both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(),
                        std::inserter(both, both.end()));
  return both;
}

bool Covers(const QosNames& all, const QosNames& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

class Finder {
 public:
  Finder(TreeDown live, TreeDown expected, bool by_way_of_root)
      : live_(live.tree),
        expected_(expected.tree),
        by_way_of_root_(by_way_of_root),
        live_accounts_(live.accounts),
        expected_accounts_(expected.accounts),
        live_lists_(live_accounts_),
        expected_lists_(expected_accounts_) {}

  absl::btree_map<AssocKey, QosNames> Find(
      absl::btree_map<AssocKey, QosNames> pins) {
    pins_ = std::move(pins);
    if (live_lists_.too_large() || expected_lists_.too_large()) return pins_;
    FillKept();
    LookAtAccounts();
    LookAtUsers();
    return std::move(pins_);
  }

 private:
  const std::vector<HangingAccount>& AccountsOf(const Tree* tree) const {
    return tree == &live_ ? live_accounts_ : expected_accounts_;
  }

  // What the accounts have on both trees. Where only one tree has the account,
  // it is what the account keeps while those above it change.
  void FillKept() {
    absl::flat_hash_set<Name> expected;
    for (const auto& [account, row] : expected_accounts_) {
      expected.insert(account);
    }
    for (const auto& [account, row] : live_accounts_) {
      if (!expected.contains(account)) continue;
      const List& had = live_lists_.Of(account);
      const List& gets = expected_lists_.Of(account);
      kept_[account] =
          *had == *gets ? had
                        : std::make_shared<const QosNames>(Both(*had, *gets));
    }
    for (const Tree* const tree : {&live_, &expected_}) {
      for (const auto& [account, row] : AccountsOf(tree)) {
        if (kept_.contains(account)) continue;
        kept_[account] = std::make_shared<const QosNames>(
            QosBelow(*kept_.at(row.parent), OwnQos(row)));
      }
    }
  }

  // Accounts with a default QOS at, above or below them, on either tree.
  absl::flat_hash_set<Name> WithDefaults() const {
    absl::flat_hash_set<Name> all;
    for (const Tree* const tree : {&live_, &expected_}) {
      absl::flat_hash_set<Name> above, below;
      for (const auto& [key, row] : tree->associations) {
        if (!row.limits.Has(Key::kDefaultQos)) continue;
        if (key.is_account()) above.insert(key.account);
        for (Name at = key.account; !at.empty() && below.insert(at).second;) {
          at = tree->associations.at({at, {}, {}}).parent;
        }
      }
      for (const auto& [account, row] : AccountsOf(tree)) {
        if (above.contains(row.parent)) above.insert(account);
      }
      all.insert(above.begin(), above.end());
      all.insert(below.begin(), below.end());
    }
    return all;
  }

  // An account that ends with a change to what it inherits gets there from a
  // pin by way of inheriting alone, and then a default QOS may be out of reach.
  bool MayBePinned(Name account, Name gets) {
    if (!IsQosDelta(gets.view())) return true;
    if (!with_defaults_.has_value()) with_defaults_ = WithDefaults();
    return !with_defaults_->contains(account);
  }

  // What an account inherits at any moment, wherever it is. Root: nothing.
  QosNames Inherited(Name from, Name to, bool moves) const {
    if (from.empty()) return {};
    QosNames least = *kept_.at(from);
    if (to != from) least = Both(least, *kept_.at(to));
    if (by_way_of_root_ && moves) least = Both(least, *kept_.at(RootName()));
    return least;
  }

  // `inherits`: what it has from above at any moment. Whether it then has, in
  // whatever order the commands come, what it has before and after.
  static bool Keeps(Name had, Name gets, const QosNames& inherits,
                    const QosNames& before, const QosNames& after) {
    const QosNames both = Both(before, after);
    return Covers(QosBelow(inherits, had), both) &&
           Covers(QosBelow(inherits, gets), both);
  }

  void Pin(const AssocKey& key, const QosNames& before, const QosNames& after) {
    QosNames& list = pins_[key];
    list.insert(before.begin(), before.end());
    list.insert(after.begin(), after.end());
  }

  void LookAtAccounts() {
    absl::flat_hash_set<Name> moving;  // Themselves, or with one above.
    for (const auto& [account, row] : live_accounts_) {
      const AssocKey key{account, {}, {}};
      const auto want = expected_.associations.find(key);
      if (want == expected_.associations.end()) continue;
      const Name from = row.parent, to = want->second.parent;
      const bool moves = from != to || moving.contains(from);
      if (moves) moving.insert(account);
      if (!MayBePinned(account, OwnQos(want->second))) continue;
      const QosNames& before = *live_lists_.Of(account);
      const QosNames& after = *expected_lists_.Of(account);
      if (pins_.contains(key) ||
          !Keeps(OwnQos(row), OwnQos(want->second), Inherited(from, to, moves),
                 before, after)) {
        Pin(key, before, after);
      }
    }
  }

  void LookAtUsers() {
    Name account;
    bool same = false;  // The account has the same list on both trees.
    // By what its users had and get; many say the same.
    absl::flat_hash_map<std::pair<Name, Name>, bool> keeps;
    Join(live_.associations, expected_.associations,
         [&](const AssocKey& key, const Association* row,
             const Association* want) {
           if (row == nullptr || want == nullptr || key.is_account()) return;
           const Name had = OwnQos(*row), gets = OwnQos(*want);
           // One that only inherits is as the account is, and two lists of its
           // own follow each other in one command.
           if (had.empty() && gets.empty()) return;
           if (IsQosList(had.view()) && IsQosList(gets.view())) return;
           if (std::exchange(account, key.account) != key.account) {
             keeps.clear();
             same = *live_lists_.Of(account) == *expected_lists_.Of(account);
           }
           // Nothing changes, here or above.
           if (same && had == gets && pins_.empty()) return;
           const auto known = keeps.find({had, gets});
           const bool pinned = pins_.contains(key);
           if (!pinned && known != keeps.end() && known->second) return;
           const auto before = QosBelow(*live_lists_.Of(account), had);
           const auto after = QosBelow(*expected_lists_.Of(account), gets);
           const bool kept =
               Keeps(had, gets, *kept_.at(account), before, after);
           keeps[{had, gets}] = kept;
           if (pinned || !kept) Pin(key, before, after);
         });
  }

  const Tree& live_;
  const Tree& expected_;
  const bool by_way_of_root_;
  const std::vector<HangingAccount>&live_accounts_, &expected_accounts_;
  const AccountQos live_lists_, expected_lists_;
  absl::flat_hash_map<Name, List> kept_;
  std::optional<absl::flat_hash_set<Name>> with_defaults_;
  absl::btree_map<AssocKey, QosNames> pins_;
};

}  // namespace

absl::btree_map<AssocKey, QosNames> QosPins(
    TreeDown live, TreeDown expected, bool by_way_of_root,
    absl::btree_map<AssocKey, QosNames> pins) {
  return Finder(live, expected, by_way_of_root).Find(std::move(pins));
}

}  // namespace assocsync
