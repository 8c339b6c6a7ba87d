
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/backup_sources.h"
#include "cli/database.h"
#include "cli/run.h"
#include "engine/base/status.h"
#include "engine/io/git.h"
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

  absl::Status Of(const Options& args) const {
    const auto is = [mask = args.command->mask](unsigned commands) {
      return (mask & commands) != 0;
    };
    if (is(kForVerify | kForRestore)) {
      if (!args.purge && !args.target.empty()) {
        // Of what is neither the folder of a backup nor a plain SQL dump, whose
        // it is would be the wrong thing to say.
        RETURN_IF_ERROR(CheckIsBackup(args.target));
        RETURN_IF_ERROR(Check("the backup", args.target,
                              IsFile(args.target) ? End::kFile : End::kBackup));
      }
    } else if (!is(kForHistory)) {
      RETURN_IF_ERROR(Trees({args.target, args.second, args.base}));
      RETURN_IF_ERROR(Trees(args.files));
    }
    if (is(kForCheck) && trust_.caller() == 0 && !args.policy.empty()) {
      RETURN_IF_ERROR(Check("--policy", args.policy, End::kFile));
    }
    const bool reads_live = is(kForPlanning | kForBackup | kForDump) ||
                            (is(kForCheck | kForDiff) && args.names_live()) ||
                            (is(kForCheck) && args.said("live")) ||
                            (is(kForStatus) && !args.no_live);
    if (reads_live && args.live == Live::kFile) {
      RETURN_IF_ERROR(Trees({args.live_file}));
    }
    // Without a server neither its login nor a program is asked for.
    if (is(kForApply | kForBackup | kForRestore | kForLog | kForHistory) ||
        args.load || (reads_live && args.live != Live::kFile)) {
      RETURN_IF_ERROR(Server(args));
    }
    return UsesBackupDir(args) ? Backups(args) : absl::OkStatus();
  }

 private:
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
      if (IsGitName(path) && trust_.caller() == 0) RETURN_IF_ERROR(Git());
      // What `dump --split` wrote is data, as files are.
      if (path == kLiveSource || !IsFolder(path) || !IsBackup(path)) continue;
      RETURN_IF_ERROR(Check("the backup", path, End::kBackup));
    }
    return absl::OkStatus();
  }

  // Git judges whose repository it finds, but not the one that it is told.
  absl::Status Git() const {
    for (const std::string& variable : RepositoryVariables(env_.environment)) {
      const std::pair<absl::string_view, absl::string_view> parts =
          absl::StrSplit(variable, absl::MaxSplits('=', 1));
      // Only one of them names several.
      const bool several = absl::StrContains(parts.first, "ALTERNATE");
      const std::vector<std::string> folders =
          several ? absl::StrSplit(parts.second, ':', absl::SkipEmpty())
                  : std::vector<std::string>{std::string(parts.second)};
      for (const std::string& folder : folders) {
        RETURN_IF_ERROR(Check(parts.first, folder, End::kFolder));
      }
    }
    return absl::OkStatus();
  }

  absl::Status Backups(const Options& args) const {
    const absl::StatusOr<std::string> dir = BackupDir(args, env_);
    if (!dir.ok()) return absl::OkStatus();
    return Check("--backup-dir", *dir, End::kFolderToMake);
  }

  absl::Status Server(const Options& args) const {
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

absl::Status CheckTrust(const Options& args, const PathTrust& trust,
                        const Env& env) {
  return args.explain.empty() ? Judge(trust, env).Of(args) : absl::OkStatus();
}

}  // namespace assocsync
