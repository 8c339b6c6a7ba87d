#include "engine/io/tcp.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "engine/io/unique_fd.h"

namespace assocsync {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

// 0: connected; an errno otherwise.
int TryAddress(const addrinfo& address, absl::Duration limit) {
  const UniqueFd fd(socket(address.ai_family,
                           address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                           address.ai_protocol));
  if (!fd.ok()) return errno;
  if (connect(fd.get(), address.ai_addr, address.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  const absl::Time end = absl::Now() + limit;
  while (true) {
    pollfd waiting = {fd.get(), POLLOUT, 0};
    const int64_t left = absl::ToInt64Milliseconds(end - absl::Now());
    if (left <= 0) return ETIMEDOUT;
    const int ready = poll(&waiting, 1, static_cast<int>(left));
    if (ready == 0) return ETIMEDOUT;
    if (ready > 0) break;
    if (errno != EINTR) return errno;
  }
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
    return errno;
  }
  return error;
}

}  // namespace

absl::StatusOr<bool> Listens(const std::string& host, int port,
                             absl::Duration limit) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int failed =
      getaddrinfo(host.c_str(), absl::StrCat(port).c_str(), &hints, &list);
  if (failed != 0) {
    return absl::NotFoundError(absl::StrCat(host, ": ", gai_strerror(failed)));
  }
  const std::unique_ptr<addrinfo, FreeAddresses> owner(list);
  // A name may have an address of a family that this machine does not speak:
  // that says nothing, as long as another one answered.
  bool refused = false;
  int unclear = 0, last = 0;
  for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
    last = TryAddress(*at, limit);
    if (last == 0) return true;
    if (last == ECONNREFUSED) refused = true;
    if (last == ETIMEDOUT || last == EHOSTUNREACH) unclear = last;
  }
  if (refused && unclear == 0) return false;
  if (unclear == 0) unclear = last;
  return absl::UnavailableError(
      absl::StrCat(host, ":", port, ": ", strerror(unclear)));
}

}  // namespace assocsync
