// Is the database that was read the one that slurmdbd uses, and as new?
// Internal to engine/live. Every change of slurmdbd leaves a row in txn_table,
// in the same SQL transaction: two databases with the same last rows there are
// the same in all that matters here.
#ifndef ASSOCSYNC_ENGINE_LIVE_SAME_DATABASE_H_
#define ASSOCSYNC_ENGINE_LIVE_SAME_DATABASE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/io/database.h"
#include "engine/live/ask_slurmdbd.h"
#include "engine/live/sacctmgr_client.h"

namespace assocsync {

// Time of the last transaction; 0: there is none (a new database, or purged).
absl::StatusOr<int64_t> LastTransaction(Database& database);

// The transactions from `since` on, sorted, as "id|actor|where": by SQL and by
// slurmdbd, which does not show those that are marked as deleted (24.11+).
absl::StatusOr<std::vector<std::string>> TransactionsInDatabase(
    Database& database, int64_t since, bool has_deleted);
absl::StatusOr<std::vector<std::string>> TransactionsOfSlurmdbd(
    SacctmgrClient& client, int64_t since);

// Both lists, of about one moment. kAborted: slurmdbd has newer ones (or the
// database had, which is the same between two reads): reading again helps where
// something is just changing. kFailedPrecondition: another database.
absl::Status CompareTransactions(const std::vector<std::string>& database,
                                 const std::vector<std::string>& slurmdbd);

// What slurmdbd says of its storage against what was read, as far as it tells.
// kFailedPrecondition: another one.
absl::Status CompareStorage(const AboutSlurmdbd& about,
                            const DatabaseOptions& read);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LIVE_SAME_DATABASE_H_
