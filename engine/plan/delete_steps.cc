// Deletes, which must be exact. Since 23.11 slurmdbd finds rows by an unescaped
// LIKE; a user's last association takes the user along; and each release guards
// default accounts in its own way (slurm-facts 0.1, 4.4, 4.5). So every delete
// is first predicted on the model. Where the plain form would touch anything
// else, an exact detour is planned. Where there is none, it is refused.
//
// DeleteUserRows:
// 1. Rows are sorted: those that no form of a delete finds, those that wait for
//    the delete of their account, and the rest. The rows of the default account
//    are the last of a user who goes, because one of them takes the user along.
// 2. Who is needed on another cluster loses this cluster's WCKeys.
// 3. Rows that are not the user's last: many at once; what that refuses, one by
//    one; what that refuses too, with the default account away meanwhile.
// 4. Last rows: many at once; several of one user, user by user.
// 5. Whoever is left takes the detour by way of a fresh account.
// 6. Records that are left, by name.
//
// DeleteAccounts: from the bottom up, then the records.

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/model/finding.h"
#include "engine/model/value.h"
#include "engine/plan/planner.h"
#include "engine/plan/take_back.h"

namespace assocsync {
namespace {

// `rows` are of one partition.
Command DeleteRows(const std::vector<AssocKey>& rows,
                   const std::string& cluster) {
  std::vector<Name> users;
  absl::btree_set<Name> accounts;
  for (const AssocKey& row : rows) {
    users.push_back(row.user);
    accounts.insert(row.account);
  }
  return Command::Delete(
      Command::Entity::kUser,
      {{"name", JoinNames(users)},
       {"account", JoinNames({accounts.begin(), accounts.end()})},
       {"cluster", cluster},
       {"partition", rows[0].partition.str()}});
}

Command DeleteAccountRows(const std::vector<Name>& accounts,
                          const std::string& cluster) {
  return Command::Delete(
      Command::Entity::kAccount,
      {{"name", JoinNames(accounts)}, {"cluster", cluster}, {"partition", ""}});
}

// A record has no cluster.
Command DeleteRecords(Command::Entity entity, const std::vector<Name>& names) {
  return Command::Delete(entity, {{"name", JoinNames(names)}});
}

// Groups rows by (account, partition), in order.
using RowGroups = absl::btree_map<std::pair<Name, Name>, std::vector<Name>>;
RowGroups GroupRows(const std::vector<AssocKey>& rows) {
  RowGroups groups;
  for (const AssocKey& row : rows) {
    groups[{row.account, row.partition}].push_back(row.user);
  }
  return groups;
}

std::vector<AssocKey> RowsIn(const std::pair<Name, Name>& where,
                             const std::vector<Name>& users) {
  std::vector<AssocKey> rows;
  for (const Name user : users) {
    rows.push_back({where.first, user, where.second});
  }
  return rows;
}

// All at once, or else one by one. Returns those that failed.
template <typename F>
std::vector<Name> Attempt(const std::vector<Name>& names, F attempt) {
  std::vector<Name> failed;
  if (attempt(names)) return failed;
  for (const Name name : names) {
    if (!attempt(std::vector<Name>{name})) failed.push_back(name);
  }
  return failed;
}

}  // namespace

void Planner::DeleteUserRows(const std::vector<Change>& changes) {
  const GoingRows going = SortGoingRows(changes);
  for (const Name user : going.users) {
    if (NeededElsewhere(user)) StripUser(user);
  }
  KeepDefaults(going.not_last);
  DeleteNotLast(going.not_last);
  std::vector<Name> detour = DeleteLast(going.last);
  std::erase_if(detour, [&](Name user) { return !now().users.contains(user); });
  if (!detour.empty()) {
    absl::c_sort(detour);
    Detour(detour);
  }
  DeleteLeftRecords(going.users);
}

// 1.

Planner::GoingRows Planner::SortGoingRows(const std::vector<Change>& changes) {
  GoingRows going;
  std::vector<AssocKey> rows;
  absl::btree_map<Name, Name> first_account;  // Of each user who loses rows.
  absl::btree_set<Name> stay;
  for (const Change& change : changes) {
    if (change.what != Change::What::kAssociation ||
        change.how != Change::How::kRemove || change.row.is_account()) {
      continue;
    }
    const Name user = change.row.user;
    if (RefuseIfStuck(change.row)) {
      stay.insert(user);
      continue;
    }
    if (WaitsForAccount(change.row)) {
      waiting_.push_back(change.row);
      continue;
    }
    rows.push_back(change.row);
    first_account.emplace(user, change.row.account);
    if (!expected_.users.contains(user)) going.users.insert(user);
  }
  for (const Name user : stay) going.users.erase(user);
  for (const AssocKey& row : rows) {
    if (going.users.contains(row.user)) {
      Name home = FieldOf(now().users, row.user, Key::kDefaultAccount);
      if (home.empty()) home = first_account.at(row.user);
      if (row.account == home) {
        going.last[row.user].push_back(row);
        continue;
      }
    }
    going.not_last.push_back(row);
  }
  return going;
}

// No form of a delete finds the row, and no detour helps.
bool Planner::RefuseIfStuck(const AssocKey& row) {
  if (absl::c_all_of(sims_,
                     [&](const Slurmdbd& sim) { return sim.CanDelete(row); })) {
    return false;
  }
  why_not_rows_.clear();
  why_not_only_rows_ = false;
  why_not_ =
      "a delete takes the backslash for an escape and looks for another row. "
      "Keep it in the target (MaxSubmitJobs=0 closes it), or --skip AS109";
  RefuseCollateral(absl::StrCat("association ", row.ToString(),
                                " cannot be deleted on this release: "),
                   row.ToString());
  return true;
}

// The delete finds the row of an account too, which sacctmgr then refuses. That
// account goes as well: its own delete may take the row along.
bool Planner::WaitsForAccount(const AssocKey& row) const {
  if (!takes_along || !expected_.users.contains(row.user)) return false;
  const Command command = DeleteRows({row}, cluster());
  return absl::c_any_of(sims_, [&](const Slurmdbd& sim) {
    if (sim.Predict(command).result == Outcome::Result::kDone) return false;
    const std::vector<Outcome::Touched> found = sim.Finds(command);
    return absl::c_any_of(found, [&](const Outcome::Touched& t) {
      return t.what == Outcome::Touched::What::kRow && t.row.is_account() &&
             GoesAnyway(t);
    });
  });
}

// 2.

// A user record that is left without associations must not grant anything. Who
// is needed on another cluster keeps all but this cluster's WCKeys.
bool Planner::StripUser(Name user) {
  const auto found = live_.tree.users.find(user);
  if (found == live_.tree.users.end() || !stripped_.insert(user).second) {
    return true;
  }
  bool done = true;
  const Fields& fields = found->second.fields;
  for (absl::string_view wckey : Elements(fields.Get(Key::kWckeys).view())) {
    done &= Emit(
        Phase::kDeleteUsers,
        Command::Delete(Command::Entity::kUser, {{"name", user.str()},
                                                 {"wckey", std::string(wckey)},
                                                 {"cluster", cluster()}}),
        absl::StrCat("delete WCKey ", wckey, " of ", user.view()));
  }
  if (NeededElsewhere(user)) return done;
  for (absl::string_view account :
       Elements(fields.Get(Key::kCoordinator).view())) {
    done &= Emit(
        Phase::kDeleteUsers,
        Command::Delete(
            Command::Entity::kCoordinator,
            {{"account", std::string(account)}, {"name", user.str()}}),
        absl::StrCat("no longer: ", user.view(), " coordinator of ", account));
  }
  if (fields.Has(Key::kAdminLevel)) {
    done &= Emit(Phase::kDeleteUsers,
                 Command::Modify(Command::Entity::kUser, {{"name", user.str()}},
                                 {Say(Key::kAdminLevel, "None")}),
                 absl::StrCat(user.view(), ": AdminLevel -> None"));
  }
  return done;
}

// 3.

// 22.05 - 23.11.0 let the one row go that carries the default mark, and leave
// the user without any, although other rows of that account stay: these get the
// mark first.
void Planner::KeepDefaults(const std::vector<AssocKey>& rows) {
  if (behaviour().default_guard != Behaviour::DefaultGuard::kInverted) return;
  const absl::btree_set<AssocKey> going(rows.begin(), rows.end());
  absl::btree_map<Name, absl::btree_set<Name>> by_account;
  absl::btree_map<Name, std::vector<std::string>> gone;  // Of each account.
  for (const AssocKey& row : rows) {
    const Name account =
        FieldOf(expected_.users, row.user, Key::kDefaultAccount);
    if (account != row.account ||
        FieldOf(now().users, row.user, Key::kDefaultAccount) != account) {
      continue;
    }
    bool stays = false, marked = false;
    for (const AssocKey& key : assocsync::RowsOf(now(), row.user, account)) {
      if (going.contains(key)) continue;
      stays = true;
      marked = marked || absl::c_all_of(sims_, [&](const Slurmdbd& s) {
                 return s.IsDefaultRow(key);
               });
    }
    if (!stays || marked) continue;
    by_account[account].insert(row.user);
    gone[account].push_back(row.ToString());
  }
  for (const auto& [account, users] : by_account) {
    const ForTheSakeOf these(this, gone[account]);
    InChunks({users.begin(), users.end()}, behaviour().modify_batch,
             [&, account = account](const std::vector<Name>& chunk) {
               SetDefaultAccount(chunk, account,
                                 "default account also in the rows that stay");
             });
  }
}

bool Planner::SetDefaultAccount(const std::vector<Name>& users, Name account,
                                absl::string_view why) {
  return Emit(
      Phase::kDeleteUsers,
      Command::Modify(Command::Entity::kUser,
                      {{"name", JoinNames(users)}, {"cluster", cluster()}},
                      {Say(Key::kDefaultAccount, account.str())}),
      absl::StrCat(SomeNames(users), ": ", why));
}

void Planner::DeleteNotLast(const std::vector<AssocKey>& rows) {
  // What is in the way of one may be to go itself: last of all, one by one, and
  // the rows of a user's partitions before the row that holds elsewhere.
  std::vector<AssocKey> later;
  GroupsInChunks(
      GroupRows(rows), behaviour().delete_batch,
      [&](const auto& where, std::vector<Name> users) {
        const auto& [account, partition] = where;
        // A detour for another row of the user may have taken it along.
        std::erase_if(
            users, [&, account = account, partition = partition](Name user) {
              return !now().associations.contains({account, user, partition});
            });
        const std::vector<AssocKey> rows = RowsIn(where, users);
        if (rows.empty() || DeleteTheseRows(rows, {})) return;
        later.insert(later.end(), rows.begin(), rows.end());
      });
  absl::c_sort(later, std::greater<>());
  for (const AssocKey& row : later) DeleteNotLastRow(row);
}

void Planner::DeleteNotLastRow(const AssocKey& row) {
  if (!now().associations.contains(row) || DeleteRow(row)) return;
  DeleteWithDefaultAway(row);
}

bool Planner::DeleteTheseRows(const std::vector<AssocKey>& rows,
                              const absl::btree_set<Name>& leave) {
  std::vector<Name> users;
  absl::btree_set<Name> accounts;
  for (const AssocKey& row : rows) {
    users.push_back(row.user);
    accounts.insert(row.account);
  }
  const Name partition = rows[0].partition;
  return EmitExactDelete(
      Phase::kDeleteUsers, DeleteRows(rows, cluster()),
      absl::StrCat("delete ", SomeNames(users), " from ",
                   SomeNames({accounts.begin(), accounts.end()}),
                   partition.empty() ? "" : " in partition ", partition.view()),
      {rows.begin(), rows.end()}, leave);
}

// A row of the default account that goes while other rows of that account stay:
// some releases refuse it if the row carries the default mark, and no command
// shows which row does. The default is moved away and back.
void Planner::DeleteWithDefaultAway(const AssocKey& row) {
  const ForTheSakeOf sake(this, {row.ToString()});
  const Name home = FieldOf(now().users, row.user, Key::kDefaultAccount);
  if (home == row.account) {
    Name other;
    for (Name account : AccountsThatStay(row.user)) {
      if (account != row.account) other = account;
    }
    if (!other.empty()) {
      if (SetDefaultAccount({row.user}, other,
                            "default account moved away, to delete a row") &&
          DeleteRow(row) &&
          SetDefaultAccount({row.user}, home, "default account moved back")) {
        return;
      }
    } else {
      // The only account: a fresh one takes the default meanwhile.
      Detour({row.user});
      return;
    }
  }
  RefuseCollateral(absl::StrCat("association ", row.ToString(),
                                " cannot be deleted exactly on this release: "),
                   row.ToString());
}

const std::vector<Name>& Planner::AccountsThatStay(Name user) {
  if (staying_.empty()) {
    for (const auto& [key, row] : expected_.associations) {
      if (!key.is_account()) staying_[key.user].push_back(key.account);
    }
  }
  return staying_[user];
}

// 4.

// One last row: many users share a command, whatever their accounts, because a
// command costs slurmdbd more than its rows do (slurm-facts 12). Where that is
// not exact, those of an account share one. Several: user by user. Returns who
// is left.
std::vector<Name> Planner::DeleteLast(
    const absl::btree_map<Name, std::vector<AssocKey>>& last) {
  std::vector<AssocKey> single;
  std::vector<Name> left;
  for (const auto& [user, rows] : last) {
    if (rows.size() == 1) {
      single.push_back(rows[0]);
    } else if (!DeleteAllRowsOf(user, rows)) {
      left.push_back(user);
    }
  }
  const auto deletes = [&](const std::vector<AssocKey>& rows) {
    absl::btree_set<Name> leave;
    for (const AssocKey& row : rows) {
      if (!NeededElsewhere(row.user)) leave.insert(row.user);
    }
    return DeleteTheseRows(rows, leave);
  };
  absl::c_sort(single);  // Neighbours share accounts.
  absl::btree_map<Name, std::vector<AssocKey>> of_partitions;
  for (const AssocKey& row : single)
    of_partitions[row.partition].push_back(row);
  single.clear();
  GroupsInChunks(of_partitions, behaviour().delete_batch,
                 [&](Name, const std::vector<AssocKey>& rows) {
                   if (deletes(rows)) return;
                   single.insert(single.end(), rows.begin(), rows.end());
                 });
  GroupsInChunks(GroupRows(single), behaviour().delete_batch,
                 [&](const auto& where, const std::vector<Name>& users) {
                   const auto failed =
                       Attempt(users, [&](const std::vector<Name>& some) {
                         return deletes(RowsIn(where, some));
                       });
                   left.insert(left.end(), failed.begin(), failed.end());
                 });
  return left;
}

// All rows of a user's default account, the last rows that the user has.
bool Planner::DeleteAllRowsOf(Name user, const std::vector<AssocKey>& of_user) {
  absl::btree_set<AssocKey> rows(of_user.begin(), of_user.end());
  const Name account = of_user[0].account;
  absl::btree_set<Name> leave;
  if (!NeededElsewhere(user)) leave.insert(user);
  // One by one, where the release lets a default row go while another stays.
  // All but the last must be sure before the first one is emitted, so this is
  // tried on the model's own prediction for each, in order.
  while (!rows.empty()) {
    const AssocKey row = *rows.rbegin();
    const bool is_last = rows.size() == 1;
    if (!DeleteRow(row, is_last ? leave : absl::btree_set<Name>())) {
      break;
    }
    rows.erase(row);
  }
  if (rows.empty()) return true;
  // All together, where the release wants no default row left behind: without
  // partition= the condition means each of them.
  return EmitExactDelete(
      Phase::kDeleteUsers,
      Command::Delete(Command::Entity::kUser, {{"name", user.str()},
                                               {"account", account.str()},
                                               {"cluster", cluster()}}),
      absl::StrCat("delete ", user.view(), " from ", account.view()), rows,
      leave);
}

// 5.

// A fresh account takes the default, so that no row is a default row and none
// is the user's last (slurm-facts 0.1). What then goes with the fresh account
// is exact, and no delete by name follows.
void Planner::Detour(const std::vector<Name>& users) {
  const absl::btree_set<Name> wanted(users.begin(), users.end());
  std::vector<AssocKey> rows;
  std::vector<std::string> named;
  for (const auto& [key, row] : now().associations) {
    if (wanted.contains(key.user) && !expected_.associations.contains(key)) {
      rows.push_back(key);
      named.push_back(key.ToString());
    }
  }
  const ForTheSakeOf sake(this, std::move(named));
  for (const Name user : users) {
    if (!expected_.users.contains(user) && !NeededElsewhere(user)) {
      StripUser(user);
    }
  }
  const Name fresh = FreshAccount();
  if (!AddToFresh(fresh, users)) return;
  for (const auto& [where, names] : GroupRows(rows)) {
    for (const Name user : names) {
      const AssocKey row{where.first, user, where.second};
      const ForTheSakeOf alone(this, {row.ToString()});
      if (DeleteRow(row)) continue;
      RefuseCollateral(absl::StrCat("association ", row.ToString(),
                                    " cannot be deleted exactly: "),
                       row.ToString());
    }
  }
  UsersOf homes;  // Of users who stay.
  for (const Name user : users) {
    if (!expected_.users.contains(user)) continue;
    homes[FieldOf(expected_.users, user, Key::kDefaultAccount)].push_back(user);
  }
  GroupsInChunks(homes, behaviour().modify_batch,
                 [&](Name home, const std::vector<Name>& chunk) {
                   SetDefaultAccount(chunk, home, "default account moved back");
                 });
  DeleteFresh(fresh, users);
}

// A name that no cluster has.
Name Planner::FreshAccount() const {
  for (int i = 0;; ++i) {
    const Name name(absl::StrCat("assocsync0tmp", i));
    if (!sims_[0].state().accounts.contains(name) &&
        !accounts_elsewhere_.contains(name) && !now().accounts.contains(name)) {
      return name;
    }
  }
}

// False: there is no such account, and a finding.
bool Planner::AddToFresh(Name fresh, const std::vector<Name>& users) {
  const std::string why = "a fresh account keeps the delete exact";
  if (!Emit(Phase::kDeleteUsers,
            Command::Add(Command::Entity::kAccount,
                         {{"name", fresh.str()},
                          {"cluster", cluster()},
                          {"parent", RootName().str()}}),
            absl::StrCat("add ", fresh.view(), ": ", why))) {
    return false;
  }
  InChunks(users, behaviour().add_batch, [&](const std::vector<Name>& chunk) {
    Command add =
        Command::Add(Command::Entity::kUser, {{"name", JoinNames(chunk)},
                                              {"account", fresh.str()},
                                              {"cluster", cluster()}});
    // The default of users who have rows is not said along with a new row:
    // slurmctld would have none for them, and take no job without an account
    // (seen on 22.05.8, 24.11.5 and 26.05.5).
    const bool by_add =
        absl::c_any_of(chunk, [&](Name user) { return SaidByAddAlone(user); });
    if (by_add) {
      add.set.push_back(Say(Key::kDefaultAccount, fresh.str()));
    }
    Emit(Phase::kDeleteUsers, std::move(add),
         absl::StrCat("add ", SomeNames(chunk), " to ", fresh.view(), ": ",
                      why));
    if (!by_add) SetDefaultAccount(chunk, fresh, why);
  });
  return true;
}

void Planner::DeleteFresh(Name fresh, const std::vector<Name>& users) {
  absl::btree_set<AssocKey> last = {{fresh, {}, {}}};
  for (const Name user : users) last.insert({fresh, user, {}});
  if (!EmitExactDelete(Phase::kDeleteUsers,
                       DeleteAccountRows({fresh}, cluster()),
                       absl::StrCat("delete ", fresh.view()), last, {})) {
    // A row that could not go keeps it, and is what has to be answered for.
    why_not_only_rows_ |= !victims.empty();
    RefuseCollateral(absl::StrCat("the temporary account ", fresh.view(),
                                  " cannot be deleted exactly: "),
                     fresh.str());
    return;
  }
  const Command record = DeleteRecords(Command::Entity::kAccount, {fresh});
  for (const Slurmdbd& sim : sims_) {
    const Outcome outcome = sim.Predict(record);
    if (outcome.result != Outcome::Result::kDone ||
        outcome.touched.size() != 1) {
      return;  // The record stays.
    }
  }
  Emit(Phase::kDeleteUsers, record,
       absl::StrCat("delete the record of ", fresh.view()));
}

// 6.

// Records that the automatic delete did not take (odd names, detours): by name,
// where that is exact.
void Planner::DeleteLeftRecords(const absl::btree_set<Name>& gone) {
  std::vector<std::string> stay;
  for (const Name user : gone) {
    if (NeededElsewhere(user) || !sims_[0].state().users.contains(user) ||
        now().users.contains(user)) {
      continue;
    }
    if (!EmitExactDelete(
            Phase::kDeleteUsers, DeleteRecords(Command::Entity::kUser, {user}),
            absl::StrCat("delete the record of ", user.view()), {}, {user}) &&
        StripUser(user)) {
      stay.push_back(absl::StrCat("user ", user.view()));
    }
  }
  AddIfAny(MakeFinding(kRecordStays,
                       "user records stay, without any association or right: "
                       "deleting them by name would also hit look-alikes",
                       std::move(stay)),
           &findings);
}

void Planner::DeleteAccounts(const std::vector<Change>& changes) {
  absl::btree_set<Name> gone;
  for (const Change& change : changes) {
    if (change.what == Change::What::kAssociation &&
        change.how == Change::How::kRemove && change.row.is_account()) {
      gone.insert(change.row.account);
    }
  }
  if (gone.empty()) return;
  // From the bottom up, as the tree is by now, one depth at a time.
  absl::btree_map<int, std::vector<Name>, std::greater<int>> levels;
  const std::vector<HangingAccount> top_down = TopDown(now());
  auto depth = DepthsOf(top_down);
  for (const auto& [name, row] : top_down) {
    if (gone.contains(name)) levels[depth[name]].push_back(name);
  }
  std::vector<Name> removed;
  const auto attempt = [&](const std::vector<Name>& some) {
    absl::btree_set<AssocKey> rows;
    for (const Name name : some) rows.insert({name, {}, {}});
    if (!EmitExactDelete(
            Phase::kDeleteAccounts, DeleteAccountRows(some, cluster()),
            absl::StrCat("delete account ", SomeNames(some)), rows, {})) {
      return false;
    }
    removed.insert(removed.end(), some.begin(), some.end());
    return true;
  };
  GroupsInChunks(
      levels, behaviour().delete_batch,
      [&](int, const std::vector<Name>& chunk) {
        if (attempt(chunk)) return;
        for (const Name name : chunk) {
          if (attempt({name})) continue;
          RefuseCollateral(
              absl::StrCat("account ", name.view(),
                           " cannot be deleted exactly on this release: "),
              name.str());
        }
      });
  absl::c_sort(removed);
  DeleteAccountRecords(std::move(removed));
}

// Where no cluster needs them and nothing looks alike.
void Planner::DeleteAccountRecords(std::vector<Name> names) {
  std::erase_if(names, [&](Name name) {
    return accounts_elsewhere_.contains(name) ||
           !sims_[0].state().accounts.contains(name);
  });
  std::vector<std::string> stay;
  InChunks(names, behaviour().delete_batch,
           [&](const std::vector<Name>& chunk) {
             for (const Name name :
                  Attempt(chunk, [&](const std::vector<Name>& some) {
                    const Command command =
                        DeleteRecords(Command::Entity::kAccount, some);
                    return TakesOnlyRecords(command, some) &&
                           Emit(Phase::kDeleteAccounts, command,
                                absl::StrCat("delete the record of ",
                                             SomeNames(some)));
                  })) {
               stay.push_back(absl::StrCat("account ", name.view()));
             }
           });
  AddIfAny(MakeFinding(
               kRecordStays,
               absl::StrCat(
                   "account records stay, without any association: deleting "
                   "them by name would also hit look-alikes",
                   keep_shared_ ? ", or rights that other clusters share" : ""),
               std::move(stay)),
           &findings);
}

// On every model the delete takes just the records of `accounts`, which are
// sorted, and the rights of their coordinators.
bool Planner::TakesOnlyRecords(const Command& command,
                               const std::vector<Name>& accounts) const {
  using What = Outcome::Touched::What;
  return absl::c_all_of(sims_, [&](const Slurmdbd& sim) {
    const Outcome outcome = sim.Predict(command);
    return outcome.result == Outcome::Result::kDone &&
           absl::c_all_of(outcome.touched, [&](const Outcome::Touched& t) {
             return absl::c_binary_search(accounts, t.row.account) &&
                    (t.what == What::kAccount ||
                     t.what == What::kCoordinator) &&
                    !(keep_shared_ && NeededElsewhere(t.row.user));
           });
  });
}

}  // namespace assocsync
