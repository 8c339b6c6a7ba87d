// Laws of check over random trees with hostile names.
// ASSOCSYNC_LAW_TRIPLES: how many; ASSOCSYNC_SEED: the first.
#include <algorithm>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/cfg/write.h"
#include "engine/check/check.h"
#include "engine/live/state_from_tree.h"
#include "engine/plan/plan.h"
#include "gtest/gtest.h"
#include "tests/support/any_tree.h"
#include "tests/support/environment.h"
#include "tests/support/random_tree.h"

namespace assocsync::check_law_test {

CheckReport CheckText(const std::string& text, const std::string& base,
                      bool fold_users = true) {
  CheckInput input;
  input.name = "t.cfg";
  input.text = text;
  input.base = {"b.cfg", base};
  input.fold_users = fold_users;
  const absl::StatusOr<CheckReport> report = Check(input);
  EXPECT_TRUE(report.ok()) << report.status();
  return report.ok() ? *report : CheckReport();
}

bool IsAboutChanges(const CheckFinding& finding) {
  return finding.code >= kRuleDeleteShare && finding.code <= kRuleOtherCluster;
}

void ExpectTruePlaces(const std::string& text, const CheckReport& report) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  for (const CheckFinding& finding : report.findings) {
    ASSERT_GE(finding.at.line, 1);
    ASSERT_LE(finding.at.line, static_cast<int>(lines.size()));
    EXPECT_EQ(finding.text, lines[finding.at.line - 1]);
    EXPECT_GE(finding.at.column, 1);
    EXPECT_LE(finding.at.column, static_cast<int>(finding.text.size()) + 1);
  }
}

TEST(CheckLawTest, AnyTree) {
  const int trees = FromEnvironment("ASSOCSYNC_LAW_TRIPLES", 1000);
  const int first = FromEnvironment("ASSOCSYNC_SEED", 1);
  for (int seed = first; seed < first + trees; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    std::mt19937_64 random(seed);
    const std::string text = Write(AnyTree(random));
    const CheckReport report = CheckText(text, text, false);
    EXPECT_EQ(report.changes, CheckReport::Changes());
    EXPECT_TRUE(std::none_of(report.findings.begin(), report.findings.end(),
                             IsAboutChanges));
    EXPECT_EQ(CheckText(text, text, false).findings, report.findings);
    ExpectTruePlaces(text, report);
  }
}

// What the model of slurmdbd says, of the whole plan from one tree to the
// other: somebody would be left without access to a default QOS.
bool PlanIsRefused(const Tree& live, const Tree& target) {
  PlanOptions options;
  options.release = *ParseRelease("26.05.5");
  options.max_delete = 100;
  const absl::StatusOr<Plan> plan =
      MakePlan({StateFromTree(live), target, options});
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.ok() && std::any_of(plan->findings.begin(), plan->findings.end(),
                                  [](const Finding& finding) {
                                    return absl::StrContains(finding.message,
                                                             "its default QOS");
                                  });
}

// The trees are such as real daemons took. After an edit of one default or one
// list, what slurmdbd refuses is found; and a row whose own default is outside
// of its list is refused. (That of an account above can be set after the list
// below it: slurmdbd does not look so far down.)
TEST(CheckLawTest, DefaultQosIsWhatSlurmdbdSays) {
  const int trees = FromEnvironment("ASSOCSYNC_LAW_TRIPLES", 1000);
  const int first = FromEnvironment("ASSOCSYNC_SEED", 1);
  int refused = 0, inherited_only = 0;
  for (int seed = first; seed < first + trees; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    std::mt19937_64 random(seed);
    RandomTreeOptions options;
    const Tree tree = RandomTree(random, options);
    const auto found = [&](const Tree& t, absl::string_view words) {
      const std::string text = Write(t);  // The report points into it.
      const CheckReport report = CheckText(text, Write(tree));
      ExpectTruePlaces(text, report);
      return std::any_of(report.findings.begin(), report.findings.end(),
                         [&](const CheckFinding& f) {
                           return f.code == kRuleDefaultQos &&
                                  absl::StartsWith(f.message, words);
                         });
    };
    EXPECT_FALSE(found(tree, "")) << Write(tree);
    Tree edited = tree;
    auto row = edited.associations.begin();
    std::advance(row, random() % edited.associations.size());
    const Name qos(options.qos[random() % options.qos.size()]);
    row->second.limits.Set(random() % 2 == 0 ? Key::kDefaultQos : Key::kQos,
                           qos);
    const bool own = found(edited, "DefaultQOS ");
    const bool inherited = found(edited, "the inherited DefaultQOS ");
    const bool is_refused = PlanIsRefused(tree, edited);
    EXPECT_TRUE(own || inherited || !is_refused)
        << row->first.ToString() << "\n"
        << Write(edited);
    EXPECT_TRUE(is_refused || !own) << row->first.ToString() << "\n"
                                    << Write(edited);
    refused += is_refused ? 1 : 0;
    inherited_only += !is_refused && inherited ? 1 : 0;
  }
  EXPECT_GT(refused, 0);
  EXPECT_LT(refused, trees);
  std::printf(
      "%d edits, %d refused; %d more that only inherit a default out "
      "of reach\n",
      trees, refused, inherited_only);
}

}  // namespace assocsync::check_law_test
