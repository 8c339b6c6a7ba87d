// What is known of one database: the managed cluster's tree, and all that it
// shares with the rest.
#ifndef ASSOCSYNC_ENGINE_SLURM_DATABASE_STATE_H_
#define ASSOCSYNC_ENGINE_SLURM_DATABASE_STATE_H_

#include <compare>
#include <cstdint>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "engine/base/name.h"
#include "engine/model/tree.h"

namespace assocsync {

struct DatabaseState {
  Tree tree;

  // False: all that is known is the tree (it came from a file). Then there are
  // taken to be no other clusters, no records beyond the tree's, lineages are
  // those of a database that never moved an account, and every QOS and TRES
  // that the target names is taken to exist.
  bool complete = false;

  // The rows themselves were read, so that also options are known that dumps of
  // the release do not print (MinPrioThresh before 25.05). False: one may be
  // set and not be seen.
  bool knows_all_options = false;

  // AllowNoDefAcct=yes in slurmdbd.conf: a default account can be cleared.
  bool allows_no_default_account = false;

  // The associations of the database's other clusters: enough to know who is
  // needed elsewhere and what a delete by name would hit.
  struct OtherKey {
    Name cluster;
    AssocKey row;
    bool operator==(const OtherKey&) const = default;
    auto operator<=>(const OtherKey&) const = default;
  };
  struct OtherRow {
    // '/a/b/', '/a/0-u/', '/a/0-u/partition/', on any release (before 23.11
    // made from lft and rgt): the only word on the parents of that cluster's
    // accounts. Empty: unknown; then what a delete by name takes along there is
    // unknown too.
    Name lineage;
    Name qos;  // Canonical kQosList, own values only.
    Name default_qos;
    bool operator==(const OtherRow&) const = default;
  };
  absl::btree_map<OtherKey, OtherRow> others;

  // Every user and account record of the database, with or without
  // associations; only AdminLevel / Description, Organization in the fields.
  // Users who are not in the tree may also have kWckeys and kDefaultWckey of
  // the managed cluster: WCKeys outlive a user's last association.
  absl::btree_map<Name, Record> users;
  absl::btree_map<Name, Record> accounts;

  struct Coordinator {
    Name account, user;
    bool operator==(const Coordinator&) const = default;
    auto operator<=>(const Coordinator&) const = default;
  };
  absl::btree_set<Coordinator> coordinators;  // Direct ones, all accounts.

  absl::btree_set<Name> qos;   // Names of all QOS.
  absl::btree_set<Name> tres;  // "cpu", "gres/gpu:a100", ...

  // Rows of the managed cluster; empty where the source does not tell. The
  // model keeps the ids of rows that stay, and only those lineages that are not
  // what the row's names say.
  using Ids = absl::btree_map<AssocKey, uint64_t>;
  Ids ids;
  absl::btree_map<AssocKey, Name> lineages;  // 23.11+.

  // Up to 24.11: accounts whose row of the managed cluster is marked deleted,
  // and comes back where they are added again. Empty too where that is not
  // known (knows_all_options).
  absl::btree_set<Name> marked_accounts;

  // The rows with is_def=1 (users only). A dump tells the default account but
  // not which of its partition rows are flagged, and that decides whether one
  // of them may be deleted (slurm-facts 4.4). False: `default_rows` is empty
  // because the source does not tell.
  bool knows_default_rows = false;
  absl::btree_set<AssocKey> default_rows;

  bool operator==(const DatabaseState&) const = default;
};

// What is asked of a state.
struct StatePart {
  // These users alone: their rows and records.
  absl::btree_set<Name> users;
  // And their WCKeys and coordinator rights.
  bool rights = true;
  // And where rows hang, all accounts, all coordinators, the QOS and the TRES,
  // and the cluster's own options: what that costs goes with the accounts.
  bool accounts = true;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_SLURM_DATABASE_STATE_H_
