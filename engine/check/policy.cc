#include "engine/check/policy.h"

#include <fnmatch.h>
#include <re2/re2.h>

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/input_limits.h"
#include "engine/base/maps.h"

namespace assocsync {

bool Globs::Match(absl::string_view name) const {
  const std::string text(name);
  return absl::c_any_of(patterns_, [&](const std::string& pattern) {
    return fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
  });
}

struct NamePattern::Compiled {
  explicit Compiled(const std::string& text, const RE2::Options& options)
      : regex(text, options) {}
  RE2 regex;
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
  RE2::Options options(RE2::POSIX);
  options.set_encoding(RE2::Options::EncodingLatin1);  // Bytes.
  options.set_max_mem(kMaxPatternMemory);
  options.set_log_errors(false);
  options.set_never_capture(true);
  auto compiled = std::make_shared<const Compiled>(std::string(text), options);
  if (!compiled->regex.ok()) {
    return absl::InvalidArgumentError(compiled->regex.error());
  }
  NamePattern pattern;
  pattern.text_ = std::string(text);
  pattern.compiled_ = std::move(compiled);
  return pattern;
}

bool NamePattern::Match(absl::string_view name) const {
  return RE2::FullMatch(re2::StringPiece(name.data(), name.size()),
                        compiled_->regex);
}

Severity Policy::SeverityOf(const FindingRow& rule) const {
  const Severity* const chosen = FindIn(severity, rule.code);
  return chosen == nullptr ? rule.severity : *chosen;
}

}  // namespace assocsync
