// add user: records and associations.

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "engine/model/value.h"
#include "engine/slurm/commands.h"

namespace assocsync::slurm {
namespace {

struct NewUsers {
  std::vector<Name> names, accounts, partitions;  // {""}: no partition.
  Name default_account;                           // Empty: none was given.
  Name admin_level;
  LimitChanges limits;
};

struct NewRow {
  AssocKey key;
  bool flagged;
};

Verdict Parse(const SlurmdbdTables& db, const Command& command, NewUsers* out) {
  Args args(command.set);
  const Setting* const name = args.Take("name");
  const Setting* const account = args.Take("account");
  const Setting* const cluster = args.Take("cluster");
  const Setting* const partition = args.Take("partition");
  const Setting* const default_account = args.Take("defaultaccount");
  const Setting* const admin_level = args.Take("adminlevel");
  Verdict v = args.TakeLimits(db, true, &out->limits);
  if (v.ok()) v = args.Finish();
  if (v.ok()) v = CheckCluster(db, cluster);
  if (v.ok() && name == nullptr) v = Unknown("no name");
  if (v.ok()) v = ParseNames(db, NameKind::kUser, name->value, &out->names);
  if (v.ok() && account != nullptr) {
    v = ParseNames(db, NameKind::kAccount, account->value, &out->accounts);
  }
  if (v.ok() && default_account != nullptr) {
    // It is one of the accounts, named there or not.
    Name& one = out->default_account;
    v = ParseOne(db, NameKind::kAccount, default_account->value,
                 "default accounts", &one);
    if (v.ok() && !absl::c_linear_search(out->accounts, one)) {
      out->accounts.push_back(one);
    }
  }
  if (v.ok() && out->accounts.empty()) v = Refused("no account");
  if (v.ok() && partition != nullptr) {
    v = ParseNames(db, NameKind::kPartition, partition->value,
                   &out->partitions);
  } else {
    out->partitions = {Name()};
  }
  if (v.ok() && admin_level != nullptr) {
    const auto level = Canonical(Key::kAdminLevel, admin_level->value);
    if (!level.ok()) return Unknown(level.status().message());
    out->admin_level = Name(level->text);
  }
  if (!v.ok()) return v;
  for (const Name one : out->accounts) {
    if (db.HasAccount(one)) continue;
    // Several: the rest is added, with an exit status of 1 (slurm-facts 4.3).
    const std::string reason =
        absl::StrCat("there is no account '", one.view(), "' on the cluster");
    return out->accounts.size() == 1 ? Refused(reason) : Unknown(reason);
  }
  const Name user = db.SharingPrefix42(NameKind::kUser, out->names);
  if (!user.empty()) {
    return Unknown(
        absl::StrCat("'", user.view(),
                     "' shares its first 42 characters with another user"));
  }
  if (!db.SharingPrefix42(NameKind::kPartition, out->partitions).empty()) {
    return Unknown("two partitions share their first 42 characters");
  }
  return {};
}

// Up to 23.02 the client makes the list of rows and of flags.
void ListRowsOld(const SlurmdbdTables& db, const NewUsers& add,
                 std::vector<NewRow>* rows) {
  const bool client_guesses =
      db.behaviour().default_guard == Behaviour::DefaultGuard::kClient;
  for (const Name user : add.names) {
    Name flagged = add.default_account;
    // 20.11: the default that the user has, else the first account given.
    if (flagged.empty() && client_guesses) flagged = db.DefaultAccount(user);
    if (flagged.empty() && client_guesses) flagged = add.accounts[0];
    for (const Name account : add.accounts) {
      for (const Name partition : add.partitions) {
        const AssocKey key{account, user, partition};
        if (db.Find(key) != nullptr) continue;
        rows->push_back({key, account == flagged});
      }
    }
  }
}

// Since 23.11 the server does, account by account: of several partitions only
// the first row gets the flag, and with it the flag is used up for the rest of
// the account's users too.
void ListRowsNew(const SlurmdbdTables& db, const NewUsers& add,
                 std::vector<NewRow>* rows) {
  bool first_account = true;
  for (const Name account : add.accounts) {
    bool is_default = account == add.default_account;
    for (const Name user : add.names) {
      bool made_default = false;
      if (add.default_account.empty() && !is_default && first_account &&
          !db.HasUserRecord(user)) {
        is_default = made_default = true;
      }
      for (const Name partition : add.partitions) {
        const AssocKey key{account, user, partition};
        if (db.Find(key) != nullptr) continue;
        rows->push_back({key, is_default});
        if (!partition.empty()) is_default = false;
      }
      if (made_default) is_default = false;
    }
    first_account = false;
  }
}

// What is left to the server after all: a user without any flagged row gets
// one; which, is only sure where there is but one account.
Verdict CheckDefaults(const SlurmdbdTables& db, const NewUsers& add,
                      const std::vector<NewRow>& rows) {
  absl::flat_hash_map<Name, std::vector<const NewRow*>> rows_of;
  for (const NewRow& row : rows) rows_of[row.key.user].push_back(&row);
  for (const Name user : add.names) {
    if (!db.DefaultAccount(user).empty()) continue;
    bool has_default = false;
    const std::vector<const NewRow*>& own = rows_of[user];
    absl::btree_set<Name> accounts;
    db.RowsOfUser(user).ForEach([&](const UserRow& r) {
      if (r.cluster.empty()) accounts.insert(r.account);
    });
    for (const NewRow* const row : own) {
      accounts.insert(row->key.account);
      has_default = has_default || row->flagged;
    }
    if (own.empty() && !db.behaviour().has_lineage) continue;
    if (!has_default && accounts.size() > 1) {
      return Unknown(absl::StrCat("which account becomes the default of '",
                                  user.view(), "'"));
    }
  }
  return {};
}

}  // namespace

Outcome AddUser(SlurmdbdTables* db, const Command& command) {
  for (const Setting& setting : command.set) {
    if (setting.key == "wckey" || setting.key == "defaultwckey") {
      return AddWckeys(db, command);
    }
  }
  NewUsers add;
  Verdict v = Parse(*db, command, &add);
  if (!v.ok()) return v;
  const bool server_adds = db->behaviour().has_lineage;
  std::vector<NewRow> rows;
  if (server_adds) {
    ListRowsNew(*db, add, &rows);
  } else {
    ListRowsOld(*db, add, &rows);
  }
  if (rows.empty()) return Nothing("all are there already");
  v = CheckDefaults(*db, add, rows);
  if (!v.ok()) return v;
  Fields limits;
  add.limits.Apply(db->behaviour(), &limits);
  if (server_adds) {
    for (const NewRow& row : rows) {
      if (!ReachesDefaultQos(*db, limits, row.key.account)) {
        return Refused(absl::StrCat(
            row.key.ToString(), " would not have access to its default QOS"));
      }
    }
  }

  Outcome outcome;
  for (const Name user : add.names) {
    if (db->HasUserRecord(user)) continue;
    Fields record;
    if (!add.admin_level.empty()) {
      record.Set(Key::kAdminLevel, add.admin_level);
    }
    db->AddUserRecord(user, record);
    Touch(&outcome, What::kUser, {Name(), {Name(), user, Name()}}, How::kAdded);
  }
  for (const NewRow& row : rows) {
    if (row.flagged) db->MakeOnlyDefault(row.key.user, row.key.account);
    db->AddRow(row.key, {Name(), limits}, row.flagged);
    db->FollowCachedLineage(row.key);
    Touch(&outcome, What::kRow, {Name(), row.key}, How::kAdded);
  }
  for (const Name user : add.names) {
    if (!db->DefaultAccount(user).empty()) continue;
    // Up to 23.02 that is for users who got a row only.
    if (!server_adds && absl::c_none_of(rows, [&](const NewRow& row) {
          return row.key.user == user;
        })) {
      continue;
    }
    Name own;
    db->RowsOfUser(user).Any([&](const UserRow& r) {
      if (r.cluster.empty()) own = r.account;
      return r.cluster.empty();
    });
    if (!own.empty()) db->SetDefaultAccount(user, own);
  }
  return outcome;
}

}  // namespace assocsync::slurm
