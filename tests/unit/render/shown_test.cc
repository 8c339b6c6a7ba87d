#include "engine/render/shown.h"

#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "engine/plan/skip.h"
#include "engine/render/html.h"
#include "engine/render/json.h"
#include "engine/render/markdown.h"
#include "engine/render/sh.h"
#include "engine/render/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/rendered.h"

namespace assocsync::shown_test {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string WayOn(FindingCode code) {
  return absl::StrJoin(ShownWayOn(MakeFinding(code, "m")), "");
}

TEST(ShownTest, WayOn) {
  EXPECT_EQ(WayOn(kIllegalTree), "Nothing lifts this.");
  EXPECT_EQ(WayOn(kProtectedRow), "If that is meant: --allow AS103");
  EXPECT_EQ(WayOn(kCollateral),
            "Nothing lifts this. Without it: --skip AS109 or --skip ROW");
  EXPECT_EQ(WayOn(kCannotRestore),
            "If that is meant: --allow AS111. Without it: --skip AS111 or "
            "--skip ROW");
  EXPECT_THAT(ShownWayOn(MakeFinding(kCollateral, Severity::kNote, "m")),
              IsEmpty());
  Finding lifted = MakeFinding(kCannotRestore, "m");
  lifted.lifted = true;
  EXPECT_THAT(ShownWayOn(lifted), IsEmpty());
  EXPECT_EQ(SkippedBy(lifted), "");
}

// Every format that shows findings says it, and says the same.
TEST(ShownTest, WayOnInEveryFormat) {
  Plan plan;
  plan.findings = {MakeFinding(kCollateral, "it would touch more", {"a/b"}),
                   MakeFinding(kIllegalTree, "it is broken", {"a"})};
  const std::string page = RenderHtml(plan, Tree(), {});
  const size_t data = page.find("way_on");
  ASSERT_NE(data, std::string::npos);
  const std::vector<std::pair<const char*, std::string>> shown = {
      {"text", RenderText(plan, {})},
      {"markdown", *RenderMarkdown(plan, {})},
      {"sh", RenderSh(plan, {})},
      {"html without script", page},
      {"html", absl::StrReplaceAll(page.substr(data), {{"\",\"", ""}})}};
  const std::vector<std::string> way_on = ShownWayOn(plan.findings[0]);
  ASSERT_EQ(way_on.size(), 4u);
  for (const auto& [format, raw] : shown) {
    const std::string text =
        absl::StrReplaceAll(raw, {{"<code>", ""}, {"</code>", ""}});
    EXPECT_THAT(text, HasSubstr(absl::StrJoin(way_on, ""))) << format;
    EXPECT_THAT(text, HasSubstr("Nothing lifts this.")) << format;
    EXPECT_THAT(text, Not(HasSubstr("--skip AS112"))) << format;
  }
  SavedPlan saved;
  saved.plan = plan;
  const std::string json = PlanToJson(saved);
  EXPECT_THAT(json, HasSubstr("\"skipped_by\": \"--skip AS109\""));
  EXPECT_THAT(json, HasSubstr("\"skipped_by\": \"\""));
}

}  // namespace assocsync::shown_test
