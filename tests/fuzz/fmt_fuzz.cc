// fmt keeps the tree and every comment, and a second time changes nothing.
#include <algorithm>
#include <string>

#include "engine/cfg/format.h"
#include "engine/cfg/parse.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assocsync;  // NOLINT
  const absl::string_view text = fuzz::Text(data, size);
  const ParseResult parsed = Parse(text);
  const absl::StatusOr<std::string> formatted = Format("t", text);
  if (!formatted.ok()) {
    FUZZ_LAW(formatted.status().code() != absl::StatusCode::kInternal,
             formatted.status().message());
    return 0;
  }
  FUZZ_LAW(parsed.errors.empty(), *formatted);
  const ParseResult again = Parse(*formatted);
  FUZZ_LAW(again.errors.empty(), FormatErrors("t", again.errors));
  FUZZ_LAW(again.tree == parsed.tree, *formatted);
  const absl::StatusOr<std::string> twice = Format("t", *formatted);
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
