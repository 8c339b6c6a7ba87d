#include "engine/restore/survey.h"

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"

namespace assocsync {
namespace {

std::string About(absl::string_view columns, absl::string_view table,
                  absl::string_view condition) {
  return absl::StrCat("SELECT ", columns, " FROM information_schema.", table,
                      " WHERE ", condition);
}

absl::StatusOr<std::vector<std::string>> Column(Database& server,
                                                absl::string_view column,
                                                absl::string_view table,
                                                absl::string_view condition) {
  return FirstColumn(server, About(column, table, condition));
}

}  // namespace

absl::StatusOr<Contents> LookAt(Database& server, absl::string_view database) {
  const std::string name = SqlString(database);
  Contents contents;
  ASSIGN_OR_RETURN(const auto schemas,
                   Column(server, "SCHEMA_NAME", "SCHEMATA",
                          absl::StrCat("SCHEMA_NAME = ", name)));
  contents.exists = !schemas.empty();
  if (!contents.exists) return contents;
  ASSIGN_OR_RETURN(contents.tables, TableSizes(server, database));
  ASSIGN_OR_RETURN(
      const std::vector<Database::Row> others,
      server.Query(About("TABLE_NAME, TABLE_TYPE", "TABLES",
                         absl::StrCat("TABLE_SCHEMA = ", name,
                                      " AND TABLE_TYPE <> 'BASE TABLE' "
                                      "ORDER BY 1"))));
  for (const Database::Row& row : others) {
    if (row[1].value_or("") == "VIEW") {
      contents.views.push_back(row[0].value_or(""));
    } else {
      contents.obstacles.push_back(
          absl::StrCat(row[0].value_or(""), ", a ", row[1].value_or("")));
    }
  }
  const struct {
    absl::string_view what, column, table;
    std::string condition;
  } kObstacles[] = {
      {"trigger ", "TRIGGER_NAME", "TRIGGERS",
       absl::StrCat("EVENT_OBJECT_SCHEMA = ", name, " ORDER BY 1")},
      {"foreign key ", "CONSTRAINT_NAME", "REFERENTIAL_CONSTRAINTS",
       absl::StrCat("CONSTRAINT_SCHEMA = ", name,
                    " OR UNIQUE_CONSTRAINT_SCHEMA = ", name, " ORDER BY 1")}};
  for (const auto& [what, column, table, condition] : kObstacles) {
    ASSIGN_OR_RETURN(const auto found,
                     Column(server, column, table, condition));
    for (const std::string& one : found) {
      contents.obstacles.push_back(absl::StrCat(what, one));
    }
  }
  ASSIGN_OR_RETURN(const auto routines,
                   Column(server, "COUNT(*)", "ROUTINES",
                          absl::StrCat("ROUTINE_SCHEMA = ", name)));
  contents.has_routines = routines != std::vector<std::string>{"0"};
  return contents;
}

absl::StatusOr<std::vector<std::string>> DatabaseNames(Database& server) {
  return FirstColumn(
      server,
      "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA ORDER BY "
      "1");
}

absl::StatusOr<RowCounts> CountAll(Database& server, absl::string_view database,
                                   const std::vector<std::string>& tables) {
  RETURN_IF_ERROR(server.Execute(absl::StrCat("USE ", SqlName(database))));
  return CountRows(server, tables);
}

absl::StatusOr<std::map<std::string, uint64_t>> NextIds(
    Database& server, absl::string_view database) {
  // MySQL tells what it looked up within a day; MariaDB has no such setting.
  server.Execute("SET SESSION information_schema_stats_expiry=0").IgnoreError();
  ASSIGN_OR_RETURN(
      const std::vector<Database::Row> rows,
      server.Query(About("TABLE_NAME, AUTO_INCREMENT", "TABLES",
                         absl::StrCat("AUTO_INCREMENT IS NOT NULL AND "
                                      "TABLE_SCHEMA = ",
                                      SqlString(database)))));
  std::map<std::string, uint64_t> next;
  for (const Database::Row& row : rows) {
    uint64_t id = 0;
    if (!absl::SimpleAtoi(row[1].value_or(""), &id)) {
      return absl::DataLossError("the server tells no AUTO_INCREMENT");
    }
    next[row[0].value_or("")] = id;
  }
  return next;
}

bool HasAtomicDdl(absl::string_view version) {
  const std::vector<absl::string_view> parts =
      absl::StrSplit(version, absl::ByAnyChar(".-"));
  std::array<int, 3> n = {};
  for (size_t i = 0; i < n.size() && i < parts.size(); ++i) {
    if (!absl::SimpleAtoi(parts[i], &n[i])) break;
  }
  const bool mariadb =
      absl::StrContains(absl::AsciiStrToLower(version), "mariadb");
  return n >= (mariadb ? std::array{10, 6, 1} : std::array{8, 0, 0});
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
    const std::string name = row[0].value_or(""), value = row[1].value_or("");
    if (name == "read_only") facts.read_only = value != "OFF" && value != "0";
    if (name == "wsrep_on") facts.galera = value == "ON";
    if (name == "max_allowed_packet") {
      (void)absl::SimpleAtoi(value, &facts.max_packet);
    }
  }
  ASSIGN_OR_RETURN(const auto user,
                   FirstColumn(server, "SELECT CURRENT_USER()"));
  facts.user = user.empty() ? "" : user[0];
  // GRANTEE is 'user'@'host'.
  const size_t at = facts.user.rfind('@');
  if (at == std::string::npos) return facts;
  const std::string grantee = absl::StrCat("'", facts.user.substr(0, at), "'@'",
                                           facts.user.substr(at + 1), "'");
  ASSIGN_OR_RETURN(
      const auto process,
      Column(server, "PRIVILEGE_TYPE", "USER_PRIVILEGES",
             absl::StrCat("PRIVILEGE_TYPE = 'PROCESS' AND GRANTEE = ",
                          SqlString(grantee))));
  facts.sees_all_sessions = !process.empty();
  return facts;
}

absl::StatusOr<std::vector<std::string>> Sessions(Database& server,
                                                  absl::string_view database) {
  ASSIGN_OR_RETURN(const std::vector<Database::Row> rows,
                   server.Query(About("ID, USER, HOST", "PROCESSLIST",
                                      absl::StrCat("DB = ", SqlString(database),
                                                   " AND ID <> CONNECTION_ID() "
                                                   "ORDER BY ID"))));
  std::vector<std::string> sessions;
  for (const Database::Row& row : rows) {
    sessions.push_back(absl::StrCat("connection ", row[0].value_or(""), " of ",
                                    row[1].value_or(""), " from ",
                                    row[2].value_or("")));
  }
  return sessions;
}

}  // namespace assocsync
