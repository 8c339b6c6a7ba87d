// The protection of default accounts (slurm-facts 4.4): four rules in nine
// years, one of them the wrong way round.

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/slurm/commands.h"

namespace assocsync::slurm {
namespace {

Flag FlagOf(const SlurmdbdTables& db, const RowRef& row) {
  return row.cluster.empty() ? db.DefaultFlag(row.key) : Flag::kUnknown;
}

// What goes of one user on one cluster.
struct Going {
  int rows = 0;
  int flagged = 0;
  int unknown = 0;
};

// In the order of MariaDB's collations, which compare upper-case letters.
using GoingUsers = absl::btree_map<std::pair<std::string, Name>, Going>;

GoingUsers Count(const SlurmdbdTables& db, Name cluster,
                 const absl::btree_set<RowRef>& rows) {
  GoingUsers users;
  for (const RowRef& row : rows) {
    if (row.cluster != cluster || row.key.is_account()) continue;
    Going& going =
        users[{absl::AsciiStrToUpper(row.key.user.view()), row.key.user}];
    ++going.rows;
    const Flag flag = FlagOf(db, row);
    if (flag == Flag::kYes) ++going.flagged;
    if (flag == Flag::kUnknown) ++going.unknown;
  }
  return users;
}

Verdict NoDefault(Name user) {
  return Refused(absl::StrCat("user '", user.view(),
                              "' would be left without a default account"));
}

Verdict Unsure(Name user) {
  return Unknown(absl::StrCat("which rows of user '", user.view(),
                              "' are flagged as the default account"));
}

// 22.05.0 - 23.11.0: refuses where a row that is no default comes before one
// that is, by user and then by flag; who has both does not matter.
Verdict Inverted(const GoingUsers& users) {
  bool surely_other = false;
  bool maybe_other = false;
  Verdict unsure;
  for (const auto& [name, going] : users) {
    const int others = going.rows - going.flagged - going.unknown;
    surely_other = surely_other || others > 0;
    // A row of unknown flag may be another one before a flagged one.
    maybe_other =
        maybe_other || others > 0 || (going.unknown > 0 && going.rows > 1);
    if (going.flagged > 0 && surely_other) return NoDefault(name.second);
    if (maybe_other && going.flagged + going.unknown > 0 && unsure.ok()) {
      unsure = Unsure(name.second);
    }
    maybe_other = maybe_other || going.unknown > 0;
  }
  return unsure;
}

// 23.11.1+: refuses where a default goes and something of the user stays;
// 25.11.6+: only where no flagged row stays, and AllowNoDefAcct is not set.
Verdict Strict(const SlurmdbdTables& db, Name cluster,
               const GoingUsers& users) {
  const bool remaining_is_enough =
      db.behaviour().default_guard == Behaviour::DefaultGuard::kRemaining;
  Verdict unsure;
  for (const auto& [name, going] : users) {
    const Name user = name.second;
    if (going.rows == db.CountRows(cluster, user)) continue;
    if (going.flagged == 0) {
      if (going.unknown > 0 && unsure.ok()) unsure = Unsure(user);
      continue;
    }
    if (!remaining_is_enough) return NoDefault(user);
    int flagged = 0;
    int unknown = 0;
    for (const AssocKey& row : db.RowsOf(user, db.DefaultAccount(user))) {
      const Flag flag = db.DefaultFlag(row);
      if (flag == Flag::kYes) ++flagged;
      if (flag == Flag::kUnknown) ++unknown;
    }
    if (flagged > going.flagged) continue;
    if (unknown == 0) return NoDefault(user);
    if (unsure.ok()) unsure = Unsure(user);
  }
  return unsure;
}

}  // namespace

Verdict CheckDefaultsLeft(const SlurmdbdTables& db,
                          const absl::btree_set<RowRef>& rows) {
  absl::btree_set<Name> users;
  for (const RowRef& row : rows) {
    if (row.cluster.empty() && !row.key.is_account() &&
        db.DefaultFlag(row.key) != Flag::kNo) {
      users.insert(row.key.user);
    }
  }
  for (const Name user : users) {
    bool yes = false;
    bool unknown = false;
    for (const AssocKey& row : db.RowsOf(user, db.DefaultAccount(user))) {
      if (rows.contains({Name(), row})) continue;
      yes = yes || db.DefaultFlag(row) == Flag::kYes;
      unknown = unknown || db.DefaultFlag(row) == Flag::kUnknown;
    }
    if (!yes && unknown) return Unsure(user);
  }
  return {};
}

Verdict CheckDefaultGuard(const SlurmdbdTables& db,
                          const absl::btree_set<RowRef>& rows) {
  absl::btree_set<Name> clusters;
  for (const RowRef& row : rows) clusters.insert(row.cluster);
  // Up to 23.02 a delete by name looks at the account's own users only, and
  // the caller hands over those; the rest of the subtree goes unasked.
  Verdict unsure;
  for (const Name cluster : clusters) {
    Verdict v;
    const GoingUsers users = Count(db, cluster, rows);
    switch (db.behaviour().default_guard) {
      case Behaviour::DefaultGuard::kClient:
        break;
      case Behaviour::DefaultGuard::kInverted:
        v = Inverted(users);
        break;
      case Behaviour::DefaultGuard::kRemaining:
        // Seen on 26.05, of deletes of users and of accounts.
        if (db.state().allows_no_default_account) break;
        [[fallthrough]];
      case Behaviour::DefaultGuard::kStrict:
        v = Strict(db, cluster, users);
        break;
    }
    if (v.result == Outcome::Result::kRefused) return v;
    if (!v.ok()) unsure = v;
  }
  return unsure.ok() ? CheckDefaultsLeft(db, rows) : unsure;
}

Verdict CheckClientAccountGuard(const SlurmdbdTables& db,
                                const std::vector<Name>& accounts,
                                const absl::btree_set<RowRef>& rows,
                                bool by_name) {
  // The client compares what was deleted with the default rows of the accounts
  // that were named; defaults in accounts below them are not seen.
  for (const Name account : accounts) {
    for (const Name cluster : db.ClustersOf(account)) {
      if (!cluster.empty() && !by_name) continue;
      for (const RowRef& row : db.UsersIn(cluster, account)) {
        if (!rows.contains(row)) continue;
        const Flag flag = FlagOf(db, row);
        if (flag == Flag::kNo) continue;
        // At least one of the user's rows in its default account is flagged.
        if (flag == Flag::kYes ||
            (cluster.empty() && db.DefaultAccount(row.key.user) == account)) {
          return Refused(absl::StrCat("account '", account.view(),
                                      "' is the default of user '",
                                      row.key.user.view(), "'"));
        }
        return Unsure(row.key.user);
      }
    }
  }
  return {};
}

}  // namespace assocsync::slurm
