// delete user, delete account: which rows and records go (slurm-facts 0.1, 4.4,
// 4.5). Deciding is const; CarryOut does it.

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/model/value.h"
#include "engine/slurm/commands.h"

namespace assocsync::slurm {
namespace {

struct Condition {
  std::vector<Name> users, accounts, partitions;
  bool has_account = false;
  bool has_partition = false;  // {""}: the row without one.
  bool by_name = false;        // No cluster=, account=, partition=.
};

Removal Failed(const Verdict& verdict) {
  Removal removal;
  removal.verdict = verdict;
  return removal;
}

// From the rows that a condition selects to those that slurmdbd then finds by
// their place in the tree.
Verdict Expand(const SlurmdbdTables& db, const Condition& where,
               const std::vector<RowRef>& selected, Removal* removal) {
  const Behaviour& b = db.behaviour();
  const Match match =
      where.has_partition ? b.assoc_delete_partition : b.assoc_delete;
  for (const RowRef& row : selected) {
    if (b.has_lineage && db.HasBackslash(row)) {
      return Unknown(absl::StrCat("slurmdbd takes the backslash in '",
                                  db.Lineage(row),
                                  "' for an escape, and finds other rows"));
    }
    bool known = true;
    if (!b.has_lineage) {
      if (row.key.is_account()) {
        std::vector<RowRef> below;
        known = db.Subtree(row, &below);
        removal->rows.insert(below.begin(), below.end());
      } else {
        removal->rows.insert(row);
      }
    } else {
      known = db.FindLineages(match == Match::kExact
                                  ? SlurmdbdTables::Lineages::kSame
                                  : SlurmdbdTables::Lineages::kPrefix,
                              row, &removal->rows);
    }
    if (!known) return Unknown("which rows look alike to MariaDB");
  }
  return {};
}

// Takes user records, and by LIKE what else has such a lineage.
Verdict TakeUsers(const SlurmdbdTables& db, const std::vector<Name>& users,
                  Removal* removal) {
  for (const Name user : users) {
    removal->users.insert(user);
    for (const DatabaseState::Coordinator& c : db.CoordinatorsOf(user)) {
      removal->coordinators.insert(c);
    }
    const Name wckeys = db.WckeyFields(user).Get(Key::kWckeys);
    for (const absl::string_view wckey : Elements(wckeys.view())) {
      removal->wckeys.insert({user, Name(wckey)});
    }
    if (db.behaviour().user_delete_by_name == Match::kExact) {
      db.RowsOfUser(user).ForEach([&](const UserRow& r) {
        removal->rows.insert({r.cluster, {r.account, user, r.partition}});
      });
    } else if (!db.FindLineages(SlurmdbdTables::Lineages::kAnywhere, Name(),
                                absl::StrCat("0-", user.view()),
                                &removal->rows)) {
      return Unknown("which rows look alike to MariaDB");
    }
  }
  return {};
}

// The client reads the name back from what it printed, up to the first
// character that it does not expect in a name.
absl::string_view NameAsPrinted(absl::string_view user) {
  size_t end = 0;
  while (end < user.size() &&
         (absl::ascii_isalnum(static_cast<unsigned char>(user[end])) ||
          absl::StrContains("_.@-", user.substr(end, 1)))) {
    ++end;
  }
  return user.substr(0, end);
}

// "Deleting users (No Associations)": the users of the rows that went, as the
// client reads their names, if they have no row left on any cluster.
Verdict FollowUsers(const SlurmdbdTables& db, Removal* removal) {
  std::vector<Name> printed;
  for (const RowRef& row : removal->rows) {
    if (row.key.is_account()) {
      // The client finds no user in the line, gives up and does not commit.
      return Refused("an account's row would go as well");
    }
    const absl::string_view text = NameAsPrinted(row.key.user.view());
    if (text.empty()) continue;  // No user is asked for, and none deleted.
    const Name name(text);
    if (!absl::c_linear_search(printed, name)) printed.push_back(name);
  }
  std::vector<Name> gone;
  for (const Name user : printed) {
    if (!db.HasUserRecord(user)) continue;
    bool any = false;
    bool managed = false;
    bool flagged = false;
    // 20.11 asks here whether who stays still has a default account.
    const bool asks =
        db.behaviour().default_guard == Behaviour::DefaultGuard::kClient;
    db.RowsOfUser(user).Any([&](const UserRow& r) {
      const RowRef row{r.cluster, {r.account, user, r.partition}};
      if (removal->rows.contains(row)) return false;
      any = true;
      managed = managed || r.cluster.empty();
      return managed || !asks;  // That is all that matters.
    });
    if (asks) {
      for (const AssocKey& key : db.RowsOf(user, db.DefaultAccount(user))) {
        flagged = flagged || (!removal->rows.contains({Name(), key}) &&
                              db.DefaultFlag(key) != Flag::kNo);
      }
    }
    if (!any) gone.push_back(user);
    if (managed && !flagged && asks) {
      return Refused(absl::StrCat("user '", user.view(),
                                  "' would be left without a default account"));
    }
  }
  return TakeUsers(db, gone, removal);
}

// Rows whose account is gone while they stay: slurmdbd may hang on them for
// ever (slurm-facts 5.6). What happens then is nobody's plan.
Verdict CheckOrphans(const SlurmdbdTables& db,
                     const absl::btree_set<RowRef>& rows) {
  for (const RowRef& row : rows) {
    if (!row.key.is_account()) continue;
    std::vector<RowRef> below;
    db.Subtree(row, &below);
    for (const RowRef& other : below) {
      if (!rows.contains(other)) {
        return Unknown(absl::StrCat(other.key.ToString(),
                                    " would stay without its account"));
      }
    }
  }
  return {};
}

Removal DeleteUsers(const SlurmdbdTables& db, const Condition& where) {
  Removal removal;
  Verdict& v = removal.verdict;
  if (where.by_name) {
    std::vector<Name> found;
    for (const Name user : where.users) {
      if (db.HasUserRecord(user)) found.push_back(user);
    }
    if (found.empty()) return Failed(Nothing("there is no such user"));
    if (v = TakeUsers(db, found, &removal); v.ok()) {
      v = CheckDefaultsLeft(db, removal.rows);
    }
    return removal;
  }
  std::vector<RowRef> selected;
  const auto select = [&](const AssocKey& key) {
    if (!where.has_partition ||
        absl::c_linear_search(where.partitions, key.partition)) {
      selected.push_back({Name(), key});
    }
  };
  if (where.has_account) {
    absl::c_for_each(db.RowsOf(where.users, where.accounts), select);
  } else {
    for (const Name user : where.users) {
      db.RowsOfUser(user).ForEach([&](const UserRow& r) {
        if (r.cluster.empty()) select({r.account, user, r.partition});
      });
    }
  }
  if (selected.empty()) {
    return Failed(Nothing("there is no such association"));
  }
  v = Expand(db, where, selected, &removal);
  if (v.ok()) v = CheckDefaultGuard(db, removal.rows);
  if (v.ok()) v = FollowUsers(db, &removal);
  if (v.ok()) v = CheckDefaultsLeft(db, removal.rows);
  if (v.ok()) v = CheckOrphans(db, removal.rows);
  return removal;
}

Removal DeleteAccounts(const SlurmdbdTables& db, const Condition& where) {
  if (!db.behaviour().account_where_works) {
    return Failed(Unknown("this release cannot delete accounts"));
  }
  if (absl::c_linear_search(where.accounts, RootName())) {
    return Failed(Refused("root cannot be deleted"));
  }
  Removal removal;
  Verdict& v = removal.verdict;
  const bool client_guard =
      db.behaviour().default_guard == Behaviour::DefaultGuard::kClient;
  if (!where.by_name) {
    std::vector<RowRef> selected;
    for (const Name account : where.accounts) {
      const RowRef own{Name(), {account, {}, {}}};
      if (db.HasAccount(account) &&
          (!where.has_partition ||
           absl::c_linear_search(where.partitions, Name()))) {
        selected.push_back(own);
      }
      for (const RowRef& row : db.UsersIn(Name(), account)) {
        if (!where.has_partition ||
            absl::c_linear_search(where.partitions, row.key.partition)) {
          selected.push_back(row);
        }
      }
    }
    if (selected.empty()) {
      return Failed(Nothing("there is no such association"));
    }
    v = Expand(db, where, selected, &removal);
    if (v.ok()) v = CheckDefaultGuard(db, removal.rows);
    if (v.ok() && client_guard) {
      // It sees the rows of the condition only, not those below them.
      v = CheckClientAccountGuard(db, where.accounts,
                                  {selected.begin(), selected.end()}, false);
    }
    if (v.ok()) v = CheckOrphans(db, removal.rows);
    return removal;
  }

  std::vector<Name> found;
  for (const Name account : where.accounts) {
    if (db.state().accounts.contains(account)) found.push_back(account);
  }
  if (found.empty()) return Failed(Nothing("there is no such account"));
  absl::btree_set<RowRef> asked;  // The rows that the guard looks at.
  bool known = true;
  for (const Name account : found) {
    removal.accounts.insert(account);
    for (const DatabaseState::Coordinator& c : db.CoordinatorsIn(account)) {
      removal.coordinators.insert(c);
    }
    if (db.behaviour().account_delete_by_name != Match::kExact) {
      known = db.FindLineages(SlurmdbdTables::Lineages::kAnywhere, Name(),
                              account.view(), &removal.rows) &&
              known;
      continue;
    }
    for (const Name cluster : db.ClustersOf(account)) {
      std::vector<RowRef> below;
      known = db.Subtree({cluster, {account, {}, {}}}, &below) && known;
      removal.rows.insert(below.begin(), below.end());
      for (const RowRef& row : db.UsersIn(cluster, account)) asked.insert(row);
    }
  }
  if (!known) v = Unknown("which rows look alike, or hang below, elsewhere");
  if (db.behaviour().account_delete_by_name != Match::kExact) {
    asked = removal.rows;
  }
  if (v.ok()) v = CheckDefaultGuard(db, asked);
  if (v.ok() && client_guard) {
    v = CheckClientAccountGuard(db, found, removal.rows, true);
  }
  if (v.ok()) v = CheckOrphans(db, removal.rows);
  return removal;
}

}  // namespace

Removal PlanDelete(const SlurmdbdTables& db, const Command& command) {
  if (command.entity == Command::Entity::kQos) {
    return PlanDeleteQos(db, command);
  }
  if (command.entity == Command::Entity::kCluster) {
    return Failed(Unknown("a cluster would go"));
  }
  Args args(command.where);
  const bool accounts_only = command.entity == Command::Entity::kAccount;
  const Setting* const name = args.Take("name");
  const Setting* const cluster = args.Take("cluster");
  const Setting* const account = accounts_only ? nullptr : args.Take("account");
  const Setting* const partition = args.Take("partition");
  const Setting* const wckey = args.Take("wckey");
  Verdict v = args.Finish();
  if (v.ok() && name == nullptr) v = Unknown("no name");
  Condition where;
  if (v.ok()) {
    v = accounts_only
            ? ParseNames(db, NameKind::kAccount, name->value, &where.accounts)
            : ParseNames(db, NameKind::kUser, name->value, &where.users);
  }
  if (v.ok() && account != nullptr) {
    where.has_account = true;
    v = ParseNames(db, NameKind::kAccount, account->value, &where.accounts);
  }
  if (v.ok() && partition != nullptr) {
    where.has_partition = true;
    v = ParsePartitions(db, partition->value, &where.partitions);
  }
  if (!v.ok()) return Failed(v);
  if (command.entity == Command::Entity::kCoordinator) {
    if (account == nullptr || cluster != nullptr || partition != nullptr ||
        wckey != nullptr) {
      return Failed(Unknown("coordinators by other than account and name"));
    }
    return DeleteCoordinators(db, where.accounts, where.users);
  }
  where.by_name =
      cluster == nullptr && account == nullptr && partition == nullptr;
  if (where.by_name && wckey == nullptr) {
    if (v = CheckReadBack(where.users); !v.ok()) return Failed(v);
  }
  if (!where.by_name || wckey != nullptr) {
    if (v = CheckCluster(db, cluster); !v.ok()) return Failed(v);
  }
  if (wckey != nullptr) {
    if (accounts_only || account != nullptr || partition != nullptr ||
        FoldName(wckey->value) != wckey->value) {
      return Failed(Unknown("a WCKey with other conditions"));
    }
    return DeleteWckeys(db, where.users, wckey->value);
  }
  return accounts_only ? DeleteAccounts(db, where) : DeleteUsers(db, where);
}

}  // namespace assocsync::slurm
