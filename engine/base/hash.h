// XXH3, 64 bits: the same on every machine; no defence against forgery.
#ifndef ASSOCSYNC_ENGINE_BASE_HASH_H_
#define ASSOCSYNC_ENGINE_BASE_HASH_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace assocsync {

// Of texts in a row: ("ab", "c") and ("a", "bc") differ.
class Hash {
 public:
  Hash();
  ~Hash();

  void Add(absl::string_view text);
  // Of all texts so far; more may follow.
  std::string Hex();

 private:
  struct State;

  void Flush();

  std::unique_ptr<State> state_;
  char pending_[1 << 12];  // Added, and not yet part of state_.
  size_t used_ = 0;        // Of it.
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BASE_HASH_H_
