// A child process that is told one thing after the other and answers each.
#ifndef ASSOCSYNC_ENGINE_IO_CONVERSATION_H_
#define ASSOCSYNC_ENGINE_IO_CONVERSATION_H_

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace assocsync {

struct TalkOptions {
  // "NAME=value", added to the environment that the runner gives.
  std::vector<std::string> environment;
  // When it becomes true the child is killed. As StreamOptions::stop.
  const std::atomic<bool>* stop = nullptr;
  // Called while the child says nothing, ten times a second or less.
  std::function<void()> idle;
};

// Begun by CommandRunner::Open (process.h). Destroying one ends the child's
// stdin, waits for the child a moment, and kills it then.
class Conversation {
 public:
  struct Answer {
    std::string out, err;
  };

  virtual ~Conversation() = default;

  // Gives the child `text` (which may be nothing) and reads until `is_whole` is
  // true of all that it has written on stdout since. What it wrote on stderr
  // before that is in the answer too.
  //
  // Errors, after each of which the child is gone and every further Ask fails:
  //   kDeadlineExceeded   no whole answer within `limit`; killed, the effect of
  //                       `text` is unknown
  //   kCancelled          `stop` became true; killed, likewise
  //   kResourceExhausted  it wrote more than the runner's cap; killed, likewise
  //   kUnknown            it ended, or could not be talked to; likewise
  virtual absl::StatusOr<Answer> Ask(
      absl::string_view text,
      absl::FunctionRef<bool(absl::string_view out)> is_whole,
      absl::Duration limit) = 0;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_CONVERSATION_H_
