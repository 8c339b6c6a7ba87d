#include "engine/render/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <regex>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/render/markdown.h"
#include "tests/support/rendered.h"
#include "tests/unit/render/sample_plan.h"

namespace assocsync::summary_test {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using What = Change::What;
using How = Change::How;

size_t Size(absl::string_view text) { return text.size(); }

// The lines, headings first in their column.
std::vector<std::string> LinesOf(const Plan& plan, size_t lines = 34,
                                 size_t deletes = 8000) {
  std::vector<std::string> out;
  for (const SummaryLine& line :
       SummaryLines(Summary(Outline(plan)),
                    {.lines = lines, .deletes = deletes, .size = &Size})) {
    out.push_back(absl::StrCat(line.heading ? "" : "  ", line.text));
  }
  return out;
}

void Add(How how, absl::string_view account, absl::string_view user,
         FieldChanges fields, Plan* plan) {
  plan->changes.push_back(
      AChange(What::kAssociation, how, Row(account, user), std::move(fields)));
  if (plan->expected.associations[Row(account)].parent.empty()) {
    Below(account, "root", plan);
  }
}

TEST(SummaryTest, RisksFirst) {
  EXPECT_THAT(
      LinesOf(SamplePlan()),
      ElementsAre(
          "To delete: 1 user", "  lab: user bob",  //
          "Rights: AdminLevel 1", "  lab: user dora gets AdminLevel Operator",
          "To move: 1 account", "  hep: from bio", "Limits raised: GrpTRES 1",
          "  bio: account gets GrpTRES cpu=100 -> cpu=200",
          "Limits lowered: MaxJobs 1",
          "  lab: user alice (partition debug) gets MaxJobs (not set) "
          "-> 8",
          "To add: 1 user", "  lab: user dora",
          "Other changes: Description 1, DefaultAccount 1, Fairshare "
          "1, Priority 1, in 2 accounts",
          "  QOS long: Priority 10 -> 20",
          "  bio: account gets Description 'old text' -> 'biology'",
          "  hep: account gets Fairshare 7 -> 1",
          "  user alice: DefaultAccount hep -> lab"));
}

TEST(SummaryTest, WhatRaisesALimit) {
  const struct {
    Key key;
    std::optional<Name> from, to;
    Risk risk;
  } kCases[] = {
      {Key::kMaxJobs, Set("4"), Set("8"), Risk::kRaise},
      {Key::kMaxJobs, Set("8"), Set("4"), Risk::kLower},
      {Key::kMaxJobs, Set("9"), Set("10"), Risk::kRaise},
      {Key::kMaxJobs, Set("4"), std::nullopt, Risk::kRaise},
      {Key::kMaxJobs, std::nullopt, Set("4"), Risk::kLower},
      {Key::kGrpTres, Set("cpu=4,mem=8"), Set("cpu=2,mem=9"), Risk::kRaise},
      {Key::kGrpTres, Set("cpu=4,mem=8"), Set("cpu=4"), Risk::kRaise},
      {Key::kGrpTres, Set("cpu=4"), Set("cpu=4,mem=1"), Risk::kLower},
      {Key::kPriority, Set("4"), Set("8"), Risk::kOther},
      {Key::kMinPrioThresh, Set("4"), Set("8"), Risk::kOther},
      {Key::kQosMaxJobsPu, Set("4"), Set("8"), Risk::kRaise},
      {Key::kCoordinator, Set("a"), Set("a,b"), Risk::kRight},
  };
  for (const auto& c : kCases) {
    Plan plan;
    Add(How::kModify, "a", "u", {Field(c.key, c.from, c.to)}, &plan);
    const auto groups = Summary(Outline(plan));
    ASSERT_EQ(groups.size(), 1u);
    EXPECT_EQ(groups[0].risk, c.risk) << groups[0].words;
  }
}

// Deletes, raised and lowered limits in `accounts` accounts, `users` of each.
Plan Large(int accounts, int users) {
  Plan plan;
  plan.cluster = Name("big");
  plan.release = {2411, 5};
  Below("root", "", &plan);
  for (int a = 0; a < accounts; ++a) {
    const std::string account = absl::StrCat("acct", a);
    for (int u = 0; u < users; ++u) {
      const std::string user = absl::StrCat("user", a, "_", u);
      switch (u % 4) {
        case 0:
          Add(How::kRemove, account, user, {}, &plan);
          break;
        case 1:
          Add(How::kModify, account, user,
              {Field(Key::kMaxJobs, Set("4"), Set(absl::StrCat(5 + u % 50)))},
              &plan);
          break;
        case 2:
          Add(How::kModify, account, user,
              {Field(Key::kMaxJobs, Set("400"), Set("3"))}, &plan);
          break;
        default:
          Add(How::kAdd, account, user, {}, &plan);
      }
    }
  }
  return plan;
}

// What the lines say is deleted: how many things, and in how many places.
struct Told {
  size_t things = 0, accounts = 0;
};
Told Deletes(absl::string_view text) {
  static const std::regex* const more = new std::regex(
      R"(and (\d+) more accounts?: (?:(\d+) accounts?)?(?: and )?(?:(\d+) users?)?)");
  static const std::regex* const one = new std::regex(
      R"((?:acct\d+|lab)(?::| \()(account)?(?: and )?(?:( ?user \w+)|(?: ?(\d+) users?))?)");
  const auto number = [](const std::ssub_match& match) {
    size_t n = 0;
    return absl::SimpleAtoi(match.str(), &n) ? n : 0;
  };
  Told told;
  bool in = false;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::StrContains(line, "To delete:")) {
      in = true;
      continue;
    }
    if (!in) continue;
    if (!absl::StartsWith(line, "  - ") && !absl::StartsWith(line, "      ")) {
      break;
    }
    const std::string words(line);
    std::smatch found;
    if (std::regex_search(words, found, *more)) {
      told.accounts += number(found[1]);
      told.things += number(found[2]) + number(found[3]);
      continue;
    }
    for (std::sregex_iterator it(words.begin(), words.end(), *one), end;
         it != end; ++it) {
      ++told.accounts;
      told.things += ((*it)[1].matched ? 1 : 0) + ((*it)[2].matched ? 1 : 0) +
                     number((*it)[3]);
    }
  }
  return told;
}

std::string Unescaped(std::string text) {
  for (size_t at = 0; (at = text.find("&#", at)) != std::string::npos; ++at) {
    const size_t end = text.find(';', at);
    text.replace(at, end - at + 1, 1,
                 static_cast<char>(std::stoi(text.substr(at + 2))));
  }
  return text;
}

TEST(SummaryTest, OfTwentyThousandChanges) {
  const Plan plan = Large(125, 160);
  ASSERT_EQ(plan.changes.size(), 20000u);
  ShowOptions options;
  const std::string text = RenderText(plan, options);
  const size_t begin = text.find("\nSummary\n"),
               end = text.find("\nAccounts\n");
  ASSERT_LT(begin, end);
  EXPECT_LT(absl::c_count(text.substr(0, end), '\n'), 40);
  Told told = Deletes(text.substr(begin, end - begin));
  EXPECT_EQ(told.accounts, 125u);
  EXPECT_EQ(told.things, 5000u);
  EXPECT_THAT(text,
              HasSubstr("5000 users get MaxJobs 400 -> 3, in 125 accounts"));
  // And then all of it, as without a summary.
  options.screen = 0;
  EXPECT_TRUE(absl::EndsWith(
      text, RenderText(plan, options).substr(text.find('\n') + 1)));

  const std::string markdown = *RenderMarkdown(plan);
  EXPECT_LE(markdown.size(), 65536u);
  told = Deletes(Unescaped(markdown));
  EXPECT_EQ(told.accounts, 125u);
  EXPECT_EQ(told.things, 5000u);
  EXPECT_THAT(markdown, Not(HasSubstr("more accounts")));
}

// Whatever the budget: no byte more, every delete counted, lines whole.
TEST(SummaryTest, MarkdownKeepsToItsBudget) {
  std::mt19937 random(13);
  size_t refused = 0;
  for (int round = 0; round < 12; ++round) {
    Plan plan = round % 3 == 0 ? SamplePlan()
                               : Large(1 + random() % 200, 1 + random() % 30);
    plan.cluster = Name("big");
    for (size_t i = 0; i < random() % 50; ++i) {
      plan.steps.push_back({Phase::kUsers, {"add", "```", "é"}, "", false});
    }
    const std::string whole =
        *RenderMarkdown(plan, {.max_bytes = size_t{1} << 30});
    const size_t deletes = CountsOf(Outline(plan), plan).remove;
    for (size_t budget = 100; budget < 2 * whole.size(); budget += budget / 2) {
      const auto text = RenderMarkdown(plan, {.max_bytes = budget});
      if (!text.ok()) {
        EXPECT_EQ(text.status().code(), absl::StatusCode::kResourceExhausted);
        EXPECT_LT(budget, 3500u) << text.status();
        ++refused;
        continue;
      }
      EXPECT_LE(text->size(), budget);
      EXPECT_TRUE(absl::EndsWith(*text, "\n"));
      // Fences and folds that begin also end.
      const auto count = [&](absl::string_view word) {
        const std::vector<absl::string_view> parts =
            absl::StrSplit(*text, word);
        return parts.size() - 1;
      };
      EXPECT_EQ(count("<details>"), count("</details>"));
      EXPECT_EQ(count("````") % 2, 0u);
      if (absl::StrContains(*text, "To delete:")) {
        EXPECT_EQ(Deletes(Unescaped(*text)).things, deletes) << *text;
      } else {
        EXPECT_GE(count("| **delete** |"), deletes == 0 ? 0u : 1u);
      }
    }
  }
  EXPECT_GT(refused, 0u);
}

TEST(SummaryTest, WhatDoesNotFitIsCounted) {
  const Plan plan = Large(300, 1);
  const std::vector<std::string> lines = LinesOf(plan, 34, 500);
  EXPECT_LE(lines.size(), 34u);
  const Told told = Deletes(
      absl::StrCat(lines[0], "\n    ",
                   absl::StrJoin(lines.begin() + 1, lines.end(), "\n    ")));
  EXPECT_EQ(told.accounts, 300u);
  EXPECT_EQ(told.things, 300u);
  EXPECT_THAT(lines.back(), HasSubstr("more accounts: "));
}

TEST(FoldTest, EqualChangesOfUsersAreOneLine) {
  Plan plan;
  plan.cluster = Name("c");
  Below("root", "", &plan);
  for (const char* user : {"ann", "bob", "carl", "dora", "eve"}) {
    Add(How::kModify, "bio", user, {Field(Key::kMaxJobs, Set("4"), Set("8"))},
        &plan);
  }
  Add(How::kModify, "bio", "abe", {Field(Key::kMaxJobs, Set("5"), Set("8"))},
      &plan);
  Add(How::kModify, "chem", "ann", {Field(Key::kMaxJobs, Set("4"), Set("8"))},
      &plan);
  const std::string text = RenderText(plan, {});
  EXPECT_THAT(text, HasSubstr("\n      ~ 5 users: ann, bob, carl and 2 more  "
                              "MaxJobs 4 -> 8\n"));
  EXPECT_THAT(text, HasSubstr("\n      ~ abe  MaxJobs 5 -> 8\n"));
  EXPECT_THAT(text, HasSubstr("chem\n      ~ ann  MaxJobs 4 -> 8\n"));
  EXPECT_THAT(text, HasSubstr("Plan: 0 to add, 7 to change"));
  ShowOptions all;
  all.verbose = true;
  EXPECT_THAT(RenderText(plan, all), HasSubstr("\n      ~ eve  MaxJobs 4"));
  EXPECT_THAT(*RenderMarkdown(plan),
              HasSubstr("| change | 5 users in <code>bio</code>: <code>ann, "
                        "bob, carl and 2 more</code> | <code>MaxJobs"));
}

// At the end always; where that is out of sight, at the beginning, too.
TEST(SummaryTest, CountsAreSaidTwiceOnlyWhereTheTextIsLong) {
  Plan plan;
  plan.cluster = Name("c");
  Below("root", "", &plan);
  for (int i = 0; i < 20; ++i) {
    const std::string account = absl::StrCat("a", i);
    Add(How::kModify, account, "",
        {Field(Key::kMaxJobs, Set("4"), Set(absl::StrCat(i + 5)))}, &plan);
  }
  const auto counted = [&](bool summary, size_t screen) {
    ShowOptions options;
    options.summary = summary;
    options.screen = screen;
    const std::string text = RenderText(plan, options);
    EXPECT_THAT(text, EndsWith(".\n")) << text;
    return std::make_pair(
        absl::StrContains(text, "\nSummary\n  Plan: 0 to add, 20 to change"),
        std::count(text.begin(), text.end(), ';'));
  };
  EXPECT_EQ(counted(true, 50), std::make_pair(false, 1L));
  EXPECT_EQ(counted(false, 50), std::make_pair(false, 1L));
  EXPECT_EQ(counted(true, 10), std::make_pair(true, 2L));
  EXPECT_EQ(counted(false, 10), std::make_pair(true, 2L));
}

TEST(FoldTest, EachDeedIsToldOnceAndWhoseItIs) {
  Plan plan;
  plan.cluster = Name("c");
  Below("root", "", &plan);
  Evidence evidence;
  for (const char* user : {"ann", "bob", "carl", "dora"}) {
    Add(How::kModify, "bio", user, {Field(Key::kMaxJobs, Set("4"), Set("8"))},
        &plan);
    Witness witness;
    witness.deed = Witness::Deed::kChanged;
    witness.actor = *user < 'c' ? "eve" : "root";
    witness.time = 1000000;
    evidence[{What::kAssociation, Row("bio", user)}].fields = {
        {Key::kMaxJobs, witness}};
  }
  ShowOptions options;
  options.evidence = &evidence;
  options.clock = {absl::FromUnixSeconds(1000060), absl::UTCTimeZone()};
  EXPECT_THAT(
      RenderText(plan, options),
      HasSubstr("~ 4 users: ann, bob, carl, dora  MaxJobs 4 -> 8\n"
                "            # ann, bob: MaxJobs last changed by eve, 1 minute "
                "ago (1970-01-12 13:46)\n"
                "            # carl, dora: MaxJobs last changed by root, 1 "
                "minute ago (1970-01-12 13:46)\n"));
}

TEST(SummaryTest, WhoGetsRightsIsNamed) {
  Plan plan;
  for (const char* user : {"ann", "bob", "x,y"}) {
    plan.changes.push_back(
        AChange(What::kUser, How::kModify, Row("", user),
                {Field(Key::kAdminLevel, std::nullopt, Set("Operator"))}));
  }
  EXPECT_THAT(LinesOf(plan),
              ElementsAre("Rights: AdminLevel 3",
                          "  user ann: AdminLevel None -> Operator",
                          "  user bob: AdminLevel None -> Operator",
                          "  user 'x,y': AdminLevel None -> Operator"));
}

TEST(FoldTest, WhoGetsRightsAndOddNamesAreNotLost) {
  Plan plan;
  plan.cluster = Name("c");
  Below("root", "", &plan);
  for (int i = 0; i < 6; ++i) {
    plan.changes.push_back(
        AChange(What::kUser, How::kModify, Row("", absl::StrCat("u", i)),
                {Field(Key::kAdminLevel, std::nullopt, Set("Operator"))}));
    Add(How::kRemove, "bio", absl::StrCat("a, b and ", i), {}, &plan);
    Add(How::kRemove, "chem", absl::StrCat("x,", i), {}, &plan);
  }
  const std::string text = RenderText(plan, {});
  EXPECT_THAT(text, HasSubstr("\n  ~ u5  AdminLevel None -> Operator\n"));
  EXPECT_THAT(text, HasSubstr("- 6 users: 'a, b and 0', 'a, b and 1', 'a, b "
                              "and 2' and 3 more\n"));
  EXPECT_THAT(text, HasSubstr("- 6 users: 'x,0', 'x,1', 'x,2' and 3 more\n"));
}

// Quadratic would be hours.
TEST(SummaryTest, OfTwoHundredThousandChanges) {
  const Plan plan = Large(5000, 40);
  EXPECT_THAT(RenderText(plan, {}), HasSubstr("more accounts: "));
  const auto markdown = RenderMarkdown(plan);
  EXPECT_TRUE(markdown.ok()) << markdown.status();
  EXPECT_THAT(*markdown, HasSubstr("more accounts: "));
  EXPECT_EQ(Deletes(Unescaped(*markdown)).things, 50000u);
}

}  // namespace assocsync::summary_test
