// Trees in backups: in the folder of one, in that which was the newest at a
// time. Part of sources.h, which is the way in.
#ifndef ASSOCSYNC_CLI_BACKUP_SOURCES_H_
#define ASSOCSYNC_CLI_BACKUP_SOURCES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/options.h"
#include "cli/sources.h"

namespace assocsync {

// Without the folders before it.
std::string NameOfFolder(const std::string& dir);
// Whether there is a manifest in `dir`.
bool IsBackup(const std::string& dir);

// The tree of `cluster`, or the only one, in the folder of a backup or a run.
// kNotFound also where it is none.
absl::Status ReadBackup(const std::string& dir, absl::string_view cluster,
                        bool caller_decides, TargetInput* input);

// The newest whole backup up to args.at that has `cluster` (empty: any), in the
// folder args.target, or --backup-dir. Tells which it is, and which were not
// whole. kNotFound, naming the next one after it; IsUntrusted.
absl::Status ReadBackupAt(const Options& args, absl::string_view cluster,
                          Env& env, TargetInput* input);

// The newest of --backup-dir that `assocsync backups` lists, of args.cluster
// where that is said; whether it is whole, its reader tells. Tells which it is,
// and which are passed over: those without a manifest, where a run may be at
// work. kNotFound; IsUntrusted.
absl::StatusOr<std::string> NewestBackup(const Options& args, Env& env);

// kFailedPrecondition where the backup `path` is known to hold no SQL dump;
// what else may be wrong with it, its reader tells.
absl::Status CheckHoldsSql(const std::string& path);

// kInvalidArgument where `dir` is a folder of backups, naming them; else OK.
absl::Status WhichBackup(const Options& args, const std::string& dir);

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_BACKUP_SOURCES_H_
