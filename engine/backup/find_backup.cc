#include "engine/backup/find_backup.h"

#include <sys/stat.h>

#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/backup/verify_backup.h"
#include "engine/io/dir.h"

namespace assocsync {
namespace {

bool IsRealFolder(const std::string& path) {
  struct stat st;
  return lstat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

std::vector<std::string> ClustersOf(const Manifest& manifest) {
  std::vector<std::string> clusters;
  for (const TreeFile& tree : manifest.trees) clusters.push_back(tree.cluster);
  if (!clusters.empty()) return clusters;
  // A run of apply; one of restore has no tree.
  const absl::StatusOr<std::string> file = TreeFileOf(manifest, "");
  if (file.ok() && absl::c_any_of(manifest.files, [&](const BackupFile& each) {
        return each.name == *file;
      })) {
    clusters.push_back(manifest.cluster);
  }
  return clusters;
}

}  // namespace

std::vector<FoundBackup> BackupsIn(const std::string& dir) {
  std::vector<FoundBackup> found;
  const auto names = NamesInFolder(dir);
  if (!names.ok()) return found;
  for (const std::string& name : *names) {
    FoundBackup backup;
    backup.name = name;
    backup.path = absl::StrCat(dir, absl::EndsWith(dir, "/") ? "" : "/", name);
    // What begins with a dot is not finished.
    if (absl::StartsWith(name, ".") || !IsRealFolder(backup.path)) continue;
    const absl::StatusOr<Manifest> manifest = ReadManifest(backup.path);
    if (!manifest.ok()) continue;
    backup.clusters = ClustersOf(*manifest);
    if (backup.clusters.empty()) continue;
    backup.created = manifest->created;
    backup.of_run = manifest->made_by != kMadeByBackup;
    for (const BackupFile& file : manifest->files) backup.bytes += file.bytes;
    found.push_back(std::move(backup));
  }
  // Of one second: NAME, NAME-2 ... NAME-10.
  const auto rank = [](const FoundBackup& backup) {
    return std::make_tuple(backup.created, backup.name.size(), backup.name);
  };
  absl::c_sort(found, [&](const FoundBackup& a, const FoundBackup& b) {
    return rank(a) > rank(b);
  });
  return found;
}

std::vector<FoundBackup> BackupsUpTo(absl::Span<const FoundBackup> backups,
                                     absl::string_view cluster,
                                     absl::Time time) {
  std::vector<FoundBackup> out;
  for (const FoundBackup& backup : backups) {
    if (backup.created > time) continue;
    if (!cluster.empty() && !absl::c_linear_search(backup.clusters, cluster)) {
      continue;
    }
    out.push_back(backup);
  }
  return out;
}

}  // namespace assocsync
