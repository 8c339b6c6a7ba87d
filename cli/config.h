// The config file: TOML with flat keys, the names of the long options.
#ifndef ASSOCSYNC_CLI_CONFIG_H_
#define ASSOCSYNC_CLI_CONFIG_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace assocsync {

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

#endif  // ASSOCSYNC_CLI_CONFIG_H_
