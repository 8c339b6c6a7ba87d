// What the value of each option may be, and where it goes. Internal to
// options.cc, whose table names these.
//
// All return kInvalidArgument, saying what is wanted, and then leave the
// options as they are or partly set.
#ifndef ASSOCSYNC_CLI_OPTION_VALUES_H_
#define ASSOCSYNC_CLI_OPTION_VALUES_H_

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cli/options.h"
#include "engine/base/status.h"
#include "engine/plan/scope.h"

namespace assocsync {

// "'text' is not WANTED"
absl::Status BadValue(absl::string_view text, absl::string_view wanted);

// A number from `least` on; else it is not what is `wanted`.
template <typename N>
absl::Status SetNumber(absl::string_view text, N least,
                       absl::string_view wanted, N* value) {
  return absl::SimpleAtoi(text, value) && *value >= least
             ? absl::OkStatus()
             : BadValue(text, wanted);
}

// "90", "90s", "10m", between the two.
absl::Status SetDuration(absl::string_view text, absl::Duration least,
                         absl::Duration most, absl::Duration* to);

// A flag, or a text as it is.
template <auto kMember>
absl::Status Set(absl::string_view text, Options* options) {
  auto& value = options->*kMember;
  if constexpr (std::is_same_v<decltype(value), bool&>) {
    if (text != "true" && text != "false")
      return BadValue(text, "true or false");
    value = text == "true";
  } else {
    if (text.empty()) return BadValue(text, "a path");
    value = std::string(text);
  }
  return absl::OkStatus();
}

template <std::vector<std::string> Options::*kMember>
absl::Status AddSelectors(absl::string_view text, Options* options) {
  for (const absl::string_view word : absl::StrSplit(text, '\n')) {
    RETURN_IF_ERROR(ParseSelector(word).status());
    (options->*kMember).emplace_back(word);
  }
  return absl::OkStatus();
}

template <absl::Duration StatusLimits::*kAge>
absl::Status SetAge(absl::string_view text, Options* options) {
  // ParseDuration has no days.
  absl::string_view days = text;
  int n = 0;
  if (absl::ConsumeSuffix(&days, "d") && absl::SimpleAtoi(days, &n) && n > 0) {
    options->status_limits.*kAge = absl::Hours(24) * n;
    return absl::OkStatus();
  }
  return SetDuration(text, absl::Seconds(1), absl::Hours(24 * 3650),
                     &(options->status_limits.*kAge));
}

template <int KeepRules::*kRule>
absl::Status SetKeep(absl::string_view text, Options* options) {
  int& count = options->keep.*kRule;
  if (text == "unlimited") {
    count = KeepRules::kAll;
    return absl::OkStatus();
  }
  return SetNumber(text, 1, "a number of backups, 1 or more, or unlimited",
                   &count);
}

template <std::optional<absl::Time> Options::*kMember>
absl::Status SetWhen(absl::string_view text, Options* options) {
  ASSIGN_OR_RETURN(options->*kMember,
                   ParseWhen(text, absl::Now(), absl::LocalTimeZone()));
  return absl::OkStatus();
}

absl::Status SetLive(absl::string_view text, Options* options);
absl::Status SetRelease(absl::string_view text, Options* options);
absl::Status SetMaxDelete(absl::string_view text, Options* options);
absl::Status SetAllow(absl::string_view text, Options* options);
absl::Status SetSkip(absl::string_view text, Options* options);
absl::Status SetChanges(absl::string_view text, Options* options);
absl::Status SetNoDelete(absl::string_view, Options* options);
absl::Status SetPrefer(absl::string_view text, Options* options);
absl::Status SetTimeout(absl::string_view text, Options* options);
absl::Status SetPause(absl::string_view text, Options* options);
absl::Status SetFormat(absl::string_view text, Options* options);
absl::Status SetFailOn(absl::string_view text, Options* options);
absl::Status SetMaxBytes(absl::string_view text, Options* options);
absl::Status SetWarnDrift(absl::string_view text, Options* options);
absl::Status SetBulkLoad(absl::string_view text, Options* options);
absl::Status SetKeepWithin(absl::string_view text, Options* options);
absl::Status SetDumpTool(absl::string_view text, Options* options);
absl::Status SetContext(absl::string_view text, Options* options);
absl::Status SetColor(absl::string_view text, Options* options);
absl::Status SetPager(absl::string_view text, Options* options);
absl::Status SetExplain(absl::string_view text, Options* options);
absl::Status SetAction(absl::string_view text, Options* options);
absl::Status SetLimit(absl::string_view text, Options* options);
absl::Status SetOnFailure(absl::string_view text, Options* options);
absl::Status SetTrusted(absl::string_view text, Options* options);

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_OPTION_VALUES_H_
