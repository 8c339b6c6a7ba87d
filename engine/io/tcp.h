// Does anything listen there?
#ifndef ASSOCSYNC_ENGINE_IO_TCP_H_
#define ASSOCSYNC_ENGINE_IO_TCP_H_

#include <atomic>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace assocsync {

// Whether a connection to `port` of `host` (a name or an address) is taken by
// any of its addresses; it is closed at once, not a byte is sent. False: it was
// turned away, nobody listens. Errors, where that cannot be told: kNotFound
// (the name has no address), kUnavailable (no answer within `limit`, or no
// way there), kDeadlineExceeded (the name was not found in that time),
// kCancelled (`stop`, may be null, became true; it must live as long as the
// process). `limit`: of the lookup, and for each address.
absl::StatusOr<bool> Listens(const std::string& host, int port,
                             absl::Duration limit,
                             const std::atomic<bool>* stop = nullptr);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_TCP_H_
