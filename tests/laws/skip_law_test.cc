// --skip always ends in a plan that does the rest: whatever a plan refuses by
// its rows, the plan without these is proven and applicable, on every row of
// the behaviour table; so is the plan without any rows that the admin likes.
// ASSOCSYNC_RELEASE_PAIRS: pairs of trees for each row of the table;
// ASSOCSYNC_SEED: the first.
#include <algorithm>
#include <cstdio>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/cfg/write.h"
#include "engine/diff/merge.h"
#include "engine/live/state_from_tree.h"
#include "engine/plan/plan.h"
#include "engine/slurm/slurmdbd.h"
#include "gtest/gtest.h"
#include "tests/support/environment.h"
#include "tests/support/naive_build.h"
#include "tests/support/plans.h"
#include "tests/support/random_tree.h"

namespace assocsync::skip_law_test {

struct Pair {
  DatabaseState live;
  Tree target;
  std::vector<Job> jobs;  // That have not ended, on live.
};

// What sacctmgr makes of `tree` on this release, look-alikes included.
DatabaseState BuiltBy(const Behaviour& row, const Tree& tree,
                      const RandomTreeOptions& options) {
  Tree bare;
  bare.cluster = tree.cluster;
  bare.lists_qos = tree.lists_qos;
  for (const AssocKey& key :
       {AssocKey{RootName(), {}, {}}, AssocKey{RootName(), RootName(), {}}}) {
    bare.associations[key];
  }
  bare.associations.begin()->second.limits.Set(Key::kQos, Name("normal"));
  bare.accounts[RootName()];
  bare.users[RootName()] = tree.users.at(RootName());
  if (tree.lists_qos) bare.qos[Name("normal")];
  DatabaseState state = StateFromTree(bare);
  state.complete = state.knows_all_options = true;
  // Of a target's QOS and TRES some do not exist.
  for (size_t i = 0; i + 1 < options.qos.size() && !tree.lists_qos; ++i) {
    state.qos.insert(Name(options.qos[i]));
  }
  for (size_t i = 0; i + 1 < options.tres.size(); ++i) {
    state.tres.insert(Name(options.tres[i]));
  }
  Slurmdbd model(row, state);
  for (const auto& words : NaiveCommands(tree)) {
    const auto command = ParseCommand(words);
    if (command.ok()) model.Run(*command);
  }
  state = model.state();
  state.tree = model.tree();
  return state;
}

// A second cluster that shares names.
void AddOtherCluster(std::mt19937_64& random, DatabaseState* state) {
  const Name other("other");
  for (const auto& [key, row] : state->tree.associations) {
    if (random() % 8 != 0 || key.account == RootName()) continue;
    const AssocKey account{key.account, {}, {}};
    state->others[{other, account}].lineage =
        Name(absl::StrCat("/", key.account.view(), "/"));
    if (key.is_account()) continue;
    state->others[{other, {key.account, key.user, {}}}].lineage = Name(
        absl::StrCat("/", key.account.view(), "/0-", key.user.view(), "/"));
  }
}

Pair HostilePair(int seed, const Behaviour& row) {
  std::mt19937_64 random(seed);
  RandomTreeOptions options;
  options.release = row.since.series;
  options.max_accounts = options.max_users = 12;
  options.qos_definitions = row.dumps_qos && seed % 3 == 0;
  if (seed % 4 < 2) {
    options.accounts = {"a", "b", "ab", "a_b", "a%b", "x`y`", "c$", "0-ex"};
    options.users = {"ex\\jd", "exjd",  "ex_jd", "ex%jd", "ex",   "u\\n",
                     "un",     "u\\_x", "u_x",   "ux",    "w\\%", "w%",
                     "q\\\\r", "q\\r",  "qr",    "d\\0",  "d0",   "e.f@g+h"};
    options.qos = {"normal", "q\\1", "q1", "long"};
  }
  const Tree live = RandomTree(random, options);
  Pair pair;
  pair.target = seed % 2 == 0 ? RandomTree(random, options)
                              : MutateTree(random, live, 25, options);
  pair.live = seed % 8 < 6 ? BuiltBy(row, live, options) : StateFromTree(live);
  if (seed % 5 == 0) AddOtherCluster(random, &pair.live);
  pair.target.authorship.by_hand = seed % 3 == 1;
  for (const auto& [key, row] : pair.live.tree.associations) {
    if (seed % 2 == 0 || key.is_account() || random() % 4 != 0) continue;
    const Name qos(options.qos[random() % options.qos.size()]);
    pair.jobs.push_back(
        {random() % 100, key, qos,
         random() % 2 == 0 ? Job::State::kRunning : Job::State::kPending});
  }
  return pair;
}

constexpr const char* kCodes[] = {"AS107", "AS108", "AS109",
                                  "AS110", "AS111", "AS113"};

class SkipLawTest : public testing::Test {
 protected:
  SkipLawTest() {
    // That much is deleted is what random pairs are like.
    options_.allow = {"AS102", "AS103", "AS104", "AS105"};
    options_.max_delete = 100;
  }

  // The plan without these, which must be one that can be applied.
  Plan Without(const std::vector<std::string>& skip) {
    PlanOptions options = options_;
    options.skip = skip;
    const auto plan =
        MakePlan({pair_.live, pair_.target, options, nullptr, {}, pair_.jobs});
    EXPECT_TRUE(plan.ok()) << plan.status() << Shown(skip, Plan());
    if (!plan.ok()) return Plan();
    EXPECT_TRUE(plan->applicable()) << Shown(skip, *plan);
    return *plan;
  }

  std::string Shown(const std::vector<std::string>& skip, const Plan& plan) {
    return absl::StrCat("--skip ", absl::StrJoin(skip, ", "), "\nlive:\n",
                        Write(pair_.live.tree), "target:\n",
                        Write(pair_.target), ShownPlan(plan));
  }

  // As an admin does who reads the findings, and skips what they name.
  void RowByRow(Plan plan) {
    PlanOptions options = options_;
    while (!plan.applicable()) {
      const size_t before = options.skip.size();
      for (const Finding& f : plan.findings) {
        if (!f.stands()) continue;
        for (std::string row : f.rows) {
          // With jobs, they stand behind the row.
          if (CodeName(f.code) == "AS113") row.resize(row.rfind(": "));
          if (std::find(options.skip.begin(), options.skip.end(), row) ==
              options.skip.end()) {
            options.skip.push_back(row);
          }
        }
      }
      ASSERT_GT(options.skip.size(), before)
          << "no next row is named" << Shown(options.skip, plan);
      const auto next = MakePlan(
          {pair_.live, pair_.target, options, nullptr, {}, pair_.jobs});
      ASSERT_TRUE(next.ok()) << next.status() << Shown(options.skip, plan);
      plan = *next;
    }
  }

  // Rows that nobody had to ask for.
  void AnyRows(const std::vector<Change>& changes, std::mt19937_64& random) {
    std::vector<std::string> skip(std::begin(kCodes), std::end(kCodes));
    absl::btree_set<std::string> rows;
    for (const Change& change : changes) {
      if (random() % 6 == 0) rows.insert(RowName(change.what, change.row));
    }
    skip.insert(skip.end(), rows.begin(), rows.end());
    const Plan plan = Without(skip);
    for (const Change& change : plan.changes) {
      EXPECT_FALSE(rows.contains(RowName(change.what, change.row)))
          << change.ToString() << Shown(skip, plan);
    }
    // Whom both have does not go because of what is skipped.
    for (const auto& [user, record] : pair_.target.users) {
      if (!plan.steps.empty() && pair_.live.tree.users.contains(user)) {
        EXPECT_TRUE(plan.expected.users.contains(user))
            << user.view() << Shown(skip, plan);
      }
    }
  }

  Pair pair_;
  PlanOptions options_;
};

TEST_F(SkipLawTest, TheRestIsDone) {
  const int pairs = FromEnvironment("ASSOCSYNC_RELEASE_PAIRS", 40);
  const int first = FromEnvironment("ASSOCSYNC_SEED", 1);
  int refused = 0, all = 0;
  for (const Behaviour& row : BehaviourTable()) {
    options_.release = row.since;
    for (int seed = first; seed < first + pairs; ++seed) {
      SCOPED_TRACE(
          absl::StrCat("seed ", seed, " release ", row.since.ToString()));
      pair_ = HostilePair(seed, row);
      if (!Illegalities(pair_.live.tree).empty()) continue;
      options_.keep_shared = seed % 7 == 0;
      options_.allow.resize(4);
      if (seed % 5 < 2) options_.allow.push_back("AS109");
      const auto plan = MakePlan(
          {pair_.live, pair_.target, options_, nullptr, {}, pair_.jobs});
      ASSERT_TRUE(plan.ok()) << plan.status();
      ++all;
      if (!plan->applicable()) {
        ++refused;
        Without({std::begin(kCodes), std::end(kCodes)});
        RowByRow(*plan);
      }
      std::mt19937_64 random(seed);
      AnyRows(plan->changes, random);
      if (HasFailure()) return;
    }
  }
  std::printf("%d of %d pairs are refused without --skip\n", refused, all);
}

}  // namespace assocsync::skip_law_test
