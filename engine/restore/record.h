// restore.jsonl, in the folder of the run: what was about to be done, and what
// became of it. One JSON object per line, each on disk before the run goes on:
//   {"record":"start","time":T,"version":V,"database":D,"backup":DIR,
//    "release":R,"sql_dump":"taken"|"none"}
//   {"record":"loaded","time":T,"database":SHADOW,"schema":N}
//   {"record":"swap","time":T,"kept":KEPT,"out":[TABLE...],"in":[TABLE...]}
//   {"record":"swapped","time":T}
//   {"record":"end","time":T,"outcome":"restored"|"not verified",
//    "problems":[...]}
// After a `swap` without `swapped` the tables themselves tell (JudgeSwap).
#ifndef ASSOCSYNC_ENGINE_RESTORE_RECORD_H_
#define ASSOCSYNC_ENGINE_RESTORE_RECORD_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/io/journal_file.h"
#include "engine/restore/restore.h"
#include "engine/restore/swap.h"

namespace assocsync {

inline constexpr absl::string_view kRestoreRecordName = "restore.jsonl";
// Manifest::made_by of what a restore dumps first.
inline constexpr absl::string_view kMadeByRestore = "assocsync restore";

// Of the dump of the present database, for `backup`, what will be restored.
// Without times and schema.
Manifest ManifestOf(const SqlDump& dump, const RestoreOptions& options,
                    const Manifest& backup);

class RestoreRecord {
 public:
  static absl::StatusOr<RestoreRecord> Create(const std::string& path,
                                              const RestoreOptions& options,
                                              bool dumped, absl::Time time);
  absl::Status Loaded(const std::string& shadow, int schema, absl::Time time);
  absl::Status Swapping(const Swap& swap, absl::Time time);
  absl::Status Swapped(absl::Time time);
  absl::Status End(const RestoreReport& report, absl::Time time);

 private:
  explicit RestoreRecord(JournalFile file) : file_(std::move(file)) {}
  JournalFile file_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RESTORE_RECORD_H_
