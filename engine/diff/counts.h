// How many things changes are about, as people count them.
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

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_DIFF_COUNTS_H_
