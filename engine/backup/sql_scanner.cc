// The lexer half, for just enough SQL: what is inside quotes or comments is
// skipped, outside of them the first words of a statement say what it is, and
// in VALUES every opening parenthesis that no other encloses is a row.
#include "engine/backup/sql_scanner.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace assocsync {
namespace {

constexpr absl::string_view kTrailer = "-- Dump completed";
// No opener, closer or delimiter is longer; so many bytes decide.
constexpr size_t kLookahead = 16;
constexpr size_t kMaxComment = 256;  // of a line comment, kept
constexpr size_t kMaxWord = 256;

bool IsWord(char c) {
  return absl::ascii_isalnum(c) || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

void AppendUpTo(size_t max, absl::string_view text, std::string* to) {
  if (to->size() < max) {
    absl::StrAppend(to, text.substr(0, max - to->size()));
  }
}

}  // namespace

void SqlScanner::Feed(absl::string_view bytes) {
  facts_.bytes += bytes.size();
  if (carry_.empty()) {
    carry_ = std::string(bytes.substr(Scan(bytes, /*final=*/false)));
    return;
  }
  const std::string joined = absl::StrCat(carry_, bytes);
  carry_ = joined.substr(Scan(joined, /*final=*/false));
}

absl::StatusOr<DumpFacts> SqlScanner::Finish() {
  Scan(std::exchange(carry_, ""), /*final=*/true);
  if (in_ == In::kLineComment) OnLineComment();
  if (name_closed_) OnName();
  if (in_ != In::kText || phase_ != Phase::kStart || executable_) {
    return absl::DataLossError(
        "the SQL text ends in the middle of a statement");
  }
  if (!trailer_) {
    return absl::DataLossError(absl::StrCat(
        "the SQL text does not end with the line '", kTrailer, "'"));
  }
  return std::move(facts_);
}

size_t SqlScanner::Scan(absl::string_view text, bool final) {
  size_t at = 0;
  while (at < text.size()) {
    size_t next = 0;
    switch (in_) {
      case In::kText:
        next = ScanText(text, at, final);
        break;
      case In::kString:
      case In::kName:
        next = ScanQuoted(text, at);
        break;
      case In::kComment:
        next = ScanComment(text, at, final);
        break;
      case In::kLineComment:
        next = ScanLineComment(text, at);
        break;
    }
    if (next == at) break;
    at = next;
  }
  return at;
}

// Consumes at least one byte, unless what follows decides what it is.
size_t SqlScanner::ScanText(absl::string_view text, size_t at, bool final) {
  if (phase_ == Phase::kDelimiter) return ScanDelimiterLine(text, at);
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (name_closed_) {
      name_closed_ = false;
      if (c == quote_) {
        name_.push_back(c);
        in_ = In::kName;
        return at + 1;
      }
      OnName();
    }
    if (IsWord(c)) {
      if (phase_ == Phase::kValues) {
        // Words between rows would be ON DUPLICATE KEY UPDATE.
        if (depth_ == 0) phase_ = Phase::kSkip;
        continue;
      }
      if (phase_ == Phase::kSkip || executable_) continue;
      return ScanWord(text, at, final);
    }
    switch (c) {
      case '\'':
      case '"':
      case '`':
        OpenQuote(c);
        return at + 1;
      case '(':
        OnSignificant();
        if (phase_ == Phase::kValues && depth_ == 0) ++rows_;
        if (!executable_) ++depth_;
        continue;
      case ')':
        if (!executable_) --depth_;
        continue;
      default:
        break;
    }
    const bool decides =
        c == '-' || c == '/' || c == '#' || c == '*' || c == delimiter_[0];
    if (!decides) continue;
    const absl::string_view rest = text.substr(at);
    if (rest.size() < kLookahead && !final) return at;
    if (const size_t size = OpenComment(rest); size > 0) return at + size;
    if (executable_) {
      if (absl::StartsWith(rest, "*/")) {
        executable_ = false;
        ++at;
      }
      continue;
    }
    if (absl::StartsWith(rest, delimiter_)) {
      EndStatement();
      at += delimiter_.size() - 1;
    }
  }
  return at;
}

size_t SqlScanner::OpenComment(absl::string_view rest) {
  const bool dashes = absl::StartsWith(rest, "--") &&
                      (rest.size() == 2 || absl::ascii_isspace(rest[2]) ||
                       absl::ascii_iscntrl(rest[2]));
  if (dashes || rest[0] == '#') {
    in_ = In::kLineComment;
    name_.clear();
    return dashes ? 2 : 1;
  }
  if (!absl::StartsWith(rest, "/*")) return 0;
  for (absl::string_view opener : {"/*!", "/*M!"}) {
    if (!absl::StartsWith(rest, opener)) continue;
    trailer_ = false;
    executable_ = true;
    return opener.size();
  }
  in_ = In::kComment;
  return 2;
}

size_t SqlScanner::ScanQuoted(absl::string_view text, size_t at) {
  const bool keep = in_ == In::kName;
  while (at < text.size()) {
    if (escaped_) {
      escaped_ = false;
      ++at;
      continue;
    }
    const size_t begin = at;
    while (at < text.size() && text[at] != quote_ && text[at] != '\\') ++at;
    if (keep) AppendUpTo(kMaxWord, text.substr(begin, at - begin), &name_);
    if (at == text.size()) break;
    const char c = text[at++];
    if (c == quote_) {
      in_ = In::kText;
      name_closed_ = keep;
      return at;
    }
    // A backslash is an ordinary character of a name.
    escaped_ = !keep && quote_ != '`';
    if (keep) AppendUpTo(kMaxWord, "\\", &name_);
  }
  return at;
}

size_t SqlScanner::ScanComment(absl::string_view text, size_t at, bool final) {
  const size_t end = text.find("*/", at);
  if (end != absl::string_view::npos) {
    in_ = In::kText;
    return end + 2;
  }
  // Its last byte may be the '*' of the closer.
  return final || text.back() != '*' ? text.size() : text.size() - 1;
}

size_t SqlScanner::ScanLineComment(absl::string_view text, size_t at) {
  const size_t end = std::min(text.find('\n', at), text.size());
  AppendUpTo(kMaxComment, text.substr(at, end - at), &name_);
  if (end == text.size()) return end;
  OnLineComment();
  return end + 1;
}

size_t SqlScanner::ScanWord(absl::string_view text, size_t at, bool final) {
  size_t end = at;
  while (end < text.size() && IsWord(text[end])) ++end;
  // The word may go on in the next piece; no word of interest is that long.
  if (end == text.size() && !final && end - at < kMaxWord) return at;
  OnWord(text.substr(at, end - at));
  return end;
}

size_t SqlScanner::ScanDelimiterLine(absl::string_view text, size_t at) {
  const size_t end = std::min(text.find('\n', at), text.size());
  AppendUpTo(kLookahead, text.substr(at, end - at), &name_);
  if (end == text.size()) return end;
  delimiter_ = std::string(absl::StripAsciiWhitespace(name_));
  if (delimiter_.empty()) delimiter_.push_back(';');
  phase_ = Phase::kStart;
  return end + 1;
}

}  // namespace assocsync
