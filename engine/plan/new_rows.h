// New rows of users: what is said of each as it is added, and what after it.
//
// Where many rows come, slurmdbd's time goes by how many commands there are,
// and when: one that adds rows, or sets Fairshare, searches all users who are
// there (slurm-facts 12).
#ifndef ASSOCSYNC_ENGINE_PLAN_NEW_ROWS_H_
#define ASSOCSYNC_ENGINE_PLAN_NEW_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/model/tree.h"
#include "engine/slurm/release.h"

namespace assocsync {

// Whether a new row's account is said as the user's default account with it.
enum class SaysDefault : uint8_t {
  kNo,
  kForNow,  // Until the user's own comes.
  kYes,
};

struct NewRow {
  AssocKey key;
  SaysDefault says_default = SaysDefault::kNo;
  Fields limits;  // Said with it.
  Fields later;   // Said after it; see SetLimitsAside.
  // The row comes when the limits of the other rows have been said.
  bool comes_late = false;
};

// Limits of rows that are there are said by value (each to all rows that get
// it), or by row (all that a row gets to all rows that get just that).
enum class Telling : uint8_t { kByValue, kByRow };

// Of `limits` of the rows, moves those to `later` that take less time there, by
// the table of costs (estimate.h). `live`: how many rows the cluster has;
// `may_split`: where adds of many rows say all limits, and come late, others
// need not.
Telling SetLimitsAside(const Behaviour& behaviour, size_t live, bool may_split,
                       std::vector<NewRow>* rows);

// An add of so many rows costs by its rows more than by the rows that are
// there.
inline constexpr size_t kLargeAdd = 50;

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_NEW_ROWS_H_
