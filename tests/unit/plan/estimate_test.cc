#include "engine/plan/estimate.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace assocsync {
namespace {

Step Add(absl::string_view users) {
  Step step;
  step.argv = {"add", "user", absl::StrCat("name=", users), "account=bio"};
  return step;
}

absl::Duration Whole(const std::vector<Step>& steps, size_t rows) {
  return EndsOf({2411, 5}, steps, rows).back();
}

TEST(EstimateTest, RowsAndTheSizeOfTheClusterTakeTime) {
  EXPECT_TRUE(EndsOf({2411, 5}, {}, 1000).empty());
  const absl::Duration one = Whole({Add("ann")}, 1000);
  EXPECT_GT(one, absl::ZeroDuration());
  EXPECT_GT(Whole({Add("ann,bob,eve")}, 1000), one);
  EXPECT_GT(Whole({Add("ann")}, 100000), one);
  // The second finds the rows of the first.
  EXPECT_GT(Whole({Add("ann,bob"), Add("eve")}, 0),
            Whole({Add("ann,bob")}, 0) + Whole({Add("eve")}, 0));
  // Users are added to each of the accounts.
  Step both = Add("ann,bob");
  both.argv = {"add", "user", "name=ann,bob", "account=bio,hep"};
  EXPECT_EQ(Whole({both}, 0), Whole({Add("a,b,c,d")}, 0));
}

TEST(EstimateTest, EveryReleaseHasATable) {
  for (const Release release :
       {Release{2011, 4}, {2205, 8}, {2302, 0}, {2411, 5}, {2605, 5}}) {
    EXPECT_GT(EndsOf(release, {Add("ann")}, 100).back(), absl::ZeroDuration())
        << release.ToString();
  }
}

TEST(EstimateTest, WhatIsLeftGoesOnAsItWent) {
  const std::vector<absl::Duration> ends = {
      absl::Seconds(10), absl::Seconds(20), absl::Seconds(60)};
  EXPECT_EQ(TimeLeft(ends, 0, absl::ZeroDuration()), absl::Seconds(60));
  EXPECT_EQ(TimeLeft(ends, 2, absl::Seconds(20)), absl::Seconds(40));
  EXPECT_EQ(TimeLeft(ends, 2, absl::Seconds(40)), absl::Seconds(80));
  EXPECT_EQ(TimeLeft(ends, 3, absl::Seconds(40)), absl::ZeroDuration());
  // A tenth of a second tells nothing of a minute.
  EXPECT_EQ(TimeLeft(ends, 1, absl::Milliseconds(100)), absl::Seconds(50));
  EXPECT_EQ(TimeLeft({}, 0, absl::ZeroDuration()), absl::ZeroDuration());
}

TEST(EstimateTest, AboutIsInWordsThatAreAboutRight) {
  EXPECT_EQ(About(absl::ZeroDuration()), "about 1 s");
  EXPECT_EQ(About(absl::Milliseconds(7600)), "about 8 s");
  EXPECT_EQ(About(absl::Seconds(47)), "about 50 s");
  EXPECT_EQ(About(absl::Seconds(94)), "about 90 s");
  EXPECT_EQ(About(absl::Seconds(100)), "about 2 min");
  EXPECT_EQ(About(absl::Minutes(94)), "about 94 min");
  EXPECT_EQ(About(absl::Minutes(200)), "about 3 h");
}

}  // namespace
}  // namespace assocsync
