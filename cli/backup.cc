// `assocsync backup`: associations and database, into one folder.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "cli/database.h"
#include "cli/run.h"
#include "engine/backup/full_backup.h"
#include "engine/base/status.h"
#include "engine/io/signature.h"
#include "engine/render/escape.h"
#include "engine/render/json_text.h"

namespace assocsync {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kBackupFormatVersion = 1;
constexpr char kBackupAdvice[] =
    "run this where slurmdbd.conf can be read (--slurmdbd-conf PATH), give "
    "MariaDB client options with --defaults-file FILE, or save the trees "
    "alone, which sacctmgr tells, with --live sacctmgr";

std::string Text(const FullBackup& backup, absl::Duration took) {
  const Manifest& manifest = backup.manifest;
  const bool trees_alone = manifest.tool == kTreesAlone;
  std::string out =
      absl::StrCat("Backup of cluster ", Escaped(manifest.cluster), ", Slurm ",
                   manifest.slurm_release);
  if (trees_alone) {
    absl::StrAppend(&out, ": ", kTreesAlone);
  } else {
    absl::StrAppend(&out, ", server ", Escaped(manifest.server_version));
  }
  absl::StrAppend(&out, "\n", Escaped(backup.path), "\n");
  size_t width = 0;
  for (const BackupFile& file : manifest.files) {
    width = std::max(width, Escaped(file.name).size());
  }
  for (const BackupFile& file : manifest.files) {
    absl::StrAppendFormat(&out, "  %-*s  %9s\n", static_cast<int>(width),
                          Escaped(file.name), BytesText(file.bytes));
  }
  if (trees_alone) {
    absl::StrAppend(&out,
                    "No SQL dump: jobs and usage are not in it, nor what no "
                    "association is about.\n");
  } else {
    uint64_t rows = 0;
    for (const TableRows& table : manifest.tables) rows += table.rows;
    absl::StrAppend(&out, manifest.tables.size(), " tables, ", rows, " rows, ",
                    BytesText(backup.sql_bytes), " of SQL, in ",
                    DurationText(took), ".\n");
  }
  if (backup.is_signed) absl::StrAppend(&out, "Signed: ", kSignatureName, "\n");
  for (const std::string& path : backup.removed) {
    absl::StrAppend(&out, "Removed: ", Escaped(path), "\n");
  }
  return out;
}

std::string JsonText(const FullBackup& backup, absl::Duration took) {
  Json json;
  json["format_version"] = kBackupFormatVersion;
  json["path"] = backup.path;
  json["seconds"] = absl::ToDoubleSeconds(took);
  json["sql_bytes"] = backup.sql_bytes;
  json["signed"] = backup.is_signed;
  json["removed"] = backup.removed;
  json["cautions"] = backup.cautions;
  json["manifest"] = Json::parse(WriteManifest(backup.manifest));
  return JsonDocument(json, 2);
}

// Whether a backup may have failed because slurmdbd is down.
bool MissedSlurmdbd(const absl::Status& status, const Options& args) {
  return args.release.empty() && args.live != Live::kSacctmgr &&
         MayBeDown(status);
}

// Once more without slurmdbd, where the last backup tells its release.
// `backup`: the first attempt, which this replaces.
void TakeWithoutSlurmdbd(const Options& args, FullBackupOptions options,
                         FullBackupDeps deps, Env& env,
                         absl::StatusOr<FullBackup>* backup) {
  const absl::StatusOr<Manifest> last = LastOfSameSchema(
      options.backup_dir, options.dump.database.database, deps.connect);
  if (!last.ok()) {
    if (env.console->verbose()) {
      env.console->Say(absl::StrCat("no backup tells slurmdbd's release: ",
                                    last.status().message()));
    }
    return;
  }
  Options known = args;
  known.live = Live::kMysql;
  known.release = last->slurm_release;
  const auto live = MakeLiveSource(known, env);
  if (!live.ok()) return;
  deps.live = live->get();
  options.cautions.push_back(
      absl::StrCat("slurmdbd was not asked, for it does not answer: that it is "
                   "of release ",
                   last->slurm_release, " is what the backup of ",
                   absl::FormatTime("%Y-%m-%d %H:%M UTC", last->created,
                                    absl::UTCTimeZone()),
                   " says, of whose schema the database still is"));
  absl::StatusOr<FullBackup> again = TakeFullBackup(options, deps);
  if (again.ok() || absl::IsCancelled(again.status())) {
    *backup = std::move(again);
  }
}

void ShowProgress(const FullBackupProgress& now, Console* console) {
  switch (now.what) {
    case FullBackupProgress::What::kReading:
      console->Progress("reading the associations");
      return;
    case FullBackupProgress::What::kDumping:
      console->Progress(DumpProgress(now.done, now.total));
      return;
    case FullBackupProgress::What::kWriting:
      console->Progress("writing");
      return;
  }
}

}  // namespace

ExitCode RunBackup(const Options& args, Env& env) {
  auto live = MakeLiveSource(args, env);
  if (!live.ok()) return Fail(live.status(), env);
  FullBackupOptions options;
  options.cluster = args.cluster;
  options.keep = args.keep;
  options.zone = absl::LocalTimeZone();
  options.version = ASSOCSYNC_VERSION;
  options.dump.tool = args.dump_tool;
  std::optional<SigningKey> sign_key;
  if (!args.sign_key.empty()) {
    absl::StatusOr<SigningKey> key =
        SigningKey::Read(args.sign_key, PathTrust(args.trusted));
    if (!key.ok()) return Fail(Annotate(key.status(), "--sign-key"), env);
    options.sign_key = &sign_key.emplace(*std::move(key));
  }
  absl::Status status =
      FindDatabase(args, kBackupAdvice, env.stop, &options.dump.database);
  // Where slurmdbd.conf is not there at all, as on a login node; one that
  // cannot be read is told.
  options.trees_alone =
      args.live == Live::kSacctmgr && absl::IsNotFound(status);
  if (!status.ok() && !options.trees_alone) return Fail(status, env);
  absl::StatusOr<std::string> backup_dir = BackupDir(args, env);
  if (!backup_dir.ok()) return Fail(backup_dir.status(), env);
  options.backup_dir = *std::move(backup_dir);
  FillDump(args, env, &options.dump);

  FullBackupDeps deps;
  deps.live = live->get();
  deps.runner = env.reader;
  deps.connect = [&] { return Connect(options.dump.database); };
  deps.now = absl::Now;
  deps.progress = [&](const FullBackupProgress& now) {
    ShowProgress(now, env.console);
  };
  deps.stop = env.stop;
  const absl::Time start = absl::Now();
  absl::StatusOr<FullBackup> backup = TakeFullBackup(options, deps);
  if (MissedSlurmdbd(backup.status(), args)) {
    TakeWithoutSlurmdbd(args, options, deps, env, &backup);
  }
  env.console->ProgressDone();
  if (absl::IsCancelled(backup.status())) {
    env.console->Error("interrupted; no backup was made");
    return ExitCode::kInterrupted;
  }
  if (!backup.ok()) {
    return Fail(Annotate(backup.status(), "no backup was made"), env);
  }
  for (const std::string& caution : backup->cautions) {
    env.console->Warn(caution);
  }
  const absl::Duration took = absl::Now() - start;
  env.console->Print(args.json() ? JsonText(*backup, took)
                                 : Text(*backup, took));
  return ExitCode::kOk;
}

}  // namespace assocsync
