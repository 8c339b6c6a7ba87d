// Where rows hang: parents, by name, by id and by place, held against each
// other; and lineages. Internal to engine/live.
#ifndef ASSOCSYNC_ENGINE_LIVE_ROW_PLACES_H_
#define ASSOCSYNC_ENGINE_LIVE_ROW_PLACES_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/base/name.h"
#include "engine/live/database_rows.h"

namespace assocsync {

// The columns of one row that say so.
struct RowSpot {
  uint64_t up = 0;  // 23.11+: id_parent and lineage.
  std::string lineage;
  int64_t lft = 0, rgt = 0;  // Before.
};

// "hep/alice (id_assoc 7)"
std::string RowInWords(const DatabaseRow& row);

// Accounts as nested intervals, which is how slurmdbd before 23.11 finds what
// hangs below an account (lft, rgt).
class NestedSets {
 public:
  void Add(Name account, int64_t lft, int64_t rgt);
  void Finish();  // After the last Add.
  // The innermost account around [lft, rgt], itself not counted; empty: none.
  Name Around(int64_t lft, int64_t rgt) const;

 private:
  struct Interval {
    int64_t lft, rgt;
    Name account;
    int outer = -1;  // Index of the innermost one around it.
  };
  std::vector<Interval> intervals_;  // By lft.
};

class RowPlaces {
 public:
  // `managed`: see ReadRows. `prefix`: before the names of rows in faults.
  RowPlaces(bool has_lineage, bool managed, std::string prefix,
            RowFaults* faults)
      : has_lineage_(has_lineage),
        managed_(managed),
        prefix_(std::move(prefix)),
        faults_(faults) {}

  // All account rows, with what their columns say; `association.parent` is what
  // parent_acct says, and becomes what slurmdbd goes by.
  void PlaceAccounts(absl::Span<const RowSpot> spots,
                     absl::Span<DatabaseRow> rows);
  // A user's row, after that.
  void PlaceUser(const RowSpot& spot, DatabaseRow* user);

 private:
  void Contradiction(const DatabaseRow& row, absl::string_view what);
  // Each number of the nested sets is one row's alone.
  void TakePlace(const RowSpot& spot, const DatabaseRow& row);
  const std::string& PathOf(Name account);
  void SetLineage(absl::string_view stored, DatabaseRow* row);

  const bool has_lineage_, managed_;
  const std::string prefix_;
  RowFaults* const faults_;
  absl::flat_hash_map<uint64_t, Name> by_id_;
  absl::flat_hash_map<Name, uint64_t> ids_;
  absl::flat_hash_map<Name, Name> parents_;
  absl::flat_hash_map<Name, std::string> paths_;
  NestedSets nested_;
  absl::flat_hash_set<int64_t> taken_;  // Numbers of the nested sets.
  std::string path_;  // Its memory is used again for each row.
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LIVE_ROW_PLACES_H_
