// Users' rows: those that come, and limits.
//
// 1. What is to be said of each new row.
// 2. Where that takes less time, limits are set aside.
// 3. Rows of which the same is to be said are added in one command: those in
//    their user's default account first, then the others. A load does commands
//    that follow one another (bulk_load.h): users whom none says come before
//    all others, and what it does not say of the others after what it does.
// 4. Limits: those that were set aside, and those of rows that were there.
#include <algorithm>
#include <iterator>
#include <tuple>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/maps.h"
#include "engine/model/value.h"
#include "engine/plan/bulk_load.h"
#include "engine/plan/estimate.h"
#include "engine/plan/planner.h"

namespace assocsync {

// What is to be said of a new row of a user.
struct NewRow {
  AssocKey key;
  bool makes_default;
  Fields limits;
};

// 1.

// `modify user` takes a backslash for an escape when it sets a level or a
// default account; `add user` does not.
bool Planner::SaidByAddAlone(Name user) const {
  return absl::StrContains(user.view(), '\\');
}

// Whether the user has, or comes to have, the row's account as default, and
// that is said as the row is added.
bool Planner::AddMakesDefault(const AssocKey& row) const {
  const Record* const is = FindIn(live_.tree.users, row.user);
  const Record* const will = FindIn(expected_.users, row.user);
  if (will == nullptr || (is != nullptr && !SaidByAddAlone(row.user))) {
    return false;
  }
  // Who shall have none gets one that is certain; UserRecords clears it.
  const Name wanted = will->fields.Get(Key::kDefaultAccount);
  return (wanted == row.account || wanted.empty()) &&
         (is == nullptr || is->fields.Get(Key::kDefaultAccount) != wanted);
}

std::vector<NewRow> Planner::NewRows(const std::vector<Change>& changes) {
  // A user who is new here gets the row in the default account first, and with
  // the default said: what slurmdbd would choose differs by release (4.5).
  std::vector<NewRow> rows;
  absl::btree_set<Name> placed;
  for (const Change& change : changes) {
    if (change.what != Change::What::kAssociation ||
        change.how != Change::How::kAdd || change.row.is_account()) {
      continue;
    }
    rows.push_back(
        {change.row,
         AddMakesDefault(change.row) && placed.insert(change.row.user).second,
         SaidByAdd(LimitsToAdd(change.row))});
  }
  return rows;
}

// 2.

namespace {

// A limit that may be set a moment after its row came: it does not close the
// row, as 0 does, and no list of QOS hangs on it.
bool MayComeLater(const Field& f) {
  switch (Info(f.key).kind) {
    case Kind::kCount:
    case Kind::kFairshare:
    case Kind::kMinutes:
      return f.value.view() != "0";
    case Kind::kTres:
      return absl::c_none_of(TresItems(f.value.view()),
                             [](const TresItem& i) { return i.second == 0; });
    case Kind::kText:
    case Kind::kName:
    case Kind::kNames:
    case Kind::kAdminLevel:
    case Kind::kClassification:
    case Kind::kSeconds:
    case Kind::kQosList:
    case Kind::kFlags:
    case Kind::kPreemptMode:
    case Kind::kFactor:
      return false;
  }
  return false;
}

// Limits of new rows: those that are told with the row, and those that may come
// later.
struct Parts {
  Fields now, later;
  size_t rows = 0;  // How many have just these.
};
using PartsOfLimits = absl::flat_hash_map<const Field*, Parts>;

Parts PartsOf(const Fields& limits) {
  FieldList now, later;
  for (const Field& f : limits) {
    (MayComeLater(f) ? later : now).Set(f.key, f.value);
  }
  return {Fields(now), Fields(later)};
}

PartsOfLimits PartsOfAll(const std::vector<NewRow>& rows) {
  PartsOfLimits parts;
  for (const NewRow& row : rows) {
    const auto [at, added] = parts.try_emplace(row.limits.begin());
    if (added) at->second = PartsOf(row.limits);
    ++at->second.rows;
  }
  return parts;
}

// How many rows get just these limits later.
using RowsOfSet = absl::flat_hash_map<const Field*, size_t>;
RowsOfSet CountSets(const PartsOfLimits& parts) {
  RowsOfSet sets;
  for (const auto& [limits, part] : parts) {
    if (!part.later.empty()) sets[part.later.begin()] += part.rows;
  }
  return sets;
}

// Limits that may come later are told with their rows, or then: each value to
// all rows that get it, or all that a row gets to all rows that get just that.
// What one row alone gets is told with it even so: that is a command either
// way, and an add of one row comes while the cluster is small.
enum class Telling : uint8_t { kWithRows, kByValue, kByRow };

// One `modify` a batch of what is counted.
template <typename Counts>
UserRowCommands Modifies(const Counts& counts, size_t batch) {
  UserRowCommands modifies;
  for (const auto& [what, count] : counts) {
    modifies.commands += (count + batch - 1) / batch;
    modifies.rows += count;
  }
  return modifies;
}

// What takes the least time (estimate.h). A plan that tells limits later is
// harder to read, so that has to pay: in time, or by half of the commands.
Telling WhenToTell(const std::vector<NewRow>& rows, const PartsOfLimits& parts,
                   const RowsOfSet& sets, const Behaviour& behaviour,
                   size_t live) {
  using Add = std::tuple<Name, Name, bool, const Field*>;
  absl::flat_hash_set<Add> adds, short_adds;
  for (const NewRow& row : rows) {
    const auto add = [&](const Fields& limits) {
      return Add(row.key.account, row.key.partition, row.makes_default,
                 limits.begin());
    };
    adds.insert(add(row.limits));
    short_adds.insert(add(parts.at(row.limits.begin()).now));
  }
  absl::flat_hash_map<Field, size_t> values;
  for (const auto& [limits, part] : parts) {
    for (const Field& f : part.later) values[f] += part.rows;
  }
  struct Way {
    Telling telling;
    size_t commands;
    absl::Duration time;
  };
  const auto way = [&](Telling telling, size_t adds,
                       const UserRowCommands& modifies) {
    const size_t then = live + rows.size() / 2;  // On average.
    return Way{
        telling, adds + modifies.commands,
        TimeOfUserRows(behaviour.since, {adds, rows.size()}, modifies, then)};
  };
  const size_t batch = behaviour.modify_batch;
  const Way at_once = way(Telling::kWithRows, adds.size(), {});
  const Way by_value =
      way(Telling::kByValue, short_adds.size(), Modifies(values, batch));
  const Way by_row =
      way(Telling::kByRow, short_adds.size(), Modifies(sets, batch));
  const Way& later = by_row.time < by_value.time ? by_row : by_value;
  const bool pays = 2 * later.commands < at_once.commands ||
                    IsWorthIt(at_once.time - later.time, at_once.time);
  return pays ? later.telling : Telling::kWithRows;
}

}  // namespace

void Planner::SetLimitsAside(std::vector<NewRow>* rows) {
  const PartsOfLimits parts = PartsOfAll(*rows);
  const RowsOfSet sets = CountSets(parts);
  const Telling told =
      WhenToTell(*rows, parts, sets, behaviour(), now().associations.size());
  if (told == Telling::kWithRows) return;
  for (NewRow& row : *rows) {
    const Parts& part = parts.at(row.limits.begin());
    if (part.later.empty()) continue;
    if (told == Telling::kByRow && sets.at(part.later.begin()) == 1) continue;
    FieldChanges set;
    for (const Field& f : part.later) {
      set.push_back({f.key, std::nullopt, f.value});
      if (told == Telling::kByRow) continue;
      later_.push_back({row.key, SettingsFor(set), WhyOf(set)});
      set.clear();
    }
    if (!set.empty()) later_.push_back({row.key, SettingsFor(set), WhyOf(set)});
    row.limits = part.now;
  }
}

// 3.

std::vector<Setting> Planner::SaidWith(const NewRow& row) const {
  std::vector<Setting> set = AddSettings(row.limits);
  const Name user = row.key.user;
  if (!row.makes_default || !SaidByAddAlone(user) ||
      sim().state().users.contains(user)) {
    return set;
  }
  const Name level = FieldOf(expected_.users, user, Key::kAdminLevel);
  if (!level.empty()) set.push_back(Say(Key::kAdminLevel, level.str()));
  return set;
}

constexpr size_t kFew = 10;  // One in so many.

// What load does with a row is what the command does.
bool Planner::IsForLoad(const NewRow& row) const {
  return LoadSaysName(row.key.user.view()) &&
         LoadSaysName(row.key.account.view()) && row.key.partition.empty() &&
         absl::c_all_of(SaidWith(row), LoadSaysLimit);
}

// Who has only some rows that no load says is odd where such users are few:
// else more would go by commands than before.
void Planner::FindOdd(const std::vector<NewRow>& rows) {
  if (!loads_) return;
  absl::flat_hash_set<Name> partly;
  for (const NewRow& row : rows) {
    if (IsForLoad(row)) continue;
    const bool all = row.makes_default || !LoadSaysName(row.key.user.view());
    (all ? odd_ : partly).insert(row.key.user);
  }
  if (partly.size() * kFew <= rows.size()) {
    odd_.insert(partly.begin(), partly.end());
  }
}

void Planner::AddUsers(const std::vector<Change>& changes) {
  std::vector<NewRow> rows = NewRows(changes);
  SetLimitsAside(&rows);
  loads_ = !behaviour().load_marks_rows && rows.size() >= kLeastLoad;
  FindOdd(rows);
  for (const bool odd : {true, false}) {
    for (const bool makes_default : {true, false}) {
      AddThese(rows, odd, makes_default);
    }
  }
}

void Planner::AddThese(const std::vector<NewRow>& rows, bool odd,
                       bool makes_default) {
  struct Group {
    const NewRow* first;
    std::vector<Setting> set;
    std::vector<Name> users;
  };
  std::vector<Group> groups;
  absl::flat_hash_map<std::string, size_t> index;
  for (const NewRow& row : rows) {
    if (row.makes_default != makes_default ||
        odd_.contains(row.key.user) != odd) {
      continue;
    }
    std::vector<Setting> set = SaidWith(row);
    std::string id = absl::StrCat(row.key.account.view(), "\n",
                                  row.key.partition.view(), IdOf(set));
    const auto [at, added] = index.emplace(std::move(id), groups.size());
    if (added) groups.push_back({&row, std::move(set), {}});
    groups[at->second].users.push_back(row.key.user);
  }
  if (rows.size() >= kLeastLoad) {
    // Each command costs by the rows that are there then: the large ones last.
    absl::c_stable_sort(groups, [](const Group& a, const Group& b) {
      return a.users.size() < b.users.size();
    });
  }
  if (loads_) {
    std::stable_partition(
        groups.begin(), groups.end(),
        [&](const Group& group) { return IsForLoad(*group.first); });
  }
  for (const Group& group : groups) {
    InChunks(group.users, behaviour().add_batch,
             [&](const std::vector<Name>& users) {
               EmitAdd(*group.first, group.set, users);
             });
  }
}

void Planner::EmitAdd(const NewRow& like, const std::vector<Setting>& set,
                      const std::vector<Name>& users) {
  const auto& [account, user, partition] = like.key;
  Command add =
      Command::Add(Command::Entity::kUser, {{"name", JoinNames(users)},
                                            {"account", account.str()},
                                            {"cluster", cluster()}});
  if (!partition.empty()) add.set.push_back({"partition", partition.str()});
  if (like.makes_default) {
    add.set.push_back(Say(Key::kDefaultAccount, account.str()));
  }
  add.set.insert(add.set.end(), set.begin(), set.end());
  Emit(Phase::kUsers, std::move(add),
       absl::StrCat("add ", SomeNames(users), " to ", account.view(),
                    partition.empty() ? "" : " in partition ",
                    partition.view()));
}

// 4.

void Planner::Limits(const std::vector<Change>& changes) {
  std::vector<RowEdit> edits = std::move(later_);
  std::erase_if(edits, [&](const RowEdit& edit) {  // Its add was refused.
    return !now().associations.contains(edit.row);
  });
  if (!odd_.empty()) {
    const auto odd = std::stable_partition(
        edits.begin(), edits.end(),
        [&](const RowEdit& edit) { return !odd_.contains(edit.row.user); });
    std::vector<RowEdit> others(std::make_move_iterator(odd),
                                std::make_move_iterator(edits.end()));
    edits.erase(odd, edits.end());
    EmitModify(Phase::kLimits, edits);
    edits = std::move(others);
  }
  for (const Change& change : changes) {
    if (change.what != Change::What::kAssociation ||
        change.how != Change::How::kModify) {
      continue;
    }
    const bool pinned = pinned_.contains(change.row);
    FieldChanges fields;
    for (const FieldChange& f : change.fields) {
      if (f.key == Key::kQos &&
          (pinned || (f.to.has_value() && IsQosDelta(f.to->view())))) {
        continue;  // FinalQos
      }
      fields.push_back(f);
    }
    edits.push_back({change.row, SettingsFor(fields), WhyOf(fields)});
  }
  EmitModify(Phase::kLimits, edits);
}

}  // namespace assocsync
