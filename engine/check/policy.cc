#include "engine/check/policy.h"

#include <fnmatch.h>
#include <regex.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace assocsync {

bool Globs::Match(absl::string_view name) const {
  const std::string text(name);
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const std::string& pattern) {
                       return fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
                     });
}

struct NamePattern::Compiled {
  regex_t regex;
  Compiled() = default;
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
  ~Compiled() { regfree(&regex); }
};

absl::StatusOr<NamePattern> NamePattern::Make(absl::string_view text) {
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '\\') continue;
    ++i;
    if (!absl::ascii_isalnum(text[i])) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "'\\", text.substr(i, 1), "' is not known to POSIX regular expressions",
        text[i] == 'd' ? "; write [0-9]" : ""));
  }
  regex_t regex;
  // Whole names, whatever alternatives the pattern holds.
  const std::string whole = absl::StrCat("^(", text, ")$");
  const int error = regcomp(&regex, whole.c_str(), REG_EXTENDED | REG_NOSUB);
  if (error != 0) {
    char message[256];
    regerror(error, &regex, message, sizeof message);
    return absl::InvalidArgumentError(message);
  }
  auto compiled = std::make_shared<Compiled>();
  compiled->regex = regex;
  NamePattern pattern;
  pattern.text_ = std::string(text);
  pattern.compiled_ = std::move(compiled);
  return pattern;
}

bool NamePattern::Match(absl::string_view name) const {
  return regexec(&compiled_->regex, std::string(name).c_str(), 0, nullptr, 0) ==
         0;
}

Severity Policy::SeverityOf(const Rule& rule) const {
  const auto it = severity.find(std::string(rule.code));
  return it == severity.end() ? rule.severity : it->second;
}

}  // namespace assocsync
