// What `sacctmgr load` would do to the file (slurm-facts 1 and 2.4).
#include <array>
#include <functional>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/cfg/parse.h"
#include "engine/cfg/places.h"
#include "engine/check/checker.h"

namespace assocsync::check {
namespace {

enum class Trap {
  kWckeys,
  kHash,
  kBackslash,
  kDecimal,
  kTypedGres,
  kEmpty,
  kNull,
  kEquals,
  kExemptTime,
  kLongLine,
  kIndented,
  kBlanks,
  kCarriageReturn,
};
constexpr int kTraps = static_cast<int>(Trap::kCarriageReturn) + 1;

constexpr std::array<absl::string_view, kTraps> kWords = {
    "a WCKey makes it load nothing into an empty database (24.11 and 26.05: "
    "with exit code 0)",
    "it cuts the line at the #, even in quotes, and stops with an error",
    "it eats a backslash",
    "it reads the digits before the point and drops the unit",
    "before 26.05.1 it splits the line at the colon of the typed GRES",
    "it ignores an option whose value is empty",
    "it takes (null), which dump writes for nothing, for a text",
    "it takes a name with an = for an option",
    "it takes the seconds of PreemptExemptTime, as dump writes them, for "
    "minutes",
    "a sacctmgr that is not Debian's reads lines in parts of 4095 bytes",
    "it stops at a line that begins with a blank",
    "it takes the blanks behind a word without quotes for a part of it",
    "it takes the CR of CR LF behind a word without quotes for a part of it"};

constexpr size_t kUpstreamLine = 4095;

// "1.5G", as dump writes what is no whole number of a unit.
bool HasDecimal(absl::string_view value) {
  for (size_t i = 1; i + 1 < value.size(); ++i) {
    if (value[i] == '.' && absl::ascii_isdigit(value[i - 1]) &&
        absl::ascii_isdigit(value[i + 1])) {
      return true;
    }
  }
  return false;
}

// `\#` is a # for load too. Any other # begins a comment, even in quotes, and
// any other backslash goes.
std::optional<Trap> SignTrap(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '#') return Trap::kHash;
    if (text[i] != '\\') continue;
    if (i + 1 == text.size() || text[i + 1] != '#') return Trap::kBackslash;
    ++i;
  }
  return std::nullopt;
}

std::optional<Trap> TrapOf(const OptionPlace& option) {
  if (option.key == Key::kWckeys || option.key == Key::kDefaultWckey) {
    return Trap::kWckeys;
  }
  if (option.key == Key::kQosPreemptExemptTime) return Trap::kExemptTime;
  if (option.value.empty()) return Trap::kEmpty;
  if (option.value == "(null)") return Trap::kNull;
  if (Info(option.key).kind == Kind::kTres) {
    if (!option.quoted && absl::StrContains(option.value, ':')) {
      return Trap::kTypedGres;
    }
    if (HasDecimal(option.value)) return Trap::kDecimal;
  }
  return SignTrap(option.value);
}

std::optional<Trap> NameTrap(absl::string_view name) {
  if (absl::StrContains(name, '=')) return Trap::kEquals;
  return SignTrap(name);
}

// What load would add to `part`, of `line` and without its quotes. `file`: the
// line is a part of it, unless it is made of several.
std::optional<Trap> EndTrap(absl::string_view file, absl::string_view line,
                            absl::string_view part) {
  if (part.end() != line.end()) {
    if (absl::ascii_isblank(*part.end())) return Trap::kBlanks;
    return std::nullopt;
  }
  const std::less<const char*> before;
  const bool in_file =
      !before(line.data(), file.data()) && before(line.end(), file.end());
  if (in_file && *line.end() == '\r') return Trap::kCarriageReturn;
  return std::nullopt;
}

// Where a blank is a part of the value, and no end of a number.
bool HoldsBlanks(Kind kind) {
  return kind == Kind::kText || kind == Kind::kName || kind == Kind::kNames ||
         kind == Kind::kQosList;
}

struct Seen {
  size_t lines = 0;
  int last_line = 0;
  TextPlace first;
  uint32_t first_line = 0;
};

}  // namespace

// One finding for each trap, at its first place: such files have thousands.
void CheckLoad(Checker* c) {
  std::array<Seen, kTraps> seen;
  const auto note = [&](std::optional<Trap> trap, const LinePlaces& line,
                        TextPlace at) {
    if (!trap.has_value()) return;
    Seen& s = seen[static_cast<int>(*trap)];
    if (s.last_line == line.line) return;
    if (s.lines++ == 0) {
      s.first = at;
      s.first_line = static_cast<uint32_t>(line.line);
    }
    s.last_line = line.line;
  };
  ForEachLine(c->input.text, c->input.parsing(), [&](const LinePlaces& line) {
    for (const OptionPlace& option : line.options) {
      note(TrapOf(option), line, option.at);
      if (!HoldsBlanks(Info(option.key).kind)) continue;
      note(EndTrap(c->input.text, line.text, option.value), line, option.at);
    }
    note(EndTrap(c->input.text, line.text, line.name_text), line, line.name);
    note(NameTrap(line.name_text), line, line.name);
    if (line.text.size() > kUpstreamLine) {
      note(Trap::kLongLine, line, line.name);
    }
    if (!line.text.empty() && absl::ascii_isblank(line.text[0])) {
      note(Trap::kIndented, line, {line.line, 1});
    }
  });
  for (int i = 0; i < kTraps; ++i) {
    const Seen& s = seen[i];
    if (s.lines == 0) continue;
    c->Add(kRuleLoadCorrupts, s.first_line, "",
           absl::StrCat(
               "`sacctmgr load` would not read this as it stands: ", kWords[i],
               s.lines == 1 ? "" : absl::StrCat(" (", s.lines, " lines)")),
           "restore it with assocsync")
        .PlaceAt(s.first);
  }
}

}  // namespace assocsync::check
