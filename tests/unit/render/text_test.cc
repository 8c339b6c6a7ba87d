#include "engine/render/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "engine/render/outline.h"
#include "tests/support/rendered.h"
#include "tests/unit/render/sample_plan.h"

namespace assocsync::text_test {

using ::testing::HasSubstr;
using ::testing::Not;
using What = Change::What;
using How = Change::How;

ShowOptions Options() {
  ShowOptions options;
  options.target_name = "backup.cfg";
  return options;
}

TEST(RenderTextTest, OneOfEverything) {
  EXPECT_EQ(RenderText(SamplePlan(), Options()),
            R"(Cluster hpc, Slurm 24.11.5: live -> backup.cfg (complete)

QOS
  ~ long  Priority 10 -> 20

Accounts
    root
    ~ bio  Description 'old text' -> 'biology', GrpTRES cpu=100 -> cpu=200
        lab
        ~ alice (partition debug)  MaxJobs (not set) -> 8
        - bob  user leaves
        + dora  new user, AdminLevel Operator, MaxJobs 4, QOS long,normal
    > hep  moved from bio, Fairshare 7 -> 1

Users
  ~ alice  DefaultAccount hep -> lab

Findings
  refused AS101  The plan deletes 14 of 20 users, more than 30%.
      user u0
      user u1
      user u2
      user u3
      user u4
      user u5
      user u6
      user u7
      user u8
      user u9
      ... and 4 more (--verbose shows all)
      If that is meant: --max-delete 70%
  note AS116  Planned offline.

Plan: 1 to add, 4 to change, 1 to move, 1 to delete; 2 commands. Refused: AS101.
)");
}

TEST(RenderTextTest, VerboseTellsCommandsAndAllRows) {
  ShowOptions options = Options();
  options.verbose = true;
  const std::string text = RenderText(SamplePlan(), options);
  EXPECT_THAT(text, HasSubstr("      user u13\n"));
  EXPECT_THAT(text, Not(HasSubstr("more (")));
  EXPECT_THAT(text, HasSubstr("  - bob  user leaves, MaxJobs 1\n"));
  EXPECT_THAT(
      text,
      HasSubstr("Commands\n"
                "  # accounts: hep: parent bio -> root\n"
                "  sacctmgr -i modify account where name=hep cluster=hpc set "
                "parent=root\n"));
}

TEST(RenderTextTest, NothingToDo) {
  Plan plan;
  EXPECT_EQ(RenderText(plan, Options()),
            "No changes. Live is in sync with backup.cfg.\n");
}

TEST(RenderTextTest, NothingToDoIsNotAlwaysInSync) {
  Plan plan;
  plan.findings = {
      MakeFinding(kCannotRestore, "Slurm cannot clear a classification.")};
  const std::string text = RenderText(plan, Options());
  EXPECT_THAT(text, HasSubstr("refused AS111"));
  EXPECT_THAT(text, Not(HasSubstr("in sync")));
  EXPECT_THAT(text, HasSubstr("Refused: AS111."));

  plan.findings[0].lifted = true;
  const std::string lifted = RenderText(plan, Options());
  EXPECT_THAT(lifted, HasSubstr("lifted AS111"));
  EXPECT_THAT(lifted, Not(HasSubstr("in sync")));
}

TEST(RenderTextTest, ColorIsAllThatColorAdds) {
  ShowOptions options = Options();
  options.color = true;
  std::string text = RenderText(SamplePlan(), options);
  EXPECT_THAT(text, HasSubstr("\x1b[32m+ dora\x1b[0m"));
  EXPECT_THAT(text, HasSubstr("\x1b[31m- bob\x1b[0m"));
  for (size_t at = text.find('\x1b'); at != std::string::npos;
       at = text.find('\x1b')) {
    text.erase(at, text.find('m', at) - at + 1);
  }
  EXPECT_EQ(text, RenderText(SamplePlan(), Options()));
}

TEST(RenderTextTest, UntrustedTextIsShownNotSent) {
  const absl::string_view evil = "a\x1b[2J\nPlan: 0 to add\xc2\x9b\u202e\xff'";
  Plan plan = SamplePlan();
  plan.cluster = Name(evil);
  plan.changes.push_back(AChange(What::kAssociation, How::kAdd,
                                 Row(evil, evil, evil),
                                 {Field(Key::kComment, Set(evil), Set(evil)),
                                  Field(Key::kQos, Set(evil), Set(evil))}));
  plan.changes.push_back(AChange(What::kAssociation, How::kModify, Row(evil)));
  plan.changes.back().parent_from = Name(evil);
  plan.steps.push_back({Phase::kUsers, {std::string(evil)}, std::string(evil)});
  plan.findings[0].rows.insert(plan.findings[0].rows.begin(),
                               std::string(evil));
  plan.findings[0].message = std::string(evil);
  plan.findings[0].lifted_by = std::string(evil);
  ShowOptions options = Options();
  options.verbose = true;
  options.target_name = std::string(evil);
  const std::string text = RenderText(plan, options);
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\nPlan: 0")));
  EXPECT_THAT(text, Not(HasSubstr("\xc2\x9b")));
  EXPECT_THAT(text, Not(HasSubstr("\u202e")));
  EXPECT_THAT(text, Not(HasSubstr("\xff")));
}

TEST(RenderTextTest, LongListsShowTheirDifference) {
  Plan plan;
  Below("root", "", &plan);
  std::string many = "q00";
  for (int i = 1; i < 30; ++i) absl::StrAppend(&many, ",q", i);
  plan.changes.push_back(
      AChange(What::kAssociation, How::kModify, Row("root"),
              {Field(Key::kQos, Set(many + ",z"), Set("a," + many))}));
  EXPECT_THAT(RenderText(plan, Options()),
              HasSubstr("~ root  QOS -z, +a (30 stay)\n"));
}

TEST(RenderTextTest, MemoryHasItsLargestExactUnit) {
  Plan plan;
  Below("root", "", &plan);
  plan.changes.push_back(
      AChange(What::kAssociation, How::kModify, Row("root"),
              {Field(Key::kGrpTres, Set("cpu=1024,mem=8388608"),
                     Set("mem=2560,node=2048")),
               Field(Key::kMaxTresPerJob, Set("mem=1023"), Set("mem=2048"))}));
  EXPECT_THAT(RenderText(plan, Options()),
              HasSubstr("GrpTRES cpu=1024,mem=8T -> mem=2560,node=2048"));
  EXPECT_THAT(RenderText(plan, Options()),
              HasSubstr("MaxTRESPerJob mem=1023 -> mem=2G"));
}

TEST(RenderTextTest, RemovedAccountsStandWhereTheyWere) {
  Plan plan;
  Below("root", "", &plan);
  Below("keep", "root", &plan);
  for (const auto& [name, parent] :
       {std::pair("old", "keep"), std::pair("older", "old")}) {
    plan.changes.push_back(
        AChange(What::kAssociation, How::kRemove, Row(name)));
    plan.changes.back().parent_from = Name(parent);
  }
  EXPECT_THAT(RenderText(plan, Options()), HasSubstr(R"(Accounts
    root
      keep
      - old
        - older
)"));
}

TEST(RenderTextTest, AccountsInACircleAreShownAndEnd) {
  Plan plan;
  for (const auto& [name, parent] :
       {std::pair("a", "b"), std::pair("b", "a")}) {
    plan.changes.push_back(AChange(What::kAssociation, How::kAdd, Row(name)));
    plan.changes.back().parent_to = Name(parent);
  }
  EXPECT_THAT(RenderText(plan, Options()), HasSubstr("  + a\n    + b\n"));
}

// In the square of the size it would take the time limit of the whole run.
TEST(RenderTextTest, ManyChangesAndADeepTreeAreLinear) {
  Plan plan;
  Below("root", "", &plan);
  std::string above = "root";
  for (int i = 0; i < 50000; ++i) {
    const std::string name = absl::StrCat("a", i);
    plan.changes.push_back(AChange(What::kAssociation, How::kAdd, Row(name)));
    plan.changes.back().parent_to = Name(above);
    above = name;
  }
  for (int i = 0; i < 100000; ++i) {
    plan.changes.push_back(AChange(What::kAssociation, How::kModify,
                                   Row("root", absl::StrCat("u", i)),
                                   {Field(Key::kMaxJobs, Set("1"), Set("2"))}));
  }
  const std::string text = RenderText(plan, Options());
  EXPECT_LT(text.size(), 12000000U);
  EXPECT_THAT(text.substr(text.size() - 100), HasSubstr("50000 to add"));
}

TEST(OutlineTest, RecordOfAUserIsShownWithItsDefaultAccount) {
  Plan plan;
  for (const char* account : {"a", "b", "c"}) Below(account, "", &plan);
  plan.changes.push_back(
      AChange(What::kUser, How::kAdd, Row("", "u"),
              {Field(Key::kDefaultAccount, std::nullopt, Set("b"))}));
  for (const char* account : {"a", "b", "c"}) {
    plan.changes.push_back(
        AChange(What::kAssociation, How::kAdd, Row(account, "u")));
  }
  std::string with;
  const std::vector<Item> outline = Outline(plan);
  for (const Item& item : outline) {
    if (item.with_record) absl::StrAppend(&with, item.row.ToString(), " ");
  }
  EXPECT_EQ(with, "b/u ");
  EXPECT_EQ(CountsOf(outline, plan).add, 3);
}

}  // namespace assocsync::text_test
