// WCKeys and coordinators, and carrying out what deletes decided.
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/model/value.h"
#include "engine/slurm/commands.h"

namespace assocsync::slurm {
namespace {

Verdict ParseWckeys(absl::string_view list, std::vector<Name>* wckeys) {
  for (const absl::string_view text : absl::StrSplit(list, ',')) {
    if (text.empty() || FoldName(text) != text || IsOdd(text) ||
        !WhyNotAddressable(text).empty() || text.front() == '*') {
      return Unknown("that name of a WCKey");
    }
    wckeys->push_back(Name(text));
  }
  return {};
}

Verdict CheckUsers(const SlurmdbdTables& db, const std::vector<Name>& users) {
  for (const Name user : users) {
    if (db.HasUserRecord(user)) continue;
    return Refused(absl::StrCat("there is no user '", user.view(), "'"));
  }
  return {};
}

Verdict CheckAccounts(const SlurmdbdTables& db,
                      const std::vector<Name>& accounts) {
  for (const Name account : accounts) {
    if (db.HasAccountRecord(account)) continue;
    return Refused(absl::StrCat("there is no account '", account.view(), "'"));
  }
  return {};
}

}  // namespace

// add user name= wckey= cluster= [defaultwckey=]
Outcome AddWckeys(SlurmdbdTables* db, const Command& command) {
  Args args(command.set);
  const Setting* const name = args.Take("name");
  const Setting* const cluster = args.Take("cluster");
  const Setting* const wckey = args.Take("wckey");
  const Setting* const default_wckey = args.Take("defaultwckey");
  Verdict v = args.Finish();
  if (v.ok()) v = CheckCluster(*db, cluster);
  if (v.ok() && (name == nullptr || wckey == nullptr)) v = Unknown("no name");
  std::vector<Name> users, wckeys;
  if (v.ok()) v = ParseNames(*db, NameKind::kUser, name->value, &users);
  if (v.ok()) v = ParseWckeys(wckey->value, &wckeys);
  Name given;
  if (v.ok() && default_wckey != nullptr) {
    std::vector<Name> one;
    v = ParseWckeys(default_wckey->value, &one);
    if (v.ok() && one.size() != 1) v = Unknown("several default WCKeys");
    if (v.ok()) given = one[0];
    if (v.ok() && !absl::c_linear_search(wckeys, given)) {
      wckeys.push_back(given);  // It is one of the user's, named or not.
    }
  }
  if (!v.ok()) return v;

  Outcome outcome;
  std::vector<std::pair<Name, Fields>> changed;
  for (const Name user : users) {
    if (!db->HasUserRecord(user)) {
      return Unknown("a user who is only added for a WCKey");
    }
    Fields fields = db->WckeyFields(user);
    const Name before = fields.Get(Key::kWckeys);
    std::vector<absl::string_view> list = Elements(before.view());
    std::vector<Name> added;
    for (const Name one : wckeys) {
      if (absl::c_linear_search(list, one.view())) {
        continue;
      }
      list.push_back(one.view());
      added.push_back(one);
      Touch(&outcome, What::kWckey, {Name(), {one, user, Name()}}, How::kAdded);
    }
    if (added.empty()) continue;
    const Name had = fields.Get(Key::kDefaultWckey);
    const bool adds_given = absl::c_linear_search(added, given);
    if (adds_given && !had.empty() && !db->behaviour().has_lineage) {
      // Both are then flagged (seen on 22.05).
      return Unknown(absl::StrCat("user '", user.view(),
                                  "' would have two default WCKeys"));
    }
    if (adds_given) {
      fields.Set(Key::kDefaultWckey, given);
    } else if (had.empty()) {
      // The first of the list; what is made up where that one is there already
      // (and no default), depends on the times of creation.
      if (!given.empty() || added[0] != wckeys[0]) {
        return Unknown(absl::StrCat("which WCKey becomes the default of '",
                                    user.view(), "'"));
      }
      fields.Set(Key::kDefaultWckey, added[0]);
    } else if (given.empty() && db->behaviour().has_lineage) {
      // The server keeps the default of users that it found a uid for, and
      // gives it to the new WCKey for the others (seen on 26.05).
      return Unknown(
          absl::StrCat("without defaultwckey= '", user.view(),
                       "' may or may not get the new WCKey as its default"));
    }
    fields.Set(Key::kWckeys, Name(JoinElements(list)));
    changed.emplace_back(user, fields);
  }
  if (changed.empty()) return Nothing("all are there already");
  for (const auto& [user, fields] : changed) db->SetWckeyFields(user, fields);
  return outcome;
}

Outcome AddCoordinator(SlurmdbdTables* db, const Command& command) {
  Args args(command.set);
  const Setting* const name = args.Take("name");
  const Setting* const account = args.Take("account");
  Verdict v = args.Finish();
  if (v.ok() && (name == nullptr || account == nullptr)) v = Unknown("no name");
  std::vector<Name> users, accounts;
  if (v.ok()) v = ParseNames(*db, NameKind::kUser, name->value, &users);
  if (v.ok()) {
    v = ParseNames(*db, NameKind::kAccount, account->value, &accounts);
  }
  if (!v.ok()) return v;
  if (v = CheckUsers(*db, users); !v.ok()) return v;
  if (v = CheckAccounts(*db, accounts); !v.ok()) return v;
  Outcome outcome;
  for (const Name one : accounts) {
    for (const Name user : users) {
      if (db->Coordinates(one, user)) continue;
      db->AddCoordinator(one, user);
      Touch(&outcome, What::kCoordinator, {Name(), {one, user, Name()}},
            How::kAdded);
    }
  }
  return outcome;  // Also where all were there: it exits 0 (slurm-facts 4.8).
}

Removal DeleteWckeys(const SlurmdbdTables& db, const std::vector<Name>& users,
                     absl::string_view list) {
  Removal removal;
  for (const Name user : users) {
    const Name own = db.WckeyFields(user).Get(Key::kWckeys);
    for (const absl::string_view wckey : Elements(own.view())) {
      const std::vector<absl::string_view> named = Elements(list);
      if (absl::c_linear_search(named, wckey)) {
        removal.wckeys.insert({user, Name(wckey)});
      }
    }
  }
  if (removal.wckeys.empty()) {
    removal.verdict = Nothing("there is no such WCKey");
  }
  return removal;
}

Removal DeleteCoordinators(const SlurmdbdTables& db,
                           const std::vector<Name>& accounts,
                           const std::vector<Name>& users) {
  Removal removal;
  // The client wants both records to exist.
  Verdict& v = removal.verdict;
  if (v = CheckAccounts(db, accounts); v.ok()) v = CheckUsers(db, users);
  if (!v.ok()) return removal;
  for (const Name user : users) {
    for (const Name account : accounts) {
      if (db.Coordinates(account, user)) {
        removal.coordinators.insert({account, user});
      }
    }
  }
  if (removal.coordinators.empty()) {
    removal.verdict = Nothing("there is no such coordinator");
  }
  return removal;
}

Outcome ToOutcome(const Removal& removal) {
  Outcome outcome = removal.verdict;
  if (!removal.verdict.ok()) return outcome;
  const auto gone = [&](What what, Name account, Name user) {
    Touch(&outcome, what, {Name(), {account, user, Name()}}, How::kRemoved);
  };
  for (const RowRef& row : removal.rows) {
    Touch(&outcome, What::kRow, row, How::kRemoved);
  }
  for (const Name user : removal.users) gone(What::kUser, Name(), user);
  for (const Name account : removal.accounts) {
    gone(What::kAccount, account, Name());
  }
  for (const auto& [account, user] : removal.coordinators) {
    gone(What::kCoordinator, account, user);
  }
  for (const auto& [user, name] : removal.wckeys) {
    gone(What::kWckey, name, user);
  }
  for (const Name qos : removal.qos) gone(What::kQos, qos, Name());
  for (const RowRef& row : removal.lists) {
    Touch(&outcome, What::kRow, row, How::kModified);
  }
  return outcome;
}

void CarryOut(SlurmdbdTables* db, const Removal& removal) {
  for (const Removal::Wckey& wckey : removal.wckeys) {
    Fields fields = db->WckeyFields(wckey.user);
    const Name before = fields.Get(Key::kWckeys);
    std::vector<absl::string_view> list = Elements(before.view());
    std::erase(list, wckey.name.view());
    SetOrErase(Key::kWckeys, Name(JoinElements(list)), &fields);
    if (fields.Get(Key::kDefaultWckey) == wckey.name) {
      fields.Erase(Key::kDefaultWckey);
    }
    db->SetWckeyFields(wckey.user, fields);
  }
  for (const DatabaseState::Coordinator& c : removal.coordinators) {
    db->RemoveCoordinator(c);
  }
  // Users' rows first: their accounts' rows carry them.
  for (const RowRef& row : removal.rows) {
    if (!row.key.is_account()) db->RemoveRow(row);
  }
  for (const RowRef& row : removal.rows) {
    if (row.key.is_account()) db->RemoveRow(row);
  }
  for (const Name user : removal.users) db->RemoveUserRecord(user);
  for (const Name account : removal.accounts) db->RemoveAccountRecord(account);
  CarryOutQos(db, removal);
}

}  // namespace assocsync::slurm
