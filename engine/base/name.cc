#include "engine/base/name.h"

#include <cstring>
#include <memory>
#include <vector>

#include "engine/base/intern_set.h"

namespace assocsync {
namespace {

// All texts, in blocks that never move, so that views stay good.
class Pool {
 public:
  Pool() { Add(""); }

  void Expect(size_t texts) { ids_.Reserve(texts); }

  uint32_t Intern(absl::string_view text) {
    if (text.empty()) return 0;
    if (next_ < size_ && At(next_) == text) {
      strays_ = 0;
      return next_++;
    }
    const uint32_t id =
        ids_.Find(*this, text, [this](absl::string_view t) { return Add(t); });
    if (++strays_ > kMostStrays || id + 1 == size_) {
      strays_ = 0;
      next_ = id + 1;
    }
    return id;
  }

  absl::string_view At(uint32_t id) const {
    const char* const stored = BlockOf(id).stored[id % kEntries];
    uint32_t size;
    std::memcpy(&size, stored, sizeof size);
    return absl::string_view(stored + sizeof size, size);
  }

  std::strong_ordering Order(uint32_t a, uint32_t b) const {
    const uint64_t x = BlockOf(a).heads[a % kEntries];
    const uint64_t y = BlockOf(b).heads[b % kEntries];
    if (x != y) return x <=> y;
    return At(a).compare(At(b)) <=> 0;
  }

 private:
  static constexpr size_t kBlock = size_t{1} << 16;
  static constexpr uint32_t kEntries = uint32_t{1} << 12;  // Of a block.

  // The first eight bytes of each text as a number: most comparisons end
  // there, without a look at the text. `stored`: its size, then the text.
  struct Entries {
    uint64_t heads[kEntries];
    const char* stored[kEntries];
  };

  const Entries& BlockOf(uint32_t id) const { return *entries_[id / kEntries]; }

  uint32_t Add(absl::string_view text) {
    if (size_ % kEntries == 0) {
      entries_.push_back(std::make_unique<Entries>());
    }
    entries_.back()->heads[size_ % kEntries] = Head(text);
    entries_.back()->stored[size_ % kEntries] = Stored(text);
    return size_++;
  }

  static uint64_t Head(absl::string_view text) {
    uint64_t head = 0;
    for (size_t i = 0; i < 8; ++i) {
      head = head << 8 |
             (i < text.size() ? static_cast<unsigned char>(text[i]) : 0);
    }
    return head;
  }

  const char* Stored(absl::string_view text) {
    const auto size = static_cast<uint32_t>(text.size());
    const size_t bytes = sizeof size + text.size();
    char* to;
    if (bytes > kBlock / 4) {  // Its own block, so none is wasted.
      large_.push_back(std::make_unique<char[]>(bytes));
      to = large_.back().get();
    } else {
      if (blocks_.empty() || used_ + bytes > kBlock) {
        blocks_.push_back(std::make_unique<char[]>(kBlock));
        used_ = 0;
      }
      to = blocks_.back().get() + used_;
      used_ += bytes;
    }
    std::memcpy(to, &size, sizeof size);
    std::memcpy(to + sizeof size, text.data(), text.size());
    return to;
  }

  // Files name the same things in the same order, or one file is read twice.
  // The text after the last one is tried first: in the set of a million texts
  // each lookup waits for memory. Between two such come others (the name of the
  // account, a limit), so a few strays do not end a sequence.
  static constexpr int kMostStrays = 4;
  uint32_t next_ = 0;
  int strays_ = 0;

  uint32_t size_ = 0;
  std::vector<std::unique_ptr<Entries>> entries_;
  InternSet<Pool, absl::string_view> ids_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::vector<std::unique_ptr<char[]>> large_;
  size_t used_ = 0;
};

Pool& ThePool() {
  static Pool* const pool = new Pool;  // Never destroyed: views outlive main.
  return *pool;
}

}  // namespace

void Name::Expect(size_t texts) { ThePool().Expect(texts); }

Name::Name(absl::string_view text) : id_(ThePool().Intern(text)) {}

std::strong_ordering Name::Order(Name a, Name b) {
  return ThePool().Order(a.id_, b.id_);
}

absl::string_view Name::view() const { return ThePool().At(id_); }

}  // namespace assocsync
