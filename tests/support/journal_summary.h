// A run in a sentence, for tests that say what a journal must come to.
#ifndef ASSOCSYNC_TESTS_SUPPORT_JOURNAL_SUMMARY_H_
#define ASSOCSYNC_TESTS_SUPPORT_JOURNAL_SUMMARY_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/apply/journal.h"
#include "engine/base/counted.h"

namespace assocsync {

// "run of 2026-11-24T00:07:44Z on lab (24.11.5): 3 of 7 steps done, killed
// during step 4"
inline std::string Summary(const JournalRun& run) {
  std::string text = absl::StrCat(
      "run of ",
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", run.start.time,
                       absl::UTCTimeZone()),
      " on ", run.start.cluster, " (", run.start.release, "): ", run.done(),
      " of ", Counted(run.start.steps, "step"), " done");
  if (run.stopped) {
    absl::StrAppend(&text, ", ", run.outcome);
  } else if (!run.steps.empty() && !run.steps.back().ended) {
    absl::StrAppend(&text, ", killed during step ", run.steps.back().number);
  } else {
    absl::StrAppend(&text, ", killed before step ", run.steps.size() + 1);
  }
  return text;
}

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_JOURNAL_SUMMARY_H_
