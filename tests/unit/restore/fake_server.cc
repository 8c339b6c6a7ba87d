#include "tests/unit/restore/fake_server.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/restore/names.h"

namespace assocsync {
namespace {

using Rows = std::vector<std::vector<std::string>>;

class Connection : public Database {
 public:
  explicit Connection(FakeServer* server) : server_(*server) {}

  absl::Status ForEachRow(absl::string_view sql, RowSink sink) override {
    if (broken_) return Gone();
    if (server_.before) server_.before();
    ++server_.count;
    const bool dies = server_.count == server_.dies_at;
    if (dies && !server_.done_first) return Break();
    absl::StatusOr<Rows> rows = Answer(std::string(sql));
    if (dies) return Break();
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      std::vector<Value> values;
      for (const std::string& value : row) values.emplace_back(value);
      const absl::Status status = sink(values);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  static absl::Status Gone() {
    return absl::UnavailableError("MariaDB error 2013: Lost connection");
  }
  absl::Status Break() {
    broken_ = true;
    return Gone();
  }

  // The text in single quotes behind `before`; empty: there is none.
  static std::string Quoted(const std::string& sql, const std::string& before) {
    const size_t at = sql.find(before + "'");
    if (at == std::string::npos) return "";
    const size_t begin = at + before.size() + 1;
    return sql.substr(begin, sql.find('\'', begin) - begin);
  }
  // The names in backticks.
  static std::vector<std::string> Names(const std::string& sql) {
    const std::vector<std::string> parts = absl::StrSplit(sql, '`');
    std::vector<std::string> names;
    for (size_t i = 1; i + 1 < parts.size(); i += 2) names.push_back(parts[i]);
    return names;
  }
  FakeServer::Tables Tables(const std::string& name) const {
    const auto it = server_.databases.find(name);
    return it == server_.databases.end() ? FakeServer::Tables() : it->second;
  }
  static Rows Column(const std::vector<std::string>& words) {
    Rows rows;
    for (const std::string& word : words) rows.push_back({word});
    return rows;
  }

  absl::StatusOr<Rows> Answer(const std::string& sql) {
    for (const absl::string_view word : {"ALTER", "CREATE", "DROP", "RENAME"}) {
      if (absl::StartsWith(sql, word)) return Change(sql);
    }
    if (absl::StartsWith(sql, "USE ")) {
      database_ = Names(sql)[0];
      return Rows();
    }
    if (absl::StrContains(sql, "information_schema")) return Schema(sql);
    if (absl::StrContains(sql, "GET_LOCK")) return Rows{{"1"}};
    if (sql == "SELECT VERSION()") return Rows{{server_.version}};
    if (sql == "SELECT CURRENT_USER()") return Rows{{server_.user}};
    if (absl::StartsWith(sql, "SHOW GLOBAL")) {
      return Rows{{"read_only", server_.read_only},
                  {"max_allowed_packet", server_.max_packet}};
    }
    if (absl::StrContains(sql, "MAX(version)")) {
      return Rows{{absl::StrCat(server_.schema)}};
    }
    if (absl::StrContains(sql, "SELECT of_database")) {
      return Rows{{server_.notes[Names(sql)[0]], "old", "2026-11-24T01:48:48Z",
                   "/backup", "/run"}};
    }
    if (absl::StartsWith(sql, "SELECT COUNT(*)")) {
      return Rows{{absl::StrCat(Tables(database_)[Names(sql)[0]])}};
    }
    if (absl::StartsWith(sql, "SELECT COALESCE")) {
      const std::vector<std::string> parts = absl::StrSplit(sql, "COALESCE");
      return Rows{std::vector<std::string>(parts.size() - 1, "0")};
    }
    if (absl::StrContains(sql, "control_port")) return server_.controllers;
    return Rows();
  }

  absl::StatusOr<Rows> Schema(const std::string& sql) {
    std::string name = Quoted(sql, "SCHEMA = ");
    if (name.empty()) name = Quoted(sql, "SCHEMA_NAME = ");
    if (absl::StrContains(sql, "SCHEMATA")) {
      std::vector<std::string> names;
      for (const auto& [database, tables] : server_.databases) {
        if (name.empty() || database == name) names.push_back(database);
      }
      return Column(names);
    }
    if (absl::StrContains(sql, "TABLE_TYPE <>")) {
      Rows rows;
      for (const std::string& view : server_.views[name]) {
        rows.push_back({view, "VIEW"});
      }
      return rows;
    }
    if (absl::StrContains(sql, "AUTO_INCREMENT")) {
      Rows rows;
      for (const auto& [table, next] : server_.next_ids[name]) {
        rows.push_back({table, absl::StrCat(next)});
      }
      return rows;
    }
    if (absl::StrContains(sql, "information_schema.TABLES")) {
      Rows rows;
      for (const auto& [table, count] : Tables(name)) {
        const auto engine = server_.engines.find(table);
        rows.push_back(
            {table, engine == server_.engines.end() ? "InnoDB" : engine->second,
             absl::StrCat(count), "16384", "0"});
      }
      return rows;
    }
    if (absl::StrContains(sql, "TRIGGERS")) {
      return Column(server_.triggers[name]);
    }
    if (absl::StrContains(sql, "REFERENTIAL")) {
      return Column(server_.keys[name]);
    }
    if (absl::StrContains(sql, "ROUTINES")) return Rows{{"0"}};
    if (absl::StrContains(sql, "USER_PRIVILEGES")) {
      return server_.process ? Rows{{"PROCESS"}} : Rows();
    }
    if (absl::StrContains(sql, "PROCESSLIST")) {
      Rows rows;
      if (server_.sessions_seen == 0) server_.sessions.clear();
      if (server_.sessions_seen > 0) --server_.sessions_seen;
      for (const std::string& user : server_.sessions) {
        rows.push_back({"7", user, "node1:4711"});
      }
      return rows;
    }
    if (absl::StrContains(sql, "COLUMNS")) {
      const bool yes = absl::StrContains(sql, "'lft'")     ? server_.lft
                       : absl::StrContains(sql, "'flags'") ? server_.flags
                                                           : true;
      return yes ? Rows{{"1"}} : Rows();
    }
    return absl::InternalError(absl::StrCat("fake: ", sql));
  }

  absl::StatusOr<Rows> Change(const std::string& sql) {
    const std::vector<std::string> names = Names(sql);
    if (absl::StrContains(sql, "assocsync_no_such_table")) {
      return server_.denied
                 ? absl::PermissionDeniedError("MariaDB error 1142: denied")
                 : absl::InternalError("MariaDB error 1146: no such table");
    }
    server_.statements.push_back(sql);
    if (absl::StartsWith(sql, "CREATE DATABASE")) {
      if (server_.databases.contains(names[0])) {
        return absl::InternalError("MariaDB error 1007: exists");
      }
      server_.databases[names[0]];
    } else if (absl::StartsWith(sql, "CREATE TABLE")) {
      server_.databases[names[0]][names[1]] = 1;
      server_.notes[names[0]] = Quoted(sql, "SELECT ");
    } else if (absl::StartsWith(sql, "DROP DATABASE")) {
      server_.databases.erase(names[0]);
      server_.notes.erase(names[0]);
    } else if (absl::StartsWith(sql, "ALTER TABLE ")) {
      return Rows();
    } else if (!absl::StartsWith(sql, "RENAME TABLE ")) {
      return absl::InternalError(absl::StrCat("fake: ", sql));
    } else {
      auto after = server_.databases;
      for (size_t i = 0; i + 3 < names.size(); i += 4) {
        const auto table = after[names[i]].find(names[i + 1]);
        if (table == after[names[i]].end() ||
            after[names[i + 2]].contains(names[i + 3])) {
          return absl::InternalError("MariaDB error 1050: no or exists");
        }
        const uint64_t rows = table->second;
        after[names[i]].erase(table);
        after[names[i + 2]][names[i + 3]] = rows;
      }
      server_.databases = after;  // All or nothing.
    }
    return Rows();
  }

  FakeServer& server_;
  std::string database_;
  bool broken_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> FakeServer::Connect() {
  if (refuses_connections && dies_at > 0 && count >= dies_at) {
    return absl::UnavailableError("MariaDB error 2003: Can't connect");
  }
  return std::make_unique<Connection>(this);
}

}  // namespace assocsync
