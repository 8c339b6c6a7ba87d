// The jobs of a cluster that have not ended: internal to engine/live.
#ifndef ASSOCSYNC_ENGINE_LIVE_DATABASE_JOBS_H_
#define ASSOCSYNC_ENGINE_LIVE_DATABASE_JOBS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "engine/io/database.h"
#include "engine/live/database_value.h"
#include "engine/slurm/job.h"

namespace assocsync {

struct DatabaseState;

// Jobs on the rows of `state`, by row, then by id. slurmdbd takes a job for one
// that has not ended while its time_end is 0 and its state comes before
// JOB_COMPLETE (seen on 20.11 to 26.05). Found by an index: what it costs goes
// with these jobs, not with all that ever ran. None where the table is not
// there (a copy), or this login may not read it. Errors: those of Database.
absl::StatusOr<std::vector<Job>> ReadJobs(Database& database,
                                          const DatabaseNames& names,
                                          const DatabaseState& state);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LIVE_DATABASE_JOBS_H_
