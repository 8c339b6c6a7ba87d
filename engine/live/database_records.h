// What the clusters of a database share: accounts, users, coordinators, QOS and
// TRES. Internal to engine/live.
#ifndef ASSOCSYNC_ENGINE_LIVE_DATABASE_RECORDS_H_
#define ASSOCSYNC_ENGINE_LIVE_DATABASE_RECORDS_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/io/database.h"
#include "engine/live/database_rows.h"
#include "engine/live/database_schema.h"
#include "engine/live/database_value.h"
#include "engine/slurm/database_state.h"

namespace assocsync {

// Also fills state->qos and state->tres.
absl::StatusOr<DatabaseNames> ReadNames(Database& database,
                                        DatabaseState* state);

// accounts, users, coordinators, tree.qos, tree.cluster_fields of tree.cluster.
absl::Status ReadRecords(const Reading& reading);

// WCKeys of tree.cluster into the records of users: those of the tree where
// they are in it.
absl::Status ReadWckeys(const Reading& reading);

// The elements of a list that is about to be joined by commas.
// kFailedPrecondition: one of them holds a comma.
absl::StatusOr<Name> JoinNames(const std::vector<Name>& names,
                               absl::string_view what);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LIVE_DATABASE_RECORDS_H_
