// Statements are gathered as tokens and judged when they end; only rows, which
// are nearly all of a dump, are read as they stand: one at a time, when the
// whole of it is at hand.
#include "engine/backup/sql_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/input_limits.h"
#include "engine/base/status.h"

namespace assocsync {
namespace {

using TokenKind = SqlToken::Kind;

constexpr absl::string_view kTrailer = "Dump completed";
// Of what is passed over, so much is kept: it has a name among the first.
constexpr size_t kKeptOfSkipped = 64;

// In the order of SqlObject::Kind.
constexpr absl::string_view kObjects[] = {"VIEW", "TRIGGER", "PROCEDURE",
                                          "FUNCTION", "EVENT"};

size_t Byte(char c) { return static_cast<unsigned char>(c); }

// In rows that are passed over, outside of quotes.
constexpr std::array<bool, 256> kEndsPlainRows = [] {
  std::array<bool, 256> table{};
  for (const unsigned char c : {'\'', '"', ';', '-', '/', '#'}) table[c] = true;
  return table;
}();

bool IsName(const SqlToken& token) {
  return token.kind == TokenKind::kName || token.kind == TokenKind::kWord;
}

// What says nothing of a table's rows. "@" stands for a name, "%" for the kind
// of an object.
constexpr absl::string_view kPassedOver[] = {"DROP % IF EXISTS @",
                                             "DROP % @",
                                             "LOCK TABLES @ WRITE",
                                             "UNLOCK TABLES",
                                             "ALTER TABLE @ DISABLE KEYS",
                                             "ALTER TABLE @ ENABLE KEYS",
                                             "COMMIT",
                                             "START TRANSACTION"};

bool Matches(absl::Span<const SqlToken> tokens, absl::string_view form) {
  const std::vector<absl::string_view> words = absl::StrSplit(form, ' ');
  return absl::c_equal(
      tokens, words, [](const SqlToken& token, absl::string_view word) {
        if (word == "@") return IsName(token);
        if (word != "%") return token.Is(word);
        return token.Is("TABLE") ||
               absl::c_any_of(kObjects, [&](absl::string_view object) {
                 return token.Is(object);
               });
      });
}

// A visitor's refusal, with the place that it does not know.
absl::Status Placed(uint64_t at, const absl::Status& status) {
  return absl::IsFailedPrecondition(status) &&
                 !absl::StartsWith(status.message(), "byte ")
             ? SqlRefused(at, status.message())
             : status;
}

}  // namespace

std::string SqlObject::ToString() const {
  return absl::StrCat(
      absl::AsciiStrToLower(kObjects[static_cast<size_t>(kind)]), " ", name);
}

absl::Status SqlReader::Feed(absl::string_view bytes) {
  if (!verdict_.ok()) return verdict_;
  facts_.bytes += bytes.size();
  if (in_ == In::kPassedRows && text_.empty()) {  // Most of a dump: no copy.
    SqlText in{bytes, origin_, /*final=*/false};
    verdict_ = PassRows(&in);
    if (!verdict_.ok()) return verdict_;
    origin_ += in.at;
    bytes.remove_prefix(in.at);
  }
  absl::StrAppend(&text_, bytes);
  if (text_.size() < enough_) return absl::OkStatus();
  SqlText in{text_, origin_, /*final=*/false};
  verdict_ = Read(&in);
  text_.erase(0, in.at);
  origin_ += in.at;
  // Read again at twice the size: a long row is not read once per piece.
  enough_ = text_.size() * 2;
  if (verdict_.ok() && text_.size() > kMaxSqlUnitBytes) {
    verdict_ = SqlRefused(origin_, absl::StrCat("a row or a word of more than ",
                                                kMaxSqlUnitBytes >> 20,
                                                " MiB: slurmdbd stores none"));
  }
  return verdict_;
}

absl::StatusOr<DumpFacts> SqlReader::Finish() {
  RETURN_IF_ERROR(verdict_);
  SqlText in{text_, origin_, /*final=*/true};
  RETURN_IF_ERROR(Read(&in));
  // As the lexer says it where it is left to find the end itself.
  if (lexer_.in_comment()) return SqlEndsInside("a comment");
  if (!in.ended() || in_ != In::kStatement || !tokens_.empty() || skipping_) {
    return SqlEndsInside("a statement");
  }
  if (!trailer_) {
    return absl::DataLossError(absl::StrCat(
        "the SQL text does not end with the line '-- ", kTrailer, "'"));
  }
  return std::move(facts_);
}

absl::Status SqlReader::Read(SqlText* in) {
  while (!in->ended()) {
    // What is not certain yet is read again from its beginning; blanks and
    // comments before it are done with.
    if (in_ == In::kPassedRows) {
      RETURN_IF_ERROR(PassRows(in));
      continue;
    }
    ASSIGN_OR_RETURN(const SqlStep step,
                     in_ == In::kStatement ? Statement(in) : Row(in));
    if (step == SqlStep::kNeedMore) break;
  }
  return absl::OkStatus();
}

// One token of a statement.
absl::StatusOr<SqlStep> SqlReader::Statement(SqlText* in) {
  SqlToken token;
  ASSIGN_OR_RETURN(
      const SqlStep step,
      lexer_.Next(
          in, [this](absl::string_view line) { OnLineComment(line); }, &token));
  if (step == SqlStep::kNeedMore) return step;
  if (token.kind == TokenKind::kEnd) {
    if (token.text.empty()) return SqlStep::kDone;  // Of the text.
    if (lexer_.in_comment()) return Unknown(token);
    RETURN_IF_ERROR(EndStatement());
    return SqlStep::kDone;
  }
  trailer_ = false;
  if (tokens_.empty() && token.Is("DELIMITER")) {
    return Delimiter(in);
  }
  if (skipping_ && tokens_.size() >= kKeptOfSkipped) return SqlStep::kDone;
  token_bytes_ += token.text.size();
  if (tokens_.size() >= kMaxSqlStatementTokens ||
      token_bytes_ > kMaxSqlStatementBytes) {
    return SqlRefused(token.at, "no statement of a dump is as long");
  }
  tokens_.push_back(std::move(token));
  if (tokens_.size() == 1 && lexer_.own_delimiter()) skipping_ = true;
  const SqlToken& first = tokens_[0];
  if (tokens_.size() == 1 || skipping_) {
    return SqlStep::kDone;
  }
  if (first.Is("CREATE") && !tokens_[1].Is("TABLE")) {
    // CREATE DATABASE, and what is named and passed over.
    skipping_ = true;
  } else if (first.Is("INSERT") && tokens_.back().Is("VALUES")) {
    RETURN_IF_ERROR(BeginRows());
  }
  return SqlStep::kDone;
}

// The rest of the line is what ends statements from here on.
absl::StatusOr<SqlStep> SqlReader::Delimiter(SqlText* in) {
  const absl::string_view rest = in->rest();
  const size_t end = std::min(rest.find('\n'), rest.size());
  if (end == rest.size() && !in->final) {
    in->at -= absl::string_view("DELIMITER").size();
    return SqlStep::kNeedMore;
  }
  const absl::string_view word =
      absl::StripAsciiWhitespace(rest.substr(0, end));
  if (word.size() > 8) return SqlRefused(in->place(), "no such delimiter");
  lexer_.SetDelimiter(word);
  in->at += end;
  return SqlStep::kDone;
}

absl::Status SqlReader::EndStatement() {
  const absl::Status status = tokens_.empty() ? absl::OkStatus() : Judge();
  tokens_.clear();
  token_bytes_ = 0;
  skipping_ = false;
  return status;
}

absl::Status SqlReader::Judge() {
  const SqlToken& first = tokens_[0];
  if (first.Is("SET") && !(skipping_ && tokens_.size() >= kKeptOfSkipped)) {
    return session_.Set(tokens_);
  }
  if (first.Is("CREATE")) return Create();
  if (first.Is("USE") && tokens_.size() == 2 && IsName(tokens_[1])) {
    database_ = tokens_[1].text;
    return Placed(first.at, visitor_.OnDatabase(database_));
  }
  if (first.Is("ALTER") && tokens_.size() > 2 && tokens_[1].Is("DATABASE")) {
    // The charset of a routine that stands beside it.
    return absl::OkStatus();
  }
  const bool known = absl::c_any_of(kPassedOver, [&](absl::string_view form) {
    return Matches(tokens_, form);
  });
  return known ? absl::OkStatus() : Unknown(first);
}

absl::Status SqlReader::Unknown(const SqlToken& token) const {
  std::string begin;
  for (size_t i = 0; i < std::min<size_t>(tokens_.size(), 6); ++i) {
    absl::StrAppend(&begin, begin.empty() ? "" : " ",
                    tokens_[i].kind == TokenKind::kString
                        ? "'...'"
                        : tokens_[i].text.substr(0, 40));
  }
  return SqlRefused(token.at,
                    absl::StrCat("'", begin,
                                 "': no statement that dumps of a Slurm "
                                 "database hold"));
}

absl::Status SqlReader::Create() {
  if (tokens_.size() > 1 && tokens_[1].Is("TABLE")) return CreateTable();
  for (size_t i = 1; i + 1 < tokens_.size(); ++i) {
    if (tokens_[i].Is("DATABASE") || tokens_[i].Is("SCHEMA")) {
      const SqlToken& last = tokens_[i + 1].Is("IF") && i + 4 < tokens_.size()
                                 ? tokens_[i + 4]
                                 : tokens_[i + 1];
      return Placed(tokens_[0].at, visitor_.OnDatabase(last.text));
    }
    for (size_t kind = 0; kind < std::size(kObjects); ++kind) {
      if (!tokens_[i].Is(kObjects[kind])) continue;
      size_t name = i + 1;
      if (tokens_[name].Is("IF") && name + 3 < tokens_.size()) name += 3;
      return Placed(tokens_[0].at,
                    visitor_.OnObject({static_cast<SqlObject::Kind>(kind),
                                       tokens_[name].text.substr(0, 256)}));
    }
  }
  return Unknown(tokens_[0]);
}

absl::Status SqlReader::CreateTable() {
  absl::StatusOr<SqlTable> table = ParseSqlTable(tokens_);
  const auto name = absl::c_find_if(tokens_, [](const SqlToken& token) {
    return token.kind == TokenKind::kName;
  });
  if (name == tokens_.end()) return Unknown(tokens_[0]);
  const std::pair<std::string, std::string> key(database_, name->text);
  DumpTable& facts = facts_.tables[key];
  if (facts.created) {
    return SqlRefused(
        name->at, absl::StrCat("table ", name->text, " is made a second time"));
  }
  if (facts_.tables.size() > kMaxSqlTables) {
    return SqlRefused(name->at,
                      absl::StrCat("more than ", kMaxSqlTables, " tables"));
  }
  facts.created = true;
  if (!table.ok()) {
    return Placed(name->at,
                  visitor_.OnUnreadableTable(name->text, table.status()));
  }
  widths_[key] = table->columns.size();
  return Placed(name->at, visitor_.OnTable(At(table->name), *table));
}

SqlRows SqlReader::At(const std::string& table) const {
  return {database_, table, {}, session_.charset(), session_.time_zone()};
}

// INSERT [IGNORE] INTO t [(columns)] VALUES
absl::Status SqlReader::BeginRows() {
  absl::Span<const SqlToken> rest(tokens_);
  rest = rest.subspan(1, rest.size() - 2);
  if (!rest.empty() && rest[0].Is("IGNORE")) rest.remove_prefix(1);
  if (rest.size() < 2 || !rest[0].Is("INTO") || !IsName(rest[1])) {
    return Unknown(tokens_[0]);
  }
  const SqlToken& table = rest[1];
  rows_ = At(table.text);
  rest.remove_prefix(2);
  if (!rest.empty()) {
    if (rest.size() < 3 || !rest.front().Is("(") || !rest.back().Is(")")) {
      return Unknown(rest.front());
    }
    bool name = true;
    for (const SqlToken& token : rest.subspan(1, rest.size() - 2)) {
      if (name ? !IsName(token) : !token.Is(",")) return Unknown(token);
      if (name) rows_.columns.push_back(token.text);
      name = !name;
    }
    if (name) return Unknown(rest.back());
  }
  const std::pair<std::string, std::string> key(database_, rows_.table);
  const auto facts = facts_.tables.find(key);
  if (facts == facts_.tables.end() || !facts->second.created) {
    return SqlRefused(table.at,
                      absl::StrCat("rows of ", rows_.table,
                                   ", of which there is no CREATE TABLE"));
  }
  counted_ = &facts->second;
  const auto width = widths_.find(key);
  columns_ = !rows_.columns.empty()   ? rows_.columns.size()
             : width != widths_.end() ? width->second
                                      : 0;
  tokens_.clear();
  token_bytes_ = 0;
  in_ = visitor_.WantsRows(rows_) ? In::kRows : In::kPassedRows;
  open_quote_ = before_ = 0;
  escaped_ = false;
  return absl::OkStatus();
}

// Up to the end of the statement. Of its bytes only quotes mean anything, and
// what could begin a comment, which no row holds.
absl::Status SqlReader::PassRows(SqlText* in) {
  const absl::string_view text = in->text;
  size_t at = in->at;
  while (at < text.size()) {
    if (escaped_) {
      escaped_ = false;
      ++at;
      continue;
    }
    if (open_quote_ != 0) {
      while (at < text.size() && text[at] != open_quote_ && text[at] != '\\') {
        ++at;
      }
      if (at == text.size()) break;
      escaped_ = text[at] == '\\';
      if (!escaped_) open_quote_ = before_ = 0;
      ++at;
      continue;
    }
    while (at < text.size() && !kEndsPlainRows[Byte(text[at])]) {
      before_ = text[at++];
    }
    if (at == text.size()) break;
    const char c = text[at];
    if (c == '\'' || c == '"') {
      open_quote_ = c;
    } else if (c == ';') {
      in_ = In::kStatement;
      in->at = at + 1;
      return absl::OkStatus();
    } else if (c != '-' || before_ == '-') {
      return SqlRefused(in->origin + at,
                        absl::StrCat("'", text.substr(at, 1), "' in a row of ",
                                     rows_.table, ": values must be literals"));
    }
    before_ = c;
    ++at;
  }
  in->at = at;
  return absl::OkStatus();
}

// One row with what follows it: a comma or the end of the statement.
absl::StatusOr<SqlStep> SqlReader::Row(SqlText* in) {
  SqlText row = *in;
  const auto blanks = [&] {
    while (!row.ended() && absl::ascii_isspace(row.text[row.at])) ++row.at;
    return !row.ended();
  };
  if (!blanks()) return SqlStep::kNeedMore;
  const auto refused = [&](absl::string_view what) {
    return SqlRefused(row.place(),
                      absl::StrCat("'", row.rest().substr(0, 1), "'", what));
  };
  if (in_ == In::kBetweenRows) {
    const char c = row.text[row.at];
    if (c != ',' && c != ';') return refused(" behind a row");
    in_ = c == ',' ? In::kRows : In::kStatement;
    in->at = row.at + 1;
    return SqlStep::kDone;
  }
  if (row.text[row.at] != '(') {
    return SqlRefused(row.place(), "a row in parentheses is expected");
  }
  values_.clear();
  decoded_.clear();
  // So that what points into it stays true.
  decoded_.reserve(row.text.size());
  do {
    ++row.at;
    if (!blanks()) return SqlStep::kNeedMore;
    ASSIGN_OR_RETURN(const SqlStep step, Value(&row));
    if (step == SqlStep::kNeedMore || !blanks()) return SqlStep::kNeedMore;
  } while (row.text[row.at] == ',');
  if (row.text[row.at] != ')') {
    return refused(absl::StrCat(" behind a value of ", rows_.table,
                                ": values must be literals"));
  }
  if (columns_ != 0 && values_.size() != columns_) {
    return SqlRefused(
        in->place(),
        absl::StrCat("a row of ", values_.size(), " values in ", rows_.table,
                     ", which has ", columns_, " columns"));
  }
  RETURN_IF_ERROR(Placed(in->place(), visitor_.OnRow(rows_, values_)));
  ++counted_->rows;
  in_ = In::kBetweenRows;
  in->at = row.at + 1;
  return SqlStep::kDone;
}

absl::StatusOr<SqlStep> SqlReader::Value(SqlText* in) {
  const absl::string_view text = in->text;
  const size_t begin = in->at;
  SqlValue value;
  const auto quoted = [&](SqlValue::Kind kind) {
    value.kind = kind;
    const SqlStep step = ReadSqlString(in, &decoded_, &value.text);
    if (step == SqlStep::kDone) values_.push_back(value);
    return step;
  };
  if (text[begin] == '\'' || text[begin] == '"') {
    return quoted(SqlValue::Kind::kString);
  }
  size_t end = begin;
  while (end < text.size() &&
         (absl::ascii_isalnum(text[end]) || text[end] == '_' ||
          text[end] == '.' || text[end] == '-' || text[end] == '+')) {
    ++end;
  }
  if (end == text.size()) return SqlStep::kNeedMore;
  const absl::string_view word = text.substr(begin, end - begin);
  const auto refused = [&] {
    return SqlRefused(
        in->origin + begin,
        absl::StrCat(
            "'", text.substr(begin, std::clamp<size_t>(word.size(), 1, 40)),
            "' in a row of ", rows_.table, ": values must be literals"));
  };
  const auto bytes = [&](absl::string_view digits) {
    if (digits.size() % 2 != 0 ||
        !absl::c_all_of(digits, absl::ascii_isxdigit)) {
      return false;
    }
    const size_t size = decoded_.size();
    decoded_.append(absl::HexStringToBytes(digits));
    value = {SqlValue::Kind::kBytes, absl::string_view(decoded_).substr(size)};
    return true;
  };
  if (absl::EqualsIgnoreCase(word, "NULL")) {
    value.kind = SqlValue::Kind::kNull;
  } else if (absl::StartsWith(word, "0x")) {
    if (!bytes(word.substr(2))) return refused();
  } else if (absl::EqualsIgnoreCase(word, "_binary")) {
    while (end < text.size() && absl::ascii_isspace(text[end])) ++end;
    if (end == text.size()) return SqlStep::kNeedMore;
    if (text[end] != '\'') return refused();
    in->at = end;
    return quoted(SqlValue::Kind::kBytes);
  } else if (absl::EqualsIgnoreCase(word, "X") && text[end] == '\'') {
    const size_t close = text.find('\'', end + 1);
    if (close == absl::string_view::npos) return SqlStep::kNeedMore;
    if (!bytes(text.substr(end + 1, close - end - 1))) return refused();
    end = close + 1;
  } else {
    // [-]digits[.digits][e[+-]digits]
    absl::string_view rest = word;
    absl::ConsumePrefix(&rest, "-");
    const auto digits = [&rest] {
      const size_t size =
          std::min(rest.find_first_not_of("0123456789"), rest.size());
      rest.remove_prefix(size);
      return size > 0;
    };
    bool number = digits();
    if (number && absl::ConsumePrefix(&rest, ".")) number = digits();
    if (number &&
        (absl::ConsumePrefix(&rest, "e") || absl::ConsumePrefix(&rest, "E"))) {
      if (!absl::ConsumePrefix(&rest, "-")) absl::ConsumePrefix(&rest, "+");
      number = digits();
    }
    if (!number || !rest.empty()) return refused();
    value = {SqlValue::Kind::kNumber, word};
  }
  values_.push_back(value);
  in->at = end;
  return SqlStep::kDone;
}

void SqlReader::OnLineComment(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  trailer_ = tokens_.empty() && absl::ConsumePrefix(&text, kTrailer);
  if (trailer_) {
    absl::ConsumePrefix(&text, " on ");
    facts_.completed_on =
        std::string(absl::StripAsciiWhitespace(text).substr(0, 64));
  } else if (absl::ConsumePrefix(&text, "Server version")) {
    facts_.server_version =
        std::string(absl::StripAsciiWhitespace(text).substr(0, 256));
  } else if (facts_.database.empty() && absl::StartsWith(text, "Host: ")) {
    // "Host: localhost    Database: slurm_acct_db"
    constexpr absl::string_view kDatabase = " Database: ";
    const size_t at = text.find(kDatabase);
    if (at == absl::string_view::npos) return;
    facts_.database =
        std::string(text.substr(at + kDatabase.size()).substr(0, 64));
  }
}

}  // namespace assocsync
