// The last word on a backup: load it, and look at what is there then.
#ifndef ASSOCSYNC_ENGINE_BACKUP_TRIAL_LOAD_H_
#define ASSOCSYNC_ENGINE_BACKUP_TRIAL_LOAD_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/backup/load_dump.h"
#include "engine/backup/manifest.h"
#include "engine/io/database.h"

namespace assocsync {

// Tells before anything is read whether the login may make the scratch database
// and use it, as MayMoveTables does.
absl::Status MayLoad(const LoadOptions& load);

// Loads the SQL of the backup `dir` into a scratch database and counts
// its rows: they must be those of the manifest in every table, and no table may
// be there beyond them. `look` then sees a read-only connection to it; its
// error is returned. The database is dropped in any case. `load.database` says
// which server and user, and `load.number` which scratch database. Errors:
// kDataLoss naming what differs; those of LoadDump, StreamSql, MadeOnServer.
absl::StatusOr<Loaded> CheckByLoading(
    const std::string& dir, const Manifest& manifest, LoadOptions load,
    absl::FunctionRef<absl::Status(Database&)> look);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_TRIAL_LOAD_H_
