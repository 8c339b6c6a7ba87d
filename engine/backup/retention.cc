#include "engine/backup/retention.h"

#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

namespace assocsync {
namespace {

constexpr int kMostYears = 1000;

// The units of a span and the most of each.
struct SpanUnit {
  char letter;
  int KeepSpan::*field;
  int most;
};
constexpr SpanUnit kSpanUnits[] = {
    {'y', &KeepSpan::years, kMostYears},
    {'m', &KeepSpan::months, kMostYears * 12},
    {'d', &KeepSpan::days, kMostYears * 366},
    {'h', &KeepSpan::hours, kMostYears * 366 * 24},
};

const SpanUnit* FindSpanUnit(char letter) {
  for (const SpanUnit& unit : kSpanUnits) {
    if (unit.letter == letter) return &unit;
  }
  return nullptr;
}

absl::Time Before(absl::Time time, const KeepSpan& span, absl::TimeZone zone) {
  const absl::CivilSecond at = absl::ToCivilSecond(time, zone);
  // A day that its month does not have becomes one of the next month.
  const absl::CivilSecond then(at.year() - span.years, at.month() - span.months,
                               at.day() - span.days, at.hour(), at.minute(),
                               at.second());
  return absl::FromCivil(then, zone) - absl::Hours(span.hours);
}

// The number of the hour, day, ISO week, month or year in which `time` is.
int64_t HourOf(absl::CivilSecond time) {
  return absl::CivilHour(time) - absl::CivilHour();
}
int64_t DayOf(absl::CivilSecond time) {
  return absl::CivilDay(time) - absl::CivilDay();
}
int64_t WeekOf(absl::CivilSecond time) {
  return absl::PrevWeekday(absl::CivilDay(time) + 1, absl::Weekday::monday) -
         absl::CivilDay();
}
int64_t MonthOf(absl::CivilSecond time) {
  return absl::CivilMonth(time) - absl::CivilMonth();
}
int64_t YearOf(absl::CivilSecond time) { return time.year(); }

struct KeepBucket {
  absl::string_view word;
  int KeepRules::*count;
  int64_t (*part)(absl::CivilSecond time);  // nullptr: each is its own.
};
constexpr KeepBucket kKeepBuckets[] = {
    {"last", &KeepRules::last, nullptr},
    {"hourly", &KeepRules::hourly, HourOf},
    {"daily", &KeepRules::daily, DayOf},
    {"weekly", &KeepRules::weekly, WeekOf},
    {"monthly", &KeepRules::monthly, MonthOf},
    {"yearly", &KeepRules::yearly, YearOf},
};

void AddReasons(const KeepBucket& bucket, int count,
                absl::Span<const absl::Time> times, absl::TimeZone zone,
                std::vector<std::vector<std::string>>* reasons) {
  int64_t last = 0;
  bool any = false;
  for (size_t i = 0; i < times.size() && count != 0; ++i) {
    const int64_t part = bucket.part == nullptr
                             ? static_cast<int64_t>(i)
                             : bucket.part(absl::ToCivilSecond(times[i], zone));
    const bool is_new = !any || part != last;
    if (!is_new && i + 1 < times.size()) continue;
    (*reasons)[i].push_back(absl::StrCat(is_new ? "" : "oldest ", bucket.word));
    any = true;
    last = part;
    if (count > 0) --count;
  }
}

}  // namespace

std::string KeepSpan::ToString() const {
  std::string out;
  for (const SpanUnit& unit : kSpanUnits) {
    const int n = this->*unit.field;
    if (n != 0) absl::StrAppend(&out, n, std::string(1, unit.letter));
  }
  return out;
}

absl::StatusOr<KeepSpan> ParseKeepSpan(absl::string_view text) {
  const absl::Status bad = absl::InvalidArgumentError(absl::StrCat(
      "'", text,
      "' is not a span of years, months, days and hours, as 14d or 1y6m (a "
      "week is 7d)"));
  KeepSpan span;
  absl::string_view rest = text;
  while (!rest.empty()) {
    size_t digits = 0;
    while (digits < rest.size() && absl::ascii_isdigit(rest[digits])) ++digits;
    if (digits == 0 || digits == rest.size()) return bad;
    const SpanUnit* const unit = FindSpanUnit(rest[digits]);
    int n = 0;
    if (unit == nullptr || span.*(unit->field) != 0 ||
        !absl::SimpleAtoi(rest.substr(0, digits), &n) || n > unit->most) {
      return bad;
    }
    span.*(unit->field) = n;
    rest.remove_prefix(digits + 1);
  }
  if (span == KeepSpan()) return bad;
  return span;
}

std::vector<std::vector<std::string>> ReasonsToKeep(
    const KeepRules& rules, absl::Span<const absl::Time> times,
    const KeepClock& clock) {
  std::vector<std::vector<std::string>> reasons(times.size());
  if (rules.within != KeepSpan()) {
    absl::Time newest = absl::InfinitePast();
    for (const absl::Time time : times) {
      if (time < clock.now && time > newest) newest = time;
    }
    const absl::Time bound = newest == absl::InfinitePast()
                                 ? newest
                                 : Before(newest, rules.within, clock.zone);
    for (size_t i = 0; i < times.size(); ++i) {
      if (times[i] > bound) {
        reasons[i].push_back(absl::StrCat("within ", rules.within.ToString()));
      }
    }
  }
  for (const KeepBucket& bucket : kKeepBuckets) {
    AddReasons(bucket, rules.*bucket.count, times, clock.zone, &reasons);
  }
  return reasons;
}

}  // namespace assocsync
