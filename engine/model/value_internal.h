// How each family of kinds canonicalises; only value*.cc includes this.
#ifndef ASSOCSYNC_ENGINE_MODEL_VALUE_INTERNAL_H_
#define ASSOCSYNC_ENGINE_MODEL_VALUE_INTERNAL_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "engine/model/value.h"

namespace assocsync::internal {

inline CanonicalValue NotSet() { return {}; }
inline CanonicalValue SetTo(std::string text) {
  return {true, std::move(text), ""};
}

// "'10abc' is not a whole number": the value, then what is wrong with it.
template <typename... Args>
absl::Status Bad(absl::string_view raw, const Args&... wrong) {
  return absl::InvalidArgumentError(absl::StrCat("'", raw, "' ", wrong...));
}

// value_number.cc. `raw` comes without blanks around it.
absl::StatusOr<CanonicalValue> CanonicalCount(absl::string_view raw);
absl::StatusOr<CanonicalValue> CanonicalFairshare(absl::string_view raw);
absl::StatusOr<CanonicalValue> CanonicalMinutes(absl::string_view raw);
absl::StatusOr<CanonicalValue> CanonicalSeconds(absl::string_view raw);
absl::StatusOr<CanonicalValue> CanonicalFactor(absl::string_view raw);

// value_tres.cc
absl::StatusOr<CanonicalValue> CanonicalTres(absl::string_view raw,
                                             Origin origin);

}  // namespace assocsync::internal

#endif  // ASSOCSYNC_ENGINE_MODEL_VALUE_INTERNAL_H_
