// Deletes, which must be exact: since 23.11 slurmdbd finds rows by an unescaped
// LIKE, a user's last association takes the user along, and default accounts
// are guarded differently by every release (slurm-facts 0.1, 4.4, 4.5). So
// every delete is first predicted on the model; where the plain form would
// touch anything else, an exact detour is planned; where there is none,
// refused.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/model/value.h"
#include "engine/plan/finding.h"
#include "engine/plan/planner.h"

namespace assocsync {
namespace {

Command DeleteRows(const std::vector<Atom>& users, Atom account, Atom partition,
                   const std::string& cluster) {
  return {Command::Verb::kDelete,
          Command::Entity::kUser,
          {{"name", JoinNames(users)},
           {"account", account.str()},
           {"cluster", cluster},
           {"partition", partition.str()}},
          {}};
}

std::string WhyDelete(const std::vector<Atom>& users, Atom account,
                      Atom partition) {
  return absl::StrCat("delete ", SomeNames(users), " from ", account.view(),
                      partition.empty() ? "" : " in partition ",
                      partition.view());
}

// Groups rows by (account, partition), in order.
using RowGroups = absl::btree_map<std::pair<Atom, Atom>, std::vector<Atom>>;
RowGroups GroupRows(const std::vector<AssocKey>& rows) {
  RowGroups groups;
  for (const AssocKey& row : rows) {
    groups[{row.account, row.partition}].push_back(row.user);
  }
  return groups;
}

}  // namespace

void Planner::DeleteUserRows(const std::vector<Change>& changes) {
  // Users who lose their last row here, and the accounts in which anybody who
  // loses rows has any.
  absl::btree_set<Atom> gone;
  std::vector<AssocKey> rows;
  absl::btree_map<Atom, std::vector<Atom>> accounts_of;
  absl::btree_set<Atom> stay;
  for (const Change& change : changes) {
    if (change.what != Change::What::kAssociation ||
        change.how != Change::How::kRemove || change.row.is_account()) {
      continue;
    }
    if (RefuseIfStuck(change.row)) {
      stay.insert(change.row.user);
      continue;
    }
    if (WaitsForAccount(change.row)) {
      waiting_.push_back(change.row);
      continue;
    }
    rows.push_back(change.row);
    std::vector<Atom>& accounts = accounts_of[change.row.user];
    if (accounts.empty() || accounts.back() != change.row.account) {
      accounts.push_back(change.row.account);
    }
    if (!expected_.users.contains(change.row.user))
      gone.insert(change.row.user);
  }
  if (rows.empty()) return;
  for (Atom user : stay) gone.erase(user);
  // Of a user who goes: everything outside the default account first. Then the
  // default account's rows, the last of which takes the user along.
  std::vector<AssocKey> not_last;
  absl::btree_map<Atom, std::vector<AssocKey>> last;
  for (const AssocKey& row : rows) {
    if (gone.contains(row.user)) {
      Atom home = FieldOf(now().users, row.user, Key::kDefaultAccount);
      if (home.empty()) home = accounts_of[row.user].front();
      if (row.account == home) {
        last[row.user].push_back(row);
        continue;
      }
    }
    not_last.push_back(row);
  }
  for (Atom user : gone) {
    if (NeededElsewhere(user)) StripUser(user);
  }
  KeepDefaults(not_last);
  DeleteNotLast(not_last);

  // One last row: many users share a command. Several: user by user.
  std::vector<AssocKey> single;
  std::vector<Atom> detour;
  for (const auto& [user, of_user] : last) {
    if (of_user.size() == 1) {
      single.push_back(of_user[0]);
    } else if (!DeleteAllRowsOf(user, of_user)) {
      detour.push_back(user);
    }
  }
  for (const auto& [where, users] : GroupRows(single)) {
    InChunks(users, behaviour().delete_batch,
             [&, where = where](const std::vector<Atom>& chunk) {
               const Atom account = where.first, partition = where.second;
               const auto attempt = [&](const std::vector<Atom>& names) {
                 absl::btree_set<AssocKey> set;
                 absl::btree_set<Atom> leave;
                 for (Atom user : names) {
                   set.insert({account, user, partition});
                   if (!NeededElsewhere(user)) leave.insert(user);
                 }
                 return EmitExactDelete(
                     Phase::kDeleteUsers,
                     DeleteRows(names, account, partition, cluster()),
                     WhyDelete(names, account, partition), set, leave);
               };
               if (attempt(chunk)) return;
               for (Atom user : chunk) {
                 if (!attempt({user})) detour.push_back(user);
               }
             });
  }
  std::erase_if(detour, [&](Atom user) { return !now().users.contains(user); });
  if (!detour.empty()) {
    std::sort(detour.begin(), detour.end());
    Detour(detour);
  }
  DeleteLeftRecords(gone);
}

// No form of a delete finds the row, and no detour helps.
bool Planner::RefuseIfStuck(const AssocKey& row) {
  if (std::all_of(sims_.begin(), sims_.end(),
                  [&](const Slurmdbd& sim) { return sim.CanDelete(row); })) {
    return false;
  }
  why_not_rows_.clear();
  why_not_only_rows_ = false;
  why_not_ =
      "a delete takes the backslash for an escape and looks for another row. "
      "Keep it in the target (MaxSubmitJobs=0 closes it), or --skip AS109";
  RefuseCollateral(absl::StrCat("association ", row.DebugString(),
                                " cannot be deleted on this release: "),
                   row.DebugString());
  return true;
}

// The delete finds the row of an account too, which sacctmgr then refuses. That
// account goes as well: its own delete may take the row along.
bool Planner::WaitsForAccount(const AssocKey& row) const {
  if (!takes_along || !expected_.users.contains(row.user)) return false;
  const Command command =
      DeleteRows({row.user}, row.account, row.partition, cluster());
  return std::any_of(sims_.begin(), sims_.end(), [&](const Slurmdbd& sim) {
    if (sim.Predict(command).result == Outcome::Result::kDone) return false;
    const std::vector<Outcome::Touched> found = sim.Finds(command);
    return std::any_of(found.begin(), found.end(),
                       [&](const Outcome::Touched& t) {
                         return t.what == Outcome::Touched::What::kRow &&
                                t.row.is_account() && GoesAnyway(t);
                       });
  });
}

// 22.05 - 23.11.0 let the one row go that carries the default mark, and leave
// the user without any, although other rows of that account stay: these get the
// mark first.
void Planner::KeepDefaults(const std::vector<AssocKey>& rows) {
  if (behaviour().default_guard != Behaviour::DefaultGuard::kInverted) return;
  const absl::btree_set<AssocKey> going(rows.begin(), rows.end());
  absl::btree_map<Atom, absl::btree_set<Atom>> by_account;
  absl::btree_map<Atom, std::vector<std::string>> gone;  // Of each account.
  for (const AssocKey& row : rows) {
    const auto have = now().users.find(row.user);
    const auto want = expected_.users.find(row.user);
    if (have == now().users.end() || want == expected_.users.end()) continue;
    const Atom account = want->second.fields.Get(Key::kDefaultAccount);
    if (account != row.account ||
        have->second.fields.Get(Key::kDefaultAccount) != account) {
      continue;
    }
    bool stays = false, marked = false;
    for (auto it = now().associations.lower_bound({account, row.user, {}});
         it != now().associations.end() && it->first.account == account &&
         it->first.user == row.user;
         ++it) {
      if (going.contains(it->first)) continue;
      stays = true;
      marked = marked ||
               std::all_of(sims_.begin(), sims_.end(), [&](const Slurmdbd& s) {
                 return s.IsDefaultRow(it->first);
               });
    }
    if (!stays || marked) continue;
    by_account[account].insert(row.user);
    gone[account].push_back(row.DebugString());
  }
  for (const auto& [account, users] : by_account) {
    const ForTheSakeOf these(this, gone[account]);
    InChunks({users.begin(), users.end()}, behaviour().modify_batch,
             [&, account = account](const std::vector<Atom>& chunk) {
               SetDefaultAccount(chunk, account,
                                 "default account also in the rows that stay");
             });
  }
}

bool Planner::SetDefaultAccount(const std::vector<Atom>& users, Atom account,
                                absl::string_view why) {
  Command command{
      Command::Verb::kModify,
      Command::Entity::kUser,
      {{"name", JoinNames(users)}, {"cluster", cluster()}},
      {{std::string(Info(Key::kDefaultAccount).name), account.str()}}};
  return Emit(Phase::kDeleteUsers, std::move(command),
              absl::StrCat(SomeNames(users), ": ", why));
}

void Planner::DeleteNotLast(const std::vector<AssocKey>& rows) {
  // What is in the way of one may be to go itself: last of all, one by one, and
  // the rows of a user's partitions before the row that holds elsewhere.
  std::vector<AssocKey> later;
  for (const auto& [where, users] : GroupRows(rows)) {
    InChunks(
        users, behaviour().delete_batch,
        [&, where = where](const std::vector<Atom>& chunk) {
          const auto [account, partition] = where;
          std::vector<Atom> left;
          absl::btree_set<AssocKey> set;
          for (Atom user : chunk) {
            const AssocKey row{account, user, partition};
            // A detour for another row of the user may have taken it along.
            if (!now().associations.contains(row)) continue;
            left.push_back(user);
            set.insert(row);
          }
          if (left.empty()) return;
          if (EmitExactDelete(Phase::kDeleteUsers,
                              DeleteRows(left, account, partition, cluster()),
                              WhyDelete(left, account, partition), set, {})) {
            return;
          }
          later.insert(later.end(), set.begin(), set.end());
        });
  }
  std::sort(later.begin(), later.end(), std::greater<>());
  for (const AssocKey& row : later) DeleteNotLastRow(row);
}

void Planner::DeleteNotLastRow(const AssocKey& row) {
  if (!now().associations.contains(row)) return;
  if (EmitExactDelete(
          Phase::kDeleteUsers,
          DeleteRows({row.user}, row.account, row.partition, cluster()),
          WhyDelete({row.user}, row.account, row.partition), {row}, {})) {
    return;
  }
  DeleteWithDefaultAway(row);
}

// A row of the default account that goes while other rows of that account stay:
// some releases refuse it if the row carries the default mark, which nothing
// shows. The default is moved away and back.
void Planner::DeleteWithDefaultAway(const AssocKey& row) {
  const ForTheSakeOf sake(this, {row.DebugString()});
  const auto remove = [&] {
    return EmitExactDelete(
        Phase::kDeleteUsers,
        DeleteRows({row.user}, row.account, row.partition, cluster()),
        WhyDelete({row.user}, row.account, row.partition), {row}, {});
  };
  const Atom home = FieldOf(now().users, row.user, Key::kDefaultAccount);
  if (home == row.account) {
    Atom other;
    for (Atom account : AccountsThatStay(row.user)) {
      if (account != row.account) other = account;
    }
    if (!other.empty()) {
      if (SetDefaultAccount({row.user}, other,
                            "default account moved away, to delete a row") &&
          remove() &&
          SetDefaultAccount({row.user}, home, "default account moved back")) {
        return;
      }
    } else {
      // The only account: a fresh one takes the default meanwhile.
      Detour({row.user});
      return;
    }
  }
  RefuseCollateral(absl::StrCat("association ", row.DebugString(),
                                " cannot be deleted exactly on this release: "),
                   row.DebugString());
}

// All rows of a user's default account, the last rows that the user has.
bool Planner::DeleteAllRowsOf(Atom user, const std::vector<AssocKey>& of_user) {
  absl::btree_set<AssocKey> rows(of_user.begin(), of_user.end());
  const Atom account = of_user[0].account;
  absl::btree_set<Atom> leave;
  if (!NeededElsewhere(user)) leave.insert(user);
  // One by one, where the release lets a default row go while another stays.
  // All but the last must be sure before the first one is emitted, so this is
  // tried on the model's own prediction for each, in order.
  while (!rows.empty()) {
    const AssocKey row = *rows.rbegin();
    const bool is_last = rows.size() == 1;
    if (!EmitExactDelete(
            Phase::kDeleteUsers,
            DeleteRows({user}, row.account, row.partition, cluster()),
            WhyDelete({user}, row.account, row.partition), {row},
            is_last ? leave : absl::btree_set<Atom>())) {
      break;
    }
    rows.erase(row);
  }
  if (rows.empty()) return true;
  // All together, where the release wants no default row left behind.
  Command command{Command::Verb::kDelete,
                  Command::Entity::kUser,
                  {{"name", user.str()},
                   {"account", account.str()},
                   {"cluster", cluster()}},
                  {}};
  return EmitExactDelete(
      Phase::kDeleteUsers, command,
      absl::StrCat("delete ", user.view(), " from ", account.view()), rows,
      leave);
}

// slurm-facts 0.1: a fresh account takes the default, so that no row is a
// default row and none is the user's last; what then goes with the fresh
// account is exact, and no delete by name follows.
void Planner::Detour(const std::vector<Atom>& users) {
  const absl::btree_set<Atom> wanted(users.begin(), users.end());
  std::vector<AssocKey> rows;
  std::vector<std::string> named;
  for (const auto& [key, row] : now().associations) {
    if (wanted.contains(key.user) && !expected_.associations.contains(key)) {
      rows.push_back(key);
      named.push_back(key.DebugString());
    }
  }
  const ForTheSakeOf sake(this, std::move(named));
  for (Atom user : users) {
    if (!expected_.users.contains(user) && !NeededElsewhere(user)) {
      StripUser(user);
    }
  }
  absl::btree_set<Atom> taken;
  for (const auto& [name, record] : sims_[0].world().accounts) {
    taken.insert(name);
  }
  for (const auto& [key, row] : live_.others) taken.insert(key.row.account);
  Atom fresh;
  for (int i = 0; fresh.empty(); ++i) {
    const Atom name(absl::StrCat("assocsync0tmp", i));
    if (!taken.contains(name) && !now().accounts.contains(name)) fresh = name;
  }
  const std::string why = "a fresh account keeps the delete exact";
  Command add_account{Command::Verb::kAdd, Command::Entity::kAccount, {}, {}};
  add_account.set = {{"name", fresh.str()},
                     {"cluster", cluster()},
                     {"parent", RootName().str()}};
  if (!Emit(Phase::kDeleteUsers, add_account,
            absl::StrCat("add ", fresh.view(), ": ", why))) {
    return;
  }
  std::vector<Atom> back_home;  // Users who stay, with their default account.
  absl::btree_map<Atom, std::vector<Atom>> homes;
  InChunks(users, behaviour().add_batch, [&](const std::vector<Atom>& chunk) {
    for (Atom user : chunk) {
      const auto want = expected_.users.find(user);
      if (want != expected_.users.end()) {
        homes[want->second.fields.Get(Key::kDefaultAccount)].push_back(user);
      }
    }
    Command add{Command::Verb::kAdd, Command::Entity::kUser, {}, {}};
    add.set = {{"name", JoinNames(chunk)},
               {"account", fresh.str()},
               {"cluster", cluster()}};
    // The default of users who have rows is not said along with a new row:
    // slurmctld would have none for them, and take no job without an account
    // (seen on 22.05.8, 24.11.5 and 26.05.5).
    const bool by_add = std::any_of(chunk.begin(), chunk.end(), [&](Atom user) {
      return SaidByAddAlone(user);
    });
    if (by_add) {
      add.set.push_back(
          {std::string(Info(Key::kDefaultAccount).name), fresh.str()});
    }
    Emit(Phase::kDeleteUsers, std::move(add),
         absl::StrCat("add ", SomeNames(chunk), " to ", fresh.view(), ": ",
                      why));
    if (!by_add) SetDefaultAccount(chunk, fresh, why);
  });
  for (const auto& [where, names] : GroupRows(rows)) {
    const auto [account, partition] = where;
    for (Atom user : names) {
      const AssocKey row{account, user, partition};
      const ForTheSakeOf alone(this, {row.DebugString()});
      if (!EmitExactDelete(Phase::kDeleteUsers,
                           DeleteRows({user}, account, partition, cluster()),
                           WhyDelete({user}, account, partition), {row}, {})) {
        RefuseCollateral(absl::StrCat("association ", row.DebugString(),
                                      " cannot be deleted exactly: "),
                         row.DebugString());
      }
    }
  }
  for (const auto& [home, names] : homes) {
    InChunks(names, behaviour().modify_batch,
             [&, home = home](const std::vector<Atom>& chunk) {
               SetDefaultAccount(chunk, home, "default account moved back");
             });
  }
  absl::btree_set<AssocKey> last = {{fresh, {}, {}}};
  for (Atom user : users) last.insert({fresh, user, {}});
  const Command remove{
      Command::Verb::kDelete,
      Command::Entity::kAccount,
      {{"name", fresh.str()}, {"cluster", cluster()}, {"partition", ""}},
      {}};
  if (!EmitExactDelete(Phase::kDeleteUsers, remove,
                       absl::StrCat("delete ", fresh.view()), last, {})) {
    // A row that could not go keeps it, and is what has to be answered for.
    why_not_only_rows_ |= !victims.empty();
    RefuseCollateral(absl::StrCat("the temporary account ", fresh.view(),
                                  " cannot be deleted exactly: "),
                     fresh.str());
    return;
  }
  const Command record{Command::Verb::kDelete,
                       Command::Entity::kAccount,
                       {{"name", fresh.str()}},
                       {}};
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

// A user record that is left without associations must not grant anything. Who
// is needed on another cluster keeps all but this cluster's WCKeys.
bool Planner::StripUser(Atom user) {
  const auto found = live_.tree.users.find(user);
  if (found == live_.tree.users.end() || !stripped_.insert(user).second) {
    return true;
  }
  bool done = true;
  const Fields& fields = found->second.fields;
  for (absl::string_view wckey : Elements(fields.Get(Key::kWckeys).view())) {
    done &= Emit(Phase::kDeleteUsers,
                 {Command::Verb::kDelete,
                  Command::Entity::kUser,
                  {{"name", user.str()},
                   {"wckey", std::string(wckey)},
                   {"cluster", cluster()}},
                  {}},
                 absl::StrCat("delete WCKey ", wckey, " of ", user.view()));
  }
  if (NeededElsewhere(user)) return done;
  for (absl::string_view account :
       Elements(fields.Get(Key::kCoordinator).view())) {
    done &= Emit(
        Phase::kDeleteUsers,
        {Command::Verb::kDelete,
         Command::Entity::kCoordinator,
         {{"account", std::string(account)}, {"name", user.str()}},
         {}},
        absl::StrCat("no longer: ", user.view(), " coordinator of ", account));
  }
  if (fields.Has(Key::kAdminLevel)) {
    done &= Emit(Phase::kDeleteUsers,
                 {Command::Verb::kModify,
                  Command::Entity::kUser,
                  {{"name", user.str()}},
                  {{std::string(Info(Key::kAdminLevel).name), "None"}}},
                 absl::StrCat(user.view(), ": AdminLevel -> None"));
  }
  return done;
}

const std::vector<Atom>& Planner::AccountsThatStay(Atom user) {
  if (staying_.empty()) {
    for (const auto& [key, row] : expected_.associations) {
      if (!key.is_account()) staying_[key.user].push_back(key.account);
    }
  }
  return staying_[user];
}

// Records that the automatic delete did not take (odd names, detours): by name,
// where that is exact.
void Planner::DeleteLeftRecords(const absl::btree_set<Atom>& gone) {
  Finding stays;
  for (Atom user : gone) {
    if (NeededElsewhere(user) || !sims_[0].world().users.contains(user) ||
        now().users.contains(user)) {
      continue;
    }
    const Command command{Command::Verb::kDelete,
                          Command::Entity::kUser,
                          {{"name", user.str()}},
                          {}};
    if (!EmitExactDelete(Phase::kDeleteUsers, command,
                         absl::StrCat("delete the record of ", user.view()), {},
                         {user})) {
      if (StripUser(user)) {
        stays.rows.push_back(absl::StrCat("user ", user.view()));
      }
    }
  }
  if (stays.rows.empty()) return;
  stays.code = std::string(kRecordStays);
  stays.severity = Finding::Severity::kNote;
  stays.message =
      "user records stay, without any association or right: deleting them by "
      "name would also hit look-alikes";
  findings.push_back(std::move(stays));
}

void Planner::DeleteAccounts(const std::vector<Change>& changes) {
  absl::btree_set<Atom> gone;
  for (const Change& change : changes) {
    if (change.what == Change::What::kAssociation &&
        change.how == Change::How::kRemove && change.row.is_account()) {
      gone.insert(change.row.account);
    }
  }
  if (gone.empty()) return;
  // From the bottom up, as the tree is by now, one depth at a time.
  absl::btree_map<Atom, int> depth;
  absl::btree_map<int, std::vector<Atom>, std::greater<int>> levels;
  for (Atom name : TopDown(now())) {
    const Atom parent = now().associations.at({name, {}, {}}).parent;
    depth[name] = parent.empty() ? 0 : depth[parent] + 1;
    if (gone.contains(name)) levels[depth[name]].push_back(name);
  }
  std::vector<Atom> removed;
  for (const auto& [level, names] : levels) {
    InChunks(
        names, behaviour().delete_batch, [&](const std::vector<Atom>& chunk) {
          const auto attempt = [&](const std::vector<Atom>& some) {
            absl::btree_set<AssocKey> rows;
            for (Atom name : some) rows.insert({name, {}, {}});
            const Command command{Command::Verb::kDelete,
                                  Command::Entity::kAccount,
                                  {{"name", JoinNames(some)},
                                   {"cluster", cluster()},
                                   {"partition", ""}},
                                  {}};
            if (!EmitExactDelete(
                    Phase::kDeleteAccounts, command,
                    absl::StrCat("delete account ", SomeNames(some)), rows,
                    {})) {
              return false;
            }
            removed.insert(removed.end(), some.begin(), some.end());
            return true;
          };
          if (attempt(chunk)) return;
          for (Atom name : chunk) {
            if (attempt({name})) continue;
            RefuseCollateral(
                absl::StrCat("account ", name.view(),
                             " cannot be deleted exactly on this release: "),
                name.str());
          }
        });
  }
  // The records, where no cluster needs them and nothing looks alike.
  Finding stays;
  std::sort(removed.begin(), removed.end());
  std::erase_if(removed, [&](Atom name) {
    return accounts_elsewhere_.contains(name) ||
           !sims_[0].world().accounts.contains(name);
  });
  const auto attempt = [&](const std::vector<Atom>& names) {
    const Command command{Command::Verb::kDelete,
                          Command::Entity::kAccount,
                          {{"name", JoinNames(names)}},
                          {}};
    for (const Slurmdbd& sim : sims_) {
      const Outcome outcome = sim.Predict(command);
      if (outcome.result != Outcome::Result::kDone) return false;
      for (const Outcome::Touched& t : outcome.touched) {
        const bool own =
            std::binary_search(names.begin(), names.end(), t.row.account);
        if (!own || (t.what != Outcome::Touched::What::kAccount &&
                     t.what != Outcome::Touched::What::kCoordinator)) {
          return false;
        }
        if (keep_shared_ && NeededElsewhere(t.row.user)) return false;
      }
    }
    return Emit(Phase::kDeleteAccounts, command,
                absl::StrCat("delete the record of ", SomeNames(names)));
  };
  InChunks(removed, behaviour().delete_batch,
           [&](const std::vector<Atom>& chunk) {
             if (attempt(chunk)) return;
             for (Atom name : chunk) {
               if (!attempt({name})) {
                 stays.rows.push_back(absl::StrCat("account ", name.view()));
               }
             }
           });
  if (stays.rows.empty()) return;
  stays.code = std::string(kRecordStays);
  stays.severity = Finding::Severity::kNote;
  stays.message = absl::StrCat(
      "account records stay, without any association: deleting them by name "
      "would also hit look-alikes",
      keep_shared_ ? ", or rights that other clusters share" : "");
  findings.push_back(std::move(stays));
}

}  // namespace assocsync
