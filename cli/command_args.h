// From the values of options to the arguments of one command: what goes
// together, and what does not.
#ifndef ASSOCSYNC_CLI_COMMAND_ARGS_H_
#define ASSOCSYNC_CLI_COMMAND_ARGS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli/args.h"
#include "cli/options.h"

namespace assocsync {

// What the command line said, as it stands there.
struct Words {
  const CommandInfo* command = nullptr;
  std::string target, second;
  std::vector<std::string> many;
  bool has_target = false, has_second = false;
  std::map<absl::string_view, std::string> given;  // By name of the option.
};

// A usage error, with where to read more. `command` may be nullptr.
Finished Usage(absl::string_view message, const CommandInfo* command);

// A Finished where they contradict each other, or something is missing.
Args ArgsOf(OptionValues values, const Words& words);

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_COMMAND_ARGS_H_
