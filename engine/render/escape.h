// Untrusted text, made safe to show.
#ifndef ASSOCSYNC_ENGINE_RENDER_ESCAPE_H_
#define ASSOCSYNC_ENGINE_RENDER_ESCAPE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace assocsync {

// One line that no terminal can take for anything but text: control characters
// (C0, DEL, C1), bytes that are not UTF-8, line and paragraph separators and
// all characters that change the direction of text or cannot be seen are shown
// as \n, \t, \x1b, \u{202e}; a backslash is doubled. All else is kept.
std::string Escaped(absl::string_view text);
void AppendEscaped(absl::string_view text, std::string* out);

// Makes `*json`, a JSON text, safe to show as well: the same values, in which
// what Escaped would escape is written as \u202e. (Writers of JSON escape the
// characters below the blank only.)
void EscapeJson(std::string* json);

// True if `text` is valid UTF-8 (no surrogates, no overlong forms).
bool IsUtf8(absl::string_view text);

// True if `text` is valid UTF-8 and Escaped would change nothing but
// backslashes.
bool IsShowable(absl::string_view text);

// One word for a POSIX shell: as it is where no character could mean anything
// else, otherwise in single quotes. Any bytes but NUL.
std::string ShellQuoted(absl::string_view word);
// The same for people, who copy it: a word that cannot be shown is escaped, and
// then not to be copied.
std::string ShownWord(absl::string_view word);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_ESCAPE_H_
