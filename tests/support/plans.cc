#include "tests/support/plans.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/cfg/parse.h"
#include "gtest/gtest.h"

namespace assocsync {

Tree SiteOf(absl::string_view lines) {
  absl::StatusOr<Tree> tree = ParseTree("t", absl::StrCat(kSiteHead, lines));
  EXPECT_TRUE(tree.ok()) << tree.status();
  return tree.ok() ? *std::move(tree) : Tree();
}

std::string ShownPlan(const Plan& plan) {
  std::string out;
  for (const Step& step : plan.steps) {
    absl::StrAppend(&out, "  ", absl::StrJoin(step.argv, " "), "\n");
  }
  for (const Finding& f : plan.findings) {
    absl::StrAppend(&out, "  ", CodeName(f.code), " ", f.message, " [",
                    absl::StrJoin(f.rows, "; "), "]\n");
  }
  return out;
}

}  // namespace assocsync
