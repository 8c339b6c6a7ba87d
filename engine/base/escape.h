// Untrusted text, made safe to show.
#ifndef ASSOCSYNC_ENGINE_BASE_ESCAPE_H_
#define ASSOCSYNC_ENGINE_BASE_ESCAPE_H_

#include <cstddef>
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

// How many bytes at the front of `text` are valid UTF-8 (no surrogates, no
// overlong forms).
size_t Utf8Prefix(absl::string_view text);
// True if all of `text` is.
bool IsUtf8(absl::string_view text);

// True if `text` is valid UTF-8 and Escaped would change nothing but
// backslashes.
bool IsShowable(absl::string_view text);

// How many columns of a terminal `text` takes, which Escaped made: 2 for a wide
// character of East Asia, none for an accent that is put on the one before it.
size_t Columns(absl::string_view text);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BASE_ESCAPE_H_
