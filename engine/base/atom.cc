#include "engine/base/atom.h"

#include <cstring>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace assocsync {
namespace {

// Texts are packed into blocks that never move, so views into them stay good.
class Pool {
 public:
  Pool() { entries_.push_back(Entry()); }

  uint32_t Intern(absl::string_view text) {
    if (text.empty()) return 0;
    const auto found = ids_.find(text);
    if (found != ids_.end()) return found->second;
    const auto id = static_cast<uint32_t>(entries_.size());
    const absl::string_view stored = Store(text);
    entries_.push_back({stored, Head(stored)});
    ids_.emplace(stored, id);
    return id;
  }

  absl::string_view Text(uint32_t id) const { return entries_[id].text; }

  std::strong_ordering Order(uint32_t a, uint32_t b) const {
    const Entry& x = entries_[a];
    const Entry& y = entries_[b];
    if (x.head != y.head) return x.head <=> y.head;
    return x.text.compare(y.text) <=> 0;
  }

 private:
  static constexpr size_t kBlock = size_t{1} << 16;

  // With the first eight bytes as a number: most comparisons end there, without
  // a look at the text.
  struct Entry {
    absl::string_view text;
    uint64_t head = 0;
  };

  static uint64_t Head(absl::string_view text) {
    uint64_t head = 0;
    for (size_t i = 0; i < 8; ++i) {
      head = head << 8 |
             (i < text.size() ? static_cast<unsigned char>(text[i]) : 0);
    }
    return head;
  }

  absl::string_view Store(absl::string_view text) {
    if (text.size() > kBlock / 4) {  // Its own block, so none is wasted.
      large_.push_back(std::make_unique<char[]>(text.size()));
      std::memcpy(large_.back().get(), text.data(), text.size());
      return absl::string_view(large_.back().get(), text.size());
    }
    if (blocks_.empty() || used_ + text.size() > kBlock) {
      blocks_.push_back(std::make_unique<char[]>(kBlock));
      used_ = 0;
    }
    char* const to = blocks_.back().get() + used_;
    std::memcpy(to, text.data(), text.size());
    used_ += text.size();
    return absl::string_view(to, text.size());
  }

  std::vector<Entry> entries_;
  absl::flat_hash_map<absl::string_view, uint32_t> ids_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::vector<std::unique_ptr<char[]>> large_;
  size_t used_ = 0;
};

Pool& ThePool() {
  static Pool* const pool = new Pool;  // Never destroyed: views outlive main.
  return *pool;
}

}  // namespace

Atom::Atom(absl::string_view text) : id_(ThePool().Intern(text)) {}

std::strong_ordering Atom::Order(Atom a, Atom b) {
  return ThePool().Order(a.id_, b.id_);
}

absl::string_view Atom::view() const { return ThePool().Text(id_); }

}  // namespace assocsync
