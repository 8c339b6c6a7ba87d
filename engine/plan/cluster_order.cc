#include "engine/plan/cluster_order.h"

#include <algorithm>

#include "absl/container/btree_set.h"
#include "engine/base/maps.h"
#include "engine/model/value.h"

namespace assocsync {
namespace {

class Order {
 public:
  Order(const std::vector<const DatabaseState*>& live,
        const std::vector<const Tree*>& targets)
      : live_(live), targets_(targets), before_(live.size()) {
    absl::btree_set<Name> clusters;
    for (const DatabaseState* state : live)
      clusters.insert(state->tree.cluster);
    for (const auto& [other, row] : live[0]->others) {
      if (clusters.contains(other.cluster)) continue;
      stay_accounts_.insert(other.row.account);
      if (!other.row.is_account()) stay_users_.insert(other.row.user);
    }
  }

  std::vector<ClusterTurn> Run() {
    for (size_t i = 0; i < live_.size(); ++i) {
      Movers(i, &Tree::users, stay_users_);
      Movers(i, &Tree::accounts, stay_accounts_);
      Rights(i);
    }
    return Turns();
  }

 private:
  using Records = absl::btree_map<Name, Record>;

  // Those that cluster `i` loses, no cluster keeps, and another one gets: that
  // comes before the last loss.
  void Movers(size_t i, Records Tree::*records,
              const absl::btree_set<Name>& stay) {
    for (const auto& [name, record] : live_[i]->tree.*records) {
      if ((targets_[i]->*records).contains(name) || stay.contains(name)) {
        continue;
      }
      bool kept = false;
      size_t getter = live_.size(), last = i;
      for (size_t j = 0; j < live_.size(); ++j) {
        const bool has = (live_[j]->tree.*records).contains(name);
        const bool will = (targets_[j]->*records).contains(name);
        kept |= has && will;
        if (has && !will) last = std::max(last, j);
        if (!has && will) getter = std::min(getter, j);
      }
      if (!kept && getter < live_.size()) before_[last].insert(getter);
    }
  }

  // Rights over accounts of which there is no record yet.
  void Rights(size_t i) {
    for (const auto& [name, record] : targets_[i]->users) {
      const Name rights = record.fields.Get(Key::kCoordinator);
      if (rights.empty() ||
          rights == FieldOf(live_[i]->tree.users, name, Key::kCoordinator)) {
        continue;
      }
      for (const absl::string_view element : Elements(rights.view())) {
        const Name account(element);
        if (live_[i]->accounts.contains(account) ||
            targets_[i]->accounts.contains(account)) {
          continue;
        }
        for (size_t j = 0; j < live_.size(); ++j) {
          if (!targets_[j]->accounts.contains(account)) continue;
          before_[i].insert(j);
          break;
        }
      }
    }
  }

  // Whom does another cluster wait for?
  bool IsAwaited(size_t i) const {
    return std::any_of(before_.begin(), before_.end(),
                       [&](const auto& them) { return them.contains(i); });
  }

  void Done(size_t i) {
    for (auto& them : before_) them.erase(i);
  }

  std::vector<ClusterTurn> Turns() {
    std::vector<ClusterTurn> turns;
    std::vector<bool> done(live_.size());
    for (size_t left = live_.size(); left > 0;) {
      size_t next = live_.size(), awaited = live_.size();
      for (size_t i = live_.size(); i-- > 0;) {
        if (done[i]) continue;
        if (before_[i].empty()) next = i;
        if (IsAwaited(i)) awaited = i;
      }
      if (next == live_.size()) {  // A circle.
        turns.push_back({awaited, true});
        Done(awaited);
        continue;
      }
      turns.push_back({next, false});
      done[next] = true;
      Done(next);
      --left;
    }
    return turns;
  }

  const std::vector<const DatabaseState*>& live_;
  const std::vector<const Tree*>& targets_;
  std::vector<absl::btree_set<size_t>> before_;  // Who comes before each.
  // On clusters that are not planned.
  absl::btree_set<Name> stay_users_, stay_accounts_;
};

}  // namespace

std::vector<ClusterTurn> OrderClusters(
    const std::vector<const DatabaseState*>& live,
    const std::vector<const Tree*>& targets) {
  return Order(live, targets).Run();
}

}  // namespace assocsync
