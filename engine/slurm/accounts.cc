// add account, modify account.
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/model/value.h"
#include "engine/slurm/commands.h"

namespace assocsync::slurm {
namespace {

RowRef AccountRow(Name account) { return {Name(), {account, {}, {}}}; }

// What is made up where nothing was given: the name as description, the parent
// as organization, and below root the name again (seen on 20.11, 22.05, 24.11
// and 26.05; slurm-facts 4.4 has it otherwise for 23.11 and later).
Fields NewRecord(const SlurmdbdTables& db, Name account, Name parent,
                 const Setting* description, const Setting* organization) {
  const bool inherits =
      db.behaviour().organization_is_parent && parent != RootName();
  Fields fields;
  fields.Set(Key::kDescription, description == nullptr
                                    ? account
                                    : Name(CanonicalText(description->value)));
  fields.Set(Key::kOrganization,
             organization == nullptr
                 ? (inherits ? parent : account)
                 : Name(CanonicalText(organization->value)));
  return fields;
}

// Moves an account: its own row, and the lineages below it as far as the
// release takes them along (slurm-facts 4.4, "Moving accounts").
void MoveAccount(SlurmdbdTables* db, Name account, Name parent) {
  const Behaviour& b = db->behaviour();
  if (!b.has_lineage ||
      (b.move_updates_descendants && !db->HasStaleLineages())) {
    // All follow, and a lineage that is as the names say is kept nowhere.
    db->ForgetCachedLineage(account);
    return db->SetParent(account, parent);
  }
  std::vector<std::pair<RowRef, std::string>> before;
  std::vector<RowRef> subtree;
  db->Subtree(AccountRow(account), &subtree);
  const bool stale = db->HasStaleLineage(AccountRow(account));
  for (const RowRef& row : subtree) {
    // The account's own users are asked nothing but whether they follow.
    const bool follows = !stale && !row.key.is_account() &&
                         row.key.account == account &&
                         !db->HasStaleLineage(row);
    before.emplace_back(row, follows ? "" : db->Lineage(row));
  }
  const std::string own = FoldName(db->Lineage(AccountRow(account)));
  db->SetParent(account, parent);
  // Accounts whose lineage is new, with the folded old one: slurmdbd takes
  // along what it finds below by LIKE on that.
  absl::btree_map<Name, std::string> moved;
  for (const auto& [row, lineage] : before) {
    const std::string old = lineage.empty() ? own : FoldName(lineage);
    bool follows = row.key == AssocKey{account, {}, {}};
    if (!follows) {
      const Name above =
          row.key.is_account() ? db->Find(row.key)->parent : row.key.account;
      const auto up = moved.find(above);
      follows = up != moved.end() && Like(absl::StrCat(up->second, "%"), old) &&
                (b.move_updates_descendants || above == account);
    }
    if (!follows) {
      db->SetLineage(row, lineage);
      continue;
    }
    db->FollowParentLineage(row.key);
    if (!row.key.is_account()) continue;
    moved[row.key.account] = old;
    if (row.key.account == account) {
      db->ForgetCachedLineage(account);
    } else if (!b.move_updates_descendants) {
      db->KeepCachedLineage(row.key.account, lineage);
    }
  }
}

// `set parent=P`, alone.
Outcome Move(SlurmdbdTables* db, const std::vector<Name>& names,
             const Setting& setting) {
  if (names.size() != 1) return Unknown("several accounts to move");
  const Name account = names[0];
  Name parent;
  const Verdict v =
      ParseOne(*db, NameKind::kAccount, setting.value, "parents", &parent);
  if (!v.ok()) return v;
  const Association* const row = db->Find({account, {}, {}});
  if (row == nullptr) return Nothing("there is no such account");
  if (account == RootName()) return Unknown("root would move");
  if (!db->HasAccount(parent)) {
    return Refused(absl::StrCat("there is no account '", parent.view(),
                                "' on the cluster"));
  }
  if (parent == account) return Nothing("it is the account itself");
  if (row->parent == parent) return Nothing("it is the parent already");
  if (db->IsBelow(parent, account)) {
    switch (db->behaviour().move_into_self) {
      case Behaviour::MoveIntoSelf::kRefusedExit0:
        return Refused("the new parent is below the account");
      case Behaviour::MoveIntoSelf::kBreaksLineage:
        return Unknown("the new parent is below the account");
      case Behaviour::MoveIntoSelf::kDescendantFirst:
        break;
    }
  }
  // It writes the new lineages as it read the old ones.
  if (db->behaviour().has_lineage && db->HasBackslashBelow(account)) {
    return Unknown("a name below it holds a backslash, which is lost");
  }
  Outcome outcome;
  if (db->IsBelow(parent, account)) {
    MoveAccount(db, parent, row->parent);
    Touch(&outcome, What::kRow, AccountRow(parent), How::kModified);
  }
  MoveAccount(db, account, parent);
  Touch(&outcome, What::kRow, AccountRow(account), How::kModified);
  return outcome;
}

Outcome ModifyRecords(SlurmdbdTables* db, const std::vector<Name>& names,
                      const Setting* description, const Setting* organization) {
  Outcome outcome;
  for (const Name account : names) {
    if (!db->HasAccountRecord(account)) continue;
    for (const auto& [key, text] : {std::pair(Key::kDescription, description),
                                    {Key::kOrganization, organization}}) {
      if (text == nullptr) continue;
      db->SetAccountField(account, key, Name(CanonicalText(text->value)));
    }
    Touch(&outcome, What::kAccount, AccountRow(account), How::kModified);
  }
  if (outcome.touched.empty()) return Nothing("there is no such account");
  return outcome;
}

}  // namespace

Outcome AddAccount(SlurmdbdTables* db, const Command& command) {
  Args args(command.set);
  const Setting* const name = args.Take("name");
  const Setting* const cluster = args.Take("cluster");
  const Setting* const parent_arg = args.Take("parent");
  const Setting* const description = args.Take("description");
  const Setting* const organization = args.Take("organization");
  LimitChanges limits;
  Verdict v = args.TakeLimits(*db, false, &limits);
  if (v.ok()) v = args.Finish();
  if (v.ok() && name == nullptr) v = Unknown("no name");
  if (v.ok()) v = CheckCluster(*db, cluster);
  std::vector<Name> names;
  Name parent = RootName();
  if (v.ok()) v = ParseNames(*db, NameKind::kAccount, name->value, &names);
  if (v.ok() && parent_arg != nullptr) {
    v = ParseOne(*db, NameKind::kAccount, parent_arg->value, "parents",
                 &parent);
  }
  if (!v.ok()) return v;
  if (!db->HasAccount(parent)) {
    return Refused(absl::StrCat("there is no account '", parent.view(),
                                "' on the cluster"));
  }
  std::vector<Name> missing;
  for (const Name account : names) {
    if (!db->HasAccount(account)) missing.push_back(account);
  }
  const Name shared = db->SharingPrefix42(NameKind::kAccount, missing);
  if (!shared.empty()) {
    return Unknown(absl::StrCat("'", shared.view(),
                                "' shares its first 42 characters with "
                                "another account"));
  }
  if (missing.empty()) return Nothing("all are there already");
  Outcome outcome;
  for (const Name account : missing) {
    if (!db->HasAccountRecord(account)) {
      db->AddAccountRecord(
          account, NewRecord(*db, account, parent, description, organization));
      Touch(&outcome, What::kAccount, AccountRow(account), How::kAdded);
    }
    Association row;
    row.parent = parent;
    limits.Apply(db->behaviour(), &row.limits);
    db->AddRow({account, {}, {}}, std::move(row), false);
    db->FollowCachedLineage({account, {}, {}});
    Touch(&outcome, What::kRow, AccountRow(account), How::kAdded);
  }
  return outcome;
}

Outcome ModifyAccount(SlurmdbdTables* db, const Command& command) {
  if (!db->behaviour().account_where_works) {
    return Unknown("this release cannot modify accounts");
  }
  Args where(command.where);
  const Setting* const name = where.Take("name");
  const Setting* const cluster = where.Take("cluster");
  const Setting* const partition = where.Take("partition");
  Args set(command.set);
  const Setting* const description = set.Take("description");
  const Setting* const organization = set.Take("organization");
  const Setting* const parent = set.Take("parent");
  LimitChanges limits;
  Verdict v = where.Finish();
  if (v.ok() && partition != nullptr && !partition->value.empty()) {
    v = Unknown("an account's row with a partition");
  }
  if (v.ok()) v = set.TakeLimits(*db, false, &limits);
  if (v.ok()) v = set.Finish();
  if (v.ok() && name == nullptr) v = Unknown("no name");
  std::vector<Name> names;
  if (v.ok()) v = ParseNames(*db, NameKind::kAccount, name->value, &names);
  if (!v.ok()) return v;

  const bool record = description != nullptr || organization != nullptr;
  if (record) {
    if (parent != nullptr || !limits.empty() || cluster != nullptr) {
      return Unknown("the record and rows in one command");
    }
    return ModifyRecords(db, names, description, organization);
  }
  v = CheckCluster(*db, cluster);
  if (!v.ok()) return v;
  if (parent != nullptr) {
    if (!limits.empty()) return Unknown("a move and limits together");
    return Move(db, names, *parent);
  }
  if (limits.empty()) return Unknown("nothing to set");

  std::vector<std::pair<AssocKey, Fields>> undo;
  for (const Name account : names) {
    const Association* const row = db->Find({account, {}, {}});
    if (row == nullptr) continue;
    undo.emplace_back(AssocKey{account, {}, {}}, row->limits);
    limits.Apply(db->behaviour(), &db->Edit({account, {}, {}}).limits);
  }
  if (undo.empty()) return Nothing("there is no such account");
  if (limits.touches_qos()) {
    for (const auto& [key, before] : undo) db->QosChanged(key);
    // The account's row and those of its users, not the accounts below it.
    for (const auto& [key, before] : undo) {
      const Association& row = *db->Find(key);
      bool reaches = limits.ReachesDefault(*db, row.limits, row.parent);
      for (const RowRef& user : db->UsersIn(Name(), key.account)) {
        reaches = reaches && limits.ReachesDefault(
                                 *db, db->Find(user.key)->limits, key.account);
      }
      if (reaches) continue;
      for (const auto& [changed, limits_before] : undo) {
        db->Edit(changed).limits = limits_before;
        db->QosChanged(changed);
      }
      return Refused(
          absl::StrCat("a row of account '", key.account.view(),
                       "' would not have access to its default QOS"));
    }
  }
  Outcome outcome;
  for (const auto& [key, before] : undo) {
    Touch(&outcome, What::kRow, {Name(), key}, How::kModified);
  }
  return outcome;
}

}  // namespace assocsync::slurm
