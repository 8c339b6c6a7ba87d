#include "engine/backup/dump_tables.h"

#include <sys/stat.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/backup/sql_counter.h"
#include "engine/backup/sql_lexer.h"
#include "engine/backup/sql_reader.h"
#include "engine/base/file_kind.h"
#include "engine/base/status.h"
#include "engine/io/database.h"
#include "engine/io/mapped_file.h"
#include "engine/io/uncompress.h"
#include "engine/live/database_schema.h"

namespace assocsync {
namespace {

using absl::string_view;

// Rows of one table that are not marked deleted, their values one behind the
// other: a size, kNull for NULL, and the bytes.
class Rows {
 public:
  static constexpr uint32_t kNull = ~uint32_t{0};

  explicit Rows(std::vector<std::string> columns)
      : columns_(std::move(columns)) {}

  const std::vector<std::string>& columns() const { return columns_; }
  std::optional<size_t> Find(string_view column) const {
    const auto at = absl::c_find(columns_, column);
    if (at == columns_.end()) return std::nullopt;
    return static_cast<size_t>(at - columns_.begin());
  }

  void Append(absl::Span<const Database::Value> values) {
    for (const Database::Value& value : values) {
      const auto size =
          value.has_value() ? static_cast<uint32_t>(value->size()) : kNull;
      bytes_.append(reinterpret_cast<const char*>(&size), sizeof size);
      if (value.has_value()) bytes_.append(value->data(), value->size());
    }
  }

  // Calls f(all values of a row) for each.
  template <typename F>
  absl::Status ForEach(F f) const {
    std::vector<Database::Value> values(columns_.size());
    for (size_t at = 0; at < bytes_.size();) {
      for (Database::Value& value : values) {
        uint32_t size;
        std::memcpy(&size, bytes_.data() + at, sizeof size);
        at += sizeof size;
        value.reset();
        if (size == kNull) continue;
        value = string_view(bytes_).substr(at, size);
        at += size;
      }
      RETURN_IF_ERROR(f(absl::MakeConstSpan(values)));
    }
    return absl::OkStatus();
  }

 private:
  const std::vector<std::string> columns_;
  std::string bytes_;
};

// What is read of a dump, as it comes.
class Gatherer : public SqlCounter {
 public:
  const Rows* Find(string_view table) const {
    const auto found = tables_.find(table);
    return found == tables_.end() ? nullptr : &found->second;
  }
  TableColumns Columns() const {
    TableColumns columns = others_;
    for (const auto& [table, rows] : tables_) {
      columns[table].insert(rows.columns().begin(), rows.columns().end());
    }
    return columns;
  }

  absl::Status OnTable(const SqlRows& at, const SqlTable& table) override {
    std::vector<std::string> columns;
    for (const SqlColumn& column : table.columns) {
      columns.push_back(absl::AsciiStrToLower(column.name));
    }
    if (!IsOfState(table.name)) {
      others_[table.name].insert(columns.begin(), columns.end());
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(OneDatabase(at.database));
    tables_.emplace(table.name, Rows(std::move(columns)));
    return absl::OkStatus();
  }

  absl::Status OnUnreadableTable(string_view table,
                                 const absl::Status& why) override {
    return IsOfState(table) ? why : absl::OkStatus();
  }

  bool WantsRows(const SqlRows& rows) override { return IsOfState(rows.table); }

  absl::Status OnRow(const SqlRows& at,
                     absl::Span<const SqlValue> values) override {
    RETURN_IF_ERROR(OneDatabase(at.database));
    Rows& rows = tables_.at(at.table);
    if (at != order_of_) RETURN_IF_ERROR(Order(at, rows));
    if (values.size() != order_.size()) {
      return absl::FailedPreconditionError("a row of another width");
    }
    row_.assign(rows.columns().size(), std::nullopt);
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i].kind == SqlValue::Kind::kNull) continue;
      // latin1 and what the server makes of it differ beyond ASCII.
      if (at.charset == "latin1" && values[i].kind == SqlValue::Kind::kString &&
          absl::c_any_of(values[i].text, [](char c) {
            return static_cast<signed char>(c) < 0;
          })) {
        return absl::FailedPreconditionError(
            "a text in latin1; dump with --default-character-set=utf8mb4");
      }
      row_[order_[i]] = values[i].text;
    }
    const auto deleted = rows.Find("deleted");
    if (deleted.has_value() && row_[*deleted] != "0") return absl::OkStatus();
    rows.Append(row_);
    return absl::OkStatus();
  }

 private:
  absl::Status OneDatabase(const std::string& database) {
    if (!database_.has_value()) database_ = database;
    if (*database_ == database) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat("tables of Slurm in two databases, ", *database_, " and ",
                     database, "; dump the one that is meant"));
  }

  // Which columns the values of a row are of.
  absl::Status Order(const SqlRows& at, const Rows& rows) {
    order_of_ = at;
    order_.clear();
    if (at.columns.empty()) {
      order_.resize(rows.columns().size());
      absl::c_iota(order_, size_t{0});
    }
    for (const std::string& name : at.columns) {
      const auto found = rows.Find(absl::AsciiStrToLower(name));
      if (!found.has_value()) {
        return absl::FailedPreconditionError(
            absl::StrCat(at.table, " has no column ", name));
      }
      order_.push_back(*found);
    }
    return absl::OkStatus();
  }

  absl::btree_map<std::string, Rows, std::less<>> tables_;
  TableColumns others_;
  std::optional<std::string> database_;
  SqlRows order_of_;
  std::vector<size_t> order_;
  std::vector<Database::Value> row_;
};

// Answers what ReadTables asks, and nothing else:
//   SELECT column[, column]... FROM table WHERE deleted=0 [AND condition]...
// where a condition is column='text' or column<>'text'.
class DumpDatabase : public Database {
 public:
  explicit DumpDatabase(const Gatherer& dump) : dump_(dump) {}

  absl::Status ForEachRow(string_view sql, RowSink sink) override {
    RETURN_IF_ERROR(Understand(sql));
    std::vector<Value> shown(shown_.size());
    return rows_->ForEach([&](absl::Span<const Value> row) -> absl::Status {
      for (const Condition& condition : conditions_) {
        const Value& value = row[condition.column];
        // Of NULL neither is true.
        if (!value.has_value() ||
            (*value == condition.text) != condition.equal) {
          return absl::OkStatus();
        }
      }
      for (size_t i = 0; i < shown_.size(); ++i) shown[i] = row[shown_[i]];
      return sink(shown);
    });
  }

 private:
  struct Condition {
    size_t column;
    bool equal;
    std::string text;
  };

  absl::Status Understand(string_view sql) {
    SqlLexer lexer;
    SqlText in{sql, 0, /*final=*/true};
    std::vector<SqlToken> tokens;
    while (!in.ended()) {
      SqlToken token;
      ASSIGN_OR_RETURN(const SqlStep step,
                       lexer.Next(
                           &in, [](string_view) {}, &token));
      if (step != SqlStep::kDone || token.kind == SqlToken::Kind::kEnd) break;
      tokens.push_back(std::move(token));
    }
    const auto is = [&](size_t at, string_view word) {
      return at < tokens.size() && tokens[at].Is(word);
    };
    const auto from = absl::c_find_if(
        tokens, [](const SqlToken& token) { return token.Is("FROM"); });
    const auto table = static_cast<size_t>(from - tokens.begin()) + 1;
    if (!is(0, "SELECT") || table + 1 >= tokens.size() ||
        !is(table + 1, "WHERE")) {
      return Unasked(sql);
    }
    rows_ = dump_.Find(tokens[table].text);
    if (rows_ == nullptr) {
      return absl::FailedPreconditionError(
          absl::StrCat("the dump has no table ", tokens[table].text));
    }
    shown_.clear();
    for (size_t i = 1; i + 1 < table; i += 2) {
      const auto column = rows_->Find(tokens[i].text);
      if (!column.has_value() || !(is(i + 1, ",") || is(i + 1, "FROM"))) {
        return Unasked(sql);
      }
      shown_.push_back(*column);
    }
    conditions_.clear();
    for (size_t i = table + 2; i < tokens.size();) {
      const auto column = rows_->Find(tokens[i].text);
      const bool unequal = is(i + 1, "<") && is(i + 2, ">");
      const size_t value = i + (unequal ? 3 : 2);
      if (!column.has_value() || (!unequal && !is(i + 1, "=")) ||
          value >= tokens.size()) {
        return Unasked(sql);
      }
      conditions_.push_back({*column, !unequal, tokens[value].text});
      if (value + 1 < tokens.size() && !is(value + 1, "AND")) {
        return Unasked(sql);
      }
      i = value + 2;
    }
    return absl::OkStatus();
  }

  static absl::Status Unasked(string_view sql) {
    return absl::InternalError(absl::StrCat("not asked of a dump: ", sql));
  }

  const Gatherer& dump_;
  const Rows* rows_ = nullptr;
  std::vector<size_t> shown_;
  std::vector<Condition> conditions_;
};

std::string InWords(string_view name) {
  return absl::StrCat(name, ", an SQL dump");
}

// Reads the tables that make a state.
absl::Status Gather(string_view name, string_view bytes, Gatherer* dump) {
  constexpr size_t kPiece = size_t{1} << 20;
  SqlReader reader(dump);
  absl::Status status;
  if (const FileKind kind = KindOf(bytes); IsCompressed(kind)) {
    status =
        UncompressTo(name, kind, bytes, ~uint64_t{0},
                     [&](string_view piece) { return reader.Feed(piece); });
  } else {
    while (status.ok() && !bytes.empty()) {
      const string_view piece = bytes.substr(0, kPiece);
      status = reader.Feed(piece);
      bytes.remove_prefix(piece.size());
    }
  }
  if (status.ok()) status = reader.Finish().status();
  return Annotate(status, InWords(name));
}

class DumpSource : public LiveSource {
 public:
  DumpSource(std::string path, std::optional<Release> release)
      : path_(std::move(path)), release_(release) {}

  absl::StatusOr<LiveState> Read(string_view cluster) override {
    ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path_));
    return LiveOfDump(path_, file.text(), cluster, release_);
  }
  absl::StatusOr<std::vector<std::string>> Clusters() override {
    ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path_));
    return ClustersOfDump(path_, file.text());
  }
  std::string Origin() const override { return path_; }

 private:
  const std::string path_;
  const std::optional<Release> release_;
};

}  // namespace

absl::StatusOr<DatabaseRead> ReadDump(string_view name, string_view bytes,
                                      string_view cluster, bool fold_users) {
  Gatherer dump;
  RETURN_IF_ERROR(Gather(name, bytes, &dump));
  DumpDatabase database(dump);
  absl::StatusOr<DatabaseRead> read =
      ReadTables(database, dump.Columns(), cluster, fold_users);
  if (!read.ok()) return Annotate(read.status(), InWords(name));
  return read;
}

bool IsSqlDump(string_view bytes) {
  const FileKind kind = KindOf(bytes);
  return (IsCompressed(kind) ? KindInside(kind, bytes) : kind) ==
         FileKind::kSqlDump;
}

absl::StatusOr<std::optional<MappedFile>> OpenSqlDump(const std::string& path) {
  struct stat st;
  if (stat(path.c_str(), &st) != 0 || !S_ISREG(st.st_mode)) return std::nullopt;
  ASSIGN_OR_RETURN(MappedFile file, MappedFile::Open(path));
  if (!IsSqlDump(file.text())) return std::nullopt;
  return file;
}

absl::StatusOr<LiveState> LiveOfDump(string_view name, string_view bytes,
                                     string_view cluster,
                                     std::optional<Release> release) {
  ASSIGN_OR_RETURN(DatabaseRead read,
                   ReadDump(name, bytes, cluster, /*fold_users=*/true));
  read.release = release.value_or(read.schema.behaviour().since);
  return LiveState(std::move(read));
}

absl::StatusOr<std::vector<std::string>> ClustersOfDump(string_view name,
                                                        string_view bytes) {
  Gatherer dump;
  RETURN_IF_ERROR(Gather(name, bytes, &dump));
  DumpDatabase database(dump);
  absl::StatusOr<std::vector<std::string>> names =
      FirstColumn(database, "SELECT name FROM cluster_table WHERE deleted=0");
  if (!names.ok()) return Annotate(names.status(), InWords(name));
  absl::c_sort(*names);
  return names;
}

std::unique_ptr<LiveSource> LiveFromDump(std::string path,
                                         std::optional<Release> release) {
  return std::make_unique<DumpSource>(std::move(path), release);
}

}  // namespace assocsync
