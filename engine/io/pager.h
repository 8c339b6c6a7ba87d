// A pager, as git has one: what a command prints goes through less, where a
// person reads it on a terminal.
#ifndef ASSOCSYNC_ENGINE_IO_PAGER_H_
#define ASSOCSYNC_ENGINE_IO_PAGER_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/io/trusted_path.h"
#include "engine/io/unique_fd.h"

namespace assocsync {

// The one child that has the terminal, in the caller's session and process
// group: Ctrl-C reaches it too, which less takes for itself.
class Pager {
 public:
  // Starts `argv` with `environment` and, where they do not say so themselves,
  // LESS=FRX and LV=-c; for root also LESSSECURE=1: whom sudo lets read a plan
  // as root must not get a shell from less. A program without '/' is looked up
  // in PATH. kUnavailable, as CommandRunner has it; IsUntrusted with `trust`
  // (may be null).
  static absl::StatusOr<std::unique_ptr<Pager>> Start(
      const std::vector<std::string>& argv,
      std::vector<std::string> environment, const PathTrust* trust);
  Pager(const Pager&) = delete;
  Pager& operator=(const Pager&) = delete;
  // Ends its input, and waits until the reader has left it.
  ~Pager();

  // What it shows is written there; EPIPE once its reader has left.
  int input() const { return input_.get(); }

 private:
  Pager(pid_t pid, UniqueFd input) : pid_(pid), input_(std::move(input)) {}

  pid_t pid_;
  UniqueFd input_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_PAGER_H_
