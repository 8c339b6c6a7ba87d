#include "cli/sources.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "cli/backup_sources.h"
#include "cli/database.h"
#include "cli/run.h"
#include "cli/split_folder.h"
#include "engine/apply/last_applied.h"
#include "engine/backup/dump_tables.h"
#include "engine/backup/manifest.h"
#include "engine/backup/verify_backup.h"
#include "engine/base/file_kind.h"
#include "engine/base/input_limits.h"
#include "engine/base/status.h"
#include "engine/cfg/parts.h"
#include "engine/cfg/write.h"
#include "engine/io/file.h"
#include "engine/io/git.h"
#include "engine/io/mapped_file.h"
#include "engine/io/uncompress.h"
#include "engine/live/live_text.h"
#include "engine/render/json.h"

namespace assocsync {
namespace {

absl::StatusOr<std::string> ReadStdin() {
  absl::StatusOr<std::string> text =
      ReadOpenFile(STDIN_FILENO, "standard input", kMaxTreeFile);
  if (absl::IsResourceExhausted(text.status())) {
    return absl::ResourceExhaustedError("standard input: too much");
  }
  return text;
}

std::string WithoutSlash(absl::string_view path) {
  while (path.size() > 1 && absl::ConsumeSuffix(&path, "/")) continue;
  return std::string(path);
}

// What a folder is that holds no tree.
absl::Status NoTreeIn(const FolderToRead& folder) {
  std::vector<std::string> files;
  for (const FolderToRead::Entry& entry : folder.entries) {
    if (!entry.is_folder && absl::EndsWith(entry.name, ".cfg")) {
      files.push_back(entry.name);
    }
  }
  constexpr size_t kNamed = 10;
  const size_t all = files.size();
  if (all > kNamed) files.resize(kNamed);
  return absl::InvalidArgumentError(absl::StrCat(
      folder.name, ": neither the folder of a backup or a run (there is no ",
      kManifestName, ") nor what `dump --split` wrote; ",
      files.empty()
          ? "it holds no .cfg file"
          : absl::StrCat("which file is meant? ", absl::StrJoin(files, ", "),
                         all > kNamed ? " ..." : "")));
}

// The tree of `cluster`, or the only one, of a folder that `dump --split`
// wrote. False: it is none.
absl::StatusOr<bool> TakeSplit(const FolderToRead& folder,
                               absl::string_view cluster, bool caller_decides,
                               TargetInput* input) {
  ASSIGN_OR_RETURN(const std::vector<SplitCluster> clusters,
                   ClustersIn(folder));
  if (clusters.empty()) return false;
  if (cluster.empty() && clusters.size() > 1) {
    input->undecided = true;
    if (caller_decides) return true;
    return absl::InvalidArgumentError(absl::StrCat(
        folder.name,
        " holds the trees of several clusters; say --cluster, or "
        "give the folder of the one that is meant: ",
        absl::StrJoin(
            clusters, ", ", [](std::string* out, const SplitCluster& each) {
              absl::StrAppend(out, each.folder, " (", each.cluster, ")");
            })));
  }
  // A folder of one tree is read whatever its Cluster line says, as a file is.
  const SplitCluster* found = &clusters[0];
  if (!found->folder.empty() && !cluster.empty()) {
    const auto named = absl::c_find_if(clusters, [&](const SplitCluster& each) {
      return each.cluster == cluster;
    });
    if (named == clusters.end()) {
      return absl::NotFoundError(absl::StrCat(
          folder.name, " holds no tree of cluster '", cluster, "', only of ",
          absl::StrJoin(clusters, ", ",
                        [](std::string* out, const SplitCluster& each) {
                          absl::StrAppend(out, each.cluster);
                        })));
    }
    found = &*named;
  }
  ASSIGN_OR_RETURN(JoinedParts joined, ReadSplit(folder, *found));
  if (!found->folder.empty()) {
    absl::StrAppend(&input->name, "/", found->folder);
    absl::StrAppend(&input->path, "/", found->folder);
  }
  input->text = MappedFile::Of(std::move(joined.text));
  input->files = std::move(joined.files);
  return true;
}

// The tree of `cluster`, or the only one.
absl::Status ReadFolder(const Options& args, const std::string& dir,
                        absl::string_view cluster, bool caller_decides,
                        TargetInput* input) {
  input->name = NameOfFolder(dir);
  input->path = WithoutSlash(dir);
  if (IsBackup(dir)) return ReadBackup(dir, cluster, caller_decides, input);
  ASSIGN_OR_RETURN(const FolderToRead folder, FolderOnDisk(dir));
  ASSIGN_OR_RETURN(const bool split,
                   TakeSplit(folder, cluster, caller_decides, input));
  if (split) return absl::OkStatus();
  RETURN_IF_ERROR(WhichBackup(args, input->path));
  return NoTreeIn(folder);
}

// The tree of `cluster`, or of the only one, in an SQL dump.
absl::Status TakeDump(absl::string_view bytes, absl::string_view cluster,
                      bool caller_decides, TargetInput* input) {
  // Whoever parses the text folds the names of users, where they are folded.
  absl::StatusOr<DatabaseRead> read =
      ReadDump(input->name, bytes, cluster, /*fold_users=*/false);
  input->undecided = caller_decides && cluster.empty() &&
                     absl::IsInvalidArgument(read.status());
  if (input->undecided) return absl::OkStatus();
  RETURN_IF_ERROR(read.status());
  input->text = MappedFile::Of(Write(read->database.tree));
  input->findings = std::move(read->findings);
  input->from_dump = true;
  return absl::OkStatus();
}

// False: it is no SQL dump, or no regular file.
absl::StatusOr<bool> ReadIfDump(const std::string& path,
                                absl::string_view cluster, bool caller_decides,
                                TargetInput* input) {
  ASSIGN_OR_RETURN(const std::optional<MappedFile> dump, OpenSqlDump(path));
  if (!dump.has_value()) return false;
  RETURN_IF_ERROR(TakeDump(dump->text(), cluster, caller_decides, input));
  return true;
}

// What a file holds: a tree, an SQL dump, a saved plan.
absl::Status TakeBytes(const Options& args, MappedFile bytes,
                       absl::string_view cluster, bool plans_too,
                       bool caller_decides, TargetInput* input) {
  if (IsSqlDump(bytes)) {
    RETURN_IF_ERROR(TakeDump(bytes, cluster, caller_decides, input));
    input->dump = std::move(bytes);
    return absl::OkStatus();
  }
  FileKind kind = KindOf(bytes);
  input->compressed = IsCompressed(kind);
  if (input->compressed) {
    ASSIGN_OR_RETURN(std::string text, Uncompress(input->name, kind, bytes));
    input->text = MappedFile::Of(std::move(text));
    kind = KindOf(input->text);
  } else {
    input->text = std::move(bytes);
  }
  if (kind == FileKind::kText && IsPart(input->text) &&
      (args.command == nullptr || args.command->mask != kForFmt)) {
    return PartAlone(input->name);
  }
  if (kind == FileKind::kText) return absl::OkStatus();
  // Of JSON that apply is given, its reader says what is wrong.
  if (!plans_too ||
      !(kind == FileKind::kSavedPlan || kind == FileKind::kOtherJson)) {
    return absl::InvalidArgumentError(
        absl::StrCat(input->name, " ", KindWords(kind)));
  }
  absl::StatusOr<SavedPlan> saved = PlanFromJson(input->text);
  if (!saved.ok()) return Annotate(saved.status(), input->name);
  input->text = MappedFile::Of(std::exchange(saved->target_text, ""));
  input->name = saved->options.target_name;
  if (saved->live_kind.has_value()) {
    // A dump says what sacctmgr does.
    input->live =
        *saved->live_kind == LiveKind::kMysql ? Live::kMysql : Live::kSacctmgr;
  }
  input->saved = *std::move(saved);
  return absl::OkStatus();
}

absl::Status ReadGit(const Options& args, absl::string_view cluster,
                     bool plans_too, bool caller_decides, Env& env,
                     TargetInput* input) {
  ASSIGN_OR_RETURN(const GitName name, ParseGitName(args.target));
  input->name = name.Short();
  input->path = WithoutSlash(name.path);
  GitReader git(env.reader, args.timeout, RepositoryVariables(env.environment));
  ASSIGN_OR_RETURN(GitObject object, git.Read(name));
  if (!object.is_folder) {
    return TakeBytes(args, MappedFile::Of(std::move(object.bytes)), cluster,
                     plans_too, caller_decides, input);
  }
  const FolderToRead folder = FolderInGit(input->name, std::move(object), &git);
  ASSIGN_OR_RETURN(const bool split,
                   TakeSplit(folder, cluster, caller_decides, input));
  return split ? absl::OkStatus() : NoTreeIn(folder);
}

absl::StatusOr<MappedFile> OpenText(const Options& args,
                                    const std::string& path) {
  if (!KeepsText(args)) {
    ASSIGN_OR_RETURN(MappedFile file, MappedFile::Open(path, kMaxTreeFile));
    if (file.text().size() <= kMaxTreeFile) return file;
  }
  ASSIGN_OR_RETURN(std::string text, ReadFile(path, kMaxTreeFile));
  return MappedFile::Of(std::move(text));
}

}  // namespace

bool KeepsText(const Options& args) {
  constexpr unsigned kReaders = kForPlan | kForCheck | kForDiff;
  return args.command == nullptr || (args.command->mask & kReaders) == 0 ||
         !args.out.empty() || args.json();
}

absl::StatusOr<TargetInput> ReadTarget(const Options& args, Env& env,
                                       bool plans_too, bool caller_decides) {
  TargetInput input;
  input.path = args.target;
  // With --as-cluster, --cluster is the live one's name, and the tree is of
  // another one.
  const std::string cluster = args.as_cluster ? "" : args.cluster;
  const bool decides = caller_decides && !args.as_cluster;
  if (args.at.has_value()) {
    input.name = "a backup";
    input.undecided = cluster.empty() && decides;
    if (!input.undecided) {
      RETURN_IF_ERROR(ReadBackupAt(args, cluster, env, &input));
    }
    return input;
  }
  if (args.target == kLiveSource) {
    input.name = args.target;
    input.is_live = input.undecided = true;
    return input;
  }
  if (IsGitName(args.target)) {
    RETURN_IF_ERROR(ReadGit(args, cluster, plans_too, decides, env, &input));
    return input;
  }
  if (args.target == "-") {
    input.name = input.path = "standard input";
    ASSIGN_OR_RETURN(std::string text, ReadStdin());
    // It cannot be read again for a cluster that is known later.
    RETURN_IF_ERROR(TakeBytes(args, MappedFile::Of(std::move(text)), cluster,
                              plans_too, false, &input));
    return input;
  }
  if (IsFolder(args.target)) {
    RETURN_IF_ERROR(ReadFolder(args, args.target, cluster, decides, &input));
    return input;
  }
  // Without its folders: reasons of steps repeat it.
  input.name = std::filesystem::path(args.target).filename().string();
  ASSIGN_OR_RETURN(const bool dump,
                   ReadIfDump(args.target, cluster, decides, &input));
  if (dump) return input;
  ASSIGN_OR_RETURN(MappedFile text, OpenText(args, args.target));
  RETURN_IF_ERROR(
      TakeBytes(args, std::move(text), cluster, plans_too, decides, &input));
  return input;
}

absl::StatusOr<std::vector<std::string>> ClustersOfTarget(const Options& args,
                                                          Env& env) {
  const std::vector<std::string> unknown = {""};
  const bool is_git = IsGitName(args.target);
  if (!is_git && !IsFolder(args.target)) {
    ASSIGN_OR_RETURN(const auto dump, OpenSqlDump(args.target));
    if (!dump.has_value()) return unknown;
    return LiveFromDump(args.target, std::nullopt)->Clusters();
  }
  if (!is_git && IsBackup(args.target)) {
    ASSIGN_OR_RETURN(const Manifest manifest, ReadManifest(args.target));
    std::vector<std::string> clusters = ClustersOfTrees(manifest);
    absl::c_sort(clusters);
    return clusters.empty() ? unknown : clusters;
  }
  std::vector<SplitCluster> split;
  if (is_git) {
    ASSIGN_OR_RETURN(const GitName name, ParseGitName(args.target));
    GitReader git(env.reader, args.timeout,
                  RepositoryVariables(env.environment));
    ASSIGN_OR_RETURN(GitObject object, git.Read(name));
    if (!object.is_folder) return unknown;
    ASSIGN_OR_RETURN(
        split, ClustersIn(FolderInGit(name.Short(), std::move(object), &git)));
  } else {
    ASSIGN_OR_RETURN(const FolderToRead folder, FolderOnDisk(args.target));
    ASSIGN_OR_RETURN(split, ClustersIn(folder));
  }
  // A folder of one tree is read whatever its Cluster line says.
  if (split.empty() || split[0].folder.empty()) return unknown;
  std::vector<std::string> clusters;
  for (size_t i = 0; i < split.size(); ++i) {
    if (i > 0 && split[i].cluster == split[i - 1].cluster) {
      return absl::FailedPreconditionError(
          absl::StrCat(args.target, ": both ", split[i - 1].folder, " and ",
                       split[i].folder, " hold a tree of cluster '",
                       split[i].cluster, "'; which one is meant?"));
    }
    clusters.push_back(split[i].cluster);
  }
  return clusters;
}

absl::Status ReadTreeOf(const Options& args, absl::string_view cluster,
                        Env& env, TargetInput* target) {
  if (target->is_live) {
    ASSIGN_OR_RETURN(const LiveState live,
                     ReadLive(args, *target, cluster, env));
    return TakeLive(live, env, target);
  }
  if (args.at.has_value()) {
    RETURN_IF_ERROR(ReadBackupAt(args, cluster, env, target));
    target->undecided = false;
    return absl::OkStatus();
  }
  if (IsGitName(args.target)) {
    RETURN_IF_ERROR(ReadGit(args, cluster, false, false, env, target));
  } else if (IsFolder(args.target)) {
    RETURN_IF_ERROR(ReadFolder(args, args.target, cluster, false, target));
  } else {
    RETURN_IF_ERROR(ReadIfDump(args.target, cluster, false, target).status());
  }
  target->undecided = false;
  return absl::OkStatus();
}

absl::StatusOr<LiveState> ReadLive(const Options& args,
                                   const TargetInput& target,
                                   absl::string_view cluster, Env& env,
                                   std::string* origin) {
  Options reading = args;
  reading.live = ResolveLive(args, target, env);
  ASSIGN_OR_RETURN(const std::unique_ptr<LiveSource> source,
                   MakeLiveSource(reading, env));
  if (origin != nullptr) *origin = source->Origin();
  env.console->Progress(absl::StrCat("reading ", source->Origin()));
  return source->ReadTree(cluster);
}

absl::Status TakeLive(const LiveState& live, Env& env, TargetInput* target) {
  absl::StatusOr<LiveText> written =
      WriteLive(live.database.tree, !live.preserve_user_case);
  if (!written.ok()) {
    return Annotate(written.status(), "no .cfg file can hold the live tree");
  }
  for (const std::string& loss : written->losses) {
    env.console->Warn(absl::StrCat(loss, "; a blank stands for it"));
  }
  target->text = MappedFile::Of(std::move(written->text));
  target->undecided = false;
  return absl::OkStatus();
}

absl::Status CheckIsBackup(const std::string& path) {
  if (!IsFile(path)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const UniqueFd file, OpenToRead(path, Readable::kFile));
  std::string bytes(kFileKindBytes, '\0');
  const ssize_t n = read(file.get(), bytes.data(), bytes.size());
  if (n < 0) return FileError(path, "read", errno);
  bytes.resize(static_cast<size_t>(n));
  FileKind kind = KindOf(bytes);
  const bool packed = IsCompressed(kind);
  // Of what is cut off behind these bytes the beginning tells enough.
  if (packed) kind = KindAtBegin(kind, bytes);
  if (kind == FileKind::kSqlDump) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(path,
                   " is a file, and neither a plain SQL dump nor the "
                   "folder of a backup: it ",
                   packed ? "is compressed, and " : "", KindWords(kind)));
}

bool IsFile(const std::string& path) {
  struct stat st;
  return stat(path.c_str(), &st) == 0 && S_ISREG(st.st_mode);
}

bool IsFolder(const std::string& path) {
  struct stat st;
  return stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

absl::StatusOr<BaseInput> ReadBase(const Options& args,
                                   const TargetInput& target,
                                   const std::string& cluster,
                                   const std::string& named,
                                   const LiveState* live, Env& env) {
  if (target.saved.has_value()) {
    if (!args.base.empty()) {
      return absl::InvalidArgumentError(
          "a saved plan holds its base; --base goes with a .cfg file");
    }
    return BaseInput{target.saved->options.base_name,
                     MappedFile::Of(target.saved->base_text),
                     {}};
  }
  if (args.base.empty()) return BaseInput();
  if (args.base_is_last_applied()) {
    ASSIGN_OR_RETURN(const std::string dir, BackupDir(args, env));
    ASSIGN_OR_RETURN(LastApplied last, FindLastApplied(dir, cluster));
    if (env.console->verbose()) {
      env.console->Say(
          absl::StrCat("the base is the target of ", last.run_dir));
    }
    return BaseInput{args.base, MappedFile::Of(std::move(last.text)), {}};
  }
  if (args.base == kLiveSource) {
    TargetInput base;
    base.name = args.base;
    RETURN_IF_ERROR(TakeLive(*live, env, &base));
    return BaseInput{std::move(base.name), std::move(base.text), {}};
  }
  Options from = args;
  from.at.reset();
  from.target = args.base;
  if (std::exchange(from.as_cluster, false)) from.cluster.clear();
  ASSIGN_OR_RETURN(TargetInput base, ReadTarget(from, env, /*plans_too=*/false,
                                                /*caller_decides=*/true));
  if (base.undecided) RETURN_IF_ERROR(ReadTreeOf(from, named, env, &base));
  return BaseInput{std::move(base.name), std::move(base.text),
                   std::move(base.files)};
}

}  // namespace assocsync
