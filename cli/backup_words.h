// How backups are told to people, and to programs.
#ifndef ASSOCSYNC_CLI_BACKUP_WORDS_H_
#define ASSOCSYNC_CLI_BACKUP_WORDS_H_

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/backup/backup_list.h"

namespace assocsync {

// "5m", "3h", "12d"; of a time that is yet to come "-".
std::string AgeText(absl::Duration age);

// "2026-11-24 01:30", local; "?" where it is not known.
std::string LocalMinute(absl::Time time);

// "2026-11-24T00:30:00Z"; null where it is not known.
nlohmann::ordered_json UtcJson(absl::Time time);

// What every list of backups says of one: name, path, made_by, cluster,
// created, bytes, sql_dump.
nlohmann::ordered_json BackupJson(const FoundBackup& backup);

// What ListBackups said, with what to do where `dir` is not there.
absl::Status FolderStatus(const absl::Status& status, const std::string& dir);

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_BACKUP_WORDS_H_
