// UTF-8, strictly: no surrogates, no overlong forms.
#ifndef ASSOCSYNC_ENGINE_BASE_UTF8_H_
#define ASSOCSYNC_ENGINE_BASE_UTF8_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace assocsync {

// Reads one character from the front of `text`, which is not empty. Returns its
// length, or 0 where the bytes are no valid UTF-8.
size_t DecodeUtf8(absl::string_view text, uint32_t* rune);

// How many bytes at the front of `text` are valid.
size_t Utf8Prefix(absl::string_view text);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BASE_UTF8_H_
