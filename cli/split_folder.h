// A folder that `dump --split` wrote: the files of one tree (cfg/parts.h), or a
// folder of such for each cluster. Beside them anything may lie that is no
// *.cfg: .git, a README.
#ifndef ASSOCSYNC_CLI_SPLIT_FOLDER_H_
#define ASSOCSYNC_CLI_SPLIT_FOLDER_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/cfg/parts.h"
#include "engine/io/git.h"

namespace assocsync {

// A folder to read, on disk or in git: what is in it, sorted, and the text of a
// file of it. A hidden file is not in it.
struct FolderToRead {
  std::string name;  // For messages.
  struct Entry {
    std::string name;
    bool is_folder = false;
  };
  std::vector<Entry> entries;
  std::function<absl::StatusOr<std::string>(const std::string& name)> file;
  std::function<absl::StatusOr<FolderToRead>(const std::string& name)> folder;
};
absl::StatusOr<FolderToRead> FolderOnDisk(const std::string& path);
// `git` must outlive it.
FolderToRead FolderInGit(const std::string& name, GitObject folder,
                         GitReader* git);

struct SplitCluster {
  std::string cluster;
  std::string folder;  // Within the folder; empty: it itself.
};
// Whose trees are in the folder, by name. Empty: it is none that `dump --split`
// wrote. kFailedPrecondition: a `dump --split` was cut short there.
absl::StatusOr<std::vector<SplitCluster>> ClustersIn(
    const FolderToRead& folder);

// The tree of one of them. Errors: those of Join, with the folder's name.
absl::StatusOr<JoinedParts> ReadSplit(const FolderToRead& folder,
                                      const SplitCluster& cluster);

// Names of the files of the tree in folder `path`, which is of one cluster;
// empty: it is no such folder.
absl::StatusOr<std::vector<std::string>> FilesOfSplit(const std::string& path);

// Gives a file the text, whole or not at all, if it has not got it: a new one
// as the umask has it, an older one keeps owner and mode. Errors: file.h.
absl::Status WriteTree(const std::string& path, absl::string_view text);

// Whether WriteSplit may write there: kFailedPrecondition: a *.cfg that no
// `dump --split` wrote, another cluster's tree, trees of several, a backup.
absl::Status MayWriteSplit(const std::string& path, absl::string_view cluster);

// The same of a folder that is to hold one for each cluster:
// kFailedPrecondition: it is a tree itself, or a backup.
absl::Status MayWriteSplitOfAll(const std::string& path);

// Makes the folder (not those on the way to it) hold these files, and takes
// those away that an earlier tree had and this one has not. Files that are the
// same already are not touched, others keep owner and mode. What is cut short
// leaves a folder that every reader refuses (kUnfinishedName), until it is
// written again. Errors: those of MayWriteSplit; file.h.
inline constexpr absl::string_view kUnfinishedName =
    ".assocsync-split-unfinished";
absl::Status WriteSplit(const std::string& path, absl::string_view cluster,
                        absl::Span<const Part> parts);

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_SPLIT_FOLDER_H_
