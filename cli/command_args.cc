#include "cli/command_args.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace assocsync {
namespace {

absl::string_view FormatsOf(unsigned command) {
  switch (command) {
    case kForPlan:
      return "text, json, sh, diff, markdown or html";
    case kForCheck:
      return "text, json, markdown, github, gitlab, sarif or junit";
    default:
      return "text or json";
  }
}

bool Takes(unsigned command, Format format) {
  switch (format) {
    case Format::kText:
    case Format::kJson:
      return true;
    case Format::kMarkdown:
      return command == kForPlan || command == kForCheck;
    case Format::kSh:
    case Format::kDiff:
    case Format::kHtml:
      return command == kForPlan;
    case Format::kGithub:
    case Format::kGitlab:
    case Format::kSarif:
    case Format::kJunit:
      return command == kForCheck;
  }
  return false;
}

Args ForPlan(OptionValues values) {
  PlanArgs args;
  args.output = values.output;
  args.planning = std::move(values.planning);
  args.database = std::move(values.database);
  args.format = values.format;
  args.out = std::move(values.out);
  args.detailed_exitcode = values.detailed_exitcode;
  return args;
}

Args ForLog(OptionValues values, const Words& words) {
  LogArgs args = std::move(values.log);
  args.output = values.output;
  args.database = std::move(values.database);
  args.cluster = std::move(values.planning.cluster);
  args.json = values.format == Format::kJson;
  if (args.since && args.until && *args.since > *args.until) {
    return Usage("--since is after --until", words.command);
  }
  return args;
}

Args ForApply(OptionValues values, const Words& words) {
  ApplyArgs args;
  args.json = values.format == Format::kJson && values.yes;
  // A file or a variable that asks for it means another command.
  if (words.given.count("format") > 0 &&
      args.json != (values.format == Format::kJson)) {
    return Usage("--format json asks nobody: it goes with --yes",
                 words.command);
  }
  args.output = values.output;
  args.planning = std::move(values.planning);
  args.database = std::move(values.database);
  args.yes = values.yes;
  args.no_sql_dump = values.no_sql_dump;
  args.sql_dump = std::move(values.sql_dump);
  return args;
}

Args ForBackup(OptionValues values) {
  BackupArgs args;
  args.output = values.output;
  args.planning = std::move(values.planning);
  args.database = std::move(values.database);
  args.keep = values.keep;
  args.dump_tool = std::move(values.dump_tool);
  args.sign_key = std::move(values.sign_key);
  args.json = values.format == Format::kJson;
  return args;
}

Args ForVerify(OptionValues values) {
  VerifyArgs args;
  args.output = values.output;
  args.database = std::move(values.database);
  args.dir = std::move(values.planning.target);
  args.key = std::move(values.key);
  args.load = values.load;
  args.json = values.format == Format::kJson;
  return args;
}

Args ForDiff(OptionValues values, const Words& words) {
  DiffArgs args;
  args.output = values.output;
  args.from = words.target;
  args.to = words.second;
  args.context = values.context;
  args.detailed_exitcode = values.detailed_exitcode;
  return args;
}

Args ForCheck(OptionValues values, const Words& words) {
  CheckArgs args;
  args.output = values.output;
  args.planning = std::move(values.planning);
  args.database = std::move(values.database);
  // Without a server, whatever a file or a variable says for plans.
  args.ask_live = words.given.count("live") > 0;
  args.format = values.format;
  args.policy = std::move(values.policy);
  args.author = std::move(values.author);
  args.fail_on = values.fail_on;
  return args;
}

Args ForFmt(OptionValues values, const Words& words) {
  FmtArgs args;
  args.output = values.output;
  args.files = words.many;
  args.check = values.check;
  args.in_place = values.in_place;
  if (args.check && args.in_place) {
    return Usage("--check and --in-place contradict each other", words.command);
  }
  const bool reads_stdin =
      args.files.empty() ||
      std::find(args.files.begin(), args.files.end(), "-") != args.files.end();
  if (args.in_place && reads_stdin) {
    return Usage("--in-place writes files; which ones?", words.command);
  }
  if (args.files.empty()) args.files = {"-"};
  if (!args.check && !args.in_place && args.files.size() > 1) {
    return Usage("several files go with --check or --in-place", words.command);
  }
  return args;
}

Args ForRestore(OptionValues values) {
  RestoreArgs args;
  args.output = values.output;
  args.database = std::move(values.database);
  args.dir = std::move(values.planning.target);
  args.key = std::move(values.key);
  args.slurmdbd = std::move(values.slurmdbd);
  args.release = std::move(values.planning.release);
  args.yes = values.yes;
  args.no_sql_dump = values.no_sql_dump;
  args.old_server = values.old_server;
  args.running_controller = values.running_controller;
  args.purge = values.purge;
  return args;
}

}  // namespace

Finished Usage(absl::string_view message, const CommandInfo* command) {
  return {ExitCode::kUsage,
          absl::StrCat("assocsync: ", message, "\nTry: assocsync ",
                       command == nullptr ? "" : command->name,
                       command == nullptr ? "" : " ", "--help\n")};
}

Args ArgsOf(OptionValues values, const Words& words) {
  const auto wrong = [&](absl::string_view m) {
    return Usage(m, words.command);
  };
  if (!values.explain.empty()) {
    return ExplainArgs{values.output, values.explain};
  }
  const unsigned command = words.command->mask;
  if (!Takes(command, values.format)) {
    if (words.given.count("format") > 0) {
      return wrong(absl::StrCat("--format: ", words.command->name, " prints ",
                                FormatsOf(command)));
    }
    // A file or a variable that asks for it means another command.
    values.format = Format::kText;
  }
  if (command == kForFmt) return ForFmt(std::move(values), words);
  if (command == kForLog) return ForLog(std::move(values), words);
  if (values.purge && words.has_target) {
    return wrong("--purge drops what earlier restores kept; it takes no DIR");
  }
  if (!words.command->target.empty() && !values.purge &&
      (!words.has_target || words.target.empty())) {
    return wrong(words.command->target);
  }
  if (!words.command->second.empty() &&
      (!words.has_second || words.second.empty())) {
    return wrong(words.command->second);
  }
  if (command == kForDiff) {
    if (words.target == "-" && words.second == "-") {
      return wrong("A and B cannot both be the standard input");
    }
    return ForDiff(std::move(values), words);
  }
  values.planning.target = words.target;
  if (values.no_sql_dump && !values.sql_dump.empty()) {
    return wrong("--no-sql-dump and --sql-dump contradict each other");
  }
  if (command == kForCheck) {
    if (words.target == "-" && values.planning.base == "-") {
      return wrong("TARGET and BASE cannot both be the standard input");
    }
    return ForCheck(std::move(values), words);
  }
  if (values.planning.base.empty() && values.planning.merge != MergeOptions()) {
    return wrong("--prefer decides conflicts of a merge: it goes with --base");
  }
  const bool live_is_file = values.planning.live_is_file();
  if (command == kForApply && live_is_file) {
    return wrong("apply changes the live cluster: --live cannot be a file");
  }
  if (command == kForBackup && live_is_file) {
    return wrong("backup saves the live cluster: --live cannot be a file");
  }
  if (command == kForBackup && words.given.count("release") > 0 &&
      values.planning.live == "sacctmgr") {
    return wrong("--release goes with --live mysql; slurmdbd says its own");
  }
  if (command == kForPlan && words.given.count("release") > 0 &&
      (values.planning.live == "auto" || values.planning.live == "sacctmgr")) {
    return wrong(
        "--release goes with --live FILE.cfg or --live mysql; slurmdbd says "
        "its "
        "own");
  }
  switch (command) {
    case kForPlan:
      return ForPlan(std::move(values));
    case kForApply:
      return ForApply(std::move(values), words);
    case kForBackup:
      // One that was set for plans says nothing of the slurmdbd that is saved.
      if (words.given.count("release") == 0) values.planning.release.clear();
      return ForBackup(std::move(values));
    case kForRestore:
      // One that was set for plans says nothing of this node's slurmdbd.
      if (words.given.count("release") == 0) values.planning.release.clear();
      return ForRestore(std::move(values));
    default:
      return ForVerify(std::move(values));
  }
}

}  // namespace assocsync
