// Every reason not to restore that can be known before anything is done.
#ifndef ASSOCSYNC_ENGINE_RESTORE_CHECKS_H_
#define ASSOCSYNC_ENGINE_RESTORE_CHECKS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/backup/manifest.h"
#include "engine/backup/plain_dump.h"
#include "engine/restore/names.h"
#include "engine/restore/restore.h"
#include "engine/restore/survey.h"
#include "engine/restore/swap.h"

namespace assocsync {

// The backup is of a slurmdbd database, holds a dump of it, and is not of a
// later release than the slurmdbd that will be started. kFailedPrecondition.
absl::Status CheckBackup(const RestoreOptions& options,
                         const Manifest& manifest);

// A slurmdbd of the release that will be started can start from these tables.
// kFailedPrecondition.
absl::Status CheckPlainDump(const RestoreOptions& options,
                            const PlainDump& dump);

// Nobody uses the database, as far as can be seen, and enough can be seen:
// nothing answers where slurmdbd listens, and no other connection is open to
// it. What cannot be told goes to `cautions`. kFailedPrecondition otherwise.
// Connections may take `patience` to end (a server notices late that a client
// was killed), or until the stop flag is set.
absl::Status CheckUnused(const RestoreOptions& options, const RestoreDeps& deps,
                         Database& server, const ServerFacts& facts,
                         absl::Duration patience,
                         std::vector<std::string>* cautions);

// Of the clusters of the present database, those whose slurmctld is registered
// and answers, by name. slurmctld goes on with the rows and the numbers of jobs
// that it has: what it tells slurmdbd then is of rows that are no more (seen on
// 22.05, 24.11 and 26.05). kFailedPrecondition: there is one, and the admin did
// not say options.running_controller. What cannot be told goes to `cautions`.
absl::StatusOr<std::vector<std::string>> CheckControllers(
    const RestoreOptions& options, const RestoreDeps& deps, Database& server,
    std::vector<std::string>* cautions);

// The server can do it (kFailedPrecondition: not), and nothing stands where a
// database is to be made.
absl::Status CheckServer(const RestoreOptions& options,
                         const ServerFacts& facts, const OwnDatabase& shadow);

// The present tables can be moved aside, and the restored ones in.
absl::Status CheckPresent(const RestoreOptions& options,
                          const Contents& present, const Manifest& manifest);

// What was loaded is what the manifest tells: tables, engines, rows. kDataLoss
// or kFailedPrecondition.
absl::Status CheckLoaded(Database& server, const std::string& shadow,
                         const Manifest& manifest);

// After the swap: what is wrong under the database's name, or who came in.
std::vector<std::string> ProblemsAfter(
    const RestoreOptions& options, const RestoreDeps& deps, Database& server,
    const ServerFacts& facts, const Manifest& manifest, const Swap& swap);

// Where the tables of a swap are now.
absl::StatusOr<SwapState> LookAtSwap(Database& server, const Swap& swap);

// The same over a new connection, which takes over the lock of the database
// as soon as the server has ended the old one: until then it may still be
// renaming. Errors: the server does not come back, or is at it for minutes.
absl::StatusOr<SwapState> LookAgain(const Swap& swap, const RestoreDeps& deps,
                                    std::unique_ptr<Database>* server);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RESTORE_CHECKS_H_
