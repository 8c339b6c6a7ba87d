// QOS definitions, and the classification of the cluster.
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/model/value.h"
#include "engine/slurm/commands.h"

namespace assocsync::slurm {
namespace {

RowRef QosRef(Name name) { return {Name(), {name, Name(), Name()}}; }

// The command line takes minutes, or [days-]hours:minutes:seconds, where the
// file has seconds (slurm-facts 1.6, 2.4b).
absl::StatusOr<uint64_t> ExemptSeconds(absl::string_view raw) {
  uint64_t minutes = 0;
  if (absl::SimpleAtoi(raw, &minutes)) return minutes * 60;
  absl::string_view clock = raw;
  uint64_t days = 0;
  if (const size_t dash = raw.find('-'); dash != absl::string_view::npos) {
    if (!absl::SimpleAtoi(raw.substr(0, dash), &days)) {
      return absl::InvalidArgumentError("not a time");
    }
    clock = raw.substr(dash + 1);
  }
  uint64_t seconds = 0;
  const std::vector<absl::string_view> parts = absl::StrSplit(clock, ':');
  if (parts.size() != 3) return absl::InvalidArgumentError("not a time");
  for (const absl::string_view part : parts) {
    uint64_t number = 0;
    if (!absl::SimpleAtoi(part, &number)) {
      return absl::InvalidArgumentError("not a time");
    }
    seconds = seconds * 60 + number;
  }
  return days * 86400 + seconds;
}

struct QosChange {
  Key key;
  bool clear = false;
  Name value;
  std::vector<std::string> cleared_tres;
};

Verdict ParseChange(const SlurmdbdTables& db, const Setting& setting,
                    std::vector<QosChange>* changes) {
  const std::optional<Key> key = OptionNamed(setting.key, true);
  if (!key.has_value() || setting.op != Setting::Op::kSet) {
    return Unknown(absl::StrCat("'", setting.key, "' of a QOS"));
  }
  QosChange change{*key, false, {}, {}};
  if (change.key == Key::kQosLimitFactor && setting.value == "0") {
    return Unknown("a LimitFactor of 0, which changes nothing");
  }
  const KeyInfo& info = Info(change.key);
  const absl::string_view raw = setting.value;
  if (change.key == Key::kQosPreempt) {
    for (const absl::string_view name : Elements(raw)) {
      if (db.state().complete && !db.state().qos.contains(Name(name))) {
        return Refused(absl::StrCat("there is no QOS '", name, "'"));
      }
    }
  }
  if (info.kind == Kind::kTres) {
    const Verdict read =
        ReadTres(db, change.key, raw, &change.value, &change.cleared_tres);
    if (!read.ok()) return read;
  } else if (change.key == Key::kQosPreemptExemptTime && raw != "-1") {
    const auto seconds = ExemptSeconds(raw);
    if (!seconds.ok()) return Unknown("that time");
    change.value = Name(absl::StrCat(*seconds));
  } else if (raw == "-1") {
    change.clear = true;
  } else if (raw.empty() && info.kind != Kind::kText &&
             change.key != Key::kQosPreempt) {
    return Unknown("an empty value");
  } else {
    const auto value = Canonical(change.key, raw);
    if (!value.ok()) return Unknown(value.status().message());
    change.clear = !value->set;
    change.value = Name(value->text);
  }
  const auto unknown =
      UnknownTo(db.behaviour().words.series, db.behaviour().words.point,
                change.key, change.value.view());
  if (!unknown.empty()) {
    return Refused(absl::StrCat("this release does not know ", unknown[0]));
  }
  // What dump does not print is not set.
  if ((change.key == Key::kQosPriority && change.value.view() == "0") ||
      (change.key == Key::kQosUsageFactor && change.value.view() == "1")) {
    change.clear = true;
  }
  changes->push_back(std::move(change));
  return {};
}

void Apply(const std::vector<QosChange>& changes, Fields* fields) {
  for (const QosChange& change : changes) {
    if (change.clear) {
      fields->Erase(change.key);
    } else if (Info(change.key).kind == Kind::kTres) {
      MergeTres(change.key, change.value, change.cleared_tres, fields);
    } else {
      fields->Set(change.key, change.value);
    }
  }
}

// A circle of preemption is refused (slurm-facts 4.8).
Verdict CheckPreempt(const Tree& tree, const std::vector<Name>& names,
                     Name list) {
  if (list.empty()) return {};
  if (!tree.lists_qos) return Unknown("whether preemption runs in a circle");
  absl::btree_set<Name> reached;
  std::vector<Name> todo;
  const auto reach = [&](Name more) {
    for (const absl::string_view element : Elements(more.view())) {
      if (reached.insert(Name(element)).second) todo.push_back(Name(element));
    }
  };
  reach(list);
  for (size_t i = 0; i < todo.size(); ++i) {
    reach(FieldOf(tree.qos, todo[i], Key::kQosPreempt));
  }
  const bool circle =
      absl::c_any_of(names, [&](Name name) { return reached.contains(name); });
  return circle ? Refused("QOS would preempt each other in a circle")
                : Verdict();
}

}  // namespace

Verdict ParseQosNames(absl::string_view list, std::vector<Name>* names) {
  for (const absl::string_view text : absl::StrSplit(list, ',')) {
    if (text.empty() || FoldName(text) != text || IsOdd(text) ||
        !WhyNotAddressable(text).empty()) {
      return Unknown("that name of a QOS");
    }
    const Name name(text);
    if (!absl::c_linear_search(*names, name)) names->push_back(name);
  }
  return {};
}

Outcome AddQos(SlurmdbdTables* db, const Command& command) {
  std::vector<Name> names;
  std::vector<QosChange> changes;
  Verdict v;
  for (const Setting& setting : command.set) {
    if (!v.ok()) break;
    v = setting.key == "name" ? ParseQosNames(setting.value, &names)
                              : ParseChange(*db, setting, &changes);
  }
  if (v.ok() && names.empty()) v = Unknown("no name");
  if (!v.ok()) return v;
  Outcome outcome;
  DatabaseState& state = db->EditState();
  for (const Name name : names) {
    if (state.qos.contains(name)) continue;
    state.qos.insert(name);
    if (state.tree.lists_qos) {
      Fields& fields = state.tree.qos[name].fields;
      fields.Set(Key::kQosDescription, name);
      Apply(changes, &fields);
    }
    Touch(&outcome, What::kQos, QosRef(name), How::kAdded);
  }
  if (outcome.touched.empty()) return Nothing("all are there already");
  return outcome;
}

Outcome ModifyQos(SlurmdbdTables* db, const Command& command) {
  Args where(command.where);
  const Setting* const name = where.Take("name");
  Verdict v = where.Finish();
  if (v.ok() && name == nullptr) v = Unknown("no name");
  std::vector<Name> names;
  if (v.ok()) v = ParseQosNames(name->value, &names);
  if (v.ok()) v = CheckReadBack(names);
  std::vector<QosChange> changes;
  for (const Setting& setting : command.set) {
    if (v.ok()) v = ParseChange(*db, setting, &changes);
  }
  for (const QosChange& change : changes) {
    if (v.ok() && change.key == Key::kQosPreempt) {
      v = CheckPreempt(db->tree(), names, change.value);
    }
  }
  if (!v.ok()) return v;
  Outcome outcome;
  DatabaseState& state = db->EditState();
  for (const Name qos : names) {
    if (state.complete && !state.qos.contains(qos)) continue;
    if (state.tree.lists_qos) Apply(changes, &state.tree.qos[qos].fields);
    Touch(&outcome, What::kQos, QosRef(qos), How::kModified);
  }
  if (outcome.touched.empty()) return Nothing("there is no such QOS");
  return outcome;
}

Outcome ModifyCluster(SlurmdbdTables* db, const Command& command) {
  Args where(command.where);
  const Setting* const name = where.Take("name");
  Args set(command.set);
  const Setting* const classification = set.Take("classification");
  Verdict v = where.Finish();
  if (v.ok()) v = set.Finish();
  if (v.ok() && (name == nullptr || classification == nullptr)) {
    v = Unknown("a cluster's options but Classification");
  }
  if (v.ok()) v = CheckCluster(*db, name);
  if (!v.ok()) return v;
  const auto value = Canonical(Key::kClassification, classification->value);
  if (!value.ok() || !value->set) return Unknown("that Classification");
  db->EditState().tree.cluster_fields.Set(Key::kClassification,
                                          Name(value->text));
  return Outcome();
}

}  // namespace assocsync::slurm
