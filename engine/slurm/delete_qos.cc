// delete qos: from every list of every cluster, if the release can.

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/model/value.h"
#include "engine/slurm/commands.h"

namespace assocsync::slurm {
namespace {

using How = Outcome::Touched::How;
using What = Outcome::Touched::What;

// Does `list` name any of the QOS, as its own or as a change?
bool Lists(Name list, const std::vector<Name>& names) {
  for (const absl::string_view element : Elements(list.view())) {
    if (absl::c_find(names, Name(QosNamed(element))) != names.end()) {
      return true;
    }
  }
  return false;
}

Name Without(Name list, const std::vector<Name>& names) {
  std::vector<absl::string_view> left;
  for (const absl::string_view element : Elements(list.view())) {
    if (!Lists(Name(element), names)) left.push_back(element);
  }
  return Name(JoinElements(left));
}

struct QosRemoval {
  Verdict verdict;
  std::vector<Name> names;
  std::vector<AssocKey> rows;  // Managed ones that list any of them.
  std::vector<DatabaseState::OtherKey> others;
};

QosRemoval PlanDeleteQos(const SlurmdbdTables& db, const Command& command) {
  QosRemoval out;
  Args args(command.where);
  const Setting* const name = args.Take("name");
  Verdict v = args.Finish();
  if (v.ok() && name == nullptr) v = Unknown("no name");
  std::vector<Name> wanted;
  if (v.ok()) v = ParseQosNames(name->value, &wanted);
  for (const Name qos : wanted) {
    if (!db.state().complete || db.state().qos.contains(qos)) {
      out.names.push_back(qos);
    }
  }
  if (v.ok() && out.names.empty()) v = Nothing("there is no such QOS");
  for (const auto& [key, row] : db.tree().associations) {
    if (Lists(row.limits.Get(Key::kDefaultQos), out.names) && v.ok()) {
      v = Refused(absl::StrCat("it is the default QOS of ", key.ToString()));
    }
    if (Lists(row.limits.Get(Key::kQos), out.names)) out.rows.push_back(key);
  }
  for (const auto& [key, row] : db.state().others) {
    if (Lists(row.default_qos, out.names) && v.ok()) {
      v = Refused("it is a default QOS on another cluster");
    }
    if (Lists(row.qos, out.names)) out.others.push_back(key);
  }
  if (v.ok() && db.behaviour().qos_delete_corrupts_lists &&
      !(out.rows.empty() && out.others.empty())) {
    v = Unknown("this release mixes up lists that hold a deleted QOS");
  }
  out.verdict = v;
  return out;
}

Outcome ToOutcome(const QosRemoval& removal) {
  Outcome outcome = From(removal.verdict);
  if (!removal.verdict.ok()) return outcome;
  for (const Name name : removal.names) {
    Touch(&outcome, What::kQos, {Name(), {name, Name(), Name()}},
          How::kRemoved);
  }
  for (const AssocKey& key : removal.rows) {
    Touch(&outcome, What::kRow, {Name(), key}, How::kModified);
  }
  for (const DatabaseState::OtherKey& key : removal.others) {
    Touch(&outcome, What::kRow, {key.cluster, key.row}, How::kModified);
  }
  return outcome;
}

}  // namespace

Outcome PredictDeleteQos(const SlurmdbdTables& db, const Command& command) {
  return ToOutcome(PlanDeleteQos(db, command));
}

Outcome DeleteQos(SlurmdbdTables* db, const Command& command) {
  const QosRemoval removal = PlanDeleteQos(*db, command);
  Outcome outcome = ToOutcome(removal);
  if (!removal.verdict.ok()) return outcome;
  DatabaseState& state = db->EditState();
  for (const Name name : removal.names) {
    state.qos.erase(name);
    state.tree.qos.erase(name);
  }
  for (auto& [name, record] : state.tree.qos) {
    const Name list =
        Without(record.fields.Get(Key::kQosPreempt), removal.names);
    if (list.empty()) {
      record.fields.Erase(Key::kQosPreempt);
    } else {
      record.fields.Set(Key::kQosPreempt, list);
    }
  }
  for (const AssocKey& key : removal.rows) {
    Fields& limits = db->Edit(key).limits;
    const Name list = Without(limits.Get(Key::kQos), removal.names);
    if (list.empty()) {
      limits.Erase(Key::kQos);  // A list that held no other: it inherits now.
    } else {
      limits.Set(Key::kQos, list);
    }
    db->QosChanged(key);
  }
  for (const DatabaseState::OtherKey& key : removal.others) {
    Name& list = state.others.at(key).qos;
    list = Without(list, removal.names);
  }
  return outcome;
}

}  // namespace assocsync::slurm
