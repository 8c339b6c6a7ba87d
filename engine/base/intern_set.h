// Numbers that stand for values which a pool keeps: Name's texts, the options
// of Fields.
#ifndef ASSOCSYNC_ENGINE_BASE_INTERN_SET_H_
#define ASSOCSYNC_ENGINE_BASE_INTERN_SET_H_

#include <cstddef>
#include <cstdint>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"

namespace assocsync {

// Pool has `Value At(uint32_t number) const`. The hash is kept beside each
// number: the set grows without a look at any value, and most lookups that find
// nothing end without one. Numbers are not 0.
template <typename Pool, typename Value>
class InternSet {
 public:
  static uint32_t HashOf(Value value) {
    return static_cast<uint32_t>(absl::Hash<Value>()(value));
  }
  // A value of that hash is sought soon: a large set comes from memory while
  // something else is done.
  void Prefetch(uint32_t hash) const { slots_.prefetch(Slot{hash, 0}); }

  // The number of `value`; 0: it has none.
  uint32_t Find(const Pool& pool, Value value, uint32_t hash) const {
    const auto at = slots_.find(Sought{pool, value, hash});
    return at == slots_.end() ? 0 : at->number;
  }
  // The same; where it has none yet, what `add(value)` returns.
  template <typename Add>
  uint32_t FindOrAdd(const Pool& pool, Value value, uint32_t hash, Add add) {
    uint32_t added = 0;
    const auto place =
        slots_.lazy_emplace(Sought{pool, value, hash}, [&](const auto& make) {
          added = add(value);
          make(Slot{hash, added});
        });
    // Of a new one the slot need not come from memory again.
    return added != 0 ? added : place->number;
  }

  void Reserve(size_t numbers) { slots_.reserve(numbers); }
  size_t size() const { return slots_.size(); }

 private:
  struct Slot {
    uint32_t hash, number;
  };
  struct Sought {
    const Pool& pool;
    Value value;
    uint32_t hash;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(const Sought& sought) const { return sought.hash; }
    size_t operator()(Slot slot) const { return slot.hash; }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(Slot a, Slot b) const { return a.number == b.number; }
    bool operator()(Slot slot, const Sought& sought) const {
      return slot.hash == sought.hash &&
             sought.pool.At(slot.number) == sought.value;
    }
  };

  absl::flat_hash_set<Slot, Hash, Equal> slots_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BASE_INTERN_SET_H_
