#include "engine/diff/diff.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/base/maps.h"
#include "engine/model/tree.h"

namespace assocsync {
namespace {

std::string Shown(const std::optional<Name>& value) {
  if (!value.has_value()) return "(not set)";
  return value->empty() ? "''" : value->str();
}

Change::How HowOf(const void* live, const void* target) {
  if (live == nullptr) return Change::How::kAdd;
  if (target == nullptr) return Change::How::kRemove;
  return Change::How::kModify;
}

void DiffRecords(Change::What what, const absl::btree_map<Name, Record>& live,
                 const absl::btree_map<Name, Record>& target,
                 std::vector<Change>* out) {
  static const Fields* const none = new Fields;
  Join(live, target, [&](Name name, const Record* l, const Record* t) {
    if (l != nullptr && t != nullptr && *l == *t) return;
    Change change;
    change.what = what;
    change.how = HowOf(l, t);
    (what == Change::What::kUser ? change.row.user : change.row.account) = name;
    change.fields = DiffFields(l == nullptr ? *none : l->fields,
                               t == nullptr ? *none : t->fields);
    if (t != nullptr) change.line = t->line;
    out->push_back(std::move(change));
  });
}

}  // namespace

std::string FieldChange::ToString() const {
  return absl::StrCat(Info(key).name, " ", Shown(from), " -> ", Shown(to));
}

bool Change::Names(Key key) const {
  return absl::c_any_of(fields,
                        [&](const FieldChange& f) { return f.key == key; });
}

std::string Change::ToString() const {
  static constexpr absl::string_view kHow[] = {"+", "~", "-"};
  static constexpr absl::string_view kWhat[] = {"cluster", "qos", "account",
                                                "user", "association"};
  std::string out = absl::StrCat(
      kHow[static_cast<int>(how)], " ", kWhat[static_cast<int>(what)], " ",
      what == What::kUser ? row.user.str() : row.ToString());
  if (parent_from != parent_to) {
    absl::StrAppend(&out, " parent ", parent_from.view(), " -> ",
                    parent_to.view());
  }
  for (const FieldChange& f : fields) absl::StrAppend(&out, " ", f.ToString());
  return out;
}

FieldChanges DiffFields(const Fields& live, const Fields& target) {
  FieldChanges out;
  const auto value = [](const Field* f) {
    return f == nullptr ? std::nullopt : std::optional<Name>(f->value);
  };
  JoinBy(
      live, target, [](const Field& f) { return f.key; },
      [&](const Field* l, const Field* t) {
        if (l != nullptr && t != nullptr && l->value == t->value) return;
        out.push_back({(l == nullptr ? t : l)->key, value(l), value(t)});
      });
  return out;
}

std::vector<Change> Diff(const Tree& live, const Tree& target) {
  std::vector<Change> out;
  if (live.cluster_fields != target.cluster_fields) {
    Change change;
    change.what = Change::What::kCluster;
    change.how = Change::How::kModify;
    change.row.account = target.cluster;
    change.fields = DiffFields(live.cluster_fields, target.cluster_fields);
    out.push_back(std::move(change));
  }
  if (live.lists_qos && target.lists_qos) {
    DiffRecords(Change::What::kQos, live.qos, target.qos, &out);
  }
  DiffRecords(Change::What::kAccount, live.accounts, target.accounts, &out);
  DiffRecords(Change::What::kUser, live.users, target.users, &out);
  static const Association* const none = new Association;
  Join(live.associations, target.associations,
       [&](const AssocKey& key, const Association* l, const Association* t) {
         if (l != nullptr && t != nullptr && *l == *t) return;
         Change change;
         change.what = Change::What::kAssociation;
         change.how = HowOf(l, t);
         change.row = key;
         if (l != nullptr) change.parent_from = l->parent;
         if (t != nullptr) change.parent_to = t->parent;
         change.fields = DiffFields((l == nullptr ? none : l)->limits,
                                    (t == nullptr ? none : t)->limits);
         if (t != nullptr) change.line = t->line;
         out.push_back(std::move(change));
       });
  return out;
}

}  // namespace assocsync
