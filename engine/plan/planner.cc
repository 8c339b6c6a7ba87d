// The phases of a plan, in the order of slurm-facts 8. Each leaves a legal
// tree, so that a run that stops anywhere can be planned again from there.
//
// 1. QOS definitions, and pins for rows that would lack QOS meanwhile
//    (qos_steps.cc).
// 2. The cluster; accounts, from the top down; lineages that their moves left
//    wrong; accounts' records.
// 3. Users' new rows, which need their accounts, and limits (user_rows.cc).
// 4. The QOS that pins stood in for (qos_steps.cc).
// 5. Users' records (user_records.cc), which need their rows.
// 6. What goes: users' rows, accounts, what waited for these, QOS
//    (delete_steps.cc, qos_steps.cc).
//
// Here are Run, then what all phases share (every command goes through Emit),
// then the phases that have no file of their own.
#include "engine/plan/planner.h"

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "engine/base/maps.h"
#include "engine/model/finding.h"
#include "engine/model/value.h"
#include "engine/plan/row_groups.h"

namespace assocsync {
namespace {

// "bio/ann", "user ann", "coordinator ann of account bio": a row or a record,
// of another cluster with its name.
std::string InWords(const Outcome::Touched& touched) {
  using What = Outcome::Touched::What;
  const AssocKey& row = touched.row;
  const auto words = [&]() -> std::string {
    switch (touched.what) {
      case What::kRow:
        break;
      case What::kUser:
        return absl::StrCat("user ", row.user.view());
      case What::kAccount:
        return absl::StrCat("account ", row.account.view());
      case What::kQos:
        return absl::StrCat("QOS ", row.account.view());
      case What::kCoordinator:
        return absl::StrCat("coordinator ", row.user.view(), " of account ",
                            row.account.view());
      case What::kWckey:
        return absl::StrCat("WCKey ", row.account.view(), " of ",
                            row.user.view());
    }
    return row.ToString();
  };
  return touched.cluster.empty()
             ? words()
             : absl::StrCat("cluster ", touched.cluster.view(), ": ", words());
}

}  // namespace

Planner::Planner(const DatabaseState& live, const Tree& expected,
                 const std::vector<Behaviour>& behaviours, bool keep_shared)
    : live_(live),
      expected_(expected),
      live_down_(TopDown(live.tree)),
      expected_down_(TopDown(expected)),
      keep_shared_(keep_shared) {
  for (const Behaviour& b : behaviours) sims_.emplace_back(b, live);
  stale_before_ = sim().state().lineages;
  for (const auto& [key, row] : live.others) {
    accounts_elsewhere_.insert(key.row.account);
    if (!key.row.user.empty()) users_elsewhere_.insert(key.row.user);
  }
}

void Planner::Run(const std::vector<Change>& changes) {
  any_default_qos_ = AnyDefaultQos(changes);
  QosDefinitions(changes);
  PinQos(changes);
  Cluster(changes);
  AddAndMoveAccounts(changes);
  RepairLineages();
  AccountRecords(changes);
  AddUsers(changes);
  Limits(changes);
  FinalQos(changes);
  UserRecords(changes);
  DeleteUserRows(changes);
  DeleteAccounts(changes);
  for (const AssocKey& row : waiting_) DeleteNotLastRow(row);
  DeleteQos(changes);
}

namespace {

// The names that a command says, or null: it says one at most.
std::string* SeveralNames(Command* command) {
  for (Setting& s :
       command->verb == Command::Verb::kAdd ? command->set : command->where) {
    if (s.key == "name" && absl::StrContains(s.value, ',')) return &s.value;
  }
  return nullptr;
}

std::vector<Name> AsNames(absl::Span<const absl::string_view> texts) {
  std::vector<Name> names;
  for (const absl::string_view text : texts) names.push_back(Name(text));
  return names;
}

}  // namespace

bool Planner::Emit(Phase phase, Command command, std::string why) {
  Step step;
  step.phase = phase;
  step.argv = Argv(command);
  step.why = std::move(why);
  step.deletes = command.verb == Command::Verb::kDelete;
  // What the words say is run, not what was meant. Where they say nothing, the
  // proof finds it.
  const absl::StatusOr<Command> said = ParseCommand(step.argv);
  for (size_t i = 0; i < sims_.size(); ++i) {
    const Outcome outcome = sims_[i].Run(said.ok() ? *said : command);
    if (outcome.result == Outcome::Result::kDone) continue;
    if (i > 0) Replay();  // Some models have already done it.
    if (std::string* const list = SeveralNames(&command)) {
      // One that cannot be done is in nobody else's way.
      const std::string all = *list;
      const std::vector<absl::string_view> names = absl::StrSplit(all, ',');
      const absl::Span<const absl::string_view> span(names);
      const size_t half = names.size() / 2;
      bool done = true;
      for (const auto& some : {span.first(half), span.subspan(half)}) {
        *list = absl::StrJoin(some, ",");
        done &=
            Emit(phase, command,
                 absl::StrReplaceAll(step.why, {{SomeNames(AsNames(span)),
                                                 SomeNames(AsNames(some))}}));
      }
      return done;
    }
    // The plan may do without it; if not, another command is refused.
    if (optional_) return false;
    std::vector<std::string> rows = RowsOf(command);
    Blame(kCannotRestore, rows);
    Refuse(kCannotRestore,
           absl::StrCat("cannot restore: slurmdbd would not do it (",
                        outcome.reason, "): sacctmgr ",
                        absl::StrJoin(step.argv, " ")),
           std::move(rows));
    return false;
  }
  NoteForSlurmctld(command);
  steps.push_back(std::move(step));
  return true;
}

void Planner::NoteForSlurmctld(const Command& command) {
  const bool cluster = command.entity == Command::Entity::kCluster;
  if (command.verb != Command::Verb::kModify ||
      (!cluster && command.entity != Command::Entity::kAccount)) {
    return;
  }
  const std::vector<Name> accounts =
      cluster ? std::vector<Name>{RootName()} : AsNames(NamesOf(command));
  for (const Setting& s : command.set) {
    for (const Name account : accounts) {
      if (s.key == Info(Key::kQos).name && !IsQosDelta(s.value)) {
        relisted_.insert(account);
      } else if (s.key == "parent") {
        moved_[account] |= s.value == RootName().view();
      }
    }
  }
}

std::vector<std::string> Planner::RowsOf(const Command& command) const {
  if (!sake_.empty()) return sake_;
  using Entity = Command::Entity;
  std::vector<absl::string_view> names = {""}, accounts = {""};
  absl::string_view partition;
  for (const Setting& s : SubjectOf(command)) {
    if (s.key == "name") names = absl::StrSplit(s.value, ',');
    if (s.key == "account") accounts = absl::StrSplit(s.value, ',');
    if (s.key == "partition") partition = s.value;
  }
  std::vector<std::string> rows;
  for (const absl::string_view name : names) {
    for (const absl::string_view account : accounts) {
      switch (command.entity) {
        case Entity::kCluster:
          rows.push_back("cluster");
          break;
        case Entity::kQos:
          rows.push_back(absl::StrCat("QOS ", name));
          break;
        case Entity::kAccount:
          rows.push_back(std::string(name));
          break;
        case Entity::kCoordinator:
          rows.push_back(absl::StrCat("user ", name));
          break;
        case Entity::kUser:
          rows.push_back(account.empty() ? absl::StrCat("user ", name)
                                         : AssocKey{Name(account), Name(name),
                                                    Name(partition)}
                                               .ToString());
      }
    }
  }
  return rows;
}

void Planner::Replay() {
  for (Slurmdbd& sim : sims_) {
    sim = Slurmdbd(sim.behaviour(), live_);
    for (const Step& step : steps) {
      const absl::StatusOr<Command> command = ParseCommand(step.argv);
      if (command.ok()) sim.Run(*command);
    }
  }
}

bool Planner::GoesAnyway(const Outcome::Touched& touched) const {
  using What = Outcome::Touched::What;
  if (!takes_along || touched.how != Outcome::Touched::How::kRemoved ||
      !touched.cluster.empty()) {
    return false;
  }
  if (touched.what == What::kRow) {
    return !expected_.associations.contains(touched.row);
  }
  return (touched.what == What::kUser || touched.what == What::kCoordinator ||
          touched.what == What::kWckey) &&
         !expected_.users.contains(touched.row.user) &&
         !NeededElsewhere(touched.row.user);
}

bool Planner::EmitExactDelete(Phase phase, const Command& command,
                              std::string why,
                              const absl::btree_set<AssocKey>& rows,
                              const absl::btree_set<Name>& gone_users) {
  using What = Outcome::Touched::What;
  using How = Outcome::Touched::How;
  size_t there = rows.size();
  if (takes_along) {  // Some may have gone with others.
    there = absl::c_count_if(rows, [&](const AssocKey& row) {
      return now().associations.contains(row);
    });
    if (there == 0 && !rows.empty()) return true;
  }
  why_not_rows_.clear();
  for (const Slurmdbd& sim : sims_) {
    const Outcome outcome = sim.Predict(command);
    const bool done = outcome.result == Outcome::Result::kDone;
    std::vector<std::string> victims;
    size_t removed = 0;
    why_not_only_rows_ = true;
    const std::vector<Outcome::Touched> in_the_way =
        done ? std::vector<Outcome::Touched>() : sim.Finds(command);
    for (const Outcome::Touched& t : done ? outcome.touched : in_the_way) {
      if (t.how == How::kRemoved && t.what == What::kRow && t.cluster.empty() &&
          rows.contains(t.row)) {
        ++removed;
        continue;
      }
      const bool of_user = t.what == What::kUser ||
                           t.what == What::kCoordinator ||
                           t.what == What::kWckey;
      if (GoesAnyway(t) || (t.how == How::kRemoved && of_user &&
                            gone_users.contains(t.row.user))) {
        continue;
      }
      victims.push_back(InWords(t));
      if (t.what == What::kRow && t.cluster.empty()) {
        why_not_rows_.insert(t.row);
      } else if (!of_user) {
        why_not_only_rows_ = false;
      }
    }
    if (!done) {
      why_not_ = outcome.reason;
      why_not_only_rows_ &= !why_not_rows_.empty();
      return false;
    }
    if (!victims.empty()) {
      why_not_ =
          absl::StrCat("it would also touch ", absl::StrJoin(victims, ", "));
      return false;
    }
    if (removed != there) {
      why_not_ = "slurmdbd would not find all of the rows";
      why_not_only_rows_ = false;
      return false;
    }
  }
  return Emit(phase, command, std::move(why));
}

void Planner::RefuseCollateral(absl::string_view what, std::string row) {
  victims.insert(why_not_rows_.begin(), why_not_rows_.end());
  only_victims &= why_not_only_rows_;
  std::vector<std::string> rows = sake_;
  if (rows.empty()) rows.push_back(std::move(row));
  Blame(kCollateral, rows);
  Refuse(kCollateral, absl::StrCat(what, why_not_), std::move(rows));
}

void Planner::Refuse(FindingCode code, std::string message,
                     std::vector<std::string> rows) {
  AddFinding(
      MakeFinding(code, Severity::kError, std::move(message), std::move(rows)),
      &findings);
}

namespace {

// For a batch, whose rows may come from different values.
std::string SaidBy(const std::vector<Setting>& set) {
  return absl::StrJoin(set, ", ", [](std::string* out, const Setting& s) {
    absl::StrAppend(out, s.key, " -> ",
                    s.value.empty() ? "(not set)" : s.value);
  });
}

}  // namespace

void Planner::EmitModify(Phase phase, const std::vector<RowEdit>& edits) {
  struct Group {
    std::vector<const RowEdit*> edits;
    std::vector<AssocKey> rows;
  };
  std::vector<Group> groups;
  absl::flat_hash_map<std::string, size_t> index;
  for (const RowEdit& edit : edits) {
    if (edit.set.empty()) continue;
    const AssocKey& row = edit.row;
    std::string id = row.is_account()
                         ? std::string("account")
                         : absl::StrCat("user\n", row.partition.view(), "\n");
    absl::StrAppend(&id, IdOf(edit.set));
    const auto [at, added] = index.emplace(std::move(id), groups.size());
    if (added) groups.emplace_back();
    groups[at->second].edits.push_back(&edit);
    groups[at->second].rows.push_back(row);
  }
  const size_t most = behaviour().modify_batch;
  for (const Group& group : groups) {
    if (group.rows.front().is_account()) {
      InChunks(group.edits, static_cast<int>(most),
               [&](const std::vector<const RowEdit*>& some) {
                 EmitModifyOf(phase, some);
               });
      continue;
    }
    const auto rows_of = [&](Name user, size_t at_most) {
      return sim().RowsOf(user, at_most);
    };
    for (const std::vector<size_t>& of :
         GroupUserRows(group.rows, rows_of, most)) {
      std::vector<const RowEdit*> some;
      for (const size_t at : of) some.push_back(group.edits[at]);
      EmitModifyOf(phase, some);
    }
  }
}

void Planner::EmitModifyOf(Phase phase,
                           const std::vector<const RowEdit*>& edits) {
  absl::btree_set<Name> accounts;
  std::vector<Name> users;
  for (const RowEdit* edit : edits) {
    accounts.insert(edit->row.account);
    if (users.empty() || users.back() != edit->row.user) {
      users.push_back(edit->row.user);
    }
  }
  const RowEdit& first = *edits.front();
  const std::vector<Name> in(accounts.begin(), accounts.end());
  const std::string what = edits.size() == 1 ? first.why : SaidBy(first.set);
  if (first.row.is_account()) {
    Emit(phase, ModifyAccounts(in, cluster(), first.set),
         absl::StrCat(SomeNames(in), ": ", what));
    return;
  }
  const std::string account =
      in.size() == 1 ? absl::StrCat(in[0].view(), "/") : "";
  const Name partition = first.row.partition;
  Emit(phase, ModifyUserRows(users, in, partition, cluster(), first.set),
       absl::StrCat(account, SomeNames(users), partition.empty() ? "" : "@",
                    partition.view(), ": ", what));
}

void Planner::EmitOptional(Phase phase, const std::vector<RowEdit>& edits) {
  optional_ = true;
  EmitModify(phase, edits);
  optional_ = false;
}

void Planner::Cluster(const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    if (change.what != Change::What::kCluster) continue;
    Emit(Phase::kAccounts,
         Command::Modify(Command::Entity::kCluster, {{"name", cluster()}},
                         SettingsFor(change.fields)),
         WhyOf(change.fields));
  }
}

void Planner::AddAccountBatch(const std::vector<Name>& names, Name parent,
                              std::vector<Setting> set) {
  const auto add = [&](const std::vector<Name>& chunk) {
    Command add =
        Command::Add(Command::Entity::kAccount, {{"name", JoinNames(chunk)},
                                                 {"cluster", cluster()},
                                                 {"parent", parent.str()}});
    add.set.insert(add.set.end(), set.begin(), set.end());
    Emit(Phase::kAccounts, std::move(add),
         absl::StrCat("add account ", SomeNames(chunk), " under ",
                      parent.view()));
  };
  // In nested sets, one that comes back from a mark of deletion behind a new
  // one is put upon others of the same command (slurm-facts 4.4).
  const DatabaseState& state = sims_[0].state();
  std::vector<Name> together;
  for (const Name name : names) {
    const bool may_come_back =
        !state.knows_all_options || state.marked_accounts.contains(name);
    if (behaviour().assoc_has_lft && may_come_back) {
      add({name});
    } else {
      together.push_back(name);
    }
  }
  InChunks(together, behaviour().add_batch, add);
}

// From the top down by the expected tree: an account's new parent is then in
// its final place, and can never be inside the account's own subtree. That
// makes swaps and rotations come out without any detour.
void Planner::AddAndMoveAccounts(const std::vector<Change>& changes) {
  if (MovesByWayOfRoot()) {
    for (const Change& change : changes) {
      if (change.what != Change::What::kAssociation ||
          change.how != Change::How::kAdd) {
        continue;
      }
      get_rows_.insert(
          HangsOn(change.row, expected_.associations.at(change.row)));
    }
  }
  std::vector<Name> batch;
  Name batch_parent;
  std::vector<Setting> batch_set;
  const auto flush = [&] {
    AddAccountBatch(batch, batch_parent, batch_set);
    batch.clear();
  };
  for (const auto& [name, want] : expected_down_) {
    if (name == RootName()) continue;
    const AssocKey key{name, {}, {}};
    const auto have = now().associations.find(key);
    if (have != now().associations.end()) {
      if (have->second.parent == want.parent) continue;
      flush();
      // A flush runs commands, which may move rows in the model's memory.
      const Name from = now().associations.at(key).parent;
      if (from == want.parent) continue;
      DetachBelow(name);
      // Alone: with the same parent, other settings would be lost (4.3).
      Emit(Phase::kAccounts,
           ModifyAccounts({name}, cluster(), {{"parent", want.parent.str()}}),
           absl::StrCat("move account ", name.view(), " from ", from.view(),
                        " to ", want.parent.view()));
      continue;
    }
    std::vector<Setting> set;
    if (!sims_[0].state().accounts.contains(name)) {
      if (const Record* const record = FindIn(expected_.accounts, name)) {
        for (const Field& f : record->fields) {
          // 20.11 refuses to add with an empty text; AccountRecords sets it.
          if (f.value.empty()) continue;
          set.push_back(Say(f.key, f.value.str()));
        }
      }
    }
    const std::vector<Setting> limits =
        AddSettings(SaidByAdd(LimitsToAdd(key)));
    set.insert(set.end(), limits.begin(), limits.end());
    if (!batch.empty() && (batch_parent != want.parent || set != batch_set)) {
      flush();
    }
    batch_parent = want.parent;
    batch_set = set;
    batch.push_back(name);
  }
  flush();
}

// 23.11 - 25.05.0 take along, when an account moves, the lineages of its own
// users and of the accounts right below it, and leave those further down as
// they were. `sacctmgr dump` sorts by lineage and then loses such rows (seen on
// 24.11.5: "Cluster - 'lab'" without its limits, the users of an account
// missing), deletes look for it, and nothing but the way back makes users'
// right again. So nothing may be further down: what is, goes to root first, the
// lowest before all, and to its place when its turn comes.
void Planner::DetachBelow(Name account) {
  if (!MovesByWayOfRoot()) return;
  const std::vector<Name> found = sim().AccountsBelow(account);
  // With users or accounts of their own, or that get some: slurmdbd's cache has
  // the old lineage of what is right below, and gives it to new rows.
  absl::flat_hash_set<Name> heavy;
  for (Name name : found) {
    heavy.insert(now().associations.at({name, {}, {}}).parent);
    const auto next = now().associations.upper_bound(AssocKey{name, {}, {}});
    if ((next != now().associations.end() && next->first.account == name) ||
        get_rows_.contains(name)) {
      heavy.insert(name);
    }
  }
  for (auto name = found.rbegin(); name != found.rend(); ++name) {
    if (!heavy.contains(*name)) continue;
    if (now().associations.at({*name, {}, {}}).parent == RootName()) continue;
    Emit(Phase::kAccounts,
         ModifyAccounts({*name}, cluster(), {{"parent", RootName().str()}}),
         absl::StrCat("move account ", name->view(), " out of ", account.view(),
                      ", so that its lineage is right when that one moves"));
  }
}

// An account's own lineage that is wrong all the same: moving the account away
// and back makes it right.
void Planner::RepairLineages() {
  if (!MovesByWayOfRoot() || sim().state().lineages.empty()) return;
  for (const auto& [name, row] : TopDown(now())) {
    const AssocKey key{name, {}, {}};
    const Name* const stale = FindIn(sim().state().lineages, key);
    const Name* const before = FindIn(stale_before_, key);
    if (stale == nullptr) continue;
    // Not this plan's doing.
    if (before != nullptr && *before == *stale) continue;
    const Name parent = now().associations.at(key).parent;
    if (parent == RootName()) continue;
    const std::string why = absl::StrCat("repair the lineage of ", name.view(),
                                         ", which moved with its parent");
    for (Name to : {RootName(), parent}) {
      Emit(Phase::kAccounts,
           ModifyAccounts({name}, cluster(), {{"parent", to.str()}}), why);
    }
  }
}

void Planner::AccountRecords(const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    if (change.what != Change::What::kAccount ||
        change.how == Change::How::kRemove) {
      continue;
    }
    const Name name = change.row.account;
    const Record* const have = FindIn(now().accounts, name);
    const Record* const want = FindIn(expected_.accounts, name);
    // Its add was refused: a finding says so.
    if (have == nullptr || want == nullptr) continue;
    const FieldChanges fields = DiffFields(have->fields, want->fields);
    if (fields.empty()) continue;
    // The record is global: no cluster in the condition.
    Emit(Phase::kAccounts,
         Command::Modify(Command::Entity::kAccount, {{"name", name.str()}},
                         SettingsFor(fields)),
         absl::StrCat(name.view(), ": ", WhyOf(fields)));
  }
}

}  // namespace assocsync
