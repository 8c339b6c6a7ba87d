// Untrusted text, made safe to show (base/escape.h), and words for a shell.
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

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_ESCAPE_H_
