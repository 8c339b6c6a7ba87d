// What did the last apply bring about? For `--base last-applied`.
#ifndef ASSOCSYNC_ENGINE_APPLY_LAST_APPLIED_H_
#define ASSOCSYNC_ENGINE_APPLY_LAST_APPLIED_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/backup/backup_list.h"

namespace assocsync {

// The first of `backups` (as ListBackups has them: the newest) that is a run of
// apply of `cluster` and was verified; nullptr: there is none.
const FoundBackup* FindVerifiedRun(absl::Span<const FoundBackup> backups,
                                   absl::string_view cluster);

struct LastApplied {
  std::string run_dir;
  std::string text;  // The target of that run, byte for byte.
};

// The same run's target, not the tree that live became: with a merge that one
// also holds what others had changed, and a proposal that was made from the
// target would seem to take it away. kNotFound, saying what to do: there is no
// such run; those of ReadVerified and PlanFromJson for one that is damaged.
absl::StatusOr<LastApplied> FindLastApplied(const std::string& backup_dir,
                                            absl::string_view cluster);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_APPLY_LAST_APPLIED_H_
