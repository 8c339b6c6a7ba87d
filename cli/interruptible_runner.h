// Children that Ctrl-C ends: those that read by the first one, those that
// change things by the second.
#ifndef ASSOCSYNC_CLI_INTERRUPTIBLE_RUNNER_H_
#define ASSOCSYNC_CLI_INTERRUPTIBLE_RUNNER_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/io/process.h"

namespace assocsync {

// Passes everything on to `runner`, with `stop` (neither is owned): once that
// is true the child is killed and kCancelled returned.
class InterruptibleRunner : public CommandRunner {
 public:
  // `idle`: called while a child says nothing; may be null.
  InterruptibleRunner(CommandRunner* runner, const std::atomic<bool>* stop,
                      std::function<void()> idle = nullptr)
      : runner_(runner), stop_(stop), idle_(std::move(idle)) {}

  absl::StatusOr<RunResult> Run(const std::vector<std::string>& argv,
                                absl::Duration limit) override;
  absl::StatusOr<RunResult> Stream(const std::vector<std::string>& argv,
                                   const StreamOptions& options,
                                   Sink sink) override;
  absl::StatusOr<std::unique_ptr<Conversation>> Open(
      const std::vector<std::string>& argv,
      const TalkOptions& options) override;

 private:
  CommandRunner* runner_;
  const std::atomic<bool>* stop_;
  std::function<void()> idle_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_INTERRUPTIBLE_RUNNER_H_
