// What the model keeps of one database: a DatabaseState, and the indexes with
// which a command finds its rows without looking at all of them. Knows how rows
// hang together; what commands do is in the other files of this room.
#ifndef ASSOCSYNC_ENGINE_SLURM_SLURMDBD_TABLES_H_
#define ASSOCSYNC_ENGINE_SLURM_SLURMDBD_TABLES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "engine/base/maps.h"
#include "engine/base/name_set.h"
#include "engine/slurm/database_state.h"
#include "engine/slurm/names.h"
#include "engine/slurm/release.h"
#include "engine/slurm/user_rows.h"

namespace assocsync::slurm {

// A row of any cluster. Empty `cluster`: the managed one.
struct RowRef {
  Name cluster;
  AssocKey key;
  bool operator==(const RowRef&) const = default;
  auto operator<=>(const RowRef&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const RowRef& r) {
    return H::combine(std::move(h), r.cluster, r.key.account, r.key.user,
                      r.key.partition);
  }
};

class SlurmdbdTables {
 public:
  SlurmdbdTables(const Behaviour& behaviour, const DatabaseState& state);

  const Behaviour& behaviour() const { return behaviour_; }
  const DatabaseState& state() const {
    ShowCoordinators();
    return state_;
  }
  const Tree& tree() const { return state().tree; }
  bool has_other_clusters() const { return !state_.others.empty(); }

  // Rows of the managed cluster.
  const Association* Find(const AssocKey& key) const {
    return FindIn(state_.tree.associations, key);
  }
  bool HasAccount(Name account) const {
    return Find({account, {}, {}}) != nullptr;
  }
  // Rows of (user, account): with and without partition.
  std::vector<AssocKey> RowsOf(Name user, Name account) const;
  // Of each of `users` in each of `accounts`. It costs what the users have, not
  // one search for each pair: a command names hundreds of both.
  std::vector<AssocKey> RowsOf(const std::vector<Name>& users,
                               const std::vector<Name>& accounts) const;

  // Rows of all clusters.
  const UserRows& RowsOfUser(Name user) const { return user_rows_.Get(user); }
  int CountRows(Name cluster, Name user) const;
  std::vector<Name> ClustersOf(Name account) const;
  // The row, its users' rows and everything below. False: the parents of that
  // cluster's accounts are not known.
  bool Subtree(const RowRef& account, std::vector<RowRef>* rows) const;
  std::vector<RowRef> UsersIn(Name cluster, Name account) const;
  bool IsBelow(Name account, Name ancestor) const;  // Managed cluster.

  // The row's `lineage` column as slurmdbd holds it, stale or not.
  std::string Lineage(const RowRef& row) const;
  // What it is for a row that never moved.
  std::string RegularLineage(const RowRef& row) const;
  // Rows whose lineage matches. `body`: the pattern without the slashes at its
  // ends, e.g. "a/0-u". kAnywhere: LIKE '%/BODY/%'; kPrefix: LIKE '/BODY/%';
  // kSame: = '/BODY/'. False: cannot be known (then *rows is a part).
  enum class Lineages { kAnywhere, kPrefix, kSame };
  bool FindLineages(Lineages how, Name cluster, absl::string_view body,
                    absl::btree_set<RowRef>* rows) const;
  // The same for the body of the row's own lineage.
  bool FindLineages(Lineages how, const RowRef& row,
                    absl::btree_set<RowRef>* rows) const;
  // The row's lineage holds a backslash: SQL that has it as it is finds others.
  bool HasBackslash(const RowRef& row) const;
  // Any row of the account's subtree. Managed cluster.
  bool HasBackslashBelow(Name account) const;
  void SetLineage(const RowRef& row, const std::string& lineage);
  bool HasStaleLineage(const RowRef& row) const { return stale_.contains(row); }
  bool HasStaleLineages() const { return !stale_.empty(); }
  // The row's lineage becomes that of its account (or parent) as it stands in
  // the table, stale or not, and its own name.
  void FollowParentLineage(const AssocKey& key);
  // A new row: the same, but from slurmdbd's cache.
  void FollowCachedLineage(const AssocKey& key);
  // 23.11 - 25.05.0: of the children of a moved account the table is set right,
  // the cache is not: it has the lineage from before that move (seen on 24.11,
  // also after several), until they are moved themselves or slurmdbd starts
  // anew. A DatabaseState does not tell of that.
  void KeepCachedLineage(Name account, const std::string& lineage) {
    cached_lineages_[account] = lineage;
  }
  void ForgetCachedLineage(Name account) { cached_lineages_.erase(account); }

  // The account itself or the nearest above it whose row says anything of QOS;
  // empty: there is none. Managed cluster.
  Name QosRowFrom(Name account) const;
  // To be called when the QOS of a row were changed by Edit.
  void QosChanged(const AssocKey& row);
  // False: no row has a DefaultQOS.
  bool may_have_default_qos() const { return may_have_default_qos_; }

  // Is a row flagged as (part of) its user's default account? Managed cluster.
  enum class Flag : uint8_t { kNo, kYes, kUnknown };
  Flag DefaultFlag(const AssocKey& row) const;
  Name DefaultAccount(Name user) const {
    return FieldOf(state_.tree.users, user, Key::kDefaultAccount);
  }
  // All rows of (user, account) become the flagged ones. Empty: none is.
  void SetDefaultAccount(Name user, Name account);
  // Rows of other accounts lose the flag; the account's rows keep what they
  // have (a flagged row is about to be added).
  void MakeOnlyDefault(Name user, Name account);

  // Another name of that kind may be the same one to MariaDB.
  enum class NameKind { kAccount, kUser, kPartition };
  bool IsAmbiguous(NameKind kind, Name name) const;
  // The first of `names`, all to be added at once, that agrees with an existing
  // one or with one before it in the 42 characters that count for the unique
  // index (slurm-facts 4.4): of such rows in one command 26.05 writes one alone
  // over the others, and earlier releases none. Empty: none does.
  Name SharingPrefix42(NameKind kind, const std::vector<Name>& names) const;

  // Some row has that name.
  bool IsUsed(NameKind kind, Name name) const;

  // Changes. Records of accounts and users enter and leave the tree by
  // themselves.
  void AddRow(const AssocKey& key, Association row, bool flagged);
  void RemoveRow(const RowRef& row);
  Association& Edit(const AssocKey& key) {
    return state_.tree.associations.at(key);
  }
  void SetParent(Name account, Name parent);
  void AddAccountRecord(Name account, const Fields& fields);
  void RemoveAccountRecord(Name account);

  void AddUserRecord(Name user, const Fields& fields);
  void RemoveUserRecord(Name user);
  bool HasUserRecord(Name user) const { return state_.users.contains(user); }
  bool HasAccountRecord(Name account) const {
    return state_.accounts.contains(account);
  }
  void SetAdminLevel(Name user, Name level);  // Empty: None.
  // The accounts' text options, in the record and in the tree.
  void SetAccountField(Name account, Key key, Name value);
  void AddCoordinator(Name account, Name user);
  void RemoveCoordinator(const DatabaseState::Coordinator& coordinator);
  bool Coordinates(Name account, Name user) const {
    return state_.coordinators.contains({account, user});
  }
  std::vector<DatabaseState::Coordinator> CoordinatorsOf(Name user) const;
  std::vector<DatabaseState::Coordinator> CoordinatorsIn(Name account) const;
  // WCKeys on the managed cluster.
  Fields WckeyFields(Name user) const;  // kWckeys and kDefaultWckey.
  void SetWckeyFields(Name user, const Fields& fields);
  DatabaseState& EditState() { return state_; }  // For QOS, which has no index.

 private:
  bool SharesPrefix42(NameKind kind, Name name) const;

  struct Pattern;  // One call of FindLineages (lineage.cc).
  using Place = std::pair<Name, Name>;  // Cluster, account.
  struct Names {
    NameIndex accounts, users, partitions;
  };

  void IndexRow(const RowRef& row, Name parent);
  void IndexName(NameKind kind, Name name);
  void IndexOthers();
  void LoadLineages();
  void Extend(const AssocKey& key, const RowRef& up, std::string lineage);
  RowRef Above(const AssocKey& key) const;
  bool DoublesSlash(const AssocKey& key) const {
    return behaviour_.partition_lineage_doubles_slash && !key.partition.empty();
  }
  bool HasWildAbove(Name account) const;
  void FillRecords();
  void PinFlags(Name user);
  void ForgetFlags(Name user);
  Record& EnterUser(Name user);
  void LeaveUser(Name user);
  void ShowCoordinators() const;
  Name ParentOf(Name cluster, Name account) const;
  // Calls f with the user of each row of any cluster until one is true.
  bool AnyUserOfARow(absl::FunctionRef<bool(Name)> f) const;
  const Names& AllNames() const;

  Behaviour behaviour_;
  mutable DatabaseState state_;
  NameMap<UserRows> user_rows_;
  absl::flat_hash_map<Place, absl::btree_set<Name>> children_;
  absl::flat_hash_map<Place, Name> other_parents_;
  absl::flat_hash_map<Name, absl::InlinedVector<Name, 1>> account_clusters_;
  absl::flat_hash_map<Name, absl::btree_set<RowRef>> partition_rows_;
  absl::flat_hash_map<Name, absl::btree_set<Name>> coordinates_;  // By user.
  // Users whose list in the tree is made anew when somebody looks: whoever
  // coordinates very many accounts gets them by a command for each.
  mutable absl::btree_set<Name> coordinators_to_show_;
  absl::btree_set<Name> unknown_parents_;  // Clusters without lineages.
  absl::flat_hash_map<RowRef, std::string> stale_;
  absl::flat_hash_map<Name, std::string> cached_lineages_;  // By account.
  // Rows in a default account that has several rows of its user, and whether
  // they are flagged; absent: unknown.
  absl::flat_hash_map<RowRef, bool> flags_;
  NameSet indexed_[3];  // Names that IndexName knows.
  // Names that are not plain lower-case ASCII.
  absl::btree_set<Name> odd_[3];
  // Those of 42 characters and more, used now or before, by the folded 42.
  absl::flat_hash_map<std::string, absl::btree_set<Name>> long_names_[3];
  bool may_have_default_qos_ = false;
  // False: no name of an account, user or partition holds one.
  bool may_hold_backslash_ = false;
  // What QosRowFrom found; good until an account moves or its QOS change.
  mutable absl::flat_hash_map<Name, Name> qos_rows_;
  // What HasWildAbove found; good until an account moves.
  mutable absl::flat_hash_map<Name, bool> wild_above_;
  // For LIKE; made when the first pattern needs it.
  mutable std::optional<Names> names_;
};

}  // namespace assocsync::slurm

#endif  // ASSOCSYNC_ENGINE_SLURM_SLURMDBD_TABLES_H_
