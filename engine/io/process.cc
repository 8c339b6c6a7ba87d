#include "engine/io/process.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

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

// Moves what a child writes to two sinks.
class Pump {
 public:
  Pump(Child* child, const StreamOptions& options, Sink out, Sink err)
      : child_(*child), options_(options), out_(out), err_(err) {}

  // Until the child has ended.
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

  // Gives the child `text`, and moves until `is_whole`; then what it has
  // written on stderr by that time.
  absl::Status Talk(absl::string_view text,
                    absl::FunctionRef<bool()> is_whole) {
    while (!text.empty() || !is_whole()) {
      if (!child_.out.ok() || !child_.in.ok()) {
        return absl::UnknownError("it ended in the middle of an answer");
      }
      RETURN_IF_ERROR(CheckLimits());
      ASSIGN_OR_RETURN(const bool moved, MoveOnce(Wait(), &text));
      if (!moved && options_.idle) options_.idle();
    }
    pollfd err = {child_.err.get(), POLLIN, 0};
    while (child_.err.ok() && poll(&err, 1, 0) > 0) {
      RETURN_IF_ERROR(Move(&child_.err, err_));
    }
    return absl::OkStatus();
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

  // Waits up to `timeout_ms`, and moves one piece of each stream, of `text` to
  // the child too. False when nothing could be moved.
  absl::StatusOr<bool> MoveOnce(int timeout_ms,
                                absl::string_view* text = nullptr) {
    const bool gives = text != nullptr && !text->empty();
    pollfd fds[3] = {{child_.out.get(), POLLIN, 0},
                     {child_.err.get(), POLLIN, 0},
                     {gives ? child_.in.get() : -1, POLLOUT, 0}};
    const Stopwatch waited;
    const int ready = poll(fds, 3, timeout_ms);
    silent_ = ready > 0 ? absl::ZeroDuration() : silent_ + waited.Elapsed();
    if (ready < 0 && errno != EINTR) {
      return absl::UnknownError(absl::StrCat("poll: ", strerror(errno)));
    }
    if (ready <= 0) return false;
    if (fds[0].revents != 0) RETURN_IF_ERROR(Move(&child_.out, out_));
    if (fds[1].revents != 0) RETURN_IF_ERROR(Move(&child_.err, err_));
    if (fds[2].revents != 0) RETURN_IF_ERROR(Give(text));
    return true;
  }

  // One that reads no more is found out by the caller: `in` is closed then.
  absl::Status Give(absl::string_view* text) {
    const ssize_t n = send(child_.in.get(), text->data(), text->size(),
                           MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) {
      text->remove_prefix(static_cast<size_t>(n));
    } else if (errno == EPIPE || errno == ECONNRESET) {
      child_.in.Reset();
    } else if (errno != EAGAIN && errno != EINTR) {
      return absl::UnknownError(absl::StrCat("send: ", strerror(errno)));
    }
    return absl::OkStatus();
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

absl::StatusOr<RunResult> Supervise(const std::vector<std::string>& argv,
                                    const std::vector<std::string>& environment,
                                    const PathTrust* trust,
                                    const StreamOptions& options,
                                    absl::Duration grace, Sink out, Sink err) {
  ASSIGN_OR_RETURN(const std::string file,
                   FileToStart(argv, environment, trust));
  std::vector<std::string> all = environment;
  all.insert(all.end(), options.environment.begin(), options.environment.end());
  ASSIGN_OR_RETURN(Child child,
                   Child::Start(file, argv, all, !options.input.empty()));
  if (!options.input.empty()) {
    // The kernel takes all of it at once. One that does not want it has not
    // failed.
    (void)send(child.in.get(), options.input.data(),
               std::min(options.input.size(), kMaxChildInput),
               MSG_NOSIGNAL | MSG_DONTWAIT);
    child.in = UniqueFd();
  }
  const absl::Status moved = Pump(&child, options, out, err).Run();
  if (!moved.ok()) {
    child.Kill(grace);
    return moved;
  }
  RunResult result;
  RETURN_IF_ERROR(Annotate(child.Reap(&result), file));
  return result;
}

absl::Status Append(absl::string_view chunk, absl::string_view program,
                    size_t max_output, std::string* to) {
  if (to->size() + chunk.size() > max_output) {
    return absl::ResourceExhaustedError(
        absl::StrCat(program, ": wrote more than ", max_output,
                     " bytes, killed; its effect is unknown"));
  }
  absl::StrAppend(to, chunk);
  return absl::OkStatus();
}

class TalkingChild : public Conversation {
 public:
  TalkingChild(std::string program, Child child, const TalkOptions& options,
               const ProcessRunner::Limits& limits)
      : program_(std::move(program)),
        child_(std::move(child)),
        options_(options),
        limits_(limits) {}

  ~TalkingChild() override {
    if (!child_.has_value()) return;
    child_->in.Reset();
    const Stopwatch watch;
    while (!child_->Ended() && watch.Elapsed() < limits_.grace) {
      absl::SleepFor(absl::Milliseconds(1));
    }
  }

  absl::StatusOr<Answer> Ask(
      absl::string_view text,
      absl::FunctionRef<bool(absl::string_view)> is_whole,
      absl::Duration limit) override {
    if (!child_.has_value()) {
      return absl::UnknownError("the program is not there any more");
    }
    Answer answer;
    const auto to = [&](std::string* where) {
      return [this, where](absl::string_view chunk) {
        return Append(chunk, program_, limits_.max_output, where);
      };
    };
    const auto out = to(&answer.out), err = to(&answer.err);
    StreamOptions options;
    options.limit = limit;
    options.stop = options_.stop;
    options.idle = options_.idle;
    absl::Status status = Pump(&*child_, options, out, err).Talk(text, [&] {
      return is_whole(answer.out);
    });
    if (status.ok()) return answer;
    child_->Kill(limits_.grace);
    child_.reset();
    if (!absl::IsUnknown(status) || answer.err.empty()) return status;
    return absl::UnknownError(
        absl::StrCat(status.message(), ", and said: ", answer.err));
  }

 private:
  const std::string program_;
  std::optional<Child> child_;
  const TalkOptions options_;
  const ProcessRunner::Limits limits_;
};

}  // namespace

absl::StatusOr<std::string> FileToStart(
    const std::vector<std::string>& argv,
    const std::vector<std::string>& environment, const PathTrust* trust) {
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
  const auto append = [&](absl::string_view chunk, std::string* to) {
    return Append(chunk, argv[0], limits_.max_output, to);
  };
  absl::StatusOr<RunResult> result = Supervise(
      argv, environment_, trust_, {.limit = limit}, limits_.grace,
      [&](absl::string_view chunk) { return append(chunk, &out); },
      [&](absl::string_view chunk) { return append(chunk, &err); });
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
  ASSIGN_OR_RETURN(const std::string file,
                   FileToStart(argv, environment_, trust_));
  std::vector<std::string> all = environment_;
  all.insert(all.end(), options.environment.begin(), options.environment.end());
  ASSIGN_OR_RETURN(Child child,
                   Child::Start(file, argv, all, /*with_input=*/true));
  return std::make_unique<TalkingChild>(argv[0], std::move(child), options,
                                        limits_);
}

}  // namespace assocsync
