// Where the database of slurmdbd is, by the options that all commands share.
#ifndef ASSOCSYNC_CLI_DATABASE_H_
#define ASSOCSYNC_CLI_DATABASE_H_

#include "absl/status/status.h"
#include "cli/args.h"
#include "engine/io/database.h"

namespace assocsync {

// How to reach it: as slurmdbd.conf says, or the client options of
// --defaults-file, which win. Where there are neither, the error is that of
// slurmdbd.conf, and only `database`'s name is filled (slurmdbd's default).
absl::Status FindDatabase(const DatabaseArgs& args, DatabaseOptions* database);

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_DATABASE_H_
