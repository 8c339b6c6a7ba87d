// The definition of a table, as a value: read from the CREATE TABLE of a dump,
// written as a statement of assocsync's own. What cannot be said here cannot
// get from a dump to a server. Pure.
#ifndef ASSOCSYNC_ENGINE_BACKUP_SQL_TABLE_H_
#define ASSOCSYNC_ENGINE_BACKUP_SQL_TABLE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/backup/sql_lexer.h"

namespace assocsync {

struct SqlColumn {
  std::string name;
  // One of a list, with its sizes: "bigint(20) unsigned", "tinytext".
  std::string type;
  // Names of letters, digits and '_'; empty: those of the table.
  std::string charset, collation;
  bool not_null = false;
  bool null = false;  // Said outright, as timestamps need it.
  enum class Default {
    kNone,
    kNull,
    kNumber,
    kString,
    kNow
  } default_kind = Default::kNone;
  std::string default_value;  // Of kNumber and kString; of kNow its precision.
  std::optional<std::string> on_update_now;  // The same precision.
  bool auto_increment = false;
  std::string comment;
  friend bool operator==(const SqlColumn&, const SqlColumn&) = default;
};

struct SqlKey {
  enum class Kind { kPrimary, kUnique, kPlain } kind = Kind::kPlain;
  std::string name;  // Empty: kPrimary, or the server's choice.
  struct Part {
    std::string column;
    uint32_t prefix = 0;  // Characters; 0: all.
    friend bool operator==(const Part&, const Part&) = default;
  };
  std::vector<Part> parts;
  friend bool operator==(const SqlKey&, const SqlKey&) = default;
};

// Of engine InnoDB, always.
struct SqlTable {
  std::string name;
  std::vector<SqlColumn> columns;  // At least one.
  std::vector<SqlKey> keys;
  std::string charset, collation;  // Empty: the server's.
  std::string row_format;          // "DYNAMIC"; empty: the server's.
  uint32_t key_block_size = 0;     // Of compressed tables; 0: not said.
  std::optional<uint64_t> auto_increment;
  std::string comment;
  friend bool operator==(const SqlTable&, const SqlTable&) = default;
};

// The tokens of a statement, from CREATE up to its end (not among them).
// kFailedPrecondition naming the byte and what it is that cannot be said in a
// SqlTable: other engines and options (DATA DIRECTORY), generated columns,
// expressions, constraints, partitions, types that are not in the list.
absl::StatusOr<SqlTable> ParseSqlTable(absl::Span<const SqlToken> tokens);

// CREATE TABLE of exactly that, on one line, every name quoted.
std::string CreateStatement(const SqlTable& table);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_SQL_TABLE_H_
