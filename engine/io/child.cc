#include "engine/io/child.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "engine/base/status.h"

namespace assocsync {
namespace {

absl::Status NotStarted(const std::string& file, absl::string_view why) {
  return absl::UnavailableError(
      absl::StrCat("cannot start '", file, "': ", why));
}

struct Pipe {
  UniqueFd read, write;
};

// Both ends are closed on exec, and above the standard files, so that putting
// them in place in the child cannot overwrite one another. `of_sockets`: a
// write to those can be told not to raise SIGPIPE.
absl::StatusOr<Pipe> MakePipe(bool of_sockets = false) {
  int raw[2];
  if ((of_sockets ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, raw)
                  : pipe2(raw, O_CLOEXEC)) != 0) {
    return absl::UnavailableError(absl::StrCat("pipe: ", strerror(errno)));
  }
  Pipe pipe{UniqueFd(raw[0]), UniqueFd(raw[1])};
  for (UniqueFd* fd : {&pipe.read, &pipe.write}) {
    if (fd->get() > 2) continue;
    fd->Reset(fcntl(fd->get(), F_DUPFD_CLOEXEC, 3));
    if (!fd->ok()) {
      return absl::UnavailableError(absl::StrCat("pipe: ", strerror(errno)));
    }
  }
  return pipe;
}

// The words as exec takes them; they must outlive it.
std::vector<char*> PointersTo(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (const std::string& word : words) {
    pointers.push_back(const_cast<char*>(word.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

absl::StatusOr<pid_t> Spawn(const std::string& file,
                            const std::vector<std::string>& argv,
                            const std::vector<std::string>& environment,
                            const ChildFiles& files, bool own_session) {
  for (const std::string& word : argv) {
    if (word.find('\0') != std::string::npos) {
      return NotStarted(file, "NUL byte in an argument");
    }
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (files.in < 0) {
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  } else {
    posix_spawn_file_actions_adddup2(&actions, files.in, 0);
  }
  if (files.out >= 0) posix_spawn_file_actions_adddup2(&actions, files.out, 1);
  if (files.err >= 0) posix_spawn_file_actions_adddup2(&actions, files.err, 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t set;
  sigemptyset(&set);
  posix_spawnattr_setsigmask(&attributes, &set);
  sigfillset(&set);
  posix_spawnattr_setsigdefault(&attributes, &set);
  posix_spawnattr_setflags(
      &attributes,
      static_cast<short>((own_session ? POSIX_SPAWN_SETSID : 0) |
                         POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  pid_t pid = 0;
  const int error =
      posix_spawn(&pid, file.c_str(), &actions, &attributes,
                  PointersTo(argv).data(), PointersTo(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return NotStarted(file, strerror(error));
  return pid;
}

void TakeStatus(int status, RunResult* result) {
  if (WIFSIGNALED(status)) {
    result->signal = WTERMSIG(status);
  } else {
    result->exit_code = WEXITSTATUS(status);
  }
}

absl::StatusOr<Child> Child::Start(const std::string& file,
                                   const std::vector<std::string>& argv,
                                   const std::vector<std::string>& environment,
                                   bool with_input) {
  ASSIGN_OR_RETURN(Pipe out, MakePipe());
  ASSIGN_OR_RETURN(Pipe err, MakePipe());
  Pipe in;
  if (with_input) {
    ASSIGN_OR_RETURN(in, MakePipe(/*of_sockets=*/true));
  }
  ASSIGN_OR_RETURN(const pid_t pid,
                   Spawn(file, argv, environment,
                         {in.read.get(), out.write.get(), err.write.get()},
                         /*own_session=*/true));
  Child child(pid);
  child.out = std::move(out.read);
  child.err = std::move(err.read);
  child.in = std::move(in.write);
  return child;
}

Child::Child(Child&& other) noexcept
    : out(std::move(other.out)),
      err(std::move(other.err)),
      in(std::move(other.in)),
      pid_(std::exchange(other.pid_, 0)) {}

Child::~Child() {
  if (pid_ != 0) Kill(absl::ZeroDuration());
}

bool Child::Ended() const {
  siginfo_t info;
  info.si_pid = 0;
  const int rc = waitid(P_PID, pid_, &info, WEXITED | WNOHANG | WNOWAIT);
  // ECHILD: somebody else reaped it; Reap will say so.
  return rc != 0 ? errno == ECHILD : info.si_pid == pid_;
}

absl::Status Child::Reap(RunResult* result) {
  int status = 0;
  pid_t got;
  do {
    got = waitpid(pid_, &status, 0);
  } while (got < 0 && errno == EINTR);
  pid_ = 0;
  if (got < 0) {
    return absl::UnknownError(absl::StrCat(
        "the exit status of the child is lost: ", strerror(errno)));
  }
  TakeStatus(status, result);
  return absl::OkStatus();
}

void Child::Kill(absl::Duration grace) {
  // Nobody reads any more: a child blocked in a write ends by itself.
  out.Reset();
  err.Reset();
  if (grace > absl::ZeroDuration()) {
    kill(-pid_, SIGTERM);
    absl::Duration pause = absl::Milliseconds(1);
    for (absl::Duration waited; !Ended() && waited < grace; waited += pause) {
      pause = std::min(2 * pause, absl::Milliseconds(50));
      absl::SleepFor(pause);
    }
  }
  // Also when the leader is gone already: its children may not be. It is not
  // reaped before, so its group's number cannot belong to anybody else.
  kill(-pid_, SIGKILL);
  RunResult ignored;
  Reap(&ignored).IgnoreError();
}

}  // namespace assocsync
