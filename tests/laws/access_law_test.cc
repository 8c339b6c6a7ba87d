// Nobody is without an account in the middle of a plan: whoever can submit a
// job on live and on the target, in an account or without naming one, can
// submit it after each of its commands. A plan may stop anywhere, and slurmctld
// follows it command by command. The same of every QOS that a row may use, but
// for rows that end with a change to what they inherit (qos_meanwhile.h).
#include <algorithm>
#include <cstdio>
#include <iterator>
#include <random>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/live/state_from_tree.h"
#include "engine/model/finding.h"
#include "engine/model/value.h"
#include "engine/model/walk.h"
#include "engine/plan/plan.h"
#include "engine/slurm/slurmdbd.h"
#include "gtest/gtest.h"
#include "tests/support/environment.h"
#include "tests/support/plans.h"
#include "tests/support/random_tree.h"

namespace assocsync::access_law_test {

// What a tree lets users do: "hep/ann", "hep/ann in long", and "ann" without
// --account.
using Access = std::set<std::string>;

Access AccessOf(const Tree& tree) {
  Access access;
  for (const auto& [key, row] : tree.associations) {
    if (key.is_account()) continue;
    access.insert(key.ToString());
    for (const absl::string_view qos : EffectiveQos(tree, key)) {
      access.insert(absl::StrCat(key.ToString(), " in ", qos));
    }
    const auto user = tree.users.find(key.user);
    if (user != tree.users.end() &&
        user->second.fields.Get(Key::kDefaultAccount) == key.account) {
      access.insert(key.user.str());
    }
  }
  return access;
}

// slurmctld loses the default account of a user who has rows, where the command
// that adds one says the default as well (22.05.8 and later). Of a name with a
// backslash no other command can say it.
std::string LosesDefault(const Command& command, const Tree& now) {
  if (command.verb != Command::Verb::kAdd ||
      command.entity != Command::Entity::kUser) {
    return "";
  }
  std::string names;
  bool says_default = false;
  for (const Setting& s : command.set) {
    if (s.key == "name") names = s.value;
    says_default |= s.key == "DefaultAccount";
  }
  if (!says_default) return "";
  for (const absl::string_view name : absl::StrSplit(names, ',')) {
    if (absl::StrContains(name, '\\')) continue;
    for (const auto& [key, row] : now.associations) {
      if (key.user.view() == name) return std::string(name);
    }
  }
  return "";
}

// Rows that end with a change to the QOS that they inherit, and those below
// them, on either tree.
std::set<std::string> BelowChanges(const Tree& live, const Tree& expected) {
  std::set<std::string> found;
  const auto changes = [&](const AssocKey& key) {
    const auto want = expected.associations.find(key);
    return want != expected.associations.end() &&
           IsQosDelta(want->second.limits.Get(Key::kQos).view());
  };
  for (const Tree* const tree : {&live, &expected}) {
    for (const auto& [account, row] : TopDown(*tree)) {
      const AssocKey key{account, {}, {}};
      if (changes(key) ||
          found.count(tree->associations.at(key).parent.str()) > 0) {
        found.insert(account.str());
      }
    }
    for (const auto& [key, row] : tree->associations) {
      if (changes(key) || found.count(key.account.str()) > 0) {
        found.insert(key.ToString());
      }
    }
  }
  return found;
}

TEST(AccessLawTest, NobodyIsWorseOffMeanwhile) {
  const auto table = BehaviourTable();
  const int pairs = FromEnvironment("ASSOCSYNC_LAW_TRIPLES", 1000) / 2;
  const int first = FromEnvironment("ASSOCSYNC_SEED", 1);
  size_t steps = 0, looked = 0, excepted = 0;
  for (int seed = first; seed < first + pairs; ++seed) {
    std::mt19937_64 random(seed);
    const Behaviour& behaviour = table[seed % table.size()];
    RandomTreeOptions options;
    options.release = behaviour.since.series;
    const auto [live, target] = RandomPair(random, options);
    PlanOptions plan_options;
    plan_options.release = behaviour.since;
    const DatabaseState state = StateFromTree(live);
    const auto plan = MakePlan({state, target, plan_options});
    ASSERT_TRUE(plan.ok()) << plan.status();
    const Access before = AccessOf(live), after = AccessOf(plan->expected);
    Access both;
    std::set_intersection(before.begin(), before.end(), after.begin(),
                          after.end(), std::inserter(both, both.end()));
    // Where a part of the plan is missing its pins may be missing too. Nobody
    // runs it.
    const bool whole = std::none_of(
        plan->findings.begin(), plan->findings.end(), [](const Finding& f) {
          return f.code == kCollateral || f.code == kCannotRestore;
        });
    const auto below_changes = BelowChanges(live, plan->expected);
    Slurmdbd dbd(behaviour, state);
    for (const Step& step : plan->steps) {
      SCOPED_TRACE(absl::StrCat("seed ", seed, " release ",
                                behaviour.since.ToString(), ": ",
                                absl::StrJoin(step.argv, " ")));
      const auto command = ParseCommand(step.argv);
      ASSERT_TRUE(command.ok()) << command.status();
      EXPECT_EQ(LosesDefault(*command, dbd.tree()), "");
      ASSERT_EQ(dbd.Run(*command).result, Outcome::Result::kDone);
      const Access now = AccessOf(dbd.tree());
      std::vector<std::string> lost;
      std::set_difference(both.begin(), both.end(), now.begin(), now.end(),
                          std::back_inserter(lost));
      excepted += std::erase_if(lost, [&](const std::string& right) {
        const size_t in = right.rfind(" in ");
        return in != std::string::npos &&
               (!whole || below_changes.count(right.substr(0, in)) > 0);
      });
      EXPECT_EQ(absl::StrJoin(lost, ", "), "");
      ++steps;
      looked += both.size();
    }
    if (HasFatalFailure()) return;
  }
  std::printf("%d pairs, %zu commands, %zu rights looked at, %zu excepted\n",
              pairs, steps, looked, excepted);
  EXPECT_GT(looked, 0u);
}

}  // namespace assocsync::access_law_test
