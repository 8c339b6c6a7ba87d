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
  T Get(Atom atom) const {
    return atom.id() < values_.size() ? values_[atom.id()] : T();
  }
  void Set(Atom atom, T value) {
    if (atom.id() >= values_.size()) values_.resize(atom.id() + 1);
    values_[atom.id()] = value;
  }

 private:
  std::vector<T> values_;
};

class AtomSet {
 public:
  bool contains(Atom atom) const { return bits_.Get(atom); }
  void insert(Atom atom) { bits_.Set(atom, true); }

 private:
  AtomMap<bool> bits_;  // A bit each.
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BASE_ATOM_SET_H_
