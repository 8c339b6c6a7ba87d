// The canonical texts of two trees as a unified diff.
#ifndef ASSOCSYNC_ENGINE_RENDER_UNIFIED_DIFF_H_
#define ASSOCSYNC_ENGINE_RENDER_UNIFIED_DIFF_H_

#include <string>

#include "absl/strings/string_view.h"

namespace assocsync {

struct UnifiedDiffOptions {
  std::string from_name = "live", to_name = "target";  // In the head.
  int context = 3;  // Lines of context around a change.
  bool color = false;
};

// What patch(1) needs to make `from` into `to`; empty where they are equal.
// Both are canonical .cfg texts (engine/cfg/write.h). The head of each hunk
// tells whose lines they are: "@@ -12,7 +12,8 @@ hep (root > physics > hep)".
//
// Control characters, which only texts from the database can hold, are shown
// escaped: such a line is for reading, and patch(1) will not find it.
//
// Lines that are in both texts once, as lines with names mostly are, hold the
// two together; only what is between them is compared, by dtl. A stretch
// longer than dtl is good for comes out as all of the one and all of the
// other. n log n in the number of lines.
std::string UnifiedDiff(absl::string_view from, absl::string_view to,
                        const UnifiedDiffOptions& options = {});

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_UNIFIED_DIFF_H_
