// modify user: rows, default account, default WCKey, admin level. sacctmgr lets
// them be mixed, and then applies limits to rows that nobody named (slurm-facts
// 4.5): the model knows one kind at a time.
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/model/value.h"
#include "engine/slurm/commands.h"

namespace assocsync::slurm {
namespace {

RowRef UserRef(Name user) { return {Name(), {Name(), user, Name()}}; }

// Users whose record exists; the others are passed over without a word.
std::vector<Name> Existing(const SlurmdbdTables& db,
                           const std::vector<Name>& users) {
  std::vector<Name> found;
  for (const Name user : users) {
    if (db.HasUserRecord(user)) found.push_back(user);
  }
  return found;
}

Outcome SetDefaultAccount(SlurmdbdTables* db, const std::vector<Name>& users,
                          const Setting& setting) {
  const bool clears = setting.value.empty();
  if (clears && !db->state().allows_no_default_account) {
    return Nothing("AllowNoDefAcct is not set: a default account stays");
  }
  Name account;
  const Verdict v = clears ? Verdict()
                           : ParseOne(*db, NameKind::kAccount, setting.value,
                                      "default accounts", &account);
  if (!v.ok()) return v;
  const std::vector<Name> found = Existing(*db, users);
  if (found.empty()) return Nothing("there is no such user");
  for (const Name user : found) {
    if (clears || !db->RowsOf(user, account).empty()) continue;
    return Refused(absl::StrCat("user '", user.view(),
                                "' has no association in account '",
                                account.view(), "'"));
  }
  Outcome outcome;
  for (const Name user : found) {
    db->SetDefaultAccount(user, account);
    Touch(&outcome, What::kUser, UserRef(user), How::kModified);
  }
  return outcome;
}

Outcome SetDefaultWckey(SlurmdbdTables* db, const std::vector<Name>& users,
                        const Setting& setting) {
  const std::string wckey = FoldName(setting.value);
  if (wckey.empty() || !WhyNotAddressable(wckey).empty() ||
      wckey != setting.value) {
    return Unknown("that name of a WCKey");
  }
  const std::vector<Name> found = Existing(*db, users);
  if (found.empty()) return Nothing("there is no such user");
  for (const Name user : found) {
    const Name list = db->WckeyFields(user).Get(Key::kWckeys);
    const std::vector<absl::string_view> all = Elements(list.view());
    if (!absl::c_linear_search(all, wckey)) {
      return Refused(
          absl::StrCat("user '", user.view(), "' has no WCKey '", wckey, "'"));
    }
  }
  Outcome outcome;
  for (const Name user : found) {
    Fields fields = db->WckeyFields(user);
    fields.Set(Key::kDefaultWckey, Name(wckey));
    db->SetWckeyFields(user, fields);
    Touch(&outcome, What::kUser, UserRef(user), How::kModified);
  }
  return outcome;
}

Outcome SetAdminLevel(SlurmdbdTables* db, const std::vector<Name>& users,
                      const Setting& setting) {
  const auto level = Canonical(Key::kAdminLevel, setting.value);
  if (!level.ok() || setting.value.empty()) {
    return Unknown("that AdminLevel");
  }
  const std::vector<Name> found = Existing(*db, users);
  if (found.empty()) return Nothing("there is no such user");
  Outcome outcome;
  for (const Name user : found) {
    db->SetAdminLevel(user, Name(level->text));
    Touch(&outcome, What::kUser, UserRef(user), How::kModified);
  }
  return outcome;
}

// Which rows slurmdbd looks at for their default QOS after a change: up to
// 23.02 those of the condition; since 23.11 all of the accounts and users that
// were touched, partitions or not.
Verdict CheckQos(const SlurmdbdTables& db, const LimitChanges& limits,
                 const absl::btree_set<AssocKey>& changed) {
  absl::btree_set<AssocKey> rows = changed;
  if (db.behaviour().has_lineage) {
    absl::btree_set<Name> accounts, users;
    for (const AssocKey& key : changed) {
      accounts.insert(key.account);
      users.insert(key.user);
    }
    for (const AssocKey& key : db.RowsOf({users.begin(), users.end()},
                                         {accounts.begin(), accounts.end()})) {
      rows.insert(key);
    }
  }
  for (const AssocKey& key : rows) {
    if (!limits.ReachesDefault(db, db.Find(key)->limits, key.account)) {
      return Refused(absl::StrCat(key.ToString(),
                                  " would not have access to its default QOS"));
    }
  }
  return {};
}

struct RowCondition {
  std::vector<Name> users, accounts;
  bool any_partition = true;
  std::vector<Name> partitions;
};

Outcome SetLimits(SlurmdbdTables* db, const RowCondition& where,
                  const LimitChanges& limits) {
  absl::btree_set<AssocKey> rows;
  for (const AssocKey& key : db->RowsOf(where.users, where.accounts)) {
    if (where.any_partition ||
        absl::c_linear_search(where.partitions, key.partition)) {
      rows.insert(key);
    }
  }
  if (rows.empty()) return Nothing("there is no such association");
  std::vector<std::pair<AssocKey, Fields>> undo;
  for (const AssocKey& key : rows) {
    Fields* const fields = &db->Edit(key).limits;
    undo.emplace_back(key, *fields);
    limits.Apply(db->behaviour(), fields);
  }
  if (limits.touches_qos()) {
    for (const AssocKey& key : rows) db->QosChanged(key);
    if (const Verdict v = CheckQos(*db, limits, rows); !v.ok()) {
      for (const auto& [key, before] : undo) db->Edit(key).limits = before;
      return v;
    }
  }
  Outcome outcome;
  for (const AssocKey& key : rows) {
    Touch(&outcome, What::kRow, {Name(), key}, How::kModified);
  }
  return outcome;
}

}  // namespace

Outcome ModifyUser(SlurmdbdTables* db, const Command& command) {
  Args where(command.where);
  const Setting* const name = where.Take("name");
  const Setting* const cluster = where.Take("cluster");
  const Setting* const account = where.Take("account");
  const Setting* const partition = where.Take("partition");
  Args set(command.set);
  const Setting* const default_account = set.Take("defaultaccount");
  const Setting* const default_wckey = set.Take("defaultwckey");
  const Setting* const admin_level = set.Take("adminlevel");
  LimitChanges limits;
  RowCondition rows;
  Verdict v = where.Finish();
  if (v.ok()) v = set.TakeLimits(*db, true, &limits);
  if (v.ok()) v = set.Finish();
  if (v.ok() && name == nullptr) v = Unknown("no name");
  if (v.ok()) v = ParseNames(*db, NameKind::kUser, name->value, &rows.users);
  if (!v.ok()) return v;

  const int kinds = (default_account != nullptr ? 1 : 0) +
                    (default_wckey != nullptr ? 1 : 0) +
                    (admin_level != nullptr ? 1 : 0) + (limits.empty() ? 0 : 1);
  if (kinds != 1) return Unknown("settings of several kinds, or none");
  if (limits.empty() && (account != nullptr || partition != nullptr)) {
    return Unknown("account= with a setting of the user's record");
  }
  // An admin level has no cluster; any other change without one is for all.
  if (admin_level == nullptr || cluster != nullptr) {
    v = CheckCluster(*db, cluster);
    if (!v.ok()) return v;
  }
  if (admin_level != nullptr || default_account != nullptr) {
    if (v = CheckReadBack(rows.users); !v.ok()) return v;
  }
  if (admin_level != nullptr)
    return SetAdminLevel(db, rows.users, *admin_level);
  if (default_account != nullptr) {
    return SetDefaultAccount(db, rows.users, *default_account);
  }
  if (default_wckey != nullptr) {
    return SetDefaultWckey(db, rows.users, *default_wckey);
  }
  if (account == nullptr) return Unknown("limits without account=");
  v = ParseNames(*db, NameKind::kAccount, account->value, &rows.accounts);
  if (v.ok() && partition != nullptr) {
    rows.any_partition = false;
    v = ParsePartitions(*db, partition->value, &rows.partitions);
  }
  if (!v.ok()) return v;
  return SetLimits(db, rows, limits);
}

}  // namespace assocsync::slurm
