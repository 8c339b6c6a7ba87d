#include "engine/io/terminal_program.h"

#include <fcntl.h>
#include <signal.h>
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

UniqueFd OpenTerminal() {
  return UniqueFd(open(kTerminal, O_RDWR | O_NOCTTY | O_CLOEXEC));
}

}  // namespace

bool HasTerminal() { return OpenTerminal().ok(); }

absl::StatusOr<RunResult> RunOnTerminal(
    const std::vector<std::string>& argv,
    const std::vector<std::string>& environment, const PathTrust* trust,
    const std::atomic<bool>* stop) {
  ASSIGN_OR_RETURN(const std::string file,
                   FileToStart(argv, CleanEnvironment(environment), trust));
  const UniqueFd terminal = OpenTerminal();
  if (!terminal.ok()) return absl::UnavailableError("there is no terminal");
  const KeysIgnored keys;
  ASSIGN_OR_RETURN(const pid_t pid,
                   Spawn(file, argv, environment,
                         {terminal.get(), terminal.get(), terminal.get()},
                         /*own_session=*/false));
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
  TakeStatus(status, &result);
  return result;
}

}  // namespace assocsync
