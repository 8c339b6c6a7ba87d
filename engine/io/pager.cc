#include "engine/io/pager.h"

#include <fcntl.h>
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
  ASSIGN_OR_RETURN(const pid_t pid,
                   Spawn(file, argv, environment, {.in = read.get()},
                         /*own_session=*/false));
  return std::unique_ptr<Pager>(new Pager(pid, std::move(write)));
}

Pager::~Pager() {
  input_.Reset();
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace assocsync
