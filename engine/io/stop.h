// The flag by which a user ends what runs.
#ifndef ASSOCSYNC_ENGINE_IO_STOP_H_
#define ASSOCSYNC_ENGINE_IO_STOP_H_

#include <atomic>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace assocsync {

// kCancelled, as `words` say it, once `stop` (may be null) is true.
inline absl::Status CheckStop(const std::atomic<bool>* stop,
                              absl::string_view words = "stopped on request") {
  return stop != nullptr && stop->load() ? absl::CancelledError(words)
                                         : absl::OkStatus();
}

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_STOP_H_
