// The half that knows statements.
#include <algorithm>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "engine/backup/load_guard.h"

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
constexpr size_t kMaxTokens = 64;

constexpr char kOtherDatabase[] =
    "it would go into a database of its own choice; make a dump of the one "
    "database, without --databases or --all-databases";

template <size_t n>
bool Has(const absl::string_view (&words)[n], absl::string_view word) {
  return std::find(words, words + n, word) != words + n;
}

}  // namespace

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
