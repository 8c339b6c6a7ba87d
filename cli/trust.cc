#include "cli/trust.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/database.h"
#include "cli/run.h"
#include "engine/base/status.h"
#include "engine/io/program.h"
#include "engine/io/slurmdbd_conf.h"

namespace assocsync {
namespace {

using End = PathTrust::End;

constexpr uint64_t kMaxOptionFile = uint64_t{1} << 20;  // As database.cc.
constexpr int kMaxIncludeDepth = 10;                    // As libmariadb.

class Judge {
 public:
  Judge(const PathTrust& trust, const Env& env) : trust_(trust), env_(env) {}

  absl::Status Of(const PlanArgs& args) const {
    RETURN_IF_ERROR(Trees({args.planning.target, args.planning.base}));
    RETURN_IF_ERROR(LastApplied(args.planning, args.database));
    // Without a server neither its login nor a program is asked for.
    if (args.planning.live_is_file()) return absl::OkStatus();
    return Server(args.database);
  }
  absl::Status Of(const ApplyArgs& args) const {
    RETURN_IF_ERROR(Trees({args.planning.target, args.planning.base}));
    RETURN_IF_ERROR(Server(args.database));
    return Backups(args.database);
  }
  absl::Status Of(const BackupArgs& args) const {
    RETURN_IF_ERROR(Server(args.database));
    return Backups(args.database);
  }
  absl::Status Of(const VerifyArgs& args) const {
    RETURN_IF_ERROR(BackupFolder(args.dir));
    return args.load ? Server(args.database) : absl::OkStatus();
  }
  absl::Status Of(const RestoreArgs& args) const {
    if (!args.purge) RETURN_IF_ERROR(BackupFolder(args.dir));
    RETURN_IF_ERROR(Server(args.database));
    return Backups(args.database);
  }
  absl::Status Of(const LogArgs& args) const { return Server(args.database); }
  absl::Status Of(const DiffArgs& args) const {
    return Trees({args.from, args.to});
  }
  absl::Status Of(const CheckArgs& args) const {
    RETURN_IF_ERROR(Trees({args.planning.target, args.planning.base}));
    RETURN_IF_ERROR(LastApplied(args.planning, args.database));
    if (trust_.caller() == 0 && !args.policy.empty()) {
      RETURN_IF_ERROR(Check("--policy", args.policy, End::kFile));
    }
    return args.ask_live ? Server(args.database) : absl::OkStatus();
  }
  absl::Status Of(const FmtArgs&) const { return absl::OkStatus(); }
  absl::Status Of(const ExplainArgs&) const { return absl::OkStatus(); }
  absl::Status Of(const Finished&) const { return absl::OkStatus(); }

 private:
  // A file in its place is told here, for all commands that take a folder:
  // whose it is would be the wrong thing to say of it.
  absl::Status BackupFolder(const std::string& dir) const {
    RETURN_IF_ERROR(CheckIsFolder(dir));
    return Check("the backup", dir, End::kBackup);
  }
  static absl::Status Result(const absl::Status& status,
                             absl::string_view what) {
    // What is not text at all is for the command to refuse in its own words.
    if (absl::IsNotFound(status) || absl::IsPermissionDenied(status) ||
        absl::IsInvalidArgument(status)) {
      return absl::OkStatus();
    }
    return Annotate(status, what);
  }
  absl::Status Check(absl::string_view what, const std::string& path,
                     End end) const {
    return Result(trust_.Check(path, end), what);
  }

  absl::Status Trees(const std::vector<std::string>& paths) const {
    for (const std::string& path : paths) {
      if (!IsFolder(path)) continue;
      RETURN_IF_ERROR(Check("the backup", path, End::kBackup));
    }
    return absl::OkStatus();
  }

  absl::Status LastApplied(const PlanningArgs& planning,
                           const DatabaseArgs& database) const {
    return planning.base_is_last_applied() ? Backups(database)
                                           : absl::OkStatus();
  }

  absl::Status Backups(const DatabaseArgs& args) const {
    const absl::StatusOr<std::string> dir = BackupDir(args, env_);
    if (!dir.ok()) return absl::OkStatus();
    return Check("--backup-dir", *dir, End::kFolderToMake);
  }

  absl::Status Server(const DatabaseArgs& args) const {
    RETURN_IF_ERROR(
        Result(ReadSlurmdbdConf(args.slurmdbd_conf, &trust_).status(),
               "--slurmdbd-conf"));
    if (!args.defaults_file.empty()) {
      RETURN_IF_ERROR(
          Result(OptionFile(args.defaults_file, 0), "--defaults-file"));
    }
    return trust_.caller() == 0 ? Environment() : absl::OkStatus();
  }

  // A file of MariaDB options, with what it includes, as libmariadb does.
  absl::Status OptionFile(const std::string& path, int depth) const {
    if (depth > kMaxIncludeDepth) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::string text, trust_.Read(path, kMaxOptionFile));
    for (absl::string_view line : absl::StrSplit(text, '\n')) {
      line = absl::StripAsciiWhitespace(line);
      if (absl::ConsumePrefix(&line, "!includedir")) {
        RETURN_IF_ERROR(
            OptionFolder(std::string(absl::StripAsciiWhitespace(line)), depth));
      } else if (absl::ConsumePrefix(&line, "!include")) {
        RETURN_IF_ERROR(
            Result(OptionFile(std::string(absl::StripAsciiWhitespace(line)),
                              depth + 1),
                   path));
      }
    }
    return absl::OkStatus();
  }

  absl::Status OptionFolder(const std::string& dir, int depth) const {
    RETURN_IF_ERROR(Check("!includedir", dir, End::kFolder));
    std::error_code error;
    for (std::filesystem::directory_iterator it(dir, error), end;
         !error && it != end; it.increment(error)) {
      const std::string path = it->path().string();
      if (!absl::EndsWith(path, ".cnf")) continue;
      RETURN_IF_ERROR(Result(OptionFile(path, depth + 1), "!includedir"));
    }
    return absl::OkStatus();
  }

  absl::Status Environment() const {
    const std::vector<std::string> clean = CleanEnvironment(env_.environment);
    const std::string conf(EnvironmentValue(clean, "SLURM_CONF"));
    if (!conf.empty()) {
      RETURN_IF_ERROR(Check("SLURM_CONF", conf, End::kFile));
    }
    for (const absl::string_view folder :
         absl::StrSplit(EnvironmentValue(clean, "LD_LIBRARY_PATH"), ':',
                        absl::SkipEmpty())) {
      if (!IsFolder(std::string(folder))) continue;
      RETURN_IF_ERROR(
          Check("LD_LIBRARY_PATH", std::string(folder), End::kFolder));
    }
    return absl::OkStatus();
  }

  const PathTrust& trust_;
  const Env& env_;
};

}  // namespace

absl::Status CheckTrust(const Args& args, const PathTrust& trust,
                        const Env& env) {
  const Judge judge(trust, env);
  return std::visit([&](const auto& a) { return judge.Of(a); }, args);
}

}  // namespace assocsync
