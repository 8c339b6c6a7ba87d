#include "engine/render/escape.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace assocsync {

std::string ShellQuoted(absl::string_view word) {
  static constexpr absl::string_view kSafe = "%+,-./:=@_";
  const bool safe =
      !word.empty() && word[0] != '=' && absl::c_all_of(word, [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
               kSafe.find(c) != absl::string_view::npos;
      });
  if (safe) return std::string(word);
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

std::string ShownWord(absl::string_view word) {
  const std::string quoted = ShellQuoted(word);
  return IsShowable(word) ? quoted : Escaped(quoted);
}

namespace {

// Whether the character at `i` could be read as markup: HTML, Markdown, a
// mention, a link that begins by itself (http:, www.), an emoji (:name:).
bool IsMarkup(absl::string_view text, size_t i) {
  const char c = text[i];
  if (c == ':') return i + 1 < text.size() && text[i + 1] != ' ';
  if (c == '.') return i > 0 && absl::ascii_tolower(text[i - 1]) == 'w';
  return absl::StrContains("&<>|\\`*_[]{}()#~@!", absl::string_view(&c, 1));
}

}  // namespace

std::string PlainMarkdown(absl::string_view text) {
  const std::string escaped = Escaped(text);
  std::string out;
  for (size_t i = 0; i < escaped.size(); ++i) {
    if (IsMarkup(escaped, i)) {
      absl::StrAppend(&out, "&#", static_cast<int>(escaped[i]), ";");
    } else {
      out += escaped[i];
    }
  }
  return out;
}

std::string CodeMarkdown(absl::string_view text) {
  return absl::StrCat("<code>", PlainMarkdown(text), "</code>");
}

}  // namespace assocsync
