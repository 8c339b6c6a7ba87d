#include <gtest/gtest.h>

#include "cli/options.h"

namespace assocsync::when_test {

TEST(ParseWhenTest, WhatAdminsType) {
  absl::TimeZone berlin;
  ASSERT_TRUE(absl::LoadTimeZone("Europe/Berlin", &berlin));
  const absl::Time now =
      absl::FromCivil(absl::CivilSecond(2026, 11, 24, 12, 30, 15), berlin);
  struct Case {
    const char *text, *want;
  };
  constexpr Case kCases[] = {
      {"2026-11-24", "2026-11-23T23:00:00Z"},
      {"2026-11-24T08:00", "2026-11-24T07:00:00Z"},
      {"2026-11-24 08:00:30", "2026-11-24T07:00:30Z"},
      {"2026-11-24t08:00z", "2026-11-24T08:00:00Z"},
      {"2026-11-24T08:00:01+05:30", "2026-11-24T02:30:01Z"},
      {"2026-07-01T08:00", "2026-07-01T06:00:00Z"},  // Summer time.
      {"08:00", "2026-11-24T07:00:00Z"},
      {"today", "2026-11-23T23:00:00Z"},
      {"Yesterday", "2026-11-22T23:00:00Z"},
      {"now", "2026-11-24T11:30:15Z"},
      {"3h", "2026-11-24T08:30:15Z"},
      {"-3h", "2026-11-24T08:30:15Z"},
      {"2d ago", "2026-11-22T11:30:15Z"},
      {"1w", "2026-11-17T11:30:15Z"},
      {"@0", "1970-01-01T00:00:00Z"},
  };
  for (const Case& c : kCases) {
    const auto when = ParseWhen(c.text, now, berlin);
    ASSERT_TRUE(when.ok()) << when.status();
    EXPECT_EQ(
        absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", *when, absl::UTCTimeZone()),
        c.want)
        << c.text;
  }
  for (const char* bad :
       {"", "x", "3", "3x", "2026-02-30", "2026-13-01", "24-11-2026",
        "2026-11-24T25:00", "2026-11-24T08:00 now", "d", "--3h", "3h4",
        "99999999999d", "tomorrow", "8:00", "infinite-past"}) {
    const auto when = ParseWhen(bad, now, berlin);
    EXPECT_FALSE(when.ok()) << bad;
  }
}

}  // namespace assocsync::when_test
