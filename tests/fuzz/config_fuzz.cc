// The config file: an error with its place, or entries with theirs.
#include "absl/strings/match.h"
#include "cli/args.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assocsync;  // NOLINT
  const auto entries = ParseConfig("c.toml", fuzz::Text(data, size));
  if (!entries.ok()) {
    FUZZ_LAW(absl::StartsWith(entries.status().message(), "c.toml:"),
             entries.status().message());
    return 0;
  }
  int line = 1;
  for (const ConfigEntry& entry : *entries) {
    FUZZ_LAW(entry.line >= line && entry.column >= 1, entry.key);
    line = entry.line;
    FUZZ_LAW(!entry.is_flag || entry.value == "true" || entry.value == "false",
             entry.value);
  }
  return 0;
}
