// Counts, times and factors: what Slurm reads, minus what it would bend.
#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/model/value_internal.h"

namespace assocsync::internal {
namespace {

constexpr uint64_t kMaxCount = 2147483647;  // 2^31 and more: slurm-facts 1.6.

bool AllDigits(absl::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (!absl::ascii_isdigit(c)) return false;
  }
  return true;
}

bool IsNegative(absl::string_view raw) {
  return absl::StartsWith(raw, "-") && AllDigits(raw.substr(1)) &&
         raw.find_first_not_of('0', 1) != absl::string_view::npos;
}

bool IsNoLimitWord(absl::string_view raw) {
  return absl::EqualsIgnoreCase(raw, "INFINITE") ||
         absl::EqualsIgnoreCase(raw, "UNLIMITED");
}

absl::StatusOr<uint64_t> Whole(absl::string_view raw) {
  if (raw.empty()) {
    return absl::InvalidArgumentError(
        "the value is empty; leave the option out where nothing is meant");
  }
  if (IsNoLimitWord(raw)) {
    return Bad(raw, "is no number; write -1, or leave the option out");
  }
  uint64_t value = 0;
  if (!AllDigits(raw)) return Bad(raw, "is not a whole number");
  if (!absl::SimpleAtoi(raw, &value) || value > kMaxCount) {
    return Bad(raw, "is too large; the largest is ", kMaxCount);
  }
  return value;
}

// The parts of days-hours:minutes:seconds. `fields`: how many stand between
// colons after the days.
struct Time {
  bool has_days = false;
  int fields = 0;
  std::array<uint64_t, 4> part = {};  // days, then the fields as written
};

absl::StatusOr<Time> ReadTime(absl::string_view raw) {
  Time time;
  absl::string_view rest = raw;
  const auto read = [&](absl::string_view digits, uint64_t* to) {
    return AllDigits(digits) && digits.size() <= 10 &&
           absl::SimpleAtoi(digits, to);
  };
  bool good = true;
  if (const size_t dash = raw.find('-'); dash != absl::string_view::npos) {
    time.has_days = true;
    good = read(raw.substr(0, dash), &time.part[0]);
    rest = raw.substr(dash + 1);
  }
  for (const absl::string_view field : absl::StrSplit(rest, ':')) {
    good = good && time.fields < 3 && read(field, &time.part[1 + time.fields]);
    ++time.fields;
  }
  if (!good) {
    return Bad(raw,
               "is not a time; write 90, 1:30:00 or 1-12:00:00 (days-hours:"
               "minutes:seconds)");
  }
  return time;
}

absl::StatusOr<CanonicalValue> CountOf(absl::string_view raw, uint64_t value) {
  if (value > kMaxCount) return Bad(raw, "is too long a time");
  return SetTo(absl::StrCat(value));
}

}  // namespace

absl::StatusOr<CanonicalValue> CanonicalCount(absl::string_view raw) {
  if (IsNegative(raw)) return NotSet();
  const absl::StatusOr<uint64_t> value = Whole(raw);
  if (!value.ok()) return value.status();
  return SetTo(absl::StrCat(*value));
}

absl::StatusOr<CanonicalValue> CanonicalFairshare(absl::string_view raw) {
  if (absl::EqualsIgnoreCase(raw, "parent")) return SetTo("parent");
  absl::StatusOr<CanonicalValue> value = CanonicalCount(raw);
  if (!value.ok() || !value->set) return value;
  if (value->text == "1") return NotSet();  // What every new row has.
  if (value->text == "2147483647") value->text = "parent";
  return value;
}

absl::StatusOr<CanonicalValue> CanonicalMinutes(absl::string_view raw) {
  if (raw == "-1" || IsNoLimitWord(raw)) return NotSet();
  if (AllDigits(raw) || raw.empty()) return CanonicalCount(raw);
  const absl::StatusOr<Time> time = ReadTime(raw);
  if (!time.ok()) return time.status();
  const auto [days, a, b, c] = time->part;
  uint64_t seconds = days * 86400;
  if (time->has_days || time->fields == 3) {
    seconds += a * 3600 + b * 60 + c;
  } else {
    seconds = a * 60 + b;
  }
  return CountOf(raw, (seconds + 59) / 60);  // Slurm rounds up.
}

absl::StatusOr<CanonicalValue> CanonicalSeconds(absl::string_view raw) {
  if (raw == "-1") return NotSet();
  if (AllDigits(raw) || raw.empty()) return CanonicalCount(raw);
  const absl::StatusOr<Time> time = ReadTime(raw);
  if (!time.ok()) return time.status();
  if (time->fields != 3) {
    return Bad(raw,
               "could be minutes or hours; write seconds, or all of hours:"
               "minutes:seconds");
  }
  const auto [days, hours, minutes, seconds] = time->part;
  return CountOf(raw, days * 86400 + hours * 3600 + minutes * 60 + seconds);
}

absl::StatusOr<CanonicalValue> CanonicalFactor(absl::string_view raw) {
  if (raw == "-1" || raw == "-1.000000") return NotSet();
  const size_t point = std::min(raw.find('.'), raw.size());
  absl::string_view whole = raw.substr(0, point);
  absl::string_view decimals =
      point < raw.size() ? raw.substr(point + 1) : absl::string_view();
  if (!AllDigits(whole) || (point < raw.size() && !AllDigits(decimals))) {
    return Bad(raw, "is not a number such as 0.5");
  }
  while (absl::EndsWith(decimals, "0")) decimals.remove_suffix(1);
  while (whole.size() > 1 && whole[0] == '0') whole.remove_prefix(1);
  // Slurm keeps a double and dump prints six decimals: what lies beyond could
  // never be seen to have arrived.
  if (decimals.size() > 6) {
    return Bad(raw, "has more decimals than Slurm shows, which is six");
  }
  if (whole.size() > 9) return Bad(raw, "is too large");
  return SetTo(absl::StrCat(whole, decimals.empty() ? "" : ".", decimals));
}

}  // namespace assocsync::internal
