#include "engine/io/conversation.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "engine/base/status.h"
#include "engine/io/child.h"

namespace assocsync {
namespace {

constexpr size_t kTalkPiece = size_t{64} << 10;
constexpr absl::Duration kLongestPause = absl::Milliseconds(100);
constexpr absl::Duration kLookForTheEnd = absl::Milliseconds(1);

class TalkingChild : public Conversation {
 public:
  TalkingChild(Child child, const TalkOptions& options, size_t max_output,
               absl::Duration grace)
      : child_(std::move(child)),
        options_(options),
        max_output_(max_output),
        grace_(grace) {}

  ~TalkingChild() override {
    if (!child_.has_value()) return;
    child_->in.Reset();
    const absl::Time end = absl::Now() + grace_;
    while (!child_->Ended() && absl::Now() < end)
      absl::SleepFor(kLookForTheEnd);
  }

  absl::StatusOr<Answer> Ask(
      absl::string_view text,
      absl::FunctionRef<bool(absl::string_view)> is_whole,
      absl::Duration limit) override {
    if (!child_.has_value()) {
      return absl::UnknownError("the program is not there any more");
    }
    Answer answer;
    const absl::Status status = Talk(text, is_whole, limit, &answer);
    if (status.ok()) return answer;
    child_->Kill(grace_);
    child_.reset();
    return status;
  }

 private:
  absl::Status Talk(absl::string_view text,
                    absl::FunctionRef<bool(absl::string_view)> is_whole,
                    absl::Duration limit, Answer* answer) {
    const absl::Time end = absl::Now() + limit;
    while (!text.empty() || !is_whole(answer->out)) {
      if (options_.stop != nullptr && options_.stop->load()) {
        return absl::CancelledError("stopped on request, killed");
      }
      const absl::Duration left = end - absl::Now();
      if (left <= absl::ZeroDuration()) {
        return absl::DeadlineExceededError(
            absl::StrCat("not done after ", absl::FormatDuration(limit),
                         ", killed; its effect is unknown"));
      }
      RETURN_IF_ERROR(Move(&text, std::min(left, kLongestPause), answer));
    }
    // It wrote on stderr before it wrote the end of its answer. That it has
    // ended since is for the next one to find out.
    pollfd err = {child_->err.get(), POLLIN, 0};
    while (child_->err.ok() && poll(&err, 1, 0) > 0) {
      RETURN_IF_ERROR(Read(&child_->err, &answer->err));
    }
    return absl::OkStatus();
  }

  // Waits up to `patience` until something can be moved, and moves it.
  absl::Status Move(absl::string_view* text, absl::Duration patience,
                    Answer* answer) {
    pollfd fds[3] = {{child_->out.get(), POLLIN, 0},
                     {child_->err.get(), POLLIN, 0},
                     {text->empty() ? -1 : child_->in.get(), POLLOUT, 0}};
    const int ready = poll(fds, 3,
                           static_cast<int>(absl::ToInt64Milliseconds(
                               absl::Ceil(patience, absl::Milliseconds(1)))));
    if (ready < 0 && errno != EINTR) return Broken("poll");
    if (ready <= 0) {
      if (options_.idle) options_.idle();
      return absl::OkStatus();
    }
    if (fds[1].revents != 0) {
      RETURN_IF_ERROR(Read(&child_->err, &answer->err));
    }
    if (fds[0].revents != 0) {
      RETURN_IF_ERROR(Read(&child_->out, &answer->out));
      if (!child_->out.ok()) return Gone(answer->err);
    }
    if (fds[2].revents != 0) {
      const ssize_t n = send(child_->in.get(), text->data(), text->size(),
                             MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n >= 0) {
        text->remove_prefix(static_cast<size_t>(n));
      } else if (errno == EPIPE || errno == ECONNRESET) {
        return Gone(answer->err);
      } else if (errno != EAGAIN && errno != EINTR) {
        return Broken("send");
      }
    }
    return absl::OkStatus();
  }

  absl::Status Read(UniqueFd* from, std::string* to) {
    char piece[kTalkPiece];
    const ssize_t n = read(from->get(), piece, sizeof(piece));
    if (n < 0) return errno == EINTR ? absl::OkStatus() : Broken("read");
    if (n == 0) from->Reset();
    to->append(piece, static_cast<size_t>(n));
    if (to->size() <= max_output_) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        absl::StrCat("wrote more than ", max_output_,
                     " bytes, killed; its effect is unknown"));
  }

  static absl::Status Broken(absl::string_view call) {
    return absl::UnknownError(absl::StrCat(call, ": ", strerror(errno)));
  }

  static absl::Status Gone(absl::string_view err) {
    return absl::UnknownError(
        absl::StrCat("it ended in the middle of an answer",
                     err.empty() ? "" : ", and said: ", err));
  }

  std::optional<Child> child_;
  const TalkOptions options_;
  const size_t max_output_;
  const absl::Duration grace_;
};

}  // namespace

std::unique_ptr<Conversation> TalkTo(Child child, const TalkOptions& options,
                                     size_t max_output, absl::Duration grace) {
  return std::make_unique<TalkingChild>(std::move(child), options, max_output,
                                        grace);
}

}  // namespace assocsync
