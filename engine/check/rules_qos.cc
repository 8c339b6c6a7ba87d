// DefaultQOS against the list that holds there, and names of QOS.
#include <optional>
#include <string>

#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/check/checker.h"
#include "engine/diff/merge.h"
#include "engine/model/value.h"
#include "engine/model/walk.h"

namespace assocsync::check {
namespace {

// How much of a list a message shows.
constexpr size_t kListShown = 20;

std::string Words(const QosLists::Names& names) {
  if (names.empty()) return "no QOS at all";
  auto end = names.begin();
  for (size_t i = 0; i < kListShown && end != names.end(); ++i) ++end;
  std::string out = absl::StrJoin(names.begin(), end, ",");
  if (end != names.end()) {
    absl::StrAppend(&out, " and ", names.size() - kListShown, " more");
  }
  return out;
}

// Where a default or a list is said, and of rows that only inherit nothing.
void CheckDefaults(Checker* c) {
  ForEachDefaultOutOfReach(
      c->tree, std::nullopt,
      [&](const AssocKey& key, const Association& row, Name name,
          const QosLists::Names& list) {
        const bool own_default = row.limits.Has(Key::kDefaultQos);
        if (!own_default && !row.limits.Has(Key::kQos)) return;
        c->Add(kRuleDefaultQos, row.line, key.ToString(),
               absl::StrCat(
                   own_default ? "DefaultQOS '" : "the inherited DefaultQOS '",
                   name.view(),
                   "' is not in the QOS list that holds here: ", Words(list)),
               absl::StrCat("add ", name.view(),
                            " to the list, or choose another default"))
            .key = own_default ? Key::kDefaultQos : Key::kQos;
      });
}

class Known {
 public:
  explicit Known(const Checker& c)
      : tree_(c.tree), known_(c.policy.known_qos) {}
  bool anything() const { return tree_.lists_qos || known_.has_value(); }
  bool Has(absl::string_view name) const {
    return tree_.qos.contains(Name(name)) ||
           (known_.has_value() && known_->contains(std::string(name)));
  }

 private:
  const Tree& tree_;
  const std::optional<absl::btree_set<std::string>>& known_;
};

// `what` and `row`: as RowName names it, where something is told.
void CheckField(const Known& known, uint32_t line, Change::What what,
                const AssocKey& row, const Field& field, Checker* c) {
  absl::btree_set<absl::string_view> told;
  for (const absl::string_view element : Elements(field.value.view())) {
    const absl::string_view name = QosNamed(element);
    if (known.Has(name) || !told.insert(name).second) continue;
    c->Add(kRuleUnknownQos, line, RowName(what, row),
           absl::StrCat("QOS '", name, "' does not exist"),
           "create it first (sacctmgr add qos), or mend the name")
        .key = field.key;
  }
}

}  // namespace

void CheckQos(Checker* c) {
  CheckDefaults(c);
  const Known known(*c);
  if (!known.anything()) return;
  for (const auto& [name, record] : c->tree.qos) {
    const Name* const preempt = record.fields.Find(Key::kQosPreempt);
    if (preempt == nullptr) continue;
    CheckField(known, record.line, Change::What::kQos, {name, {}, {}},
               {Key::kQosPreempt, *preempt}, c);
  }
  for (const auto& [key, row] : c->tree.associations) {
    for (const Field& field : row.limits) {
      if (field.key != Key::kQos && field.key != Key::kDefaultQos) continue;
      CheckField(known, row.line, Change::What::kAssociation, key, field, c);
    }
  }
}

namespace {

// TRES of one object's fields that are not known, or can be none at all.
void CheckTres(const Fields& fields, uint32_t line, Change::What what,
               const AssocKey& row, Checker* c) {
  const auto& known = c->policy.known_tres;
  for (const Field& field : fields) {
    if (Info(field.key).kind != Kind::kTres) continue;
    for (const TresItem& item : TresItems(field.value.view())) {
      if (!IsTresName(item.first)) {
        c->Add(kRuleUnknownTres, line, RowName(what, row),
               absl::StrCat("'", item.first, "' is no TRES of any Slurm"),
               "write cpu, mem, node, energy, billing, vmem or pages, or a "
               "type with a name, as gres/gpu")
            .key = field.key;
      } else if (known.has_value() &&
                 !known->contains(std::string(item.first))) {
        c->Add(kRuleUnknownTres, line, RowName(what, row),
               absl::StrCat("TRES '", item.first, "' is not known"),
               "mend the name, or have it registered (AccountingStorageTRES)")
            .key = field.key;
      }
    }
  }
}

}  // namespace

void CheckKnown(Checker* c) {
  const auto& partitions = c->policy.known_partitions;
  for (const auto& [name, record] : c->tree.qos) {
    CheckTres(record.fields, record.line, Change::What::kQos, {name, {}, {}},
              c);
  }
  for (const auto& [key, row] : c->tree.associations) {
    if (partitions.has_value() && !key.partition.empty() &&
        !partitions->contains(key.partition.str())) {
      c->Add(
           kRuleUnknownPartition, row.line, key.ToString(),
           absl::StrCat("partition '", key.partition.view(), "' is not known"),
           "mend the name, or add it to known.partitions of the policy")
          .partition = true;
    }
    CheckTres(row.limits, row.line, Change::What::kAssociation, key, c);
  }
}

}  // namespace assocsync::check
