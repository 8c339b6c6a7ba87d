// delete qos: from every list of every cluster, if the release can.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/model/value.h"
#include "engine/slurm/commands.h"

namespace assocsync::slurm {
namespace {

using How = Outcome::Touched::How;
using What = Outcome::Touched::What;

// Does `list` name any of the QOS, as its own or as a change?
bool Lists(Atom list, const std::vector<Atom>& names) {
  for (const absl::string_view element : Elements(list.view())) {
    if (std::find(names.begin(), names.end(), Atom(QosNamed(element))) !=
        names.end()) {
      return true;
    }
  }
  return false;
}

Atom Without(Atom list, const std::vector<Atom>& names) {
  std::vector<absl::string_view> left;
  for (const absl::string_view element : Elements(list.view())) {
    if (!Lists(Atom(element), names)) left.push_back(element);
  }
  return Atom(JoinElements(left));
}

struct QosRemoval {
  Verdict verdict;
  std::vector<Atom> names;
  std::vector<AssocKey> rows;  // Managed ones that list any of them.
  std::vector<World::OtherKey> others;
};

QosRemoval PlanDeleteQos(const Store& db, const Command& command) {
  QosRemoval out;
  Args args(command.where);
  const Setting* const name = args.Take("name");
  Verdict v = args.Finish();
  if (v.ok() && name == nullptr) v = Unknown("no name");
  std::vector<Atom> wanted;
  if (v.ok()) v = ParseQosNames(name->value, &wanted);
  for (const Atom qos : wanted) {
    if (!db.world().complete || db.world().qos.contains(qos)) {
      out.names.push_back(qos);
    }
  }
  if (v.ok() && out.names.empty()) v = Nothing("there is no such QOS");
  for (const auto& [key, row] : db.tree().associations) {
    if (Lists(row.limits.Get(Key::kDefaultQos), out.names) && v.ok()) {
      v = Refused(absl::StrCat("it is the default QOS of ", key.DebugString()));
    }
    if (Lists(row.limits.Get(Key::kQos), out.names)) out.rows.push_back(key);
  }
  for (const auto& [key, row] : db.world().others) {
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
  for (const Atom name : removal.names) {
    Touch(&outcome, What::kQos, {Atom(), {name, Atom(), Atom()}},
          How::kRemoved);
  }
  for (const AssocKey& key : removal.rows) {
    Touch(&outcome, What::kRow, {Atom(), key}, How::kModified);
  }
  for (const World::OtherKey& key : removal.others) {
    Touch(&outcome, What::kRow, {key.cluster, key.row}, How::kModified);
  }
  return outcome;
}

}  // namespace

Outcome PredictDeleteQos(const Store& db, const Command& command) {
  return ToOutcome(PlanDeleteQos(db, command));
}

Outcome DeleteQos(Store* db, const Command& command) {
  const QosRemoval removal = PlanDeleteQos(*db, command);
  Outcome outcome = ToOutcome(removal);
  if (!removal.verdict.ok()) return outcome;
  World& world = db->EditWorld();
  for (const Atom name : removal.names) {
    world.qos.erase(name);
    world.tree.qos.erase(name);
  }
  for (auto& [name, record] : world.tree.qos) {
    const Atom list =
        Without(record.fields.Get(Key::kQosPreempt), removal.names);
    if (list.empty()) {
      record.fields.Erase(Key::kQosPreempt);
    } else {
      record.fields.Set(Key::kQosPreempt, list);
    }
  }
  for (const AssocKey& key : removal.rows) {
    Fields& limits = db->Edit(key).limits;
    const Atom list = Without(limits.Get(Key::kQos), removal.names);
    if (list.empty()) {
      limits.Erase(Key::kQos);  // A list that held no other: it inherits now.
    } else {
      limits.Set(Key::kQos, list);
    }
    db->QosChanged(key);
  }
  for (const World::OtherKey& key : removal.others) {
    Atom& list = world.others.at(key).qos;
    list = Without(list, removal.names);
  }
  return outcome;
}

}  // namespace assocsync::slurm
