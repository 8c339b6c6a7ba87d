// Where live is read: what --live says, and what `auto` comes to.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "cli/run.h"
#include "engine/base/status.h"
#include "engine/io/database.h"
#include "engine/io/slurmdbd_conf.h"
#include "engine/io/tcp.h"
#include "engine/live/controller.h"
#include "engine/plan/finding.h"
#include "engine/slurm/release.h"

namespace assocsync {
namespace {

constexpr char kAuto[] = "auto";
constexpr char kMysql[] = "mysql";
constexpr char kSacctmgr[] = "sacctmgr";

struct Access {
  DatabaseOptions options;
  bool preserve_case_user = false, allow_no_def_acct = false;
};

// slurmdbd.conf, with the login of --defaults-file where that is given.
absl::StatusOr<Access> FindAccess(const DatabaseArgs& args,
                                  const std::atomic<bool>* stop) {
  Access access;
  const absl::StatusOr<SlurmdbdConf> conf =
      ReadSlurmdbdConf(args.slurmdbd_conf);
  if (conf.ok()) {
    access.options = conf->Database();
    access.preserve_case_user = conf->preserve_case_user;
    access.allow_no_def_acct = conf->allow_no_def_acct;
  } else if (args.defaults_file.empty()) {
    return conf.status();
  } else {
    access.options.database = SlurmdbdConf().storage_loc;
  }
  access.options.defaults_file = args.defaults_file;
  access.options.SetTimeout(args.timeout);
  access.options.stop = stop;
  return access;
}

// The server answers, and the user may read.
absl::Status TryDatabase(const DatabaseArgs& args,
                         const std::atomic<bool>* stop) {
  ASSIGN_OR_RETURN(Access access, FindAccess(args, stop));
  access.options.SetTimeout(std::min(args.timeout, kServerPatience));
  ASSIGN_OR_RETURN(const std::unique_ptr<Database> database,
                   Connect(access.options));
  return database->Query("SELECT 1 FROM cluster_table LIMIT 1").status();
}

Finding ToFinding(const LiveNote& note) {
  Finding finding;
  finding.message = note.message;
  finding.rows = note.rows;
  switch (note.what) {
    case LiveNote::What::kContradiction:
      finding.code = std::string(kContradictoryRows);
      finding.severity = Finding::Severity::kRefuse;
      break;
    case LiveNote::What::kSkipped:
      finding.code = std::string(kSkippedIds);
      finding.severity = Finding::Severity::kWarning;
      break;
    case LiveNote::What::kReplica:
      finding.code = std::string(kReplicaRead);
      break;
    case LiveNote::What::kUnproven:
      finding.code = std::string(kUnprovenDatabase);
      finding.severity = Finding::Severity::kWarning;
      break;
    case LiveNote::What::kController:
      finding.code = std::string(kNoController);
      break;
  }
  return finding;
}

}  // namespace

std::string ResolveLive(const PlanningArgs& args, const DatabaseArgs& database,
                        const TargetInput& target, Env& env) {
  if (args.live != kAuto) return args.live;
  if (target.from_saved_plan) {
    // A plan holds for what was read then, and each source tells more or less.
    return absl::StartsWith(target.saved.live_name, kMysql) ? kMysql
                                                            : kSacctmgr;
  }
  const absl::Status status = TryDatabase(database, env.stop);
  if (status.ok()) return kMysql;
  if (env.console->verbose()) {
    env.console->Say(absl::StrCat(
        "live is read by sacctmgr, not from the database: ", status.message()));
  }
  return kSacctmgr;
}

absl::StatusOr<std::unique_ptr<LiveSource>> MakeLiveSource(
    const PlanningArgs& args, const DatabaseArgs& database,
    CommandRunner* runner, const std::atomic<bool>* stop) {
  if (args.live_is_file()) {
    Release release = BehaviourTable().back().since;
    if (!args.release.empty()) {
      ASSIGN_OR_RETURN(release, ParseRelease(args.release));
    }
    return LiveFromFile(args.live, release);
  }
  SacctmgrOptions sacctmgr;
  sacctmgr.program = args.sacctmgr;
  sacctmgr.limit = args.timeout;
  if (args.live == kSacctmgr || (args.live == kAuto && args.release.empty() &&
                                 !TryDatabase(database, stop).ok())) {
    return LiveFromSacctmgr(runner, sacctmgr);
  }
  absl::StatusOr<Access> access = FindAccess(database, stop);
  if (!access.ok()) {
    return absl::Status(
        access.status().code(),
        absl::StrCat(access.status().message(),
                     "; --live mysql wants slurmdbd.conf (--slurmdbd-conf "
                     "PATH) or MariaDB client options (--defaults-file FILE)"));
  }
  DatabaseLiveOptions options;
  options.database = std::move(access->options);
  options.preserve_user_case = access->preserve_case_user;
  options.allow_no_def_acct = access->allow_no_def_acct;
  options.sacctmgr = sacctmgr;
  if (!args.release.empty()) {
    ASSIGN_OR_RETURN(options.release, ParseRelease(args.release));
  }
  return LiveFromDatabase(runner, std::move(options));
}

absl::StatusOr<std::unique_ptr<LiveSource>> MakeControlledSource(
    const PlanningArgs& args, const DatabaseArgs& database,
    CommandRunner* runner, const std::atomic<bool>* stop) {
  ASSIGN_OR_RETURN(std::unique_ptr<LiveSource> source,
                   MakeLiveSource(args, database, runner, stop));
  if (args.live_is_file()) return source;
  ControllerOptions options;
  options.sacctmgr = args.sacctmgr;
  options.limit = args.timeout;
  // What rows lose that are deleted and added again.
  options.usage = std::find(args.allow.begin(), args.allow.end(),
                            kCollateral) != args.allow.end();
  options.listens = [stop, limit = std::min(args.timeout, kServerPatience)](
                        const std::string& host, int port) {
    return Listens(host, port, limit, stop);
  };
  return WithController(std::move(source), runner, std::move(options));
}

std::vector<Finding> FindingsOf(const LiveState& live) {
  std::vector<Finding> findings;
  for (const LiveNote& note : live.notes) findings.push_back(ToFinding(note));
  return findings;
}

}  // namespace assocsync
