// The table of options: parser, config file, variables and help loop over it.
#ifndef ASSOCSYNC_CLI_OPTIONS_H_
#define ASSOCSYNC_CLI_OPTIONS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cli/args.h"

namespace assocsync {

// All that options can set; commands take what is theirs.
struct OptionValues {
  OutputArgs output;
  PlanningArgs planning;
  DatabaseArgs database;
  Format format = Format::kText;
  std::string out;
  bool detailed_exitcode = false;
  std::string explain;
  bool yes = false;
  bool no_sql_dump = false;
  std::string sql_dump;
  size_t keep = 0;
  std::string dump_tool;
  std::string sign_key, key;
  bool load = false;
  std::string slurmdbd;
  bool old_server = false;
  bool running_controller = false;
  bool purge = false;
  std::string config;
  int context = 3;
  bool check = false;
  bool in_place = false;
  std::string policy, author;
  std::optional<Severity> fail_on;
  LogArgs log;
};

inline constexpr unsigned kForPlan = 1;
inline constexpr unsigned kForApply = 2;
inline constexpr unsigned kForBackup = 4;
inline constexpr unsigned kForVerify = 8;
inline constexpr unsigned kForRestore = 16;
inline constexpr unsigned kForLog = 32;
inline constexpr unsigned kForDiff = 64;
inline constexpr unsigned kForFmt = 128;
inline constexpr unsigned kForCheck = 256;
inline constexpr unsigned kForPlanning = kForPlan | kForApply;
inline constexpr unsigned kForDatabase =
    kForPlanning | kForBackup | kForVerify | kForRestore | kForLog;
inline constexpr unsigned kForAll =
    kForDatabase | kForDiff | kForFmt | kForCheck;

struct CommandInfo {
  absl::string_view name;
  unsigned mask;
  absl::string_view usage;
  absl::string_view target;    // "TARGET", in words; empty: it takes none.
  absl::string_view second;    // The same of a second one.
  absl::string_view summary;   // One line.
  absl::string_view about;     // Paragraphs.
  absl::string_view examples;  // Lines.
  bool many = false;           // It takes any number of files, none: stdin.
};
absl::Span<const CommandInfo> AllCommands();

struct Option {
  absl::string_view name;   // "max-delete"
  absl::string_view value;  // "N|P%"; empty: a flag.
  unsigned commands;
  // False: only the command line may say it. What lifts a guard or belongs to
  // one run must not lie in wait in a file or a variable.
  bool anywhere;
  // Sets it from a text; flags get "true" or "false". kInvalidArgument says
  // what is wrong with the value, not whose value it is.
  absl::Status (*set)(absl::string_view text, OptionValues* values);
  absl::string_view help;
  char letter = 0;  // 'v' for -v; 0: none.
  // May be given several times: `set` gets the values joined by newlines.
  bool repeats = false;
};
absl::Span<const Option> AllOptions();

// "ASSOCSYNC_MAX_DELETE"
std::string VariableOf(const Option& option);

// The name of the option of these commands, or of the command, that `word` may
// have been meant to be; empty: none is near.
absl::string_view NearestOption(absl::string_view word,
                                unsigned commands = kForAll);
absl::string_view NearestCommand(absl::string_view word);

// `text` in lines of at most 78 characters, each but the first behind `indent`
// blanks; the first is taken to begin there.
std::string Wrapped(absl::string_view text, size_t indent);

// Texts for --help: of assocsync (`command` nullptr) or of one command.
std::string HelpText(const CommandInfo* command);

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_OPTIONS_H_
