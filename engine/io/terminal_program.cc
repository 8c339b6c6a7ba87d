#include "engine/io/terminal_program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "engine/base/status.h"
#include "engine/io/child.h"
#include "engine/io/program.h"
#include "engine/io/stop.h"
#include "engine/io/unique_fd.h"

namespace assocsync {
namespace {

constexpr char kTerminal[] = "/dev/tty";
constexpr absl::Duration kBetweenWaits = absl::Milliseconds(20);

// While it lives, what a terminal's keys send to everybody on it is ignored
// here.
class KeysIgnored {
 public:
  KeysIgnored() {
    struct sigaction ignore = {};
    ignore.sa_handler = SIG_IGN;
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGINT, &ignore, &interrupt_);
    sigaction(SIGQUIT, &ignore, &quit_);
  }
  ~KeysIgnored() {
    sigaction(SIGINT, &interrupt_, nullptr);
    sigaction(SIGQUIT, &quit_, nullptr);
  }
  KeysIgnored(const KeysIgnored&) = delete;
  KeysIgnored& operator=(const KeysIgnored&) = delete;

 private:
  struct sigaction interrupt_ = {}, quit_ = {};
};

// 0 or an errno. In this process's group, so that its terminal is the child's.
int SpawnOnTerminal(const std::string& file,
                    const std::vector<std::string>& argv,
                    const std::vector<std::string>& environment, pid_t* pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, kTerminal, O_RDWR, 0);
  posix_spawn_file_actions_adddup2(&actions, 0, 1);
  posix_spawn_file_actions_adddup2(&actions, 0, 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t set;
  sigemptyset(&set);
  posix_spawnattr_setsigmask(&attributes, &set);
  sigfillset(&set);
  posix_spawnattr_setsigdefault(&attributes, &set);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const int error =
      posix_spawn(pid, file.c_str(), &actions, &attributes,
                  PointersTo(argv).data(), PointersTo(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return error;
}

}  // namespace

bool HasTerminal() {
  return UniqueFd(open(kTerminal, O_RDWR | O_NOCTTY | O_CLOEXEC)).ok();
}

absl::StatusOr<RunResult> RunOnTerminal(
    const std::vector<std::string>& argv,
    const std::vector<std::string>& environment, const PathTrust* trust,
    const std::atomic<bool>* stop) {
  ASSIGN_OR_RETURN(
      const std::string file,
      FindProgram(argv.empty() ? "" : argv[0],
                  EnvironmentValue(CleanEnvironment(environment), "PATH")));
  if (trust != nullptr) {
    RETURN_IF_ERROR(trust->Check(file, PathTrust::End::kFile));
  }
  if (!HasTerminal()) return absl::UnavailableError("there is no terminal");
  const KeysIgnored keys;
  pid_t pid = 0;
  if (const int error = SpawnOnTerminal(file, argv, environment, &pid)) {
    return absl::UnavailableError(
        absl::StrCat("cannot start '", file, "': ", strerror(error)));
  }
  // A signal that comes just before a wait would not end it.
  int status = 0;
  while (true) {
    const pid_t ended = waitpid(pid, &status, WNOHANG);
    if (ended == pid) break;
    if (ended < 0 && errno != EINTR) {
      return absl::UnknownError(absl::StrCat("waitpid: ", strerror(errno)));
    }
    if (!CheckStop(stop).ok()) kill(pid, SIGTERM);
    absl::SleepFor(kBetweenWaits);
  }
  RunResult result;
  if (WIFSIGNALED(status)) {
    result.signal = WTERMSIG(status);
  } else {
    result.exit_code = WEXITSTATUS(status);
  }
  return result;
}

}  // namespace assocsync
