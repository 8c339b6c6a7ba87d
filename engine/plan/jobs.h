// Jobs that stand in a plan's way.
#ifndef ASSOCSYNC_ENGINE_PLAN_JOBS_H_
#define ASSOCSYNC_ENGINE_PLAN_JOBS_H_

#include <vector>

#include "engine/plan/plan.h"
#include "engine/plan/skip.h"
#include "engine/slurm/job.h"

namespace assocsync {

// AS113: `jobs` (sorted by row) on rows that the plan deletes, for good or to
// add them again, and in QOS that it deletes; each row and QOS with its jobs.
// slurmdbd refuses to delete such rows; a QOS it deletes under its jobs up to
// 24.11, and slurmctld then shows them with none (seen on 22.05 and 24.11). The
// rows go to `blamed`, for --skip; null: nobody asks.
std::vector<Finding> GuardJobs(const Plan& plan, const std::vector<Job>& jobs,
                               std::vector<Blamed>* blamed = nullptr);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_JOBS_H_
