// Children that Ctrl-C ends: for reading, never for changing.
#ifndef ASSOCSYNC_CLI_INTERRUPTIBLE_RUNNER_H_
#define ASSOCSYNC_CLI_INTERRUPTIBLE_RUNNER_H_

#include <atomic>
#include <string>
#include <vector>

#include "engine/io/process.h"

namespace assocsync {

// Passes everything on to `runner`, with `stop` (neither is owned): once that
// is true the child is killed and kCancelled returned.
class InterruptibleRunner : public CommandRunner {
 public:
  InterruptibleRunner(CommandRunner* runner, const std::atomic<bool>* stop)
      : runner_(runner), stop_(stop) {}

  absl::StatusOr<RunResult> Run(const std::vector<std::string>& argv,
                                absl::Duration limit) override;
  absl::StatusOr<RunResult> Stream(const std::vector<std::string>& argv,
                                   const StreamOptions& options,
                                   Sink sink) override;

 private:
  CommandRunner* runner_;
  const std::atomic<bool>* stop_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_INTERRUPTIBLE_RUNNER_H_
