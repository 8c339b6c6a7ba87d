// A CommandRunner that runs nothing: a function answers, and what it was asked
// is kept.
#ifndef ASSOCSYNC_TESTS_SUPPORT_FAKE_RUNNER_H_
#define ASSOCSYNC_TESTS_SUPPORT_FAKE_RUNNER_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "engine/io/process.h"

namespace assocsync {

inline RunResult Ended(int exit_code, std::string out, std::string err = "") {
  RunResult result;
  result.exit_code = exit_code;
  result.out = std::move(out);
  result.err = std::move(err);
  return result;
}

class FakeRunner : public CommandRunner {
 public:
  using Answer = std::function<absl::StatusOr<RunResult>(
      const std::vector<std::string>& argv)>;
  explicit FakeRunner(Answer answer) : answer_(std::move(answer)) {}

  absl::StatusOr<RunResult> Run(const std::vector<std::string>& argv,
                                absl::Duration) override {
    calls.push_back(absl::StrJoin(argv, " "));
    return answer_(argv);
  }
  absl::StatusOr<RunResult> Stream(const std::vector<std::string>& argv,
                                   const StreamOptions&, Sink sink) override {
    absl::StatusOr<RunResult> result = Run(argv, absl::InfiniteDuration());
    if (!result.ok()) return result;
    if (!result->out.empty()) {
      if (absl::Status status = sink(result->out); !status.ok()) return status;
    }
    result->out.clear();
    return result;
  }

  std::vector<std::string> calls;  // Words joined by blanks.

 private:
  Answer answer_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_FAKE_RUNNER_H_
