// Status helpers that Abseil 20220623 lacks. No exceptions anywhere: a function
// that can fail returns absl::Status or absl::StatusOr.
#ifndef ASSOCSYNC_ENGINE_BASE_STATUS_H_
#define ASSOCSYNC_ENGINE_BASE_STATUS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace assocsync {

namespace internal {
inline absl::Status Changed(const absl::Status& from, absl::StatusCode code,
                            absl::string_view message) {
  absl::Status to(code, message);
  from.ForEachPayload([&](absl::string_view type, const absl::Cord& payload) {
    to.SetPayload(type, payload);
  });
  return to;
}
}  // namespace internal

// The same error with "`context`: " before its message; code and payloads are
// kept. OK stays OK.
inline absl::Status Annotate(const absl::Status& status,
                             absl::string_view context) {
  if (status.ok()) return status;
  return internal::Changed(status, status.code(),
                           absl::StrCat(context, ": ", status.message()));
}

template <typename T>
absl::StatusOr<T> Annotate(absl::StatusOr<T> value, absl::string_view context) {
  if (value.ok()) return value;
  return Annotate(value.status(), context);
}

// The same error with another code; message and payloads are kept.
inline absl::Status WithCode(absl::StatusCode code,
                             const absl::Status& status) {
  return internal::Changed(status, code, status.message());
}

namespace internal {
inline absl::Status StatusOf(absl::Status status) { return status; }
template <typename T>
absl::Status StatusOf(const absl::StatusOr<T>& value) {
  return value.status();
}
}  // namespace internal

}  // namespace assocsync

// Returns from the calling function when `expr` (a Status or StatusOr) failed.
#define RETURN_IF_ERROR(expr)                                         \
  do {                                                                \
    if (absl::Status status_ = ::assocsync::internal::StatusOf(expr); \
        !status_.ok())                                                \
      return status_;                                                 \
  } while (false)

// ASSIGN_OR_RETURN(auto x, F()); assigns the value or returns the error.
#define ASSIGN_OR_RETURN(lhs, expr) \
  ASSIGN_OR_RETURN_IMPL_(ASSOCSYNC_CONCAT_(status_or_, __LINE__), lhs, expr)
#define ASSIGN_OR_RETURN_IMPL_(tmp, lhs, expr) \
  auto tmp = (expr);                           \
  if (!tmp.ok()) return tmp.status();          \
  lhs = std::move(*tmp)
#define ASSOCSYNC_CONCAT_(a, b) ASSOCSYNC_CONCAT_IMPL_(a, b)
#define ASSOCSYNC_CONCAT_IMPL_(a, b) a##b

#endif  // ASSOCSYNC_ENGINE_BASE_STATUS_H_
