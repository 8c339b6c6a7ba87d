#include "engine/backup/sql_lexer.h"

#include <algorithm>

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

SqlStep ReadSqlString(absl::string_view text, size_t at, bool final,
                      std::string* scratch, absl::string_view* value,
                      size_t* end) {
  const char quote = text[at++];
  const size_t begin = at, decoded = scratch->size();
  size_t run = begin;  // First byte that was not copied.
  while (true) {
    while (at < text.size() && text[at] != quote && text[at] != '\\') ++at;
    // What follows a backslash or a quote decides.
    const bool last = at + 1 == text.size();
    if (at >= text.size() || (last && !final)) return SqlStep::kNeedMore;
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
  *end = at + 1;
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

absl::StatusOr<SqlStep> SqlLexer::SkipBlanks(absl::string_view text,
                                             uint64_t origin, bool final,
                                             LineComment line_comment,
                                             size_t* at) {
  while (true) {
    while (*at < text.size() && absl::ascii_isspace(text[*at])) ++*at;
    if (*at == text.size()) {
      return final ? SqlStep::kDone : SqlStep::kNeedMore;
    }
    const size_t before = *at;
    ASSIGN_OR_RETURN(const SqlStep step,
                     SkipComment(text, origin, final, line_comment, at));
    if (step == SqlStep::kNeedMore) return step;
    if (*at == before) return SqlStep::kDone;
  }
}

absl::StatusOr<SqlStep> SqlLexer::SkipComment(absl::string_view text,
                                              uint64_t origin, bool final,
                                              LineComment line_comment,
                                              size_t* at) {
  const absl::string_view rest = text.substr(*at);
  const char c = rest[0];
  if (c != '-' && c != '#' && c != '/' && c != '*') return SqlStep::kDone;
  if (rest.size() < kLookahead && !final) return SqlStep::kNeedMore;
  const bool dashes = absl::StartsWith(rest, "--") &&
                      (rest.size() == 2 || absl::ascii_isspace(rest[2]) ||
                       absl::ascii_iscntrl(rest[2]));
  if (dashes || c == '#') {
    const size_t end = rest.find('\n');
    if (end == absl::string_view::npos && !final) return SqlStep::kNeedMore;
    const size_t size = std::min(end, rest.size());
    line_comment(rest.substr(dashes ? 2 : 1, size - (dashes ? 2 : 1)));
    *at += size;
    return SqlStep::kDone;
  }
  if (executable_ && absl::StartsWith(rest, "*/")) {
    executable_ = false;
    *at += 2;
    return SqlStep::kDone;
  }
  if (!absl::StartsWith(rest, "/*")) return SqlStep::kDone;
  for (const absl::string_view sandbox : kSandbox) {
    if (final && absl::StartsWith(sandbox, rest)) {
      return SqlEndsInside("a comment");
    }
    if (!absl::StartsWith(rest, sandbox)) continue;
    *at += sandbox.size();
    return SqlStep::kDone;
  }
  if (absl::StartsWith(rest, "/*!") || absl::StartsWith(rest, "/*M!")) {
    return OpenExecutable(text, origin, final, at);
  }
  const size_t end = rest.find("*/", 2);
  if (end == absl::string_view::npos) return MoreOf("a comment", final);
  *at += end + 2;
  return SqlStep::kDone;
}

// The version has five or six digits to a server; a dump that is written with
// fewer or more, or without, is not one of a dump program.
absl::StatusOr<SqlStep> SqlLexer::OpenExecutable(absl::string_view text,
                                                 uint64_t origin, bool final,
                                                 size_t* at) {
  const absl::string_view rest = text.substr(*at);
  const size_t begin = rest.find('!') + 1;
  size_t end = begin;
  while (end < rest.size() && absl::ascii_isdigit(rest[end])) ++end;
  if (end == rest.size()) return MoreOf("a comment", final);
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
        origin + *at,
        absl::StrCat("a comment '", rest.substr(0, std::min(end, kMaxShown)),
                     "' that only some servers run: what the text says would "
                     "depend on the server's version"));
  }
  if (executable_) {
    return SqlRefused(origin + *at, "code in a comment inside of such a one");
  }
  executable_ = true;
  *at += end;
  return SqlStep::kDone;
}

absl::StatusOr<SqlStep> SqlLexer::Next(absl::string_view text, uint64_t origin,
                                       bool final, LineComment line_comment,
                                       size_t* at, SqlToken* token) {
  ASSIGN_OR_RETURN(SqlStep step,
                   SkipBlanks(text, origin, final, line_comment, at));
  if (step == SqlStep::kNeedMore) return step;
  token->at = origin + *at;
  token->text.clear();
  token->kind = SqlToken::Kind::kEnd;
  const absl::string_view rest = text.substr(*at);
  if (rest.empty()) {
    if (executable_) return SqlEndsInside("a comment");
    return SqlStep::kDone;
  }
  if (rest.size() < delimiter_.size() && !final) return SqlStep::kNeedMore;
  if (absl::StartsWith(rest, delimiter_)) {
    token->text = delimiter_;
    *at += delimiter_.size();
    return SqlStep::kDone;
  }
  const char c = rest[0];
  size_t end = 1;
  if (c == '\'' || c == '"') {
    std::string decoded;
    absl::string_view value;
    if (ReadSqlString(rest, 0, final, &decoded, &value, &end) ==
        SqlStep::kNeedMore) {
      return MoreOf("a string", final);
    }
    token->kind = SqlToken::Kind::kString;
    token->text = std::string(value);
  } else if (c == '`') {
    // A backslash is an ordinary character of a name.
    while (true) {
      const size_t quote = rest.find('`', end);
      if (quote == absl::string_view::npos ||
          (quote + 1 == rest.size() && !final)) {
        return MoreOf("a name", final);
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
        std::all_of(rest.begin(), rest.begin() + end, absl::ascii_isdigit);
    if (number && end + 1 < rest.size() && rest[end] == '.' &&
        absl::ascii_isdigit(rest[end + 1])) {
      ++end;
      while (end < rest.size() && IsWord(rest[end])) ++end;
    }
    if (end + 1 >= rest.size() && !final) return SqlStep::kNeedMore;
    token->kind = SqlToken::Kind::kWord;
    token->text = std::string(rest.substr(0, end));
  } else {
    token->kind = SqlToken::Kind::kSymbol;
    token->text = std::string(rest.substr(0, 1));
  }
  *at += end;
  return SqlStep::kDone;
}

}  // namespace assocsync
