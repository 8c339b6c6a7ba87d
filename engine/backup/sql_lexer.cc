#include "engine/backup/sql_lexer.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

namespace assocsync {
namespace {

// Comments for servers up to this version are code to every server of today.
constexpr int kRunByAll = 50699;
// mysqldump of MySQL 8 marks what only its own kind of server knows.
constexpr int kMySql8 = 80000;
// What MariaDB's dump program marks for its own servers.
constexpr int kMariaDb = 100616;
constexpr absl::string_view kSandbox[] = {
    "/*M!999999\\- enable the sandbox mode */",
    "/*!999999\\- enable the sandbox mode */"};
// No opener is longer, and so many bytes decide what comes.
constexpr size_t kLookahead = 48;
constexpr size_t kMaxShown = 40;

bool IsWord(char c) {
  return absl::ascii_isalnum(c) || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// What a character behind a backslash stands for.
char Unescaped(char c) {
  constexpr absl::string_view kLetters = "0bnrtZ";
  constexpr absl::string_view kMeant("\0\b\n\r\t\x1a", 6);
  const size_t at = kLetters.find(c);
  return at == absl::string_view::npos ? c : kMeant[at];
}

// Inside of `what`, the text at hand ends.
absl::StatusOr<SqlStep> MoreOf(absl::string_view what, bool final) {
  if (final) return SqlEndsInside(what);
  return SqlStep::kNeedMore;
}

}  // namespace

bool SqlToken::Is(absl::string_view word) const {
  return (kind == Kind::kWord || kind == Kind::kSymbol) &&
         absl::EqualsIgnoreCase(text, word);
}

std::string SqlToken::ToString() const {
  switch (kind) {
    case Kind::kEnd:
      return "the end of the statement";
    case Kind::kString:
      return "a string";
    default:
      return absl::StrCat("'", text.substr(0, kMaxShown),
                          text.size() > kMaxShown ? "..." : "", "'");
  }
}

absl::Status SqlRefused(uint64_t at, absl::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrCat("byte ", at, " of the SQL text: ", what));
}

absl::Status SqlEndsInside(absl::string_view what) {
  return absl::DataLossError(
      absl::StrCat("the SQL text ends in the middle of ", what));
}

SqlStep ReadSqlString(SqlText* in, std::string* scratch,
                      absl::string_view* value) {
  const absl::string_view text = in->text;
  size_t at = in->at;
  const char quote = text[at++];
  const size_t begin = at, decoded = scratch->size();
  size_t run = begin;  // First byte that was not copied.
  while (true) {
    while (at < text.size() && text[at] != quote && text[at] != '\\') ++at;
    // What follows a backslash or a quote decides.
    const bool last = at + 1 == text.size();
    if (at >= text.size() || (last && !in->final)) return SqlStep::kNeedMore;
    if (text[at] == quote && (last || text[at + 1] != quote)) break;
    if (last) return SqlStep::kNeedMore;
    scratch->append(text.data() + run, at - run);
    const char next = text[at + 1];
    if (text[at] == '\\' && (next == '%' || next == '_')) {
      scratch->push_back('\\');
    }
    scratch->push_back(text[at] == quote ? quote : Unescaped(next));
    at += 2;
    run = at;
  }
  in->at = at + 1;
  if (run == begin) {
    *value = text.substr(begin, at - begin);
  } else {
    scratch->append(text.data() + run, at - run);
    *value = absl::string_view(*scratch).substr(decoded);
  }
  return SqlStep::kDone;
}

void SqlLexer::SetDelimiter(absl::string_view delimiter) {
  delimiter_ = std::string(delimiter.empty() ? ";" : delimiter);
}

absl::StatusOr<SqlStep> SqlLexer::SkipBlanks(SqlText* in,
                                             LineComment line_comment) {
  while (true) {
    while (!in->ended() && absl::ascii_isspace(in->text[in->at])) ++in->at;
    if (in->ended()) return in->final ? SqlStep::kDone : SqlStep::kNeedMore;
    const size_t before = in->at;
    ASSIGN_OR_RETURN(const SqlStep step, SkipComment(in, line_comment));
    if (step == SqlStep::kNeedMore || in->at == before) return step;
  }
}

absl::StatusOr<SqlStep> SqlLexer::SkipComment(SqlText* in,
                                              LineComment line_comment) {
  const absl::string_view rest = in->rest();
  const char c = rest[0];
  if (c != '-' && c != '#' && c != '/' && c != '*') return SqlStep::kDone;
  if (rest.size() < kLookahead && !in->final) return SqlStep::kNeedMore;
  const bool dashes = absl::StartsWith(rest, "--") &&
                      (rest.size() == 2 || absl::ascii_isspace(rest[2]) ||
                       absl::ascii_iscntrl(rest[2]));
  if (dashes || c == '#') {
    const size_t end = rest.find('\n');
    if (end == absl::string_view::npos && !in->final) return SqlStep::kNeedMore;
    const size_t size = std::min(end, rest.size());
    line_comment(rest.substr(dashes ? 2 : 1, size - (dashes ? 2 : 1)));
    in->at += size;
    return SqlStep::kDone;
  }
  if (executable_ && absl::StartsWith(rest, "*/")) {
    executable_ = false;
    in->at += 2;
    return SqlStep::kDone;
  }
  if (!absl::StartsWith(rest, "/*")) return SqlStep::kDone;
  for (const absl::string_view sandbox : kSandbox) {
    if (in->final && absl::StartsWith(sandbox, rest)) {
      return SqlEndsInside("a comment");
    }
    if (!absl::StartsWith(rest, sandbox)) continue;
    in->at += sandbox.size();
    return SqlStep::kDone;
  }
  if (absl::StartsWith(rest, "/*!") || absl::StartsWith(rest, "/*M!")) {
    return OpenExecutable(in);
  }
  const size_t end = rest.find("*/", 2);
  if (end == absl::string_view::npos) return MoreOf("a comment", in->final);
  in->at += end + 2;
  return SqlStep::kDone;
}

// The version has five or six digits to a server; a dump that is written with
// fewer or more, or without, is not one of a dump program.
absl::StatusOr<SqlStep> SqlLexer::OpenExecutable(SqlText* in) {
  const absl::string_view rest = in->rest();
  const size_t begin = rest.find('!') + 1;
  size_t end = begin;
  while (end < rest.size() && absl::ascii_isdigit(rest[end])) ++end;
  if (end == rest.size()) return MoreOf("a comment", in->final);
  const absl::string_view digits = rest.substr(begin, end - begin);
  int version = 0;
  const bool mariadb = begin > 3;
  const bool known = digits.size() == (mariadb ? 6 : 5) &&
                     absl::SimpleAtoi(digits, &version) &&
                     (mariadb ? version == kMariaDb
                              : version <= kRunByAll || version == kMySql8) &&
                     absl::ascii_isspace(rest[end]);
  if (!known) {
    return SqlRefused(
        in->place(),
        absl::StrCat("a comment '", rest.substr(0, std::min(end, kMaxShown)),
                     "' that only some servers run: what the text says would "
                     "depend on the server's version"));
  }
  if (executable_) {
    return SqlRefused(in->place(), "code in a comment inside of such a one");
  }
  executable_ = true;
  in->at += end;
  return SqlStep::kDone;
}

absl::StatusOr<SqlStep> SqlLexer::Next(SqlText* in, LineComment line_comment,
                                       SqlToken* token) {
  ASSIGN_OR_RETURN(const SqlStep step, SkipBlanks(in, line_comment));
  if (step == SqlStep::kNeedMore) return step;
  *token = {SqlToken::Kind::kEnd, "", in->place()};
  const absl::string_view rest = in->rest();
  if (rest.empty()) {
    if (executable_) return SqlEndsInside("a comment");
    return SqlStep::kDone;
  }
  if (rest.size() < delimiter_.size() && !in->final) return SqlStep::kNeedMore;
  if (absl::StartsWith(rest, delimiter_)) {
    token->text = delimiter_;
    in->at += delimiter_.size();
    return SqlStep::kDone;
  }
  const char c = rest[0];
  size_t end = 1;
  if (c == '\'' || c == '"') {
    std::string decoded;
    absl::string_view value;
    if (ReadSqlString(in, &decoded, &value) == SqlStep::kNeedMore) {
      return MoreOf("a string", in->final);
    }
    token->kind = SqlToken::Kind::kString;
    token->text = std::string(value);
    return SqlStep::kDone;
  }
  if (c == '`') {
    // A backslash is an ordinary character of a name.
    while (true) {
      const size_t quote = rest.find('`', end);
      if (quote == absl::string_view::npos ||
          (quote + 1 == rest.size() && !in->final)) {
        return MoreOf("a name", in->final);
      }
      absl::StrAppend(&token->text, rest.substr(end, quote - end));
      end = quote + 1;
      if (end == rest.size() || rest[end] != '`') break;
      token->text.push_back('`');
      ++end;
    }
    token->kind = SqlToken::Kind::kName;
  } else if (IsWord(c)) {
    while (end < rest.size() && IsWord(rest[end])) ++end;
    // 1.5 is one word, a.b is three.
    const bool number =
        absl::c_all_of(rest.substr(0, end), absl::ascii_isdigit);
    if (number && end + 1 < rest.size() && rest[end] == '.' &&
        absl::ascii_isdigit(rest[end + 1])) {
      ++end;
      while (end < rest.size() && IsWord(rest[end])) ++end;
    }
    if (end + 1 >= rest.size() && !in->final) return SqlStep::kNeedMore;
    token->kind = SqlToken::Kind::kWord;
    token->text = std::string(rest.substr(0, end));
  } else {
    token->kind = SqlToken::Kind::kSymbol;
    token->text = std::string(rest.substr(0, 1));
  }
  in->at += end;
  return SqlStep::kDone;
}

}  // namespace assocsync
