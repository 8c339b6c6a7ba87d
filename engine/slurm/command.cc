#include "engine/slurm/command.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"

namespace assocsync {
namespace {

// Words of sacctmgr, in the order of the enumerators.
constexpr absl::string_view kVerbs[] = {"add", "modify", "delete"};
constexpr absl::string_view kEntities[] = {"account", "user", "coordinator",
                                           "qos", "cluster"};

template <typename Enum, size_t kSize>
bool FindWord(const absl::string_view (&words)[kSize], absl::string_view word,
              Enum& out) {
  for (size_t i = 0; i < kSize; ++i) {
    if (words[i] == word) {
      out = static_cast<Enum>(i);
      return true;
    }
  }
  return false;
}

std::string Word(const Setting& setting) {
  absl::string_view op = "=";
  if (setting.op == Setting::Op::kAdd) op = "+=";
  if (setting.op == Setting::Op::kRemove) op = "-=";
  return absl::StrCat(setting.key, op, setting.value);
}

absl::Status Malformed(absl::string_view word, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("not a sacctmgr word of a plan: '", word, "' ", why));
}

absl::StatusOr<Setting> ParseSetting(absl::string_view word) {
  const size_t equals = word.find('=');
  if (equals == absl::string_view::npos) {
    return Malformed(word, "has no '='");
  }
  Setting setting;
  absl::string_view key = word.substr(0, equals);
  if (!key.empty() && key.back() == '+') {
    setting.op = Setting::Op::kAdd;
    key.remove_suffix(1);
  } else if (!key.empty() && key.back() == '-') {
    setting.op = Setting::Op::kRemove;
    key.remove_suffix(1);
  }
  if (key.empty()) return Malformed(word, "has no key");
  for (const char c : key) {
    if (!absl::ascii_isalpha(static_cast<unsigned char>(c))) {
      return Malformed(word, "has a key that is no word");
    }
  }
  setting.key = std::string(key);
  setting.value = std::string(word.substr(equals + 1));
  return setting;
}

}  // namespace

std::vector<absl::string_view> NamesOf(const Command& command) {
  std::vector<absl::string_view> names;
  for (const Setting& setting : SubjectOf(command)) {
    if (setting.key == "name") names = absl::StrSplit(setting.value, ',');
  }
  return names;
}

WordList Argv(const Command& command) {
  const bool adds = command.verb == Command::Verb::kAdd;
  const bool modifies = command.verb == Command::Verb::kModify;
  WordList argv = {kVerbs[static_cast<size_t>(command.verb)],
                   kEntities[static_cast<size_t>(command.entity)]};
  // `add` takes its settings bare: after a `set` they would be no different,
  // but no release documents it.
  if (!adds) {
    argv.push_back("where");
    for (const Setting& s : command.where) argv.push_back(Word(s));
  }
  if (modifies) argv.push_back("set");
  if (adds || modifies) {
    for (const Setting& s : command.set) argv.push_back(Word(s));
  }
  argv.shrink_to_fit();
  return argv;
}

absl::StatusOr<Command> ParseCommand(const WordList& words) {
  const std::vector<absl::string_view> argv(words.begin(), words.end());
  Command command;
  if (argv.size() < 3) {
    return absl::InvalidArgumentError(
        "not a sacctmgr command of a plan: fewer than three words");
  }
  if (!FindWord(kVerbs, argv[0], command.verb)) {
    return Malformed(argv[0], "is no verb");
  }
  if (!FindWord(kEntities, argv[1], command.entity)) {
    return Malformed(argv[1], "is no kind of object");
  }
  size_t next = 2;
  std::vector<Setting>* into = &command.set;
  if (command.verb != Command::Verb::kAdd) {
    if (argv[next] != "where") return Malformed(argv[next], "is not 'where'");
    into = &command.where;
    ++next;
  }
  for (; next < argv.size(); ++next) {
    if (command.verb == Command::Verb::kModify && into == &command.where &&
        argv[next] == "set") {
      into = &command.set;
      continue;
    }
    ASSIGN_OR_RETURN(into->emplace_back(), ParseSetting(argv[next]));
  }
  if (into->empty() ||
      (command.verb == Command::Verb::kModify && command.where.empty())) {
    return absl::InvalidArgumentError(
        "not a sacctmgr command of a plan: no condition or nothing to set");
  }
  if (command.verb == Command::Verb::kModify && into == &command.where) {
    return absl::InvalidArgumentError(
        "not a sacctmgr command of a plan: modify without 'set'");
  }
  return command;
}

}  // namespace assocsync
