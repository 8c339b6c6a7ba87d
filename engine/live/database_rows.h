// The associations of one cluster, row by row: internal to engine/live.
#ifndef ASSOCSYNC_ENGINE_LIVE_DATABASE_ROWS_H_
#define ASSOCSYNC_ENGINE_LIVE_DATABASE_ROWS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/io/database.h"
#include "engine/live/database_schema.h"
#include "engine/live/database_value.h"
#include "engine/model/row.h"
#include "engine/slurm/database_state.h"

namespace assocsync {

// What rows hold that cannot be taken as it stands, each row in words.
struct RowFaults {
  std::vector<std::string> contradictions;  // Columns that contradict.
  std::vector<std::string> skipped;  // "hep/alice (id_assoc 7): QOS 17 in ..."
};

struct DatabaseRow {
  AssocKey key;
  uint64_t id = 0;
  bool is_default = false;  // is_def, of users only.
  // Only where it is not what the names say, and on 23.11+.
  Name lineage;
  Association association;
};

// What a reading of the database goes by, and what it fills.
struct Reading {
  Database& database;
  const DatabaseSchema& schema;
  bool fold_users;
  const StatePart* part;  // Null: all.
  DatabaseValues* values;
  DatabaseState* state;
  RowFaults* faults;

  bool accounts() const { return part == nullptr || part->accounts; }
  bool rights() const { return part == nullptr || part->rights; }
  // " AND COLUMN IN ('alice','bob')"; nothing where all users are read. The
  // server compares as it compares names everywhere: rows of look-alikes may
  // come along.
  std::string AmongUsers(absl::string_view column) const;
};

// Reads `cluster`'s rows, sorted by key. Nothing is left out: a row whose
// account or parent is missing is there all the same. Errors name the row:
// kDataLoss: a value that no release writes, two rows of the same names;
// kFailedPrecondition: a name that no dump and no command can hold.
// `managed`: false: of options only QOS and DefaultQOS, and each row's lineage,
// also before 23.11 (then made from lft and rgt): all that is asked of a
// cluster that is not the managed one.
absl::StatusOr<std::vector<DatabaseRow>> ReadRows(const Reading& reading,
                                                  absl::string_view cluster,
                                                  bool managed);

// A name as the parser has it: lower case if `fold`.
Name DatabaseName(absl::string_view raw, bool fold);
// The same for a name that goes into a tree. kFailedPrecondition: it is empty,
// or holds a control character or a quote, which no .cfg file and no sacctmgr
// command can tell.
absl::StatusOr<Name> NameForTree(absl::string_view raw, bool fold);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LIVE_DATABASE_ROWS_H_
