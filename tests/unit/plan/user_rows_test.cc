// How the rows of many new users are told, by what that costs slurmdbd.
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/live/state_from_tree.h"
#include "engine/plan/plan.h"
#include "engine/slurm/command.h"
#include "gtest/gtest.h"
#include "tests/support/plans.h"

namespace assocsync::user_rows_test {

constexpr int kAccounts = 12, kSets = 6;

// Accounts of 41 to 52 users, the large ones first; all users of each but one
// have one of kSets sets of limits, and that one limits of its own.
std::string ManyUsers() {
  std::string target;
  for (int i = 0; i < kAccounts; ++i) {
    absl::StrAppend(&target, "Account - 'a", i, "'\n");
  }
  for (int i = 0; i < kAccounts; ++i) {
    absl::StrAppend(&target, "Parent - 'a", i, "'\n");
    for (int k = 0; k < 40 + kAccounts - i; ++k) {
      const int set = k % kSets + 1;
      absl::StrAppend(&target, "User - 'u", i, "-", k, "':DefaultAccount='a", i,
                      "':MaxJobs=", k == 0 ? 100 + i : set);
      if (k > 0) absl::StrAppend(&target, ":Priority=", set);
      absl::StrAppend(&target, "\n");
    }
  }
  return target;
}

std::vector<Command> CommandsFor(const std::string& target, Release release) {
  PlanOptions options;
  options.release = release;
  const DatabaseState live = StateFromTree(SiteOf(""));
  const absl::StatusOr<Plan> plan = MakePlan({live, SiteOf(target), options});
  std::vector<Command> commands;
  if (!plan.ok() || !plan->applicable()) {
    ADD_FAILURE() << (plan.ok() ? ShownPlan(*plan) : plan.status().ToString());
    return commands;
  }
  for (const Step& step : plan->steps) {
    const absl::StatusOr<Command> command = ParseCommand(step.argv);
    if (command.ok() && command->entity == Command::Entity::kUser) {
      commands.push_back(*command);
    }
  }
  return commands;
}

std::string Said(const Command& command, absl::string_view key) {
  for (const Setting& s : command.set) {
    if (s.key == key) return s.value;
  }
  return "";
}

// One add an account, the small ones first, and one modify a batch of those who
// get the same two limits. A limit of one row alone goes with the row.
TEST(UserRowsTest, LimitsOfManyAreToldAfterTheirRows) {
  const std::vector<Command> commands = CommandsFor(ManyUsers(), {2605, 5});
  size_t alone = 0, accounts = 0, modifies = 0, last = 0;
  for (const Command& command : commands) {
    const size_t names = NamesOf(command).size();
    if (command.verb == Command::Verb::kModify) {
      ++modifies;
      EXPECT_EQ(command.set.size(), 2u);
      EXPECT_GT(names, 70u);
      continue;
    }
    EXPECT_EQ(modifies, 0u);
    EXPECT_GE(names, last);
    last = names;
    const std::string jobs = Said(command, "MaxJobs");
    if (names == 1) {
      ++alone;
      EXPECT_TRUE(absl::StartsWith(jobs, "1")) << jobs;
    } else {
      ++accounts;
      EXPECT_EQ(jobs, "");
    }
  }
  EXPECT_EQ(alone, size_t{kAccounts});
  EXPECT_EQ(accounts, size_t{kAccounts});
  EXPECT_EQ(modifies, size_t{kSets});
}

// Adds of many users say all limits, when those of the others have been told.
TEST(UserRowsTest, LargeAddsComeLateAndSayTheirLimits) {
  std::string target = "Account - 'big'\n";
  std::string users = "Parent - 'big'\n";
  for (int k = 0; k < 2000; ++k) {
    absl::StrAppend(&users, "User - 'b", k,
                    "':DefaultAccount='big':MaxJobs=", k % kSets + 1,
                    ":Priority=", k % kSets + 1, "\n");
  }
  absl::StrAppend(&target, ManyUsers(), users);
  size_t late = 0, modifies = 0;
  for (const Command& command : CommandsFor(target, {2605, 5})) {
    if (command.verb == Command::Verb::kModify) {
      EXPECT_EQ(late, 0u);
      ++modifies;
    } else if (Said(command, "account") == "big") {
      EXPECT_EQ(modifies, size_t{kSets});
      EXPECT_NE(Said(command, "MaxJobs"), "");
      late += NamesOf(command).size();
    } else {
      EXPECT_EQ(late, 0u);
    }
  }
  EXPECT_EQ(late, 2000u);
}

// Users of ManyUsers with a second home: who is at home in account `home_of(i,
// k)`, if there is one, also in account `i`.
template <typename HomeOf>
std::string WithOtherHomes(HomeOf home_of) {
  std::string target = ManyUsers();
  for (int i = 0; i < kAccounts; ++i) {
    absl::StrAppend(&target, "Parent - 'a", i, "'\n");
    for (int k = 1; k < 40; k += 8) {
      const int home = home_of(i, k);
      if (home == i || home < 0) continue;
      absl::StrAppend(&target, "User - 'u", home, "-", k, "':DefaultAccount='a",
                      home, "':MaxJobs=7\n");
    }
  }
  return target;
}

// A user's other rows come first, each as the default for now; the row of the
// user's own default account comes last, and is the default then. Returns how
// many adds do both kinds.
int ExpectOtherHomesFirst(const std::string& target, int with_others) {
  absl::flat_hash_map<std::string, int> homes;
  int joined = 0;
  for (const Command& command : CommandsFor(target, {2605, 5})) {
    if (command.verb != Command::Verb::kAdd) continue;
    const std::string account = Said(command, "account");
    EXPECT_EQ(Said(command, "DefaultAccount"), account);
    size_t own_ones = 0;
    for (const absl::string_view name : NamesOf(command)) {
      int& before = homes[std::string(name)];
      EXPECT_GE(before, 0) << name << " comes to " << account;
      const bool own =
          absl::StartsWith(name, absl::StrCat("u", account.substr(1), "-"));
      before = own ? -1 - before : before + 1;
      own_ones += own ? 1 : 0;
    }
    joined += own_ones > 0 && own_ones < NamesOf(command).size() ? 1 : 0;
  }
  EXPECT_TRUE(
      absl::c_all_of(homes, [](const auto& user) { return user.second < 0; }));
  EXPECT_GT(
      absl::c_count_if(homes, [](const auto& u) { return u.second < -1; }),
      with_others);
  return joined;
}

TEST(UserRowsTest, OtherHomesComeFirst) {
  ExpectOtherHomesFirst(
      WithOtherHomes([](int i, int k) { return (i + k) % kAccounts; }), 40);
}

// Where their own accounts are larger, and come later, one add does both kinds.
TEST(UserRowsTest, OtherHomesComeWithTheirAccount) {
  const int joined = ExpectOtherHomesFirst(
      WithOtherHomes([](int i, int k) { return i - k; }), 10);
  EXPECT_GT(joined, 10);
}

// Where few rows come, a plan is for reading.
TEST(UserRowsTest, LimitsOfFewAreToldWithTheirRows) {
  const std::vector<Command> commands = CommandsFor(
      "Account - 'bio'\nParent - 'bio'\nUser - 'ann':DefaultAccount='bio'"
      ":MaxJobs=5:Priority=3\nUser - 'bob':DefaultAccount='bio':MaxJobs=6\n",
      {2605, 5});
  ASSERT_EQ(commands.size(), 2u);
  EXPECT_EQ(Said(commands[0], "MaxJobs"), "5");
  EXPECT_EQ(Said(commands[1], "MaxJobs"), "6");
}

}  // namespace assocsync::user_rows_test
