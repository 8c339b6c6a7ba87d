#include "engine/model/walk.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "engine/model/value.h"

namespace assocsync {

void Walk(const Tree& tree, absl::FunctionRef<void(Name)> enter,
          absl::FunctionRef<void(Name)> leave) {
  absl::flat_hash_map<Name, std::vector<Name>> children;
  for (const auto& [key, row] : tree.associations) {
    if (key.is_account() && key.account != RootName()) {
      children[row.parent].push_back(key.account);
    }
  }
  struct Visit {
    Name account;
    bool entered = false;
  };
  std::vector<Visit> stack = {{RootName()}};
  while (!stack.empty()) {
    const Name account = stack.back().account;
    if (stack.back().entered) {
      leave(account);
      stack.pop_back();
      continue;
    }
    stack.back().entered = true;
    enter(account);
    const auto below = children.find(account);
    if (below == children.end()) continue;
    for (auto child = below->second.rbegin(); child != below->second.rend();
         ++child) {
      stack.push_back({*child});
    }
  }
}

QosLists::QosLists(std::optional<Names> above) {
  if (above.has_value()) lists_.push_back(*std::move(above));
}

void QosLists::Enter(const Fields& row) {
  Undo& undo = undo_.emplace_back();
  const Name* const list = row.Find(Key::kQos);
  if (list == nullptr) return;
  const std::vector<absl::string_view> elements = Elements(list->view());
  if (!IsQosDelta(list->view())) {
    lists_.emplace_back(elements.begin(), elements.end());
    undo.new_list = true;
    return;
  }
  if (lists_.empty()) return;  // Not known.
  Names& names = lists_.back();
  for (const absl::string_view element : elements) {
    const absl::string_view name = QosNamed(element);
    const bool changes =
        element[0] == '-' ? names.erase(name) > 0 : names.insert(name).second;
    if (changes) undo.changed.push_back(name);
  }
}

void QosLists::Leave() {
  const Undo& undo = undo_.back();
  if (undo.new_list) lists_.pop_back();
  for (const absl::string_view name : undo.changed) {
    Names& names = lists_.back();
    if (names.erase(name) == 0) names.insert(name);
  }
  undo_.pop_back();
}

QosNames QosBelow(const QosNames& above, Name own) {
  const std::vector<absl::string_view> elements = Elements(own.view());
  if (IsQosList(own.view())) {
    return QosNames(elements.begin(), elements.end());
  }
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

QosNames EffectiveQos(const Tree& tree, const AssocKey& key) {
  std::vector<Name> said;  // From the row up to the first list.
  Climb(tree, key, [&](const AssocKey&, const Association& row) {
    said.push_back(row.limits.Get(Key::kQos));
    return !IsQosList(said.back().view());
  });
  QosNames reach;
  for (auto own = said.rbegin(); own != said.rend(); ++own) {
    if (!own->empty()) reach = QosBelow(reach, *own);
  }
  return reach;
}

AccountQos::AccountQos(const std::vector<HangingAccount>& top_down) {
  constexpr size_t kMostNames = 10'000'000;  // In all lists together.
  size_t names = 0;
  for (const auto& [account, row] : top_down) {
    List list = Of(row.parent);
    if (const Name own = row.limits.Get(Key::kQos); !own.empty()) {
      list = std::make_shared<const QosNames>(QosBelow(*list, own));
      names += list->size();
    }
    lists_[account] = std::move(list);
    too_large_ = names > kMostNames;
    if (too_large_) break;
  }
  if (too_large_) lists_.clear();
}

const AccountQos::List& AccountQos::Of(Name account) const {
  static const List* const none = new List(std::make_shared<QosNames>());
  const auto it = lists_.find(account);
  return it == lists_.end() ? *none : it->second;
}

void ForEachRowWithQos(
    const Tree& tree, std::optional<QosLists::Names> above,
    absl::FunctionRef<void(const AssocKey&, const Association&, Name,
                           const QosLists::Names*)>
        each) {
  QosLists lists(std::move(above));
  std::vector<Name> defaults = {Name()};  // On the way.
  const auto default_of = [&](const Fields& limits) {
    const Name* const own = limits.Find(Key::kDefaultQos);
    return own == nullptr ? defaults.back() : *own;
  };
  Walk(
      tree,
      [&](Name account) {
        auto row = tree.associations.find({account, {}, {}});
        const auto end = tree.associations.end();
        const Fields limits = row == end ? Fields() : row->second.limits;
        defaults.push_back(default_of(limits));
        lists.Enter(limits);
        if (row == end) return;
        each(row->first, row->second, defaults.back(), lists.names());
        // Many users of an account say the same: each list is made once.
        absl::flat_hash_map<Name, std::optional<QosLists::Names>> own_lists;
        for (++row; row != end && row->first.account == account; ++row) {
          const QosLists::Names* list = lists.names();
          if (const Name* const own = row->second.limits.Find(Key::kQos)) {
            const auto [at, is_new] = own_lists.try_emplace(*own);
            if (is_new) {
              lists.Enter(row->second.limits);
              if (lists.names() != nullptr) at->second = *lists.names();
              lists.Leave();
            }
            list = at->second.has_value() ? &*at->second : nullptr;
          }
          each(row->first, row->second, default_of(row->second.limits), list);
        }
      },
      [&](Name) {
        defaults.pop_back();
        lists.Leave();
      });
}

void ForEachDefaultOutOfReach(
    const Tree& tree, std::optional<QosLists::Names> above,
    absl::FunctionRef<void(const AssocKey&, const Association&, Name,
                           const QosLists::Names&)>
        each) {
  ForEachRowWithQos(
      tree, std::move(above),
      [&](const AssocKey& key, const Association& row, Name name,
          const QosLists::Names* list) {
        if (name.empty() || list == nullptr || list->contains(name.view())) {
          return;
        }
        each(key, row, name, *list);
      });
}

}  // namespace assocsync
