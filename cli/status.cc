// `assocsync status`: do backups come, are they good, and has live drifted?
#include "cli/status.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/backup_words.h"
#include "cli/database.h"
#include "cli/run.h"
#include "engine/apply/last_applied.h"
#include "engine/backup/verify_backup.h"
#include "engine/base/status.h"
#include "engine/io/file.h"

namespace assocsync {
namespace {

// What lies in the folder, as far as it can be read.
std::vector<FoundBackup> LookAtBackups(const Options& args, const Env& env,
                                       StatusReport* report) {
  const absl::Status mounted = CheckMount(args, env);
  if (!mounted.ok()) {
    report->unreadable = std::string(mounted.message());
    report->missing = true;
    return {};
  }
  absl::StatusOr<BackupList> list = ListBackups(report->backup_dir);
  if (!list.ok()) {
    const absl::Status status = FolderStatus(list.status(), report->backup_dir);
    report->unreadable = std::string(status.message());
    report->missing = absl::IsNotFound(status);
    return {};
  }
  for (const FoundBackup& found : list->backups) {
    // One whose manifest cannot be read was to be a backup.
    if (found.has_manifest() && found.MadeBy() != "backup") continue;
    if (!args.cluster.empty() && !HoldsCluster(found, args.cluster)) continue;
    ++report->backups;
    report->bytes += found.bytes;
    if (report->last.has_value()) continue;
    if (found.problem.empty()) {
      report->last = found;
    } else if (!report->last_bad.has_value()) {
      report->last_bad = found;
    }
  }
  absl::StatusOr<LastVerify> verify = ReadLastVerify(report->backup_dir);
  if (verify.ok()) {
    report->verify = *std::move(verify);
  } else if (!absl::IsNotFound(verify.status())) {
    report->verify_unknown = std::string(verify.status().message());
  }
  return std::move(list->backups);
}

// Live beside `against`, a file, whose tree is of `cluster` (empty: of the one
// that the file names).
Drift DriftFrom(const Options& args, const std::string& against,
                const std::string& cluster, Env& env) {
  Drift drift;
  drift.cluster = cluster;
  drift.against = against;
  Options planning = args;
  planning.target = against;
  planning.cluster = cluster;
  const absl::StatusOr<Planned> planned =
      MakePlanned(&planning, /*plans_too=*/false, env);
  env.console->ProgressDone();
  if (!planned.ok()) {
    drift.unknown = std::string(planned.status().message());
    return drift;
  }
  drift.cluster = planned->saved.plan.cluster.str();
  drift.changes = CountOf(planned->saved.plan.changes);
  return drift;
}

// The clusters that apply was run on, or the one that was asked for.
absl::btree_set<std::string> AppliedClusters(
    const Options& args, const std::vector<FoundBackup>& backups) {
  absl::btree_set<std::string> clusters;
  if (!args.cluster.empty()) return {args.cluster};
  for (const FoundBackup& found : backups) {
    if (found.MadeBy() == "apply") clusters.insert(found.manifest.cluster);
  }
  return clusters;
}

void LookAtDrift(const Options& args, const std::vector<FoundBackup>& backups,
                 Env& env, StatusReport* report) {
  if (!args.target.empty()) {
    report->drifts.push_back(DriftFrom(args, args.target, args.cluster, env));
    return;
  }
  if (!report->unreadable.empty()) return;
  for (const std::string& cluster : AppliedClusters(args, backups)) {
    Drift drift;
    drift.cluster = cluster;
    const FoundBackup* const run = FindVerifiedRun(backups, cluster);
    if (run == nullptr) {
      drift.unknown =
          "no run of apply was verified yet; name a file to compare "
          "with: assocsync status TARGET.cfg";
    } else if (const auto text =
                   ReadVerified(run->path, run->manifest, kAfterRunName);
               !text.ok()) {
      drift.unknown = std::string(text.status().message());
    } else {
      drift = DriftFrom(args, absl::StrCat(run->path, "/", kAfterRunName),
                        cluster, env);
    }
    report->drifts.push_back(std::move(drift));
  }
}

// A plugin's 1 is a warning: what it could not find out is unknown.
ExitCode FailStatus(const absl::Status& status, const Options& args, Env& env) {
  if (args.format != "nagios" || absl::IsCancelled(status)) {
    return Fail(status, env);
  }
  StatusReport report;
  report.unreadable = std::string(status.message());
  const JudgedStatus judged = JudgeStatus(report, args.status_limits);
  env.console->Print(StatusNagios(report, args.status_limits, judged));
  return static_cast<ExitCode>(judged.state);
}

}  // namespace

ExitCode RunStatus(const Options& args, Env& env) {
  const absl::StatusOr<std::string> dir = BackupDir(args, env);
  if (!dir.ok()) return FailStatus(dir.status(), args, env);
  StatusReport report;
  report.backup_dir = *dir;
  report.now = absl::Now();
  const std::vector<FoundBackup> backups = LookAtBackups(args, env, &report);
  if (!args.no_live) LookAtDrift(args, backups, env, &report);
  if (*env.stop) return Fail(absl::CancelledError(""), env);
  const JudgedStatus judged = JudgeStatus(report, args.status_limits);
  const bool nagios = args.format == "nagios";
  const std::string text =
      args.json() ? StatusJson(report, judged)
      : nagios    ? StatusNagios(report, args.status_limits, judged)
      : args.format == "prometheus" ? StatusPrometheus(report, judged)
                                    : StatusText(report, judged);
  if (args.out.empty()) {
    env.console->Print(text);
  } else {
    // For the collector, which is another user; nothing in it is secret.
    const absl::Status written = WriteFileAtomic(args.out, text, 0644);
    if (!written.ok()) {
      return FailStatus(Annotate(written, "--out"), args, env);
    }
  }
  return nagios ? static_cast<ExitCode>(judged.state) : ExitCode::kOk;
}

}  // namespace assocsync
