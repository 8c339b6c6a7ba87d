#include "engine/model/value.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "engine/model/value_internal.h"

namespace assocsync {
namespace {

using internal::Bad;
using internal::NotSet;
using internal::SetTo;

// What dump prints where the database has NULL.
constexpr absl::string_view kNull = "(null)";

const WordInfo* FindWord(Key key, absl::string_view word) {
  for (const WordInfo& info : AllWords()) {
    if (info.key == key && info.word == word) return &info;
  }
  return nullptr;
}

absl::StatusOr<CanonicalValue> OneName(absl::string_view raw) {
  if (raw == kNull) return NotSet();
  ASSIGN_OR_RETURN(std::string name, CanonicalName(raw, true));
  return SetTo(std::move(name));
}

absl::StatusOr<CanonicalValue> Names(absl::string_view raw) {
  if (raw.empty() || raw == kNull) return NotSet();
  std::vector<std::string> names;
  for (const absl::string_view piece : absl::StrSplit(raw, ',')) {
    if (piece.empty()) return Bad(raw, "holds an empty name");
    ASSIGN_OR_RETURN(std::string name, CanonicalName(piece, true));
    names.push_back(std::move(name));
  }
  return SetTo(JoinElements({names.begin(), names.end()}));
}

// A list of a row's own, or a list of changes to what it inherits; never both.
absl::StatusOr<CanonicalValue> QosList(absl::string_view raw, Origin origin) {
  if (raw.empty() || raw == kNull) return SetTo("");
  std::vector<std::string> names;
  size_t changes = 0;
  for (const absl::string_view piece : absl::StrSplit(raw, ',')) {
    const bool change =
        absl::StartsWith(piece, "+") || absl::StartsWith(piece, "-");
    if (piece.size() == (change ? 1 : 0)) {
      return Bad(raw, "holds an empty name");
    }
    ASSIGN_OR_RETURN(std::string name, CanonicalName(piece, true));
    names.push_back(std::move(name));
    changes += change ? 1 : 0;
  }
  if (changes != 0 && changes != names.size()) {
    if (origin == Origin::kDump) {
      return Bad(raw,
                 "mixes names and +name or -name, as sacctmgr's qos= and qos+= "
                 "in one command leave them, and no dump tells which count: "
                 "set this row's QOS anew");
    }
    return Bad(raw,
               "mixes names and +name or -name; write all names, or changes "
               "to the inherited list only");
  }
  const std::string list = JoinElements({names.begin(), names.end()});
  const std::vector<absl::string_view> sorted = Elements(list);
  for (const absl::string_view element : sorted) {
    if (changes == 0 || element[0] != '-') continue;
    const std::string plus = absl::StrCat("+", element.substr(1));
    if (std::binary_search(sorted.begin(), sorted.end(), plus)) {
      return Bad(raw, "both adds and removes '", element.substr(1), "'");
    }
  }
  return SetTo(list);
}

absl::StatusOr<CanonicalValue> AdminLevel(absl::string_view raw) {
  const auto is = [&](absl::string_view word) {
    return !raw.empty() && absl::StartsWithIgnoreCase(word, raw);
  };
  if (is("None") || is("Not Set")) return NotSet();
  for (const WordInfo& level : AllWords()) {
    if (level.key == Key::kAdminLevel && is(level.word)) {
      return SetTo(std::string(level.word));
    }
  }
  if (is("SuperUser")) return SetTo("Administrator");
  return Bad(raw, "is no admin level; write None, Operator or Administrator");
}

absl::StatusOr<CanonicalValue> Classification(absl::string_view raw) {
  const bool classified = absl::StartsWith(raw, "*");
  const absl::string_view word = raw.substr(classified ? 1 : 0);
  for (const WordInfo& info : AllWords()) {
    if (info.key == Key::kClassification && word.size() >= 5 &&
        absl::StartsWithIgnoreCase(info.word, word)) {
      return SetTo(absl::StrCat(classified ? "*" : "", info.word));
    }
  }
  return Bad(raw,
             "is no classification; write capability, capacity or "
             "capapacity, with a * before it if classified");
}

absl::StatusOr<CanonicalValue> Flags(absl::string_view raw) {
  if (raw == "-1" || raw.empty()) return NotSet();
  std::vector<absl::string_view> flags;
  for (absl::string_view piece : absl::StrSplit(raw, ',')) {
    piece = absl::StripAsciiWhitespace(piece);
    std::vector<absl::string_view> fits;
    for (const WordInfo& flag : AllWords()) {
      if (flag.key == Key::kQosFlags && !piece.empty() &&
          absl::StartsWithIgnoreCase(flag.word, piece)) {
        fits.push_back(flag.word);
      }
    }
    if (fits.empty()) return Bad(piece, "is no flag of a QOS");
    if (fits.size() > 1) {
      return Bad(piece, "could be ", absl::StrJoin(fits, " or "));
    }
    flags.push_back(fits[0]);
  }
  return SetTo(JoinElements(std::move(flags)));
}

// At most one way of combining, then at most one mode: as dump prints them. To
// `off` sacctmgr does what it does to `cluster` (seen on 24.11 and 26.05). What
// dump prints as `unknown` is an explicit off, for which it has no word.
absl::StatusOr<CanonicalValue> PreemptMode(absl::string_view raw) {
  const std::string lower = absl::AsciiStrToLower(raw);
  std::string how, mode;
  bool none = false;
  for (absl::string_view piece : absl::StrSplit(lower, ',')) {
    piece = absl::StripAsciiWhitespace(piece);
    std::string* to = &mode;
    if (piece == "gang" || piece == "priority" || piece == "within") {
      to = &how;
    } else if (piece == "cluster" || piece == "off") {
      none = true;
      continue;
    } else if (piece == "on") {
      piece = "suspend";
    } else if (piece != "unknown" &&
               FindWord(Key::kQosPreemptMode, piece) == nullptr) {
      return Bad(piece,
                 "is no preemption mode; write cluster, off, cancel, "
                 "requeue or suspend");
    }
    if (!to->empty()) return Bad(raw, "holds more than one preemption mode");
    *to = std::string(piece);
  }
  if (none) {
    if (how.empty() && mode.empty()) return NotSet();
    return Bad(raw, "combines cluster or off with another mode");
  }
  return SetTo(absl::StrCat(how, how.empty() || mode.empty() ? "" : ",", mode));
}

std::string QuotesToBackticks(std::string text) {
  for (char& c : text) {
    if (c == '\'' || c == '"') c = '`';
  }
  return text;
}

absl::StatusOr<CanonicalValue> ByKind(Kind kind, absl::string_view raw,
                                      Origin origin) {
  const absl::string_view bare = absl::StripAsciiWhitespace(raw);
  switch (kind) {
    case Kind::kText:
      // In its own case: slurmdbd itself stores texts that sacctmgr could not
      // ("Normal QOS default"). Plans fold what they ask for.
      return SetTo(QuotesToBackticks(std::string(raw)));
    case Kind::kName:
      return OneName(raw);
    case Kind::kNames:
      return Names(raw);
    case Kind::kAdminLevel:
      return AdminLevel(bare);
    case Kind::kClassification:
      return Classification(bare);
    case Kind::kCount:
      return internal::CanonicalCount(bare);
    case Kind::kFairshare:
      return internal::CanonicalFairshare(bare);
    case Kind::kMinutes:
      return internal::CanonicalMinutes(bare);
    case Kind::kSeconds:
      return internal::CanonicalSeconds(bare);
    case Kind::kTres:
      return internal::CanonicalTres(bare, origin);
    case Kind::kQosList:
      return QosList(raw, origin);
    case Kind::kFlags:
      return Flags(bare);
    case Kind::kPreemptMode:
      return PreemptMode(bare);
    case Kind::kFactor:
      return internal::CanonicalFactor(bare);
  }
  return absl::InternalError("a kind without a canonical form");
}

// Values that say what a row without the option has anyway.
bool IsDefault(Key key, absl::string_view text) {
  switch (key) {
    case Key::kQosPriority:
    case Key::kQosGraceTime:
      return text == "0";
    case Key::kQosUsageFactor:
      return text == "1";
    case Key::kQosDescription:  // Dump prints (null) for both (26.05).
      return text.empty();
    default:
      return false;
  }
}

}  // namespace

absl::StatusOr<CanonicalValue> Canonical(Key key, absl::string_view raw,
                                         Origin origin) {
  const bool text = Info(key).kind == Kind::kText;
  if (key == Key::kDefaultQos && raw == "-1") return NotSet();
  if (text && key != Key::kComment && raw == kNull) return NotSet();
  // Both also stand in lists.
  if ((key == Key::kDefaultQos || key == Key::kDefaultWckey) &&
      absl::StrContains(raw, ',')) {
    return Bad(raw, "holds a comma, at which Slurm splits");
  }
  if (key == Key::kWckeys && absl::StrContains(absl::StrCat(",", raw), ",*")) {
    return Bad(raw,
               "holds a name that begins with '*', by which Slurm marks WCKeys "
               "that nobody was given; dump never shows them");
  }
  absl::StatusOr<CanonicalValue> value = ByKind(Info(key).kind, raw, origin);
  // All four releases refuse it, and no dump prints it (slurm-facts 1.6).
  if (key == Key::kQosGraceTime && value.ok() && absl::StrContains(raw, ':')) {
    return Bad(raw, "is a time, and sacctmgr takes seconds alone; write ",
               value->text);
  }
  if (value.ok() && IsDefault(key, value->text)) return NotSet();
  return value;
}

absl::StatusOr<std::string> CanonicalName(absl::string_view raw, bool fold) {
  if (raw.empty()) return absl::InvalidArgumentError("the name is empty");
  std::string name(raw);
  for (char& c : name) {
    if (absl::ascii_iscntrl(c)) {
      return Bad(raw, "holds a control character");
    }
    if (c == '\'' || c == '"') c = '`';
    if (fold) c = absl::ascii_tolower(c);
  }
  return name;
}

std::string CanonicalText(absl::string_view raw) {
  return QuotesToBackticks(absl::AsciiStrToLower(raw));
}

absl::string_view WhyNotAddressable(absl::string_view name) {
  if (name.empty()) return "is empty";
  if (absl::StrContains(name, ',')) {
    return "holds a comma, at which sacctmgr splits";
  }
  if (absl::StrContains(name, '[') || absl::StrContains(name, ']')) {
    return "holds a bracket, which sacctmgr expands as a list of hosts";
  }
  if (absl::StrContains(name, '\'') || absl::StrContains(name, '"')) {
    return "holds a quote, which sacctmgr turns into a backtick";
  }
  if (absl::ascii_isspace(name.front()) || absl::ascii_isspace(name.back())) {
    return "begins or ends with a blank, which newer releases cut off";
  }
  return "";
}

absl::string_view WhyNoAccount(absl::string_view name) {
  if (absl::StrContains(name, '\\')) {
    return "holds a backslash, on which slurmdbd hangs";
  }
  return WhyNotAddressable(name);
}

std::vector<absl::string_view> UnknownTo(int series, int point, Key key,
                                         absl::string_view text) {
  if (Info(key).since > series) return {Info(key).name};
  std::vector<absl::string_view> unknown;
  if (Info(key).kind != Kind::kFlags && Info(key).kind != Kind::kPreemptMode) {
    return unknown;
  }
  for (const absl::string_view word : Elements(text)) {
    const WordInfo* const info = FindWord(key, word);
    if (info != nullptr && std::pair<int, int>(info->since, info->point) >
                               std::pair(series, point)) {
      unknown.push_back(word);
    }
  }
  return unknown;
}

std::vector<absl::string_view> Elements(absl::string_view list) {
  if (list.empty()) return {};
  return absl::StrSplit(list, ',');
}

bool HasElement(absl::string_view list, absl::string_view element) {
  const auto elements = Elements(list);
  return std::find(elements.begin(), elements.end(), element) != elements.end();
}

std::vector<absl::string_view> ElementsBut(absl::string_view list,
                                           absl::string_view other) {
  std::vector<absl::string_view> left = Elements(list), right = Elements(other);
  std::sort(left.begin(), left.end());
  std::sort(right.begin(), right.end());
  std::vector<absl::string_view> out;
  std::set_difference(left.begin(), left.end(), right.begin(), right.end(),
                      std::back_inserter(out));
  return out;
}

bool IsQosDelta(absl::string_view list) {
  return absl::StartsWith(list, "+") || absl::StartsWith(list, "-");
}

bool AddsQos(absl::string_view list) {
  return absl::StartsWith(list, "+") && !absl::StrContains(list, ",-");
}

absl::string_view QosNamed(absl::string_view element) {
  return element.substr(IsQosDelta(element) ? 1 : 0);
}

std::string JoinElements(std::vector<absl::string_view> elements) {
  std::sort(elements.begin(), elements.end());
  elements.erase(std::unique(elements.begin(), elements.end()), elements.end());
  return absl::StrJoin(elements, ",");
}

}  // namespace assocsync
