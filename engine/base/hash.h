// FNV-1a, 64 bits: the same on every machine; no defence against forgery.
#ifndef ASSOCSYNC_ENGINE_BASE_HASH_H_
#define ASSOCSYNC_ENGINE_BASE_HASH_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace assocsync {

class Fnv1a {
 public:
  // The text and a mark of its end.
  void Add(absl::string_view text) {
    for (const char c : text) Byte(static_cast<unsigned char>(c));
    Byte(0);
  }
  void Byte(unsigned char c) { hash_ = (hash_ ^ c) * 0x100000001b3u; }
  std::string Hex() const { return absl::StrFormat("%016x", hash_); }

 private:
  uint64_t hash_ = 0xcbf29ce484222325u;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BASE_HASH_H_
