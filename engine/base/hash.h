// XXH3, 64 bits: the same on every machine; no defence against forgery.
#ifndef ASSOCSYNC_ENGINE_BASE_HASH_H_
#define ASSOCSYNC_ENGINE_BASE_HASH_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace assocsync {

uint64_t HashOf(absl::string_view text);

// Of texts and numbers in a row: ("ab", "c") and ("a", "bc") differ.
class Hash {
 public:
  Hash();
  ~Hash();

  void Add(absl::string_view text);
  void Add(uint64_t number);
  // Of all so far; more may follow.
  uint64_t Digest();
  std::string Hex();  // The same, 16 lower-case digits.

 private:
  struct State;

  void Flush();

  std::unique_ptr<State> state_;
  char pending_[1 << 12];  // Added, and not yet part of state_.
  size_t used_ = 0;        // Of it.
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BASE_HASH_H_
