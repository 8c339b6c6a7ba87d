#include "engine/backup/load_guard.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace assocsync {
namespace {

// "@": a table; "$": the end of the statement; "...": anything.
constexpr absl::string_view kStatements[] = {
    "DROP TABLE IF EXISTS @ $",
    "DROP TABLE @ $",
    "DROP VIEW IF EXISTS @ $",
    "DROP VIEW @ $",
    "CREATE TABLE IF NOT EXISTS @ ( ...",
    "CREATE TABLE @ ( ...",
    "INSERT INTO @ VALUES ...",
    "INSERT INTO @ ( ...",
    "INSERT IGNORE INTO @ VALUES ...",
    "INSERT IGNORE INTO @ ( ...",
    "LOCK TABLES @ WRITE $",
    "UNLOCK TABLES $",
    "ALTER TABLE @ DISABLE KEYS $",
    "ALTER TABLE @ ENABLE KEYS $",
    "COMMIT $",
    "START TRANSACTION $",
};
// What a CREATE VIEW may say between the two words.
constexpr absl::string_view kOfViews[] = {
    "OR",        "REPLACE", "ALGORITHM", "UNDEFINED", "MERGE",
    "TEMPTABLE", "DEFINER", "SQL",       "SECURITY",  "INVOKER"};
// SETs that reach beyond the session.
constexpr absl::string_view kBeyondSession[] = {
    "GLOBAL",    "PERSIST", "PERSIST_ONLY", "PASSWORD",
    "STATEMENT", "ROLE",    "RESOURCE"};
// Modes that change what a quote is; ANSI and others imply them.
constexpr absl::string_view kQuoteModes[] = {
    "ANSI",      "NO_BACKSLASH_ESCAPES", "DB2", "MAXDB", "MSSQL", "ORACLE",
    "POSTGRESQL"};
// Comments for servers up to this version are code to every server of today.
constexpr int kSurelyRun = 50699;
// Comments for servers from this version on are comments to all.
constexpr int kNeverRun = 999999;
constexpr size_t kMaxTokens = 64;
constexpr size_t kMaxText = 300;

constexpr char kOtherDatabase[] =
    "it would go into a database of its own choice; make a dump of the one "
    "database, without --databases or --all-databases";

bool IsWord(char c) {
  return absl::ascii_isalnum(c) || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

template <size_t n>
bool Has(const absl::string_view (&words)[n], absl::string_view word) {
  return std::find(words, words + n, word) != words + n;
}

}  // namespace

absl::Status LoadGuard::Feed(absl::string_view bytes) {
  for (size_t i = 0; i < bytes.size() && status_.ok(); ++i) {
    if (bytes[i] == '\n') ++line_;
    Byte(bytes[i]);
  }
  return status_;
}

absl::Status LoadGuard::Finish() {
  if (in_ != In::kLineComment) Byte('\n');
  const bool between = in_ == In::kText || in_ == In::kLineComment;
  if (status_.ok() &&
      (!between || judged_ || executable_ || !tokens_.empty())) {
    status_ = absl::DataLossError("the SQL text ends inside a statement");
  }
  return status_;
}

void LoadGuard::Byte(char c) {
  switch (in_) {
    case In::kText:
      Text(c);
      return;
    case In::kDash:
      if (c == '-') {
        in_ = In::kDashes;
        return;
      }
      in_ = In::kText;
      Symbol('-');
      Text(c);
      return;
    case In::kDashes:
      if (absl::ascii_isspace(c) || absl::ascii_iscntrl(c)) {
        in_ = c == '\n' ? In::kText : In::kLineComment;
        return;
      }
      in_ = In::kText;
      Symbol('-');
      Symbol('-');
      Text(c);
      return;
    case In::kSlash:
      if (c == '*') {
        if (executable_) Refuse("comments inside comments are not understood");
        in_ = In::kSlashStar;
        return;
      }
      in_ = In::kText;
      Symbol('/');
      Text(c);
      return;
    case In::kSlashStar:
    case In::kSlashStarM:
      if (c == '!') {
        in_ = In::kVersion;
      } else if (c == 'M' && in_ == In::kSlashStar) {
        in_ = In::kSlashStarM;
      } else {
        in_ = c == '*' ? In::kCommentStar : In::kComment;
      }
      return;
    case In::kVersion:
      if (absl::ascii_isdigit(c) && word_.size() < 6) {
        word_.push_back(c);
        return;
      }
      BeginExecutable();
      Byte(c);
      return;
    case In::kComment:
      if (c == '*') in_ = In::kCommentStar;
      return;
    case In::kCommentStar:
      if (c != '*') in_ = c == '/' ? In::kText : In::kComment;
      return;
    case In::kStar:
      in_ = In::kText;
      if (c == '/') {
        EndExecutable();
      } else {
        Symbol('*');
        Text(c);
      }
      return;
    case In::kLineComment:
      if (c == '\n') in_ = In::kText;
      return;
    case In::kString:
    case In::kName:
      if (c == quote_) {
        Add(in_ == In::kName ? Token::Kind::kName : Token::Kind::kString,
            word_);
        word_.clear();
        in_ = In::kText;
      } else if (c == '\\' && in_ == In::kString) {
        in_ = In::kEscape;
      } else if (!judged_ && word_.size() < kMaxText) {
        word_.push_back(c);
      }
      return;
    case In::kEscape:
      in_ = In::kString;
      return;
  }
}

void LoadGuard::Text(char c) {
  if (IsWord(c)) {
    if (!judged_ || must_end_) {
      if (word_.size() < kMaxText) word_.push_back(c);
    }
    return;
  }
  EndWord();
  switch (c) {
    case '\'':
    case '"':
    case '`':
      quote_ = c;
      in_ = c == '`' ? In::kName : In::kString;
      return;
    case '-':
      in_ = In::kDash;
      return;
    case '/':
      in_ = In::kSlash;
      return;
    case '#':
      in_ = In::kLineComment;
      return;
    case '*':
      if (executable_) {
        in_ = In::kStar;
        return;
      }
      break;
    case ';':
      EndStatement();
      return;
    default:
      if (absl::ascii_isspace(c)) return;
      break;
  }
  Symbol(c);
}

void LoadGuard::Symbol(char c) {
  Add(Token::Kind::kSymbol, absl::string_view(&c, 1));
}

void LoadGuard::EndWord() {
  if (word_.empty()) return;
  Add(Token::Kind::kWord, word_);
  word_.clear();
}

void LoadGuard::BeginExecutable() {
  int version = 0;
  if (!word_.empty() && !absl::SimpleAtoi(word_, &version)) version = kNeverRun;
  word_.clear();
  if (version >= kNeverRun) {
    in_ = In::kComment;
    return;
  }
  executable_ = true;
  sure_ = version <= kSurelyRun;
  in_ = In::kText;
}

void LoadGuard::EndExecutable() {
  // A server that skips this comment would begin the statement behind it.
  if (!sure_ && !began_sure_ && (judged_ || !tokens_.empty())) {
    must_end_ = true;
  }
  executable_ = false;
  sure_ = true;
}

void LoadGuard::Add(Token::Kind kind, absl::string_view text) {
  if (judged_ && !must_end_) return;
  if (must_end_) {
    Refuse("what it means depends on the server's version");
    return;
  }
  Token token{kind, std::string(text), sure_};
  if (kind == Token::Kind::kWord) absl::AsciiStrToUpper(&token.text);
  if (tokens_.empty()) began_sure_ = sure_;
  tokens_.push_back(std::move(token));
  Judge(/*whole=*/false);
}

void LoadGuard::EndStatement() {
  if (executable_) {
    Refuse("a trigger or routine, which a Slurm database does not have");
    return;
  }
  if (!judged_ && !tokens_.empty()) Judge(/*whole=*/true);
  judged_ = false;
  must_end_ = false;
  if (status_.ok()) tokens_.clear();
}

void LoadGuard::Judge(bool whole) {
  const Token& first = tokens_[0];
  if (tokens_.back().sure != first.sure) {
    Refuse("what it means depends on the server's version");
    return;
  }
  if (first.kind == Token::Kind::kWord && first.text == "SET") {
    JudgeSet();
    return;
  }
  if (tokens_.size() > kMaxTokens) {
    Refuse("it is no statement of a dump");
    return;
  }
  bool possible = false;
  for (const absl::string_view statement : kStatements) {
    size_t i = 0;
    bool fits = true;
    for (const absl::string_view word : absl::StrSplit(statement, ' ')) {
      if (word == "...") {
        judged_ = true;
        tokens_.clear();
        return;
      }
      if (word == "$") {
        fits = i == tokens_.size();
        if (fits && whole) return;
        break;
      }
      if (i == tokens_.size()) break;
      const Token& token = tokens_[i++];
      const bool name =
          token.kind == Token::Kind::kName || token.kind == Token::Kind::kWord;
      fits = word == "@"
                 ? name
                 : token.kind != Token::Kind::kName &&
                       token.kind != Token::Kind::kString && token.text == word;
      if (!fits) break;
    }
    possible = possible || (fits && !whole);
  }
  if (possible) return;
  JudgeView();
}

// CREATE [words] VIEW v AS, or the beginning of that, is all that is left.
void LoadGuard::JudgeView() {
  const auto is = [&](size_t i, absl::string_view word) {
    return tokens_[i].kind == Token::Kind::kWord && tokens_[i].text == word;
  };
  const size_t n = tokens_.size();
  if (is(0, "CREATE")) {
    size_t i = 1;
    while (i < n && (tokens_[i].kind != Token::Kind::kWord ||
                     Has(kOfViews, tokens_[i].text))) {
      ++i;
    }
    if (i == n) return;
    if (is(i, "VIEW")) {
      if (n <= i + 2) return;
      if (is(i + 2, "AS") || tokens_[i + 2].text == "(") {
        judged_ = true;
        tokens_.clear();
        return;
      }
    }
  }
  for (const absl::string_view word :
       {"TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "DELIMITER"}) {
    for (size_t i = 0; i < n; ++i) {
      if (!is(i, word)) continue;
      Refuse("a trigger or routine, which a Slurm database does not have");
      return;
    }
  }
  const bool elsewhere = is(0, "USE") || tokens_.back().text == "." ||
                         (n > 1 && (is(1, "DATABASE") || is(1, "SCHEMA")));
  Refuse(elsewhere ? kOtherDatabase : "it is no statement of a dump");
}

void LoadGuard::JudgeSet() {
  const size_t n = tokens_.size();
  const Token& last = tokens_.back();
  if (last.kind == Token::Kind::kWord && Has(kBeyondSession, last.text)) {
    Refuse("it would change the server, not only the session");
    return;
  }
  bool quotes = n > 2 && tokens_[n - 3].text == "SQL_MODE" &&
                tokens_[n - 2].text == "=" && last.text != "@" &&
                last.kind != Token::Kind::kString;
  if (last.kind == Token::Kind::kString) {
    const std::string text = absl::AsciiStrToUpper(last.text);
    for (const absl::string_view mode : kQuoteModes) {
      quotes = quotes || absl::StrContains(text, mode);
    }
  }
  if (quotes) Refuse("it would change what a quote means");
}

void LoadGuard::Refuse(absl::string_view why) {
  if (!status_.ok()) return;
  std::string statement;
  for (const Token& token : tokens_) {
    absl::StrAppend(&statement, statement.empty() ? "" : " ", token.text);
    if (statement.size() > 80) break;
  }
  status_ = absl::FailedPreconditionError(
      absl::StrCat("line ", line_, " of the SQL text, '",
                   statement.substr(0, 80), "': ", why));
}

}  // namespace assocsync
