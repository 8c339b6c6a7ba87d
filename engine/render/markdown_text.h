// Untrusted text in GitHub's and GitLab's Markdown.
#ifndef ASSOCSYNC_ENGINE_RENDER_MARKDOWN_TEXT_H_
#define ASSOCSYNC_ENGINE_RENDER_MARKDOWN_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace assocsync {

// Text that is nothing but text: what could be markup, a mention, a link or an
// emoji becomes character references. One line.
std::string PlainMarkdown(absl::string_view text);
// The same in the letters of code, where nobody is mentioned.
std::string CodeMarkdown(absl::string_view text);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_MARKDOWN_TEXT_H_
