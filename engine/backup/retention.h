// Which of many backups to keep, by the rules of restic's `forget`, so that who
// knows those knows these:
//
//   - keep-last N: the N newest.
//   - keep-hourly, -daily, -weekly, -monthly, -yearly N: of each of the last N
//     hours (days ...) that have a backup, the newest. Hours without one do not
//     count. Bounds are those of the calendar in the local zone; weeks are
//     ISO's, Monday to Sunday. The hour that a change of the clock repeats is
//     one.
//   - keep-within SPAN: all that are younger than SPAN before the newest one,
//     not before now. One whose time is yet to come is not taken for the
//     newest, and is kept.
//   - Where a rule has a number left at the end, it keeps the oldest, too.
//
// One rule that keeps a backup is enough.
#ifndef ASSOCSYNC_ENGINE_BACKUP_RETENTION_H_
#define ASSOCSYNC_ENGINE_BACKUP_RETENTION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace assocsync {

// Of the calendar: a month before March 31 is March 3, as restic has it.
struct KeepSpan {
  int years = 0, months = 0, days = 0, hours = 0;
  bool operator==(const KeepSpan&) const = default;
  std::string ToString() const;  // "2y5m7d3h", which ParseKeepSpan takes.
};
// "2y5m7d3h", in any order, each unit once. kInvalidArgument: anything else,
// also nothing, 0, and what is beyond 1000 years.
absl::StatusOr<KeepSpan> ParseKeepSpan(absl::string_view text);

struct KeepRules {
  static constexpr int kAll = -1;
  // How many; 0: the rule keeps nothing; kAll: every hour (day ...).
  int last = 0, hourly = 0, daily = 0, weekly = 0, monthly = 0, yearly = 0;
  KeepSpan within;  // Zero: none.
  bool operator==(const KeepRules&) const = default;
  bool empty() const { return *this == KeepRules(); }
};

// When and where the rules are applied.
struct KeepClock {
  absl::Time now;
  absl::TimeZone zone;
};

// For each of `times`, which are newest first, the rules that keep it, as
// "daily", "oldest weekly", "within 7d"; of one that none keeps, nothing.
std::vector<std::vector<std::string>> ReasonsToKeep(
    const KeepRules& rules, absl::Span<const absl::Time> times,
    const KeepClock& clock);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_RETENTION_H_
