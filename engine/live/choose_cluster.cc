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
  const auto add = [](absl::string_view name) {
    return absl::StrCat("`sacctmgr -i add cluster ", name,
                        "`, or start its slurmctld, which registers it");
  };
  if (names.empty()) {
    const absl::string_view name = cluster.empty() ? "NAME" : cluster;
    return absl::NotFoundError(absl::StrCat(
        cluster.empty() ? ""
                        : absl::StrCat("there is no cluster '", cluster, "': "),
        there, "; first: ", add(name)));
  }
  if (cluster.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(there, "; say which one is meant with --cluster NAME"));
  }
  return absl::NotFoundError(absl::StrCat(
      "there is no cluster '", cluster, "': ", there,
      "; if it is new, first: ", add(cluster), "; if the file is for ",
      names.size() == 1 ? absl::StrCat(names[0], ": --cluster ", names[0])
                        : "one of these: --cluster NAME",
      " --as-cluster"));
}

}  // namespace assocsync
