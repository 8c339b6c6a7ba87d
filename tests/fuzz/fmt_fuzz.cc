// fmt keeps the tree and every comment, and a second time changes nothing.
#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "engine/cfg/format.h"
#include "engine/cfg/marks.h"
#include "engine/cfg/parse.h"
#include "tests/fuzz/fuzz.h"

namespace assocsync {
namespace {

// Each line whose first character is a `#` is a comment, for quotes end with
// their line.
void CheckComments(absl::string_view text, absl::string_view formatted) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (!absl::StartsWith(line, "#") ||
        absl::StartsWith(line, "# assocsync:") || line == cfg::kEditNote) {
      continue;
    }
    FUZZ_LAW(absl::StrContains(formatted, line), line);
  }
}

}  // namespace
}  // namespace assocsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assocsync;  // NOLINT
  const absl::string_view text = fuzz::Text(data, size);
  const ParseResult parsed = Parse(text);
  const absl::StatusOr<std::string> formatted = FormatTree("t", text);
  if (!formatted.ok()) {
    FUZZ_LAW(formatted.status().code() != absl::StatusCode::kInternal,
             formatted.status().message());
    return 0;
  }
  FUZZ_LAW(parsed.errors.empty(), *formatted);
  const ParseResult again = Parse(*formatted);
  FUZZ_LAW(again.errors.empty(), FormatErrors("t", again.errors));
  FUZZ_LAW(again.tree == parsed.tree, *formatted);
  CheckComments(text, *formatted);
  const absl::StatusOr<std::string> twice = FormatTree("t", *formatted);
  FUZZ_LAW(twice.ok(), twice.status().message());
  FUZZ_LAW(*twice == *formatted, *twice);
  // Its own two marks and their note are all that may come without being asked
  // for; a `#` in a text gets a backslash, never lost.
  const auto hashes = [](absl::string_view s) {
    return std::count(s.begin(), s.end(), '#');
  };
  FUZZ_LAW(hashes(*twice) == hashes(*formatted), *twice);
  return 0;
}
