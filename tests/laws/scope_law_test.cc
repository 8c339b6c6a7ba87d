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

// Of names with these signs a selector says something else. `ats`: so many '@'
// are none.
bool HasSigns(const Words& words, int ats = 0) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return word.find_first_of("*?[") != std::string::npos ||
           std::count(word.begin(), word.end(), '@') > ats ||
           (absl::StrContains(word, "/") && !absl::EndsWith(word, "/")) ||
           absl::EndsWith(word, "//");
  });
}

TEST(ScopeLawTest, APartIsLegalProvenAndOfTheWhole) {
  int changed = 0;
  for (int seed = kFirst; seed < kFirst + kTriples; ++seed) {
    Draw draw(seed);
    std::mt19937_64& random = draw.random;
    const auto& [live, target] = draw.pair;
    Words words = {RandomSelector(random, random() % 2 == 0 ? live : target)};
    if (random() % 3 == 0) words.push_back(RandomSelector(random, target));
    const bool leaves = random() % 4 == 0;
    if (HasSigns(words, 1)) {
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

std::vector<ChangeId> IdsOf(const std::vector<Change>& changes) {
  std::vector<ChangeId> ids;
  for (const Change& change : changes) ids.push_back({change.what, change.row});
  std::sort(ids.begin(), ids.end());
  return ids;
}

// All accounts, users, QOS and rights are the target, but for the Cluster line;
// without them nothing is left but that. All changes together are the target;
// a scope that has no change in it is live.
TEST(ScopeLawTest, AllOfItIsTheTargetAndNothingIsLive) {
  for (int seed = kFirst; seed < kFirst + kTriples; ++seed) {
    SCOPED_TRACE(seed);
    Draw draw(seed);
    const auto& [live, target] = draw.pair;
    Words all = {"account=*", "user=*", "coordinators"};
    if (!live.qos.empty() || !target.qos.empty()) all.push_back("qos=*");
    const auto scoped = InScope(live, target, all, {});
    ASSERT_TRUE(scoped.ok()) << scoped.status();
    for (const Change& change : Diff(scoped->tree, target)) {
      EXPECT_EQ(change.what, Change::What::kCluster) << change.ToString();
    }
    const auto none = InScope(live, target, {}, all);
    ASSERT_TRUE(none.ok()) << none.status();
    for (const Change& change : Diff(live, none->tree)) {
      EXPECT_EQ(change.what, Change::What::kCluster) << change.ToString();
    }
    const auto picked =
        InScope(live, target, {}, {}, {}, IdsOf(Diff(live, target)));
    ASSERT_TRUE(picked.ok()) << picked.status();
    EXPECT_TRUE(Diff(picked->tree, target).empty())
        << Diff(picked->tree, target)[0].ToString();
    const auto same =
        InScope(live, live, {RandomSelector(draw.random, live)}, {});
    if (same.ok()) {
      EXPECT_TRUE(Diff(live, same->tree).empty());
    }
  }
}

// What one selector without patterns names by itself, in words of the option's
// help and by no code of the engine's.
class Meant {
 public:
  Meant(const Words& words, const Tree& live, const Tree& target) {
    for (const std::string& word : words) Add(word, live, target);
  }
  bool Account(Name name) const { return accounts_.contains(name.str()); }
  bool User(Name name) const { return users_.contains(name.str()); }
  bool Has(const Change& change) const {
    if (change.what == Change::What::kUser) return User(change.row.user);
    return Account(change.row.account) ||
           (!change.row.is_account() &&
            (User(change.row.user) ||
             rows_.contains(
                 {change.row.user.str(), change.row.account.str()})));
  }
  bool Named(Name account, Name user) const {
    return Account(account) || rows_.contains({user.str(), account.str()});
  }

 private:
  void Add(std::string word, const Tree& live, const Tree& target) {
    if (word == "coordinators") return;
    if (absl::StartsWith(word, "user=")) {
      word = word.substr(5);
      const size_t at = word.find('@');
      if (at == std::string::npos) {
        users_.insert(word);
      } else {
        rows_.insert({word.substr(0, at), word.substr(at + 1)});
      }
    } else {
      word = word.substr(8);
      const bool below = !absl::EndsWith(word, "/");
      if (!below) word.pop_back();
      accounts_.insert(word);
      if (!below) return;
      for (const Tree* tree : {&live, &target}) {
        for (const auto& [key, row] : tree->associations) {
          if (!key.is_account()) continue;
          Name at = key.account;
          for (int depth = 0; depth < 1000 && !at.empty(); ++depth) {
            if (at.str() == word) accounts_.insert(key.account.str());
            const auto up = tree->associations.find({at, {}, {}});
            at = up == tree->associations.end() ? Name() : up->second.parent;
          }
        }
      }
    }
  }
  std::set<std::string> accounts_, users_;
  std::set<std::pair<std::string, std::string>> rows_;
};

// What changes was named, or is told as needed; of users, more than a default
// account only of those who were named or whose rows change.
TEST(ScopeLawTest, NothingElseChanges) {
  size_t looked = 0;
  for (int seed = kFirst; seed < kFirst + kTriples; ++seed) {
    Draw draw(seed);
    std::mt19937_64& random = draw.random;
    const auto& [live, target] = draw.pair;
    const Words words = {RandomSelector(random, live),
                         RandomSelector(random, target)};
    if (HasSigns(words)) continue;
    SCOPED_TRACE(absl::StrCat("seed ", seed, " ", words[0], " ", words[1]));
    const auto scoped = InScope(live, target, words, {});
    ASSERT_TRUE(scoped.ok()) << scoped.status();
    const Meant meant(words, live, target);
    const auto needed = [&](const std::string& name) {
      return std::any_of(scoped->needed.begin(), scoped->needed.end(),
                         [&](const std::string& told) {
                           return absl::StartsWith(told,
                                                   absl::StrCat(name, ": "));
                         });
    };
    const std::vector<Change> changes = Diff(live, scoped->tree);
    for (const Change& change : changes) {
      ++looked;
      if (meant.Has(change)) continue;
      const std::string row = change.row.ToString();
      if (change.what == Change::What::kUser) {
        const bool own = std::any_of(
            changes.begin(), changes.end(), [&](const Change& other) {
              return other.what == Change::What::kAssociation &&
                     other.row.user == change.row.user;
            });
        // Rights over what was named, and a default that is there.
        const bool of_named =
            change.how == Change::How::kModify &&
            std::all_of(change.fields.begin(), change.fields.end(),
                        [&](const FieldChange& field) {
                          const Name to = field.to.value_or(Name());
                          return field.key == Key::kCoordinator ||
                                 (field.key == Key::kDefaultAccount &&
                                  meant.Named(to, change.row.user));
                        });
        EXPECT_TRUE(own || of_named) << change.ToString();
      } else if (change.what == Change::What::kQos) {
        EXPECT_TRUE(needed("QOS " + row)) << change.ToString();
      } else {
        EXPECT_TRUE(needed(row) || needed("account " + row))
            << change.ToString();
      }
    }
  }
  EXPECT_GT(looked, static_cast<size_t>(kTriples));
}

// One scope after the other is both at once, where neither needs what the other
// has.
TEST(ScopeLawTest, OneAfterTheOtherIsBoth) {
  int apart = 0;
  for (int seed = kFirst; seed < kFirst + kTriples; ++seed) {
    Draw draw(seed);
    std::mt19937_64& random = draw.random;
    const auto& [live, target] = draw.pair;
    const Words a = {RandomSelector(random, target)};
    const Words b = {RandomSelector(random, target)};
    Words both = a;
    both.push_back(b[0]);
    SCOPED_TRACE(absl::StrCat("seed ", seed, " ", a[0], " then ", b[0]));
    if (HasSigns(both)) continue;
    const auto first = InScope(live, target, a, {});
    const auto other = InScope(live, target, b, {});
    const auto at_once = InScope(live, target, both, {});
    ASSERT_TRUE(first.ok() && other.ok() && at_once.ok());
    const auto words_of = [&](const Tree& tree) {
      std::multiset<std::string> words;
      for (const Change& change : Diff(live, tree)) {
        words.insert(change.ToString());
      }
      return words;
    };
    std::multiset<std::string> changes = words_of(first->tree);
    changes.merge(words_of(other->tree));
    if (changes != words_of(at_once->tree)) continue;  // They depend.
    ++apart;
    const auto then = InScope(first->tree, target, b, {});
    ASSERT_TRUE(then.ok()) << then.status();
    const std::vector<Change> differs = Diff(then->tree, at_once->tree);
    EXPECT_TRUE(differs.empty()) << differs[0].ToString();
  }
  EXPECT_GT(apart, kTriples / 5);
}

// Any changes that are picked are planned, with what they need, or it is told
// that they are not; picked alone, what a plan has is the same again.
TEST(ScopeLawTest, PickedChanges) {
  for (int seed = kFirst; seed < kFirst + kTriples; ++seed) {
    SCOPED_TRACE(seed);
    Draw draw(seed);
    const auto& [live, target] = draw.pair;
    const std::vector<Change> all = Diff(live, target);
    std::vector<ChangeId> pick;
    for (const ChangeId& id : IdsOf(all)) {
      if (draw.random() % 3 == 0) pick.push_back(id);
    }
    if (pick.empty()) continue;
    const auto picked = InScope(live, target, {}, {}, {}, pick);
    ASSERT_TRUE(picked.ok()) << picked.status();
    EXPECT_TRUE(Illegalities(picked->tree).empty())
        << Illegalities(picked->tree)[0];
    const std::vector<Change> changes = Diff(live, picked->tree);
    const std::vector<ChangeId> planned = IdsOf(changes);
    size_t missing = 0;
    for (const ChangeId& id : pick) {
      if (!std::binary_search(planned.begin(), planned.end(), id)) ++missing;
    }
    EXPECT_EQ(missing, picked->dropped.size());
    for (const Change& change : changes) {
      const auto has = [&](const ChangeId& id) {
        return std::binary_search(pick.begin(), pick.end(), id);
      };
      // An account comes and goes with its record and its row.
      const bool asked =
          has({change.what, change.row}) ||
          (change.row.is_account() &&
           has({Change::What::kAccount, {change.row.account, {}, {}}}));
      // Records and defaults follow rows.
      if (asked || change.what == Change::What::kUser ||
          change.what == Change::What::kAccount) {
        continue;
      }
      const std::string row = change.row.ToString();
      EXPECT_TRUE(std::any_of(picked->needed.begin(), picked->needed.end(),
                              [&](const std::string& told) {
                                return absl::StrContains(told, row);
                              }))
          << change.ToString();
    }
    PlanOptions how;
    how.release = draw.release;
    how.pick = pick;
    const auto plan = MakePlan({StateFromTree(live), target, how});
    EXPECT_TRUE(plan.ok()) << plan.status();
  }
}

}  // namespace assocsync::scope_law_test
