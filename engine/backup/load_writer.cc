#include "engine/backup/load_writer.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/backup/client_tool.h"
#include "engine/backup/slurm_tables.h"
#include "engine/base/status.h"

namespace assocsync {
namespace {

// Backslashes escape, quotes are quotes, what does not fit is an error, and an
// id of 0 stays 0.
constexpr absl::string_view kMode =
    "STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION";
// Longer statements load no faster.
constexpr size_t kStatement = size_t{4} << 20;
// What the protocol adds to a statement, with room to spare.
constexpr size_t kSpare = 1024;

// A literal that means exactly these bytes in every charset of SqlSession.
void AppendQuoted(absl::string_view text, std::string* sql) {
  sql->push_back('\'');
  while (!text.empty()) {
    const size_t plain = std::min(
        text.find_first_of(absl::string_view("'\\\0", 3)), text.size());
    sql->append(text.data(), plain);
    if (plain == text.size()) break;
    sql->push_back('\\');
    sql->push_back(text[plain] == '\0' ? '0' : text[plain]);
    text.remove_prefix(plain + 1);
  }
  sql->push_back('\'');
}

void AppendLiteral(const SqlValue& value, std::string* sql) {
  switch (value.kind) {
    case SqlValue::Kind::kNull:
      sql->append("NULL");
      return;
    case SqlValue::Kind::kNumber:
      sql->append(value.text.data(), value.text.size());
      return;
    case SqlValue::Kind::kBytes:
      sql->append("_binary");
      break;
    case SqlValue::Kind::kString:
      break;
  }
  AppendQuoted(value.text, sql);
}

absl::StatusOr<std::string> Variable(Database& database,
                                     absl::string_view name) {
  ASSIGN_OR_RETURN(const auto value,
                   Scalar(database, absl::StrCat("SELECT @@session.", name)));
  if (value.has_value()) return *value;
  return absl::InternalError(
      absl::StrCat("the server does not tell its ", name));
}

// OK where a variable of the session `is` what it was set to.
absl::Status WasSet(bool good, absl::string_view name, absl::string_view is,
                    absl::string_view value) {
  if (good) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the server's ", name, " is '", is, "', it was set to '",
                   value, "'; nothing is loaded"));
}

absl::Status Classified(const absl::Status& status) {
  return SaysDiskIsFull(status.message())
             ? absl::ResourceExhaustedError(status.message())
             : status;
}

}  // namespace

absl::Status CharsetIsSaid(const SqlRows& rows) {
  if (!rows.charset.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "rows of ", rows.table,
      ", and the text does not say (SET NAMES) in which charset they are"));
}

absl::Status LoadWriter::Start() {
  // The server orders the words of a mode in its own way.
  RETURN_IF_ERROR(database_.Execute(
      absl::StrCat("SET SESSION sql_mode = ", SqlString(kMode))));
  ASSIGN_OR_RETURN(const std::string mode, Variable(database_, "sql_mode"));
  RETURN_IF_ERROR(WasSet(absl::StrContains(mode, "STRICT_ALL_TABLES") &&
                             !absl::StrContains(mode, "ANSI_QUOTES") &&
                             !absl::StrContains(mode, "NO_BACKSLASH_ESCAPES"),
                         "sql_mode", mode, kMode));
  ASSIGN_OR_RETURN(own_time_zone_, Variable(database_, "time_zone"));
  ASSIGN_OR_RETURN(const std::string packet,
                   Variable(database_, "max_allowed_packet"));
  if (!absl::SimpleAtoi(packet, &max_packet_) || max_packet_ < 2 * kSpare) {
    return absl::InternalError(
        absl::StrCat("the server's max_allowed_packet is '", packet, "'"));
  }
  max_packet_ -= kSpare;
  max_statement_ = std::min(kStatement, max_packet_);
  sql_.reserve(max_statement_);
  // Unique keys are checked: without that, and in one transaction for a table,
  // MariaDB (10.11) sorts what fills an empty table and needs twice the time.
  return database_.Execute(
      "SET SESSION autocommit = 1, unique_checks = 1, foreign_key_checks = 0");
}

absl::StatusOr<bool> LoadWriter::LeaveOut(absl::string_view table) {
  if (IsSlurmTable(table, options_.newer_release)) return false;
  RETURN_IF_ERROR(Pass(absl::StrCat("table ", table)));
  return true;
}

absl::Status LoadWriter::Pass(const std::string& what) {
  if (options_.leave_out_others) {
    left_out_.insert(what);
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("the dump holds ", what, ", which is none of slurmdbd's"));
}

absl::Status LoadWriter::OnTable(const SqlRows& at, const SqlTable& table) {
  ASSIGN_OR_RETURN(const bool leave_out, LeaveOut(table.name));
  if (leave_out) return absl::OkStatus();
  RETURN_IF_ERROR(Flush());
  if (!at.charset.empty()) RETURN_IF_ERROR(Adopt(at));
  return Annotate(Classified(database_.Execute(CreateStatement(table))),
                  absl::StrCat("making table ", table.name));
}

absl::Status LoadWriter::OnUnreadableTable(absl::string_view table,
                                           const absl::Status& why) {
  ASSIGN_OR_RETURN(const bool leave_out, LeaveOut(table));
  return leave_out ? absl::OkStatus() : why;
}

absl::Status LoadWriter::OnObject(const SqlObject& object) {
  return Pass(object.ToString());
}

absl::Status LoadWriter::OnDatabase(absl::string_view database) {
  if (!database.empty() && database == options_.uses) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the dump chooses its database itself (", database,
                   "); make one of slurmdbd's alone, without --databases or "
                   "--all-databases"));
}

absl::Status LoadWriter::Adopt(const SqlRows& rows) {
  const std::string& zone =
      rows.time_zone.empty() ? own_time_zone_ : rows.time_zone;
  if (rows.charset == charset_ && zone == time_zone_) return absl::OkStatus();
  // A server older than the name utf8mb3 has only the other one.
  absl::Status status =
      database_.Execute(absl::StrCat("SET NAMES ", rows.charset));
  if (!status.ok() && rows.charset == "utf8mb3") {
    status = database_.Execute("SET NAMES utf8");
  }
  RETURN_IF_ERROR(status);
  ASSIGN_OR_RETURN(std::string is, Variable(database_, "character_set_client"));
  if (is == "utf8") is = "utf8mb3";
  RETURN_IF_ERROR(
      WasSet(is == rows.charset, "character_set_client", is, rows.charset));
  RETURN_IF_ERROR(database_.Execute(
      absl::StrCat("SET SESSION time_zone = ", SqlString(zone))));
  ASSIGN_OR_RETURN(is, Variable(database_, "time_zone"));
  RETURN_IF_ERROR(WasSet(is == zone, "time_zone", is, zone));
  charset_ = rows.charset;
  time_zone_ = zone;
  return absl::OkStatus();
}

absl::Status LoadWriter::Begin(const SqlRows& rows) {
  RETURN_IF_ERROR(Flush());
  of_ = rows;
  passed_ = left_out_.contains(absl::StrCat("table ", rows.table));
  if (passed_) return absl::OkStatus();
  RETURN_IF_ERROR(CharsetIsSaid(rows));
  RETURN_IF_ERROR(Adopt(rows));
  head_ = absl::StrCat("INSERT INTO ", SqlName(rows.table));
  if (!rows.columns.empty()) {
    absl::StrAppend(&head_, " (",
                    absl::StrJoin(rows.columns, ",",
                                  [](std::string* out, const std::string& c) {
                                    absl::StrAppend(out, SqlName(c));
                                  }),
                    ")");
  }
  absl::StrAppend(&head_, " VALUES ");
  return absl::OkStatus();
}

absl::Status LoadWriter::OnRow(const SqlRows& rows,
                               absl::Span<const SqlValue> values) {
  if (rows != of_) RETURN_IF_ERROR(Begin(rows));
  if (passed_) return absl::OkStatus();
  row_.clear();
  for (const SqlValue& value : values) {
    row_.push_back(row_.empty() ? '(' : ',');
    AppendLiteral(value, &row_);
  }
  row_.push_back(')');
  if (head_.size() + row_.size() > max_packet_) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "a row of table ", rows.table, " has ", row_.size(),
        " bytes, more than the server's max_allowed_packet; raise it"));
  }
  if (sql_.size() + row_.size() >= max_statement_) RETURN_IF_ERROR(Flush());
  absl::StrAppend(&sql_, sql_.empty() ? head_ : ",", row_);
  return absl::OkStatus();
}

absl::Status LoadWriter::Flush() {
  if (sql_.empty()) return absl::OkStatus();
  const absl::Status status = Classified(database_.Execute(sql_));
  sql_.clear();
  return Annotate(status, head_.substr(0, 200));
}

}  // namespace assocsync
