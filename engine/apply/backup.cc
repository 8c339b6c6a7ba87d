#include "engine/apply/backup.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/backup/foreign_dump.h"
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
  ASSIGN_OR_RETURN(manifest.files.emplace_back(),
                   folder.Write(kBeforeRunName, Write(live.database.tree)));
  switch (options.sql_dump) {
    case ApplyOptions::SqlDump::kTake:
      RETURN_IF_ERROR(TakeDump(folder, options, deps, database, &backup));
      break;
    case ApplyOptions::SqlDump::kGiven:
      RETURN_IF_ERROR(CheckGivenDump(options, live, deps, &backup));
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
