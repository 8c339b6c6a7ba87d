// Sets and maps of atoms as plain arrays by their numbers: for loops over all
// rows, where a lookup should neither hash nor miss the cache. A map takes room
// for every text that the process knows; few are alive at a time.
#ifndef ASSOCSYNC_ENGINE_BASE_ATOM_SET_H_
#define ASSOCSYNC_ENGINE_BASE_ATOM_SET_H_

#include <vector>

#include "engine/base/atom.h"

namespace assocsync {

// T() where nothing was set.
template <typename T>
class AtomMap {
 public:
  const T& Get(Atom atom) const {
    static const T* const none = new T();
    return atom.id() < values_.size() ? values_[atom.id()] : *none;
  }
  T& operator[](Atom atom) {
    if (atom.id() >= values_.size()) values_.resize(atom.id() + 1);
    return values_[atom.id()];
  }

 private:
  std::vector<T> values_;
};

class AtomSet {
 public:
  bool contains(Atom atom) const {
    return atom.id() < bits_.size() && bits_[atom.id()];
  }
  void insert(Atom atom) {
    if (atom.id() >= bits_.size()) bits_.resize(atom.id() + 1);
    bits_[atom.id()] = true;
  }

 private:
  std::vector<bool> bits_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BASE_ATOM_SET_H_
