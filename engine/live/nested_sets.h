// Accounts as nested intervals, which is how slurmdbd before 23.11 finds what
// hangs below an account (lft, rgt): internal to engine/live.
#ifndef ASSOCSYNC_ENGINE_LIVE_NESTED_SETS_H_
#define ASSOCSYNC_ENGINE_LIVE_NESTED_SETS_H_

#include <cstdint>
#include <vector>

#include "engine/base/name.h"

namespace assocsync {

class NestedSets {
 public:
  void Add(Name account, int64_t lft, int64_t rgt);
  void Finish();  // After the last Add.
  // The innermost account around [lft, rgt], itself not counted; empty: none.
  Name Around(int64_t lft, int64_t rgt) const;

 private:
  struct Interval {
    int64_t lft, rgt;
    Name account;
    int outer = -1;  // Index of the innermost one around it.
  };
  std::vector<Interval> intervals_;  // By lft.
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LIVE_NESTED_SETS_H_
