#include "engine/base/input_shape.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "engine/base/input_limits.h"

namespace assocsync {

absl::Status CheckJsonShape(absl::string_view text) {
  size_t depth = 0;
  size_t values = 1;
  bool in_text = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_text) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_text = false;
      }
      continue;
    }
    switch (c) {
      case '"':
        in_text = true;
        break;
      case '[':
      case '{':
        ++values;  // Its first element; the others have a comma.
        if (++depth > kMaxJsonDepth) {
          return absl::ResourceExhaustedError(
              absl::StrCat("nested deeper than ", kMaxJsonDepth));
        }
        break;
      case ']':
      case '}':
        if (depth > 0) --depth;
        break;
      case ',':
        ++values;
        break;
      default:
        break;
    }
  }
  if (values > kFreeJsonValues + text.size() / kLeastJsonBytesPerValue) {
    return absl::ResourceExhaustedError(
        absl::StrCat("made of ", values, " values in ", text.size(), " bytes"));
  }
  return absl::OkStatus();
}

// Dots in texts do not count, and where a text of several lines makes this err
// about that, it errs by a few.
absl::Status CheckTomlShape(absl::string_view text) {
  size_t values = 0;
  size_t line = 1;
  size_t dots = 0;
  char quote = '\0';
  for (const char c : text) {
    if (c == '\n') {
      ++line;
      dots = 0;
      quote = '\0';
    } else if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '.') {
      if (++dots > kMaxTomlDepth) {
        return absl::ResourceExhaustedError(
            absl::StrCat("line ", line, " holds a key of more than ",
                         kMaxTomlDepth, " parts"));
      }
    } else if (c == ',' || c == '=' || c == '[' || c == '{') {
      ++values;
    }
  }
  if (values > kMaxTomlValues) {
    return absl::ResourceExhaustedError(
        absl::StrCat("it holds more than ", kMaxTomlValues, " values"));
  }
  return absl::OkStatus();
}

}  // namespace assocsync
