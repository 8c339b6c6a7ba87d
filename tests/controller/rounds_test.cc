// Rounds on a running cluster: a random tree with jobs that run, wait, are
// held, are arrays or depend on others; then a random target, while users
// submit all the time. What jobs use is left out (--skip AS113). Afterwards
// slurmctld has what slurmdbd has, no job was ended but by a limit that was
// told (AS147), and none waits for an account or a QOS; nobody is refused who
// may submit before and after, nor was he meanwhile, but for a QOS that is a
// change to an inherited list; rows that stay have their ids, by which slurmdbd
// keeps usage, and the usage that slurmctld had counted for them (accounts: for
// all that is below them now).
//
// Rounds on each release: ASSOCSYNC_ROUNDS; the first seed: ASSOCSYNC_SEED.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/live/controller_view.h"
#include "engine/model/value.h"
#include "engine/model/walk.h"
#include "engine/plan/plan.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/controller.h"
#include "tests/support/environment.h"
#include "tests/support/naive_build.h"
#include "tests/support/random_tree.h"
#include "tests/support/site.h"

namespace assocsync::rounds_test {

using ::testing::HasSubstr;

// Names that the machine can have users of, look-alikes among them.
const std::vector<std::string> kUsers = {"ann", "bob", "j_doe", "j-doe",
                                         "o_x", "oax", "eve"};

// Who may use which QOS in which account.
struct Right {
  std::string user, account, qos;
  bool by_change = false;  // The row's list, or one above, is "+long".
  std::string ToString() const {
    return absl::StrCat(user, " in ", account, " with ", qos);
  }
};

bool HasChange(const Tree& tree, const AssocKey& key) {
  bool found = false;
  Climb(tree, key, [&](const AssocKey&, const Association& row) {
    found = IsQosDelta(row.limits.Get(Key::kQos).view());
    return !found;
  });
  return found;
}

// The row that a job in the lab's one partition is of.
const AssocKey& RowOfJobs(const Tree& tree, const AssocKey& key) {
  const auto found =
      tree.associations.find({key.account, key.user, Name("main")});
  return found == tree.associations.end() ? key : found->first;
}

// Those of both trees.
std::vector<Right> RightsOfBoth(const Tree& live, const Tree& target) {
  std::vector<Right> rights;
  for (const auto& [key, row] : live.associations) {
    if (key.is_account() || key.user == Name("root") ||
        !target.associations.contains(key)) {
      continue;
    }
    const AssocKey& now = RowOfJobs(live, key);
    const AssocKey& then = RowOfJobs(target, key);
    const QosNames later = EffectiveQos(target, then);
    const bool by_change = HasChange(live, now) || HasChange(target, then);
    for (const absl::string_view qos : EffectiveQos(live, now)) {
      if (!later.contains(qos)) continue;
      rights.push_back(
          {key.user.str(), key.account.str(), std::string(qos), by_change});
    }
  }
  return rights;
}

bool Refuses(absl::string_view said) {
  return absl::StrContains(said, "Invalid account") ||
         absl::StrContains(said, "Invalid qos");
}

RunResult Submit(const Controller& controller, const Right& right) {
  return controller.RunAs(right.user, {"sbatch", "--account=" + right.account,
                                       "--qos=" + right.qos, "--wrap=true"});
}

// Users who submit, each of them one job after the other, until Stop.
class SubmitLoop {
 public:
  SubmitLoop(const Controller& controller, const std::vector<Right>& rights)
      : flag_(absl::StrCat("/tmp/assocsync-submit-", getpid())) {
    std::ofstream file(flag_);  // Where every user sees it.
    std::map<std::string, std::vector<std::string>> words;
    for (const Right& right : rights) {
      auto& of_user = words[right.user];
      if (of_user.empty()) of_user = {"sh", "-c", kLoop, "sh", flag_};
      of_user.insert(of_user.end(), {right.account, right.qos});
    }
    for (const auto& [user, argv] : words) {
      threads_.emplace_back([this, &controller, user = user, argv = argv] {
        const RunResult said = controller.RunAs(user, argv);
        const std::lock_guard<std::mutex> lock(mutex_);
        for (const absl::string_view line :
             absl::StrSplit(said.out, '\n', absl::SkipEmpty())) {
          ++submitted_;
          const std::vector<std::string> part = absl::StrSplit(line, '\t');
          if (part.size() == 3 && Refuses(part[2])) {
            refused_.push_back({{user, part[0], part[1]}, part[2]});
          }
        }
      });
    }
  }
  ~SubmitLoop() { Stop(); }

  // Who was refused, and what he was told.
  std::vector<std::pair<Right, std::string>> Stop() {
    std::filesystem::remove(flag_);
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    return std::move(refused_);
  }
  int submitted() const { return submitted_; }

 private:
  // A line for each job: nothing, or account, QOS and what sbatch said.
  static constexpr char kLoop[] =
      "f=$1; shift; while [ -e \"$f\" ]; do a=$1 q=$2; shift 2; set -- \"$@\" "
      "\"$a\" \"$q\"; if s=$(sbatch --account=\"$a\" --qos=\"$q\" --wrap=true "
      "2>&1); then echo taken; else printf '%s\\t%s\\t%s\\n' \"$a\" \"$q\" "
      "\"$(echo $s)\"; fi; done";

  const std::string flag_;
  std::mutex mutex_;
  std::vector<std::pair<Right, std::string>> refused_;
  int submitted_ = 0;
  std::vector<std::thread> threads_;
};

// AS147 names the job: "hep/ann (GrpWall of hep: 0): 2 running (4, 5)".
bool IsToldToEnd(absl::string_view out, int job) {
  for (const absl::string_view line : absl::StrSplit(out, '\n')) {
    const size_t ids = line.rfind(": ");
    if (!absl::StrContains(line, " (GrpTRESMins ") &&
        !absl::StrContains(line, " (GrpWall ") &&
        !absl::StrContains(line, " (MaxTRESMinsPerJob ")) {
      continue;
    }
    for (const absl::string_view word :
         absl::StrSplit(line.substr(ids), absl::ByAnyChar(" (,)"))) {
      if (word == absl::StrCat(job)) return true;
    }
  }
  return false;
}

ControllerView View(const Controller& controller) {
  ControllerViewReader reader("lab");
  const RunResult shown =
      controller.Run("scontrol", {"show", "assoc_mgr", "flags=assoc"});
  for (const absl::string_view line : absl::StrSplit(shown.out, '\n')) {
    reader.Line(line);
  }
  return reader.Take();
}

// What each row that stays must have of usage, by number: a user's row its own,
// an account the sum of what is below it now.
std::map<uint64_t, double> UsageDue(const ControllerView& before,
                                    const ControllerView& after) {
  std::map<std::string, uint64_t> accounts;
  for (const auto& [number, row] : after.rows) accounts[row.name] = number;
  std::map<uint64_t, double> due;
  for (const auto& [number, row] : after.rows) {
    const size_t slash = row.name.find('/');
    const auto had = before.rows.find(number);
    if (slash == std::string::npos || had == before.rows.end()) continue;
    due[number] = had->second.usage;
    for (uint64_t at = accounts[row.name.substr(0, slash)];
         after.rows.contains(at); at = after.rows.at(at).parent) {
      due[at] += had->second.usage;
    }
  }
  return due;
}

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
      if (key.is_account() || key.user == Name("root") || random() % 3 == 0) {
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
  int ran = 0, submitted = 0, refused = 0, stale = 0;
  for (int seed = first; seed < first + rounds; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    ++ran;
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
    std::vector<Right> rights = RightsOfBoth(pair.live, pair.target);
    std::erase_if(rights, [&](const Right& right) {
      return Refuses(Submit(controller, right).err);
    });
    const auto ids = GetParam().RowIds();
    const ControllerView view = View(controller);
    std::vector<Right> meanwhile = rights;
    std::erase_if(meanwhile, [](const Right& r) { return r.by_change; });
    SubmitLoop loop(controller, meanwhile);

    const auto apply = [&] {
      return site_.Assocsync(
          {"apply", target, "--live", seed % 2 == 0 ? "mysql" : "sacctmgr",
           "--max-delete", "100%", "--skip", "AS113", "--skip", "AS109",
           "--skip", "AS111", "--allow", "AS103,AS104,AS105", "--no-sql-dump",
           "--verbose"});
    };
    const RunResult applied = apply();
    const auto refusals = loop.Stop();
    submitted += loop.submitted();
    if (applied.exit_code == 3) {
      ++refused;
      const size_t why = applied.out.rfind("Plan: ");
      std::printf("seed %d: %s", seed,
                  why == std::string::npos ? applied.err.c_str()
                                           : applied.out.c_str() + why);
      continue;
    }
    EXPECT_EQ(applied.exit_code, 0) << applied.out << applied.err;
    for (const Right& right : rights) {
      const RunResult said = Submit(controller, right);
      EXPECT_FALSE(Refuses(said.err))
          << right.ToString() << ": " << said.err << applied.out;
    }
    if (!absl::StrContains(applied.out, "slurmctld has the same tree.")) {
      // It does not follow everything by itself; the remedy that is named
      // helps.
      ++stale;
      EXPECT_THAT(applied.err, HasSubstr("slurmctld does not have the tree"));
      RunResult again;
      // What jobs used may change by now, and slurmctld may not follow that
      // either. Where nothing changes, it must have the tree at once.
      for (int tries = 0; tries < 3; ++tries) {
        controller.ReadTreeAgain();
        again = apply();
        if (!absl::StrContains(again.out, "\nApplied: ")) break;
      }
      EXPECT_THAT(again.out, HasSubstr("slurmctld has the same tree."))
          << applied.err << again.err;
    }
    for (size_t i = 0; i < jobs.size(); ++i) {
      const std::string state = controller.State(jobs[i]);
      if (IsToldToEnd(applied.out, jobs[i])) continue;
      EXPECT_NE(state, "") << jobs[i] << " was " << before[i] << applied.out;
      for (const char* bad : {"CANCELLED", "InvalidAccount", "InvalidQOS"}) {
        EXPECT_FALSE(absl::StrContains(state, bad) &&
                     !absl::StrContains(before[i], bad))
            << jobs[i] << " was " << before[i] << ", is " << state
            << applied.out;
      }
    }
    for (const auto& [right, said] : refusals) {
      ADD_FAILURE() << right.ToString() << ": " << said << applied.out;
    }
    const ControllerView view_after = View(controller);
    std::map<uint64_t, double> due = UsageDue(view, view_after);
    for (const auto& [row, id] : GetParam().RowIds()) {
      const auto had = ids.find(row);
      if (had == ids.end()) continue;
      EXPECT_EQ(id, had->second) << row << applied.out;
      const uint64_t number = std::stoull(id);
      if (!view.rows.contains(number)) continue;
      ASSERT_TRUE(view_after.rows.contains(number)) << row << applied.out;
      EXPECT_GE(view_after.rows.at(number).usage + 0.01, due[number])
          << row << applied.out;
    }
    if (HasFailure()) break;
  }
  std::printf(
      "%s: %d rounds, %zu jobs, %d submitted meanwhile, %d refused, %d that "
      "slurmctld did not follow by itself\n",
      GetParam().version().c_str(), ran, jobs_seen, submitted, refused, stale);
  EXPECT_GT(jobs_seen, 0u);
  // One random pair may have no right in common; three have.
  if (rounds > 2) {
    EXPECT_GT(submitted, 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Lab, RoundsTest,
                         testing::ValuesIn(Controller::Releases()), SeriesOf);

}  // namespace assocsync::rounds_test
