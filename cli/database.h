// What commands share that touch the database or the backups: where they are.
#ifndef ASSOCSYNC_CLI_DATABASE_H_
#define ASSOCSYNC_CLI_DATABASE_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/run.h"
#include "engine/backup/load_dump.h"
#include "engine/backup/sql_dump.h"
#include "engine/io/database.h"
#include "engine/io/slurmdbd_conf.h"

namespace assocsync {

// --backup-dir, or /var/lib/assocsync where that is writable, else the user's
// state folder.
absl::StatusOr<std::string> BackupDir(const Options& args, const Env& env);

// Whether the command writes into the folder of backups, or looks for something
// there.
bool UsesBackupDir(const Options& args);

// --require-mount: where the backup folder is not on it, an error that says
// what is there.
absl::Status CheckMount(const Options& args, const Env& env);

// How to reach the database: slurmdbd.conf, its login replaced by that of
// --defaults-file. An error where neither file says it: that of slurmdbd.conf,
// with `advice` behind it; `database` then has the usual name and no more. Its
// waits are those of --timeout, and end with `stop`. `found`: all that
// slurmdbd.conf says, where it can be read.
absl::Status FindDatabase(const Options& args, absl::string_view advice,
                          const std::atomic<bool>* stop,
                          DatabaseOptions* database,
                          SlurmdbdConf* found = nullptr);

// The value of PATH that children get.
std::string SearchPath(const Env& env);

// What `dump` takes of these but for the database: programs are sought in PATH,
// and option files with a password are in memory where that can be.
void FillDump(const Options& args, const Env& env, SqlDumpOptions* dump);

// Tells, where it was so, that no login of its own was made for the load.
void SayLogin(const Loaded& loaded, Env& env);

// Whether `release`, as a manifest names it, is later than all that are known.
bool IsNewer(absl::string_view release);

// "SQL dump [#########.....................] 30%  12.0 MB of about 40.0 MB"
std::string DumpProgress(uint64_t done, uint64_t total);

// "12 B", "3.4 KB", "1.2 GB"
std::string BytesText(uint64_t bytes);

// "1.0 MB of 3.4 MB"; without a total "1.0 MB of SQL".
std::string DoneText(uint64_t done, uint64_t total);

// "0.6s", "1m40s": what people want to know of a duration.
std::string DurationText(absl::Duration duration);

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_DATABASE_H_
