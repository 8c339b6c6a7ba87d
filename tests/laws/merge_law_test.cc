// Laws of the three-way merge over random triples with hostile names.
// ASSOCSYNC_LAW_TRIPLES: how many; ASSOCSYNC_SEED: the first.
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "engine/cfg/write.h"
#include "engine/diff/merge.h"
#include "engine/live/state_from_tree.h"
#include "engine/plan/plan.h"
#include "gtest/gtest.h"
#include "tests/support/environment.h"
#include "tests/support/random_tree.h"

namespace assocsync::merge_law_test {

// The rows of the conflicts and what they are about, without the sides.
absl::btree_set<std::string> About(const std::vector<Difference>& differences) {
  absl::btree_set<std::string> rows;
  for (const Difference& d : differences) {
    rows.insert(absl::StrCat(RowName(d.what, d.row), " ",
                             static_cast<int>(d.about), " ",
                             static_cast<int>(d.key), " ", d.element));
  }
  return rows;
}

TEST(MergeLawTest, Laws) {
  const int triples = FromEnvironment("ASSOCSYNC_LAW_TRIPLES", 1000);
  const int first = FromEnvironment("ASSOCSYNC_SEED", 1);
  int with_conflict = 0, with_drift = 0, with_both = 0;
  for (int seed = first; seed < first + triples; ++seed) {
    std::mt19937_64 random(seed);
    RandomTreeOptions options;
    options.qos_definitions = seed % 3 == 0;
    const Tree b = RandomTree(random, options);
    // Now and then trees that have little to do with base.
    const auto edited = [&] {
      return seed % 10 == 0 ? RandomTree(random, options)
                            : MutateTree(random, b, 1 + seed % 40, options);
    };
    const Tree l = edited();
    const Tree t = edited();
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    const auto merged = [&](const Tree& base, const Tree& live,
                            const Tree& target,
                            std::optional<Side> prefer = std::nullopt) {
      MergeOptions merge_options;
      merge_options.prefer = prefer;
      const auto merge = MergeTrees(base, live, target, merge_options);
      EXPECT_TRUE(merge.ok()) << merge.status() << "\nbase:\n"
                              << Write(base) << "live:\n"
                              << Write(live) << "target:\n"
                              << Write(target);
      return merge.ok() ? *merge : Merge();
    };

    Merge m = merged(b, l, b);
    EXPECT_EQ(m.tree, l);
    EXPECT_TRUE(m.conflicts.empty() && m.both.empty());
    EXPECT_EQ(m.drift.empty(), l == b);
    m = merged(b, b, t);
    EXPECT_EQ(m.tree, t);
    EXPECT_TRUE(m.conflicts.empty() && m.both.empty() && m.drift.empty());
    m = merged(b, t, t);
    EXPECT_EQ(m.tree, t);
    EXPECT_TRUE(m.conflicts.empty() && m.drift.empty());

    m = merged(b, l, t);
    with_conflict += m.conflicts.empty() ? 0 : 1;
    with_drift += m.drift.empty() ? 0 : 1;
    with_both += m.both.empty() ? 0 : 1;
    // The two sides are alike, but for who is right in a conflict.
    const Merge mirrored = merged(b, t, l, Side::kTarget);
    EXPECT_EQ(mirrored.tree, m.tree);
    EXPECT_EQ(About(mirrored.conflicts), About(m.conflicts));
    EXPECT_EQ(About(mirrored.both), About(m.both));

    for (const auto prefer :
         {std::optional<Side>(), {Side::kLive}, {Side::kTarget}}) {
      const Merge decided = merged(b, l, t, prefer);
      for (const Difference& d : decided.conflicts) {
        EXPECT_EQ(d.taken, prefer);
      }
      // Once live has become that, there is nothing left to do.
      EXPECT_EQ(merged(b, decided.tree, t, prefer).tree, decided.tree)
          << "prefer " << (prefer ? static_cast<int>(*prefer) : -1)
          << "again:\n"
          << Write(merged(b, decided.tree, t, prefer).tree) << "base:\n"
          << Write(b) << "live:\n"
          << Write(l) << "target:\n"
          << Write(t) << "merged:\n"
          << Write(decided.tree);
      PlanOptions plan_options;
      plan_options.release = {2605, 5};
      const auto plan =
          MakePlan({StateFromTree(l), decided.tree, plan_options});
      EXPECT_TRUE(plan.ok()) << plan.status();
    }
    if (HasFailure()) break;
  }
  std::printf(
      "%d triples: %d with conflicts, %d with drift, %d with changes "
      "that both made\n",
      triples, with_conflict, with_drift, with_both);
}

}  // namespace assocsync::merge_law_test
