#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "cli/options.h"

namespace assocsync {
namespace {

using absl::string_view;

absl::Time Midnight(absl::Time now, absl::TimeZone zone, int days) {
  return absl::FromCivil(absl::ToCivilDay(now, zone) + days, zone);
}

// "2d", "30m"; false: it is none.
bool ParseAge(string_view text, absl::Duration* age) {
  if (!absl::ConsumeSuffix(&text, " ago")) absl::ConsumePrefix(&text, "-");
  if (text.size() < 2) return false;
  constexpr string_view kUnits = "smhdw";
  constexpr int kSeconds[] = {1, 60, 3600, 86400, 7 * 86400};
  const size_t unit = kUnits.find(text.back());
  text.remove_suffix(1);
  int32_t n = 0;
  if (unit == string_view::npos || !absl::ascii_isdigit(text[0]) ||
      !absl::SimpleAtoi(text, &n)) {
    return false;
  }
  *age = absl::Seconds(int64_t{n} * kSeconds[unit]);
  return true;
}

}  // namespace

absl::StatusOr<absl::Time> ParseWhen(string_view text, absl::Time now,
                                     absl::TimeZone zone) {
  const std::string said =
      absl::AsciiStrToLower(absl::StripAsciiWhitespace(text));
  if (said == "now") return now;
  if (said == "today") return Midnight(now, zone, 0);
  if (said == "yesterday") return Midnight(now, zone, -1);
  absl::Duration age;
  if (ParseAge(said, &age)) return now - age;
  int64_t seconds = 0;
  if (absl::StartsWith(said, "@") &&
      absl::SimpleAtoi(string_view(said).substr(1), &seconds)) {
    return absl::FromUnixSeconds(seconds);
  }
  std::string stamp =
      absl::StrReplaceAll(absl::AsciiStrToUpper(said), {{" ", "T"}});
  if (stamp.size() > 2 && stamp.size() <= 8 && stamp[2] == ':') {
    stamp = absl::StrCat(absl::FormatCivilTime(absl::ToCivilDay(now, zone)),
                         "T", stamp);
  }
  // A year has four digits here: 24-11-2026 is a mistake, not the year 24.
  if (stamp.size() >= 10 && stamp[4] == '-') {
    for (const char* format :
         {"%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S",
          "%Y-%m-%dT%H:%M%Ez", "%Y-%m-%dT%H:%M:%S%Ez"}) {
      absl::Time time;
      if (absl::ParseTime(format, stamp, zone, &time, nullptr)) return time;
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "'", text,
      "' is no time, as 2026-11-24, 2026-11-24T08:00, 08:00, yesterday, 3h or "
      "2d"));
}

}  // namespace assocsync
