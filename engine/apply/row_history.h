// What a row was over time: its values in the trees of backups and runs.
#ifndef ASSOCSYNC_ENGINE_APPLY_ROW_HISTORY_H_
#define ASSOCSYNC_ENGINE_APPLY_ROW_HISTORY_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/diff/diff.h"
#include "engine/model/tree.h"

namespace assocsync {

// What one is asked for: "bio/ann" and "user=ann@bio" (ann's rows in bio),
// "bio/ann@debug", "account=bio" or "bio" (record and row), "user=ann" (record
// and all rows), "qos=long".
class HistoryRow {
 public:
  // kInvalidArgument, with what is meant.
  static absl::StatusOr<HistoryRow> Parse(absl::string_view word);
  // Of `tree` that, and nothing else.
  Tree Of(const Tree& tree) const;
  bool of_qos() const { return what_ == Change::What::kQos; }

 private:
  bool Has(const AssocKey& key) const;
  Change::What what_ = Change::What::kAssociation;
  // Empty: any. Of a kQos the name is the account.
  Name account_, user_, partition_;
};

// A tree that somebody saved.
struct SavedTree {
  // That the tree is of a moment in between.
  absl::Time from, to;
  std::string folder;  // Its path,
  std::string file;    // and the file in it.
  Tree tree;           // HistoryRow::Of
};

struct HistoryOptions {
  std::string backup_dir;
  std::string cluster;  // Empty: the only one.
  absl::Time since = absl::InfinitePast(), until = absl::InfiniteFuture();
  // Told of what cannot be read; the rest is.
  std::function<void(const absl::Status&)> damaged;
};
struct SavedTrees {
  std::string cluster;
  std::vector<SavedTree> trees;  // Oldest first.
};
// The trees of the cluster in the folders of `backup_dir` (of backups, and of
// runs of apply that before and that after the run). Every byte of each is
// that of its manifest. What is no folder of a backup, or has no tree of the
// cluster, is passed over. kNotFound: there is none; kInvalidArgument: of which
// of several clusters; file.h.
absl::StatusOr<SavedTrees> ReadSavedTrees(const HistoryRow& row,
                                          const HistoryOptions& options);

// One tree in which something is other than in the one before.
struct HistoryEntry {
  const SavedTree* at = nullptr;
  const SavedTree* before = nullptr;  // nullptr: `at` is the first.
  bool there = false;                 // There is such a thing.
  // From the one before; in the first, all that there is, as added.
  std::vector<Change> changes;
};
std::vector<HistoryEntry> HistoryOf(const std::vector<SavedTree>& trees);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_APPLY_ROW_HISTORY_H_
