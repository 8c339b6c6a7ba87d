// Databases of several clusters, made of a tree for each.
#ifndef ASSOCSYNC_TESTS_SUPPORT_SEVERAL_CLUSTERS_H_
#define ASSOCSYNC_TESTS_SUPPORT_SEVERAL_CLUSTERS_H_

#include <random>
#include <vector>

#include "engine/model/tree.h"
#include "engine/plan/clusters.h"
#include "engine/slurm/database_state.h"
#include "engine/slurm/release.h"
#include "tests/support/random_tree.h"

namespace assocsync {

// Makes trees of one database say the same of what they share: what the first
// of them that has a record says. QOS: those of all.
void ShareRecords(std::vector<Tree>* trees);

// What is read of each cluster of such a database. It has all TRES of
// RandomTree, and where the trees define no QOS, all QOS.
std::vector<DatabaseState> DatabaseOf(const Behaviour& behaviour,
                                      const std::vector<Tree>& trees);

// Clusters a, b, c of one database, and what they are to become.
struct TreesOfClusters {
  std::vector<Tree> live, target;
};
TreesOfClusters RandomClusters(std::mt19937_64& random, size_t clusters,
                               RandomTreeOptions options);

// What PlanClusters takes, of trees by one `options`. All must outlive it.
std::vector<PlanInput> InputsOf(const std::vector<DatabaseState>& live,
                                const std::vector<Tree>& targets,
                                const PlanOptions& options);

// "a/cluster.cfg:12" of the first input; "a/cluster.cfg" of line 0.
std::string PlaceInClusters(size_t input, uint32_t line);

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_SEVERAL_CLUSTERS_H_
