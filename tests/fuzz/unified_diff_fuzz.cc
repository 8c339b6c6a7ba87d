// A unified diff is what patch(1) needs: applied here to the one text it gives
// the other. Input: the two texts, %% between.
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/render/escape.h"
#include "engine/render/unified_diff.h"
#include "tests/fuzz/fuzz.h"

namespace assocsync {
namespace {

std::vector<absl::string_view> Lines(absl::string_view text) {
  std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  lines.pop_back();  // Behind the last newline.
  return lines;
}

// "@@ -12,7 +12,8 @@ ..." -> 12
size_t FirstLine(absl::string_view head) {
  head.remove_prefix(4);
  const size_t end = head.find_first_of(", ");
  size_t line = 0;
  FUZZ_LAW(absl::SimpleAtoi(head.substr(0, end), &line), head);
  // Nothing goes: the line before is named.
  return head[end] == ',' && head[end + 1] == '0' ? line + 1 : line;
}

std::string Patched(absl::string_view from, absl::string_view patch) {
  const std::vector<absl::string_view> old = Lines(from);
  std::string out;
  size_t at = 0;  // In `old`.
  const std::vector<absl::string_view> lines = Lines(patch);
  // Two lines of head; a deleted "-- live" is another line "--- live".
  for (size_t i = 2; i < lines.size(); ++i) {
    const absl::string_view line = lines[i];
    if (absl::StartsWith(line, "@@ -")) {
      for (const size_t first = FirstLine(line); at + 1 < first; ++at) {
        FUZZ_LAW(at < old.size(), patch);
        absl::StrAppend(&out, old[at], "\n");
      }
      continue;
    }
    FUZZ_LAW(!line.empty(), patch);
    if (line[0] != '+') {
      FUZZ_LAW(at < old.size() && old[at] == line.substr(1), patch);
      ++at;
    }
    if (line[0] != '-') absl::StrAppend(&out, line.substr(1), "\n");
  }
  for (; at < old.size(); ++at) absl::StrAppend(&out, old[at], "\n");
  return out;
}

// A canonical text: whole lines. What a terminal must not get is escaped, and
// then the patch is for reading only.
std::string Canonical(absl::string_view text) {
  std::string out;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!line.empty() && Escaped(line) == line) {
      absl::StrAppend(&out, line, "\n");
    }
  }
  return out;
}

}  // namespace
}  // namespace assocsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assocsync;  // NOLINT
  const auto parts = fuzz::Parts(fuzz::Text(data, size), 2);
  const std::string raw = UnifiedDiff(parts[0], parts[1], {.color = true});
  FUZZ_LAW(UnifiedDiff(parts[0], parts[1], {.color = true}) == raw, raw);
  const std::string from = Canonical(parts[0]), to = Canonical(parts[1]);
  for (const int context : {0, 3}) {
    const std::string patch = UnifiedDiff(from, to, {.context = context});
    FUZZ_LAW(patch.empty() == (from == to), patch);
    FUZZ_LAW(Patched(from, patch) == to, patch);
  }
  return 0;
}
