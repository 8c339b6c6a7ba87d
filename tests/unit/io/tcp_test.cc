#include "engine/io/tcp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "engine/io/unique_fd.h"
#include "gtest/gtest.h"

namespace assocsync::tcp_test {

TEST(TcpTest, ListensOrNot) {
  const UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_TRUE(fd.ok());
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(
      bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  socklen_t size = sizeof address;
  ASSERT_EQ(getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size),
            0);
  const int port = ntohs(address.sin_port);
  // Bound, but nobody listens.
  for (const char* host : {"127.0.0.1", "localhost"}) {
    const auto listens = Listens(host, port, absl::Seconds(5));
    ASSERT_TRUE(listens.ok()) << host << listens.status();
    EXPECT_FALSE(*listens) << host;
  }
  ASSERT_EQ(listen(fd.get(), 1), 0);
  for (const char* host : {"127.0.0.1", "localhost"}) {
    const auto listens = Listens(host, port, absl::Seconds(5));
    ASSERT_TRUE(listens.ok()) << host << listens.status();
    EXPECT_TRUE(*listens) << host;
  }
}

TEST(TcpTest, WhatCannotBeTold) {
  EXPECT_EQ(
      Listens("no-such-host.invalid", 6819, absl::Seconds(1)).status().code(),
      absl::StatusCode::kNotFound);
}

}  // namespace assocsync::tcp_test
