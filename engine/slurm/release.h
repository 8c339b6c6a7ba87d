// What each Slurm release does: the behaviour table, one row from each release
// in which something changed. With model/key.cc, where a key and a word have
// the release that brought it, the only place that knows release numbers: all
// else asks by the name of a behaviour.
#ifndef ASSOCSYNC_ENGINE_SLURM_RELEASE_H_
#define ASSOCSYNC_ENGINE_SLURM_RELEASE_H_

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace assocsync {

// 24.11.5 is {2411, 5}.
struct Release {
  int series = 0;
  int point = 0;
  auto operator<=>(const Release&) const = default;
  std::string ToString() const;  // "24.11.5"
};

// From "slurm-wlm 24.11.5" or "slurm 22.05.8" or "24.11.5" or "24.11" (point 0
// when none is given). kInvalidArgument otherwise.
absl::StatusOr<Release> ParseRelease(absl::string_view text);

// How `delete` finds the rows that it removes (slurm-facts 0.1).
enum class Match : uint8_t {
  kExact,
  kLikePrefix,    // lineage LIKE 'LINEAGE%', `_` and `%` of names unescaped
  kLikeAnywhere,  // lineage LIKE '%/NAME/%' (users: '%/0-NAME/%')
};

// How it is known that a release does what its row says.
struct ReleaseEvidence {
  enum class Kind : uint8_t {
    kRead,  // In Slurm's sources alone.
    kOnce,  // A real slurmdbd of `ran` was held against the model, on `date`.
    kCi,    // The tests run a real slurmdbd of `ran`.
  } kind = Kind::kRead;
  Release ran;             // None with kRead.
  absl::string_view date;  // "2026-11-26"; kOnce only.
  // "run by the tests (24.11.5)", "run once (25.05.8, 2026-11-26)", "read"
  std::string ToString() const;
};

// What was seen in one release of a row is taken to hold from `since` up to the
// next row: rows begin wherever the sources of a point release differ.
struct Behaviour {
  Release since;  // First release of the row.
  // Whose keys and words it knows (model/key.h): that of a row of the table the
  // first release of the row, that of BehaviourOf the one asked for.
  Release words;
  ReleaseEvidence evidence;

  Match account_delete_by_name;  // `delete account name=` without cluster=
  Match user_delete_by_name;     // also the automatic one after a last row
  Match assoc_delete;            // cluster= or account= given
  Match assoc_delete_partition;  // partition= given as well
  // `delete account cluster=` takes the sub-accounts along. Seen on 24.05.8: it
  // does so too where no slurmctld is registered with a 23.11+ protocol, and
  // with parent= in the condition 25.05.8 leaves orphans. So plans delete from
  // the bottom up and say no parent=; then neither matters.
  bool account_delete_takes_subtree;

  // Who refuses the delete of a default account's rows (slurm-facts 4.4). One
  // of two default partition rows: 23.02.8 and 25.11.7 delete
  // it, 23.11.11, 24.05.8 and 25.05.8 refuse.
  enum class DefaultGuard : uint8_t {
    kClient,     // 20.11
    kInverted,   // 22.05.0 - 23.11.0
    kStrict,     // 23.11.1 - 25.11.5: unless all rows of the user go
    kRemaining,  // 25.11.6+: also allowed if another default row remains
  } default_guard;

  // Moving an account under its own descendant.
  enum class MoveIntoSelf : uint8_t {
    kDescendantFirst,  // the descendant goes to the old parent, then the move
    // 23.11 - 25.05.0: a direct child alone is moved up first. Deeper, the
    // lineages are wrong, and with a registered slurmctld (seen on 23.11.11 and
    // 24.05.8) there is a circle, on which slurmdbd spins. Never part of a
    // plan.
    kBreaksLineage,
    kRefusedExit0,  // 25.05.1+
  } move_into_self;
  // A DefaultQOS that a command sets must be reachable for every row that the
  // command looks at, those with a default of their own too (20.11, 22.05).
  bool new_default_asked_of_all_rows = true;
  // Where several lines of a user claim to be in the default account, `load`
  // takes the last (seen on 24.11.5, 26.05.5), not the first by name (20.11.4,
  // 22.05.8).
  bool load_takes_last_default = false;
  // 25.05+: in users' rows that `load` adds, CLUSTER_assoc_table.flags is
  // 131072 and not 0, and users do not become coordinators of accounts with the
  // flag UsersAreCoords (slurm-facts 3).
  bool load_marks_rows = false;
  // 23.11+: dump has rows in the order of their lineages; before, a user's
  // partition rows before the row without. Rows are found by the lineage of
  // those that a condition selects. It goes into SQL as it was read, unescaped:
  // a delete of rows of ex\jdoe finds those of exjdoe (seen on 24.11.5
  // and 26.05.5), and the lineages that a move writes lose their backslashes.
  // Before, rows are found by lft and rgt, and are the very ones (seen
  // on 20.11.4 and 22.05.8).
  bool has_lineage;
  // 23.11.0 - 23.11.4: a partition row's lineage is '/a//0-u/p/'.
  bool partition_lineage_doubles_slash = false;
  bool move_updates_descendants;  // lineages below sub-accounts follow a move
  bool same_parent_drops_rest;    // `set parent=<same> K=V` loses K=V
  // Default of `add account` below another account: that account's name (its
  // own name below root). So on all releases that were run.
  bool organization_is_parent = true;
  bool has_comment;           // 23.02+; since then it is dumped, too
  bool dumps_qos;             // 25.05+; and MinPrioThresh
  bool dumps_gpumem_as_size;  // 23.02+: gres/gpumem with a unit
  // 20.11 and 21.08 say that a QOS or TRES is not there, drop the name and do
  // the rest.
  bool refuses_unknown_names;
  bool keeps_empty_qos_list;       // 20.11: `QOS-=last` leaves an empty list
  bool qos_delete_corrupts_lists;  // <= 24.05.2
  // False on 24.11.0 and 24.11.1: modify and delete of accounts fail.
  bool account_where_works = true;

  // `scontrol reconfigure` makes slurmctld read the associations anew (seen on
  // 24.11.5 and 26.05.5); before, only a restart does (seen on 22.05.8).
  bool reconfigure_reads_tree = false;

  // convert_version_table.version of the database that it leaves, and the
  // oldest that it upgrades (slurm-facts 6.1). Only 23.02+ look: 20.11 to
  // 22.05 start on any, and drop the columns that they do not know.
  int schema_version;
  int oldest_schema;
  // Columns that tell releases of one schema_version apart.
  bool assoc_has_lft;  // CLUSTER_assoc_table.lft, until 24.11
  // acct_table.flags, 24.05+. Since then dump leaves out the record of an
  // account with the flag UsersAreCoords.
  bool acct_has_flags;
  bool txn_has_deleted;  // txn_table.deleted, 24.11+

  // Most objects that one command may name before slurmdbd's time per object
  // grows (slurm-facts 0.2).
  int add_batch;
  int modify_batch;
  int delete_batch;
};

// Rows from 20.11 on, oldest first.
absl::Span<const Behaviour> BehaviourTable();

// The rows under which a plan for a release of `row` must be right: `row` alone
// where it was run. Where it was only read, also its neighbours in the table,
// up to one that was run on either side: what such a release does lies between
// them. Rows that cannot be said the same commands are left out; the others
// know the words of `row`. `row` is first.
std::vector<Behaviour> RowsThatCouldHold(const Behaviour& row);

// The newest release of a series (2411) that the table tells apart; the series'
// first one where the table has none.
Release NewestOf(int series);

// The row that holds for `release`; a release newer than the table is handled
// as the newest row (callers warn: IsNewerThanTable). kFailedPrecondition:
// older than 20.11.
absl::StatusOr<Behaviour> BehaviourOf(const Release& release);
bool IsNewerThanTable(const Release& release);

// The row of the newest release of a series (2411); the first row for what is
// older than all.
const Behaviour& BehaviourOfSeries(int series);

// Columns that came to slurmdbd's tables, or went, after 20.11 (slurm-facts
// 6.1). A table that begins with `_` is of each cluster.
struct SchemaColumn {
  absl::string_view table, column;
  int since;  // Series, as 2411; 0: it was there.
  int until;  // First series without it; 0: it is there.
};
absl::Span<const SchemaColumn> SchemaColumns();

// The newest series with the columns of `series`; kNoNewest: later ones may
// have them as well.
inline constexpr int kNoNewest = 9999;
int LastWithColumnsOf(int series);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_SLURM_RELEASE_H_
