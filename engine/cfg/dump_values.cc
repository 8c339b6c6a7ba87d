#include "engine/cfg/dump_values.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/model/value.h"

namespace assocsync::cfg {
namespace {

// Counts of megabytes. dump goes up a unit as long as the whole part divides
// by 512, and prints two decimals of what is not whole then: not every count
// can be told from its text (slurm-facts 2.4).
std::string Megabytes(uint64_t count) {
  constexpr absl::string_view kUnits = "MGTP?";
  auto number = static_cast<double>(count);
  size_t unit = 0;
  while (number >= 1024 && static_cast<uint64_t>(number) % 512 == 0) {
    number /= 1024;
    ++unit;
  }
  const char letter = kUnits[std::min(unit, kUnits.size() - 1)];
  const auto whole = static_cast<uint64_t>(number);
  if (whole == 0) return "0";
  return static_cast<double>(whole) == number
             ? absl::StrFormat("%d%c", whole, letter)
             : absl::StrFormat("%.2f%c", number, letter);
}

std::string Tres(absl::string_view canonical, const Behaviour& release) {
  std::string out;
  for (const auto& [name, count] : TresItems(canonical)) {
    const bool in_megabytes =
        name == "mem" || name == "bb" || absl::StartsWith(name, "bb/") ||
        (release.dumps_gpumem_as_size && absl::EndsWith(name, "/gpumem"));
    absl::StrAppend(&out, out.empty() ? "" : ",", name, "=",
                    in_megabytes ? Megabytes(count) : absl::StrCat(count));
  }
  return out;
}

std::string Flags(absl::string_view canonical) {
  std::vector<absl::string_view> flags(AllWords().size() + 1);
  for (const absl::string_view flag : Elements(canonical)) {
    for (const WordInfo& info : AllWords()) {
      if (info.word == flag) flags[info.place] = flag;
    }
  }
  flags.erase(std::remove(flags.begin(), flags.end(), ""), flags.end());
  return absl::StrJoin(flags, ",");
}

// "*capability" -> "*Capability"
std::string Classification(absl::string_view canonical) {
  std::string out(canonical);
  for (char& c : out) {
    if (!absl::ascii_isalpha(c)) continue;
    c = absl::ascii_toupper(c);
    break;
  }
  return out;
}

}  // namespace

bool DumpHasKey(Key key, const Behaviour& release) {
  switch (key) {
    case Key::kComment:
      return release.has_comment;
    case Key::kMinPrioThresh:
      return release.dumps_qos;
    default:
      return true;
  }
}

std::string DumpValue(Key key, absl::string_view canonical,
                      const Behaviour& release) {
  switch (Info(key).kind) {
    case Kind::kTres:
      return Tres(canonical, release);
    case Kind::kFlags:
      return Flags(canonical);
    case Kind::kClassification:
      return Classification(canonical);
    case Kind::kFairshare:
      return std::string(canonical == "parent" ? "2147483647" : canonical);
    case Kind::kFactor: {
      double factor = 0;
      if (!absl::SimpleAtod(canonical, &factor)) break;
      return absl::StrFormat("%f", factor);
    }
    default:
      break;
  }
  return std::string(canonical);
}

}  // namespace assocsync::cfg
