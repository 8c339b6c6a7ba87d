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
  Pool() { texts_.push_back(absl::string_view()); }

  uint32_t Intern(absl::string_view text) {
    if (text.empty()) return 0;
    const auto found = ids_.find(text);
    if (found != ids_.end()) return found->second;
    const auto id = static_cast<uint32_t>(texts_.size());
    texts_.push_back(Store(text));
    ids_.emplace(texts_.back(), id);
    return id;
  }

  absl::string_view Text(uint32_t id) const { return texts_[id]; }

 private:
  static constexpr size_t kBlock = size_t{1} << 16;

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

  std::vector<absl::string_view> texts_;
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

absl::string_view Atom::view() const { return ThePool().Text(id_); }

}  // namespace assocsync
