// A plan as a comment under a pull request: GitHub's and GitLab's Markdown.
#ifndef ASSOCSYNC_ENGINE_RENDER_MARKDOWN_H_
#define ASSOCSYNC_ENGINE_RENDER_MARKDOWN_H_

#include <string>

#include "absl/status/statusor.h"
#include "engine/render/shown.h"

namespace assocsync {

// Counts, findings, a table of changes with the deletes first, where equal
// changes of users are one row (outline.h), and the commands folded away.
// Whatever names and texts hold, it is shown as it stands: no markup, no HTML,
// no mention gets out of them.
//
// The text takes at most options.max_bytes. A plan that takes more, or more
// than a page, begins with the summary (summary.h); lines that do not fit are
// counted, never cut. Every place that loses something is named, with how
// much, as far as there is room for nothing but that.
// kResourceExhausted: not even the counts fit; the message says how many bytes
// would do.
absl::StatusOr<std::string> RenderMarkdown(const Plan& plan,
                                           const ShowOptions& options = {});

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_MARKDOWN_H_
