// delete qos: from every list of every cluster, if the release can.

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/model/value.h"
#include "engine/slurm/commands.h"

namespace assocsync::slurm {
namespace {

// Does `list` name any of the QOS, as its own or as a change?
bool Lists(Name list, const std::vector<Name>& names) {
  return absl::c_any_of(Elements(list.view()), [&](absl::string_view element) {
    return absl::c_linear_search(names, Name(QosNamed(element)));
  });
}

Name Without(Name list, const std::vector<Name>& names) {
  std::vector<absl::string_view> left;
  for (const absl::string_view element : Elements(list.view())) {
    if (!Lists(Name(element), names)) left.push_back(element);
  }
  return Name(JoinElements(left));
}

}  // namespace

Removal PlanDeleteQos(const SlurmdbdTables& db, const Command& command) {
  Removal out;
  Args args(command.where);
  const Setting* const name = args.Take("name");
  Verdict v = args.Finish();
  if (v.ok() && name == nullptr) v = Unknown("no name");
  std::vector<Name> wanted;
  if (v.ok()) v = ParseQosNames(name->value, &wanted);
  for (const Name qos : wanted) {
    if (!db.state().complete || db.state().qos.contains(qos)) {
      out.qos.push_back(qos);
    }
  }
  if (v.ok() && out.qos.empty()) v = Nothing("there is no such QOS");
  for (const auto& [key, row] : db.tree().associations) {
    if (Lists(row.limits.Get(Key::kDefaultQos), out.qos) && v.ok()) {
      v = Refused(absl::StrCat("it is the default QOS of ", key.ToString()));
    }
    if (Lists(row.limits.Get(Key::kQos), out.qos))
      out.lists.insert({Name(), key});
  }
  for (const auto& [key, row] : db.state().others) {
    if (Lists(row.default_qos, out.qos) && v.ok()) {
      v = Refused("it is a default QOS on another cluster");
    }
    if (Lists(row.qos, out.qos)) out.lists.insert({key.cluster, key.row});
  }
  if (v.ok() && db.behaviour().qos_delete_corrupts_lists &&
      !out.lists.empty()) {
    v = Unknown("this release mixes up lists that hold a deleted QOS");
  }
  out.verdict = v;
  return out;
}

void CarryOutQos(SlurmdbdTables* db, const Removal& removal) {
  if (removal.qos.empty()) return;
  DatabaseState& state = db->EditState();
  for (const Name name : removal.qos) {
    state.qos.erase(name);
    state.tree.qos.erase(name);
  }
  for (auto& [name, record] : state.tree.qos) {
    const Name list = record.fields.Get(Key::kQosPreempt);
    SetOrErase(Key::kQosPreempt, Without(list, removal.qos), &record.fields);
  }
  for (const auto& [cluster, key] : removal.lists) {
    if (!cluster.empty()) {
      Name& list = state.others.at({cluster, key}).qos;
      list = Without(list, removal.qos);
      continue;
    }
    // A row whose list held no other inherits now.
    Fields& limits = db->Edit(key).limits;
    SetOrErase(Key::kQos, Without(limits.Get(Key::kQos), removal.qos), &limits);
    db->QosChanged(key);
  }
}

}  // namespace assocsync::slurm
