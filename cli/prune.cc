// `assocsync prune`: old backups go, by rules.
#include "engine/apply/prune.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "cli/backup_words.h"
#include "cli/database.h"
#include "cli/run.h"
#include "engine/base/counted.h"
#include "engine/base/escape.h"
#include "engine/render/json_text.h"

namespace assocsync {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kPruneFormatVersion = 1;

// "Cluster lab, runs of apply, without an SQL dump"
std::string KindText(const FoundBackup& backup) {
  return absl::StrCat("Cluster ", Escaped(backup.manifest.cluster), ", ",
                      backup.MadeBy() == "apply" ? "runs of apply" : "backups",
                      backup.has_sql ? "" : " without an SQL dump");
}

std::string JudgedText(const PruneReport& report) {
  std::string out;
  size_t width = 0;
  for (const JudgedBackup& judged : report.judged) {
    width = std::max(width, Columns(Escaped(judged.backup.name)));
  }
  const FoundBackup* before = nullptr;
  for (const JudgedBackup& judged : report.judged) {
    const FoundBackup& backup = judged.backup;
    if (before == nullptr || !CountTogether(*before, backup)) {
      absl::StrAppend(&out, KindText(backup), ":\n");
    }
    before = &backup;
    const std::string name = Escaped(backup.name);
    absl::StrAppend(&out, judged.why.empty() ? "  remove  " : "  keep    ",
                    LocalMinute(backup.manifest.created), "  ", name);
    if (!judged.why.empty()) {
      absl::StrAppend(&out, std::string(width - Columns(name) + 2, ' '),
                      absl::StrJoin(judged.why, ", "));
    }
    absl::StrAppend(&out, "\n");
  }
  return out;
}

std::string PruneText(const PruneOptions& options, const PruneReport& report,
                      bool verbose) {
  std::string out = JudgedText(report);
  size_t kept = 0;
  uint64_t bytes = 0;
  for (const JudgedBackup& judged : report.judged) {
    if (judged.why.empty()) {
      bytes += judged.backup.bytes;
    } else {
      ++kept;
    }
  }
  if (!report.left_alone.empty()) {
    absl::StrAppend(&out, "Not touched, and counted for no rule: ",
                    report.left_alone.size(),
                    verbose ? "\n" : " (--verbose tells which, and why)\n");
  }
  for (const PruneReport::LeftAlone& left : report.left_alone) {
    if (!verbose) break;
    absl::StrAppend(&out, "  ", Escaped(left.backup.name), ": ",
                    Escaped(left.why), "\n");
  }
  const size_t gone = report.judged.size() - kept;
  if (options.dry_run) {
    absl::StrAppend(&out, kept, " would be kept, ", gone, " removed (",
                    BytesText(bytes), "); nothing was (--dry-run).\n");
  } else if (report.status.ok()) {
    absl::StrAppend(&out, kept, " kept, ", gone, " removed (", BytesText(bytes),
                    ").\n");
  } else {
    absl::StrAppend(&out, report.removed.size(), " of ", gone,
                    " that were to go are removed.\n");
  }
  return out;
}

std::string PruneJson(const PruneOptions& options, const PruneReport& report) {
  Json json;
  json["format_version"] = kPruneFormatVersion;
  json["backup_dir"] = assocsync::JsonText(options.backup_dir);
  json["dry_run"] = options.dry_run;
  json["backups"] = Json::array();
  for (const JudgedBackup& judged : report.judged) {
    Json one = BackupJson(judged.backup);
    one["keep"] = !judged.why.empty();
    one["why"] = judged.why;
    json["backups"].push_back(std::move(one));
  }
  json["left_alone"] = Json::array();
  for (const PruneReport::LeftAlone& left : report.left_alone) {
    Json one = BackupJson(left.backup);
    one["why"] = assocsync::JsonText(left.why);
    json["left_alone"].push_back(std::move(one));
  }
  json["removed"] = JsonTexts(report.removed);
  json["error"] = report.status.ok()
                      ? Json(nullptr)
                      : assocsync::JsonText(report.status.message());
  return JsonDocument(json);
}

}  // namespace

ExitCode RunPrune(const Options& args, Env& env) {
  absl::StatusOr<std::string> dir = BackupDir(args, env);
  if (!dir.ok()) return Fail(dir.status(), env);
  PruneOptions options;
  options.backup_dir = *std::move(dir);
  options.cluster = args.cluster;
  options.rules = args.keep;
  options.clock = {absl::Now(), absl::LocalTimeZone()};
  options.dry_run = args.dry_run;
  options.stop = env.stop;
  const absl::StatusOr<PruneReport> report = Prune(options);
  if (!report.ok()) {
    return Fail(FolderStatus(report.status(), options.backup_dir), env);
  }
  env.console->Print(args.json()
                         ? PruneJson(options, *report)
                         : PruneText(options, *report, env.console->verbose()));
  if (report->status.ok()) return ExitCode::kOk;
  if (report->removed.empty()) return Fail(report->status, env);
  env.console->Error(absl::IsCancelled(report->status)
                         ? "interrupted"
                         : report->status.message());
  return ExitCode::kPartial;
}

}  // namespace assocsync
