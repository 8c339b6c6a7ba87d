#include "cli/split_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/backup/manifest.h"
#include "engine/base/input_limits.h"
#include "engine/base/status.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"

namespace assocsync {
namespace {

constexpr absl::string_view kCfg = ".cfg";
constexpr absl::string_view kIsBackup =
    "this is the folder of a backup, which stays as it is";

std::string In(const std::string& folder, absl::string_view name) {
  return absl::StrCat(folder, absl::EndsWith(folder, "/") ? "" : "/", name);
}

// 0: there is nothing of that name.
mode_t ModeOf(const std::string& path) {
  struct stat st;
  return stat(path.c_str(), &st) == 0 ? st.st_mode : 0;
}

bool Has(const FolderToRead& folder, absl::string_view name) {
  return absl::c_any_of(folder.entries, [&](const FolderToRead::Entry& e) {
    return !e.is_folder && e.name == name;
  });
}

std::vector<std::string> CfgFilesIn(const FolderToRead& folder) {
  std::vector<std::string> names;
  for (const FolderToRead::Entry& entry : folder.entries) {
    if (!entry.is_folder && absl::EndsWith(entry.name, kCfg)) {
      names.push_back(entry.name);
    }
  }
  return names;
}

absl::Status CheckFinished(const FolderToRead& folder) {
  if (!Has(folder, kUnfinishedName)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(folder.name,
                   ": a `dump --split` was cut short here, and files of two "
                   "trees may lie side by side; write it again, or take the "
                   "folder back (git checkout) and remove ",
                   kUnfinishedName));
}

// Whether the folder itself is a tree: its rest is there, or any other part.
absl::StatusOr<bool> IsTree(const FolderToRead& folder) {
  for (const std::string& name : CfgFilesIn(folder)) {
    ASSIGN_OR_RETURN(const std::string text, folder.file(name));
    if (IsPart(text)) return true;
  }
  return false;
}

absl::Status NotOurs(const std::string& path, absl::string_view why) {
  return absl::FailedPreconditionError(absl::StrCat(path, ": ", why));
}

}  // namespace

absl::Status WriteTree(const std::string& path, absl::string_view text) {
  const absl::StatusOr<UniqueFd> old = OpenToRead(path, Readable::kPlain);
  if (absl::IsNotFound(old.status())) {
    const mode_t mask = umask(077);
    umask(mask);
    ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Open(path, 0666 & ~mask));
    RETURN_IF_ERROR(file.Append(text));
    return file.Commit();
  }
  RETURN_IF_ERROR(old.status());
  const absl::StatusOr<std::string> now =
      ReadOpenFile(old->get(), path, text.size());
  if (now.ok() && *now == text) return absl::OkStatus();
  if (!absl::IsResourceExhausted(now.status())) RETURN_IF_ERROR(now.status());
  ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Open(path));
  RETURN_IF_ERROR(file.Append(text));
  RETURN_IF_ERROR(file.TakeAttributesOf(old->get()));
  return file.Commit();
}

absl::StatusOr<FolderToRead> FolderOnDisk(const std::string& path) {
  FolderToRead out;
  out.name = path;
  while (out.name.size() > 1 && absl::EndsWith(out.name, "/")) {
    out.name.pop_back();
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesInFolder(path));
  for (const std::string& name : names) {
    const mode_t mode = ModeOf(In(path, name));
    if (absl::StartsWith(name, ".") && name != kUnfinishedName) continue;
    // Of what is no file, to read it tells so: it is not passed over.
    out.entries.push_back({name, S_ISDIR(mode)});
  }
  out.file = [path](const std::string& name) {
    return ReadFile(In(path, name), kMaxTreeFile, Readable::kFile);
  };
  out.folder = [path](const std::string& name) {
    return FolderOnDisk(In(path, name));
  };
  return out;
}

FolderToRead FolderInGit(const std::string& name, GitObject folder,
                         GitReader* git) {
  FolderToRead out;
  out.name = name;
  for (const GitEntry& entry : folder.entries) {
    if (absl::StartsWith(entry.name, ".") && entry.name != kUnfinishedName) {
      continue;
    }
    out.entries.push_back({entry.name, entry.is_folder});
  }
  const auto find = [entries =
                         std::move(folder.entries)](const std::string& wanted) {
    return *absl::c_find_if(
        entries, [&](const GitEntry& e) { return e.name == wanted; });
  };
  out.file = [find, git](const std::string& wanted) {
    return git->ReadFile(find(wanted));
  };
  out.folder = [find, git, name](
                   const std::string& wanted) -> absl::StatusOr<FolderToRead> {
    ASSIGN_OR_RETURN(GitObject inside, git->ReadFolder(find(wanted)));
    return FolderInGit(absl::StrCat(name, "/", wanted), std::move(inside), git);
  };
  return out;
}

absl::StatusOr<std::vector<SplitCluster>> ClustersIn(
    const FolderToRead& folder) {
  RETURN_IF_ERROR(CheckFinished(folder));
  ASSIGN_OR_RETURN(const bool is_tree, IsTree(folder));
  std::vector<SplitCluster> out;
  if (is_tree) {
    // What is missing or wrong there, ReadSplit tells.
    SplitCluster& only = out.emplace_back();
    if (Has(folder, kRestFile)) {
      ASSIGN_OR_RETURN(const std::string rest,
                       folder.file(std::string(kRestFile)));
      only.cluster = ClusterOfPart(rest).value_or("");
    }
    return out;
  }
  for (const FolderToRead::Entry& entry : folder.entries) {
    if (!entry.is_folder) continue;
    const absl::StatusOr<FolderToRead> inside = folder.folder(entry.name);
    if (!inside.ok() || !Has(*inside, kRestFile)) continue;
    ASSIGN_OR_RETURN(const std::string rest,
                     inside->file(std::string(kRestFile)));
    if (!IsPart(rest)) continue;
    const absl::StatusOr<std::string> cluster = ClusterOfPart(rest);
    if (!cluster.ok()) {
      return Annotate(cluster.status(), inside->name);
    }
    out.push_back({*cluster, entry.name});
  }
  absl::c_sort(out, [](const SplitCluster& a, const SplitCluster& b) {
    return a.cluster < b.cluster;
  });
  return out;
}

absl::StatusOr<JoinedParts> ReadSplit(const FolderToRead& folder,
                                      const SplitCluster& cluster) {
  if (!cluster.folder.empty()) {
    ASSIGN_OR_RETURN(const FolderToRead inside, folder.folder(cluster.folder));
    return ReadSplit(inside, {cluster.cluster, ""});
  }
  RETURN_IF_ERROR(CheckFinished(folder));
  std::vector<Part> parts;
  uint64_t bytes = 0;
  for (const std::string& name : CfgFilesIn(folder)) {
    ASSIGN_OR_RETURN(std::string text, folder.file(name));
    bytes += text.size();
    if (bytes > kMaxTreeFile) {
      return absl::ResourceExhaustedError(
          absl::StrCat(folder.name, ": more than ", kMaxTreeFile, " bytes"));
    }
    parts.push_back({name, std::move(text)});
  }
  return Join(folder.name, std::move(parts));
}

absl::StatusOr<std::vector<std::string>> FilesOfSplit(const std::string& path) {
  ASSIGN_OR_RETURN(const FolderToRead folder, FolderOnDisk(path));
  RETURN_IF_ERROR(CheckFinished(folder));
  ASSIGN_OR_RETURN(const bool is_tree, IsTree(folder));
  std::vector<std::string> files;
  if (!is_tree) return files;
  for (const std::string& name : CfgFilesIn(folder)) {
    files.push_back(In(folder.name, name));
  }
  return files;
}

absl::Status MayWriteSplit(const std::string& path, absl::string_view cluster) {
  const mode_t mode = ModeOf(path);
  if (mode == 0) return absl::OkStatus();
  if (!S_ISDIR(mode)) return NotOurs(path, "not a folder");
  if (ModeOf(In(path, kManifestName)) != 0) {
    return NotOurs(path, kIsBackup);
  }
  ASSIGN_OR_RETURN(const FolderToRead folder, FolderOnDisk(path));
  const auto clusters = ClustersIn(folder);
  if (clusters.ok() && !clusters->empty() &&
      !clusters->front().folder.empty()) {
    return NotOurs(path,
                   "this holds a folder for each cluster; --split one of "
                   "them, or --all-clusters");
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesInFolder(path));
  for (const std::string& name : names) {
    if (!absl::EndsWith(name, kCfg) || absl::StartsWith(name, ".")) continue;
    const std::string file = In(path, name);
    const absl::StatusOr<std::string> text =
        ReadFile(file, kMaxTreeFile, Readable::kPlain);
    if (!text.ok() || !IsPart(*text)) {
      return NotOurs(
          file,
          absl::StrCat("no `dump --split` wrote this file, and it would "
                       "be taken for a part of the tree; choose another "
                       "folder, or move it away",
                       text.ok()
                           ? ""
                           : absl::StrCat(" (", text.status().message(), ")")));
    }
    const absl::StatusOr<std::string> whose = ClusterOfPart(*text);
    if (whose.ok() && *whose != cluster) {
      return NotOurs(file,
                     absl::StrCat("this is of cluster '", *whose, "', not of '",
                                  cluster, "'; choose another folder"));
    }
  }
  return absl::OkStatus();
}

absl::Status MayWriteSplitOfAll(const std::string& path) {
  if (ModeOf(path) == 0) return absl::OkStatus();
  if (ModeOf(In(path, kManifestName)) != 0) {
    return NotOurs(path, kIsBackup);
  }
  ASSIGN_OR_RETURN(const FolderToRead folder, FolderOnDisk(path));
  ASSIGN_OR_RETURN(const bool is_tree, IsTree(folder));
  if (!is_tree) return absl::OkStatus();
  return NotOurs(path,
                 "this holds the tree of one cluster; choose another "
                 "folder for those of all");
}

absl::Status WriteSplit(const std::string& path, absl::string_view cluster,
                        absl::Span<const Part> parts) {
  RETURN_IF_ERROR(MayWriteSplit(path, cluster));
  if (ModeOf(path) == 0 && mkdir(path.c_str(), 0777) != 0) {
    return FileError(path, "make", errno);
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesInFolder(path));
  absl::btree_set<std::string> wanted;
  for (const Part& part : parts) wanted.insert(part.file);
  const std::string unfinished = In(path, kUnfinishedName);
  RETURN_IF_ERROR(WriteFileAtomic(unfinished, ""));
  for (const Part& part : parts) {
    RETURN_IF_ERROR(WriteTree(In(path, part.file), part.text));
  }
  for (const std::string& name : names) {
    if (!absl::EndsWith(name, kCfg) || absl::StartsWith(name, ".") ||
        wanted.contains(name)) {
      continue;
    }
    // Looked at again: what came meanwhile is somebody else's.
    const absl::StatusOr<std::string> text =
        ReadFile(In(path, name), kMaxTreeFile, Readable::kPlain);
    if (!text.ok() || !IsPart(*text)) continue;
    if (unlink(In(path, name).c_str()) != 0) {
      return FileError(In(path, name), "remove", errno);
    }
  }
  RETURN_IF_ERROR(FsyncDir(path));
  if (unlink(unfinished.c_str()) != 0) {
    return FileError(unfinished, "remove", errno);
  }
  return FsyncDir(path);
}

}  // namespace assocsync
