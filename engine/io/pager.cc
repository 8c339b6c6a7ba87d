#include "engine/io/pager.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/io/child.h"
#include "engine/io/program.h"

namespace assocsync {
namespace {

// Where `name` is not set.
void Default(absl::string_view name, absl::string_view value,
             std::vector<std::string>* environment) {
  const std::string begin = absl::StrCat(name, "=");
  if (absl::c_any_of(*environment, [&](const std::string& word) {
        return absl::StartsWith(word, begin);
      })) {
    return;
  }
  environment->push_back(absl::StrCat(begin, value));
}

std::vector<char*> PointersTo(const std::vector<std::string>& words) {
  std::vector<char*> out;
  for (const std::string& word : words) {
    out.push_back(const_cast<char*>(word.c_str()));
  }
  out.push_back(nullptr);
  return out;
}

// 0 or an errno. Default signals: this process ignores some.
int SpawnReader(const std::string& file, const std::vector<std::string>& argv,
                const std::vector<std::string>& environment, int in,
                pid_t* pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t set;
  sigfillset(&set);
  posix_spawnattr_setsigdefault(&attributes, &set);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  const int error =
      posix_spawn(pid, file.c_str(), &actions, &attributes,
                  PointersTo(argv).data(), PointersTo(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return error;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Pager>> Pager::Start(
    const std::vector<std::string>& argv, std::vector<std::string> environment,
    const PathTrust* trust) {
  ASSIGN_OR_RETURN(const std::string file,
                   FileToStart(argv, CleanEnvironment(environment), trust));
  Default("LESS", "FRX", &environment);
  Default("LV", "-c", &environment);
  if (geteuid() == 0) Default("LESSSECURE", "1", &environment);
  int raw[2];
  if (pipe2(raw, O_CLOEXEC) != 0) {
    return absl::UnavailableError(absl::StrCat("pipe: ", strerror(errno)));
  }
  const UniqueFd read(raw[0]);
  UniqueFd write(raw[1]);
  pid_t pid = 0;
  const int error = SpawnReader(file, argv, environment, read.get(), &pid);
  if (error != 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot start '", file, "': ", strerror(error)));
  }
  return std::unique_ptr<Pager>(new Pager(pid, std::move(write)));
}

Pager::~Pager() {
  input_.Reset();
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace assocsync
