// Points in time as admins type them.
#ifndef ASSOCSYNC_CLI_WHEN_H_
#define ASSOCSYNC_CLI_WHEN_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace assocsync {

// "2026-11-24" (its first moment), "2026-11-24T08:00", "2026-11-24 08:00:30",
// either with Z or an offset (+01:00); "08:00" (today); "now", "today",
// "yesterday"; "90s", "30m", "3h", "2d", "1w", with or without " ago";
// "@1795545222" (Unix). Without an offset: in `zone`. kInvalidArgument:
// anything else, days that no month has included.
absl::StatusOr<absl::Time> ParseWhen(absl::string_view text, absl::Time now,
                                     absl::TimeZone zone);

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_WHEN_H_
