#include "engine/slurm/sql_text.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace assocsync::slurm {
namespace {

using absl::string_view;

// Where the literal that begins at `begin` ends: the place after its last
// quote; npos: never.
size_t EndOfLiteral(string_view text, size_t begin) {
  for (size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '\'') {
      if (i + 1 < text.size() && text[i + 1] == '\'') {
        ++i;
      } else {
        return i + 1;
      }
    }
  }
  return string_view::npos;
}

bool IsNameChar(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

// Reads a condition from the front to the back.
class Reader {
 public:
  explicit Reader(string_view text) : text_(text) {}

  std::optional<std::vector<Alternatives>> Condition() {
    std::vector<Alternatives> groups;
    do {
      Alternatives group;
      const bool inside = Take("(");
      do {
        if (!Term(&group)) return std::nullopt;
      } while (Take("||"));
      if (inside && !Take(")")) return std::nullopt;
      groups.push_back(std::move(group));
    } while (Take("&&"));
    Blanks();
    if (!text_.empty()) return std::nullopt;
    return groups;
  }

 private:
  void Blanks() { text_ = absl::StripLeadingAsciiWhitespace(text_); }
  bool Take(string_view word) {
    Blanks();
    return absl::ConsumePrefix(&text_, word);
  }

  bool Term(Alternatives* group) {
    Blanks();
    size_t n = 0;
    while (n < text_.size() && IsNameChar(text_[n])) ++n;
    const std::string column(text_.substr(0, n));
    if (column.empty()) return false;
    if (!group->column.empty() && group->column != column) return false;
    group->column = column;
    text_.remove_prefix(n);
    if (Take("=")) return Value(group);
    if (!Take("in")) return false;
    if (!Take("(")) return false;
    do {
      if (!Value(group)) return false;
    } while (Take(","));
    return Take(")");
  }

  bool Value(Alternatives* group) {
    Blanks();
    if (!text_.empty() && text_[0] == '\'') {
      const size_t end = EndOfLiteral(text_, 0);
      if (end == string_view::npos) return false;
      group->values.push_back(*ReadLiteral(text_.substr(0, end)));
      text_.remove_prefix(end);
      return true;
    }
    size_t n = 0;
    while (n < text_.size() && absl::ascii_isdigit(text_[n])) ++n;
    if (n == 0) return false;
    group->values.emplace_back(text_.substr(0, n));
    text_.remove_prefix(n);
    return true;
  }

  string_view text_;
};

// "`partition`='x'" into its two sides.
std::optional<Assignment> ReadAssignment(string_view text) {
  text = absl::StripAsciiWhitespace(text);
  const bool ticks = absl::ConsumePrefix(&text, "`");
  size_t n = 0;
  while (n < text.size() && IsNameChar(text[n])) ++n;
  Assignment out;
  out.column = std::string(text.substr(0, n));
  text.remove_prefix(n);
  if (out.column.empty()) return std::nullopt;
  if (ticks && !absl::ConsumePrefix(&text, "`")) return std::nullopt;
  text = absl::StripLeadingAsciiWhitespace(text);
  if (!absl::ConsumePrefix(&text, "=")) return std::nullopt;
  text = absl::StripLeadingAsciiWhitespace(text);
  if (text.empty()) return std::nullopt;
  out.expression = std::string(text);
  return out;
}

}  // namespace

std::optional<std::vector<Assignment>> ReadAssignments(string_view text) {
  std::vector<Assignment> out;
  size_t begin = 0;
  int depth = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || (text[i] == ',' && depth == 0)) {
      std::optional<Assignment> one =
          ReadAssignment(text.substr(begin, i - begin));
      if (!one.has_value() || depth != 0) return std::nullopt;
      out.push_back(*std::move(one));
      begin = i + 1;
    } else if (text[i] == '\'') {
      const size_t end = EndOfLiteral(text, i);
      if (end == string_view::npos) return std::nullopt;
      i = end - 1;
    } else if (text[i] == '(') {
      ++depth;
    } else if (text[i] == ')' && --depth < 0) {
      return std::nullopt;
    }
  }
  return out;
}

std::optional<std::string> ReadLiteral(string_view sql) {
  if (sql.size() < 2 || sql[0] != '\'' || EndOfLiteral(sql, 0) != sql.size()) {
    return std::nullopt;
  }
  sql = sql.substr(1, sql.size() - 2);
  std::string out;
  out.reserve(sql.size());
  for (size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] == '\'') {
      ++i;  // Doubled.
      out.push_back('\'');
    } else if (sql[i] == '\\') {
      static constexpr string_view kLetters = "0bnrtZ";
      static constexpr string_view kMeanings("\0\b\n\r\t\x1a", 6);
      const char c = sql[++i];
      const size_t at = kLetters.find(c);
      // A pattern keeps the backslash before its wildcards.
      if (c == '%' || c == '_') out.push_back('\\');
      out.push_back(at == string_view::npos ? c : kMeanings[at]);
    } else {
      out.push_back(sql[i]);
    }
  }
  return out;
}

std::optional<uint64_t> ReadNumber(string_view text) {
  uint64_t number = 0;
  if (text.empty() ||
      text.find_first_not_of("0123456789") != string_view::npos ||
      !absl::SimpleAtoi(text, &number)) {
    return std::nullopt;
  }
  return number;
}

std::optional<std::vector<Alternatives>> ReadCondition(string_view text) {
  return Reader(text).Condition();
}

}  // namespace assocsync::slurm
