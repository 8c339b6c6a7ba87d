// Rounds on a running cluster: a random tree with jobs that run, wait, are
// held, are arrays or depend on others; then a random target. What jobs use is
// left out (--skip AS113). Afterwards slurmctld has what slurmdbd has, no job
// was ended and none waits for an account or a QOS.
//
// Rounds on each release: ASSOCSYNC_ROUNDS; the first seed: ASSOCSYNC_SEED.
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/controller.h"
#include "tests/support/environment.h"
#include "tests/support/naive_build.h"
#include "tests/support/random_tree.h"
#include "tests/support/site.h"

namespace assocsync {
namespace {

using ::testing::HasSubstr;

// Names that the machine can have users of, look-alikes among them.
const std::vector<std::string> kUsers = {"ann", "bob", "j_doe", "j-doe",
                                         "o_x", "oax", "eve"};

class RoundsTest : public testing::TestWithParam<LabRelease> {
 protected:
  RoundsTest() : site_(GetParam()) {}

  RandomTreeOptions Options() const {
    RandomTreeOptions options;
    options.cluster = "lab";
    options.release = GetParam().series();
    options.users = kUsers;
    options.partitions = {"main"};
    return options;
  }

  void Build(const Controller& controller, const Tree& tree,
             const RandomTreeOptions& options) const {
    std::vector<std::vector<std::string>> commands;
    for (const std::string& qos : options.qos) {
      if (qos != "normal") commands.push_back({"add", "qos", "name=" + qos});
    }
    for (auto& command : NaiveCommands(tree)) commands.push_back(command);
    for (const std::vector<std::string>& command : commands) {
      const RunResult done = controller.release().Sacctmgr(command);
      EXPECT_TRUE(done.clean()) << absl::StrJoin(command, " ") << done.err;
    }
  }

  // Some jobs of some rows; the numbers of those that slurmctld took.
  std::vector<int> Jobs(const Controller& controller, const Tree& tree,
                        std::mt19937_64& random) const {
    std::vector<int> jobs;
    for (const auto& [key, row] : tree.associations) {
      if (key.is_account() || key.user == Atom("root") || random() % 3 == 0) {
        continue;
      }
      std::vector<std::string> words = {"--account=" + key.account.str()};
      switch (random() % 5) {
        case 0:
          words.push_back("--hold");
          break;
        case 1:
          words.push_back("--array=1-3");
          break;
        case 2:
          words.push_back("--ntasks=64");
          break;
        case 3:
          if (!jobs.empty()) {
            words.push_back(absl::StrCat("--dependency=afterok:", jobs[0]));
          }
          break;
        default:
          break;
      }
      const int job = controller.Submit(key.user.str(), std::move(words));
      if (job != 0) jobs.push_back(job);
    }
    return jobs;
  }

  LabSite site_;
};

TEST_P(RoundsTest, JobsGoOnAndSlurmctldHasTheTree) {
  const int rounds = FromEnvironment("ASSOCSYNC_ROUNDS", 3);
  const int first = FromEnvironment("ASSOCSYNC_SEED", 1);
  size_t jobs_seen = 0;
  int refused = 0, stale = 0;
  for (int seed = first; seed < first + rounds; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    std::mt19937_64 random(seed);
    const RandomTreeOptions options = Options();
    const TreePair pair = RandomPair(random, options);
    std::string target;
    {
      const Controller controller(GetParam(), kUsers);
      Build(controller, pair.target, options);
      target = site_.Put("target.cfg", GetParam().Dump("lab"));
    }
    const Controller controller(GetParam(), kUsers);
    Build(controller, pair.live, options);
    controller.ReadTreeAgain();  // It may not have followed.
    const std::vector<int> jobs = Jobs(controller, pair.live, random);
    jobs_seen += jobs.size();
    std::vector<std::string> before;
    for (const int job : jobs) before.push_back(controller.State(job));

    const auto apply = [&] {
      return site_.Assocsync(
          {"apply", target, "--live", seed % 2 == 0 ? "mysql" : "sacctmgr",
           "--max-delete", "100%", "--skip", "AS113", "--skip", "AS109",
           "--skip", "AS111", "--allow", "AS103,AS104,AS105", "--no-sql-dump"});
    };
    const RunResult applied = apply();
    if (applied.exit_code == 3) {
      ++refused;
      const size_t why = applied.out.rfind("Plan: ");
      std::printf("seed %d: %s", seed,
                  why == std::string::npos ? applied.err.c_str()
                                           : applied.out.c_str() + why);
      continue;
    }
    EXPECT_EQ(applied.exit_code, 0) << applied.out << applied.err;
    if (!absl::StrContains(applied.out, "slurmctld has the same tree.")) {
      // It does not follow everything by itself; the remedy that is named
      // helps.
      ++stale;
      EXPECT_THAT(applied.err, HasSubstr("slurmctld does not have the tree"));
      controller.ReadTreeAgain();
      const RunResult again = apply();
      EXPECT_THAT(again.out, HasSubstr("slurmctld has the same tree."))
          << applied.err << again.err;
    }
    for (size_t i = 0; i < jobs.size(); ++i) {
      const std::string state = controller.State(jobs[i]);
      EXPECT_NE(state, "") << jobs[i] << " was " << before[i] << applied.out;
      for (const char* bad : {"CANCELLED", "InvalidAccount", "InvalidQOS"}) {
        EXPECT_FALSE(absl::StrContains(state, bad) &&
                     !absl::StrContains(before[i], bad))
            << jobs[i] << " was " << before[i] << ", is " << state
            << applied.out;
      }
    }
    if (HasFailure()) break;
  }
  std::printf(
      "%s: %d rounds, %zu jobs, %d refused, %d that slurmctld did not "
      "follow by itself\n",
      GetParam().version().c_str(), rounds, jobs_seen, refused, stale);
  EXPECT_GT(jobs_seen, 0u);
}

INSTANTIATE_TEST_SUITE_P(Lab, RoundsTest,
                         testing::ValuesIn(Controller::Releases()), SeriesOf);

}  // namespace
}  // namespace assocsync
