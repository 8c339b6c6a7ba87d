// Whether a document may be given to a parser of others: in memory it can be a
// hundred times as large as its text, and a parser or what it makes may use the
// stack for each level.
#ifndef ASSOCSYNC_ENGINE_BASE_INPUT_SHAPE_H_
#define ASSOCSYNC_ENGINE_BASE_INPUT_SHAPE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace assocsync {

// kResourceExhausted where `text` is nested deeper, or made of more values for
// its length, than input_limits.h allows. Says nothing of whether it is JSON.
absl::Status CheckJsonShape(absl::string_view text);

// The same for TOML: "line 3 holds more than ...".
absl::Status CheckTomlShape(absl::string_view text);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BASE_INPUT_SHAPE_H_
