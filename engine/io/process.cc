#include "engine/io/process.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "engine/base/status.h"
#include "engine/io/child.h"
#include "engine/io/program.h"
#include "engine/io/stop.h"

namespace assocsync {
namespace {

using Sink = CommandRunner::Sink;

constexpr size_t kChunk = size_t{64} << 10;
constexpr size_t kMaxStreamErr = size_t{64} << 10;
constexpr absl::Duration kLongestPoll = absl::Milliseconds(100);

// Time since construction, unmoved by changes of the system clock.
class Stopwatch {
 public:
  absl::Duration Elapsed() const {
    return absl::FromChrono(std::chrono::steady_clock::now() - start_);
  }

 private:
  std::chrono::steady_clock::time_point start_ =
      std::chrono::steady_clock::now();
};

// Moves what a child writes to two sinks until the child has ended.
class Pump {
 public:
  Pump(Child* child, const StreamOptions& options, Sink out, Sink err)
      : child_(*child), options_(options), out_(out), err_(err) {}

  absl::Status Run() {
    absl::Duration idle = absl::Microseconds(100);
    while (true) {
      RETURN_IF_ERROR(CheckLimits());
      const bool open = child_.out.ok() || child_.err.ok();
      if (!open) {
        if (child_.Ended()) return absl::OkStatus();
        absl::SleepFor(idle);
        silent_ += idle;
        if (idle == kLongestPoll && options_.idle) options_.idle();
        idle = std::min(2 * idle, kLongestPoll);
        continue;
      }
      ASSIGN_OR_RETURN(const bool moved, MoveOnce(Wait()));
      if (!moved && options_.idle) options_.idle();
      if (!moved && child_.Ended()) {
        // A grandchild may hold the pipes open for ever; what the child itself
        // wrote is in them by now.
        return Drain();
      }
    }
  }

 private:
  absl::Status CheckLimits() {
    RETURN_IF_ERROR(CheckStop(options_.stop, "stopped on request, killed"));
    const bool late = watch_.Elapsed() >= options_.limit;
    if (!late && silent_ < options_.silence) return absl::OkStatus();
    return absl::DeadlineExceededError(absl::StrCat(
        late ? "not done after " : "silent for ",
        absl::FormatDuration(late ? options_.limit : options_.silence),
        ", killed; its effect is unknown"));
  }

  int Wait() const {
    const absl::Duration left = options_.limit - watch_.Elapsed();
    return static_cast<int>(absl::ToInt64Milliseconds(std::clamp(
        left + absl::Milliseconds(1), absl::Milliseconds(1), kLongestPoll)));
  }

  // Waits up to `timeout_ms` for output, and moves one piece of each stream.
  // False when nothing came.
  absl::StatusOr<bool> MoveOnce(int timeout_ms) {
    pollfd fds[2] = {{child_.out.get(), POLLIN, 0},
                     {child_.err.get(), POLLIN, 0}};
    const Stopwatch waited;
    const int ready = poll(fds, 2, timeout_ms);
    silent_ = ready > 0 ? absl::ZeroDuration() : silent_ + waited.Elapsed();
    if (ready < 0 && errno != EINTR) {
      return absl::UnknownError(absl::StrCat("poll: ", strerror(errno)));
    }
    if (ready <= 0) return false;
    if (fds[0].revents != 0) RETURN_IF_ERROR(Move(&child_.out, out_));
    if (fds[1].revents != 0) RETURN_IF_ERROR(Move(&child_.err, err_));
    return true;
  }

  absl::Status Move(UniqueFd* fd, Sink sink) {
    const ssize_t n = read(fd->get(), buffer_.get(), kChunk);
    if (n > 0) return sink(absl::string_view(buffer_.get(), n));
    if (n < 0 && errno == EINTR) return absl::OkStatus();
    if (n < 0) {
      return absl::UnknownError(absl::StrCat("read: ", strerror(errno)));
    }
    fd->Reset();
    return absl::OkStatus();
  }

  absl::Status Drain() {
    while (true) {
      RETURN_IF_ERROR(CheckLimits());
      ASSIGN_OR_RETURN(const bool moved, MoveOnce(0));
      if (!moved) return absl::OkStatus();
    }
  }

  Child& child_;
  const StreamOptions& options_;
  Sink out_, err_;
  Stopwatch watch_;
  absl::Duration silent_;  // Waited since something moved.
  std::unique_ptr<char[]> buffer_ = std::make_unique<char[]>(kChunk);
};

// The file to start; it is believed, if there is a `trust`.
absl::StatusOr<std::string> FileOf(const std::vector<std::string>& argv,
                                   const std::vector<std::string>& environment,
                                   const PathTrust* trust) {
  if (argv.empty()) return absl::UnavailableError("no program to start");
  absl::StatusOr<std::string> file =
      FindProgram(argv[0], EnvironmentValue(environment, "PATH"));
  absl::Status status = file.status();
  if (file.ok() && trust != nullptr) {
    status = trust->Check(*file, PathTrust::End::kFile);
  }
  if (status.ok()) return file;
  return WithCode(absl::StatusCode::kUnavailable,
                  Annotate(status, "cannot start"));
}

absl::StatusOr<RunResult> Supervise(const std::vector<std::string>& argv,
                                    const std::vector<std::string>& environment,
                                    const PathTrust* trust,
                                    const StreamOptions& options,
                                    absl::Duration grace, Sink out, Sink err) {
  ASSIGN_OR_RETURN(const std::string file, FileOf(argv, environment, trust));
  ASSIGN_OR_RETURN(Child child, Child::Start(file, argv, environment));
  const absl::Status moved = Pump(&child, options, out, err).Run();
  if (!moved.ok()) {
    child.Kill(grace);
    return moved;
  }
  RunResult result;
  RETURN_IF_ERROR(Annotate(child.Reap(&result), file));
  return result;
}

}  // namespace

std::string RunResult::HowItEnded() const {
  if (signal != 0) {
    return absl::StrCat("killed by signal ", signal, " (", strsignal(signal),
                        ")");
  }
  return absl::StrCat("exit code ", exit_code);
}

absl::StatusOr<std::unique_ptr<Conversation>> CommandRunner::Open(
    const std::vector<std::string>&, const TalkOptions&) {
  return absl::UnimplementedError("this runner holds no conversations");
}

absl::StatusOr<RunResult> ProcessRunner::Run(
    const std::vector<std::string>& argv, absl::Duration limit) {
  std::string out, err;
  const auto append = [&](std::string* to, absl::string_view chunk) {
    if (to->size() + chunk.size() > limits_.max_output) {
      return absl::ResourceExhaustedError(
          absl::StrCat(argv[0], ": wrote more than ", limits_.max_output,
                       " bytes, killed; its effect is unknown"));
    }
    absl::StrAppend(to, chunk);
    return absl::OkStatus();
  };
  absl::StatusOr<RunResult> result = Supervise(
      argv, environment_, trust_, {.limit = limit}, limits_.grace,
      [&](absl::string_view chunk) { return append(&out, chunk); },
      [&](absl::string_view chunk) { return append(&err, chunk); });
  if (!result.ok()) return result;
  result->out = std::move(out);
  result->err = std::move(err);
  return result;
}

absl::StatusOr<RunResult> ProcessRunner::Stream(
    const std::vector<std::string>& argv, const StreamOptions& options,
    Sink sink) {
  std::string err;
  absl::StatusOr<RunResult> result = Supervise(
      argv, environment_, trust_, options, limits_.grace, sink,
      [&](absl::string_view chunk) {
        absl::StrAppend(&err, chunk.substr(0, kMaxStreamErr - err.size()));
        return absl::OkStatus();
      });
  if (result.ok()) result->err = std::move(err);
  return result;
}

absl::StatusOr<std::unique_ptr<Conversation>> ProcessRunner::Open(
    const std::vector<std::string>& argv, const TalkOptions& options) {
  ASSIGN_OR_RETURN(const std::string file, FileOf(argv, environment_, trust_));
  std::vector<std::string> all = environment_;
  all.insert(all.end(), options.environment.begin(), options.environment.end());
  ASSIGN_OR_RETURN(Child child,
                   Child::Start(file, argv, all, /*with_input=*/true));
  return TalkTo(std::move(child), options, limits_.max_output, limits_.grace);
}

}  // namespace assocsync
