// A text that keeps to a number of bytes: comments have a limit (65,536 on
// GitHub, 1,000,000 on GitLab), and what is cut anywhere is no table any more.
#ifndef ASSOCSYNC_ENGINE_RENDER_FITTED_H_
#define ASSOCSYNC_ENGINE_RENDER_FITTED_H_

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace assocsync {

// Some lines with what stands around them. Lines that are left out are the last
// ones.
struct FittedPart {
  std::string head, tail;  // Only where there is a line between them.
  // Each with its newline. Those behind what could ever fit may be missing.
  std::vector<std::string> lines;
  size_t total = 0;  // With these.
  // What stands for the lines from the `shown`-th on, before the tail; where
  // none is shown, in place of the part. Not longer for more that are shown.
  std::function<std::string(size_t shown)> rest;
  int rank = 0;  // Whose lines are shown first.

  // Until so many bytes are full.
  bool HasRoom(size_t budget) const { return bytes_ <= budget; }
  void Add(std::string line) {
    bytes_ += line.size();
    lines.push_back(std::move(line));
  }

 private:
  size_t bytes_ = 0;
};

// A part that is shown in any case.
FittedPart AlwaysThere(std::string text);

// The least number of bytes of a part: all of it left out, or nothing there.
size_t LeastOf(const FittedPart& part);

// The parts one behind the other, at most `budget` bytes of text. Lines are
// shown whole or not at all. kResourceExhausted: not even what stands for them
// fits; the message says how many bytes would do. `shown` (may be null): how
// many lines of each part are there.
absl::StatusOr<std::string> Fitted(const std::vector<FittedPart>& parts,
                                   size_t budget,
                                   std::vector<size_t>* shown = nullptr);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RENDER_FITTED_H_
