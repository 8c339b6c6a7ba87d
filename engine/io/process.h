// Child processes: the only way assocsync starts a program. No shell is ever
// involved; the words of argv arrive in the child byte for byte.
#ifndef ASSOCSYNC_ENGINE_IO_PROCESS_H_
#define ASSOCSYNC_ENGINE_IO_PROCESS_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/io/conversation.h"
#include "engine/io/trusted_path.h"

namespace assocsync {

// How a child ended and what it said. A non-zero exit is for the caller to
// judge, not an error.
struct RunResult {
  int exit_code = 0;  // meaningful when signal is 0
  int signal = 0;     // not 0: this signal ended the child
  std::string out;    // stdout; empty after Stream
  std::string err;    // stderr

  bool clean() const { return exit_code == 0 && signal == 0; }
  // "exit code 1", "killed by signal 9 (Killed)"
  std::string HowItEnded() const;
};

struct StreamOptions {
  absl::Duration limit = absl::InfiniteDuration();
  // So long it may write nothing. What its sink spends does not count.
  absl::Duration silence = absl::InfiniteDuration();
  // When it becomes true the child is killed and kCancelled returned. Looked at
  // at least ten times a second; may be set by a signal handler. Not owned.
  const std::atomic<bool>* stop = nullptr;
  // Called while the child runs and says nothing, ten times a second or less.
  std::function<void()> idle = {};
  // "NAME=value", added to the environment that the runner gives.
  std::vector<std::string> environment = {};
  // What the child reads, at most kMaxChildInput bytes; empty: /dev/null.
  std::string input = {};
};
// What the kernel holds for a child that does not read.
inline constexpr size_t kMaxChildInput = size_t{32} << 10;

// Runs commands; may be called from several threads at once. A fake records
// what it was told.
class CommandRunner {
 public:
  using Sink = absl::FunctionRef<absl::Status(absl::string_view chunk)>;

  virtual ~CommandRunner() = default;

  // Runs argv to its end and returns all it wrote. Errors:
  //   kUnavailable        never started; nothing can have happened. The message
  //                       names the program and the reason.
  //   kDeadlineExceeded   ran longer than `limit` (or was silent for longer
  //                       than StreamOptions::silence) and was killed; its
  //                       effect is unknown.
  //   kResourceExhausted  wrote more than the cap and was killed; its effect is
  //                       unknown.
  //   kUnknown            its end was never seen; its effect is unknown.
  virtual absl::StatusOr<RunResult> Run(const std::vector<std::string>& argv,
                                        absl::Duration limit) = 0;

  // As Run, but stdout goes to `sink` piece by piece (never an empty piece).
  // When `sink` fails the child is killed and the sink's own error returned.
  // Also: kCancelled when `options.stop` became true. Of stderr only the first
  // 64 KiB are kept.
  virtual absl::StatusOr<RunResult> Stream(const std::vector<std::string>& argv,
                                           const StreamOptions& options,
                                           Sink sink) = 0;

  // Starts argv for a conversation. kUnimplemented: this runner holds none;
  // kUnavailable: never started.
  virtual absl::StatusOr<std::unique_ptr<Conversation>> Open(
      const std::vector<std::string>& argv, const TalkOptions& options);
};

struct ProcessLimits {
  size_t max_output = size_t{256} << 20;    // bytes of stdout, of stderr in Run
  absl::Duration grace = absl::Seconds(1);  // between SIGTERM and SIGKILL
};

// The real one. A child has its own session (so the user's Ctrl-C does not
// reach it and it cannot ask for a password on the terminal), /dev/null as
// stdin or what it shall read, default signal handling, and `environment` and
// nothing else. "Killed" means its whole process group: SIGTERM first, SIGKILL
// after a grace period.
class ProcessRunner : public CommandRunner {
 public:
  using Limits = ProcessLimits;

  // `environment`: "NAME=value" words, see CleanEnvironment in program.h. A
  // program without '/' in its name is looked up in the PATH found there. With
  // `trust` (not owned) no program is started that it does not believe:
  // kUnavailable, which IsUntrusted tells from others.
  explicit ProcessRunner(std::vector<std::string> environment,
                         const Limits& limits = {},
                         const PathTrust* trust = nullptr)
      : environment_(std::move(environment)), limits_(limits), trust_(trust) {}

  absl::StatusOr<RunResult> Run(const std::vector<std::string>& argv,
                                absl::Duration limit) override;
  absl::StatusOr<RunResult> Stream(const std::vector<std::string>& argv,
                                   const StreamOptions& options,
                                   Sink sink) override;
  absl::StatusOr<std::unique_ptr<Conversation>> Open(
      const std::vector<std::string>& argv,
      const TalkOptions& options) override;

 private:
  std::vector<std::string> environment_;
  Limits limits_;
  const PathTrust* trust_ = nullptr;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_PROCESS_H_
