#include "engine/model/walk.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "engine/model/value.h"

namespace assocsync {

void Walk(const Tree& tree, absl::FunctionRef<void(Atom)> enter,
          absl::FunctionRef<void(Atom)> leave) {
  absl::flat_hash_map<Atom, std::vector<Atom>> children;
  for (const auto& [key, row] : tree.associations) {
    if (key.is_account() && key.account != RootName()) {
      children[row.parent].push_back(key.account);
    }
  }
  struct Visit {
    Atom account;
    bool entered = false;
  };
  std::vector<Visit> stack = {{RootName()}};
  while (!stack.empty()) {
    const Atom account = stack.back().account;
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
  const Atom* const list = row.Find(Key::kQos);
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

}  // namespace assocsync
