// Untrusted text, made safe to show (base/escape.h), words for a shell, and
// text in Markdown.
#ifndef ASSOCSYNC_ENGINE_RENDER_ESCAPE_H_
#define ASSOCSYNC_ENGINE_RENDER_ESCAPE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "engine/base/escape.h"

namespace assocsync {

// One word for a POSIX shell: as it is where no character could mean anything
// else, otherwise in single quotes. Any bytes but NUL.
std::string ShellQuoted(absl::string_view word);
// The same for people, who copy it: a word that cannot be shown is escaped, and
// then not to be copied.
std::string ShownWord(absl::string_view word);

// For GitHub's and GitLab's Markdown.

// Text that is nothing but text: what could be markup, a mention, a link or an
// emoji becomes character references. One line.
std::string PlainMarkdown(absl::string_view text);
// The same in the letters of code, where nobody is mentioned.
std::string CodeMarkdown(absl::string_view text);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_ESCAPE_H_
