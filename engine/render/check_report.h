// The report of `assocsync check` in the words of those who read it: people,
// code hosts, CI servers. Names and texts of the file are untrusted: nothing
// gets out of them in any format.
#ifndef ASSOCSYNC_ENGINE_RENDER_CHECK_REPORT_H_
#define ASSOCSYNC_ENGINE_RENDER_CHECK_REPORT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/check/check.h"
#include "engine/render/text.h"

namespace assocsync {

inline constexpr int kCheckFormatVersion = 1;

struct CheckTextOptions {
  bool color = false;
  bool verbose = false;  // Also what was lifted, and all related rows.
};

// "trees/lab.cfg:12:9: error AS204 hep/alice: ...", the line with a caret, the
// fix; at the end the counts. In parts as they come.
void RenderCheckText(const CheckReport& report, const CheckTextOptions& options,
                     TextSink sink);

// "lab.cfg: passed; 2 warnings, 1 note; 1 lifted." without a newline.
std::string CheckCounts(const CheckReport& report);

// One JSON object; its schema is check.schema.json. A text that is not UTF-8 is
// shown escaped, as in RenderCheckText.
std::string RenderCheckJson(const CheckReport& report);

// A comment for a pull request: verdict, table, helps folded. At most
// `max_bytes`: findings that do not fit, the last of the mildest, are counted.
// kResourceExhausted: not even the verdict fits; the message says how many
// bytes would do.
absl::StatusOr<std::string> RenderCheckMarkdown(const CheckReport& report,
                                                size_t max_bytes = 65536);

// Workflow commands of GitHub Actions: annotations at the lines. GitHub shows
// ten of each kind for a step; all stand in the log.
std::string RenderCheckGithub(const CheckReport& report);

// GitLab's Code Quality report. Lifted findings are left out.
std::string RenderCheckGitlab(const CheckReport& report);

// SARIF 2.1.0 (OASIS). Lifted findings are in it as suppressed. `version`: of
// this program.
std::string RenderCheckSarif(const CheckReport& report,
                             absl::string_view version);

// JUnit XML: one test for each rule, so that its history can be followed.
std::string RenderCheckJunit(const CheckReport& report);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_CHECK_REPORT_H_
