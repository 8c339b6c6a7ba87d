#include "engine/live/nested_sets.h"

#include <algorithm>

namespace assocsync {

void NestedSets::Add(Name account, int64_t lft, int64_t rgt) {
  intervals_.push_back({lft, rgt, account, -1});
}

void NestedSets::Finish() {
  std::sort(intervals_.begin(), intervals_.end(),
            [](const Interval& a, const Interval& b) { return a.lft < b.lft; });
  int open = -1;
  for (size_t i = 0; i < intervals_.size(); ++i) {
    while (open >= 0 && intervals_[open].rgt < intervals_[i].lft) {
      open = intervals_[open].outer;
    }
    intervals_[i].outer = open;
    open = static_cast<int>(i);
  }
}

Name NestedSets::Around(int64_t lft, int64_t rgt) const {
  const auto after = std::lower_bound(
      intervals_.begin(), intervals_.end(), lft,
      [](const Interval& a, int64_t value) { return a.lft < value; });
  int at = static_cast<int>(after - intervals_.begin()) - 1;
  while (at >= 0 && intervals_[at].rgt <= rgt) at = intervals_[at].outer;
  return at < 0 ? Name() : intervals_[at].account;
}

}  // namespace assocsync
