// A plan as people like to read it.
#ifndef ASSOCSYNC_ENGINE_RENDER_TEXT_H_
#define ASSOCSYNC_ENGINE_RENDER_TEXT_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "engine/render/outline.h"
#include "engine/render/shown.h"

namespace assocsync {

struct ClustersPlan;

// Equal changes of users are one line (outline.h), but with `verbose`. A text
// of more lines than options.screen begins with a summary of less than 40, and
// that with the counts, then it says everything. Ends with the counts: "Plan:
// 12 to add, 3 to change, 1 to move, 4 to delete; 9 commands.", or "No changes.
// Live is in sync with backup.cfg.". Names and values are untrusted: control
// characters and terminal escapes are shown, not sent. Linear in the size of
// the plan. In parts of about kTextPart as they come.
inline constexpr size_t kTextPart = size_t{1} << 16;
using TextSink = absl::FunctionRef<void(absl::string_view)>;
void RenderText(const Plan& plan, const ShowOptions& options, TextSink sink);

// The lines of the summary alone, less than 40; with summary and verbose all.
std::string RenderSummary(const std::vector<Item>& outline,
                          const ShowOptions& options);

// Findings only, worst first as they come.
std::string RenderFindings(const Plan& plan, const ShowOptions& options);

// The last line of RenderText, without its newline.
std::string RenderCounts(const Plan& plan, const ShowOptions& options);

// What stands below the plans of a database's clusters: the findings of the
// whole, and "Plan of 2 clusters: 12 to add, 3 to change, 1 to move, 4 to
// delete; 9 commands.", or "No changes. Live is in sync on 2 clusters.".
std::string RenderWhole(const ClustersPlan& whole, const ShowOptions& options);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_TEXT_H_
