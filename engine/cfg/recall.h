// What User lines came to, for lines that say the same: those of files that are
// read after this one, for the sides of a plan mostly agree, and those that say
// of another user what an earlier line said of one.
#ifndef ASSOCSYNC_ENGINE_CFG_RECALL_H_
#define ASSOCSYNC_ENGINE_CFG_RECALL_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/base/intern_set.h"
#include "engine/base/name.h"
#include "engine/base/name_set.h"
#include "engine/model/fields.h"

namespace assocsync::cfg {

// The texts point into those that they were read from. Only what means the same
// wherever it stands is kept, and only what came before any error or note of
// its text.
class Recall {
 public:
  // What stands behind the name, to the newline.
  struct Ending {
    absl::string_view text;
    Name partition;
    Fields record, limits;
    uint8_t given = 0;              // As UserDraft::given.
    uint32_t default_from_end = 0;  // Bytes; where DefaultAccount stands.
  };
  struct Line {
    uint32_t begin;  // Bytes behind that of the first one.
    uint32_t size;   // With its newline.
    Name user;       // Written as Slurm keeps it.
    uint32_t ending;
  };

  void Expect(size_t lines) { lines_.reserve(lines); }
  void Keep(absl::string_view line, Name user, uint32_t ending) {
    if (lines_.empty()) text_ = line.data();
    lines_.push_back({static_cast<uint32_t>(line.data() - text_),
                      static_cast<uint32_t>(line.size()), user, ending});
  }
  // The same of a line whose ending was found.
  void KeepFound(absl::string_view line, Name user, uint32_t ending) {
    ++found_;
    Keep(line, user, ending);
  }
  // Returns its number. It is found by its text only while that pays: of texts
  // that never come again, a table would be as large as the file.
  uint32_t Add(const Ending& ending) {
    const auto number = static_cast<uint32_t>(endings_.size());
    endings_.push_back(ending);
    if (numbers_.size() <= kTrial + found_) {
      numbers_.FindOrAdd(*this, ending.text, HashOf(ending.text),
                         [number](absl::string_view) { return number; });
    }
    return number;
  }
  static uint32_t HashOf(absl::string_view text) {
    return Numbers::HashOf(text);
  }
  void Prefetch(uint32_t hash) const { numbers_.Prefetch(hash); }
  // 0: no ending with that text is known.
  uint32_t Find(absl::string_view text, uint32_t hash) const {
    return numbers_.Find(*this, text, hash);
  }
  const Ending& ending(uint32_t number) const { return endings_[number]; }
  absl::string_view At(uint32_t number) const { return endings_[number].text; }

  // What is kept from here on stands under Parent - 'account'.
  void Enter(Name account) {
    uint32_t& begin = begins_[account];
    if (begin == 0) begin = static_cast<uint32_t>(lines_.size()) + 1;
  }
  void Clear() { *this = Recall(); }

  const std::vector<Line>& lines() const { return lines_; }
  absl::string_view text(const Line& line) const {
    return {text_ + line.begin, line.size};
  }
  // The first of lines() that may stand under that Parent line; their count:
  // none is known.
  size_t FirstUnder(Name account) const {
    const size_t begin = begins_.Get(account);
    return begin == 0 ? lines_.size() : begin - 1;
  }

 private:
  using Numbers = InternSet<Recall, absl::string_view>;
  static constexpr size_t kTrial = 1 << 12;

  const char* text_ = nullptr;  // Where the first line begins.
  std::vector<Line> lines_;
  std::vector<Ending> endings_ = {Ending()};  // From 1 on.
  Numbers numbers_;
  size_t found_ = 0;
  NameMap<uint32_t> begins_;  // By account, plus one.
};

}  // namespace assocsync::cfg

#endif  // ASSOCSYNC_ENGINE_CFG_RECALL_H_
