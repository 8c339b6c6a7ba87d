#include "engine/plan/load_says.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/model/key.h"
#include "engine/model/value.h"

namespace assocsync {

// Load lowers letters, splits at blanks and colons, and takes quotes for its
// own: what has none of them means itself.
bool LoadSaysName(absl::string_view name) {
  return !name.empty() && absl::ascii_isalnum(name[0]) &&
         absl::c_all_of(name, [](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) ||
                  absl::StrContains("_-.", c);
         });
}

// Load takes what stands between quotes as it is, but for a few.
bool LoadSaysText(absl::string_view text) {
  return !text.empty() && absl::ascii_isalnum(text.front()) &&
         !absl::EndsWith(text, " ") && absl::c_all_of(text, [](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) ||
                  absl::StrContains(" _-.,/()", c);
         });
}

// A limit that is a number, numbers of TRES, or QOS. None that is taken off.
bool LoadSaysLimit(const Setting& setting) {
  const KeyMatch match = FindKey(setting.key, /*qos_line=*/false);
  if (match.result != KeyMatch::Result::kFound ||
      Info(match.key).name != setting.key || setting.op != Setting::Op::kSet) {
    return false;
  }
  switch (Info(match.key).kind) {
    case Kind::kCount:
    case Kind::kFairshare:
    case Kind::kMinutes:
    case Kind::kTres:
      return !setting.value.empty() &&
             absl::c_all_of(setting.value, [](char c) {
               return absl::ascii_isalnum(c) || absl::StrContains("_./=,", c);
             });
    case Kind::kQosList:
      return !setting.value.empty() &&
             absl::c_all_of(Elements(setting.value), [](absl::string_view qos) {
               return LoadSaysName(QosNamed(qos));
             });
    default:
      return false;
  }
}

void AppendOption(const Setting& setting, std::string* options) {
  absl::StrAppend(options, ":", setting.key, "=", setting.value);
}

std::optional<RowsForLoad> RowsToLoad(const Command& command,
                                      const Tree& live) {
  const bool adds = command.verb == Command::Verb::kAdd;
  if (command.entity != Command::Entity::kUser ||
      command.verb == Command::Verb::kDelete) {
    return std::nullopt;
  }
  RowsForLoad told;
  absl::string_view default_account;
  bool here = false;  // Without a cluster it would be about all of them.
  // `add` says the row where it says the limits.
  for (const Setting& setting : SubjectOf(command)) {
    const absl::string_view value = setting.value;
    if (setting.op != Setting::Op::kSet) return std::nullopt;
    if (setting.key == "name") {
      told.users = absl::StrSplit(value, ',');
    } else if (setting.key == "account") {
      told.accounts = absl::StrSplit(value, ',');
    } else if (setting.key == "cluster") {
      here = value == live.cluster.view();
    } else if (setting.key == "partition") {
      if (!value.empty()) return std::nullopt;
    } else if (adds && setting.key == Info(Key::kDefaultAccount).name) {
      default_account = value;
    } else if (adds && LoadSaysLimit(setting)) {
      told.limits.push_back(&setting);
    } else {
      return std::nullopt;
    }
  }
  if (!adds) {
    for (const Setting& setting : command.set) {
      if (!LoadSaysLimit(setting)) return std::nullopt;
      told.limits.push_back(&setting);
    }
  }
  told.makes_default = !default_account.empty();
  const bool plain = absl::c_all_of(told.users, LoadSaysName) &&
                     absl::c_all_of(told.accounts, LoadSaysName);
  const bool one =
      told.accounts.size() == 1 &&
      (default_account.empty() || default_account == told.accounts.front());
  if (!here || !plain || told.users.empty() || told.accounts.empty() ||
      (adds && !one)) {
    return std::nullopt;
  }
  return told;
}

std::optional<AccountsForLoad> AccountsToLoad(const Command& command,
                                              const Tree& live) {
  if (command.entity != Command::Entity::kAccount ||
      command.verb != Command::Verb::kAdd) {
    return std::nullopt;
  }
  AccountsForLoad accounts;
  bool here = false;
  int texts = 0;  // Load puts others where one is not said.
  for (const Setting& setting : SubjectOf(command)) {
    const absl::string_view value = setting.value;
    if (setting.op != Setting::Op::kSet) return std::nullopt;
    if (setting.key == "name") {
      accounts.names = absl::StrSplit(value, ',');
    } else if (setting.key == "cluster") {
      here = value == live.cluster.view();
    } else if (setting.key == "parent") {
      accounts.parent = Name(value);
    } else if (setting.key == Info(Key::kDescription).name ||
               setting.key == Info(Key::kOrganization).name) {
      if (!LoadSaysText(value)) return std::nullopt;
      ++texts;
      absl::StrAppend(&accounts.limits, ":", setting.key, "='", value, "'");
    } else if (LoadSaysLimit(setting)) {
      AppendOption(setting, &accounts.limits);
    } else {
      return std::nullopt;
    }
  }
  if (!here || texts != 2 || accounts.names.empty() ||
      !LoadSaysName(accounts.parent.view()) ||
      !absl::c_all_of(accounts.names, LoadSaysName)) {
    return std::nullopt;
  }
  return accounts;
}

}  // namespace assocsync
