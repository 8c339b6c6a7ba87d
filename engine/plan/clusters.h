// One plan for the clusters of a whole database: a plan for each, in an order,
// made on what the plans before it leave. What the clusters share (shared.h) is
// changed once, by the first plan that has it; records of those who leave every
// cluster go with the last one, and so do QOS.
//
// All of it is proven together: every command of every plan, in order, on
// models of all clusters that see each other's changes.
#ifndef ASSOCSYNC_ENGINE_PLAN_CLUSTERS_H_
#define ASSOCSYNC_ENGINE_PLAN_CLUSTERS_H_

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/plan/agreed.h"
#include "engine/plan/cluster_order.h"
#include "engine/plan/plan.h"
#include "engine/slurm/database_state.h"

namespace assocsync {

class Slurmdbd;

struct ClustersPlan {
  struct Part {
    ClusterTurn turn;     // .cluster: the number of the input.
    bool is_last = true;  // Of all: SharedView.
    PlanOptions options;  // Of the input, with the words that name something.
    DatabaseState live;   // What it is made on.
    Plan plan;
  };
  std::vector<Part> parts;        // In the order in which they run.
  std::vector<Finding> findings;  // Of the whole; those of parts are theirs.
  // By input: the whole state of each when all parts have run.
  std::vector<DatabaseState> after;
  AgreedRecords agreed;

  // No finding stands in the way of apply, of the whole or of a part.
  bool applicable() const;
  size_t steps() const;
  bool changes_anything() const;  // Steps, or changes that findings stop.
};

// `inputs`: one for each cluster, in the order of their names, of one moment:
// each one's `others` has the rows of all other clusters of the database. No
// bases; not options.keep_shared, as_cluster and pick. Words of options.only,
// except and skip are the same in all, and each need name something on one
// cluster only. What two targets contradict each other about is a finding of
// the whole (AS133), and there are no parts then.
// Pure. Errors: as of MakePlan; kAborted: the inputs are not of one moment.
absl::StatusOr<ClustersPlan> PlanClusters(const std::vector<PlanInput>& inputs,
                                          const PlaceOfLine& place);

// Makes the plan of a part again: `input` has the cluster's live state of now.
absl::StatusOr<Plan> PlanPart(const PlanInput& input,
                              const AgreedRecords& agreed,
                              const ClustersPlan::Part& part);

// Makes `other`, the state of another cluster of the database, see what
// `after` has become: its rows, and what the two share.
void SeeElsewhere(const Slurmdbd& after, DatabaseState* other);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_CLUSTERS_H_
