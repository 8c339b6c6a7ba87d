// Work that blocks where no signal and no deadline reaches it: the lookup of a
// host's name, a client library's way to a server.
#ifndef ASSOCSYNC_ENGINE_IO_BOUNDED_H_
#define ASSOCSYNC_ENGINE_IO_BOUNDED_H_

#include <atomic>
#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace assocsync {

// Runs `work` in a thread of its own and waits for its end. Errors:
//   kCancelled         `stop` (may be null) became true.
//   kDeadlineExceeded  not done after `limit`.
//   kResourceExhausted no thread to be had; `work` never ran.
// With the first two the thread is left behind after half a second, in which
// work that sees the same stop or limit ends by itself, which is OK then. It
// may go on until the process ends: `work` must own all that it touches, and
// `stop` must live as long.
absl::Status RunBounded(std::function<void()> work, absl::Duration limit,
                        const std::atomic<bool>* stop);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_BOUNDED_H_
