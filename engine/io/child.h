// One started child process: internal to engine/io; process.h is the way in.
#ifndef ASSOCSYNC_ENGINE_IO_CHILD_H_
#define ASSOCSYNC_ENGINE_IO_CHILD_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/io/process.h"
#include "engine/io/unique_fd.h"

namespace assocsync {

// What a child has for its standard files. `in` -1: /dev/null; `out`, `err` -1:
// those of this process.
struct ChildFiles {
  int in = -1, out = -1, err = -1;
};
// Starts the file `file`, with all signals as by default and none blocked: this
// process ignores some. `own_session`: else it has this process's terminal and
// process group. kUnavailable when it did not start, and only then.
absl::StatusOr<pid_t> Spawn(const std::string& file,
                            const std::vector<std::string>& argv,
                            const std::vector<std::string>& environment,
                            const ChildFiles& files, bool own_session);
// How it ended, as waitpid tells: exit_code and signal of `result`.
void TakeStatus(int status, RunResult* result);
// The file that running argv[0] starts, with the PATH of `environment`; it is
// believed, if there is a `trust`. kUnavailable: it is not there, may not be
// run or, as IsUntrusted tells, is not believed.
absl::StatusOr<std::string> FileToStart(
    const std::vector<std::string>& argv,
    const std::vector<std::string>& environment, const PathTrust* trust);

// A child that leads its own session and process group. Destroying one that
// was not reaped kills the group and waits for the leader.
class Child {
 public:
  // Starts the file `file`, as Spawn does: the failed exec itself is reported,
  // not guessed from an exit code. Its stdin is `in`, or /dev/null without
  // `with_input`.
  static absl::StatusOr<Child> Start(
      const std::string& file, const std::vector<std::string>& argv,
      const std::vector<std::string>& environment, bool with_input = false);

  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  ~Child();

  // Read ends of what the child writes.
  UniqueFd out, err;
  // What the child reads, a socket. Closing it is the end of its input.
  UniqueFd in;

  // True once the child has ended; it is not reaped yet.
  bool Ended() const;
  // Waits, and reaps. kUnknown when somebody else took its exit status.
  // Fills exit_code and signal of `result`.
  absl::Status Reap(RunResult* result);
  // Ends the whole process group: SIGTERM, up to `grace`, SIGKILL; reaps.
  void Kill(absl::Duration grace);

 private:
  explicit Child(pid_t pid) : pid_(pid) {}

  pid_t pid_;  // 0: reaped
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_CHILD_H_
