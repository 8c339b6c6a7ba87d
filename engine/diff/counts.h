// How many things changes are about, as people count them, and which share of
// what there is they delete.
#ifndef ASSOCSYNC_ENGINE_DIFF_COUNTS_H_
#define ASSOCSYNC_ENGINE_DIFF_COUNTS_H_

#include <cstddef>
#include <vector>

#include "engine/diff/diff.h"

namespace assocsync {

// Accounts, users in accounts, QOS, records of users that stay.
struct ChangeCounts {
  size_t added = 0, changed = 0, moved = 0, removed = 0;

  size_t all() const { return added + changed + moved + removed; }
  bool operator==(const ChangeCounts&) const = default;
};

// As a plan counts them: an account is one thing with its record and its row,
// and a user's record comes and goes with the user's rows.
ChangeCounts CountOf(const std::vector<Change>& changes);

// Below this many objects of a kind a share says nothing.
inline constexpr size_t kMaxDeleteFloor = 10;

struct DeleteShare {
  size_t gone = 0, of = 0;

  size_t percent() const { return (gone * 100 + of - 1) / of; }  // Rounded up.
  bool Exceeds(int percent) const {
    return of >= kMaxDeleteFloor &&
           gone * 100 > of * static_cast<size_t>(percent);
  }
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_DIFF_COUNTS_H_
