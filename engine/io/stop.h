// The flag by which a user ends what runs.
#ifndef ASSOCSYNC_ENGINE_IO_STOP_H_
#define ASSOCSYNC_ENGINE_IO_STOP_H_

#include <atomic>

#include "absl/status/status.h"

namespace assocsync {

// kCancelled once `stop` (may be null) is true.
inline absl::Status CheckStop(const std::atomic<bool>* stop) {
  return stop != nullptr && stop->load()
             ? absl::CancelledError("stopped on request")
             : absl::OkStatus();
}

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_STOP_H_
