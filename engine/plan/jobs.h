// Jobs that stand in a plan's way, and what else of slurmctld it concerns.
#ifndef ASSOCSYNC_ENGINE_PLAN_JOBS_H_
#define ASSOCSYNC_ENGINE_PLAN_JOBS_H_

#include <vector>

#include "engine/plan/plan.h"
#include "engine/plan/skip.h"
#include "engine/slurm/job.h"

namespace assocsync {

// AS113, where jobs that have not ended (`jobs`, sorted by row) use what the
// plan takes away:
// - Rows that it deletes, for good or to add them again, and QOS that it
//   deletes. slurmdbd refuses to delete such rows; a QOS it deletes under its
//   jobs up to 24.11, and slurmctld then shows them with none (seen on 22.05
//   and 24.11).
// - A QOS that a pending job waits in and its row on `live` has, and has no
//   more: the job would wait on as InvalidQOS (seen on 22.05, 24.11 and 26.05;
//   running ones go on). It may be what is wanted: --allow AS113 lifts it.
// What would have to stay goes to `blamed`, for --skip; null: nobody asks.
std::vector<Finding> GuardJobs(const Tree& live, const Plan& plan,
                               const std::vector<Job>& jobs,
                               std::vector<Blamed>* blamed = nullptr);

// AS147: running jobs that may be ended by limits which the plan lowers or
// makes hold: GrpTRESMins and GrpWall of a row, of what is above it and of the
// job's QOS, and MaxTRESMinsPerJob (seen on 22.05, 24.11 and 26.05).
std::vector<Finding> TellEnded(const Tree& live, const Plan& plan,
                               const std::vector<Job>& jobs);

// AS145: partitions and reservations that name accounts, users and QOS that
// are gone from the cluster after the plan.
std::vector<Finding> GuardMentions(const Plan& plan,
                                   const std::vector<Mention>& mentions);

// AS146: the usage that rows lose in slurmctld which are deleted to be added
// again (AS141).
std::vector<Finding> TellUsage(const Plan& plan, const RowUsage& usage);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_JOBS_H_
