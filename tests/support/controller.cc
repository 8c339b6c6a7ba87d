#include "tests/support/controller.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace assocsync {
namespace {

constexpr int kLooks = 300;
constexpr absl::Duration kBetweenLooks = absl::Milliseconds(100);

std::vector<std::string> Lines(const std::string& text) {
  return absl::StrSplit(text, '\n', absl::SkipEmpty());
}

template <typename F>
bool Wait(F holds) {
  for (int look = 0; look < kLooks; ++look) {
    if (holds()) return true;
    absl::SleepFor(kBetweenLooks);
  }
  return false;
}

}  // namespace

std::vector<LabRelease> Controller::Releases() {
  std::vector<LabRelease> releases = LabRelease::All();
  std::erase_if(releases, [](const LabRelease& release) {
    return !std::filesystem::exists(release.Path("controller/ready"));
  });
  return releases;
}

Controller::Controller(const LabRelease& release,
                       const std::vector<std::string>& users)
    : release_(release) {
  std::vector<std::string> words = {LabScript(), "users"};
  words.insert(words.end(), users.begin(), users.end());
  EXPECT_TRUE(RunProgram(words).clean());
  release_.Reset();
}

RunResult Controller::Run(const std::string& program,
                          const std::vector<std::string>& words) const {
  std::vector<std::string> argv = {release_.Path("bin/" + program)};
  argv.insert(argv.end(), words.begin(), words.end());
  return RunProgram(argv);
}

RunResult Controller::RunAs(const std::string& user,
                            const std::vector<std::string>& words) const {
  std::vector<std::string> argv = {LabScript(), "as", user, release_.name()};
  argv.insert(argv.end(), words.begin(), words.end());
  return RunProgram(argv);
}

int Controller::Submit(const std::string& user,
                       std::vector<std::string> words) const {
  words.insert(words.begin(), {"sbatch", "--parsable"});
  words.push_back("--wrap=sleep 600");
  int job = 0;
  return absl::SimpleAtoi(RunAs(user, words).out, &job) ? job : 0;
}

bool Controller::WouldTake(const std::string& user) const {
  return RunAs(user, {"sbatch", "--test-only", "--wrap=true"}).exit_code == 0;
}

int Controller::Job(const std::string& user, const std::string& account,
                    std::vector<std::string> words) const {
  words.push_back("--account=" + account);
  const int job = Submit(user, std::move(words));
  EXPECT_NE(job, 0) << user << " " << account;
  return job;
}

void Controller::ReadTreeAgain() const {
  if (release_.series() >= 2411) {
    EXPECT_TRUE(Run("scontrol", {"reconfigure"}).clean());
  } else {
    release_.Lab("stop", {"slurmctld"});
    release_.Lab("start", {"slurmctld"});
  }
  // It registers with slurmdbd a while after it answers.
  EXPECT_TRUE(Wait([&] {
    return absl::StripAsciiWhitespace(
               release_.Sql("SELECT control_port FROM cluster_table WHERE "
                            "name='lab'")) != "0";
  }));
}

std::string Controller::State(int job) const {
  const RunResult said =
      Run("squeue", {"-h", "-j", absl::StrCat(job), "-o", "%T %r"});
  std::string state(absl::StripSuffix(said.out, "\n"));
  return std::string(absl::StripSuffix(state, " None"));
}

std::map<int, std::string> Controller::Accounting() const {
  const RunResult said = Run(
      "sacct", {"-a", "-n", "-P", "-X", "-o", "JobIDRaw,State,User,Account"});
  std::map<int, std::string> jobs;
  for (const std::string& line : Lines(said.out)) {
    const std::vector<std::string> words = absl::StrSplit(line, '|');
    int job = 0;
    if (words.size() != 4 || !absl::SimpleAtoi(words[0], &job)) continue;
    // "CANCELLED by 0"
    const std::vector<std::string> state = absl::StrSplit(words[1], ' ');
    const bool first =
        jobs.emplace(job, absl::StrCat(state[0], " ", words[2], " ", words[3]))
            .second;
    EXPECT_TRUE(first) << "two records of job " << job << "\n" << said.out;
  }
  return jobs;
}

bool Controller::Becomes(int job, const std::string& state) const {
  return Wait([&] { return State(job) == state; });
}

bool Controller::IsRecorded(int job, const std::string& state) const {
  return Wait([&] { return Accounting()[job] == state; });
}

std::vector<std::string> Controller::Associations() const {
  const RunResult said = Run("scontrol", {"show", "assoc_mgr", "flags=assoc"});
  std::vector<std::string> rows;
  for (const std::string& line : Lines(said.out)) {
    if (!absl::StartsWith(line, "ClusterName=")) continue;
    std::string account, user;
    for (const absl::string_view word : absl::StrSplit(line, ' ')) {
      const std::vector<absl::string_view> pair = absl::StrSplit(word, '=');
      if (pair.size() != 2) continue;
      if (pair[0] == "Account") account = std::string(pair[1]);
      if (pair[0] != "UserName") continue;
      user = std::string(pair[1].substr(0, pair[1].find('(')));
    }
    rows.push_back(user.empty() ? account : absl::StrCat(account, "/", user));
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace assocsync
