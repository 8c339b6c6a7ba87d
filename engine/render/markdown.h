// A plan as a comment under a pull request: GitHub's and GitLab's Markdown.
#ifndef ASSOCSYNC_ENGINE_RENDER_MARKDOWN_H_
#define ASSOCSYNC_ENGINE_RENDER_MARKDOWN_H_

#include <string>

namespace assocsync {

struct Plan;

struct MarkdownOptions {
  std::string target_name = "target";
  std::string base_name = "";  // Of a merge; empty: there is none.
  // Rows of the table; the rest is counted. Comments have a limit (65,536
  // characters on GitHub), and people do too.
  size_t max_rows = 100;
};

// Summary, findings, a table of changes, and the commands folded away. Whatever
// names and texts hold, it is shown as it stands: no markup, no HTML, no
// mention gets out of them.
std::string RenderMarkdown(const Plan& plan,
                           const MarkdownOptions& options = {});

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_MARKDOWN_H_
