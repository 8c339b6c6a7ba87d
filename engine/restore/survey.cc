#include "engine/restore/survey.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/backup/slurm_tables.h"
#include "engine/base/status.h"

namespace assocsync {
namespace {

// The first column of each row.
absl::StatusOr<std::vector<std::string>> Words(Database& server,
                                               const std::string& sql) {
  ASSIGN_OR_RETURN(const std::vector<Database::Row> rows, server.Query(sql));
  std::vector<std::string> words;
  for (const Database::Row& row : rows) {
    words.push_back(row.empty() ? "" : row[0].value_or(""));
  }
  return words;
}

uint64_t Number(const std::vector<std::string>& words) {
  uint64_t number = 0;
  if (words.size() != 1 || !absl::SimpleAtoi(words[0], &number)) return 0;
  return number;
}

absl::Status FindObstacles(Database& server, const std::string& name,
                           Contents* contents) {
  ASSIGN_OR_RETURN(
      const auto triggers,
      Words(server, absl::StrCat("SELECT TRIGGER_NAME FROM "
                                 "information_schema.TRIGGERS WHERE "
                                 "EVENT_OBJECT_SCHEMA = ",
                                 name, " ORDER BY 1")));
  for (const std::string& trigger : triggers) {
    contents->obstacles.push_back(absl::StrCat("trigger ", trigger));
  }
  ASSIGN_OR_RETURN(
      const auto keys,
      Words(server, absl::StrCat("SELECT CONSTRAINT_NAME FROM "
                                 "information_schema.REFERENTIAL_CONSTRAINTS "
                                 "WHERE CONSTRAINT_SCHEMA = ",
                                 name, " OR UNIQUE_CONSTRAINT_SCHEMA = ", name,
                                 " ORDER BY 1")));
  for (const std::string& key : keys) {
    contents->obstacles.push_back(absl::StrCat("foreign key ", key));
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> Contents::TableNames() const {
  std::vector<std::string> names;
  for (const TableSize& table : tables) names.push_back(table.name);
  return names;
}

absl::StatusOr<Contents> LookAt(Database& server, absl::string_view database) {
  const std::string name = SqlString(database);
  Contents contents;
  ASSIGN_OR_RETURN(
      const auto schemas,
      Words(server, absl::StrCat("SELECT SCHEMA_NAME FROM "
                                 "information_schema.SCHEMATA WHERE "
                                 "SCHEMA_NAME = ",
                                 name)));
  contents.exists = !schemas.empty();
  if (!contents.exists) return contents;
  ASSIGN_OR_RETURN(contents.tables, TableSizes(server, database));
  ASSIGN_OR_RETURN(
      const std::vector<Database::Row> others,
      server.Query(absl::StrCat(
          "SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE "
          "TABLE_SCHEMA = ",
          name, " AND TABLE_TYPE <> 'BASE TABLE' ORDER BY 1")));
  for (const Database::Row& row : others) {
    if (row.size() != 2) continue;
    if (row[1].value_or("") == "VIEW") {
      contents.views.push_back(row[0].value_or(""));
    } else {
      contents.obstacles.push_back(
          absl::StrCat(row[0].value_or(""), ", a ", row[1].value_or("")));
    }
  }
  RETURN_IF_ERROR(FindObstacles(server, name, &contents));
  ASSIGN_OR_RETURN(
      const auto routines,
      Words(server, absl::StrCat("SELECT COUNT(*) FROM "
                                 "information_schema.ROUTINES WHERE "
                                 "ROUTINE_SCHEMA = ",
                                 name)));
  contents.routines = Number(routines);
  return contents;
}

void SetOthersAside(bool newer_release, Contents* contents) {
  const auto other =
      std::stable_partition(contents->tables.begin(), contents->tables.end(),
                            [&](const TableSize& table) {
                              return IsSlurmTable(table.name, newer_release);
                            });
  for (auto it = other; it != contents->tables.end(); ++it) {
    contents->others.push_back(it->name);
  }
  contents->tables.erase(other, contents->tables.end());
}

absl::StatusOr<std::vector<std::string>> DatabaseNames(Database& server) {
  return Words(server,
               "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA ORDER BY "
               "1");
}

absl::StatusOr<RowCounts> CountAll(Database& server, absl::string_view database,
                                   const std::vector<std::string>& tables) {
  RETURN_IF_ERROR(server.Execute(absl::StrCat("USE ", SqlName(database))));
  ASSIGN_OR_RETURN(const std::vector<uint64_t> counts,
                   CountRows(server, tables));
  RowCounts rows;
  for (size_t i = 0; i < tables.size(); ++i) rows[tables[i]] = counts[i];
  return rows;
}

absl::StatusOr<std::map<std::string, uint64_t>> NextIds(
    Database& server, absl::string_view database) {
  // MySQL tells what it looked up within a day; MariaDB has no such setting.
  server.Execute("SET SESSION information_schema_stats_expiry=0").IgnoreError();
  ASSIGN_OR_RETURN(
      const std::vector<Database::Row> rows,
      server.Query(absl::StrCat(
          "SELECT TABLE_NAME, AUTO_INCREMENT FROM information_schema.TABLES "
          "WHERE AUTO_INCREMENT IS NOT NULL AND TABLE_SCHEMA = ",
          SqlString(database))));
  std::map<std::string, uint64_t> next;
  for (const Database::Row& row : rows) {
    uint64_t id = 0;
    if (row.size() != 2 || !absl::SimpleAtoi(row[1].value_or(""), &id)) {
      return absl::DataLossError("the server tells no AUTO_INCREMENT");
    }
    next[row[0].value_or("")] = id;
  }
  return next;
}

bool HasAtomicDdl(absl::string_view version) {
  const std::vector<absl::string_view> parts =
      absl::StrSplit(version, absl::ByAnyChar(".-"));
  int n[3] = {0, 0, 0};
  for (size_t i = 0; i < 3 && i < parts.size(); ++i) {
    if (!absl::SimpleAtoi(parts[i], &n[i])) break;
  }
  if (!absl::StrContains(absl::AsciiStrToLower(version), "mariadb"))
    return n[0] >= 8;
  return n[0] > 10 || (n[0] == 10 && (n[1] > 6 || (n[1] == 6 && n[2] >= 1)));
}

absl::StatusOr<ServerFacts> LookAtServer(Database& server) {
  ServerFacts facts;
  ASSIGN_OR_RETURN(facts.version, ServerVersion(server));
  facts.atomic_ddl = HasAtomicDdl(facts.version);
  ASSIGN_OR_RETURN(
      const std::vector<Database::Row> settings,
      server.Query("SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', "
                   "'wsrep_on', 'max_allowed_packet')"));
  for (const Database::Row& row : settings) {
    if (row.size() != 2) continue;
    const std::string name = row[0].value_or(""), value = row[1].value_or("");
    if (name == "read_only") facts.read_only = value != "OFF" && value != "0";
    if (name == "wsrep_on") facts.galera = value == "ON";
    if (name == "max_allowed_packet") {
      (void)absl::SimpleAtoi(value, &facts.max_packet);
    }
  }
  ASSIGN_OR_RETURN(const auto user, Words(server, "SELECT CURRENT_USER()"));
  facts.user = user.empty() ? "" : user[0];
  // GRANTEE is 'user'@'host'.
  const size_t at = facts.user.rfind('@');
  if (at == std::string::npos) return facts;
  const std::string grantee = absl::StrCat("'", facts.user.substr(0, at), "'@'",
                                           facts.user.substr(at + 1), "'");
  ASSIGN_OR_RETURN(
      const auto process,
      Words(server, absl::StrCat("SELECT PRIVILEGE_TYPE FROM "
                                 "information_schema.USER_PRIVILEGES WHERE "
                                 "PRIVILEGE_TYPE = 'PROCESS' AND GRANTEE = ",
                                 SqlString(grantee))));
  facts.sees_all_sessions = !process.empty();
  return facts;
}

absl::StatusOr<std::vector<std::string>> Sessions(Database& server,
                                                  absl::string_view database) {
  ASSIGN_OR_RETURN(
      const std::vector<Database::Row> rows,
      server.Query(absl::StrCat("SELECT ID, USER, HOST FROM "
                                "information_schema.PROCESSLIST WHERE DB = ",
                                SqlString(database),
                                " AND ID <> CONNECTION_ID() ORDER BY ID")));
  std::vector<std::string> sessions;
  for (const Database::Row& row : rows) {
    if (row.size() != 3) continue;
    sessions.push_back(absl::StrCat("connection ", row[0].value_or(""), " of ",
                                    row[1].value_or(""), " from ",
                                    row[2].value_or("")));
  }
  return sessions;
}

}  // namespace assocsync
