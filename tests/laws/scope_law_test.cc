// Laws of --only and --except, over random pairs of trees.
// ASSOCSYNC_LAW_TRIPLES and ASSOCSYNC_SEED as in plan_law_test.cc.
#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/diff/diff.h"
#include "engine/live/state_from_tree.h"
#include "engine/plan/plan.h"
#include "engine/plan/scope.h"
#include "engine/slurm/release.h"
#include "gtest/gtest.h"
#include "tests/support/environment.h"
#include "tests/support/random_tree.h"

namespace assocsync::scope_law_test {

using Words = std::vector<std::string>;

std::string RandomSelector(std::mt19937_64& random, const Tree& tree) {
  const auto any = [&](const auto& map) {
    auto at = map.begin();
    std::advance(at, random() % map.size());
    return at->first;
  };
  switch (random() % 5) {
    case 0:
      return absl::StrCat("account=", any(tree.accounts).view());
    case 1:
      return absl::StrCat("account=", any(tree.accounts).view(), "/");
    case 2:
      return absl::StrCat("user=", any(tree.users).view());
    case 3: {
      const AssocKey key = any(tree.associations);
      if (key.is_account()) return "coordinators";
      return absl::StrCat("user=", key.user.view(), "@", key.account.view());
    }
    default:
      return "coordinators";
  }
}

const int kTriples = FromEnvironment("ASSOCSYNC_LAW_TRIPLES", 400);
const int kFirst = FromEnvironment("ASSOCSYNC_SEED", 1);

// Two trees for one row of the behaviour table; a third of them with QOS.
struct Draw {
  explicit Draw(int seed) : random(seed) {
    const auto table = BehaviourTable();
    release = table[seed % table.size()].since;
    RandomTreeOptions options;
    options.release = release.series;
    options.qos_definitions = seed % 3 == 0;
    pair = RandomPair(random, options);
  }
  std::mt19937_64 random;
  Release release;
  TreePair pair;
};

TEST(ScopeLawTest, APartIsLegalProvenAndOfTheWhole) {
  int changed = 0;
  for (int seed = kFirst; seed < kFirst + kTriples; ++seed) {
    Draw draw(seed);
    std::mt19937_64& random = draw.random;
    const auto& [live, target] = draw.pair;
    Words words = {RandomSelector(random, random() % 2 == 0 ? live : target)};
    if (random() % 3 == 0) words.push_back(RandomSelector(random, target));
    const bool leaves = random() % 4 == 0;
    // Of names with these signs a selector says something else.
    if (std::any_of(words.begin(), words.end(), [](const std::string& word) {
          return word.find_first_of("*?[") != std::string::npos ||
                 std::count(word.begin(), word.end(), '@') > 1 ||
                 (absl::StrContains(word, "/") && !absl::EndsWith(word, "/")) ||
                 absl::EndsWith(word, "//");
        })) {
      continue;
    }
    SCOPED_TRACE(absl::StrCat("seed ", seed, " ", leaves ? "except " : "only ",
                              words[0]));
    const auto scoped = InScope(live, target, leaves ? Words() : words,
                                leaves ? words : Words());
    ASSERT_TRUE(scoped.ok()) << scoped.status();
    EXPECT_TRUE(Illegalities(scoped->tree).empty())
        << Illegalities(scoped->tree)[0];
    // Nothing comes or goes that would not in the whole.
    std::set<std::string> whole;
    const auto word = [](const Change& c) {
      return absl::StrCat(static_cast<int>(c.what), static_cast<int>(c.how),
                          c.row.ToString());
    };
    for (const Change& change : Diff(live, target)) whole.insert(word(change));
    for (const Change& change : Diff(live, scoped->tree)) {
      ++changed;
      if (change.what == Change::What::kUser &&
          change.how == Change::How::kModify) {
        continue;  // A default account may have to go elsewhere.
      }
      EXPECT_TRUE(whole.contains(word(change))) << change.ToString();
    }
    PlanOptions how;
    how.release = draw.release;
    (leaves ? how.except : how.only) = words;
    const auto plan = MakePlan({StateFromTree(live), target, how});
    EXPECT_TRUE(plan.ok()) << plan.status();
  }
  EXPECT_GT(changed, kTriples);
}

// Of the kinds that were asked for, and of no others; nothing dangles.
TEST(ScopeLawTest, KindsOfChanges) {
  const Words kKinds = {"add", "modify", "delete", "move"};
  size_t kept = 0;
  for (int seed = kFirst; seed < kFirst + kTriples; ++seed) {
    Draw draw(seed);
    std::mt19937_64& random = draw.random;
    const auto& [live, target] = draw.pair;
    Words words;
    for (const std::string& kind : kKinds) {
      if (random() % 2 == 0) words.push_back(kind);
    }
    if (words.empty()) words.push_back("delete");
    SCOPED_TRACE(absl::StrCat("seed ", seed, " ", words[0], " and ",
                              words.size() - 1, " more"));
    const auto scoped = InScope(live, target, {}, {}, words);
    ASSERT_TRUE(scoped.ok()) << scoped.status();
    EXPECT_TRUE(Illegalities(scoped->tree).empty())
        << Illegalities(scoped->tree)[0];
    const auto asked = [&](const char* kind) {
      return std::find(words.begin(), words.end(), kind) != words.end();
    };
    for (const Change& change : Diff(live, scoped->tree)) {
      ++kept;
      if (change.how == Change::How::kAdd) {
        EXPECT_TRUE(asked("add")) << change.ToString();
      } else if (change.how == Change::How::kRemove) {
        EXPECT_TRUE(asked("delete")) << change.ToString();
      } else if (change.moves()) {
        EXPECT_TRUE(asked("move")) << change.ToString();
        EXPECT_TRUE(asked("modify") || change.fields.empty())
            << change.ToString();
      } else if (change.what != Change::What::kUser) {
        EXPECT_TRUE(asked("modify")) << change.ToString();
      }
    }
    if (words.size() == kKinds.size()) {
      EXPECT_TRUE(scoped->tree == target);
    }
    PlanOptions how;
    how.release = draw.release;
    how.changes = words;
    const auto plan = MakePlan({StateFromTree(live), target, how});
    EXPECT_TRUE(plan.ok()) << plan.status();
  }
  EXPECT_GT(kept, static_cast<size_t>(kTriples));
}

// All accounts, users, QOS and rights are the target, but for the Cluster line.
TEST(ScopeLawTest, AllOfItIsTheTarget) {
  for (int seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    RandomTreeOptions options;
    options.qos_definitions = seed % 2 == 0;
    const Tree live = RandomTree(random, options);
    const Tree target = MutateTree(random, live, 20, options);
    Words all = {"account=*", "user=*", "coordinators"};
    if (options.qos_definitions) all.push_back("qos=*");
    const auto scoped = InScope(live, target, all, {});
    ASSERT_TRUE(scoped.ok()) << scoped.status();
    for (const Change& change : Diff(scoped->tree, target)) {
      EXPECT_EQ(change.what, Change::What::kCluster) << change.ToString();
    }
  }
}

}  // namespace assocsync::scope_law_test
