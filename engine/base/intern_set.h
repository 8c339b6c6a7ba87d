// Numbers that stand for values which a pool keeps: Name's texts, the options
// of Fields.
#ifndef ASSOCSYNC_ENGINE_BASE_INTERN_SET_H_
#define ASSOCSYNC_ENGINE_BASE_INTERN_SET_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/hash/hash.h"

namespace assocsync {

// Pool has `Value At(uint32_t number) const`. The hash is kept beside each
// number: the set grows without a look at any value, and most lookups that find
// nothing end without one. Numbers are not 0, and none is ever taken out.
//
// A plain array, because a lookup among a million texts is as slow as the
// places in memory that it waits for: this is one, where absl::flat_hash_set
// has two (a plan of a million rows took 4% longer with that).
template <typename Pool, typename Value>
class InternSet {
 public:
  static uint32_t HashOf(Value value) {
    return static_cast<uint32_t>(absl::Hash<Value>()(value));
  }
  // A value of that hash is sought soon: a large set comes from memory while
  // something else is done.
  void Prefetch(uint32_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & mask()]);
  }

  // The number of `value`; 0: it has none.
  uint32_t Find(const Pool& pool, Value value, uint32_t hash) const {
    return slots_.empty() ? 0 : slots_[PlaceOf(pool, value, hash)].number;
  }
  // The same; where it has none yet, what `add(value)` returns.
  template <typename Add>
  uint32_t FindOrAdd(const Pool& pool, Value value, uint32_t hash, Add add) {
    if (slots_.size() < SlotsFor(size_ + 1)) Reserve(size_ + 1);
    Slot& slot = slots_[PlaceOf(pool, value, hash)];
    if (slot.number == 0) {
      slot = {hash, add(value)};
      ++size_;
    }
    return slot.number;
  }

  void Reserve(size_t numbers) {
    const size_t slots = SlotsFor(numbers);
    if (slots <= slots_.size()) return;
    const std::vector<Slot> before = std::exchange(slots_, {});
    slots_.resize(slots);
    for (const Slot slot : before) {
      if (slot.number == 0) continue;
      slots_[PlaceFrom(slot.hash, [](Slot) { return false; })] = slot;
    }
  }
  size_t size() const { return size_; }

 private:
  struct Slot {
    uint32_t hash = 0, number = 0;  // 0: free.
  };

  // At most five in eight are taken: few values stand far from their place.
  static size_t SlotsFor(size_t numbers) {
    return std::bit_ceil(numbers + numbers / 5 * 3 + 8);
  }
  size_t mask() const { return slots_.size() - 1; }
  // The first place from that of `hash` on that is free, or of which
  // `is(Slot)`.
  template <typename Is>
  size_t PlaceFrom(uint32_t hash, Is is) const {
    size_t place = hash & mask();
    while (slots_[place].number != 0 && !is(slots_[place])) {
      place = (place + 1) & mask();
    }
    return place;
  }
  // Where `value` is, or would come.
  size_t PlaceOf(const Pool& pool, Value value, uint32_t hash) const {
    return PlaceFrom(hash, [&](Slot slot) {
      return slot.hash == hash && pool.At(slot.number) == value;
    });
  }

  std::vector<Slot> slots_;  // None, or a power of two.
  size_t size_ = 0;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BASE_INTERN_SET_H_
