#include "cli/interruptible_runner.h"

#include <utility>

#include "engine/base/input_limits.h"

namespace assocsync {

absl::StatusOr<RunResult> InterruptibleRunner::Run(
    const std::vector<std::string>& argv, absl::Duration limit) {
  std::string out;
  StreamOptions options;
  options.limit = limit;
  const auto sink = [&](absl::string_view chunk) -> absl::Status {
    if (out.size() + chunk.size() > kMaxProgramOutput) {
      return absl::ResourceExhaustedError(argv[0] + " wrote too much");
    }
    out.append(chunk.data(), chunk.size());
    return absl::OkStatus();
  };
  absl::StatusOr<RunResult> result = Stream(argv, options, sink);
  if (result.ok()) result->out = std::move(out);
  return result;
}

absl::StatusOr<RunResult> InterruptibleRunner::Stream(
    const std::vector<std::string>& argv, const StreamOptions& options,
    Sink sink) {
  StreamOptions with_stop = options;
  if (with_stop.stop == nullptr) with_stop.stop = stop_;
  if (!with_stop.idle) with_stop.idle = idle_;
  return runner_->Stream(argv, with_stop, sink);
}

absl::StatusOr<std::unique_ptr<Conversation>> InterruptibleRunner::Open(
    const std::vector<std::string>& argv, const TalkOptions& options) {
  TalkOptions with_stop = options;
  if (with_stop.stop == nullptr) with_stop.stop = stop_;
  if (!with_stop.idle) with_stop.idle = idle_;
  return runner_->Open(argv, with_stop);
}

}  // namespace assocsync
