// What is asked of any Database; database.cc holds the real connection.
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/base/status.h"
#include "engine/io/database.h"
#include "engine/io/digest.h"
#include "engine/io/stop.h"

namespace assocsync {
namespace {

// The server's own limit.
constexpr size_t kMaxLockName = 64;
constexpr absl::Duration kHurry = absl::Milliseconds(500);

absl::StatusOr<uint64_t> Number(const Database::Value& value) {
  uint64_t number = 0;
  if (!value.has_value() || !absl::SimpleAtoi(*value, &number)) {
    return absl::InternalError(absl::StrCat(
        "the server answered '", value.value_or("NULL"), "', not a number"));
  }
  return number;
}

absl::StatusOr<uint64_t> RowsOf(Database& database, const std::string& table) {
  ASSIGN_OR_RETURN(
      const auto rows,
      Scalar(database, absl::StrCat("SELECT COUNT(*) FROM ", SqlName(table))));
  return Number(rows);
}

absl::Status CheckLockName(absl::string_view name) {
  if (!name.empty() && name.size() <= kMaxLockName) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "'", name, "': the name of a lock has 1 to ", kMaxLockName, " bytes"));
}

}  // namespace

DatabaseOptions DatabaseOptions::ForCleanup() const {
  DatabaseOptions cleanup = *this;
  cleanup.stop = nullptr;
  if (!CheckStop(stop).ok()) cleanup.SetTimeout(kHurry);
  return cleanup;
}

std::string DatabaseOptions::Describe() const {
  const std::string what = absl::StrCat("database ", database);
  if (!defaults_file.empty()) {
    return absl::StrCat(what, " as ", defaults_file, " says");
  }
  const std::string where =
      !socket.empty()
          ? socket
          : absl::StrCat(host.empty() ? "localhost" : host, ":", port);
  return absl::StrCat(what, " at ", where, " as ",
                      user.empty() ? "the current user" : user);
}

absl::StatusOr<std::vector<Database::Row>> Database::Query(
    absl::string_view sql) {
  std::vector<Row> rows;
  RETURN_IF_ERROR(ForEachRow(sql, [&](absl::Span<const Value> values) {
    Row row;
    for (const Value& value : values) {
      row.push_back(value.has_value() ? std::optional(std::string(*value))
                                      : std::nullopt);
    }
    rows.push_back(std::move(row));
    return absl::OkStatus();
  }));
  return rows;
}

absl::Status Database::Execute(absl::string_view sql) {
  return ForEachRow(sql,
                    [](absl::Span<const Value>) { return absl::OkStatus(); });
}

bool LostServer(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsCancelled(status);
}

std::string SqlString(absl::string_view text) {
  return absl::StrCat(
      "'",
      absl::StrReplaceAll(
          text,
          {{"\\", "\\\\"}, {"'", "''"}, {absl::string_view("\0", 1), "\\0"}}),
      "'");
}

std::string SqlName(absl::string_view name) {
  return absl::StrCat("`", absl::StrReplaceAll(name, {{"`", "``"}}), "`");
}

std::string LockOf(absl::string_view name) {
  constexpr absl::string_view kOurs = "assocsync/";
  return absl::StrCat(kOurs, kOurs.size() + name.size() <= kMaxLockName
                                 ? std::string(name)
                                 : Sha256Hex(name).substr(0, 40));
}

absl::Status TryLock(Database& database, absl::string_view name) {
  RETURN_IF_ERROR(CheckLockName(name));
  ASSIGN_OR_RETURN(const auto got,
                   Scalar(database, absl::StrCat("SELECT GET_LOCK(",
                                                 SqlString(name), ", 0)")));
  if (got == "1") return absl::OkStatus();
  if (!got.has_value()) {
    return absl::InternalError(
        absl::StrCat("the server could not take the lock '", name, "'"));
  }
  ASSIGN_OR_RETURN(const auto holder,
                   Scalar(database, absl::StrCat("SELECT IS_USED_LOCK(",
                                                 SqlString(name), ")")));
  return absl::FailedPreconditionError(absl::StrCat(
      "another assocsync holds the lock '", name, "' of this database",
      holder.has_value() ? absl::StrCat(" (connection ", *holder, ")") : "",
      "; wait until it is done"));
}

absl::Status Unlock(Database& database, absl::string_view name) {
  RETURN_IF_ERROR(CheckLockName(name));
  return database.Execute(
      absl::StrCat("DO RELEASE_LOCK(", SqlString(name), ")"));
}

absl::Status InSnapshot(Database& database,
                        absl::FunctionRef<absl::Status()> read) {
  RETURN_IF_ERROR(database.Execute(
      "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"));
  const absl::Status status = read();
  // Also after an error: an open snapshot makes the server keep old rows.
  const absl::Status ended = database.Execute("COMMIT");
  return status.ok() ? ended : status;
}

absl::StatusOr<std::optional<std::string>> Scalar(Database& database,
                                                  absl::string_view sql) {
  ASSIGN_OR_RETURN(const std::vector<Database::Row> rows, database.Query(sql));
  if (rows.size() != 1 || rows[0].size() != 1) {
    return absl::InternalError(
        absl::StrCat("the server gave no single answer to: ", sql));
  }
  return rows[0][0];
}

absl::StatusOr<std::vector<std::string>> FirstColumn(Database& database,
                                                     absl::string_view sql) {
  ASSIGN_OR_RETURN(const std::vector<Database::Row> rows, database.Query(sql));
  std::vector<std::string> words;
  for (const Database::Row& row : rows) {
    words.push_back(row.empty() ? "" : row[0].value_or(""));
  }
  return words;
}

absl::StatusOr<std::vector<TableSize>> TableSizes(Database& database,
                                                  absl::string_view schema) {
  std::vector<TableSize> tables;
  const std::string sql = absl::StrCat(
      "SELECT TABLE_NAME, COALESCE(ENGINE, ''), COALESCE(TABLE_ROWS, 0),"
      " COALESCE(DATA_LENGTH, 0), COALESCE(INDEX_LENGTH, 0)"
      " FROM information_schema.TABLES WHERE TABLE_SCHEMA = ",
      SqlString(schema), " AND TABLE_TYPE = 'BASE TABLE'");
  RETURN_IF_ERROR(
      database.ForEachRow(sql, [&](absl::Span<const Database::Value> row) {
        if (row.size() != 5 || !row[0].has_value() || !row[1].has_value()) {
          return absl::InternalError("unexpected answer about the tables");
        }
        TableSize table;
        table.name = std::string(*row[0]);
        table.engine = std::string(*row[1]);
        ASSIGN_OR_RETURN(table.rows, Number(row[2]));
        ASSIGN_OR_RETURN(table.data_bytes, Number(row[3]));
        ASSIGN_OR_RETURN(table.index_bytes, Number(row[4]));
        tables.push_back(std::move(table));
        return absl::OkStatus();
      }));
  absl::c_sort(tables, [](const TableSize& a, const TableSize& b) {
    return a.name < b.name;
  });
  return tables;
}

absl::StatusOr<RowCounts> CountRows(Database& database,
                                    const std::vector<std::string>& tables) {
  RowCounts counts;
  RETURN_IF_ERROR(InSnapshot(database, [&]() -> absl::Status {
    for (const std::string& table : tables) {
      ASSIGN_OR_RETURN(
          counts[table],
          Annotate(RowsOf(database, table), absl::StrCat("counting ", table)));
    }
    return absl::OkStatus();
  }));
  return counts;
}

absl::StatusOr<std::string> ServerVersion(Database& database) {
  ASSIGN_OR_RETURN(auto version, Scalar(database, "SELECT VERSION()"));
  return version.value_or("");
}

}  // namespace assocsync
