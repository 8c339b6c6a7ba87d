// A tree in several files, for people who keep it in git: one file for each
// account right below root, with all that is below it, and one for the rest.
//
// Each begins with a line that says so, then with a Cluster line, so that
// editors and people see what it is; but only all of them are the tree. Pure.
#ifndef ASSOCSYNC_ENGINE_CFG_PARTS_H_
#define ASSOCSYNC_ENGINE_CFG_PARTS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/cfg/text_files.h"
#include "engine/model/tree.h"

namespace assocsync {

struct Part {
  std::string file;  // Without a '/'; ends in ".cfg".
  std::string text;
  bool operator==(const Part&) const = default;
};

// Of the rest: the Cluster line with its options, QOS, users of root.
inline constexpr absl::string_view kRestFile = "cluster.cfg";

// `name` as a part of a file's name on any file system: different names come
// out different, also where case is not heeded. What is no lower-case letter,
// digit, '_', '-' or inner '.' becomes %XX; what is longer than 150 bytes then
// is cut, with a digest behind it.
std::string FileNameOf(absl::string_view name);

// The rest first, then by file name. Canonical: equal trees give equal parts.
// Together they say what Write(tree) does.
std::vector<Part> Split(const Tree& tree);

// Whether `text` begins as a part does.
bool IsPart(absl::string_view text);
// kInvalidArgument: what a part is where a tree is wanted.
absl::Status PartAlone(absl::string_view name);
// The cluster that a part names. kInvalidArgument: it has no Cluster line that
// can be read.
absl::StatusOr<std::string> ClusterOfPart(absl::string_view text);

struct JoinedParts {
  // A tree's text, line by line that of the parts; their marks and Cluster
  // lines are there once.
  std::string text;
  TextFiles files;
};
// `parts` in any order; `folder` is for messages. kInvalidArgument, with the
// file's name: one that is no part, or
// was cut short; kRestFile is missing; a Cluster line names another cluster, or
// has options and is not that of kRestFile. All else that may be wrong, the
// text's parser finds.
absl::StatusOr<JoinedParts> Join(absl::string_view folder,
                                 std::vector<Part> parts);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_CFG_PARTS_H_
