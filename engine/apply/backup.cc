#include "engine/apply/backup.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/backup/backup_folder.h"
#include "engine/backup/foreign_dump.h"
#include "engine/backup/verify_backup.h"
#include "engine/base/status.h"
#include "engine/cfg/write.h"
#include "engine/render/json.h"

namespace assocsync {
namespace {

absl::Status TakeDump(const RunFolder& folder, const ApplyOptions& options,
                      const ApplyDeps& deps, Database* database,
                      RunBackup* backup) {
  if (database == nullptr) {
    return absl::FailedPreconditionError("no database to take the dump of");
  }
  SqlDumpOptions dump_options = options.dump;
  dump_options.dir = folder.path();
  dump_options.stop = deps.stop;
  const absl::Time start = deps.now();
  if (deps.progress != nullptr) {
    dump_options.progress = [&](uint64_t done, uint64_t expected) {
      deps.Tell(ApplyProgress::What::kDumping, done, expected, start);
    };
  }
  absl::StatusOr<SqlDump> dump =
      TakeSqlDump(dump_options, *deps.runner, *database);
  if (!dump.ok()) return Annotate(dump.status(), "SQL dump");
  backup->sql_dump = "taken";
  backup->sql_dump_file = dump->file.name;
  backup->sql_dump_sha256 = dump->file.sha256;
  backup->manifest.server_version = std::move(dump->server_version);
  backup->manifest.tool = std::move(dump->tool);
  backup->manifest.tables = std::move(dump->tables);
  backup->manifest.files.push_back(std::move(dump->file));
  return absl::OkStatus();
}

absl::Status CheckGivenDump(const ApplyOptions& options, const LiveState& live,
                            const ApplyDeps& deps, RunBackup* backup) {
  CheckDumpOptions check;
  check.cluster = live.database.tree.cluster.str();
  check.database = options.dump.database.database;
  check.now = deps.now();
  check.zone = options.zone;
  absl::StatusOr<DumpReport> report =
      CheckForeignDump(options.sql_dump_file, check);
  if (!report.ok()) {
    return Annotate(report.status(),
                    absl::StrCat("--sql-dump ", options.sql_dump_file));
  }
  backup->sql_dump = "given";
  backup->sql_dump_file = options.sql_dump_file;
  backup->sql_dump_sha256 = report->sha256;
  backup->manifest.server_version = report->server_version;
  backup->manifest.tool = absl::StrCat("--sql-dump ", options.sql_dump_file,
                                       " sha256 ", report->sha256);
  return absl::OkStatus();
}

// The dump of an earlier run, which is whole: that run began. It has the name
// twice on disk, or, where the file system knows no links, is there twice.
absl::Status LinkDump(const RunFolder& folder, const ApplyOptions& options,
                      RunBackup* backup) {
  ASSIGN_OR_RETURN(const Manifest earlier, ReadManifest(options.earlier_run));
  absl::StatusOr<BackupFile> dump = SqlFileOf(earlier);
  if (!dump.ok()) return Annotate(dump.status(), options.earlier_run);
  const std::string path = absl::StrCat(options.earlier_run, "/", dump->name);
  const std::string name = folder.File(dump->name);
  std::error_code error;
  std::filesystem::create_hard_link(path, name, error);
  if (error) {
    std::filesystem::copy_file(path, name, error);
    if (error) {
      return absl::UnavailableError(
          absl::StrCat(name, ": cannot copy ", path, ": ", error.message()));
    }
    ASSIGN_OR_RETURN(const BackupFile copied, folder.Describe(dump->name));
    if (copied != *dump) {
      return absl::DataLossError(absl::StrCat(name, ": is not as ", path));
    }
  }
  backup->sql_dump = "taken";
  backup->sql_dump_file = dump->name;
  backup->sql_dump_sha256 = dump->sha256;
  Manifest& manifest = backup->manifest;
  manifest.server_version = earlier.server_version;
  manifest.tool = earlier.tool;
  manifest.tables = earlier.tables;
  manifest.files.push_back(*std::move(dump));
  return absl::OkStatus();
}

// What was there before the run, or before the first of several.
absl::Status WriteTreesBefore(const RunFolder& folder, const LiveState& live,
                              const ApplyOptions& options, Manifest* manifest) {
  const auto write = [&](absl::string_view name,
                         absl::string_view text) -> absl::Status {
    ASSIGN_OR_RETURN(manifest->files.emplace_back(), folder.Write(name, text));
    return absl::OkStatus();
  };
  if (options.trees.empty()) {
    return write(kBeforeRunName, Write(live.database.tree));
  }
  const auto take = [&](const std::string& cluster, const std::string& name,
                        const std::string& text) -> absl::Status {
    RETURN_IF_ERROR(write(name, text));
    manifest->trees.push_back({cluster, name});
    return absl::OkStatus();
  };
  for (const auto& [cluster, text] : options.trees) {
    if (cluster != manifest->cluster) continue;
    RETURN_IF_ERROR(take(cluster, std::string(kBeforeRunName), text));
  }
  int number = 0;  // Tells apart what names of files cannot.
  for (const auto& [cluster, text] : options.trees) {
    if (cluster == manifest->cluster) continue;
    RETURN_IF_ERROR(take(cluster,
                         absl::StrCat("before-", ++number, "-",
                                      FileNameOfCluster(cluster), ".cfg"),
                         text));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RunBackup> TakeRunBackup(
    const RunFolder& folder, const LiveState& live, const SavedPlan& saved,
    const ApplyOptions& options, const ApplyDeps& deps, Database* database) {
  RunBackup backup;
  Manifest& manifest = backup.manifest;
  manifest.created = absl::FromUnixSeconds(absl::ToUnixSeconds(deps.now()));
  manifest.cluster = live.database.tree.cluster.str();
  manifest.database = options.dump.database.database;
  manifest.slurm_release = live.release.ToString();
  manifest.version = options.version;
  RETURN_IF_ERROR(WriteTreesBefore(folder, live, options, &manifest));
  switch (options.sql_dump) {
    case ApplyOptions::SqlDump::kTake:
      RETURN_IF_ERROR(TakeDump(folder, options, deps, database, &backup));
      break;
    case ApplyOptions::SqlDump::kGiven:
      RETURN_IF_ERROR(CheckGivenDump(options, live, deps, &backup));
      break;
    case ApplyOptions::SqlDump::kOfRun:
      RETURN_IF_ERROR(LinkDump(folder, options, &backup));
      break;
    case ApplyOptions::SqlDump::kNone:
      backup.sql_dump = "none";
      manifest.tool = "--no-sql-dump";
      break;
  }
  ASSIGN_OR_RETURN(manifest.files.emplace_back(),
                   folder.Write("plan.json", PlanToJson(saved)));
  RETURN_IF_ERROR(folder.Write(kManifestName, WriteManifest(manifest)));
  return backup;
}

absl::Status AddToManifest(const RunFolder& folder, absl::string_view name,
                           Manifest* manifest) {
  ASSIGN_OR_RETURN(manifest->files.emplace_back(), folder.Describe(name));
  return folder.Write(kManifestName, WriteManifest(*manifest)).status();
}

}  // namespace assocsync
