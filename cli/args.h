// The command line, ASSOCSYNC_* variables and the config file as values, in
// that order.
#ifndef ASSOCSYNC_CLI_ARGS_H_
#define ASSOCSYNC_CLI_ARGS_H_

#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
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

// The config file: TOML with flat keys, the names of the long options
// (config.cc).
struct ConfigEntry {
  std::string key;
  std::string value;  // As on the command line; flags: "true" or "false".
  bool is_flag = false;
  int line = 0, column = 0;
};

// All entries in the order of the file. kInvalidArgument "path:line:column:
// message" for what is no TOML, or no text, whole number or truth value.
absl::StatusOr<std::vector<ConfigEntry>> ParseConfig(absl::string_view path,
                                                     absl::string_view text);

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_ARGS_H_
