// The state straight from the tables of a slurmdbd database: all that a dump
// leaves out as well (ids, default rows, QOS definitions, exact sizes, records
// without associations), on every release from 20.11 on.
#ifndef ASSOCSYNC_ENGINE_LIVE_READ_STATE_H_
#define ASSOCSYNC_ENGINE_LIVE_READ_STATE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/io/database.h"
#include "engine/live/database_schema.h"
#include "engine/live/database_value.h"
#include "engine/live/live.h"
#include "engine/slurm/database_state.h"
#include "engine/slurm/job.h"

namespace assocsync {

struct DatabaseReadOptions {
  // Names of users are lower-cased, as the parser does it, unless slurmdbd runs
  // with PreserveCaseUser.
  bool fold_users = true;
  // Not 0: the transactions from then on are read too (same_database.h).
  int64_t transactions_since = 0;
  // Not null: only this, and nothing of other clusters. What it costs does not
  // go with the tree.
  const StatePart* part = nullptr;
  // Not null: DatabaseRead::schema of an earlier reading of this database and
  // cluster. They are not looked at anew, and the server is not asked what it
  // is, which takes longer than reading a part.
  const DatabaseSchema* schema = nullptr;
  // Not null: DatabaseRead::names of an earlier reading, for a part without
  // accounts. An id that came since is one of those that Slurm skips
  // (kSkippedIds).
  std::shared_ptr<const DatabaseNames> names = nullptr;
  bool jobs = false;  // Read LiveState::jobs and controller too.
};

// Without `release` and `preserve_user_case`, which no table tells. `database`
// is complete; its tree.lists_qos and knows_default_rows are true. `findings`:
// worst first.
struct DatabaseRead : LiveState {
  DatabaseSchema schema;  // Which releases write such a database.
  std::shared_ptr<const DatabaseNames> names;  // Of QOS and TRES, by id.
  std::vector<std::string> transactions;
};

// Reads `cluster` (empty: the only one there is) of the connection's database,
// as of one moment: one read-only snapshot, plain SELECTs, no lock. Rows are
// taken as they come; memory stays with the tree. Interns names: on the main
// thread only.
//
// All or nothing. A row that hangs on a missing account or parent, or in a
// circle, is in the tree as it stands in its table: Illegalities tells of it.
// The notes tell what Slurm skips, and which columns contradict.
// Errors, with the row's id and names: those of Database; kInvalidArgument,
// kNotFound: the cluster (names those that there are); kFailedPrecondition: a
// schema that no release from 20.11 on writes (names what is missing), a table
// that is not InnoDB, a name that nothing can address; kDataLoss: values that
// no release writes, two rows of one name.
absl::StatusOr<DatabaseRead> ReadDatabase(
    Database& database, absl::string_view cluster,
    const DatabaseReadOptions& options = {});

// The same of tables that no server holds (backup/dump_tables.h): `tables` is
// only asked `SELECT columns FROM table WHERE conditions`. No jobs, no
// transactions.
absl::StatusOr<DatabaseRead> ReadTables(Database& tables,
                                        const TableColumns& columns,
                                        absl::string_view cluster,
                                        bool fold_users);

// LiveState::jobs as they are now, for `state`, which ReadDatabase gave.
absl::StatusOr<std::vector<Job>> ReadJobsAgain(Database& database,
                                               const DatabaseState& state);

// Only the state.
absl::StatusOr<DatabaseState> ReadDatabaseState(Database& database,
                                                absl::string_view cluster,
                                                bool fold_users = true);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LIVE_READ_STATE_H_
