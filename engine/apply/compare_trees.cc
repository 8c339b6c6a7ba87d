#include "engine/apply/compare_trees.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/backup/dump_tables.h"
#include "engine/backup/verify_backup.h"
#include "engine/base/status.h"
#include "engine/cfg/parse.h"
#include "engine/cfg/write.h"
#include "engine/io/mapped_file.h"
#include "engine/live/read_state.h"
#include "engine/slurm/release.h"

namespace assocsync {
namespace {

// "the .cfg says 'a', the loaded SQL dump 'b'", of the first line that differs.
std::string FirstDifference(absl::string_view what, const std::string& file,
                            const std::string& loaded) {
  const std::vector<absl::string_view> a = absl::StrSplit(file, '\n');
  const std::vector<absl::string_view> b = absl::StrSplit(loaded, '\n');
  size_t i = 0;
  while (i < a.size() && i < b.size() && a[i] == b[i]) ++i;
  const auto line = [&](const std::vector<absl::string_view>& lines) {
    return i < lines.size() ? absl::StrCat("'", lines[i], "'")
                            : std::string("nothing more");
  };
  return absl::StrCat("the ", what, " says ", line(a), ", the loaded SQL dump ",
                      line(b));
}

}  // namespace

absl::StatusOr<absl::btree_map<std::string, Tree>> ReadTrees(
    const std::string& dir, const Manifest& manifest, bool fold_users) {
  std::vector<TreeFile> files = manifest.trees;
  // A backup without any says why (kNoTree).
  if (files.empty() && manifest.made_by != kMadeByBackup) {
    ASSIGN_OR_RETURN(std::string file, TreeFileOf(manifest, ""));
    files.push_back({manifest.cluster, std::move(file)});
  }
  ParseOptions options;
  options.fold_users = fold_users;
  absl::btree_map<std::string, Tree> trees;
  for (const TreeFile& file : files) {
    const std::string path = absl::StrCat(dir, "/", file.file);
    ASSIGN_OR_RETURN(const std::string text,
                     ReadVerified(dir, manifest, file.file));
    ASSIGN_OR_RETURN(Tree tree, ParseTree(path, text, options));
    if (tree.cluster.view() != file.cluster) {
      return absl::DataLossError(absl::StrCat(path, ": is of cluster '",
                                              tree.cluster.view(), "', not '",
                                              file.cluster, "'"));
    }
    trees[file.cluster] = std::move(tree);
  }
  return trees;
}

absl::StatusOr<absl::btree_map<std::string, Tree>> ReadDumpedTrees(
    const std::string& path, const Manifest& manifest) {
  absl::btree_map<std::string, Tree> trees;
  if (manifest.clusters.empty()) return trees;
  ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  for (const std::string& cluster : manifest.clusters) {
    ASSIGN_OR_RETURN(DatabaseRead read, ReadDump(path, file.text(), cluster,
                                                 /*fold_users=*/false));
    trees[cluster] = std::move(read.database.tree);
  }
  return trees;
}

absl::Status CompareWithDump(const std::string& path, const Manifest& manifest,
                             Database& database) {
  ASSIGN_OR_RETURN(const auto trees, ReadDumpedTrees(path, manifest));
  for (const auto& [cluster, tree] : trees) {
    absl::StatusOr<DatabaseState> state =
        ReadDatabaseState(database, cluster, /*fold_users=*/false);
    if (!state.ok()) {
      return Annotate(state.status(), "reading the loaded SQL dump");
    }
    const std::string a = Write(tree), b = Write(state->tree);
    if (a == b) continue;
    return absl::DataLossError(absl::StrCat(path, ": cluster ", cluster, ": ",
                                            FirstDifference("file", a, b)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> CompareTrees(const std::string& dir,
                                                      const Manifest& manifest,
                                                      Database& database) {
  // Nobody folds case here: both sides are compared as they are.
  ASSIGN_OR_RETURN(const auto trees,
                   ReadTrees(dir, manifest, /*fold_users=*/false));
  absl::StatusOr<Release> release = ParseRelease(manifest.slurm_release);
  if (!release.ok()) return Annotate(release.status(), dir);
  WriteOptions as_dump;
  as_dump.dump_of = release->series;
  std::vector<std::string> as_dumped;
  for (const auto& [cluster, file] : trees) {
    absl::StatusOr<DatabaseState> state =
        ReadDatabaseState(database, cluster, /*fold_users=*/false);
    if (!state.ok()) {
      return Annotate(state.status(), "reading the loaded SQL dump");
    }
    Tree& loaded = state->tree;
    if (!file.lists_qos) {
      loaded.lists_qos = false;
      loaded.qos.clear();
    }
    if (Write(loaded) == Write(file)) continue;
    const std::string a = Write(file, as_dump);
    const std::string b = Write(loaded, as_dump);
    if (a != b) {
      return absl::DataLossError(absl::StrCat(dir, ": cluster ", cluster, ": ",
                                              FirstDifference(".cfg", a, b)));
    }
    as_dumped.push_back(cluster);
  }
  return as_dumped;
}

}  // namespace assocsync
