// A journal as a crash or an editor left it. Splitting loses no byte; of a good
// one every prefix is good, which is what a crash leaves.
#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/apply/journal.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/journal_summary.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assocsync;  // NOLINT
  const absl::string_view text = fuzz::Text(data, size);
  const JournalLines split = SplitJournal(text);
  std::string joined;
  for (const std::string& line : split.lines) {
    absl::StrAppend(&joined, line, "\n");
  }
  FUZZ_LAW(absl::StrCat(joined, split.torn) == text, joined);

  const absl::StatusOr<JournalRun> run = ParseJournal(text);
  if (!run.ok()) {
    FUZZ_LAW(run.status().code() == absl::StatusCode::kDataLoss,
             run.status().message());
    return 0;
  }
  FUZZ_LAW(run->done() <= run->steps.size(), Summary(*run));
  FUZZ_LAW(!Summary(*run).empty(), "");
  // The first line alone, and all but the last bytes.
  const size_t first = text.find('\n') + 1;
  for (const size_t cut : {first, (first + size) / 2, size - 1}) {
    if (cut < first || cut > size) continue;
    const auto prefix = ParseJournal(text.substr(0, cut));
    FUZZ_LAW(prefix.ok(), prefix.status().message());
  }
  return 0;
}
