#include "engine/io/socket_wait.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/io/stop.h"

namespace assocsync {
namespace {

using Clock = std::chrono::steady_clock;

constexpr absl::Duration kStopCheck = absl::Milliseconds(50);

// The library's callback is told of no object of ours.
thread_local SocketWait* waiting = nullptr;

}  // namespace

SocketWait::SocketWait(absl::Duration limit, absl::Duration total,
                       const std::atomic<bool>* stop)
    : limit_(limit),
      start_(Clock::now()),
      total_(total),
      stop_(stop),
      outer_(waiting) {
  waiting = this;
}

SocketWait::~SocketWait() { waiting = outer_; }

bool SocketWait::GoOn() {
  if (ended_.ok()) ended_ = CheckStop(stop_, "interrupted");
  return ended_.ok();
}

bool SocketWait::Wait(int fd, bool to_read) {
  const Clock::time_point start = Clock::now();
  const absl::Duration limit =
      std::min(limit_, total_ - absl::FromChrono(start - start_));
  while (GoOn()) {
    const absl::Duration left = limit - absl::FromChrono(Clock::now() - start);
    if (left <= absl::ZeroDuration()) {
      ended_ = absl::DeadlineExceededError(absl::StrCat(
          "no answer within ", absl::FormatDuration(std::min(limit_, total_))));
      break;
    }
    pollfd waited = {fd, static_cast<short>(to_read ? POLLIN : POLLOUT), 0};
    const int ready = poll(&waited, 1,
                           static_cast<int>(absl::ToInt64Milliseconds(std::min(
                               left + absl::Milliseconds(1), kStopCheck))));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
  errno = ETIMEDOUT;
  return false;
}

int WaitForSocket(int fd, char to_read, int) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags >= 0 && (flags & O_NONBLOCK) == 0) {
    fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  }
  if (waiting != nullptr && waiting->Wait(fd, to_read != 0)) return 1;
  return waiting == nullptr || !waiting->ended().ok() ? 0 : -1;
}

}  // namespace assocsync
