// The laws of engine/README.md about plans, for whole databases of two and
// three clusters with hostile names (engine/plan/clusters.h).
// ASSOCSYNC_LAW_TRIPLES, ASSOCSYNC_SEED: as in plan_law_test.cc.
#include <cstdio>
#include <map>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/cfg/write.h"
#include "engine/model/finding.h"
#include "engine/model/value.h"
#include "engine/plan/clusters.h"
#include "engine/slurm/slurmdbd.h"
#include "gtest/gtest.h"
#include "tests/support/environment.h"
#include "tests/support/plans.h"
#include "tests/support/several_clusters.h"

namespace assocsync::clusters_law_test {

class ClustersLawTest : public testing::Test {
 protected:
  static std::string Shown(const ClustersPlan& whole) {
    std::string out;
    for (const ClustersPlan::Part& part : whole.parts) {
      absl::StrAppend(&out, "cluster ", part.plan.cluster.view(),
                      part.turn.adds_only ? " (no deletes)" : "", "\n",
                      ShownPlan(part.plan));
    }
    for (const Finding& f : whole.findings) {
      absl::StrAppend(&out, CodeName(f.code), ": ", f.message, ": ",
                      absl::StrJoin(f.rows, "; "), "\n");
    }
    return out;
  }

  static bool FallsShort(const ClustersPlan& whole) {
    const auto short_of = [](const std::vector<Finding>& findings) {
      for (const Finding& f : findings) {
        if (f.code == kCollateral || f.code == kCannotRestore ||
            f.code == kNotAddressable ||
            (f.code == kUntestedRelease && f.stands())) {
          return true;
        }
      }
      return false;
    };
    bool any = short_of(whole.findings);
    for (const ClustersPlan::Part& part : whole.parts) {
      any |= short_of(part.plan.findings);
    }
    return any;
  }

  // What the database has before and after is never gone in between, nor ever
  // worth less than both.
  static std::string LostMeanwhile(const DatabaseState& before,
                                   const DatabaseState& now,
                                   const DatabaseState& after) {
    for (const auto& [name, record] : before.users) {
      const auto then = after.users.find(name);
      if (then == after.users.end()) continue;
      const auto at = now.users.find(name);
      if (at == now.users.end()) return absl::StrCat("user ", name.view());
      const Name level = at->second.fields.Get(Key::kAdminLevel);
      if (level != record.fields.Get(Key::kAdminLevel) &&
          level != then->second.fields.Get(Key::kAdminLevel)) {
        return absl::StrCat("AdminLevel of ", name.view());
      }
    }
    for (const auto& [name, record] : before.accounts) {
      if (after.accounts.contains(name) && !now.accounts.contains(name)) {
        return absl::StrCat("account ", name.view());
      }
    }
    for (const auto& pair : before.coordinators) {
      if (after.coordinators.contains(pair) &&
          !now.coordinators.contains(pair)) {
        return absl::StrCat(pair.user.view(), " over ", pair.account.view());
      }
    }
    return "";
  }
};

TEST_F(ClustersLawTest, OnePlanForAWholeDatabase) {
  const auto table = BehaviourTable();
  const int cases = FromEnvironment("ASSOCSYNC_LAW_TRIPLES", 600);
  const int first = FromEnvironment("ASSOCSYNC_SEED", 1);
  std::map<std::string, int> seen;
  for (int seed = first; seed < first + cases; ++seed) {
    std::mt19937_64 random(seed);
    const Behaviour& behaviour = table[seed % table.size()];
    RandomTreeOptions options;
    options.release = behaviour.since.series;
    options.qos_definitions = seed % 3 == 0;
    options.max_accounts = options.max_users = 5;
    const TreesOfClusters trees = RandomClusters(random, 2 + seed % 2, options);
    SCOPED_TRACE(
        absl::StrCat("seed ", seed, " release ", behaviour.since.ToString()));
    const std::vector<DatabaseState> live = DatabaseOf(behaviour, trees.live);
    PlanOptions plan_options;
    plan_options.release = behaviour.since;

    // Law 2.
    const auto idle =
        PlanClusters(InputsOf(live, trees.live, plan_options), PlaceInClusters);
    ASSERT_TRUE(idle.ok()) << idle.status();
    EXPECT_EQ(idle->steps(), 0) << Shown(*idle);

    // Law 3 is inside PlanClusters.
    const auto inputs = InputsOf(live, trees.target, plan_options);
    const auto whole = PlanClusters(inputs, PlaceInClusters);
    ASSERT_TRUE(whole.ok()) << whole.status();
    ++seen["plans"];
    seen["commands"] += static_cast<int>(whole->steps());
    seen["with two plans of a cluster"] +=
        whole->parts.size() > trees.live.size();
    const bool falls_short = FallsShort(*whole);
    seen["falls short"] += falls_short;

    // Law 4, of the whole.
    std::vector<DatabaseState> now = live;
    for (const ClustersPlan::Part& part : whole->parts) {
      if (behaviour.evidence.kind != ReleaseEvidence::Kind::kRead) {
        ASSERT_TRUE(now[part.turn.cluster] == part.live);
      }
      Slurmdbd model(behaviour, part.live);
      for (size_t i = 0; i < part.plan.steps.size(); ++i) {
        const auto command = ParseCommand(part.plan.steps[i].argv);
        ASSERT_TRUE(command.ok());
        model.Run(*command);
        if (falls_short) continue;
        EXPECT_EQ(LostMeanwhile(live[0], model.state(), whole->after[0]), "")
            << "after " << part.plan.steps[i].why << "\n"
            << Shown(*whole);
      }
      for (size_t i = 0; i < now.size(); ++i) {
        if (i == part.turn.cluster) {
          now[i] = model.state();
        } else {
          SeeElsewhere(model, &now[i]);
        }
      }
    }

    const auto again = PlanClusters(
        InputsOf(whole->after, trees.target, plan_options), PlaceInClusters);
    ASSERT_TRUE(again.ok()) << again.status() << "\n" << Shown(*whole);
    if (!falls_short) {
      EXPECT_EQ(again->steps(), 0) << Shown(*whole) << "then\n"
                                   << Shown(*again);
      for (size_t i = 0; i < trees.target.size(); ++i) {
        for (const Change& change :
             Diff(whole->after[i].tree, trees.target[i])) {
          // AS150: such a target may be a dump, which does not print it.
          if (!behaviour.dumps_qos && change.fields.size() == 1 &&
              change.fields[0].key == Key::kMinPrioThresh) {
            continue;
          }
          // What the target leaves open (expected.h).
          EXPECT_TRUE(change.what == Change::What::kAccount ||
                      change.what == Change::What::kQos)
              << change.ToString() << "\n"
              << Shown(*whole);
        }
      }
    }
    if (HasFailure()) break;
  }
  for (const auto& [what, n] : seen) std::printf("%s: %d\n", what.c_str(), n);
}

}  // namespace assocsync::clusters_law_test
