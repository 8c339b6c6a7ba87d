// The rules of retention.h, for what lies in a folder of backups.
#ifndef ASSOCSYNC_ENGINE_BACKUP_KEEP_BACKUPS_H_
#define ASSOCSYNC_ENGINE_BACKUP_KEEP_BACKUPS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/backup/backup_list.h"
#include "engine/backup/retention.h"

namespace assocsync {

// Why a folder counts for no rule and is never removed, for people; empty: it
// does count. It must be good, the very folder that the command made, the
// user's own, and hold nothing that its manifest does not tell of.
std::string WhyLeftAlone(const FoundBackup& found);

struct JudgedBackup {
  FoundBackup backup;
  std::vector<std::string> why;  // It stays; empty: it goes.
};

// What the rules keep of backups that count. Each cluster has its own count,
// and so have backups and runs of apply, and those without an SQL dump: the
// trees alone stand for no dump. In that order, then newest first. The newest
// of each stays whatever the rules say; `newest` (a path, may be empty) is
// taken for it whatever the clock said.
std::vector<JudgedBackup> JudgeBackups(std::vector<FoundBackup> backups,
                                       const KeepRules& rules,
                                       const KeepClock& clock,
                                       absl::string_view newest = "");

// Whether the rules count the two together.
bool CountTogether(const FoundBackup& a, const FoundBackup& b);

// Removes those backups of `cluster` (made by `backup`, not by apply) that the
// rules do not keep. The caller holds the lock. Returns the paths, oldest
// first.
absl::StatusOr<std::vector<std::string>> KeepByRules(
    const std::string& backup_dir, absl::string_view cluster,
    const KeepRules& rules, const KeepClock& clock, const std::string& newest);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_KEEP_BACKUPS_H_
