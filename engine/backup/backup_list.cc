#include "engine/backup/backup_list.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/backup/backup_folder.h"
#include "engine/backup/last_verify.h"
#include "engine/backup/run_lock.h"
#include "engine/backup/verify_backup.h"
#include "engine/base/status.h"
#include "engine/io/dir.h"

namespace assocsync {
namespace {

// "20261124T000744Z"
constexpr absl::string_view kStampFormat = "%E4Y%m%dT%H%M%SZ";
constexpr size_t kStampSize = 16;

// `name`, or `name`-2, `name`-3 ...
bool IsNumbered(absl::string_view text, absl::string_view name) {
  if (!absl::ConsumePrefix(&text, name)) return false;
  if (text.empty()) return true;
  return absl::ConsumePrefix(&text, "-") && !text.empty() &&
         absl::c_all_of(text, absl::ascii_isdigit);
}

// Whether `name` is like those that RunFolderName makes, with its parts.
bool SplitRunName(absl::string_view name, absl::string_view* cluster,
                  absl::Time* time) {
  absl::string_view rest = name;
  while (!rest.empty() && absl::ascii_isdigit(rest.back())) {
    rest.remove_suffix(1);
  }
  if (absl::EndsWith(rest, "Z-")) name = rest.substr(0, rest.size() - 1);
  if (name.size() < kStampSize + 2) return false;
  const absl::string_view stamp = name.substr(name.size() - kStampSize);
  *cluster = name.substr(0, name.size() - kStampSize);
  std::string ignored;
  return absl::ConsumeSuffix(cluster, "-") &&
         absl::ParseTime(kStampFormat, std::string(stamp), time, &ignored);
}

absl::string_view KindOfThing(mode_t mode) {
  return S_ISLNK(mode)   ? "a symlink"
         : S_ISREG(mode) ? "a file"
         : S_ISDIR(mode) ? "a folder"
                         : "neither file nor folder";
}

// A file of the backup, counted; what is wrong with it.
std::string LookAtFile(const BackupFile& file, FoundBackup* found) {
  struct stat st;
  if (lstat(absl::StrCat(found->path, "/", file.name).c_str(), &st) != 0) {
    return errno == ENOENT
               ? absl::StrCat(file.name, " is missing")
               : absl::StrCat(file.name,
                              " cannot be looked at: ", strerror(errno));
  }
  if (!S_ISREG(st.st_mode)) {
    return absl::StrCat(file.name, " is ", KindOfThing(st.st_mode));
  }
  const uint64_t bytes = static_cast<uint64_t>(st.st_size);
  found->bytes += bytes;
  return bytes == file.bytes ? ""
                             : absl::StrCat(file.name, " has ", bytes,
                                            " bytes, not ", file.bytes);
}

void LookInside(FoundBackup* found) {
  const absl::StatusOr<std::vector<std::string>> names =
      NamesInFolder(found->path);
  if (!names.ok()) {
    found->problem = "it cannot be read";
    return;
  }
  absl::btree_set<absl::string_view> known = {kManifestName};
  struct stat st;
  if (lstat(absl::StrCat(found->path, "/", kManifestName).c_str(), &st) == 0) {
    found->bytes += static_cast<uint64_t>(st.st_size);
  }
  if (lstat(absl::StrCat(found->path, "/", kSignatureName).c_str(), &st) == 0 &&
      S_ISREG(st.st_mode)) {
    found->is_signed = true;
    found->bytes += static_cast<uint64_t>(st.st_size);
    known.insert(kSignatureName);
  }
  for (const BackupFile& file : found->manifest.files) {
    const std::string problem = LookAtFile(file, found);
    if (found->problem.empty()) found->problem = problem;
    known.insert(file.name);
  }
  for (const std::string& name : *names) {
    if (!known.contains(name)) found->others.push_back(name);
  }
}

// What an error says behind the path that everybody knows.
std::string WithoutPath(const absl::Status& status, absl::string_view path) {
  absl::string_view text = status.message();
  if (absl::ConsumePrefix(&text, path)) {
    if (!absl::ConsumePrefix(&text, ": ")) absl::ConsumePrefix(&text, "/");
  }
  return std::string(text);
}

// Of a run of apply or restore the folder is made first and the manifest later:
// the time in its name may be another one.
std::string OddnessOf(const FoundBackup& found, const struct stat& st) {
  if (st.st_uid != geteuid()) return "not yours";
  absl::string_view cluster;
  absl::Time named;
  const Manifest& manifest = found.manifest;
  const bool is_its_name =
      manifest.made_by == kMadeByBackup
          ? IsNumbered(found.name,
                       RunFolderName(manifest.cluster, manifest.created))
          : SplitRunName(found.name, &cluster, &named) &&
                cluster == FileNameOfCluster(manifest.cluster);
  return is_its_name ? "" : "renamed";
}

// False: `found` is no backup, but what `other` says.
bool LookAtFolder(const struct stat& st, FoundBackup* found,
                  BackupList::Other* other) {
  absl::StatusOr<Manifest> manifest = ReadManifest(found->path);
  absl::string_view cluster;
  absl::Time named = absl::InfinitePast();
  const bool is_like_one = SplitRunName(found->name, &cluster, &named);
  found->read = manifest.status();
  if (manifest.ok()) {
    found->manifest = *std::move(manifest);
    found->has_sql = SqlFileOf(found->manifest).ok();
    LookInside(found);
    found->odd = OddnessOf(*found, st);
    return true;
  }
  const bool none = absl::IsNotFound(manifest.status());
  if (none && !is_like_one) {
    other->what = "a folder without " + std::string(kManifestName);
    return false;
  }
  found->manifest.created = named;
  LookInside(found);
  found->problem = none ? absl::StrCat("it has no ", kManifestName,
                                       ": a run that was killed, or runs now")
                        : WithoutPath(manifest.status(), found->path);
  return true;
}

}  // namespace

std::string FoundBackup::MadeBy() const {
  if (!has_manifest()) return "";
  if (manifest.made_by.empty()) return "apply";
  return std::string(absl::StripPrefix(manifest.made_by, "assocsync "));
}

std::vector<std::string> ClustersIn(const Manifest& manifest) {
  std::vector<std::string> clusters = ClustersOfTrees(manifest);
  if (clusters.empty()) clusters = manifest.clusters;
  if (clusters.empty()) clusters = {manifest.cluster};
  return clusters;
}

bool HoldsCluster(const FoundBackup& found, const std::string& cluster) {
  return !found.has_manifest() || found.manifest.cluster == cluster ||
         absl::c_linear_search(ClustersIn(found.manifest), cluster);
}

absl::StatusOr<BackupList> ListBackups(const std::string& backup_dir) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   NamesInFolder(backup_dir));
  BackupList list;
  for (const std::string& name : names) {
    if (name == kRunLockName || name == kChildrenLockName ||
        name == kLastVerifyName) {
      continue;
    }
    FoundBackup found;
    found.name = name;
    found.path = absl::StrCat(backup_dir, "/", name);
    struct stat st;
    if (lstat(found.path.c_str(), &st) != 0) continue;  // It went meanwhile.
    BackupList::Other other = {name, std::string(KindOfThing(st.st_mode))};
    if (S_ISDIR(st.st_mode) && absl::StartsWith(name, kUnfinished)) {
      other.what = "of a backup that was killed, or runs now";
    } else if (S_ISDIR(st.st_mode) && LookAtFolder(st, &found, &other)) {
      list.backups.push_back(std::move(found));
      continue;
    }
    list.others.push_back(std::move(other));
  }
  // Of one second: NAME, NAME-2 ... NAME-10.
  absl::c_sort(list.backups, [](const FoundBackup& a, const FoundBackup& b) {
    return std::make_tuple(a.manifest.created, a.name.size(), a.name) >
           std::make_tuple(b.manifest.created, b.name.size(), b.name);
  });
  return list;
}

std::vector<FoundBackup> BackupsWithTrees(const std::string& dir) {
  absl::StatusOr<BackupList> list = ListBackups(dir);
  if (!list.ok()) return {};
  std::erase_if(list->backups, [](const FoundBackup& found) {
    return !found.has_manifest() || ClustersOfTrees(found.manifest).empty();
  });
  return std::move(list->backups);
}

std::vector<FoundBackup> BackupsUpTo(absl::Span<const FoundBackup> backups,
                                     absl::string_view cluster,
                                     absl::Time time) {
  std::vector<FoundBackup> out;
  for (const FoundBackup& backup : backups) {
    if (backup.manifest.created <= time &&
        (cluster.empty() ||
         absl::c_linear_search(ClustersOfTrees(backup.manifest), cluster))) {
      out.push_back(backup);
    }
  }
  return out;
}

}  // namespace assocsync
