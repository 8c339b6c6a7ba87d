#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/args.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/run.h"
#include "engine/base/input_limits.h"
#include "engine/io/process.h"
#include "engine/io/program.h"
#include "engine/io/trusted_path.h"

extern char** environ;

namespace assocsync {
namespace {

std::atomic<bool> stop{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set by a handler");

std::atomic<bool> stop_now{false};
// In nanoseconds since the boot. One wish to stop may arrive as two signals: a
// terminal that closes sends several.
std::atomic<int64_t> stopped_at{0};
constexpr int64_t kOneWish = 200'000'000;

void Stop(int) {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const int64_t at = now.tv_sec * int64_t{1'000'000'000} + now.tv_nsec;
  if (!stop.exchange(true)) {
    stopped_at.store(at);
  } else if (at - stopped_at.load() >= kOneWish) {
    stop_now.store(true);
  }
}

// Ctrl-C and SIGTERM are noted and looked at where stopping is safe, and in
// every wait. None of them ends the process: the journal is written by it. A
// reader that goes away is an error of write, not the end of the process.
void SetSignals() {
  struct sigaction action = {};
  sigemptyset(&action.sa_mask);
  action.sa_handler = Stop;  // No SA_RESTART: a read of the terminal ends.
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGHUP, &action, nullptr);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
}

constexpr char kTunables[] = "GLIBC_TUNABLES";
// A tree of less takes less than 50 ms.
constexpr off_t kLarge = off_t{1} << 20;

bool IsLargeFile(const char* path) {
  struct stat st;
  return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= kLarge;
}

bool NamesLargeFile(const char* word) {
  const char* const value = strchr(word, '=');  // --live=FILE
  return IsLargeFile(word) || (value != nullptr && IsLargeFile(value + 1));
}

// Memory in pages of 2 MB, for trees of hundreds of thousands of rows.
//
// Where an argument names a large file, begins the program again with the C
// library set to ask for such pages (glibc.malloc.hugetlb, glibc 2.35 and
// later), which it can be told by its environment only. A plan of such files
// takes a quarter to a third less processor time (tests/bench/shapes), because
// most of its memory is looked at in no order. Where the kernel never gives
// such pages, nothing changes. GLIBC_TUNABLES that is set already wins.
//
// To be called first in main: nothing may be open, or begun. Returns where
// there is nothing to do, or it cannot be done.
void UseLargePages(char** argv) {
  if (getenv(kTunables) != nullptr || argv[0] == nullptr) return;
  bool large = false;
  for (char** word = argv + 1; *word != nullptr && !large; ++word) {
    large = NamesLargeFile(*word);
  }
  if (!large) return;
  // By its name: that of /proc/self/exe would be shown as "exe".
  char program[PATH_MAX];
  const ssize_t size = readlink("/proc/self/exe", program, sizeof program);
  if (size <= 0 || size == sizeof program) return;
  program[size] = '\0';
  if (setenv(kTunables, "glibc.malloc.hugetlb=1", 1) != 0) return;
  execv(program, argv);
  unsetenv(kTunables);
}

// A core file would hold the database's password: no core of this process, nor
// of a child, which holds it too. A limit of 0 does not keep a kernel from
// handing the memory to the program of core_pattern; one of 1 does (its
// do_coredump ends there), and is less than any core file. That this process is
// not dumpable also keeps other processes of the same user out of its memory.
void ForbidCores() {
  const rlimit limit = {1, 1};
  setrlimit(RLIMIT_CORE, &limit);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

// Blocks of up to 32 MB, which is the most that the C library takes here, come
// from the heap, where the next text finds those that the last one left: the
// system clears each page that it gives, in up to a tenth of a plan's time, and
// in more where a virtual machine's host has to give it first. What is larger
// goes back to it at once.
void ReuseLargeBlocks() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);  // The end of the heap stays too.
}

// A file opened as descriptor 0, 1 or 2 would be taken for the terminal. What
// stands in for a closed one cannot be read or written: that stays an error.
void FillStandardFiles() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

// Children that Ctrl-C ends: passes everything on to `runner`, with `stop`
// (neither is owned). Once that is true the child is killed and kCancelled
// returned.
class InterruptibleRunner : public CommandRunner {
 public:
  // `idle`: called while a child says nothing; may be null.
  InterruptibleRunner(CommandRunner* runner, const std::atomic<bool>* stop,
                      std::function<void()> idle = nullptr)
      : runner_(runner), stop_(stop), idle_(std::move(idle)) {}

  absl::StatusOr<RunResult> Run(const std::vector<std::string>& argv,
                                absl::Duration limit) override {
    std::string out;
    StreamOptions options;
    options.limit = limit;
    const auto sink = [&](absl::string_view chunk) -> absl::Status {
      if (out.size() + chunk.size() > kMaxProgramOutput) {
        return absl::ResourceExhaustedError(argv[0] + " wrote too much");
      }
      out.append(chunk.data(), chunk.size());
      return absl::OkStatus();
    };
    absl::StatusOr<RunResult> result = Stream(argv, options, sink);
    if (result.ok()) result->out = std::move(out);
    return result;
  }

  absl::StatusOr<RunResult> Stream(const std::vector<std::string>& argv,
                                   const StreamOptions& options,
                                   Sink sink) override {
    return runner_->Stream(argv, WithStop(options), sink);
  }

  absl::StatusOr<std::unique_ptr<Conversation>> Open(
      const std::vector<std::string>& argv,
      const TalkOptions& options) override {
    return runner_->Open(argv, WithStop(options));
  }

 private:
  template <typename Options>
  Options WithStop(Options options) const {
    if (options.stop == nullptr) options.stop = stop_;
    if (!options.idle) options.idle = idle_;
    return options;
  }

  CommandRunner* runner_;
  const std::atomic<bool>* stop_;
  std::function<void()> idle_;
};

ExitCode Run(const Options& args, const PathTrust& trust, Env& env) {
  if (!args.explain.empty()) return RunExplain(args, env);
  const absl::Status told = CheckTrust(args, trust, env);
  if (!told.ok()) return Fail(told, env);
  // Status tells it.
  const absl::Status mounted =
      UsesBackupDir(args) && args.command->mask != kForStatus
          ? CheckMount(args, env)
          : absl::OkStatus();
  if (mounted.ok()) return args.command->run(args, env);
  env.console->Error(
      absl::StrCat("refused: ", mounted.message(), "; nothing was changed"));
  return ExitCode::kRefused;
}

// --on-failure: tells somebody. The status stays what it is.
void TellFailure(const Options& args, ExitCode exit, const PathTrust& trust,
                 Env& env) {
  constexpr absl::Duration kPatience = absl::Minutes(2);
  std::vector<std::string> environment = CleanEnvironment(env.environment);
  environment.push_back(absl::StrCat("ASSOCSYNC_FAILED=", args.command->name));
  environment.push_back(
      absl::StrCat("ASSOCSYNC_STATUS=", static_cast<int>(exit)));
  ProcessRunner runner(std::move(environment), {}, &trust);
  StreamOptions options;
  options.limit = kPatience;
  options.input = env.console->told();
  const absl::StatusOr<RunResult> result =
      runner.Stream(args.on_failure, options,
                    [](absl::string_view) { return absl::OkStatus(); });
  if (!result.ok()) {
    env.console->Error(
        absl::StrCat("--on-failure: ", result.status().message()));
  } else if (!result->clean()) {
    env.console->Error(absl::StrCat("--on-failure: ", args.on_failure[0], ": ",
                                    result->HowItEnded(), " ", result->err));
  }
}

ExitCode Main(const std::vector<std::string>& argv) {
  std::vector<std::string> environment;
  for (char** word = environ; *word != nullptr; ++word) {
    environment.emplace_back(*word);
  }
  Console plain({}, {}, environment);
  const auto parsed = ParseArgs(argv, environment, plain.width());
  if (const auto* finished = std::get_if<Finished>(&parsed)) {
    if (finished->exit == ExitCode::kOk) {
      plain.Print(finished->text);
      if (plain.status().ok()) return ExitCode::kOk;
      plain.Error(plain.status().message());
      return ExitCode::kError;
    }
    plain.PrintError(finished->text);
    return finished->exit;
  }
  const auto& args = std::get<Options>(parsed);
  Console console({}, args, environment);
  for (const std::string& caution : args.cautions) console.Warn(caution);
  const PathTrust trust(args.trusted);
  ProcessRunner processes(CleanEnvironment(environment), {}, &trust);
  InterruptibleRunner reader(&processes, &stop);
  bool said = false;
  InterruptibleRunner runner(&processes, &stop_now, [&] {
    if (!stop || std::exchange(said, true)) return;
    console.Say(
        "stopping when the command at hand has ended; once more ends it at "
        "once");
  });
  Env env{&console, &runner, &reader, environment, &stop, &stop_now};
  console.SetPager([&] { return StartPager(args, trust, env); });
  ExitCode exit = Run(args, trust, env);
  console.ProgressDone();
  console.EndPager();
  if (!console.status().ok()) {
    console.Error(console.status().message());
    // What apply has done is worse news than a full disk behind its report.
    if (exit != ExitCode::kPartial) exit = ExitCode::kError;
  }
  if (exit != ExitCode::kOk && !args.on_failure.empty() &&
      (args.command->mask & FindOption("on-failure")->commands) != 0) {
    TellFailure(args, exit, trust, env);
  }
  return exit;
}

}  // namespace
}  // namespace assocsync

int main(int argc, char** argv) {
  assocsync::UseLargePages(argv);
  assocsync::ForbidCores();
  assocsync::ReuseLargeBlocks();
  assocsync::FillStandardFiles();
  assocsync::SetSignals();
  return static_cast<int>(
      assocsync::Main(std::vector<std::string>(argv, argv + argc)));
}
