// What the User lines of one file came to, for files that are read after it:
// the sides of a plan mostly say the same, and what was read once need not be
// read again.
#ifndef ASSOCSYNC_ENGINE_CFG_RECALL_H_
#define ASSOCSYNC_ENGINE_CFG_RECALL_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/base/name.h"
#include "engine/base/name_set.h"
#include "engine/model/fields.h"

namespace assocsync::cfg {

// The lines point into the text that they were read from. Only those are kept
// whose meaning lies in their bytes alone, and that came before any error or
// note of that text.
class Recall {
 public:
  struct Line {
    absl::string_view text;  // With its newline.
    Name user;               // Written as Slurm keeps it.
    Name partition;
    Fields record, limits;
    uint32_t given = 0;  // Which options of a user's record, a bit each.
    uint32_t default_column = 0;
  };

  void Expect(size_t lines) { lines_.reserve(lines); }
  void Keep(const Line& line) { lines_.push_back(line); }
  // What is kept from here on stands under Parent - 'account'.
  void Enter(Name account) {
    uint32_t& begin = begins_[account];
    if (begin == 0) begin = static_cast<uint32_t>(lines_.size()) + 1;
  }
  void Clear() { *this = Recall(); }

  const std::vector<Line>& lines() const { return lines_; }
  // The first of lines() that may stand under that Parent line; their count:
  // none is known.
  size_t FirstUnder(Name account) const {
    const size_t begin = begins_.Get(account);
    return begin == 0 ? lines_.size() : begin - 1;
  }

 private:
  std::vector<Line> lines_;
  NameMap<uint32_t> begins_;  // By account, plus one.
};

}  // namespace assocsync::cfg

#endif  // ASSOCSYNC_ENGINE_CFG_RECALL_H_
