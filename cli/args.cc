// The only file that sees CLI11: words of the command line, then variables,
// then the config file, each through the one table of options.
#include "cli/args.h"

#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
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
    const unsigned commands = command == nullptr ? kForAll : command->mask;
    if (word == "dry-run" && (commands & FindOption(word)->commands) == 0) {
      absl::StrAppend(&message,
                      "; `assocsync plan` shows what apply would do, and "
                      "changes nothing");
      continue;
    }
    const Option* const nearest = NearestOption(word, commands);
    if (nearest != nullptr && nearest->name != word) {
      absl::StrAppend(&message, "; did you mean --", nearest->name, "?");
    }
  }
  return message;
}

// A usage error, with where to read more. `command` may be nullptr.
Finished Usage(absl::string_view message, const CommandInfo* command) {
  return {ExitCode::kUsage,
          absl::StrCat("assocsync: ", message, "\nTry: assocsync ",
                       command == nullptr ? "" : command->name,
                       command == nullptr ? "" : " ", "--help\n")};
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
std::optional<Finished> FirstWord(const std::vector<std::string>& argv,
                                  size_t width) {
  if (argv.size() < 2 || argv[1].empty() || argv[1][0] == '-' ||
      FindCommand(argv[1]) != nullptr) {
    return std::nullopt;
  }
  if (argv[1] == "version") return Finished{ExitCode::kOk, VersionText()};
  if (argv[1] != "help") return NoCommand(argv[1]);
  if (argv.size() == 2)
    return Finished{ExitCode::kOk, HelpText(nullptr, width)};
  const CommandInfo* const command = FindCommand(argv[2]);
  if (command == nullptr) return NoCommand(argv[2]);
  return Finished{ExitCode::kOk, HelpText(command, width)};
}

// The same option, as CLI11 reads it.
CLI::Option* Add(const Option& option, CLI::App* app) {
  std::string name = absl::StrCat("--", option.name);
  if (option.letter != 0) {
    name = absl::StrCat("-", std::string(1, option.letter), ",", name);
  }
  if (option.value.empty()) return app->add_flag(name);
  CLI::Option* const added = app->add_option(name)->type_name("TEXT");
  if (option.repeats) added->multi_option_policy(CLI::MultiOptionPolicy::Join);
  return added;
}

// Sets `command`, `given` and what has no name; a Finished when that is all
// there is to do.
std::optional<Finished> ParseWords(const std::vector<std::string>& argv,
                                   size_t width, Options* options) {
  if (auto finished = FirstWord(argv, width)) return finished;
  CLI::App app("", "assocsync");
  app.set_version_flag("-V,--version");
  app.set_help_flag("-h,--help");
  app.require_subcommand(0, 1);
  for (const CommandInfo& command : AllCommands()) {
    CLI::App* const sub = app.add_subcommand(std::string(command.name));
    sub->set_help_flag("-h,--help");
    if (!command.target.empty()) sub->add_option("target", options->target);
    if (command.many) sub->add_option("files", options->files);
    if (!command.second.empty()) sub->add_option("second", options->second);
    for (const Option& option : AllOptions()) {
      if ((option.commands & command.mask) != 0) Add(option, sub);
    }
  }
  const auto chosen = [&]() -> const CommandInfo* {
    const std::vector<CLI::App*> subs = app.get_subcommands();
    return subs.empty() ? nullptr : FindCommand(subs[0]->get_name());
  };
  // CLI11 takes its words from the back.
  std::vector<std::string> reversed(argv.rbegin(), argv.rend());
  if (!reversed.empty()) reversed.pop_back();
  try {
    app.parse(reversed);
    options->command = chosen();
    if (options->command == nullptr) {
      return Finished{ExitCode::kUsage, HelpText(nullptr, width)};
    }
    for (const CLI::Option* given : app.get_subcommands()[0]->get_options()) {
      if (given->count() == 0) continue;
      const std::string name = given->get_single_name();
      const Option* const option = FindOption(name);
      options->given[name] = option == nullptr || !option->value.empty()
                                 ? given->as<std::string>()
                             : given->as<bool>() ? "true"
                                                 : "false";
    }
  } catch (const CLI::CallForHelp&) {
    return Finished{ExitCode::kOk, HelpText(chosen(), width)};
  } catch (const CLI::CallForVersion&) {
    return Finished{ExitCode::kOk, VersionText()};
  } catch (const CLI::ParseError& error) {
    return Usage(Explained(error, argv, chosen()), chosen());
  }
  return std::nullopt;
}

absl::Status SetFromWords(Options* options) {
  for (const Option& option : AllOptions()) {
    const auto it = options->given.find(option.name);
    if (it == options->given.end()) continue;
    RETURN_IF_ERROR(Annotate(option.set(it->second, options),
                             absl::StrCat("--", option.name)));
  }
  return absl::OkStatus();
}

absl::Status SetFromVariables(const std::vector<std::string>& environment,
                              Options* options) {
  for (const Option& option : AllOptions()) {
    if (!option.anywhere && option.name != "config") continue;
    const std::string variable = VariableOf(option);
    absl::string_view text = EnvironmentValue(environment, variable);
    if (text.empty()) continue;
    if (option.value.empty()) {
      if (text == "1" || text == "yes") text = "true";
      if (text == "0" || text == "no") text = "false";
    }
    RETURN_IF_ERROR(Annotate(option.set(text, options), variable));
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
    const Option* const nearest = NearestOption(name);
    if (nearest == nullptr) continue;
    const bool takes = nearest->anywhere || nearest->name == "config";
    if (takes && VariableOf(*nearest) != variable) {
      told.push_back(absl::StrCat(variable, " is no option; did you mean ",
                                  VariableOf(*nearest), "?"));
    } else if (!takes && nearest->name == name) {
      told.push_back(absl::StrCat(variable, " is not heeded: --", name,
                                  " can be given on the command line only"));
    }
  }
  return told;
}

absl::Status SetFromFile(const std::string& path, const PathTrust& trust,
                         Options* options) {
  const absl::StatusOr<std::string> text = trust.Read(path, kMaxConfigFile);
  if (IsUntrusted(text.status())) return Annotate(text.status(), "--config");
  RETURN_IF_ERROR(text);
  ASSIGN_OR_RETURN(const std::vector<ConfigEntry> entries,
                   ParseConfig(path, *text));
  for (const ConfigEntry& entry : entries) {
    const std::string at =
        absl::StrCat(path, ":", entry.line, ":", entry.column, ": ", entry.key);
    const Option* const found = FindOption(entry.key);
    if (found == nullptr) {
      const Option* const nearest = NearestOption(entry.key);
      return absl::InvalidArgumentError(absl::StrCat(
          at, " is no option",
          nearest == nullptr
              ? ""
              : absl::StrCat("; did you mean ", nearest->name, "?")));
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
    RETURN_IF_ERROR(Annotate(found->set(entry.value, options), at));
  }
  return absl::OkStatus();
}

// What wins is set last. The path of the config file must be known first.
absl::Status SetAll(const std::vector<std::string>& environment,
                    const std::string& default_config, Options* options) {
  Options first = *options;
  RETURN_IF_ERROR(SetFromVariables(environment, &first));
  RETURN_IF_ERROR(SetFromWords(&first));
  const PathTrust trust(first.trusted);
  struct stat info;
  if (!first.config.empty()) {
    RETURN_IF_ERROR(SetFromFile(first.config, trust, options));
  } else if (::stat(default_config.c_str(), &info) == 0) {
    RETURN_IF_ERROR(SetFromFile(default_config, trust, options));
  }
  RETURN_IF_ERROR(SetFromVariables(environment, options));
  return SetFromWords(options);
}

}  // namespace

std::variant<Finished, Options> ParseArgs(
    const std::vector<std::string>& argv,
    const std::vector<std::string>& environment, size_t width,
    const std::string& default_config) {
  Options options;
  if (std::optional<Finished> finished = ParseWords(argv, width, &options)) {
    return *std::move(finished);
  }
  const auto status = SetAll(environment, default_config, &options);
  if (IsUntrusted(status)) {
    return Finished{
        ExitCode::kRefused,
        absl::StrCat("assocsync: refused: ", Escaped(status.message()), "\n")};
  }
  if (!status.ok()) return Usage(Escaped(status.message()), options.command);
  options.cautions = Unheeded(environment);
  const std::string wrong = Contradiction(&options);
  if (!wrong.empty()) return Usage(wrong, options.command);
  return options;
}

}  // namespace assocsync
