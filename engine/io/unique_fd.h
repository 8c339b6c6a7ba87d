// A file descriptor that closes itself.
#ifndef ASSOCSYNC_ENGINE_IO_UNIQUE_FD_H_
#define ASSOCSYNC_ENGINE_IO_UNIQUE_FD_H_

#include <unistd.h>

#include <utility>

namespace assocsync {

// Owns at most one descriptor; -1 means none. A failed close is not reported:
// whoever needs the bytes on disk calls fsync first and looks at its result.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.Release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) Reset(other.Release());
    return *this;
  }
  ~UniqueFd() { Reset(); }

  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }
  int Release() { return std::exchange(fd_, -1); }
  void Reset(int fd = -1) {
    if (fd_ >= 0) close(fd_);
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_UNIQUE_FD_H_
