// DefaultQOS against the list that holds there, and names of QOS.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/check/checker.h"
#include "engine/diff/merge.h"
#include "engine/model/value.h"

namespace assocsync::check {
namespace {

// What holds for a row. nullopt: nothing up to root says, so that the list is
// not known, or there is no default.
struct Holds {
  std::optional<std::vector<absl::string_view>> list;  // Sorted.
  std::optional<Atom> default_qos;
};

Holds With(const Holds& inherited, const Fields& own) {
  Holds out = inherited;
  if (const Atom* qos = own.Find(Key::kDefaultQos)) {
    out.default_qos = qos->empty() ? std::nullopt : std::optional<Atom>(*qos);
  }
  const Atom* const list = own.Find(Key::kQos);
  if (list == nullptr) return out;
  if (!IsQosDelta(list->view())) {
    out.list = Elements(list->view());
    return out;
  }
  if (!out.list.has_value()) return out;
  absl::btree_set<absl::string_view> names(out.list->begin(), out.list->end());
  for (const absl::string_view element : Elements(list->view())) {
    if (element[0] == '-') {
      names.erase(QosNamed(element));
    } else {
      names.insert(QosNamed(element));
    }
  }
  out.list.emplace(names.begin(), names.end());
  return out;
}

void CheckDefault(const AssocKey& key, const Association& row,
                  const Holds& holds, Checker* c) {
  const bool own_default = row.limits.Has(Key::kDefaultQos);
  if (!own_default && !row.limits.Has(Key::kQos)) return;
  if (!holds.list.has_value() || !holds.default_qos.has_value()) return;
  const absl::string_view name = holds.default_qos->view();
  if (std::find(holds.list->begin(), holds.list->end(), name) !=
      holds.list->end()) {
    return;
  }
  const std::string list =
      holds.list->empty() ? "no QOS at all" : absl::StrJoin(*holds.list, ",");
  Draft* const draft = c->Add(
      kRuleDefaultQos, row.line, RowName(Change::What::kAssociation, key),
      absl::StrCat(own_default ? "DefaultQOS '" : "the inherited DefaultQOS '",
                   name, "' is not in the QOS list that holds here: ", list),
      absl::StrCat("add ", name, " to the list, or choose another default"));
  if (draft != nullptr) {
    draft->key = own_default ? Key::kDefaultQos : Key::kQos;
  }
}

void CheckDefaults(Checker* c) {
  absl::btree_map<Atom, Holds> accounts;
  for (const Atom account : TopDown(c->tree)) {
    const AssocKey key = {account, Atom(), Atom()};
    const auto row = c->tree.associations.find(key);
    if (row == c->tree.associations.end()) continue;
    const Holds holds = With(accounts[row->second.parent], row->second.limits);
    CheckDefault(key, row->second, holds, c);
    accounts[account] = holds;
  }
  for (const auto& [key, row] : c->tree.associations) {
    if (key.is_account()) continue;
    if (!row.limits.Has(Key::kDefaultQos) && !row.limits.Has(Key::kQos)) {
      continue;
    }
    CheckDefault(key, row, With(accounts[key.account], row.limits), c);
  }
}

class Known {
 public:
  explicit Known(const Checker& c)
      : tree_(c.tree), known_(c.policy.known_qos) {}
  bool anything() const { return tree_.lists_qos || known_.has_value(); }
  bool Has(absl::string_view name) const {
    return tree_.qos.contains(Atom(name)) ||
           (known_.has_value() && known_->contains(std::string(name)));
  }

 private:
  const Tree& tree_;
  const std::optional<absl::btree_set<std::string>>& known_;
};

void CheckField(const Known& known, uint32_t line, const std::string& row,
                const Field& field, Checker* c) {
  absl::btree_set<absl::string_view> told;
  for (const absl::string_view element : Elements(field.value.view())) {
    const absl::string_view name = QosNamed(element);
    if (known.Has(name) || !told.insert(name).second) continue;
    Draft* const draft =
        c->Add(kRuleUnknownQos, line, row,
               absl::StrCat("QOS '", name, "' does not exist"),
               "create it first (sacctmgr add qos), or mend the name");
    if (draft != nullptr) draft->key = field.key;
  }
}

}  // namespace

void CheckQos(Checker* c) {
  CheckDefaults(c);
  const Known known(*c);
  if (!known.anything()) return;
  for (const auto& [name, record] : c->tree.qos) {
    const Atom* const preempt = record.fields.Find(Key::kQosPreempt);
    if (preempt == nullptr) continue;
    CheckField(known, record.line, absl::StrCat("QOS ", name.view()),
               {Key::kQosPreempt, *preempt}, c);
  }
  for (const auto& [key, row] : c->tree.associations) {
    for (const Field& field : row.limits) {
      if (field.key != Key::kQos && field.key != Key::kDefaultQos) continue;
      CheckField(known, row.line, RowName(Change::What::kAssociation, key),
                 field, c);
    }
  }
}

void CheckKnown(Checker* c) {
  const auto& partitions = c->policy.known_partitions;
  const auto& tres = c->policy.known_tres;
  if (!partitions.has_value() && !tres.has_value()) return;
  for (const auto& [key, row] : c->tree.associations) {
    const std::string name = RowName(Change::What::kAssociation, key);
    if (partitions.has_value() && !key.partition.empty() &&
        !partitions->contains(key.partition.str())) {
      Draft* const draft = c->Add(
          kRuleUnknownPartition, row.line, name,
          absl::StrCat("partition '", key.partition.view(), "' is not known"),
          "mend the name, or add it to known.partitions of the policy");
      if (draft != nullptr) draft->partition = true;
    }
    if (!tres.has_value()) continue;
    for (const Field& field : row.limits) {
      if (Info(field.key).kind != Kind::kTres) continue;
      for (const TresItem& item : TresItems(field.value.view())) {
        if (tres->contains(std::string(item.first))) continue;
        Draft* const draft = c->Add(
            kRuleUnknownTres, row.line, name,
            absl::StrCat("TRES '", item.first, "' is not known"),
            "mend the name, or have it registered (AccountingStorageTRES)");
        if (draft != nullptr) draft->key = field.key;
      }
    }
  }
}

}  // namespace assocsync::check
