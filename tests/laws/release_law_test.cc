// A plan made without a server for any release of the behaviour table ends, on
// the model, in its target, or says why not. ASSOCSYNC_RELEASE_PAIRS: pairs of
// trees for each row of the table; ASSOCSYNC_SEED: the first.
#include <cstdio>
#include <map>
#include <random>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/cfg/write.h"
#include "engine/live/state_from_tree.h"
#include "engine/model/finding.h"
#include "engine/plan/plan.h"
#include "engine/slurm/slurmdbd.h"
#include "gtest/gtest.h"
#include "tests/support/environment.h"
#include "tests/support/plans.h"
#include "tests/support/random_tree.h"

namespace assocsync::release_law_test {

struct Pair {
  Tree live, target;
};

// Look-alikes for LIKE, users in several partitions, moves up, down and round.
Pair HostilePair(int seed, int series) {
  std::mt19937_64 random(seed);
  RandomTreeOptions options;
  options.release = series;
  options.max_accounts = 14;
  options.max_users = 14;
  options.qos_definitions = series >= 2505 && seed % 3 == 0;
  Pair pair;
  pair.live = RandomTree(random, options);
  pair.target = seed % 2 == 0 ? RandomTree(random, options)
                              : MutateTree(random, pair.live, 25, options);
  return pair;
}

std::string Shown(const Pair& pair, const Plan& plan) {
  return absl::StrCat("live:\n", Write(pair.live), "target:\n",
                      Write(pair.target), ShownPlan(plan));
}

PlanOptions OptionsFor(const Release& release) {
  PlanOptions options;
  options.release = release;
  // That much is deleted is what random pairs are like.
  options.allow = {"AS102", "AS104", "AS105"};
  options.max_delete = 100;
  return options;
}

// What a plan must never hold, whatever slurmdbd would make of it
// (assocsync(1), "Releases").
void ExpectNoHazard(const Plan& plan, const Behaviour& row, const Tree& live) {
  Slurmdbd model(row, StateFromTree(live));
  for (const Step& step : plan.steps) {
    const auto command = ParseCommand(step.argv);
    ASSERT_TRUE(command.ok()) << command.status();
    const std::string words = absl::StrJoin(step.argv, " ");
    if (command->verb == Command::Verb::kDelete) {
      for (const Setting& s : command->where) EXPECT_NE(s.key, "parent");
    }
    if (command->verb == Command::Verb::kDelete &&
        command->entity == Command::Entity::kAccount) {
      for (const Setting& s : command->where) {
        if (s.key != "name") continue;
        for (const absl::string_view name : absl::StrSplit(s.value, ',')) {
          EXPECT_TRUE(model.AccountsBelow(Name(name)).empty()) << words;
        }
      }
    }
    for (const Setting& s : command->set) {
      if (command->verb != Command::Verb::kModify || s.key != "parent") {
        continue;
      }
      for (const Name below :
           model.AccountsBelow(Name(command->where[0].value))) {
        EXPECT_NE(below, Name(s.value)) << words;
      }
    }
    const Outcome outcome = model.Run(*command);
    EXPECT_EQ(outcome.result, Outcome::Result::kDone)
        << words << ": " << outcome.reason;
  }
  EXPECT_TRUE(Diff(model.tree(), plan.expected).empty());
}

bool MatchesByPrefix(const Behaviour& row) {
  for (const Behaviour& other : RowsThatCouldHold(row)) {
    if (other.assoc_delete_partition != Match::kExact) return true;
  }
  return false;
}

TEST(ReleaseLawTest, EveryRowConvergesOrSaysWhyNot) {
  const int pairs = FromEnvironment("ASSOCSYNC_RELEASE_PAIRS", 40);
  const int first = FromEnvironment("ASSOCSYNC_SEED", 1);
  for (const Behaviour& row : BehaviourTable()) {
    std::map<std::string, int> said;
    int converged = 0;
    for (int seed = first; seed < first + pairs; ++seed) {
      SCOPED_TRACE(
          absl::StrCat("seed ", seed, " release ", row.since.ToString()));
      const Pair pair = HostilePair(seed, row.since.series);
      PlanOptions options = OptionsFor(row.since);
      if (seed % 2 == 0) options.allow.push_back("AS109");
      const auto plan =
          MakePlan({StateFromTree(pair.live), pair.target, options});
      ASSERT_TRUE(plan.ok()) << plan.status() << Write(pair.live) << "to\n"
                             << Write(pair.target);
      ExpectNoHazard(*plan, row, pair.live);
      if (HasFailure()) FAIL() << Shown(pair, *plan);
      if (plan->applicable()) {
        ++converged;
        continue;
      }
      for (const Finding& f : plan->findings) {
        if (!f.stands()) continue;
        ++said[std::string(CodeName(f.code))];
        // 24.11.0 can add accounts, and neither modify nor delete them.
        const bool true_there =
            (f.code == kCollateral && MatchesByPrefix(row)) ||
            ((f.code == kCollateral || f.code == kCannotRestore) &&
             !row.account_where_works) ||
            // Nor does any release take that.
            absl::StrContains(f.message, "a LimitFactor of 0");
        EXPECT_TRUE(true_there) << Shown(pair, *plan);
      }
      if (HasFailure()) return;
    }
    std::printf("%s: %d of %d\n", row.since.ToString().c_str(), converged,
                pairs);
    for (const auto& [code, n] : said) {
      std::printf("  %s: %d\n", code.c_str(), n);
    }
  }
}

// The releases that were run once, as an admin plans for them.
TEST(ReleaseLawTest, HostilePairsAreNotRefused) {
  for (const char* const name :
       {"21.08.8", "23.02.8", "23.11.11", "24.05.8", "25.05.8", "25.11.7"}) {
    const Release release = *ParseRelease(name);
    PlanOptions options = OptionsFor(release);
    // There look-alikes go along, whatever the form of a delete.
    if (release.series == 2311) options.allow.push_back("AS109");
    for (int seed = 1; seed <= 30; ++seed) {
      const Pair pair = HostilePair(seed, release.series);
      const auto plan =
          MakePlan({StateFromTree(pair.live), pair.target, options});
      ASSERT_TRUE(plan.ok()) << plan.status();
      EXPECT_TRUE(plan->applicable()) << name << " seed " << seed << "\n"
                                      << Shown(pair, *plan);
      if (HasFailure()) return;
    }
  }
}

}  // namespace assocsync::release_law_test
