#include "engine/slurm/limits.h"

#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/maps.h"
#include "engine/model/value.h"

namespace assocsync::slurm {
namespace {

// Where a release does the rest, it is not known what that leaves
// (slurm-facts 1.6).
Verdict NotThere(const SlurmdbdTables& db, absl::string_view kind,
                 absl::string_view name) {
  const std::string reason =
      absl::StrCat("there is no ", kind, " '", name, "'");
  return db.behaviour().refuses_unknown_names ? Refused(reason)
                                              : Unknown(reason);
}

}  // namespace

Verdict Nothing(absl::string_view reason) {
  return {Outcome::Result::kNothing, std::string(reason)};
}
Verdict Refused(absl::string_view reason) {
  return {Outcome::Result::kRefused, std::string(reason)};
}
Verdict Unknown(absl::string_view reason) {
  return {Outcome::Result::kUnknown, std::string(reason)};
}

std::optional<Key> OptionNamed(absl::string_view word, bool of_qos) {
  static const auto* const words = [] {
    auto* const all =
        new absl::flat_hash_map<std::pair<bool, std::string>, Key>;
    for (const KeyInfo& info : AllKeys()) {
      const bool qos = info.scope == Scope::kQos;
      if (qos || info.scope == Scope::kAssoc ||
          info.scope == Scope::kUserAssoc) {
        (*all)[{qos, absl::AsciiStrToLower(info.word())}] = info.key;
      }
    }
    return all;
  }();
  const Key* const key = FindIn(*words, {of_qos, absl::AsciiStrToLower(word)});
  return key == nullptr ? std::nullopt : std::optional(*key);
}

bool LimitChanges::IsLimit(absl::string_view key) {
  return OptionNamed(key, false).has_value();
}

Verdict LimitChanges::Add(const SlurmdbdTables& db, const Setting& setting,
                          bool users) {
  const Key key = *OptionNamed(setting.key, false);
  if (key == Key::kQos) return AddQos(db, setting);
  if (setting.op != Setting::Op::kSet) {
    return Unknown("+= and -= are for QOS lists only");
  }
  for (const Change& change : changes_) {
    if (change.key == key) return Unknown("one option is given twice");
  }
  if (key == Key::kComment) {
    if (!db.behaviour().has_comment) {
      return Refused("this release knows no Comment");
    }
    if (!users) return Unknown("Comment of an account's row");
  }
  if (Info(key).kind == Kind::kTres) return AddTres(db, key, setting);
  const auto value = Canonical(key, setting.value);
  if (!value.ok()) return Unknown(value.status().message());
  if (key == Key::kDefaultQos) {
    touches_qos_ = true;
    if (setting.value.empty()) return Unknown("DefaultQOS without a name");
    if (value->set && setting.value != "-1" && db.state().complete &&
        !db.state().qos.contains(Name(value->text))) {
      return NotThere(db, "QOS", value->text);
    }
  }
  // (A Comment of -1 is a text: nothing makes it NULL again, seen on 24.11 and
  // 26.05.)
  if ((setting.value == "-1" && key != Key::kComment) || !value->set) {
    changes_.push_back({Change::What::kClear, key, {}, {}});
  } else {
    changes_.push_back({Change::What::kSet, key, Name(value->text), {}});
  }
  return {};
}

// slurm-facts 4.6: items are merged into the row's list, `item=-1` takes one
// away.
Verdict ReadTres(const SlurmdbdTables& db, Key key, absl::string_view raw,
                 Name* set, std::vector<std::string>* cleared) {
  std::string items;
  for (const absl::string_view item : absl::StrSplit(raw, ',')) {
    const size_t equals = item.rfind('=');
    if (equals == absl::string_view::npos || equals == 0) {
      return Unknown(absl::StrCat("'", item, "' is no TRES=count"));
    }
    const std::string name = absl::AsciiStrToLower(item.substr(0, equals));
    if (db.state().complete && !db.state().tres.contains(Name(name))) {
      return NotThere(db, "TRES", name);
    }
    const absl::string_view count = item.substr(equals + 1);
    if (count == "-1") {
      cleared->push_back(name);
      continue;
    }
    // It reads the number up to the point, and no unit: seen on all four.
    if (absl::StrContains(count, '.')) {
      return Unknown(
          absl::StrCat("'", item, "', of which sacctmgr takes a part"));
    }
    absl::StrAppend(&items, items.empty() ? "" : ",", item);
  }
  if (items.empty()) return {};
  const auto value = Canonical(key, items);
  if (!value.ok()) return Unknown(value.status().message());
  *set = Name(value->text);
  for (const TresItem& item : TresItems(set->view())) {
    if (absl::c_linear_search(*cleared, item.first)) {
      return Unknown("one TRES is given twice");
    }
  }
  return {};
}

Verdict LimitChanges::AddTres(const SlurmdbdTables& db, Key key,
                              const Setting& setting) {
  Change change{Change::What::kTres, key, {}, {}};
  const Verdict read =
      ReadTres(db, key, setting.value, &change.value, &change.elements);
  if (read.ok()) changes_.push_back(std::move(change));
  return read;
}

Verdict LimitChanges::AddQos(const SlurmdbdTables& db, const Setting& setting) {
  touches_qos_ = true;
  const bool first = absl::c_none_of(
      changes_, [](const Change& change) { return change.key == Key::kQos; });
  if (setting.value.empty()) {
    if (setting.op != Setting::Op::kSet || !first) {
      return Unknown("an empty QOS list among others");
    }
    changes_.push_back({Change::What::kClear, Key::kQos, {}, {}});
    return {};
  }
  std::vector<std::string> elements;
  for (const absl::string_view raw : absl::StrSplit(setting.value, ',')) {
    std::string element = absl::AsciiStrToLower(raw);
    if (setting.op != Setting::Op::kSet) {
      if (IsQosDelta(element)) return Unknown("a signed name after += or -=");
      element.insert(0, setting.op == Setting::Op::kAdd ? "+" : "-");
    }
    const absl::string_view name = QosNamed(element);
    if (name.empty()) return Unknown("an empty name in a QOS list");
    if (db.state().complete && !db.state().qos.contains(Name(name))) {
      return NotThere(db, "QOS", name);
    }
    elements.push_back(std::move(element));
  }
  const auto edits = absl::c_count_if(elements, IsQosDelta);
  if (edits == 0) {
    if (!first) return Unknown("two QOS lists in one command");
    const std::vector<absl::string_view> views(elements.begin(),
                                               elements.end());
    changes_.push_back(
        {Change::What::kSet, Key::kQos, Name(JoinElements(views)), {}});
    return {};
  }
  if (edits != static_cast<ptrdiff_t>(elements.size())) {
    return Unknown("a QOS list of names and of changes");
  }
  for (Change& change : changes_) {
    if (change.key != Key::kQos) continue;
    // In one command the plain list wins, whatever the order (slurm-facts 4.6).
    if (change.what != Change::What::kQosEdits) {
      return Unknown("a QOS list and changes to it in one command");
    }
    change.elements.insert(change.elements.end(), elements.begin(),
                           elements.end());
    return {};
  }
  changes_.push_back({Change::What::kQosEdits, Key::kQos, {}, elements});
  return {};
}

void SetOrErase(Key key, Name value, Fields* fields) {
  if (value.empty()) {
    fields->Erase(key);
  } else {
    fields->Set(key, value);
  }
}

void MergeTres(Key key, Name set, const std::vector<std::string>& removed,
               Fields* fields) {
  absl::btree_map<absl::string_view, uint64_t> items;
  const Name before = fields->Get(key);
  for (const TresItem& item : TresItems(before.view())) items.insert(item);
  for (const TresItem& item : TresItems(set.view())) {
    items[item.first] = item.second;
  }
  for (const std::string& name : removed) items.erase(name);
  SetOrErase(key, Name(JoinTres({items.begin(), items.end()})), fields);
}

namespace {

// One `+name` or `-name` on the row's list (slurm-facts 4.6).
void EditQos(const Behaviour& behaviour, absl::string_view edit,
             Fields* limits) {
  const Name* const own = limits->Find(Key::kQos);
  const bool explicit_list = own != nullptr && !IsQosDelta(own->view()) &&
                             (!own->empty() || behaviour.keeps_empty_qos_list);
  const absl::string_view name = edit.substr(1);
  const Name before = own == nullptr ? Name() : *own;
  std::vector<absl::string_view> left;
  for (const absl::string_view element : Elements(before.view())) {
    if (element.substr(explicit_list ? 0 : 1) != name) left.push_back(element);
  }
  if (!explicit_list) {
    left.push_back(edit);
  } else if (edit[0] == '+') {
    left.push_back(name);
  } else if (left.empty() && !behaviour.keeps_empty_qos_list) {
    left.push_back(edit);  // It inherits from now on, all but this one.
  }
  limits->Set(Key::kQos, Name(JoinElements(left)));
}

}  // namespace

void LimitChanges::Apply(const Behaviour& behaviour, Fields* limits) const {
  for (const Change& change : changes_) {
    switch (change.what) {
      case Change::What::kSet:
        limits->Set(change.key, change.value);
        break;
      case Change::What::kClear:
        limits->Erase(change.key);
        break;
      case Change::What::kTres:
        MergeTres(change.key, change.value, change.elements, limits);
        break;
      case Change::What::kQosEdits:
        for (const std::string& edit : change.elements) {
          EditQos(behaviour, edit, limits);
        }
        break;
    }
  }
}

// Which QOS a row reaches is computed here once more, apart from model/walk.h:
// the planner decides by that one, and the proof runs its commands on this one.
// Were they the same, a fault of it would prove itself. The question is another
// too: one name, for each row that a command touches, so that no list is made.
namespace {

// The nearest that an account at or above `account` has under `key`; empty:
// none has any.
Name NearestQos(const SlurmdbdTables& db, Key key, Name account) {
  size_t steps = db.tree().associations.size() + 1;
  for (Name at = db.QosRowFrom(account); !at.empty() && steps-- > 0;) {
    const Association& row = *db.Find({at, {}, {}});
    const Name value = row.limits.Get(key);
    if (!value.empty()) return value;
    at = db.QosRowFrom(row.parent);
  }
  return Name();
}

// What a row's own list says of `name`; nullopt: nothing, those above do.
std::optional<bool> Says(const Fields& limits, absl::string_view name) {
  const Name* const list = limits.Find(Key::kQos);
  if (list == nullptr) return std::nullopt;
  const std::vector<absl::string_view> elements = Elements(list->view());
  if (!IsQosDelta(list->view())) {
    return absl::c_linear_search(elements, name);
  }
  for (auto element = elements.rbegin(); element != elements.rend();
       ++element) {
    if (QosNamed(*element) == name) return (*element)[0] == '+';
  }
  return std::nullopt;
}

bool Reaches(const SlurmdbdTables& db, const Fields& limits, Name account,
             absl::string_view name) {
  std::optional<bool> said = Says(limits, name);
  size_t steps = db.tree().associations.size() + 1;
  for (Name at = db.QosRowFrom(account);
       !said.has_value() && !at.empty() && steps-- > 0;) {
    const Association& row = *db.Find({at, {}, {}});
    said = Says(row.limits, name);
    at = db.QosRowFrom(row.parent);
  }
  return said.value_or(false);
}

}  // namespace

bool LimitChanges::ReachesDefault(const SlurmdbdTables& db,
                                  const Fields& limits, Name account) const {
  if (db.behaviour().new_default_asked_of_all_rows) {
    for (const Change& change : changes_) {
      if (change.key == Key::kDefaultQos && change.what == Change::What::kSet) {
        return Reaches(db, limits, account, change.value.view());
      }
    }
  }
  return ReachesDefaultQos(db, limits, account);
}

bool ReachesDefaultQos(const SlurmdbdTables& db, const Fields& limits,
                       Name account) {
  Name name = limits.Get(Key::kDefaultQos);
  if (name.empty() && db.may_have_default_qos()) {
    name = NearestQos(db, Key::kDefaultQos, account);
  }
  return name.empty() || Reaches(db, limits, account, name.view());
}

}  // namespace assocsync::slurm
