// Random plans applied on a real lab while assocsync, its sacctmgr, slurmdbd or
// MariaDB are killed at random moments; then the next apply must make live what
// was asked for. `soak MINUTES SEED FOLDER`, inside a lab of one release that
// nobody else uses. tests/soak/run starts it; what it prints is its report.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "engine/apply/journal.h"
#include "engine/apply/run_step.h"
#include "engine/cfg/parse.h"
#include "engine/cfg/write.h"
#include "engine/io/file.h"
#include "tests/support/as_dumped.h"
#include "tests/support/lab.h"
#include "tests/support/random_tree.h"

namespace assocsync {
namespace {

namespace fs = std::filesystem;

// The server would have to be rebuilt for other QOS, and its tables grow.
constexpr int kRoundsOnOneDatabase = 40;
// Of an apply, with whatever waits it has for servers that are gone.
constexpr absl::Duration kHang = absl::Minutes(10);

std::string Slurp(const fs::path& path) {
  return ReadFile(path.string(), uint64_t{1} << 28).value_or("");
}

// assocsync as a child whose output goes to a file, so that it can be killed
// while it runs.
class Running {
 public:
  Running(const std::vector<std::string>& words, const fs::path& output)
      : began_(absl::Now()) {
    pid_ = fork();
    if (pid_ != 0) return;
    const int out = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(out, 1);
    dup2(out, 2);
    std::vector<char*> argv;
    for (const std::string& word : words) {
      argv.push_back(const_cast<char*>(word.c_str()));
    }
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(127);
  }
  pid_t pid() const { return pid_; }
  absl::Duration ran() const { return absl::Now() - began_; }
  bool Ended() {
    return ended_ || (ended_ = waitpid(pid_, &status_, WNOHANG) == pid_);
  }
  // The exit status; 128 + signal; -1: it hung, and was killed.
  int Wait() {
    while (!Ended()) {
      if (ran() > kHang) {
        kill(pid_, SIGKILL);
        waitpid(pid_, &status_, 0);
        ended_ = true;
        return -1;
      }
      absl::SleepFor(absl::Milliseconds(5));
    }
    return WIFSIGNALED(status_) ? 128 + WTERMSIG(status_)
                                : WEXITSTATUS(status_);
  }

 private:
  const absl::Time began_;
  pid_t pid_;
  int status_ = 0;
  bool ended_ = false;
};

// The child of `parent` that is a sacctmgr; 0: none.
pid_t SacctmgrOf(pid_t parent) {
  const std::string children =
      Slurp(absl::StrCat("/proc/", parent, "/task/", parent, "/children"));
  for (const absl::string_view word :
       absl::StrSplit(children, ' ', absl::SkipEmpty())) {
    std::ifstream in(absl::StrCat("/proc/", word, "/cmdline"));
    std::string line;
    std::getline(in, line);
    pid_t pid = 0;
    if (absl::StrContains(line, "sacctmgr") && absl::SimpleAtoi(word, &pid)) {
      return pid;
    }
  }
  return 0;
}

class Soak {
 public:
  Soak(LabRelease release, uint64_t seed, fs::path folder)
      : release_(std::move(release)), folder_(std::move(folder)), seed_(seed) {
    options_.cluster = "lab";
    options_.release = release_.series();
    options_.qos_definitions = release_.series() >= 2505;
  }

  int Run(absl::Duration limit) {
    const absl::Time end = absl::Now() + limit;
    while (absl::Now() < end) Round();
    Report();
    return failures_.empty() ? 0 : 1;
  }

 private:
  double Fraction() { return std::uniform_real_distribution<>(0, 1)(random_); }

  std::vector<std::string> Words(const std::string& command) const {
    std::vector<std::string> words = {binary_,
                                      command,
                                      (round_ / "target.cfg").string(),
                                      "--sacctmgr",
                                      release_.Path("bin/sacctmgr"),
                                      "--slurmdbd-conf",
                                      release_.Path("slurmdbd.conf"),
                                      "--live",
                                      from_database_ ? "mysql" : "sacctmgr",
                                      "--allow",
                                      "AS101,AS102,AS104,AS105"};
    if (command == "apply") {
      words.insert(words.end(), {"--yes", "--verbose", "--backup-dir",
                                 (round_ / "backups").string(), "--bulk-load",
                                 loads_all_ ? "always" : "auto"});
    } else {
      words.push_back("--detailed-exitcode");
    }
    return words;
  }

  void Fresh() {
    release_.Reset();
    for (const std::string& qos : options_.qos) {
      if (qos == "normal" || options_.qos_definitions) continue;
      release_.Sacctmgr({"add", "qos", absl::StrCat("name=", qos)});
    }
    live_ = *ParseTree("lab", release_.Dump("lab"), {.origin = Origin::kDump});
    on_database_ = 0;
  }

  void Round() {
    random_.seed(++seed_);
    ++rounds_;
    round_ = folder_ / absl::StrCat("round-", seed_);
    fs::create_directories(round_);
    fs::permissions(round_, fs::perms::owner_all);
    if (on_database_++ % kRoundsOnOneDatabase == 0) Fresh();
    from_database_ = Fraction() < 0.5;
    loads_all_ = Fraction() < 0.5;
    // What a dump of the release tells: the rest could not be looked at.
    const Tree target =
        *AsDumped(Fraction() < 0.3 ? RandomTree(random_, options_)
                                   : MutateTree(random_, live_, 25, options_),
                  release_.series(), {});
    std::ofstream(round_ / "target.cfg") << Write(target);
    std::ofstream(round_ / "before.cfg") << release_.Dump("lab");
    why_.clear();
    if (Running(Words("plan"), round_ / "plan.out").Wait() == 3) {
      Refused();  // As the plans for some random trees are.
    } else if (Trouble(), why_.empty() && Converge(target)) {
      live_ = target;
    }
    if (!why_.empty()) {
      failures_.push_back(absl::StrCat("seed ", seed_, ": ", why_));
      std::printf("FAILED %s; kept in %s\n", failures_.back().c_str(),
                  round_.c_str());
      on_database_ = 0;
    } else {
      fs::remove_all(round_);
    }
    if (rounds_ % 10 == 0) Report();
    std::fflush(stdout);
  }

  // Which findings refuse a plan, and of each the first message.
  void Refused() {
    ++refused_;
    const std::string plan = Slurp(round_ / "plan.out");
    for (absl::string_view line : absl::StrSplit(plan, '\n')) {
      line = absl::StripAsciiWhitespace(line);
      if (!absl::ConsumePrefix(&line, "refused ")) continue;
      const std::string code(line.substr(0, line.find(' ')));
      if (refusals_[code]++ == 0) {
        std::printf("seed %d refused: %s\n", static_cast<int>(seed_),
                    std::string(line).c_str());
      }
    }
  }

  // An apply, and what happens to it.
  void Trouble() {
    Running apply(Words("apply"), round_ / "killed.out");
    bool servers = false;
    for (int kills = 1 + Fraction() * 2.5; kills > 0 && !apply.Ended();
         --kills) {
      absl::SleepFor(Fraction() * Fraction() * usual_);
      servers |= Kill(apply);
    }
    const int status = apply.Wait();
    ++ends_[status];
    if (status == 0 || status == 4) {
      usual_ = std::min(absl::Seconds(20), (usual_ * 3 + apply.ran()) / 4);
    }
    if (servers) Up();
    if (status == -1) why_ = "apply hung";
    CheckJournals();
  }

  // True: a server is down now.
  bool Kill(Running& apply) {
    static const char* const kWhat[] = {"assocsync", "assocsync by SIGINT",
                                        "sacctmgr", "slurmdbd", "MariaDB"};
    const int what = Fraction() * std::size(kWhat);
    if (what <= 1) {
      if (apply.Ended()) return false;
      kill(apply.pid(), what == 0 ? SIGKILL : SIGINT);
    } else if (what == 2) {
      pid_t pid = 0;
      while (pid == 0 && !apply.Ended() && apply.ran() < absl::Seconds(20)) {
        pid = SacctmgrOf(apply.pid());
      }
      if (pid == 0) return false;
      absl::SleepFor(absl::Milliseconds(Fraction() * 30));
      if (kill(pid, SIGKILL) != 0) return false;
    } else {
      if (apply.Ended()) return false;
      pid_t pid = 0;
      const std::string file =
          what == 3 ? release_.Path("slurmdbd.pid") : MariadbPid();
      if (!absl::SimpleAtoi(absl::StripAsciiWhitespace(Slurp(file)), &pid)) {
        return false;
      }
      kill(pid, SIGKILL);
    }
    ++kills_[kWhat[what]];
    // Mostly the servers come back while the apply still runs.
    if (what >= 3 && Fraction() < 0.6) {
      absl::SleepFor(absl::Seconds(Fraction()));
      Up();
      return false;
    }
    return what >= 3;
  }

  // slurmdbd ends where it finds no server, and MariaDB has to recover first.
  void Up() const {
    RunResult result;
    for (int i = 0; i < 5; ++i) {
      result = RunProgram(
          {ASSOCSYNC_SOURCE_DIR "/tests/lab", "up", release_.name()});
      if (result.clean()) return;
      absl::SleepFor(absl::Seconds(2));
    }
    std::fprintf(stderr, "soak: the lab does not come back: %s\n",
                 result.err.c_str());
    std::exit(1);
  }

  // State/RELEASE/slurmdbd.pid -> State/mariadb/mariadbd.pid
  std::string MariadbPid() const {
    return fs::path(release_.Path("")).parent_path().parent_path() /
           "mariadb/mariadbd.pid";
  }

  void CheckJournals() {
    std::error_code none;
    for (const auto& run : fs::directory_iterator(round_ / "backups", none)) {
      const fs::path file = run.path() / std::string(kJournalName);
      if (!fs::exists(file)) continue;
      const auto journal = ParseJournal(Slurp(file));
      if (!journal.ok() && fs::file_size(file) > 0) {
        why_ = absl::StrCat(file.string(), ": ", journal.status().message());
      }
      ++journals_;
    }
  }

  bool Converge(const Tree& target) {
    int status = 1;
    bool restarted = false;
    // What a killed run left (a sacctmgr, a dump, a lock of the server) may
    // still be there for a while; that is status 1, nothing changed.
    for (int i = 0; i < 30 && status == 1; ++i) {
      if (i > 0) absl::SleepFor(absl::Seconds(1));
      status = Running(Words("apply"), round_ / "again.out").Wait();
      // A transaction may be lost with the server while slurmdbd goes on as if
      // it were not: apply must say so, and one restart must be enough.
      if (status != 0 && !restarted &&
          absl::StrContains(Slurp(round_ / "again.out"), kStaleMemory)) {
        restarted = true;
        ++restarts_;
        release_.Lab("stop");
        release_.Lab("start");
        status = 1;
      }
      waits_ += i > 0 ? 1 : 0;
    }
    if (status != 0) {
      why_ = absl::StrCat("the next apply ended with status ", status);
      return false;
    }
    CheckJournals();
    const std::string dump = release_.Dump("lab");
    std::ofstream(round_ / "after.cfg") << dump;
    const auto after = ParseTree("lab", dump, {.origin = Origin::kDump});
    if (!after.ok() || *after != target) {
      why_ = "the dump is not the target";
    } else if (Running(Words("plan"), round_ / "plan.out").Wait() != 0) {
      why_ = "the next plan is not empty";
    }
    ++converged_;
    return why_.empty();
  }

  void Report() const {
    std::vector<std::string> kills, ends, refusals;
    for (const auto& [what, n] : kills_) {
      kills.push_back(absl::StrCat(n, " of ", what));
    }
    for (const auto& [status, n] : ends_) {
      ends.push_back(absl::StrCat(n, " with ", status));
    }
    for (const auto& [code, n] : refusals_) {
      refusals.push_back(absl::StrCat(n, " by ", code));
    }
    std::printf(
        "%s: %d rounds to seed %d: %d converged, %d refused (%s), %zu failed; "
        "kills: %s; ends of the first apply: %s; %d journals read, %d waits, "
        "%d restarts of slurmdbd as advised\n",
        release_.version().c_str(), rounds_, static_cast<int>(seed_),
        converged_, refused_, absl::StrJoin(refusals, ", ").c_str(),
        failures_.size(), absl::StrJoin(kills, ", ").c_str(),
        absl::StrJoin(ends, ", ").c_str(), journals_, waits_, restarts_);
    std::fflush(stdout);
  }

  const LabRelease release_;
  // A copy: the built one may be built again meanwhile.
  const std::string binary_ = std::getenv("ASSOCSYNC_BINARY") == nullptr
                                  ? ASSOCSYNC_BINARY
                                  : std::getenv("ASSOCSYNC_BINARY");
  const fs::path folder_;
  uint64_t seed_;
  std::mt19937_64 random_;
  RandomTreeOptions options_;

  fs::path round_;
  bool from_database_ = false;
  bool loads_all_ = false;  // Also where commands would take less time.
  int on_database_ = 0;
  Tree live_;
  absl::Duration usual_ = absl::Seconds(2);
  std::string why_;  // This round failed.

  int rounds_ = 0, refused_ = 0, converged_ = 0, journals_ = 0, waits_ = 0;
  int restarts_ = 0;
  std::map<std::string, int> kills_, refusals_;
  std::map<int, int> ends_;
  std::vector<std::string> failures_;
};

}  // namespace
}  // namespace assocsync

int main(int argc, char** argv) {
  using namespace assocsync;  // NOLINT
  int minutes = 0;
  uint64_t seed = 0;
  if (argc != 4 || !absl::SimpleAtoi(argv[1], &minutes) ||
      !absl::SimpleAtoi(argv[2], &seed)) {
    std::fprintf(stderr, "usage: soak MINUTES SEED FOLDER\n");
    return 64;
  }
  const std::vector<LabRelease> releases = LabRelease::All();
  if (releases.size() != 1) {
    std::fprintf(stderr, "soak: not inside a lab of one release\n");
    return 1;
  }
  return Soak(releases[0], seed, argv[3]).Run(absl::Minutes(minutes));
}
