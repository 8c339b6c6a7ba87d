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

// The environment a child gets, made from the caller's own: only what locates
// programs, libraries, the home folder and Slurm's configuration and
// credentials survives (PATH HOME USER LOGNAME TMPDIR TZ LD_LIBRARY_PATH
// SLURM_CONF SLURM_JWT), so that no variable changes what a command prints or
// does. LC_ALL=C is always there: messages are read by this program. A missing
// PATH becomes the usual system one.
std::vector<std::string> CleanEnvironment(const std::vector<std::string>& from);

// The file that running `name` would start. A name with '/' stands for itself;
// otherwise the absolute folders of `path` (separated by ':') are searched;
// relative and empty ones are skipped, whatever the current folder holds.
// Errors: kNotFound, naming the program and where it was sought;
// kPermissionDenied when the only match is not executable; kInvalidArgument
// for an empty name or one with a NUL byte.
absl::StatusOr<std::string> FindProgram(absl::string_view name,
                                        absl::string_view path);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_PROGRAM_H_
