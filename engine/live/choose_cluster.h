// Which of the database's clusters is meant: internal to engine/live.
#ifndef ASSOCSYNC_ENGINE_LIVE_CHOOSE_CLUSTER_H_
#define ASSOCSYNC_ENGINE_LIVE_CHOOSE_CLUSTER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace assocsync {

// `cluster`, which must be one of `names`, or the only one where it is empty.
// kInvalidArgument: none was asked for and there are several; kNotFound: there
// is no such cluster, or none at all. Both name those that there are, and what
// to do.
absl::StatusOr<std::string> ChooseCluster(const std::vector<std::string>& names,
                                          absl::string_view cluster);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LIVE_CHOOSE_CLUSTER_H_
