// Users' rows: those that come, and limits.
//
// 1. What is to be said of each new row.
// 2. Rows of which the same is to be said are added in one command: those in
//    their user's default account first, then the others. A load does commands
//    that follow one another (bulk_load.h): users whom none says come before
//    all others, and what it does not say of the others after what it does.
// 3. Limits: those that were set aside, and those of rows that were there.
#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/maps.h"
#include "engine/plan/bulk_load.h"
#include "engine/plan/load_says.h"
#include "engine/plan/new_rows.h"
#include "engine/plan/planner.h"

namespace assocsync {

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

namespace {

bool ChangesListAbove(const Change& change) {
  const bool is_above =
      change.what == Change::What::kCluster ||
      (change.what == Change::What::kAssociation && change.row.is_account());
  return change.moves() || (is_above && change.how == Change::How::kModify &&
                            change.Names(Key::kQos));
}

}  // namespace

// A QOS more than the row inherits is said with it, or soon after, but where a
// list changes above any row: slurmctld forgets what is said before (see
// RemindOfChanges).
Fields Planner::SaidOfUserRow(const AssocKey& row) {
  const Fields limits = LimitsToAdd(row);
  Fields said = SaidByAdd(limits);
  const Name qos = limits.Get(Key::kQos);
  if (!lists_change_ && AddsQos(qos.view())) said.Set(Key::kQos, qos);
  return said;
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
    const bool makes_default =
        AddMakesDefault(change.row) && placed.insert(change.row.user).second;
    NewRow& row = rows.emplace_back();
    row.key = change.row;
    if (makes_default) row.says_default = SaysDefault::kYes;
    row.limits = SaidOfUserRow(change.row);
  }
  return rows;
}

// A command that adds rows costs by the square of the users who are there, so
// that it pays if the few who have several homes come first, and their default
// account last.
void Planner::OthersFirst(std::vector<NewRow>* rows) const {
  absl::flat_hash_set<Name> new_here, in_partition;
  for (const NewRow& row : *rows) {
    const Name user = row.key.user;
    // Of rows in partitions releases differ in which is the default (4.5).
    if (!row.key.partition.empty()) in_partition.insert(user);
    if (row.says_default == SaysDefault::kYes && !SaidByAddAlone(user)) {
      new_here.insert(user);
    }
  }
  // By account, and of these by what is said of them.
  absl::flat_hash_map<Name, size_t> others;
  absl::flat_hash_map<std::pair<Name, uint32_t>, std::vector<NewRow*>> alike;
  for (NewRow& row : *rows) {
    const Name user = row.key.user;
    if (row.says_default == SaysDefault::kNo && new_here.contains(user) &&
        !in_partition.contains(user)) {
      ++others[row.key.account];
      alike[{row.key.account, row.limits.id()}].push_back(&row);
    }
  }
  for (const auto& [said, of_account] : alike) {
    const size_t batch = behaviour().add_batch;
    if (of_account.size() >= kLargeAdd || others[said.first] >= batch) continue;
    for (NewRow* const row : of_account) {
      row->says_default = SaysDefault::kForNow;
    }
  }
}

void Planner::SetAside(bool may_split, std::vector<NewRow>* rows) {
  const Telling telling =
      SetLimitsAside(behaviour(), now().associations.size(), may_split, rows);
  for (const NewRow& row : *rows) {
    FieldChanges set;
    for (const Field& f : row.later) {
      set.push_back({f.key, std::nullopt, f.value});
      if (telling == Telling::kByRow) continue;
      later_.push_back({row.key, SettingsFor(set), WhyOf(set)});
      set.clear();
    }
    if (!set.empty()) later_.push_back({row.key, SettingsFor(set), WhyOf(set)});
  }
}

// 2.

std::vector<Setting> Planner::SaidWith(const NewRow& row) const {
  std::vector<Setting> set = AddSettings(row.limits);
  const Name user = row.key.user;
  if (row.says_default == SaysDefault::kNo || !SaidByAddAlone(user) ||
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
// else more would go by commands than before. So are coordinators: whom to make
// one takes as long as the cluster is large (up to 24.11).
void Planner::FindOdd(const std::vector<NewRow>& rows) {
  if (!loads_) return;
  absl::flat_hash_set<Name> partly, coordinators;
  for (const NewRow& row : rows) {
    const Name user = row.key.user;
    if (!FieldOf(expected_.users, user, Key::kCoordinator).empty()) {
      coordinators.insert(user);
    }
    if (IsForLoad(row)) continue;
    const bool all =
        row.says_default == SaysDefault::kYes || !LoadSaysName(user.view());
    (all ? odd_ : partly).insert(user);
  }
  for (const auto* some : {&partly, &coordinators}) {
    if (some->size() * kFew > rows.size()) continue;
    odd_.insert(some->begin(), some->end());
  }
}

void Planner::AddUsers(const std::vector<Change>& changes) {
  lists_change_ = absl::c_any_of(changes, ChangesListAbove);
  std::vector<NewRow> rows = NewRows(changes);
  const bool many = rows.size() >= kLeastLoad;
  loads_ = many && !behaviour().load_marks_rows;
  const bool by_commands = many && !loads_;
  if (by_commands) OthersFirst(&rows);
  SetAside(/*may_split=*/by_commands, &rows);
  FindOdd(rows);
  for (const bool odd : {true, false}) {
    for (const bool says_default : {true, false}) {
      AddThese(rows, odd, says_default);
    }
    if (odd) CoordinatorsAmongOdd();
  }
}

namespace {

// Rows of an account of which the same is said.
struct AddGroup {
  const NewRow* first;
  std::string said;  // Account, partition and `set`.
  std::vector<Setting> set;
  std::vector<Name> users;
};

// Each command costs by the rows that are there then: the large ones last. A
// user's own default account comes after those for now.
void SmallOnesFirst(std::vector<AddGroup>* groups) {
  absl::flat_hash_map<Name, size_t> for_now;  // The largest with the user.
  for (const AddGroup& group : *groups) {
    if (group.first->says_default != SaysDefault::kForNow) continue;
    for (const Name user : group.users) {
      size_t& size = for_now[user];
      size = std::max(size, group.users.size());
    }
  }
  using Place = std::tuple<bool, size_t, SaysDefault>;
  std::vector<std::pair<Place, AddGroup>> placed;
  for (AddGroup& group : *groups) {
    const NewRow& row = *group.first;
    size_t size = group.users.size();
    if (row.says_default == SaysDefault::kYes) {
      for (const Name user : group.users) {
        const auto at = for_now.find(user);
        if (at != for_now.end()) size = std::max(size, at->second);
      }
    }
    placed.emplace_back(Place(row.comes_late, size, row.says_default),
                        std::move(group));
  }
  absl::c_stable_sort(
      placed, [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 0; i < placed.size(); ++i) {
    (*groups)[i] = std::move(placed[i].second);
  }
}

// Those for now are added with the others of their account of which the same is
// said, where each user's own default account comes after these anyway.
void JoinForNow(std::vector<AddGroup>* groups) {
  absl::flat_hash_map<absl::string_view, size_t> joined;
  absl::flat_hash_map<Name, size_t> own;
  for (size_t i = 0; i < groups->size(); ++i) {
    const AddGroup& group = (*groups)[i];
    if (group.first->says_default != SaysDefault::kYes) continue;
    joined[group.said] = i;
    for (const Name user : group.users) own[user] = i;
  }
  for (AddGroup& group : *groups) {
    const auto at = joined.find(group.said);
    if (group.first->says_default != SaysDefault::kForNow ||
        at == joined.end() || absl::c_any_of(group.users, [&](Name user) {
          return own.at(user) < at->second;
        })) {
      continue;
    }
    std::vector<Name>& users = (*groups)[at->second].users;
    users.insert(users.end(), group.users.begin(), group.users.end());
    group.users.clear();
  }
  std::erase_if(*groups,
                [](const AddGroup& group) { return group.users.empty(); });
}

}  // namespace

void Planner::AddThese(const std::vector<NewRow>& rows, bool odd,
                       bool says_default) {
  std::vector<AddGroup> groups;
  absl::flat_hash_map<std::pair<std::string, bool>, size_t> index;
  for (const NewRow& row : rows) {
    if ((row.says_default != SaysDefault::kNo) != says_default ||
        odd_.contains(row.key.user) != odd) {
      continue;
    }
    std::vector<Setting> set = SaidWith(row);
    std::string said = absl::StrCat(row.key.account.view(), "\n",
                                    row.key.partition.view(), "\n", IdOf(set));
    const bool for_now = row.says_default == SaysDefault::kForNow;
    const auto [at, added] =
        index.try_emplace(std::pair(said, for_now), groups.size());
    if (added) groups.push_back({&row, std::move(said), std::move(set), {}});
    groups[at->second].users.push_back(row.key.user);
  }
  if (rows.size() >= kLeastLoad) {
    SmallOnesFirst(&groups);
    JoinForNow(&groups);
  }
  if (loads_) {
    std::stable_partition(
        groups.begin(), groups.end(),
        [&](const AddGroup& group) { return IsForLoad(*group.first); });
  }
  bool early = true;
  for (const AddGroup& group : groups) {
    if (early && group.first->comes_late) {
      EmitModify(Phase::kUsers, LaterOfRowsThere());
      early = false;
    }
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
  if (like.says_default != SaysDefault::kNo) {
    add.set.push_back(Say(Key::kDefaultAccount, account.str()));
  }
  add.set.insert(add.set.end(), set.begin(), set.end());
  Emit(Phase::kUsers, std::move(add),
       absl::StrCat("add ", SomeNames(users), " to ", account.view(),
                    partition.empty() ? "" : " in partition ",
                    partition.view()));
}

// 3.

namespace {

// Those that are `wanted`, no longer in `edits`; both keep their order.
template <typename Wanted>
std::vector<RowEdit> TakeOut(std::vector<RowEdit>* edits, Wanted wanted) {
  const auto rest = std::stable_partition(edits->begin(), edits->end(), wanted);
  std::vector<RowEdit> taken(std::make_move_iterator(edits->begin()),
                             std::make_move_iterator(rest));
  edits->erase(edits->begin(), rest);
  return taken;
}

}  // namespace

// Limits that were set aside, of rows that are there by now.
std::vector<RowEdit> Planner::LaterOfRowsThere() {
  return TakeOut(&later_, [this](const RowEdit& edit) {
    return now().associations.contains(edit.row);
  });
}

void Planner::Limits(const std::vector<Change>& changes) {
  std::vector<RowEdit> edits = LaterOfRowsThere();
  if (!odd_.empty()) {
    EmitModify(Phase::kLimits, TakeOut(&edits, [this](const RowEdit& edit) {
                 return !odd_.contains(edit.row.user);
               }));
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
