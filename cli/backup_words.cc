#include "cli/backup_words.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/render/json_text.h"

namespace assocsync {

std::string AgeText(absl::Duration age) {
  if (age < absl::ZeroDuration()) return "-";
  if (age < absl::Hours(1)) return absl::StrCat(absl::ToInt64Minutes(age), "m");
  if (age < absl::Hours(48)) return absl::StrCat(absl::ToInt64Hours(age), "h");
  return absl::StrCat(absl::ToInt64Hours(age) / 24, "d");
}

std::string LocalMinute(absl::Time time) {
  if (time == absl::InfinitePast()) return "?";
  return absl::FormatTime("%Y-%m-%d %H:%M", time, absl::LocalTimeZone());
}

nlohmann::ordered_json UtcJson(absl::Time time) {
  if (time == absl::InfinitePast()) return nullptr;
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

nlohmann::ordered_json BackupJson(const FoundBackup& backup) {
  nlohmann::ordered_json made_by = nullptr, cluster = nullptr;
  if (backup.has_manifest()) {
    made_by = backup.MadeBy();
    cluster = JsonText(backup.manifest.cluster);
  }
  return {{"name", JsonText(backup.name)},
          {"path", JsonText(backup.path)},
          {"made_by", made_by},
          {"cluster", cluster},
          {"created", UtcJson(backup.manifest.created)},
          {"bytes", backup.bytes},
          {"sql_dump", backup.has_sql}};
}

absl::Status FolderStatus(const absl::Status& status, const std::string& dir) {
  if (!absl::IsNotFound(status)) return status;
  return absl::NotFoundError(absl::StrCat(
      dir,
      ": there is no such folder; `assocsync backup` makes it, or say "
      "where the backups lie: --backup-dir DIR"));
}

}  // namespace assocsync
