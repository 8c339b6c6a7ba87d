#include "engine/live/choose_cluster.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace assocsync {

absl::StatusOr<std::string> ChooseCluster(const std::vector<std::string>& names,
                                          absl::string_view cluster) {
  for (const std::string& name : names) {
    if (name == cluster) return name;
  }
  if (cluster.empty() && names.size() == 1) return names[0];
  const std::string there =
      names.empty()
          ? "the database holds no cluster"
          : absl::StrCat("the database holds ", absl::StrJoin(names, ", "));
  if (cluster.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(there, "; say which one is meant with --cluster NAME"));
  }
  return absl::NotFoundError(
      absl::StrCat("there is no cluster '", cluster, "': ", there));
}

}  // namespace assocsync
