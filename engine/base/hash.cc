#include "engine/base/hash.h"

#include <endian.h>

#include <cstring>

#include "absl/strings/str_format.h"

// All in this file, with no library to link. What must be inlined cannot be in
// builds for a debugger.
#define XXH_INLINE_ALL
#define XXH_NO_INLINE_HINTS 1
#include <xxhash.h>

namespace assocsync {

uint64_t HashOf(absl::string_view text) {
  return XXH3_64bits(text.data(), text.size());
}

struct Hash::State {
  XXH3_state_t state;
};

Hash::Hash() : state_(std::make_unique<State>()) {
  XXH3_64bits_reset(&state_->state);
}
Hash::~Hash() = default;

// Texts are short: handed on one by one, most of the time would go to that.
void Hash::Add(absl::string_view text) {
  if (text.size() >= sizeof pending_ - used_) {
    Flush();
    if (text.size() >= sizeof pending_) {
      XXH3_64bits_update(&state_->state, text.data(), text.size());
      text = {};
    }
  }
  std::memcpy(pending_ + used_, text.data(), text.size());
  used_ += text.size();
  pending_[used_++] = '\0';
}

void Hash::Add(uint64_t number) {
  if (sizeof number > sizeof pending_ - used_) Flush();
  number = htole64(number);
  std::memcpy(pending_ + used_, &number, sizeof number);
  used_ += sizeof number;
}

void Hash::Flush() {
  XXH3_64bits_update(&state_->state, pending_, used_);
  used_ = 0;
}

uint64_t Hash::Digest() {
  Flush();
  return XXH3_64bits_digest(&state_->state);
}

std::string Hash::Hex() { return absl::StrFormat("%016x", Digest()); }

}  // namespace assocsync
