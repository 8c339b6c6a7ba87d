// Where live is read: what --live says, and what `auto` comes to.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "cli/database.h"
#include "cli/run.h"
#include "engine/backup/dump_tables.h"
#include "engine/base/status.h"
#include "engine/io/database.h"
#include "engine/io/git.h"
#include "engine/io/slurmdbd_conf.h"
#include "engine/io/tcp.h"
#include "engine/live/controller.h"
#include "engine/model/finding.h"
#include "engine/slurm/release.h"

namespace assocsync {
namespace {

constexpr char kLiveAdvice[] =
    "--live mysql wants slurmdbd.conf (--slurmdbd-conf PATH) or MariaDB client "
    "options (--defaults-file FILE)";

// The server answers, and the user may read.
absl::Status TryDatabase(const Options& args, const std::atomic<bool>* stop) {
  DatabaseOptions options;
  RETURN_IF_ERROR(FindDatabase(args, "", stop, &options));
  options.SetTimeout(std::min(args.timeout, kServerPatience));
  ASSIGN_OR_RETURN(const std::unique_ptr<Database> database, Connect(options));
  return database->Query("SELECT 1 FROM cluster_table LIMIT 1").status();
}

Release NewestRelease() { return BehaviourTable().back().since; }

// What sources.h reads, as live: a folder, or what git has.
class TreeSource : public LiveSource {
 public:
  // `given`: what --release says.
  TreeSource(const Options& args, Env& env, std::optional<Release> given,
             const cfg::Recall* recall)
      : args_(args), env_(env), given_(given), recall_(recall) {
    args_.target = args.live_file;
    args_.at.reset();
  }

  absl::StatusOr<LiveState> Read(absl::string_view cluster) override {
    args_.cluster = std::string(cluster);
    args_.as_cluster = false;
    ASSIGN_OR_RETURN(const TargetInput input, ReadTarget(args_, env_));
    // A dump tells of records, too, which no text says.
    if (!input.dump.text().empty()) {
      return LiveOfDump(input.name, input.dump, cluster, given_);
    }
    ASSIGN_OR_RETURN(
        LiveState live,
        LiveFromText(input.name, input.text, given_.value_or(NewestRelease()),
                     recall_, &input.files));
    live.findings = input.findings;
    return live;
  }
  absl::StatusOr<std::vector<std::string>> Clusters() override {
    args_.cluster.clear();
    args_.as_cluster = false;
    ASSIGN_OR_RETURN(const TargetInput input,
                     ReadTarget(args_, env_, /*plans_too=*/false,
                                /*caller_decides=*/true));
    return input.dump.text().empty() ? LiveSource::Clusters()
                                     : ClustersOfDump(input.name, input.dump);
  }
  std::string Origin() const override { return args_.live_file; }

 private:
  Options args_;
  Env& env_;
  const std::optional<Release> given_;
  const cfg::Recall* const recall_;
};

absl::StatusOr<std::optional<Release>> ReleaseFor(const Options& args) {
  if (args.release.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(const Release release, ParseRelease(args.release));
  return release;
}

absl::StatusOr<std::unique_ptr<LiveSource>> ServerSource(
    const Options& args, CommandRunner* runner, const std::atomic<bool>* stop) {
  ASSIGN_OR_RETURN(const std::optional<Release> release, ReleaseFor(args));
  SacctmgrOptions sacctmgr;
  sacctmgr.program = args.sacctmgr;
  sacctmgr.limit = args.timeout;
  if (args.live == Live::kSacctmgr ||
      (args.live == Live::kAuto && !release.has_value() &&
       !TryDatabase(args, stop).ok())) {
    return LiveFromSacctmgr(runner, sacctmgr);
  }
  DatabaseLiveOptions options;
  SlurmdbdConf conf;
  RETURN_IF_ERROR(
      FindDatabase(args, kLiveAdvice, stop, &options.database, &conf));
  options.preserve_user_case = conf.preserve_case_user;
  options.allow_no_def_acct = conf.allow_no_def_acct;
  options.sacctmgr = sacctmgr;
  options.release = release;
  if (args.command != nullptr &&
      (FindOption("release")->commands & args.command->mask) != 0) {
    options.when_down =
        "where slurmdbd is down, its release must be said: --live mysql "
        "--release 24.11";
  }
  return LiveFromDatabase(runner, std::move(options));
}

}  // namespace

Live ResolveLive(const Options& args, const TargetInput& target, Env& env) {
  if (args.live != Live::kAuto) return args.live;
  // A plan holds for what was read then, and each source tells more or less.
  if (target.live != Live::kAuto) return target.live;
  const absl::Status status = TryDatabase(args, env.stop);
  if (status.ok()) return Live::kMysql;
  if (env.console->verbose()) {
    env.console->Say(absl::StrCat(
        "live is read by sacctmgr, not from the database: ", status.message()));
  }
  return Live::kSacctmgr;
}

absl::StatusOr<std::unique_ptr<LiveSource>> MakeLiveSource(
    const Options& args, Env& env, const cfg::Recall* recall) {
  if (args.live != Live::kFile) {
    return ServerSource(args, env.reader, env.stop);
  }
  ASSIGN_OR_RETURN(const std::optional<Release> given, ReleaseFor(args));
  if (IsGitName(args.live_file) || IsFolder(args.live_file)) {
    return std::make_unique<TreeSource>(args, env, given, recall);
  }
  ASSIGN_OR_RETURN(const auto dump, OpenSqlDump(args.live_file));
  if (dump.has_value()) return LiveFromDump(args.live_file, given);
  return LiveFromFile(args.live_file, given.value_or(NewestRelease()), recall);
}

absl::StatusOr<std::unique_ptr<LiveSource>> MakeControlledSource(
    const Options& args, CommandRunner* runner, const std::atomic<bool>* stop) {
  ASSIGN_OR_RETURN(std::unique_ptr<LiveSource> source,
                   ServerSource(args, runner, stop));
  ControllerOptions options;
  options.sacctmgr = args.sacctmgr;
  options.limit = args.timeout;
  // What rows lose that are deleted and added again.
  options.usage = absl::c_linear_search(args.allow, CodeName(kCollateral));
  options.listens = [stop, limit = std::min(args.timeout, kServerPatience)](
                        const std::string& host, int port) {
    return Listens(host, port, limit, stop);
  };
  return WithController(std::move(source), runner, std::move(options));
}

}  // namespace assocsync
