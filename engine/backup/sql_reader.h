// Reads the text of an SQL dump (mariadb-dump, mysqldump, the joined files of
// mydumper) into values: definitions of tables and rows of literals. No byte of
// a dump is ever passed on; whoever wants to load one makes statements of their
// own from what is told here. Pure: bytes in, values out.
#ifndef ASSOCSYNC_ENGINE_BACKUP_SQL_READER_H_
#define ASSOCSYNC_ENGINE_BACKUP_SQL_READER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/backup/sql_lexer.h"
#include "engine/backup/sql_session.h"
#include "engine/backup/sql_table.h"

namespace assocsync {

struct SqlValue {
  enum class Kind {
    kNull,
    kNumber,  // "-1.5e3", as it stands
    kString,  // in the charset of the dump
    kBytes,   // bytes without a charset: 0x6162, X'6162', _binary 'ab'
  } kind = Kind::kNull;
  absl::string_view text;  // Of kBytes and kString: decoded.
};

struct SqlRows {
  std::string database;  // Of the last USE; empty without one.
  std::string table;
  std::vector<std::string> columns;  // Empty: all of the table, in its order.
  std::string charset;               // As SqlSession tells it.
  std::string time_zone;
  friend bool operator==(const SqlRows&, const SqlRows&) = default;
};

// What a dump may hold beside tables.
struct SqlObject {
  enum class Kind {
    kView,
    kTrigger,
    kProcedure,
    kFunction,
    kEvent
  } kind = Kind::kView;
  std::string name;
  std::string ToString() const;  // "view v"
};

// Told what is in the text, in its order. An error ends the reading and is
// returned; a kFailedPrecondition gets the byte put before it.
class SqlVisitor {
 public:
  virtual ~SqlVisitor() = default;
  // `at`: as for its rows; the charset is that of names and texts.
  virtual absl::Status OnTable(const SqlRows& at, const SqlTable& table) = 0;
  // A table that cannot be a SqlTable; `why` is ParseSqlTable's error.
  virtual absl::Status OnUnreadableTable(absl::string_view table,
                                         const absl::Status& why) = 0;
  // False: the rows of this INSERT are passed over without being told, and
  // without being counted. Only where they end is looked at, which takes a
  // fraction of the time.
  virtual bool WantsRows(const SqlRows& rows) {
    (void)rows;
    return true;
  }
  // The values live until it returns.
  virtual absl::Status OnRow(const SqlRows& rows,
                             absl::Span<const SqlValue> values) = 0;
  virtual absl::Status OnObject(const SqlObject& object) = 0;
  // USE, CREATE DATABASE: a dump of more than the tables of one database.
  virtual absl::Status OnDatabase(absl::string_view database) = 0;
};

struct DumpTable {
  bool created = false;  // has a CREATE TABLE
  uint64_t rows = 0;     // in all its INSERTs together
  friend bool operator==(const DumpTable&, const DumpTable&) = default;
};

struct DumpFacts {
  // By the database of the last USE statement (empty without one), and name.
  absl::btree_map<std::pair<std::string, std::string>, DumpTable> tables;
  // Of the header comments; may be empty.
  std::string server_version, database;
  // Local time of the host that made the dump, "2026-11-23 23:59:59"; empty
  // when the trailer does not say.
  std::string completed_on;
  uint64_t bytes = 0;
};

// Fed in pieces of any size; what it tells does not depend on where they are
// cut. The statements that it knows:
//
//   SET (sql_session.h); DROP TABLE|VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT IF
//   EXISTS; CREATE TABLE (sql_table.h); INSERT [IGNORE] INTO t [(columns)]
//   VALUES rows of literals; LOCK TABLES t WRITE; UNLOCK TABLES; ALTER TABLE t
//   DISABLE|ENABLE KEYS; COMMIT; START TRANSACTION; CREATE of views, triggers,
//   routines and events, which are named and passed over; USE and CREATE|ALTER
//   DATABASE; the client command DELIMITER
//
// Anything else is refused.
class SqlReader {
 public:
  explicit SqlReader(SqlVisitor* visitor) : visitor_(*visitor) {}

  // kFailedPrecondition with the byte at which the text says what is refused;
  // kDataLoss; the visitor's error. Every later call returns the same.
  absl::Status Feed(absl::string_view bytes);

  // Call once, last. kDataLoss when the text ends inside a statement, or when
  // its last line is not "-- Dump completed ...": both mean that the program
  // that made it did not get to its end.
  absl::StatusOr<DumpFacts> Finish();

 private:
  absl::Status Read(SqlText* in);
  absl::StatusOr<SqlStep> Statement(SqlText* in);
  absl::StatusOr<SqlStep> Row(SqlText* in);
  absl::StatusOr<SqlStep> Value(SqlText* in);
  absl::Status PassRows(SqlText* in);
  absl::StatusOr<SqlStep> Delimiter(SqlText* in);
  absl::Status EndStatement();
  absl::Status Create();
  absl::Status CreateTable();
  absl::Status BeginRows();
  SqlRows At(const std::string& table) const;
  absl::Status Judge();
  absl::Status Unknown(const SqlToken& token) const;
  void OnLineComment(absl::string_view text);

  SqlVisitor& visitor_;
  SqlLexer lexer_;
  SqlSession session_;
  DumpFacts facts_;
  absl::Status verdict_;
  std::string text_;     // What waits for more.
  uint64_t origin_ = 0;  // Of text_[0] in the whole.
  size_t enough_ = 0;    // Reading again pays from so many bytes on.

  std::vector<SqlToken> tokens_;  // Of the statement at hand.
  size_t token_bytes_ = 0;
  bool skipping_ = false;  // It is a body that is passed over.
  bool trailer_ = false;   // Nothing came after "-- Dump completed".

  enum class In {
    kStatement,
    kRows,
    kBetweenRows,
    kPassedRows
  } in_ = In::kStatement;
  // Of rows that are passed over: the quote that is open, and whether the next
  // byte in it is escaped; the byte before.
  char open_quote_ = 0;
  bool escaped_ = false;
  char before_ = 0;
  SqlRows rows_;
  size_t columns_ = 0;  // A row must have so many values; 0: not known.
  DumpTable* counted_ = nullptr;
  std::vector<SqlValue> values_;
  std::string decoded_;
  std::string database_;  // of USE
  absl::btree_map<std::pair<std::string, std::string>, size_t> widths_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_SQL_READER_H_
