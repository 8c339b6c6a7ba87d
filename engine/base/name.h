// Interned text. A tree of a million associations holds few distinct names and
// values, each many times: a Name is four bytes, equal texts are equal
// numbers, and copying one copies no text.
#ifndef ASSOCSYNC_ENGINE_BASE_NAME_H_
#define ASSOCSYNC_ENGINE_BASE_NAME_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace assocsync {

// An immutable text. Default: the empty text. Comparison is bytewise by text
// (never by number), so that sorted output is the same on every run. Texts live
// until the process ends. Not thread-safe: interning happens on one thread.
class Name {
 public:
  constexpr Name() = default;
  explicit Name(absl::string_view text);

  // About so many there will be. Room for a million texts, made bit by bit,
  // costs as much as they do.
  static void Expect(size_t texts);
  // It is made a Name soon, and something else is done before.
  static void Prefetch(absl::string_view text);

  // How many texts there are: all numbers are below that.
  static size_t Count();
  // Sorts all texts that there are, of which it returns the count: from then on
  // any two of them are compared by their ranks, without a look at the texts.
  static size_t Sort();
  // The place among the texts that the last Sort found; it was one of them.
  uint32_t rank() const;
  // The rank is asked for soon, and something else is done before.
  void PrefetchRank() const;

  absl::string_view view() const;
  std::string str() const { return std::string(view()); }
  bool empty() const { return id_ == 0; }
  // Small and dense, so that what is known of each text fits an array or a bit
  // set. In no order that means anything.
  uint32_t id() const { return id_; }

  friend bool operator==(Name a, Name b) { return a.id_ == b.id_; }
  friend std::strong_ordering operator<=>(Name a, Name b) {
    return a.id_ == b.id_ ? std::strong_ordering::equal : Order(a, b);
  }
  template <typename H>
  friend H AbslHashValue(H h, Name a) {
    return H::combine(std::move(h), a.id_);
  }

 private:
  static std::strong_ordering Order(Name a, Name b);  // Of different texts.

  uint32_t id_ = 0;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BASE_NAME_H_
