// What did the last apply bring about? For `--base last-applied`.
#ifndef ASSOCSYNC_ENGINE_APPLY_LAST_APPLIED_H_
#define ASSOCSYNC_ENGINE_APPLY_LAST_APPLIED_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace assocsync {

struct LastApplied {
  std::string run_dir;
  std::string text;  // The target of that run, byte for byte.
};

// Of the runs of apply of `cluster` in `backup_dir`, the newest that was
// verified. Its target, not the tree that live became: with a merge that one
// also holds what others had changed, and a proposal that was made from the
// target would seem to take it away. kNotFound, saying what to do: there is
// none; those of ReadVerified and PlanFromJson for one that is damaged.
absl::StatusOr<LastApplied> FindLastApplied(const std::string& backup_dir,
                                            absl::string_view cluster);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_APPLY_LAST_APPLIED_H_
