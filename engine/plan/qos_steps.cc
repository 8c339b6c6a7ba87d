// QOS definitions, and the order in which QOS lists and DefaultQOS change.
//
// slurmdbd refuses a list in which the default QOS that holds for the row, its
// own or an inherited one, or for a row below, cannot be reached (slurm-facts
// 4.6). And users submit while a plan runs. So:
//
// 1. QosDefinitions: QOS come and change before any list names them. Preempt
//    comes last, when each QOS that it names is there.
// 2. PinQos: a row for which a default could be out of reach at any moment gets
//    an explicit list of all that it reaches now and later, with every default
//    that may hold for it meanwhile; so does a row that would lack a QOS
//    meanwhile (qos_meanwhile.h). Then lists, defaults and parents may change
//    in any order.
// 3. LimitsToAdd: new rows come with such a list.
// 4. FinalQos: from the top down each pinned row gets what was asked for.
// 5. slurmctld is reminded of what it forgot on the way.
// 6. DeleteQos, when no list names them any more.

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "engine/base/maps.h"
#include "engine/model/finding.h"
#include "engine/model/value.h"
#include "engine/model/walk.h"
#include "engine/plan/planner.h"
#include "engine/plan/qos_meanwhile.h"

namespace assocsync {
namespace {

constexpr int kUserLevel = 1 << 30;  // Below any account.

Name JoinedName(const QosNames& names) {
  return Name(JoinElements({names.begin(), names.end()}));
}

Command ModifyQosDefinition(Name name, const FieldChanges& fields) {
  return Command::Modify(Command::Entity::kQos, {{"name", name.str()}},
                         SettingsFor(fields));
}

Command AddQosDefinition(Name name, const FieldChanges& fields) {
  std::vector<Setting> set = SettingsFor(fields);
  set.insert(set.begin(), {"name", name.str()});
  return Command::Add(Command::Entity::kQos, std::move(set));
}

Name OwnQos(const Association* row) {
  return row == nullptr ? Name() : row->limits.Get(Key::kQos);
}

Name OwnDefault(const Association* row) {
  return row == nullptr ? Name() : row->limits.Get(Key::kDefaultQos);
}

const Association* FindRow(const Tree& tree, const AssocKey& key) {
  return FindIn(tree.associations, key);
}

}  // namespace

// 1.

void Planner::QosDefinitions(const std::vector<Change>& changes) {
  const auto without_preempt = [](const FieldChanges& fields) {
    FieldChanges out;
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
    FieldChanges fields = without_preempt(change.fields);
    if (fields.size() != change.fields.size()) preempt.push_back(&change);
    if (!add && fields.empty()) continue;
    if (add && (fields.empty() || fields[0].key != Key::kQosDescription)) {
      // Left out, it would be the name.
      fields.insert(fields.begin(),
                    {Key::kQosDescription, change.row.account, std::nullopt});
    }
    Emit(Phase::kQos,
         (add ? AddQosDefinition : ModifyQosDefinition)(change.row.account,
                                                        fields),
         add ? absl::StrCat("add QOS ", change.row.account.view())
             : absl::StrCat("QOS ", change.row.account.view(), ": ",
                            WhyOf(fields)));
  }
  // First what goes, so that no moment has a preemption loop; then what comes,
  // when every QOS exists.
  for (const bool coming : {false, true}) {
    for (const Change* change : preempt) {
      const Record* const have = FindIn(now().qos, change->row.account);
      if (have == nullptr) continue;
      const Name from = have->fields.Get(Key::kQosPreempt);
      const Name want =
          expected_.qos.at(change->row.account).fields.Get(Key::kQosPreempt);
      Name to = want;
      if (!coming) {
        QosNames stay;
        for (absl::string_view name : Elements(from.view())) {
          if (HasElement(want.view(), name)) stay.insert(name);
        }
        to = JoinedName(stay);
      }
      if (from == to) continue;
      const FieldChanges fields = {{Key::kQosPreempt, from, to}};
      Emit(Phase::kQos, ModifyQosDefinition(change->row.account, fields),
           absl::StrCat("QOS ", change->row.account.view(), ": ",
                        WhyOf(fields)));
    }
  }
}

// 2.

// The accounts above a row, now or later, and what happens there.
struct Planner::Chain {
  absl::btree_set<Name> defaults;  // DefaultQOS of any of them, now or later.
  bool list_changes = false;       // A list or a parent changes.
  bool default_changes = false;
};

Planner::Chain Planner::ChainAbove(const AssocKey& key) const {
  Chain chain;
  std::vector<Name> todo;
  absl::btree_set<Name> seen;
  const auto climb = [&](const AssocKey& from) {
    for (const Tree* tree : {&live_.tree, &expected_}) {
      const Association* const row = FindRow(*tree, from);
      if (row == nullptr) continue;
      const Name above = HangsOn(from, *row);
      if (!above.empty() && seen.insert(above).second) todo.push_back(above);
    }
  };
  climb(key);
  while (!todo.empty()) {
    const AssocKey at{todo.back(), {}, {}};
    todo.pop_back();
    const Association* const live = FindRow(live_.tree, at);
    const Association* const want = FindRow(expected_, at);
    for (const Association* row : {live, want}) {
      if (!OwnDefault(row).empty()) chain.defaults.insert(OwnDefault(row));
    }
    if (live != nullptr && want != nullptr) {
      // A move brings other lists and other defaults.
      const bool moves = live->parent != want->parent;
      chain.list_changes |= moves || OwnQos(live) != OwnQos(want);
      chain.default_changes |= moves || OwnDefault(live) != OwnDefault(want);
    }
    climb(at);
  }
  return chain;
}

namespace {

// The common case that needs no pin: the list comes, through rows that only
// inherit, from one explicit list that stays explicit and holds the defaults
// before and after.
bool SafeThroughOneList(const Tree& live, const Tree& expected,
                        const AssocKey& key,
                        const absl::btree_set<Name>& defaults) {
  AssocKey at = key;
  while (true) {
    const Association* const l = FindRow(live, at);
    const Association* const e = FindRow(expected, at);
    if (l == nullptr || e == nullptr) return false;
    if (IsQosList(OwnQos(l).view()) && IsQosList(OwnQos(e).view())) {
      const QosNames before = EffectiveQos(live, at);
      const QosNames after = EffectiveQos(expected, at);
      return absl::c_all_of(defaults, [&](Name d) {
        return before.contains(d.view()) && after.contains(d.view());
      });
    }
    const Name above = HangsOn(at, *l);
    if (!OwnQos(l).empty() || !OwnQos(e).empty() || above.empty() ||
        above != HangsOn(at, *e)) {
      return false;
    }
    at = {above, {}, {}};
  }
}

}  // namespace

bool Planner::NewDefaultAskedOfAllRows() const {
  return absl::c_any_of(sims_, [](const Slurmdbd& sim) {
    return sim.behaviour().new_default_asked_of_all_rows;
  });
}

bool Planner::AnyDefaultQos(const std::vector<Change>& changes) const {
  return absl::c_any_of(changes,
                        [](const Change& change) {
                          return change.Names(Key::kDefaultQos);
                        }) ||
         absl::c_any_of(live_.tree.associations, [](const auto& entry) {
           return entry.second.limits.Has(Key::kDefaultQos);
         });
}

void Planner::PinQos(const std::vector<Change>& changes) {
  const bool quiet = absl::c_none_of(changes, [](const Change& change) {
    return change.moves() || change.Names(Key::kQos) ||
           change.Names(Key::kDefaultQos);
  });
  if (quiet) return;
  const auto for_defaults = DefaultPins();
  auto pins = QosPins({live_.tree, live_down_}, {expected_, expected_down_},
                      MovesByWayOfRoot(), for_defaults);
  // From the bottom up, because of an account slurmdbd asks that all below it
  // reach their default.
  std::vector<AssocKey> order;
  for (const auto& [key, names] : pins) {
    if (!key.is_account()) order.push_back(key);
  }
  for (auto account = live_down_.rbegin(); account != live_down_.rend();
       ++account) {
    const AssocKey key{account->name, {}, {}};
    if (pins.contains(key)) order.push_back(key);
  }
  std::vector<RowEdit> edits;
  absl::btree_map<AssocKey, Name> lists;
  for (const AssocKey& key : order) {
    QosNames& names = pins.at(key);
    if (any_default_qos_ && !for_defaults.contains(key)) {
      for (const Tree* const tree : {&live_.tree, &expected_}) {
        const Name own = OwnDefault(FindRow(*tree, key));
        if (!own.empty()) names.insert(own.view());
      }
      for (const Name name : ChainAbove(key).defaults) {
        names.insert(name.view());
      }
    }
    const Name list = lists[key] = JoinedName(names);
    if (list == OwnQos(FindRow(live_.tree, key))) continue;
    edits.push_back({key,
                     {Say(Key::kQos, list.str())},
                     for_defaults.contains(key)
                         ? "keep default QOS reachable while lists change"
                         : "keep QOS of both while lists change"});
  }
  EmitOptional(Phase::kPinQos, edits);
  for (const auto& [key, list] : lists) {
    if (OwnQos(FindRow(now(), key)) == list) pinned_.insert(key);
  }
}

// Rows whose default QOS could be out of reach at some moment.
absl::btree_map<AssocKey, QosNames> Planner::DefaultPins() const {
  absl::btree_map<AssocKey, QosNames> pins;
  if (!any_default_qos_) return pins;
  for (const auto& [key, row] : live_.tree.associations) {
    // A row that will be deleted stays as it is until then.
    const Association* const kept = FindRow(expected_, key);
    const Association* const want = kept == nullptr ? &row : kept;
    const Name had = OwnQos(&row);
    const Name gets = OwnQos(want);
    const Name default_had = OwnDefault(&row);
    const Name default_gets = OwnDefault(want);
    // A row that only inherits, lists and default alike, is as the row above.
    if (had.empty() && gets.empty() && default_had.empty() &&
        default_gets.empty()) {
      continue;
    }
    const bool own_default = !default_had.empty() && !default_gets.empty() &&
                             !NewDefaultAskedOfAllRows();
    const bool own_list = IsQosList(had.view()) && IsQosList(gets.view());
    if (own_list && own_default) continue;  // One command does both.
    Chain chain = ChainAbove(key);
    if (own_default) chain.defaults.clear();
    for (Name name : {default_had, default_gets}) {
      if (!name.empty()) chain.defaults.insert(name);
    }
    const bool moves = row.parent != want->parent;
    if (had == gets && default_had == default_gets && !moves &&
        !chain.default_changes && (own_list || !chain.list_changes)) {
      continue;
    }
    if (chain.defaults.empty()) continue;
    if (!moves &&
        SafeThroughOneList(live_.tree, expected_, key, chain.defaults)) {
      continue;
    }
    QosNames all = EffectiveQos(live_.tree, key);
    if (kept != nullptr) {
      for (absl::string_view name : EffectiveQos(expected_, key)) {
        all.insert(name);
      }
    }
    for (Name name : chain.defaults) all.insert(name.view());
    pins.emplace(key, std::move(all));
  }
  return pins;
}

// 3.

// The limits with which a new row is added: its explicit list with room for the
// defaults that it inherits meanwhile, unless its own default comes with it.
Fields Planner::LimitsToAdd(const AssocKey& key) {
  Fields limits = expected_.associations.at(key).limits;
  const Name qos = limits.Get(Key::kQos);
  if (!IsQosList(qos.view()) || !any_default_qos_) return limits;
  const std::vector<absl::string_view> list = Elements(qos.view());
  QosNames all(list.begin(), list.end());
  const Name own = limits.Get(Key::kDefaultQos);
  if (!own.empty() && all.contains(own.view()) && !NewDefaultAskedOfAllRows()) {
    return limits;
  }
  for (Name name : ChainAbove(key).defaults) all.insert(name.view());
  const Name wide = JoinedName(all);
  if (wide != qos) {
    limits.Set(Key::kQos, wide);
    pinned_.insert(key);
  }
  return limits;
}

// 4.

void Planner::FinalQos(const std::vector<Change>& changes) {
  const Levels levels = FinalLevels(changes);
  const absl::btree_set<Name> held = DefaultsInTheWay(levels);
  for (const Name account : held) {
    SetDefaultQos(account, Name(),
                  "DefaultQOS out of the way of the lists below");
  }
  absl::btree_set<AssocKey> said;  // Changes, after all that is above them.
  for (const auto& [level, rows] : levels) {
    if (level == kUserLevel) RemindOfMoves();
    for (const auto edit_of :
         {&Planner::ListEdit, &Planner::DeltaEdit, &Planner::DefaultEdit}) {
      std::vector<RowEdit> edits;
      for (const AssocKey& key : rows) {
        if (edit_of == &Planner::DefaultEdit && key.is_account() &&
            held.contains(key.account)) {
          continue;
        }
        const Association* const row = FindRow(now(), key);
        if (row == nullptr) continue;
        RowEdit edit = (this->*edit_of)(key, *row);
        if (edit.set.empty()) continue;
        if (edit_of == &Planner::DeltaEdit) said.insert(key);
        edits.push_back(std::move(edit));
      }
      EmitModify(Phase::kFinalQos, edits);
    }
  }
  for (const Name account : held) {
    const Name want = OwnDefault(FindRow(expected_, {account, {}, {}}));
    SetDefaultQos(account, want, absl::StrCat("DefaultQOS -> ", want.view()));
  }
  RemindOfChanges(said);
}

// What FinalQos looks at: what is pinned, new rows that say anything of QOS,
// and changes to what is inherited. Rows of one level do not depend on each
// other, and so share commands.
Planner::Levels Planner::FinalLevels(const std::vector<Change>& changes) const {
  auto depth = DepthsOf(expected_down_);
  Levels levels;
  levels[kUserLevel];  // Always a time for RemindOfMoves.
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
            : IsQosDelta(want.Get(Key::kQos).view())) {
      consider(change.row);
    }
  }
  return levels;
}

// Slurm holds trees in which the DefaultQOS that a row inherits is not in the
// row's list: only the account that gets the default, and its users, are
// asked, not the accounts below. The list of such a row is refused as long as
// the default is there. The accounts that it comes from, of those in `levels`.
absl::btree_set<Name> Planner::DefaultsInTheWay(const Levels& levels) const {
  absl::btree_set<Name> accounts;
  if (!any_default_qos_) return accounts;
  for (const auto& [level, rows] : levels) {
    for (const AssocKey& key : rows) {
      AssocKey from = key;
      Name name;  // The nearest default, and where it is.
      Climb(expected_, key, [&](const AssocKey& at, const Association& row) {
        from = at;
        name = OwnDefault(&row);
        return name.empty();
      });
      if (name.empty() || from == key) continue;
      if (!EffectiveQos(expected_, key).contains(name.view())) {
        accounts.insert(from.account);
      }
    }
  }
  return accounts;
}

void Planner::SetDefaultQos(Name account, Name qos, absl::string_view why) {
  const Association* const row = FindRow(now(), {account, {}, {}});
  if (row == nullptr || OwnDefault(row) == qos) return;
  Emit(Phase::kFinalQos,
       ModifyAccounts({account}, cluster(),
                      {Say(Key::kDefaultQos, qos.empty() ? "-1" : qos.str())}),
       absl::StrCat(account.view(), ": ", why));
}

// The list that was asked for; what ends with a change to what it inherits,
// inherits first: a change is set in a command of its own.
RowEdit Planner::ListEdit(const AssocKey& key, const Association& row) const {
  const Name from = OwnQos(&row), to = OwnQos(FindRow(expected_, key));
  const bool delta = IsQosDelta(to.view());
  const Name first = delta ? Name() : to;
  if (from == to || from == first) return {};
  RowEdit edit{key,
               {Say(Key::kQos, first.str())},
               absl::StrCat("QOS ", from.view(), " -> ",
                            first.empty() ? "(inherit)" : first.view())};
  const Name own_default = OwnDefault(&row);
  if (delta && !own_default.empty() &&
      !EffectiveQos(now(), {HangsOn(key, row), {}, {}})
           .contains(own_default.view())) {
    edit.set.push_back(Say(Key::kDefaultQos, "-1"));
  }
  return edit;
}

// The change to what it inherits; with its own default at once, because the
// change may take the inherited one.
RowEdit Planner::DeltaEdit(const AssocKey& key, const Association& row) const {
  const Association* const want = FindRow(expected_, key);
  const Name from = OwnQos(&row), to = OwnQos(want);
  if (from == to) return {};
  RowEdit edit{key,
               {Say(Key::kQos, to.str())},
               absl::StrCat("QOS ", from.empty() ? "(inherit)" : from.view(),
                            " -> ", to.view())};
  if (const Name name = OwnDefault(want); !name.empty()) {
    edit.set.push_back(Say(Key::kDefaultQos, name.str()));
  }
  return edit;
}

RowEdit Planner::DefaultEdit(const AssocKey& key,
                             const Association& row) const {
  const Name to = OwnDefault(FindRow(expected_, key));
  if (OwnDefault(&row) == to) return {};
  return {key,
          {Say(Key::kDefaultQos, to.empty() ? "-1" : to.str())},
          absl::StrCat("DefaultQOS -> ", to.view())};
}

// 5.

namespace {

// The DefaultQOS of each account, its own or an inherited one.
absl::flat_hash_map<Name, Name> DefaultsOf(
    const std::vector<HangingAccount>& top_down) {
  absl::flat_hash_map<Name, Name> defaults;
  for (const auto& [account, row] : top_down) {
    const Name own = OwnDefault(&row);
    const Name above = defaults[row.parent];
    defaults[account] = own.empty() ? above : own;
  }
  return defaults;
}

}  // namespace

// slurmctld does not follow everything of QOS (seen on 20.11, 22.05, 24.11 and
// 26.05), until it reads the tree again or what it lacks is said once more.

// When an account moves, slurmctld keeps the QOS list and the DefaultQOS of the
// old place (24.11, 26.05), or hears no more of the list of the new one (20.11,
// 22.05). Root is such a place for what goes by way of it.
void Planner::RemindOfMoves() {
  if (moved_.empty()) return;
  const std::vector<HangingAccount> down_now = TopDown(now());
  const AccountQos before(live_down_), after(down_now);
  auto default_before = DefaultsOf(live_down_),
       default_after = DefaultsOf(down_now);
  std::vector<RowEdit> edits;
  for (const auto& [account, want] : expected_down_) {
    const auto moved = moved_.find(account);
    if (moved == moved_.end()) continue;
    const AssocKey key{account, {}, {}};
    const Association* const row = FindRow(now(), key);
    if (row == nullptr) continue;
    std::vector<Name> places = {account};
    if (moved->second) places.push_back(RootName());
    const auto anywhere = [&](auto differs) {
      return absl::c_any_of(places, differs);
    };
    std::vector<Setting> set;
    if (OwnQos(row).empty() && anywhere([&](Name place) {
          return *before.Of(place) != *after.Of(account);
        })) {
      set.push_back(Say(Key::kQos, ""));
    }
    if (OwnDefault(row).empty() && anywhere([&](Name place) {
          return default_before[place] != default_after[account];
        })) {
      set.push_back(Say(Key::kDefaultQos, "-1"));
    }
    if (set.empty()) continue;
    edits.push_back(
        {key, std::move(set), "slurmctld has the QOS of its old place"});
  }
  EmitOptional(Phase::kFinalQos, edits);
}

// When the list of an account or of the cluster is set, slurmdbd sends it for
// each row below that has no list of its own, and forgets that the row has a
// change to it: a user with QOS='+long' is then refused long. `said`: rows
// whose change was set after all that is above them.
void Planner::RemindOfChanges(const absl::btree_set<AssocKey>& said) {
  if (relisted_.empty()) return;
  absl::btree_set<Name> below;  // A list was set there, or above.
  std::vector<RowEdit> accounts, users;
  const auto remind = [&](const AssocKey& key, std::vector<RowEdit>* edits) {
    const Association* const row = FindRow(now(), key);
    if (row == nullptr || !IsQosDelta(OwnQos(row).view()) ||
        said.contains(key)) {
      return;
    }
    edits->push_back({key,
                      {Say(Key::kQos, OwnQos(row).str())},
                      "slurmctld forgot it, because a list above was set"});
  };
  for (const auto& [account, want] : expected_down_) {
    const AssocKey key{account, {}, {}};
    if (below.contains(want.parent)) {
      below.insert(account);
      remind(key, &accounts);
    }
    if (relisted_.contains(account)) below.insert(account);
  }
  for (const auto& [key, row] : expected_.associations) {
    if (!key.is_account() && below.contains(key.account)) remind(key, &users);
  }
  EmitOptional(Phase::kFinalQos, accounts);
  EmitOptional(Phase::kFinalQos, users);
}

// 6.

void Planner::DeleteQos(const std::vector<Change>& changes) {
  absl::btree_map<Name, std::vector<std::string>> users_of;
  for (const Change& change : changes) {
    if (change.what == Change::What::kQos &&
        change.how == Change::How::kRemove) {
      users_of[change.row.account];
    }
  }
  if (users_of.empty()) return;
  const auto note = [&](Name list, Name default_qos, const std::string& who) {
    for (const absl::string_view item : Elements(list.view())) {
      const auto found = users_of.find(Name(QosNamed(item)));
      if (found != users_of.end()) found->second.push_back(who);
    }
    const auto found = users_of.find(default_qos);
    if (found != users_of.end()) found->second.push_back(who);
  };
  for (const auto& [key, row] : now().associations) {
    note(row.limits.Get(Key::kQos), row.limits.Get(Key::kDefaultQos),
         key.ToString());
  }
  for (const auto& [key, row] : live_.others) {
    note(
        row.qos, row.default_qos,
        absl::StrCat("cluster ", key.cluster.view(), ": ", key.row.ToString()));
  }
  for (const auto& [name, record] : now().qos) {
    if (users_of.contains(name)) continue;
    note(record.fields.Get(Key::kQosPreempt), Name(),
         absl::StrCat("QOS ", name.view(), " (Preempt)"));
  }
  for (const auto& [name, users] : users_of) {
    if (!users.empty()) {
      only_victims = false;
      blamed.push_back({kCollateral, absl::StrCat("QOS ", name.view())});
      Refuse(kCollateral,
             absl::StrCat("QOS ", name.view(),
                          " cannot be deleted: it is still in use"),
             users);
      continue;
    }
    Emit(Phase::kDeleteQos,
         Command::Delete(Command::Entity::kQos, {{"name", name.str()}}),
         absl::StrCat("delete QOS ", name.view()));
  }
}

}  // namespace assocsync
