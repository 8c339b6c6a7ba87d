// QOS definitions, and the order in which QOS lists and DefaultQOS change.
//
// slurmdbd refuses a list in which the DefaultQOS of the row, or of a row below
// that inherits, could no longer be reached (slurm-facts 4.6). So a row whose
// effective list is going to change under its default is pinned first: it gets
// an explicit list of all that it can reach now and later. Then everything
// above may change in any order, and from the top down each pinned row gets
// what was asked for.
#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "engine/model/value.h"
#include "engine/plan/finding.h"
#include "engine/plan/planner.h"

namespace assocsync {
namespace {

using NameSet = absl::btree_set<absl::string_view>;

bool IsExplicit(Atom qos) { return !qos.empty() && !IsDelta(qos); }

// What a row can reach in `tree`: its own list, or what it inherits with its
// delta on top.
NameSet EffectiveQos(const Tree& tree, const AssocKey& key) {
  std::vector<Atom> deltas;
  AssocKey at = key;
  NameSet reach;
  // Bounded by the number of rows: a cycle cannot hold it.
  for (size_t i = 0; i <= tree.associations.size(); ++i) {
    const auto row = tree.associations.find(at);
    if (row == tree.associations.end()) break;
    const Atom qos = row->second.limits.Get(Key::kQos);
    if (IsExplicit(qos)) {
      for (absl::string_view name : Elements(qos.view())) reach.insert(name);
      break;
    }
    if (IsDelta(qos)) deltas.push_back(qos);
    at = at.is_account() ? AssocKey{row->second.parent, {}, {}}
                         : AssocKey{at.account, {}, {}};
  }
  for (auto delta = deltas.rbegin(); delta != deltas.rend(); ++delta) {
    for (absl::string_view item : Elements(delta->view())) {
      if (item[0] == '+') {
        reach.insert(item.substr(1));
      } else {
        reach.erase(item.substr(1));
      }
    }
  }
  return reach;
}

Atom JoinedAtom(const NameSet& names) {
  return Atom(JoinElements({names.begin(), names.end()}));
}

Command QosCommand(Command::Verb verb, Atom name, std::vector<Setting> set) {
  const Setting named{"name", name.str()};
  if (verb == Command::Verb::kAdd) {
    set.insert(set.begin(), named);
    return {verb, Command::Entity::kQos, {}, std::move(set)};
  }
  return {verb, Command::Entity::kQos, {named}, std::move(set)};
}

// Says for which rows the list that they inherit may change meanwhile.
class Influence {
 public:
  Influence(const Tree& live, const Tree& expected,
            const std::vector<Change>& changes)
      : live_(live), expected_(expected) {
    for (const Change& change : changes) {
      if (change.what != Change::What::kAssociation ||
          change.how != Change::How::kModify || !change.row.is_account()) {
        continue;
      }
      const bool qos =
          std::any_of(change.fields.begin(), change.fields.end(),
                      [](const FieldChange& f) { return f.key == Key::kQos; });
      if (qos || change.moves()) touched_.insert(change.row.account);
    }
  }

  bool nothing_touched() const { return touched_.empty(); }

  bool Reaches(const AssocKey& key) {
    if (key.is_account() && touched_.contains(key.account)) return true;
    return key.is_account()
               ? Above(live_, key) || Above(expected_, key)
               : Chain(live_, key.account) || Chain(expected_, key.account);
  }

  // The common case that needs no pin: the list comes, through rows that only
  // inherit, from one explicit list that stays explicit and holds the defaults
  // before and after.
  bool SafeThroughOneList(const AssocKey& key,
                          const std::vector<Atom>& defaults) {
    if (key.is_account() && touched_.contains(key.account)) return false;
    Atom at =
        key.is_account() ? live_.associations.at(key).parent : key.account;
    while (!at.empty()) {
      const AssocKey row{at, {}, {}};
      const auto l = live_.associations.find(row);
      const auto e = expected_.associations.find(row);
      if (l == live_.associations.end() || e == expected_.associations.end()) {
        return false;
      }
      const Atom had = l->second.limits.Get(Key::kQos);
      const Atom gets = e->second.limits.Get(Key::kQos);
      if (IsExplicit(had) && IsExplicit(gets)) {
        const NameSet before = EffectiveQos(live_, row);
        const NameSet after = EffectiveQos(expected_, row);
        return std::all_of(defaults.begin(), defaults.end(), [&](Atom d) {
          return before.contains(d.view()) && after.contains(d.view());
        });
      }
      if (touched_.contains(at) || !had.empty() || !gets.empty()) return false;
      at = l->second.parent;
    }
    return false;
  }

 private:
  bool Above(const Tree& tree, const AssocKey& key) {
    const auto row = tree.associations.find(key);
    return row != tree.associations.end() && Chain(tree, row->second.parent);
  }

  bool Chain(const Tree& tree, Atom account) {
    for (size_t i = 0; i <= tree.associations.size() && !account.empty(); ++i) {
      if (touched_.contains(account)) return true;
      const auto row = tree.associations.find(AssocKey{account, {}, {}});
      if (row == tree.associations.end()) return false;
      if (IsExplicit(row->second.limits.Get(Key::kQos))) return false;
      account = row->second.parent;
    }
    return false;
  }

  const Tree& live_;
  const Tree& expected_;
  absl::btree_set<Atom> touched_;
};

}  // namespace

void Planner::QosDefinitions(const std::vector<Change>& changes) {
  const auto without_preempt = [](const std::vector<FieldChange>& fields) {
    std::vector<FieldChange> out;
    for (const FieldChange& f : fields) {
      if (f.key != Key::kQosPreempt) out.push_back(f);
    }
    return out;
  };
  std::vector<const Change*> preempt;
  for (const Change& change : changes) {
    if (change.what != Change::What::kQos ||
        change.how == Change::How::kRemove) {
      continue;
    }
    const bool add = change.how == Change::How::kAdd;
    const std::vector<FieldChange> fields = without_preempt(change.fields);
    if (fields.size() != change.fields.size()) preempt.push_back(&change);
    if (!add && fields.empty()) continue;
    Emit(Phase::kQos,
         QosCommand(add ? Command::Verb::kAdd : Command::Verb::kModify,
                    change.row.account, SettingsFor(fields)),
         add ? absl::StrCat("add QOS ", change.row.account.view())
             : absl::StrCat("QOS ", change.row.account.view(), ": ",
                            WhyOf(fields)));
  }
  // First what goes, so that no moment has a preemption loop; then what comes,
  // when every QOS exists.
  for (const bool coming : {false, true}) {
    for (const Change* change : preempt) {
      const auto have = now().qos.find(change->row.account);
      if (have == now().qos.end()) continue;
      const Atom from = have->second.fields.Get(Key::kQosPreempt);
      const Atom want =
          expected_.qos.at(change->row.account).fields.Get(Key::kQosPreempt);
      Atom to = want;
      if (!coming) {
        NameSet stay;
        const auto wanted = Elements(want.view());
        for (absl::string_view name : Elements(from.view())) {
          if (std::find(wanted.begin(), wanted.end(), name) != wanted.end()) {
            stay.insert(name);
          }
        }
        to = JoinedAtom(stay);
      }
      if (from == to) continue;
      const std::vector<FieldChange> fields = {{Key::kQosPreempt, from, to}};
      Emit(Phase::kQos,
           QosCommand(Command::Verb::kModify, change->row.account,
                      SettingsFor(fields)),
           absl::StrCat("QOS ", change->row.account.view(), ": ",
                        WhyOf(fields)));
    }
  }
}

void Planner::PinQos(const std::vector<Change>& changes) {
  Influence influence(live_.tree, expected_, changes);
  std::vector<RowEdit> edits;
  bool any_own_change = false;
  for (const Change& change : changes) {
    if (change.what != Change::What::kAssociation) continue;
    for (const FieldChange& f : change.fields) {
      if (f.key == Key::kQos) any_own_change = true;
    }
  }
  if (!any_own_change && influence.nothing_touched()) return;
  for (const auto& [key, row] : live_.tree.associations) {
    const auto want = expected_.associations.find(key);
    if (want == expected_.associations.end()) continue;
    std::vector<Atom> defaults;
    for (const Fields* fields : {&row.limits, &want->second.limits}) {
      const Atom name = fields->Get(Key::kDefaultQos);
      if (!name.empty()) defaults.push_back(name);
    }
    if (defaults.empty()) continue;
    const Atom had = row.limits.Get(Key::kQos);
    const Atom gets = want->second.limits.Get(Key::kQos);
    if (IsExplicit(had) && IsExplicit(gets)) continue;  // One command does it.
    if (had == gets) {
      if (!influence.Reaches(key)) continue;
      if (had.empty() && influence.SafeThroughOneList(key, defaults)) continue;
    }
    NameSet all = EffectiveQos(live_.tree, key);
    for (absl::string_view name : EffectiveQos(expected_, key))
      all.insert(name);
    for (Atom name : defaults) all.insert(name.view());
    const Atom list = JoinedAtom(all);
    pinned_.insert(key);
    if (list == had) continue;
    edits.push_back({key,
                     {{std::string(Info(Key::kQos).name), list.str()}},
                     "keep DefaultQOS reachable while lists change"});
  }
  EmitModify(Phase::kPinQos, edits);
}

void Planner::FinalQos(const std::vector<Change>& changes) {
  std::vector<Atom> order = TopDown(expected_);
  absl::flat_hash_map<Atom, int> depth;
  for (Atom name : order) {
    const Atom parent = expected_.associations.at({name, {}, {}}).parent;
    depth[name] = parent.empty() ? 0 : depth[parent] + 1;
  }
  // Levels of accounts, then all users: rows of one level do not depend on each
  // other, and so share commands.
  absl::btree_map<int, std::vector<AssocKey>> levels;
  constexpr int kUserLevel = 1 << 30;
  const auto consider = [&](const AssocKey& key) {
    if (!expected_.associations.contains(key)) return;
    levels[key.is_account() ? depth[key.account] : kUserLevel].push_back(key);
  };
  for (const AssocKey& key : pinned_) consider(key);
  for (const Change& change : changes) {
    if (change.what != Change::What::kAssociation ||
        change.how == Change::How::kRemove || pinned_.contains(change.row)) {
      continue;
    }
    const Fields& want = expected_.associations.at(change.row).limits;
    if (change.how == Change::How::kAdd
            ? want.Has(Key::kQos) || want.Has(Key::kDefaultQos)
            : IsDelta(want.Get(Key::kQos))) {
      consider(change.row);
    }
  }
  const std::string qos_word(Info(Key::kQos).name);
  const std::string default_word(Info(Key::kDefaultQos).name);
  for (const auto& [level, rows] : levels) {
    for (const int pass : {0, 1, 2}) {
      std::vector<RowEdit> edits;
      for (const AssocKey& key : rows) {
        const auto row = now().associations.find(key);
        if (row == now().associations.end()) continue;
        const Fields& have = row->second.limits;
        const Fields& want = expected_.associations.at(key).limits;
        const Atom from = have.Get(Key::kQos);
        const Atom to = want.Get(Key::kQos);
        std::vector<Setting> set;
        std::string why;
        if (pass == 0 && from != to) {
          // A delta is set on a row that inherits, in a command of its own.
          const Atom first = IsDelta(to) ? Atom() : to;
          if (from == first) continue;
          set.push_back({qos_word, first.str()});
          why = absl::StrCat("QOS ", from.view(), " -> ",
                             first.empty() ? "(inherit)" : first.view());
          const Atom default_now = have.Get(Key::kDefaultQos);
          if (IsDelta(to) && !default_now.empty()) {
            const AssocKey above = key.is_account()
                                       ? AssocKey{row->second.parent, {}, {}}
                                       : AssocKey{key.account, {}, {}};
            if (!EffectiveQos(now(), above).contains(default_now.view())) {
              set.push_back({default_word, "-1"});
            }
          }
        } else if (pass == 1 && from != to) {
          set.push_back({qos_word, to.str()});
          why = absl::StrCat("QOS ", from.empty() ? "(inherit)" : from.view(),
                             " -> ", to.view());
        } else if (pass == 2 &&
                   have.Get(Key::kDefaultQos) != want.Get(Key::kDefaultQos)) {
          const Atom name = want.Get(Key::kDefaultQos);
          set.push_back({default_word, name.empty() ? "-1" : name.str()});
          why = absl::StrCat("DefaultQOS -> ", name.view());
        }
        if (!set.empty())
          edits.push_back({key, std::move(set), std::move(why)});
      }
      EmitModify(Phase::kFinalQos, edits);
    }
  }
}

void Planner::DeleteQos(const std::vector<Change>& changes) {
  absl::btree_map<Atom, std::vector<std::string>> users_of;
  for (const Change& change : changes) {
    if (change.what == Change::What::kQos &&
        change.how == Change::How::kRemove) {
      users_of[change.row.account];
    }
  }
  if (users_of.empty()) return;
  const auto note = [&](Atom list, Atom default_qos, const std::string& who) {
    for (absl::string_view item : Elements(list.view())) {
      if (item[0] == '+' || item[0] == '-') item.remove_prefix(1);
      const auto found = users_of.find(Atom(item));
      if (found != users_of.end()) found->second.push_back(who);
    }
    const auto found = users_of.find(default_qos);
    if (found != users_of.end()) found->second.push_back(who);
  };
  for (const auto& [key, row] : now().associations) {
    note(row.limits.Get(Key::kQos), row.limits.Get(Key::kDefaultQos),
         key.DebugString());
  }
  for (const auto& [key, row] : live_.others) {
    note(row.qos, row.default_qos,
         absl::StrCat("cluster ", key.cluster.view(), ": ",
                      key.row.DebugString()));
  }
  for (const auto& [name, record] : now().qos) {
    if (users_of.contains(name)) continue;
    note(record.fields.Get(Key::kQosPreempt), Atom(),
         absl::StrCat("QOS ", name.view(), " (Preempt)"));
  }
  for (const auto& [name, users] : users_of) {
    if (!users.empty()) {
      Refuse(kCollateral,
             absl::StrCat("QOS ", name.view(),
                          " cannot be deleted: it is still in use"),
             users);
      continue;
    }
    Emit(Phase::kDeleteQos, QosCommand(Command::Verb::kDelete, name, {}),
         absl::StrCat("delete QOS ", name.view()));
  }
}

}  // namespace assocsync
