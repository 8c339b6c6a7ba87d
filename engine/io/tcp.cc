#include "engine/io/tcp.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/io/bounded.h"
#include "engine/io/socket_wait.h"
#include "engine/io/unique_fd.h"

namespace assocsync {
namespace {

using Addresses = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

// Outlives the caller where the lookup does.
struct Lookup {
  std::string host;
  int port = 0;
  int error = 0;
  Addresses found{nullptr, &freeaddrinfo};
};

absl::StatusOr<Addresses> Find(const std::string& host, int port,
                               absl::Duration limit,
                               const std::atomic<bool>* stop) {
  const auto lookup = std::make_shared<Lookup>();
  lookup->host = host;
  lookup->port = port;
  const auto find = [lookup] {
    addrinfo hints = {};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    lookup->error =
        getaddrinfo(lookup->host.c_str(), absl::StrCat(lookup->port).c_str(),
                    &hints, &list);
    if (lookup->error == 0) lookup->found.reset(list);
  };
  RETURN_IF_ERROR(Annotate(RunBounded(find, limit, stop), host));
  if (lookup->error == 0) return std::move(lookup->found);
  return absl::NotFoundError(
      absl::StrCat(host, ": ", gai_strerror(lookup->error)));
}

// 0: connected; an errno otherwise.
absl::StatusOr<int> TryAddress(const addrinfo& address, absl::Duration limit,
                               const std::atomic<bool>* stop) {
  const UniqueFd fd(socket(address.ai_family,
                           address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                           address.ai_protocol));
  if (!fd.ok()) return errno;
  if (connect(fd.get(), address.ai_addr, address.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  SocketWait wait(limit, limit, stop);
  if (!wait.Wait(fd.get(), /*to_read=*/false)) {
    if (absl::IsCancelled(wait.ended())) return wait.ended();
    return errno;
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
                             absl::Duration limit,
                             const std::atomic<bool>* stop) {
  ASSIGN_OR_RETURN(const Addresses list, Find(host, port, limit, stop));
  // A name may have an address of a family that this machine does not speak:
  // that says nothing, as long as another one answered.
  bool refused = false;
  int unclear = 0, last = 0;
  for (const addrinfo* at = list.get(); at != nullptr; at = at->ai_next) {
    ASSIGN_OR_RETURN(last, TryAddress(*at, limit, stop));
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
