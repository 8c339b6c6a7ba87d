// The command line, ASSOCSYNC_* variables and the config file as values, in
// that order.
#ifndef ASSOCSYNC_CLI_ARGS_H_
#define ASSOCSYNC_CLI_ARGS_H_

#include <string>
#include <variant>
#include <vector>

#include "cli/exit_codes.h"
#include "cli/options.h"

namespace assocsync {

// Nothing is left to run: help or version text for stdout, or a usage error
// for stderr.
struct Finished {
  ExitCode exit = ExitCode::kOk;
  std::string text;
};

// `argv`: the words of the command line, argv[0] included. `environment`:
// "NAME=value" words. `width`: of the lines of help. Reads the config file
// (--config, ASSOCSYNC_CONFIG, else `default_config` where that file exists).
std::variant<Finished, Options> ParseArgs(
    const std::vector<std::string>& argv,
    const std::vector<std::string>& environment, size_t width,
    const std::string& default_config = "/etc/assocsync.toml");

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_ARGS_H_
