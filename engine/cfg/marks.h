// The comment lines that hold a canonical file together. A text that was cut
// after a whole line looks like a smaller tree; between these marks it cannot.
#ifndef ASSOCSYNC_ENGINE_CFG_MARKS_H_
#define ASSOCSYNC_ENGINE_CFG_MARKS_H_

#include "absl/strings/string_view.h"

namespace assocsync::cfg {

inline constexpr absl::string_view kHeaderMark = "# assocsync:1 ";
inline constexpr absl::string_view kTitle =
    "The association tree of one Slurm cluster.";
// Of one that people wrote (ParseOptions::written).
inline constexpr absl::string_view kTitleByHand =
    "The association tree of one Slurm cluster, written by hand.";
// Of a file that is a part of one (parts.h).
inline constexpr absl::string_view kTitleOfPart =
    "A part of the association tree of one Slurm cluster: the folder is the "
    "tree.";
inline constexpr absl::string_view kEditNote =
    "# Edit it freely, but leave the first and the last line as they are.";
inline constexpr absl::string_view kTrailerMark = "# assocsync:end";

// How the dumps of all releases begin.
inline constexpr absl::string_view kDumpHeader =
    "# To edit this file start with a cluster line for the new cluster";
// What sacctmgr puts before lines that it prints on a terminal.
inline constexpr absl::string_view kClientPrefix = "sacctmgr: ";
inline constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace assocsync::cfg

#endif  // ASSOCSYNC_ENGINE_CFG_MARKS_H_
