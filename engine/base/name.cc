#include "engine/base/name.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "engine/base/intern_set.h"

namespace assocsync {
namespace {

// All texts, in blocks that never move, so that views stay good.
class Pool {
 public:
  Pool() { Add(""); }

  void Expect(size_t texts) { ids_.Reserve(texts); }
  void Prefetch(absl::string_view text) const {
    ids_.Prefetch(ids_.HashOf(text));
  }

  uint32_t Intern(absl::string_view text) {
    if (text.empty()) return 0;
    if (next_ < size_ && At(next_) == text) {
      strays_ = 0;
      return next_++;
    }
    const uint32_t id =
        ids_.FindOrAdd(*this, text, ids_.HashOf(text),
                       [this](absl::string_view t) { return Add(t); });
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

  // Those that came since the last time are merged into the others. A file
  // that is read after another brings few: most of these are copied in runs.
  size_t Sort() {
    const auto known = static_cast<uint32_t>(ranks_.size());
    if (known == size_) return size_;
    std::vector<uint32_t> sorted(known);
    for (uint32_t id = 0; id < known; ++id) sorted[ranks_[id]] = id;
    std::vector<uint32_t> merged;
    merged.reserve(size_);
    auto from = sorted.cbegin();
    for (const uint32_t id : SortedFrom(known)) {
      const auto at = FirstBehind(id, from, sorted.cend());
      merged.insert(merged.end(), from, at);
      merged.push_back(id);
      from = at;
    }
    merged.insert(merged.end(), from, sorted.cend());
    ranks_.resize(size_);
    for (uint32_t rank = 0; rank < size_; ++rank) ranks_[merged[rank]] = rank;
    return size_;
  }

  size_t Count() const { return size_; }
  uint32_t Rank(uint32_t id) const { return ranks_[id]; }
  void PrefetchRank(uint32_t id) const {
    if (id < ranks_.size()) __builtin_prefetch(&ranks_[id]);
  }

  std::strong_ordering Order(uint32_t a, uint32_t b) const {
    if (std::max(a, b) < ranks_.size()) return ranks_[a] <=> ranks_[b];
    const uint64_t x = HeadOf(a);
    const uint64_t y = HeadOf(b);
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

  // The texts from number `first` on.
  std::vector<uint32_t> SortedFrom(uint32_t first) const {
    // The first 12 bytes as numbers that sort as they do: few comparisons wait
    // for a text. Those of which the first two bytes are the same are sorted by
    // themselves: they fit the cache.
    struct Key {
      uint64_t head;
      uint32_t behind, id;
    };
    constexpr int kShift = 48;
    // Where each group begins, and, once its names are there, where it ends.
    std::vector<uint32_t> places((1 << 16) + 1);
    for (uint32_t id = first; id < size_; ++id) {
      ++places[(HeadOf(id) >> kShift) + 1];
    }
    std::partial_sum(places.begin(), places.end(), places.begin());
    std::vector<Key> keys(size_ - first);
    for (uint32_t id = first; id < size_; ++id) {
      const absl::string_view text = At(id);
      const absl::string_view behind =
          text.substr(std::min<size_t>(8, text.size()));
      keys[places[HeadOf(id) >> kShift]++] = {
          HeadOf(id), static_cast<uint32_t>(Head(behind) >> 32), id};
    }
    auto begin = keys.begin();
    for (const uint32_t place : places) {
      const auto end = keys.begin() + place;
      std::sort(begin, end, [&](const Key& a, const Key& b) {
        if (a.head != b.head) return a.head < b.head;
        if (a.behind != b.behind) return a.behind < b.behind;
        return At(a.id) < At(b.id);
      });
      begin = end;
    }
    std::vector<uint32_t> sorted;
    sorted.reserve(keys.size());
    for (const Key& key : keys) sorted.push_back(key.id);
    return sorted;
  }

  using Place = std::vector<uint32_t>::const_iterator;
  // The first of these, which are sorted, that sorts behind `id`; likely near.
  Place FirstBehind(uint32_t id, Place begin, Place end) const {
    const auto sorts_before = [this](uint32_t a, uint32_t b) {
      return Order(a, b) < 0;
    };
    for (std::ptrdiff_t step = 1; step < end - begin; step *= 2) {
      if (sorts_before(id, begin[step]))
        return std::upper_bound(begin, begin + step, id, sorts_before);
      begin += step;
    }
    return std::upper_bound(begin, end, id, sorts_before);
  }

  uint64_t HeadOf(uint32_t id) const {
    return BlockOf(id).heads[id % kEntries];
  }
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
  std::vector<uint32_t> ranks_;  // Of those that were there at the last Sort.
  std::vector<std::unique_ptr<Entries>> entries_;
  InternSet<Pool, absl::string_view> ids_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::vector<std::unique_ptr<char[]>> large_;
  size_t used_ = 0;
};

// Never destroyed: views outlive main. Made by the first who asks, wherever
// in the program that is.
Pool* the_pool = nullptr;

[[gnu::noinline]] void MakePool() { the_pool = new Pool; }

Pool& ThePool() {
  if (the_pool == nullptr) MakePool();
  return *the_pool;
}

}  // namespace

void Name::Expect(size_t texts) { ThePool().Expect(texts); }

void Name::Prefetch(absl::string_view text) { ThePool().Prefetch(text); }

Name::Name(absl::string_view text) : id_(ThePool().Intern(text)) {}

size_t Name::Count() { return ThePool().Count(); }

size_t Name::Sort() { return ThePool().Sort(); }

void Name::PrefetchRank() const { ThePool().PrefetchRank(id_); }

uint32_t Name::rank() const { return ThePool().Rank(id_); }

std::strong_ordering Name::Order(Name a, Name b) {
  return ThePool().Order(a.id_, b.id_);
}

absl::string_view Name::view() const { return ThePool().At(id_); }

}  // namespace assocsync
