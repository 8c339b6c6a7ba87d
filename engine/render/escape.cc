#include "engine/render/escape.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"

namespace assocsync {

std::string ShellQuoted(absl::string_view word) {
  static constexpr absl::string_view kSafe = "%+,-./:=@_";
  const bool safe =
      !word.empty() && word[0] != '=' && absl::c_all_of(word, [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
               kSafe.find(c) != absl::string_view::npos;
      });
  if (safe) return std::string(word);
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'') {
      out.append("'\\''");
    } else {
      out.push_back(c);
    }
  }
  out.push_back('\'');
  return out;
}

std::string ShownWord(absl::string_view word) {
  const std::string quoted = ShellQuoted(word);
  return IsShowable(word) ? quoted : Escaped(quoted);
}

}  // namespace assocsync
