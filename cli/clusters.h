// Plans for the clusters of a whole database (--all-clusters): what plan and
// apply share.
#ifndef ASSOCSYNC_CLI_CLUSTERS_H_
#define ASSOCSYNC_CLI_CLUSTERS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/run.h"
#include "engine/plan/clusters.h"

namespace assocsync {

struct PlannedClusters {
  std::unique_ptr<LiveSource> source;
  // Of each cluster, by name, what its plans are made of; no plan.
  std::vector<Planned> clusters;
  ClustersPlan whole;
  std::vector<SavedPlan> parts;  // Of whole.parts.

  // For plans of that cluster on another moment of live. They must outlive it.
  PlanInput InputOf(size_t cluster, const LiveState& live) const;
};

// Reads the trees of args.target and live of their clusters, and plans.
// args->live becomes what live was read from. kNotFound: the database lacks one
// of the clusters, and what to do.
absl::StatusOr<PlannedClusters> PlanAllClusters(Options* args, Env& env);

// The plans, one after the other, and what they come to, in args.format.
// `evidence`: with what Slurm's log tells of them, where the format has it.
absl::Status ShowClusters(const Options& args, const PlannedClusters& planned,
                          bool evidence, Env& env);

// As WayBack, of all clusters: `run_dir` is the folder of the first run.
std::string WayBackOfClusters(const std::string& run_dir,
                              const PlannedClusters& planned,
                              const Options& args);

ExitCode RunPlanOfClusters(const Options& args, Env& env);
ExitCode RunApplyToClusters(const Options& args, Env& env);

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_CLUSTERS_H_
