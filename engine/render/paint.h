// Colours of a terminal, for every text that people read there.
#ifndef ASSOCSYNC_ENGINE_RENDER_PAINT_H_
#define ASSOCSYNC_ENGINE_RENDER_PAINT_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace assocsync {

inline constexpr absl::string_view kBold = "\x1b[1m";
inline constexpr absl::string_view kRed = "\x1b[31m";
inline constexpr absl::string_view kGreen = "\x1b[32m";
inline constexpr absl::string_view kYellow = "\x1b[33m";
inline constexpr absl::string_view kCyan = "\x1b[36m";
inline constexpr absl::string_view kDim = "\x1b[2m";
inline constexpr absl::string_view kPlain = "\x1b[0m";

// `text` in one of these, where there is colour.
inline std::string Painted(bool color, absl::string_view paint,
                           absl::string_view text) {
  return color ? absl::StrCat(paint, text, kPlain) : std::string(text);
}

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_PAINT_H_
