// The comment lines that hold a canonical file together. A text that was cut
// after a whole line looks like a smaller tree; between these marks it cannot.
#ifndef ASSOCSYNC_ENGINE_CFG_MARKS_H_
#define ASSOCSYNC_ENGINE_CFG_MARKS_H_

#include "absl/strings/string_view.h"

namespace assocsync::cfg {

inline constexpr absl::string_view kHeaderMark = "# assocsync:1 ";
inline constexpr absl::string_view kTitle =
    "The association tree of one Slurm cluster.";
inline constexpr absl::string_view kEditNote =
    "# Edit it freely, but leave the first and the last line as they are.";
inline constexpr absl::string_view kTrailerMark = "# assocsync:end";

}  // namespace assocsync::cfg

#endif  // ASSOCSYNC_ENGINE_CFG_MARKS_H_
