// Builds a tree on a real slurmdbd with plain sacctmgr commands, one fact per
// command and no knowledge of the planner: what the convergence test restores
// must not come from the code that restores it.
#ifndef ASSOCSYNC_TESTS_SUPPORT_NAIVE_BUILD_H_
#define ASSOCSYNC_TESTS_SUPPORT_NAIVE_BUILD_H_

#include <string>
#include <vector>

#include "engine/model/tree.h"

namespace assocsync {

// The words after `sacctmgr -i`, for a cluster that holds root only. QOS names
// of `qos` exist already.
std::vector<std::vector<std::string>> NaiveCommands(const Tree& tree);

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_NAIVE_BUILD_H_
