// `assocsync restore`: show, ask, dump, load beside, swap, count, report.
#include "engine/restore/restore.h"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/backup_sources.h"
#include "cli/database.h"
#include "cli/restore_text.h"
#include "cli/run.h"
#include "engine/backup/load_dump.h"
#include "engine/backup/verify_backup.h"
#include "engine/base/status.h"
#include "engine/io/slurmdbd_conf.h"
#include "engine/io/tcp.h"
#include "engine/io/trusted_path.h"
#include "engine/render/escape.h"
#include "engine/restore/purge.h"
#include "engine/restore/schema.h"

namespace assocsync {
namespace {

constexpr char kRestoreAdvice[] =
    "say where the database is: run this where slurmdbd.conf can be read "
    "(--slurmdbd-conf PATH), or give MariaDB client options with "
    "--defaults-file FILE";

// Nothing where the admin agrees or said --yes; else how the command ends.
bool Agreed(bool yes, absl::string_view question, Env& env) {
  if (yes) return true;
  if (!env.console->interactive()) {
    env.console->Error(
        "refused: there is no terminal to ask on; --yes goes on without "
        "asking");
    return false;
  }
  return env.console->Agrees(question);
}

void ShowProgress(const RestoreProgress& now, Console* console) {
  using What = RestoreProgress::What;
  switch (now.what) {
    case What::kVerifying:
      return console->Progress(
          absl::StrCat("reading the backup: ", DoneText(now.done, now.total)));
    case What::kCounting:
      return console->Progress("counting what is there now");
    case What::kDumping:
      return console->Progress(DumpProgress(now.done, now.total));
    case What::kLoading:
      return console->Progress(
          absl::StrCat("loading: ", BytesText(now.done), " of SQL"));
    case What::kComparing:
      return console->Progress("counting what was loaded");
    case What::kSwapping:
      return console->Progress("putting it in place");
    case What::kCounted:
      return console->Progress("counting what is in place");
  }
}

// Errors before anything was changed. What refuses is no error.
ExitCode Ended(const absl::Status& status, Env& env) {
  if (absl::IsFailedPrecondition(status) || IsUntrusted(status)) {
    env.console->Error(
        absl::StrCat("refused: ", status.message(), ". Nothing was changed"));
    return ExitCode::kRefused;
  }
  return Fail(Annotate(status, "nothing was changed"), env);
}

ExitCode Report(const RestoreReport& report, const RestoreOptions& options,
                Env& env) {
  using Outcome = RestoreReport::Outcome;
  for (const std::string& caution : report.cautions) {
    env.console->Warn(caution);
  }
  switch (report.outcome) {
    case Outcome::kDeclined:
      env.console->Say("nothing was changed");
      return ExitCode::kRefused;
    case Outcome::kRestored:
      env.console->Print(RestoredText(report, options));
      // Status 1 would say that nothing was changed.
      return env.console->status().ok() ? ExitCode::kOk : ExitCode::kPartial;
    case Outcome::kNotVerified:
      break;
  }
  for (const std::string& problem : report.problems) {
    env.console->Error(problem);
  }
  env.console->Error(absl::StrCat(
      "not verified. Do not start slurmdbd. What was done: ", report.run_dir,
      "/restore.jsonl",
      report.kept.empty()
          ? ""
          : absl::StrCat("; the old tables: database ", report.kept),
      report.dumped ? "; their dump is there too" : ""));
  return ExitCode::kPartial;
}

struct Where {
  DatabaseOptions server;  // Without a database.
  std::string database;
  std::string backup_dir;
};

absl::StatusOr<Where> Find(const Options& args, Env& env) {
  Where where;
  RETURN_IF_ERROR(FindDatabase(args, kRestoreAdvice, env.stop, &where.server));
  where.database = std::exchange(where.server.database, "");
  ASSIGN_OR_RETURN(where.backup_dir, BackupDir(args, env));
  return where;
}

ExitCode Purge(const Options& args, const Where& where, Env& env) {
  bool asked = false, agreed = false;
  const auto dropped = PurgeKept(
      {where.backup_dir, where.database},
      [&] { return ConnectForChanges(where.server); },
      [&](const std::vector<OwnDatabase>& kept) {
        asked = true;
        env.console->Print(KeptText(kept));
        agreed = Agreed(args.yes, "Drop them?", env) && !*env.stop;
        return agreed;
      });
  if (!dropped.ok()) {
    if (!absl::IsFailedPrecondition(dropped.status())) {
      return Fail(dropped.status(), env);
    }
    env.console->Error(absl::StrCat("refused: ", dropped.status().message()));
    return ExitCode::kRefused;
  }
  if (!asked) {
    env.console->Print(absl::StrCat("No old tables of database ",
                                    Escaped(where.database), " are kept.\n"));
    return ExitCode::kOk;
  }
  if (!agreed) {
    if (*env.stop) return Fail(absl::CancelledError(""), env);
    env.console->Say("nothing was dropped");
    return ExitCode::kRefused;
  }
  for (const std::string& name : *dropped) {
    env.console->Print(absl::StrCat("Dropped: ", Escaped(name), "\n"));
  }
  return ExitCode::kOk;
}

absl::StatusOr<RestoreOptions> OptionsFrom(const Options& args,
                                           const Where& where, Env& env) {
  RestoreOptions options;
  options.dir = args.target;
  options.database = where.database;
  options.backup_dir = where.backup_dir;
  options.take_dump = !args.no_sql_dump;
  options.old_server = args.old_server;
  options.running_controller = args.running_controller;
  options.version = ASSOCSYNC_VERSION;
  ASSIGN_OR_RETURN(
      options.release,
      args.release.empty()
          ? InstalledSlurmdbd(args.slurmdbd, SearchPath(env), *env.reader)
          : ParseRelease(args.release));
  const auto conf = ReadSlurmdbdConf(args.slurmdbd_conf);
  if (conf.ok()) {
    options.daemon_hosts = conf->DbdHosts();
    options.daemon_port = conf->dbd_port;
    options.daemon_user = conf->storage_user;
  }
  return options;
}

}  // namespace

ExitCode RunRestore(const Options& args, Env& env) {
  const absl::StatusOr<Where> where = Find(args, env);
  if (!where.ok()) {
    // There may be no database at all where trees alone are kept.
    const absl::Status holds =
        args.purge ? absl::OkStatus() : CheckHoldsSql(args.target);
    return Ended(holds.ok() ? where.status() : holds, env);
  }
  if (args.purge) return Purge(args, *where, env);
  absl::StatusOr<RestoreOptions> options = OptionsFrom(args, *where, env);
  if (absl::IsNotFound(options.status())) {
    return Ended(absl::FailedPreconditionError(options.status().message()),
                 env);
  }
  if (!options.ok()) return Ended(options.status(), env);
  std::optional<VerifyingKey> key;
  if (!args.key.empty()) {
    absl::StatusOr<VerifyingKey> read =
        VerifyingKey::Read(args.key, PathTrust(args.trusted));
    if (!read.ok()) return Ended(Annotate(read.status(), "--key"), env);
    options->key = &key.emplace(*std::move(read));
  }
  const auto progress = [&](RestoreProgress::What what) {
    return [&env, what](uint64_t done, uint64_t total) {
      ShowProgress({what, done, total}, env.console);
    };
  };
  RestoreDeps deps;
  deps.connect = [&] { return ConnectForChanges(where->server); };
  deps.connect_after_stop = [&](absl::Duration limit) {
    DatabaseOptions server = where->server;
    server.stop = env.stop_now;
    server.SetTimeout(std::min(limit, server.read_timeout));
    return ConnectForChanges(server);
  };
  deps.load = [&](const Manifest& manifest, const std::string& uses,
                  const std::string& name) -> absl::StatusOr<Loaded> {
    LoadOptions load;
    load.database = where->server;
    load.database.database = name;
    load.number = static_cast<uint64_t>(getpid());
    load.leave_out_others = true;
    load.uses = uses;
    load.newer_release = IsNewerThanTable(options->release);
    load.stop = env.stop;
    load.progress = [&](uint64_t done) {
      progress(RestoreProgress::What::kLoading)(done, 0);
    };
    return LoadDump(load, [&](ByteSink sink) {
      return StreamSql(args.target, manifest, sink);
    });
  };
  deps.dump = [&](const std::string& dir, Database& database) {
    SqlDumpOptions dump;
    dump.database = where->server;
    dump.database.database = where->database;
    FillDump(args, env, &dump);
    dump.dir = dir;
    dump.stop = env.stop;
    dump.progress = progress(RestoreProgress::What::kDumping);
    return TakeSqlDump(dump, *env.reader, database);
  };
  deps.listens = [&env](const std::string& host, int port) {
    return Listens(host, port, kServerPatience, env.stop);
  };
  deps.confirm = [&](const RestorePreview& preview) {
    env.console->ProgressDone();
    env.console->Print(
        PreviewText(preview, absl::Now(), env.console->verbose()));
    for (const std::string& caution : preview.cautions) {
      env.console->Warn(caution);
    }
    if (args.no_sql_dump) {
      env.console->Warn("no SQL dump is taken first (--no-sql-dump)");
    }
    return Agreed(args.yes,
                  absl::StrCat("Restore database ", preview.database, "?"),
                  env);
  };
  deps.now = absl::Now;
  deps.progress = [&](const RestoreProgress& now) {
    ShowProgress(now, env.console);
  };
  deps.stop = env.stop;
  deps.stop_now = env.stop_now;
  const absl::StatusOr<RestoreReport> report = RestoreDatabase(*options, deps);
  env.console->ProgressDone();
  return report.ok() ? Report(*report, *options, env)
                     : Ended(report.status(), env);
}

}  // namespace assocsync
