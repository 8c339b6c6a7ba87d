// A plan as a comment under a pull request: GitHub's and GitLab's Markdown.
#ifndef ASSOCSYNC_ENGINE_RENDER_MARKDOWN_H_
#define ASSOCSYNC_ENGINE_RENDER_MARKDOWN_H_

#include <string>

#include "engine/render/shown.h"

namespace assocsync {

// Summary, findings, a table of changes, and the commands folded away. Whatever
// names and texts hold, it is shown as it stands: no markup, no HTML, no
// mention gets out of them.
std::string RenderMarkdown(const Plan& plan, const ShowOptions& options = {});

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_MARKDOWN_H_
