// Sets and maps of names as plain arrays by their numbers: for loops over all
// rows, where a lookup should neither hash nor miss the cache. A map takes room
// for every text that the process knows; few are alive at a time.
#ifndef ASSOCSYNC_ENGINE_BASE_NAME_SET_H_
#define ASSOCSYNC_ENGINE_BASE_NAME_SET_H_

#include <vector>

#include "engine/base/name.h"

namespace assocsync {

// T() where nothing was set.
template <typename T>
class NameMap {
 public:
  const T& Get(Name name) const {
    static const T* const none = new T();
    return name.id() < values_.size() ? values_[name.id()] : *none;
  }
  T& operator[](Name name) {
    if (name.id() >= values_.size()) values_.resize(Name::Count());
    return values_[name.id()];
  }

  // It is asked for soon, and something else is done before.
  void Prefetch(Name name) const {
    if (name.id() < values_.size()) __builtin_prefetch(&values_[name.id()]);
  }

 private:
  std::vector<T> values_;
};

class NameSet {
 public:
  bool contains(Name name) const {
    return name.id() < bits_.size() && bits_[name.id()];
  }
  void insert(Name name) {
    if (name.id() >= bits_.size()) bits_.resize(Name::Count());
    bits_[name.id()] = true;
  }

 private:
  std::vector<bool> bits_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BASE_NAME_SET_H_
