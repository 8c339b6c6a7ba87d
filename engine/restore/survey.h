// What a restore must know of the server and of a database on it, before it
// may change anything.
#ifndef ASSOCSYNC_ENGINE_RESTORE_SURVEY_H_
#define ASSOCSYNC_ENGINE_RESTORE_SURVEY_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/backup/slurm_tables.h"
#include "engine/io/database.h"

namespace assocsync {

struct Contents {
  bool exists = false;
  std::vector<TableSize> tables;
  std::vector<std::string> views;  // Stay where they are: see swap.h.
  // Tables that are none of slurmdbd's (TakeOthers): they stay where they are,
  // too.
  std::vector<std::string> others;
  // What keeps tables from being renamed into another database, in words:
  // triggers, foreign keys, tables that are no plain ones.
  std::vector<std::string> obstacles;
  bool has_routines = false;
};
absl::StatusOr<Contents> LookAt(Database& server, absl::string_view database);

// Takes the tables that slurmdbd never made (slurm_tables.h) out of `tables`;
// their names.
template <typename Table>
std::vector<std::string> TakeOthers(bool newer_release,
                                    std::vector<Table>* tables) {
  std::vector<std::string> others;
  std::erase_if(*tables, [&](const Table& table) {
    if (IsSlurmTable(table.name, newer_release)) return false;
    others.push_back(table.name);
    return true;
  });
  return others;
}

absl::StatusOr<std::vector<std::string>> DatabaseNames(Database& server);

// The exact rows of all `tables` of `database`. Leaves it as the connection's
// default database.
absl::StatusOr<RowCounts> CountAll(Database& server, absl::string_view database,
                                   const std::vector<std::string>& tables);

// What the tables of `database` that number their rows give the next one.
absl::StatusOr<std::map<std::string, uint64_t>> NextIds(
    Database& server, absl::string_view database);

struct ServerFacts {
  std::string version;
  // A RENAME of many tables is all or nothing even if the server dies in the
  // middle (swap.h).
  bool atomic_ddl = false;
  bool read_only = false;
  bool galera = false;
  uint64_t max_packet = 0;  // of a statement, in bytes
  std::string user;         // whom the server takes us for, "slurm@127.0.0.1"
  bool sees_all_sessions = false;  // has the PROCESS right
};
absl::StatusOr<ServerFacts> LookAtServer(Database& server);
// MariaDB 10.6.1, MySQL 8.0: "10.5.26-MariaDB" has none.
bool HasAtomicDdl(absl::string_view version);

// Connections to `database` other than this one, in words: "connection 12 of
// slurm from 10.0.0.5:4711". Those that cannot be seen are not in it.
absl::StatusOr<std::vector<std::string>> Sessions(Database& server,
                                                  absl::string_view database);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RESTORE_SURVEY_H_
