// A program that talks to a person: an editor.
#ifndef ASSOCSYNC_ENGINE_IO_TERMINAL_PROGRAM_H_
#define ASSOCSYNC_ENGINE_IO_TERMINAL_PROGRAM_H_

#include <atomic>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/io/process.h"
#include "engine/io/trusted_path.h"

namespace assocsync {

// Whether this process has a terminal that a program could take over.
bool HasTerminal();

// Runs argv to its end on this process's terminal, whatever the standard files
// are. As ProcessRunner no shell is between, and argv[0] is sought in the PATH
// of `environment`, all of which the program gets. Ctrl-C is the program's own
// meanwhile; when `stop` (not owned) becomes true otherwise, it gets SIGTERM.
// RunResult::out and err are empty. Errors: kUnavailable (no terminal, or never
// started), IsUntrusted, as `trust` (may be null) judges the program.
absl::StatusOr<RunResult> RunOnTerminal(
    const std::vector<std::string>& argv,
    const std::vector<std::string>& environment, const PathTrust* trust,
    const std::atomic<bool>* stop);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_TERMINAL_PROGRAM_H_
