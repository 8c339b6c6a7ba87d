// How long, and until when, a socket is waited for. Internal to engine/io: the
// MariaDB client library calls WaitForSocket wherever it would block.
#ifndef ASSOCSYNC_ENGINE_IO_SOCKET_WAIT_H_
#define ASSOCSYNC_ENGINE_IO_SOCKET_WAIT_H_

#include <atomic>
#include <chrono>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace assocsync {

// One conversation's patience. While it is in scope it is that of its thread;
// they nest. Once it has ended, each further wait fails at once.
class SocketWait {
 public:
  // `limit`: of each wait; `total`: of all of them together. `stop`: ends them,
  // looked at ten times a second and more; may be null.
  SocketWait(absl::Duration limit, absl::Duration total,
             const std::atomic<bool>* stop);
  SocketWait(const SocketWait&) = delete;
  SocketWait& operator=(const SocketWait&) = delete;
  ~SocketWait();

  // True when `fd` can be read from (or written to). False: it could not be,
  // see ended(), or poll failed.
  bool Wait(int fd, bool to_read);
  // False where `stop` came, which ends it.
  bool GoOn();
  // OK, or why there is no more waiting: kCancelled, kDeadlineExceeded.
  const absl::Status& ended() const { return ended_; }

 private:
  const absl::Duration limit_;
  const std::chrono::steady_clock::time_point start_;
  const absl::Duration total_;
  const std::atomic<bool>* const stop_;
  SocketWait* const outer_;
  absl::Status ended_;
};

// For MARIADB_OPT_IO_WAIT: 1 when `fd` is ready, 0 when the thread's SocketWait
// waits no longer (ETIMEDOUT), -1 when it failed. Without a SocketWait nobody
// waits. Also makes `fd` non-blocking: of a TLS connection the library reads
// without asking first. `timeout`, the library's own in whole seconds, is not
// looked at.
int WaitForSocket(int fd, char to_read, int timeout);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_SOCKET_WAIT_H_
