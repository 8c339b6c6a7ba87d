#include "cli/backup_sources.h"

#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "cli/backup_words.h"
#include "cli/database.h"
#include "cli/run.h"
#include "engine/backup/backup_list.h"
#include "engine/backup/manifest.h"
#include "engine/backup/verify_backup.h"
#include "engine/base/status.h"
#include "engine/io/trusted_path.h"

namespace assocsync {
namespace {

std::string WhenText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", time, absl::LocalTimeZone());
}

// Where there is no backup of `cluster` up to args.at.
absl::Status NoBackupAt(const Options& args, const std::string& dir,
                        absl::string_view cluster,
                        const std::vector<FoundBackup>& backups) {
  const std::string of =
      cluster.empty() ? "" : absl::StrCat(" of cluster '", cluster, "'");
  const std::vector<FoundBackup> all =
      BackupsUpTo(backups, cluster, absl::InfiniteFuture());
  const FoundBackup* next = nullptr;
  for (const FoundBackup& backup : all) {
    if (backup.manifest.created > *args.at) next = &backup;
  }
  return absl::NotFoundError(absl::StrCat(
      dir, " holds no whole backup", of, " of ", WhenText(*args.at),
      " or before",
      next != nullptr ? absl::StrCat("; the first after it is ", next->path,
                                     " of ", WhenText(next->manifest.created))
      : all.empty() && !backups.empty()
          ? absl::StrCat("; its newest is ", backups[0].path, ", of cluster ",
                         absl::StrJoin(ClustersIn(backups[0].manifest), ", "))
          : ""));
}

}  // namespace

std::string NameOfFolder(const std::string& dir) {
  std::error_code ignored;  // Then the name is as it was given.
  const auto real = std::filesystem::canonical(dir, ignored);
  return ignored ? dir : real.filename().string();
}

bool IsBackup(const std::string& dir) {
  return access(absl::StrCat(dir, "/", kManifestName).c_str(), F_OK) == 0;
}

absl::Status ReadBackup(const std::string& dir, absl::string_view cluster,
                        bool caller_decides, TargetInput* input) {
  input->name = NameOfFolder(dir);
  ASSIGN_OR_RETURN(const Manifest manifest, ReadManifest(dir));
  if (cluster.empty() && manifest.trees.size() > 1) {
    input->undecided = true;
    if (caller_decides) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        dir, " holds the associations of several clusters; give the file of ",
        "the one that is meant: ",
        absl::StrJoin(
            manifest.trees, ", ", [](std::string* out, const TreeFile& tree) {
              absl::StrAppend(out, tree.file, " (", tree.cluster, ")");
            })));
  }
  const absl::StatusOr<std::string> file = TreeFileOf(manifest, cluster);
  if (!file.ok()) return Annotate(file.status(), dir);
  ASSIGN_OR_RETURN(std::string text, ReadVerified(dir, manifest, *file));
  input->text = MappedFile::Of(std::move(text));
  return absl::OkStatus();
}

absl::Status ReadBackupAt(const Options& args, absl::string_view cluster,
                          Env& env, TargetInput* input) {
  std::string dir = args.target;
  if (dir.empty()) {
    ASSIGN_OR_RETURN(dir, BackupDir(args, env));
  }
  if (IsBackup(dir)) {
    return absl::InvalidArgumentError(absl::StrCat(
        dir, " is one backup; --at chooses among those of a folder"));
  }
  if (!IsFolder(dir)) {
    return absl::NotFoundError(absl::StrCat(
        "--at chooses among the backups of a folder, and ", dir, " is none"));
  }
  const std::vector<FoundBackup> backups = BackupsWithTrees(dir);
  const PathTrust trust(args.trusted);
  for (const FoundBackup& backup : BackupsUpTo(backups, cluster, *args.at)) {
    RETURN_IF_ERROR(Annotate(trust.Check(backup.path, PathTrust::End::kBackup),
                             "the backup"));
    const absl::Status status = ReadBackup(backup.path, cluster, false, input);
    if (status.ok()) {
      env.console->Say(absl::StrCat(
          "the target is ",
          backup.of_run() ? "what was there before the run " : "the backup ",
          backup.path, " of ", WhenText(backup.manifest.created)));
      return absl::OkStatus();
    }
    // Of one of several clusters, which is asked for.
    if (absl::IsInvalidArgument(status)) return status;
    env.console->Warn(absl::StrCat(backup.path,
                                   " is passed over, for it is "
                                   "not whole: ",
                                   status.message()));
  }
  return NoBackupAt(args, dir, cluster, backups);
}

absl::StatusOr<std::string> NewestBackup(const Options& args, Env& env) {
  ASSIGN_OR_RETURN(const std::string dir, BackupDir(args, env));
  const absl::StatusOr<BackupList> list = ListBackups(dir);
  if (!list.ok()) return FolderStatus(list.status(), dir);
  for (const FoundBackup& found : list->backups) {
    if (!args.cluster.empty() && !HoldsCluster(found, args.cluster)) continue;
    if (absl::IsNotFound(found.read)) {
      env.console->Warn(
          absl::StrCat(found.path, " is passed over: ", found.problem));
      continue;
    }
    RETURN_IF_ERROR(Annotate(
        PathTrust(args.trusted).Check(found.path, PathTrust::End::kBackup),
        "the backup"));
    env.console->Say(absl::StrCat("the newest is ", found.path, " of ",
                                  LocalMinute(found.manifest.created)));
    return found.path;
  }
  const std::string of = args.cluster.empty()
                             ? ""
                             : absl::StrCat(" of cluster '", args.cluster, "'");
  return absl::NotFoundError(
      absl::StrCat(dir, " holds no backup", of,
                   "; `assocsync backup` makes one, or say which is meant, or "
                   "where they lie: --backup-dir DIR"));
}

absl::Status CheckHoldsSql(const std::string& path) {
  if (!IsFolder(path)) return absl::OkStatus();
  const absl::StatusOr<Manifest> manifest = ReadManifest(path);
  if (!manifest.ok()) return absl::OkStatus();
  const absl::StatusOr<BackupFile> sql = SqlFileOf(*manifest);
  return sql.ok() ? absl::OkStatus()
                  : WithCode(absl::StatusCode::kFailedPrecondition,
                             Annotate(sql.status(), path));
}

absl::Status WhichBackup(const Options& args, const std::string& dir) {
  const std::vector<FoundBackup> backups = BackupsWithTrees(dir);
  if (backups.empty()) return absl::OkStatus();
  constexpr size_t kNamed = 10;
  std::string out = absl::StrCat(dir, " is a folder of backups; which one?\n");
  for (size_t i = 0; i < backups.size() && i < kNamed; ++i) {
    const FoundBackup& backup = backups[i];
    absl::StrAppendFormat(
        &out, "  %s  %9s  %s%s\n      %s\n", WhenText(backup.manifest.created),
        BytesText(backup.bytes),
        absl::StrJoin(ClustersIn(backup.manifest), ", "),
        backup.of_run() ? " (what was there before a run)" : "", backup.path);
  }
  if (backups.size() > kNamed) {
    absl::StrAppend(&out, "  and ", backups.size() - kNamed, " older\n");
  }
  const bool plans =
      args.command != nullptr && (args.command->mask & kForPlanning) != 0;
  absl::StrAppend(&out, "Name one, as ", backups[0].path,
                  plans
                      ? absl::StrCat(", or a time: assocsync ",
                                     args.command->name, " ", dir, " --at '",
                                     WhenText(backups[0].manifest.created), "'")
                      : "");
  return absl::InvalidArgumentError(out);
}

}  // namespace assocsync
