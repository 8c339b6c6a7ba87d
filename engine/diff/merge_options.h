// Who is right where a proposal and live changed the same thing (merge.h).
#ifndef ASSOCSYNC_ENGINE_DIFF_MERGE_OPTIONS_H_
#define ASSOCSYNC_ENGINE_DIFF_MERGE_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/btree_map.h"

namespace assocsync {

enum class Side : uint8_t { kTarget, kLive };

// Rows are named as RowName does.
struct MergeOptions {
  std::optional<Side> prefer;
  absl::btree_map<std::string, Side> prefer_row;
  bool operator==(const MergeOptions&) const = default;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_DIFF_MERGE_OPTIONS_H_
