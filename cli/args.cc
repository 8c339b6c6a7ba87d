// The only file that sees CLI11: words of the command line, then variables,
// then the config file, each through the one table of options.
#include "cli/args.h"

#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "cli/command_args.h"
#include "cli/config.h"
#include "cli/options.h"
#include "engine/base/input_limits.h"
#include "engine/base/status.h"
#include "engine/io/program.h"
#include "engine/io/trusted_path.h"
#include "engine/render/escape.h"

namespace assocsync {
namespace {

std::string VersionText() { return "assocsync " ASSOCSYNC_VERSION "\n"; }

// CLI11's words for the usual mistakes are its own; a near miss is named.
std::string Explained(const CLI::ParseError& error,
                      const std::vector<std::string>& argv,
                      const CommandInfo* command) {
  std::string message = Escaped(error.what());
  for (size_t i = 1; i < argv.size(); ++i) {
    absl::string_view word = argv[i];
    if (!absl::ConsumePrefix(&word, "--")) continue;
    word = word.substr(0, word.find('='));
    if (word == "dry-run") {
      absl::StrAppend(&message,
                      "; `assocsync plan` shows what apply would do, and "
                      "changes nothing");
      continue;
    }
    const absl::string_view nearest =
        NearestOption(word, command == nullptr ? kForAll : command->mask);
    if (!nearest.empty() && nearest != word) {
      absl::StrAppend(&message, "; did you mean --", nearest, "?");
    }
  }
  return message;
}

const CommandInfo* FindCommand(absl::string_view name) {
  for (const CommandInfo& command : AllCommands()) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

Finished NoCommand(absl::string_view word) {
  const absl::string_view nearest = NearestCommand(word);
  std::string names;
  for (const CommandInfo& command : AllCommands()) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", command.name);
  }
  return Usage(absl::StrCat("there is no command '", Escaped(word), "'; ",
                            nearest.empty()
                                ? absl::StrCat("there are: ", names)
                                : absl::StrCat("did you mean ", nearest, "?")),
               nullptr);
}

// The first word: a command, or one that other tools have for --help and
// --version.
std::optional<Finished> FirstWord(const std::vector<std::string>& argv) {
  if (argv.size() < 2 || argv[1].empty() || argv[1][0] == '-' ||
      FindCommand(argv[1]) != nullptr) {
    return std::nullopt;
  }
  if (argv[1] == "version") return Finished{ExitCode::kOk, VersionText()};
  if (argv[1] != "help") return NoCommand(argv[1]);
  if (argv.size() == 2) return Finished{ExitCode::kOk, HelpText(nullptr)};
  const CommandInfo* const command = FindCommand(argv[2]);
  if (command == nullptr) return NoCommand(argv[2]);
  return Finished{ExitCode::kOk, HelpText(command)};
}

// Fills `words`; a Finished when that is all there is to do.
std::optional<Finished> ParseWords(const std::vector<std::string>& argv,
                                   Words* words) {
  if (std::optional<Finished> finished = FirstWord(argv)) return finished;
  CLI::App app("", "assocsync");
  app.set_version_flag("-V,--version");
  app.set_help_flag("-h,--help");
  app.require_subcommand(0, 1);
  struct Bound {
    std::map<absl::string_view, std::string> texts;
    std::map<absl::string_view, bool> flags;
    std::map<absl::string_view, CLI::Option*> options;
    std::string target, second;
    std::vector<std::string> many;
    CLI::Option* target_option = nullptr;
    CLI::Option* second_option = nullptr;
    CLI::App* app = nullptr;
  };
  std::map<const CommandInfo*, Bound> bound;
  for (const CommandInfo& command : AllCommands()) {
    Bound& b = bound[&command];
    b.app = app.add_subcommand(std::string(command.name));
    b.app->set_help_flag("-h,--help");
    if (!command.target.empty()) {
      b.target_option = b.app->add_option("target", b.target);
    }
    if (command.many) b.app->add_option("files", b.many);
    if (!command.second.empty()) {
      b.second_option = b.app->add_option("second", b.second);
    }
    for (const Option& option : AllOptions()) {
      if ((option.commands & command.mask) == 0) continue;
      std::string name = absl::StrCat("--", option.name);
      if (option.letter != 0) {
        name = absl::StrCat("-", std::string(1, option.letter), ",", name);
      }
      CLI::Option* o = option.value.empty()
                           ? b.app->add_flag(name, b.flags[option.name])
                           : b.app->add_option(name, b.texts[option.name]);
      if (option.repeats) {
        o->multi_option_policy(CLI::MultiOptionPolicy::Join);
      }
      b.options[option.name] = o;
    }
  }
  // CLI11 takes its words from the back.
  std::vector<std::string> reversed(argv.rbegin(), argv.rend());
  if (!reversed.empty()) reversed.pop_back();
  const auto chosen = [&]() -> const CommandInfo* {
    for (const auto& [command, b] : bound) {
      if (b.app->parsed()) return command;
    }
    return nullptr;
  };
  try {
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    return Finished{ExitCode::kOk, HelpText(chosen())};
  } catch (const CLI::CallForVersion&) {
    return Finished{ExitCode::kOk, VersionText()};
  } catch (const CLI::ParseError& error) {
    return Usage(Explained(error, argv, chosen()), chosen());
  }
  words->command = chosen();
  if (words->command == nullptr) {
    return Finished{ExitCode::kUsage, HelpText(nullptr)};
  }
  Bound& b = bound[words->command];
  words->has_target =
      b.target_option != nullptr && b.target_option->count() > 0;
  words->target = b.target;
  words->many = b.many;
  words->has_second =
      b.second_option != nullptr && b.second_option->count() > 0;
  words->second = b.second;
  for (const auto& [name, option] : b.options) {
    if (option->count() == 0) continue;
    const auto flag = b.flags.find(name);
    words->given[name] = flag == b.flags.end() ? b.texts[name]
                         : flag->second        ? "true"
                                               : "false";
  }
  return std::nullopt;
}

absl::Status SetFromWords(const Words& words, OptionValues* values) {
  for (const Option& option : AllOptions()) {
    const auto it = words.given.find(option.name);
    if (it == words.given.end()) continue;
    RETURN_IF_ERROR(Annotate(option.set(it->second, values),
                             absl::StrCat("--", option.name)));
  }
  return absl::OkStatus();
}

absl::Status SetFromVariables(const std::vector<std::string>& environment,
                              OptionValues* values) {
  for (const Option& option : AllOptions()) {
    if (!option.anywhere && option.name != "config") continue;
    const std::string variable = VariableOf(option);
    absl::string_view text = EnvironmentValue(environment, variable);
    if (text.empty()) continue;
    if (option.value.empty()) {
      if (text == "1" || text == "yes") text = "true";
      if (text == "0" || text == "no") text = "false";
    }
    RETURN_IF_ERROR(Annotate(option.set(text, values), variable));
  }
  return absl::OkStatus();
}

// Variables that look like an option and set none, each in a sentence. Others
// of that prefix may be somebody's own.
std::vector<std::string> Unheeded(const std::vector<std::string>& environment) {
  std::vector<std::string> told;
  for (const std::string& word : environment) {
    const absl::string_view variable =
        absl::string_view(word).substr(0, word.find('='));
    absl::string_view rest = variable;
    if (!absl::ConsumePrefix(&rest, "ASSOCSYNC_")) continue;
    const std::string name =
        absl::StrReplaceAll(absl::AsciiStrToLower(rest), {{"_", "-"}});
    const absl::string_view nearest = NearestOption(name);
    for (const Option& option : AllOptions()) {
      if (option.name != nearest) continue;
      const bool takes = option.anywhere || option.name == "config";
      if (takes && VariableOf(option) != variable) {
        told.push_back(absl::StrCat(variable, " is no option; did you mean ",
                                    VariableOf(option), "?"));
      } else if (!takes && nearest == name) {
        told.push_back(absl::StrCat(variable, " is not heeded: --", name,
                                    " can be given on the command line only"));
      }
    }
  }
  return told;
}

absl::Status SetFromFile(const std::string& path, const PathTrust& trust,
                         OptionValues* values) {
  const absl::StatusOr<std::string> text = trust.Read(path, kMaxConfigFile);
  if (IsUntrusted(text.status())) return Annotate(text.status(), "--config");
  RETURN_IF_ERROR(text);
  ASSIGN_OR_RETURN(const std::vector<ConfigEntry> entries,
                   ParseConfig(path, *text));
  for (const ConfigEntry& entry : entries) {
    const std::string at =
        absl::StrCat(path, ":", entry.line, ":", entry.column, ": ", entry.key);
    const Option* found = nullptr;
    for (const Option& option : AllOptions()) {
      if (option.name == entry.key) found = &option;
    }
    if (found == nullptr) {
      const absl::string_view nearest = NearestOption(entry.key);
      return absl::InvalidArgumentError(absl::StrCat(
          at, " is no option",
          nearest.empty() ? ""
                          : absl::StrCat("; did you mean ", nearest, "?")));
    }
    if (!found->anywhere) {
      return absl::InvalidArgumentError(
          absl::StrCat(at, " can be given on the command line only"));
    }
    if (entry.is_flag != found->value.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          at, found->value.empty() ? " must be true or false"
                                   : " must be a text or a number"));
    }
    RETURN_IF_ERROR(Annotate(found->set(entry.value, values), at));
  }
  return absl::OkStatus();
}

// What wins is set last. The path of the config file must be known first.
absl::Status SetAll(const Words& words,
                    const std::vector<std::string>& environment,
                    const std::string& default_config, OptionValues* values) {
  OptionValues first;
  RETURN_IF_ERROR(SetFromVariables(environment, &first));
  RETURN_IF_ERROR(SetFromWords(words, &first));
  const PathTrust trust(first.output.trusted);
  struct stat info;
  if (!first.config.empty()) {
    RETURN_IF_ERROR(SetFromFile(first.config, trust, values));
  } else if (::stat(default_config.c_str(), &info) == 0) {
    RETURN_IF_ERROR(SetFromFile(default_config, trust, values));
  }
  RETURN_IF_ERROR(SetFromVariables(environment, values));
  return SetFromWords(words, values);
}

}  // namespace

Args ParseArgs(const std::vector<std::string>& argv,
               const std::vector<std::string>& environment,
               const std::string& default_config) {
  Words words;
  if (std::optional<Finished> finished = ParseWords(argv, &words)) {
    return *std::move(finished);
  }
  OptionValues values;
  const auto status = SetAll(words, environment, default_config, &values);
  if (IsUntrusted(status)) {
    return Finished{
        ExitCode::kRefused,
        absl::StrCat("assocsync: refused: ", Escaped(status.message()), "\n")};
  }
  if (!status.ok()) return Usage(Escaped(status.message()), words.command);
  values.output.cautions = Unheeded(environment);
  return ArgsOf(std::move(values), words);
}

}  // namespace assocsync
