// What a child process is started with: which file, which environment.
#ifndef ASSOCSYNC_ENGINE_IO_PROGRAM_H_
#define ASSOCSYNC_ENGINE_IO_PROGRAM_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace assocsync {

// The value of `name` among "NAME=value" words; empty when absent.
absl::string_view EnvironmentValue(const std::vector<std::string>& environment,
                                   absl::string_view name);

// The environment a child gets, made from the caller's own: a list of what is
// kept, so that no variable changes what a command prints or does.
//   PATH             where programs are; of the system where there is none
//   LD_LIBRARY_PATH  how module systems make a Slurm in /opt work
//   SLURM_CONF       which Slurm is meant, as for every command of it
//   SLURM_JWT        who calls, where Slurm goes by tokens
//   HOME USER LOGNAME TMPDIR TZ
// LC_ALL=C is always there: messages are read by this program. Who sets these
// for root decides what root runs; sudo leaves LD_LIBRARY_PATH and SLURM_* out
// unless told otherwise. Here folders without a leading '/' are dropped from
// the two lists: they would mean the current folder, whoever owns that.
std::vector<std::string> CleanEnvironment(const std::vector<std::string>& from);

// The file that running `name` would start. A name with '/' stands for itself;
// otherwise the absolute folders of `path` (separated by ':') are searched;
// relative and empty ones are skipped, whatever the current folder holds.
// Errors: kNotFound, naming the program and where it was sought;
// kPermissionDenied when the only match is not executable; kInvalidArgument
// for an empty name or one with a NUL byte.
absl::StatusOr<std::string> FindProgram(absl::string_view name,
                                        absl::string_view path);

// The words of a command that people give as one text, for a pager, an editor
// or
// --on-failure: plain words between blanks. kInvalidArgument: it is empty, or
// needs a shell (quotes, variables, pipes ...), and none is ever run.
absl::StatusOr<std::vector<std::string>> PlainWords(absl::string_view line);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_PROGRAM_H_
