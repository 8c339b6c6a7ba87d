#include "engine/model/finding.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assocsync::finding_test {

using ::testing::ElementsAre;

TEST(FindingTest, RowsAreWhole) {
  std::set<absl::string_view> names;
  int last = 100;
  for (const FindingRow& row : AllFindings()) {
    const int number = static_cast<int>(row.code);
    EXPECT_EQ(row.code_name, absl::StrCat("AS", number));
    EXPECT_LT(last, number) << "sorted";
    last = number;
    EXPECT_EQ(row.is_rule(), number > 200) << row.code_name;
    EXPECT_TRUE(!row.is_rule() || names.insert(row.name).second) << row.name;
    EXPECT_NE(row.severity, Severity::kOff) << row.code_name;
    EXPECT_FALSE(row.title.empty()) << row.code_name;
    EXPECT_FALSE(row.help.empty()) << row.code_name;
    EXPECT_EQ(&RowOf(row.code), &row);
    EXPECT_EQ(FindFinding(row.code_name), &row);
    EXPECT_EQ(FindRule(row.code_name), row.is_rule() ? &row : nullptr);
  }
  EXPECT_EQ(AllRules().end(), AllFindings().end());
  EXPECT_EQ(AllRules().front().code, kRuleUnreadable);
  EXPECT_EQ(FindFinding("AS999"), nullptr);
}

TEST(FindingTest, IsAsItsRowSays) {
  const Finding gone = MakeFinding(kWholeKindVanishes, "m", {"a"});
  EXPECT_EQ(gone.severity, Severity::kError);
  EXPECT_EQ(gone.lifted_by, "--allow AS102");
  EXPECT_TRUE(gone.stands());
  EXPECT_EQ(MakeFinding(kCollateral, "m").lifted_by, "") << "at times only";
  const Finding decided = MakeFinding(kCannotRestore, Severity::kWarning, "m");
  EXPECT_EQ(decided.lifted_by, "");
  EXPECT_FALSE(decided.stands());
}

TEST(FindingTest, Stands) {
  Finding finding = MakeFinding(kCannotRestore, "m");
  EXPECT_TRUE(finding.stands());
  finding.lifted = true;
  EXPECT_FALSE(finding.stands());
  EXPECT_FALSE(MakeFinding(kKept, "m").stands());
}

TEST(FindingTest, WorstFirstThenByCode) {
  std::vector<Finding> findings = {
      MakeFinding(kOffline, "note"),   MakeFinding(kDrift, "note"),
      MakeFinding(kKept, "again"),     MakeFinding(kCannotRestore, "lost"),
      MakeFinding(kAsRead, "warning"), MakeFinding(kIllegalTree, "refused")};
  AddIfAny(MakeFinding(kKept, "about no rows"), &findings);
  SortFindings(&findings);
  std::vector<absl::string_view> codes;
  for (const Finding& f : findings) codes.push_back(CodeName(f.code));
  EXPECT_THAT(
      codes, ElementsAre("AS112", "AS111", "AS131", "AS116", "AS125", "AS130"));
}

// Who reads JSON or writes a policy counts on these.
TEST(FindingTest, SeveritiesHaveWords) {
  EXPECT_EQ(ParseSeverity("error"), Severity::kError);
  EXPECT_EQ(ParseSeverity("off"), Severity::kOff);
  EXPECT_EQ(ParseSeverity("refuse"), std::nullopt);
  EXPECT_EQ(SeverityName(Severity::kWarning), "warning");
}

}  // namespace assocsync::finding_test
