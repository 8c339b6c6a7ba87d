#include "cli/database.h"

#include <unistd.h>

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/status.h"
#include "engine/io/mount_point.h"
#include "engine/io/program.h"
#include "engine/io/slurmdbd_conf.h"
#include "engine/slurm/release.h"

namespace assocsync {
namespace {

constexpr char kSystemBackups[] = "/var/lib/assocsync";
constexpr char kSharedMemory[] = "/dev/shm";

}  // namespace

// Root keeps backups under /var/lib, others in their state folder.
absl::StatusOr<std::string> BackupDir(const Options& args, const Env& env) {
  if (!args.backup_dir.empty()) return args.backup_dir;
  if (access(kSystemBackups, W_OK) == 0 || access("/var/lib", W_OK) == 0) {
    return std::string(kSystemBackups);
  }
  const absl::string_view state =
      EnvironmentValue(env.environment, "XDG_STATE_HOME");
  if (absl::StartsWith(state, "/")) return absl::StrCat(state, "/assocsync");
  const absl::string_view home = EnvironmentValue(env.environment, "HOME");
  if (absl::StartsWith(home, "/")) {
    return absl::StrCat(home, "/.local/state/assocsync");
  }
  return absl::FailedPreconditionError(
      "no place for the backup: say where with --backup-dir DIR");
}

bool UsesBackupDir(const Options& args) {
  const auto is = [mask = args.command->mask](unsigned commands) {
    return (mask & commands) != 0;
  };
  // Where these find something is named, unless it is to be found there.
  if (is(kForVerify)) return args.target.empty();
  if (is(kForPlan | kForCheck)) {
    return args.base_is_last_applied() || (args.at && args.target.empty());
  }
  return is(kForBackupDir);
}

absl::Status CheckMount(const Options& args, const Env& env) {
  if (args.require_mount.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string dir, BackupDir(args, env));
  return Annotate(CheckIsOnMount(dir, args.require_mount), "--require-mount");
}

absl::Status FindDatabase(const Options& args, absl::string_view advice,
                          const std::atomic<bool>* stop,
                          DatabaseOptions* database, SlurmdbdConf* found) {
  const absl::StatusOr<SlurmdbdConf> conf =
      ReadSlurmdbdConf(args.slurmdbd_conf);
  if (conf.ok()) {
    *database = conf->Database();
    if (found != nullptr) *found = *conf;
  } else {
    database->database = SlurmdbdConf().storage_loc;
  }
  database->defaults_file = args.defaults_file;
  database->SetTimeout(args.timeout);
  database->stop = stop;
  if (conf.ok() || !database->defaults_file.empty()) return absl::OkStatus();
  return absl::Status(conf.status().code(),
                      absl::StrCat(conf.status().message(),
                                   advice.empty() ? "" : "; ", advice));
}

std::string SearchPath(const Env& env) {
  return std::string(
      EnvironmentValue(CleanEnvironment(env.environment), "PATH"));
}

void FillDump(const Options& args, const Env& env, SqlDumpOptions* dump) {
  dump->silence = args.timeout;
  dump->search_path = SearchPath(env);
  if (access(kSharedMemory, W_OK) == 0) dump->secret_dir = kSharedMemory;
}

void SayLogin(const Loaded& loaded, Env& env) {
  if (loaded.own_login.empty()) return;
  env.console->Say(absl::StrCat(
      "the load ran with the login that was given, whose rights may reach "
      "beyond the database that was loaded: one for the load alone could not "
      "be made (",
      loaded.own_login, ")"));
}

bool IsNewer(absl::string_view release) {
  const absl::StatusOr<Release> parsed = ParseRelease(release);
  return parsed.ok() && IsNewerThanTable(*parsed);
}

std::string DumpProgress(uint64_t done, uint64_t total) {
  // The end is the server's estimate: the bar waits just before it.
  constexpr int kWidth = 30;
  const double share = total == 0
                           ? 0
                           : std::min(0.99, static_cast<double>(done) /
                                                static_cast<double>(total));
  const int full = static_cast<int>(share * kWidth);
  return absl::StrFormat(
      "SQL dump [%s%s] %2d%%  %s of about %s", std::string(full, '#'),
      std::string(kWidth - full, '.'), static_cast<int>(share * 100),
      BytesText(done), BytesText(total));
}

std::string BytesText(uint64_t bytes) {
  constexpr absl::string_view kUnits[] = {"B", "KB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1000 && unit + 1 < std::size(kUnits)) {
    value /= 1000;
    ++unit;
  }
  return unit == 0 ? absl::StrCat(bytes, " B")
                   : absl::StrFormat("%.1f %s", value, kUnits[unit]);
}

std::string DoneText(uint64_t done, uint64_t total) {
  return absl::StrCat(BytesText(done), " of ",
                      total == 0 ? "SQL" : BytesText(total));
}

std::string DurationText(absl::Duration duration) {
  // (Abseil says "0".)
  if (duration < absl::Milliseconds(10)) return "0s";
  return absl::FormatDuration(absl::Trunc(duration, duration < absl::Minutes(1)
                                                        ? absl::Milliseconds(10)
                                                        : absl::Seconds(1)));
}

}  // namespace assocsync
