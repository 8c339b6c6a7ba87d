// `assocsync backups`: what lies in the folder of backups.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "cli/backup_words.h"
#include "cli/database.h"
#include "cli/run.h"
#include "engine/backup/backup_folder.h"
#include "engine/backup/backup_list.h"
#include "engine/base/counted.h"
#include "engine/base/escape.h"
#include "engine/render/json_text.h"

namespace assocsync {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kBackupsFormatVersion = 1;
constexpr size_t kShownOthers = 5;

std::string StateOf(const FoundBackup& backup) {
  std::vector<std::string> words = {
      backup.problem.empty() ? "good"
                             : absl::StrCat("NOT GOOD: ", backup.problem)};
  if (backup.is_signed) words.push_back("signed");
  if (backup.has_manifest() && !backup.has_sql) words.push_back("no SQL dump");
  if (!backup.odd.empty()) words.push_back(backup.odd);
  const std::vector<std::string> clusters = ClustersIn(backup.manifest);
  if (clusters.size() > 1) {
    words.push_back(absl::StrCat("clusters ", absl::StrJoin(clusters, ", ")));
  } else if (backup.has_manifest() &&
             !absl::StartsWith(backup.name, absl::StrCat(clusters[0], "-"))) {
    words.push_back(absl::StrCat("cluster ", clusters[0]));
  }
  return Escaped(absl::StrJoin(words, ", "));
}

std::string OthersText(const BackupList& list, bool all) {
  if (list.others.empty()) return "";
  std::string out = "Also there:\n";
  const size_t shown =
      all ? list.others.size() : std::min(list.others.size(), kShownOthers);
  for (size_t i = 0; i < shown; ++i) {
    absl::StrAppend(&out, "  ", Escaped(list.others[i].name), " (",
                    list.others[i].what, ")\n");
  }
  if (shown < list.others.size()) {
    absl::StrAppend(&out, "  and ", list.others.size() - shown,
                    " more (--verbose shows all)\n");
  }
  return out;
}

// A line for each, its state behind it where that fits, else below it.
std::string BackupsText(const std::string& dir, const std::string& cluster,
                        const BackupList& list, absl::Time now,
                        const Console& console) {
  if (list.backups.empty()) {
    return absl::StrCat(
        Escaped(dir), ": no backups",
        cluster.empty() ? "" : absl::StrCat(" of cluster ", Escaped(cluster)),
        "\n", OthersText(list, console.verbose()));
  }
  uint64_t bytes = 0;
  size_t width = 0;
  for (const FoundBackup& backup : list.backups) {
    bytes += backup.bytes;
    width = std::max(width, Columns(Escaped(backup.name)));
  }
  std::string out =
      absl::StrCat(Escaped(dir), ": ", Counted(list.backups.size(), "backup"),
                   ", ", BytesText(bytes), "\n");
  absl::StrAppendFormat(&out, "%5s  %-16s  %8s  %-7s  %s\n", "AGE", "MADE",
                        "SIZE", "BY", "FOLDER");
  constexpr size_t kBelow = 9;
  for (const FoundBackup& backup : list.backups) {
    const absl::Time created = backup.manifest.created;
    const std::string name = Escaped(backup.name);
    std::string line = absl::StrFormat(
        "%5s  %-16s  %8s  %-7s  %s",
        created == absl::InfinitePast() ? "?" : AgeText(now - created),
        LocalMinute(created), BytesText(backup.bytes),
        backup.has_manifest() ? Escaped(backup.MadeBy()) : "?", name);
    const std::string state = StateOf(backup);
    const size_t column =
        Columns(line) + (width - std::min(width, Columns(name))) + 2;
    if (column + Columns(state) <= console.width()) {
      absl::StrAppend(&line, std::string(column - Columns(line), ' '), state);
    } else {
      absl::StrAppend(&line, "\n", std::string(kBelow, ' '),
                      Wrapped(state, kBelow, console.width()));
    }
    absl::StrAppend(&out, line, "\n");
  }
  absl::StrAppend(&out, OthersText(list, console.verbose()));
  return out;
}

std::string BackupsJson(const std::string& dir, const BackupList& list,
                        absl::Time now) {
  Json json;
  json["format_version"] = kBackupsFormatVersion;
  json["backup_dir"] = assocsync::JsonText(dir);
  json["backups"] = Json::array();
  for (const FoundBackup& backup : list.backups) {
    Json one = BackupJson(backup);
    const bool timed = backup.manifest.created != absl::InfinitePast();
    one["age_seconds"] =
        timed ? Json(absl::ToInt64Seconds(now - backup.manifest.created))
              : Json(nullptr);
    one["clusters"] = backup.has_manifest()
                          ? JsonTexts(ClustersIn(backup.manifest))
                          : Json::array();
    one["signed"] = backup.is_signed;
    one["good"] = backup.problem.empty();
    one["problem"] = backup.problem.empty()
                         ? Json(nullptr)
                         : assocsync::JsonText(backup.problem);
    one["odd"] = backup.odd.empty() ? Json(nullptr) : Json(backup.odd);
    one["others"] = JsonTexts(backup.others);
    one["slurm_release"] = assocsync::JsonText(backup.manifest.slurm_release);
    one["cautions"] = JsonTexts(backup.manifest.cautions);
    json["backups"].push_back(std::move(one));
  }
  json["others"] = Json::array();
  for (const BackupList::Other& other : list.others) {
    json["others"].push_back(
        {{"name", assocsync::JsonText(other.name)}, {"what", other.what}});
  }
  return JsonDocument(json);
}

}  // namespace

ExitCode RunBackups(const Options& args, Env& env) {
  const absl::StatusOr<std::string> dir = BackupDir(args, env);
  if (!dir.ok()) return Fail(dir.status(), env);
  absl::StatusOr<BackupList> list = ListBackups(*dir);
  if (!list.ok()) return Fail(FolderStatus(list.status(), *dir), env);
  if (!args.cluster.empty()) {
    std::erase_if(list->backups, [&](const FoundBackup& backup) {
      return !HoldsCluster(backup, args.cluster);
    });
  }
  const absl::Time now = absl::Now();
  env.console->Print(
      args.json() ? BackupsJson(*dir, *list, now)
                  : BackupsText(*dir, args.cluster, *list, now, *env.console));
  return ExitCode::kOk;
}

}  // namespace assocsync
