#include "engine/backup/sql_table.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "engine/io/database.h"

namespace assocsync {
namespace {

using TokenKind = SqlToken::Kind;

// How many numbers may stand in parentheses behind a type.
struct Type {
  absl::string_view name;
  int numbers;
  bool integer = false;  // May be unsigned.
};
constexpr Type kTypes[] = {
    {"tinyint", 1, true}, {"smallint", 1, true}, {"mediumint", 1, true},
    {"int", 1, true},     {"bigint", 1, true},   {"float", 2, true},
    {"double", 2, true},  {"decimal", 2, true},  {"char", 1},
    {"varchar", 1},       {"binary", 1},         {"varbinary", 1},
    {"tinytext", 0},      {"text", 0},           {"mediumtext", 0},
    {"longtext", 0},      {"tinyblob", 0},       {"blob", 0},
    {"mediumblob", 0},    {"longblob", 0},       {"date", 0},
    {"time", 1},          {"datetime", 1},       {"timestamp", 1},
};
constexpr absl::string_view kRowFormats[] = {"DEFAULT", "DYNAMIC", "COMPACT",
                                             "REDUNDANT", "COMPRESSED"};
// The servers' own limits.
constexpr size_t kMaxName = 64 * 4;
constexpr size_t kMaxComment = 2048 * 4;
constexpr uint32_t kMaxNumber = 1'000'000;

bool IsIdentifier(absl::string_view text) {
  return !text.empty() && text.size() <= 64 && absl::c_all_of(text, [](char c) {
    return absl::ascii_isalnum(c) || c == '_';
  });
}

class Parser {
 public:
  explicit Parser(absl::Span<const SqlToken> tokens) : tokens_(tokens) {}

  absl::StatusOr<SqlTable> Table() {
    RETURN_IF_ERROR(Expect("CREATE TABLE"));
    if (Take("IF")) RETURN_IF_ERROR(Expect("NOT EXISTS"));
    ASSIGN_OR_RETURN(table_.name, QuotedName());
    RETURN_IF_ERROR(Expect("("));
    do {
      RETURN_IF_ERROR(Peek().kind == TokenKind::kName ? Column() : Key());
    } while (Take(","));
    RETURN_IF_ERROR(Expect(")"));
    while (Peek().kind != TokenKind::kEnd) {
      RETURN_IF_ERROR(Option());
      Take(",");
    }
    if (table_.columns.empty()) return Unexpected("a table without columns");
    return std::move(table_);
  }

 private:
  const SqlToken& Peek() const {
    static const SqlToken end;
    return at_ < tokens_.size() ? tokens_[at_] : end;
  }
  bool Take(absl::string_view word) {
    if (!Peek().Is(word)) return false;
    ++at_;
    return true;
  }
  absl::Status Unexpected(absl::string_view why) const {
    const uint64_t at = at_ < tokens_.size() ? tokens_[at_].at
                        : tokens_.empty()    ? 0
                                             : tokens_.back().at;
    return SqlRefused(
        at, absl::StrCat(Peek().ToString(), " in the definition of table ",
                         table_.name, ": ", why));
  }
  absl::Status Expect(absl::string_view words) {
    for (const absl::string_view word : absl::StrSplit(words, ' ')) {
      if (Take(word)) continue;
      return Unexpected(absl::StrCat("'", word, "' is expected"));
    }
    return absl::OkStatus();
  }
  // The word of an option, and the "=" that may stand behind it.
  bool TakeOption(absl::string_view word) {
    const bool taken = Take(word);
    if (taken) Take("=");
    return taken;
  }
  // What comes, where it is `good`; what is `expected` otherwise.
  absl::StatusOr<std::string> Text(bool good, absl::string_view expected) {
    if (!good) return Unexpected(expected);
    return tokens_[at_++].text;
  }
  absl::StatusOr<std::string> QuotedName() {
    if (Peek().kind != TokenKind::kName) {
      return Unexpected("a name is expected");
    }
    const std::string& name = Peek().text;
    return Text(!name.empty() && name.size() <= kMaxName &&
                    !absl::StrContains(name, '\0'),
                "no server has such a name");
  }
  absl::StatusOr<std::string> Identifier() {
    return Text(Peek().kind == TokenKind::kWord && IsIdentifier(Peek().text),
                "the name of a charset or collation is expected");
  }
  absl::StatusOr<uint64_t> Number(uint64_t max) {
    uint64_t number = 0;
    if (Peek().kind != TokenKind::kWord ||
        !absl::SimpleAtoi(Peek().text, &number) || number > max) {
      return Unexpected("a number is expected");
    }
    ++at_;
    return number;
  }
  absl::StatusOr<std::string> Comment() {
    return Text(
        Peek().kind == TokenKind::kString && Peek().text.size() <= kMaxComment,
        "a text is expected");
  }

  // `name` type attribute...
  absl::Status Column() {
    SqlColumn column;
    ASSIGN_OR_RETURN(column.name, QuotedName());
    ASSIGN_OR_RETURN(column.type, TypeOf());
    while (!Peek().Is(",") && !Peek().Is(")")) {
      RETURN_IF_ERROR(Attribute(&column));
    }
    table_.columns.push_back(std::move(column));
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> TypeOf() {
    const Type* type = absl::c_find_if(
        kTypes, [&](const Type& t) { return Peek().Is(t.name); });
    if (type == std::end(kTypes)) {
      return Unexpected("slurmdbd has no columns of such a type");
    }
    ++at_;
    std::string text(type->name);
    if (type->numbers > 0 && Take("(")) {
      std::vector<uint64_t> numbers;
      do {
        ASSIGN_OR_RETURN(const uint64_t number, Number(kMaxNumber));
        numbers.push_back(number);
      } while (static_cast<int>(numbers.size()) < type->numbers && Take(","));
      RETURN_IF_ERROR(Expect(")"));
      absl::StrAppend(&text, "(", absl::StrJoin(numbers, ","), ")");
    }
    if (type->integer && Take("unsigned")) absl::StrAppend(&text, " unsigned");
    if (type->integer && Take("zerofill")) absl::StrAppend(&text, " zerofill");
    return text;
  }

  absl::Status Attribute(SqlColumn* column) {
    if (Take("CHARACTER")) {
      RETURN_IF_ERROR(Expect("SET"));
      ASSIGN_OR_RETURN(column->charset, Identifier());
    } else if (Take("COLLATE")) {
      ASSIGN_OR_RETURN(column->collation, Identifier());
    } else if (Take("NOT")) {
      RETURN_IF_ERROR(Expect("NULL"));
      column->not_null = true;
    } else if (Take("NULL")) {
      column->null = true;
    } else if (Take("AUTO_INCREMENT")) {
      column->auto_increment = true;
    } else if (TakeOption("COMMENT")) {
      ASSIGN_OR_RETURN(column->comment, Comment());
    } else if (Take("ON")) {
      RETURN_IF_ERROR(Expect("UPDATE"));
      RETURN_IF_ERROR(Now(&column->on_update_now.emplace()));
    } else if (Take("DEFAULT")) {
      RETURN_IF_ERROR(Default(column));
    } else {
      return Unexpected("a column cannot have that here");
    }
    return absl::OkStatus();
  }

  absl::Status Default(SqlColumn* column) {
    using Default = SqlColumn::Default;
    const SqlToken& token = Peek();
    if (token.kind == TokenKind::kString) {
      column->default_kind = Default::kString;
      column->default_value = token.text;
      ++at_;
      return absl::OkStatus();
    }
    if (Take("NULL")) {
      column->default_kind = Default::kNull;
      return absl::OkStatus();
    }
    if (token.Is("CURRENT_TIMESTAMP")) {
      column->default_kind = Default::kNow;
      return Now(&column->default_value);
    }
    const bool minus = Take("-");
    double number = 0;
    const std::string& text = Peek().text;
    if (Peek().kind != TokenKind::kWord || text.empty() ||
        !absl::ascii_isdigit(text[0]) ||
        text.find_first_not_of("0123456789.eE") != std::string::npos ||
        !absl::SimpleAtod(text, &number)) {
      return Unexpected("a default must be a literal");
    }
    column->default_kind = Default::kNumber;
    column->default_value = absl::StrCat(minus ? "-" : "", text);
    ++at_;
    return absl::OkStatus();
  }

  // CURRENT_TIMESTAMP, CURRENT_TIMESTAMP(), CURRENT_TIMESTAMP(6)
  absl::Status Now(std::string* precision) {
    RETURN_IF_ERROR(Expect("CURRENT_TIMESTAMP"));
    if (!Take("(")) return absl::OkStatus();
    if (Take(")")) return absl::OkStatus();
    ASSIGN_OR_RETURN(const uint64_t digits, Number(6));
    *precision = absl::StrCat(digits);
    return Expect(")");
  }

  // PRIMARY KEY (...), UNIQUE KEY `n` (...), KEY `n` (...)
  absl::Status Key() {
    SqlKey key;
    if (Take("PRIMARY")) {
      key.kind = SqlKey::Kind::kPrimary;
    } else if (Take("UNIQUE")) {
      key.kind = SqlKey::Kind::kUnique;
    }
    if (!Take("KEY") && !Take("INDEX")) {
      return Unexpected("a column or a key is expected");
    }
    if (key.kind != SqlKey::Kind::kPrimary && Peek().kind == TokenKind::kName) {
      ASSIGN_OR_RETURN(key.name, QuotedName());
    }
    RETURN_IF_ERROR(Expect("("));
    do {
      SqlKey::Part part;
      ASSIGN_OR_RETURN(part.column, QuotedName());
      if (Take("(")) {
        ASSIGN_OR_RETURN(const uint64_t prefix, Number(kMaxNumber));
        part.prefix = static_cast<uint32_t>(prefix);
        RETURN_IF_ERROR(Expect(")"));
      }
      key.parts.push_back(std::move(part));
    } while (Take(","));
    RETURN_IF_ERROR(Expect(")"));
    if (Take("USING")) RETURN_IF_ERROR(Expect("BTREE"));
    table_.keys.push_back(std::move(key));
    return absl::OkStatus();
  }

  absl::Status Option() {
    if (TakeOption("ENGINE")) {
      return Take("InnoDB")
                 ? absl::OkStatus()
                 : Unexpected("slurmdbd's tables are of engine InnoDB");
    }
    if (TakeOption("AUTO_INCREMENT")) {
      ASSIGN_OR_RETURN(table_.auto_increment, Number(UINT64_MAX));
      return absl::OkStatus();
    }
    Take("DEFAULT");
    bool charset = TakeOption("CHARSET");
    if (!charset && Take("CHARACTER")) {
      RETURN_IF_ERROR(Expect("SET"));
      Take("=");
      charset = true;
    }
    if (charset) {
      ASSIGN_OR_RETURN(table_.charset, Identifier());
    } else if (TakeOption("COLLATE")) {
      ASSIGN_OR_RETURN(table_.collation, Identifier());
    } else if (TakeOption("ROW_FORMAT")) {
      for (const absl::string_view format : kRowFormats) {
        if (!Take(format)) continue;
        table_.row_format = std::string(format);
        return absl::OkStatus();
      }
      return Unexpected("no row format of InnoDB");
    } else if (TakeOption("KEY_BLOCK_SIZE")) {
      ASSIGN_OR_RETURN(const uint64_t size, Number(16));
      table_.key_block_size = static_cast<uint32_t>(size);
    } else if (TakeOption("COMMENT")) {
      ASSIGN_OR_RETURN(table_.comment, Comment());
    } else {
      return Unexpected("an option that slurmdbd's tables do not have");
    }
    return absl::OkStatus();
  }

  absl::Span<const SqlToken> tokens_;
  size_t at_ = 0;
  SqlTable table_;
};

// `option` and its value, where there is one.
void AppendIfAny(absl::string_view option, absl::string_view value,
                 std::string* sql) {
  if (!value.empty()) absl::StrAppend(sql, option, value);
}

std::string QuotedIfAny(absl::string_view text) {
  return text.empty() ? "" : SqlString(text);
}

void AppendColumn(const SqlColumn& column, std::string* sql) {
  using Default = SqlColumn::Default;
  absl::StrAppend(sql, SqlName(column.name), " ", column.type);
  AppendIfAny(" CHARACTER SET ", column.charset, sql);
  AppendIfAny(" COLLATE ", column.collation, sql);
  if (column.not_null) absl::StrAppend(sql, " NOT NULL");
  if (column.null) absl::StrAppend(sql, " NULL");
  const auto now = [](absl::string_view precision) {
    return absl::StrCat("CURRENT_TIMESTAMP(", precision, ")");
  };
  if (column.default_kind != Default::kNone) {
    const std::string& value = column.default_value;
    absl::StrAppend(sql, " DEFAULT ",
                    column.default_kind == Default::kNull     ? "NULL"
                    : column.default_kind == Default::kNumber ? value
                    : column.default_kind == Default::kString ? SqlString(value)
                                                              : now(value));
  }
  if (column.on_update_now.has_value()) {
    absl::StrAppend(sql, " ON UPDATE ", now(*column.on_update_now));
  }
  if (column.auto_increment) absl::StrAppend(sql, " AUTO_INCREMENT");
  AppendIfAny(" COMMENT ", QuotedIfAny(column.comment), sql);
}

void AppendKey(const SqlKey& key, std::string* sql) {
  // In the order of SqlKey::Kind.
  constexpr absl::string_view kKinds[] = {"PRIMARY ", "UNIQUE ", ""};
  absl::StrAppend(sql, kKinds[static_cast<size_t>(key.kind)], "KEY ");
  if (!key.name.empty()) absl::StrAppend(sql, SqlName(key.name), " ");
  const auto part = [](std::string* out, const SqlKey::Part& p) {
    absl::StrAppend(out, SqlName(p.column));
    if (p.prefix > 0) absl::StrAppend(out, "(", p.prefix, ")");
  };
  absl::StrAppend(sql, "(", absl::StrJoin(key.parts, ",", part), ")");
}

}  // namespace

absl::StatusOr<SqlTable> ParseSqlTable(absl::Span<const SqlToken> tokens) {
  return Parser(tokens).Table();
}

std::string CreateStatement(const SqlTable& table) {
  std::string sql = absl::StrCat("CREATE TABLE ", SqlName(table.name), " (");
  for (const SqlColumn& column : table.columns) {
    if (&column != &table.columns.front()) absl::StrAppend(&sql, ", ");
    AppendColumn(column, &sql);
  }
  for (const SqlKey& key : table.keys) {
    absl::StrAppend(&sql, ", ");
    AppendKey(key, &sql);
  }
  absl::StrAppend(&sql, ") ENGINE=InnoDB");
  if (table.auto_increment.has_value()) {
    absl::StrAppend(&sql, " AUTO_INCREMENT=", *table.auto_increment);
  }
  AppendIfAny(" DEFAULT CHARSET=", table.charset, &sql);
  AppendIfAny(" COLLATE=", table.collation, &sql);
  AppendIfAny(" ROW_FORMAT=", table.row_format, &sql);
  if (table.key_block_size > 0) {
    absl::StrAppend(&sql, " KEY_BLOCK_SIZE=", table.key_block_size);
  }
  AppendIfAny(" COMMENT=", QuotedIfAny(table.comment), &sql);
  return sql;
}

}  // namespace assocsync
