// TRES lists. Two programs of Slurm disagree about units: `dump` prints what
// sacctmgr cannot read back (slurm-facts 2.4a, d), and prints some different
// counts alike. Everything here is exact, or an error.
#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "engine/model/value_internal.h"

namespace assocsync {
namespace {

// dump sorts the texts name=count, so that gres/gpu:a100 comes before gres/gpu.
bool NameLess(absl::string_view a, absl::string_view b) {
  const size_t n = std::min(a.size(), b.size());
  if (const int order = a.substr(0, n).compare(b.substr(0, n)); order != 0) {
    return order < 0;
  }
  if (a.size() == b.size()) return false;
  const auto byte = [](char c) { return static_cast<unsigned char>(c); };
  return a.size() < b.size() ? '=' < byte(b[n]) : byte(a[n]) < '=';
}

}  // namespace

namespace internal {
namespace {

// TRES that every Slurm has, by id; others have ids of their database.
constexpr absl::string_view kStatic[] = {
    "", "cpu", "mem", "energy", "node", "billing", "fs/disk", "vmem", "pages"};

constexpr absl::string_view kUnits = "KMGTP";
// The three counts above are Slurm's own markers.
constexpr uint64_t kMaxTres = UINT64_MAX - 3;

using Wide = unsigned __int128;

struct Number {
  Wide digits = 0;  // All digits, the decimals too.
  int decimals = 0;
  int unit = 0;  // 0: none, 1: K, 2: M ...
};

std::optional<Number> ReadNumber(absl::string_view raw) {
  Number number;
  size_t at = 0;
  const auto digits = [&] {
    const size_t from = at;
    while (at < raw.size() && absl::ascii_isdigit(raw[at])) {
      number.digits = number.digits * 10 + (raw[at++] - '0');
    }
    return at - from;
  };
  if (digits() == 0) return std::nullopt;
  if (at < raw.size() && raw[at] == '.') {
    ++at;
    number.decimals = static_cast<int>(digits());
    if (number.decimals == 0) return std::nullopt;
  }
  if (at > 22) return std::nullopt;  // More than 2^64 ever has.
  if (at < raw.size()) {
    const size_t unit = kUnits.find(absl::ascii_toupper(raw[at++]));
    if (unit == absl::string_view::npos) return std::nullopt;
    number.unit = static_cast<int>(unit) + 1;
    // Slurm heeds nothing behind the unit: GB and GiB are G.
    const absl::string_view rest = raw.substr(at);
    if (absl::EqualsIgnoreCase(rest, "B") ||
        absl::EqualsIgnoreCase(rest, "iB")) {
      at = raw.size();
    }
  }
  if (at != raw.size()) return std::nullopt;
  return number;
}

// The power of 1024 that one count of `name` stands for: mem and burst buffers
// are counted in megabytes.
int BaseUnit(absl::string_view name) {
  return name == "mem" || name == "bb" || absl::StartsWith(name, "bb/") ? 2 : 0;
}

struct Count {
  uint64_t value = 0;
  std::string note;
};

// `steps` units of 1024 above the base, with two decimals: so dump prints, and
// only it. It divides by 1024 while the whole part divides by 512, so half a
// unit of a lower step can be lost from sight.
absl::StatusOr<Count> DumpDecimals(absl::string_view raw, Wide exact, int steps,
                                   bool half, Origin origin) {
  const uint64_t value = static_cast<uint64_t>(exact);
  if (!half && steps == 2 && origin == Origin::kDump) {
    return Count{value + 512, ""};  // The only count that is printed so.
  }
  if (!half) {
    return Bad(raw,
               "is what dump prints for numbers that are not whole (such as ",
               value + 512, "); write the number itself");
  }
  return Count{value, absl::StrCat("dump prints ", value, " and ", value + 512,
                                   " alike, as ", raw, "; read as ", value)};
}

absl::StatusOr<Count> ReadCount(absl::string_view name, absl::string_view raw,
                                Origin origin) {
  const std::optional<Number> number = ReadNumber(raw);
  if (!number.has_value()) {
    return Bad(raw, "is not a number with an optional unit (K, M, G, T, P)");
  }
  int base = BaseUnit(name);
  if (absl::EndsWith(name, "/gpumem") && number->unit > 0) {
    if (origin == Origin::kFile) {
      return Bad(raw,
                 "has a unit, which dump and sacctmgr take differently for ",
                 name, "; write the plain number that the database holds");
    }
    base = 2;
  }
  if (number->unit == 0 && number->decimals > 0) {
    return Bad(raw, "is not a whole number");
  }
  // A unit below the one that counts changes nothing: mem=2048K is 2048 MB
  // (seen on all four releases).
  const bool below = number->unit > 0 && number->unit < base;
  if (below && number->decimals > 0) return Bad(raw, "is not a whole number");
  const int steps = number->unit == 0 || below ? 0 : number->unit - base;
  Wide value = number->digits;
  Wide divisor = 1;
  for (int i = 0; i < steps; ++i) value *= 1024;
  for (int i = 0; i > steps; --i) divisor *= 1024;
  for (int i = 0; i < number->decimals; ++i) divisor *= 10;
  if (value / divisor > kMaxTres) return Bad(raw, "is too large");
  if (value % divisor != 0) {
    return Bad(raw, "is not a whole number of ",
               base == 2 ? "megabytes" : "units", "; write ", name,
               "= with a plain number");
  }
  if (number->decimals == 2 && steps >= 2 && number->digits % 50 == 0) {
    return DumpDecimals(raw, value / divisor, steps, number->digits % 100 != 0,
                        origin);
  }
  Count count{static_cast<uint64_t>(value / divisor), ""};
  if (below) {
    count.note = absl::StrCat(raw, " is read as ", count.value,
                              " MB: Slurm heeds no unit below that one");
  }
  return count;
}

absl::StatusOr<std::string> ReadName(absl::string_view raw) {
  const std::string name = absl::AsciiStrToLower(raw);
  if (name.empty()) return Bad(raw, "names no TRES");
  if (absl::ascii_isdigit(name[0])) {
    uint64_t id = 0;
    if (absl::SimpleAtoi(name, &id) && id > 0 && id < std::size(kStatic)) {
      return std::string(kStatic[id]);
    }
    return Bad(raw,
               "is the number of a TRES in one database; write its type and "
               "name, such as gres/gpu");
  }
  for (const char c : name) {
    if (absl::ascii_isspace(c) || absl::ascii_iscntrl(c) || c == '\'' ||
        c == '"' || c == '+') {
      return Bad(raw, "is not the name of a TRES");
    }
  }
  return name;
}

}  // namespace

absl::StatusOr<CanonicalValue> CanonicalTres(absl::string_view raw,
                                             Origin origin) {
  // What dump prints for a list of which the database knows no item.
  if (raw == "(null)") return NotSet();
  if (raw.empty()) {
    return absl::InvalidArgumentError(
        "the list is empty; leave the option out where nothing is meant");
  }
  struct Item {
    std::string name;
    uint64_t count;
    bool dropped;
  };
  std::vector<Item> items;
  CanonicalValue out;
  for (absl::string_view piece : absl::StrSplit(raw, ',')) {
    piece = absl::StripAsciiWhitespace(piece);
    const size_t equals = piece.find('=');
    if (equals == absl::string_view::npos) {
      return Bad(piece, "is not of the form cpu=4");
    }
    const absl::string_view number =
        absl::StripAsciiWhitespace(piece.substr(equals + 1));
    ASSIGN_OR_RETURN(
        std::string name,
        ReadName(absl::StripAsciiWhitespace(piece.substr(0, equals))));
    if (number == "-1" || absl::EqualsIgnoreCase(number, "NONE")) {
      items.push_back({std::move(name), 0, true});
      continue;
    }
    ASSIGN_OR_RETURN(Count count, ReadCount(name, number, origin));
    if (!count.note.empty()) out.note = absl::StrCat(name, ": ", count.note);
    items.push_back({std::move(name), count.value, false});
  }
  std::stable_sort(
      items.begin(), items.end(),
      [](const Item& a, const Item& b) { return NameLess(a.name, b.name); });
  for (size_t i = 0; i < items.size(); ++i) {
    if (i + 1 < items.size() && items[i].name == items[i + 1].name) {
      if (origin == Origin::kDump) return Bad(items[i].name, "is given twice");
      out.note = absl::StrCat(items[i].name, " is given twice; the last holds");
      continue;
    }
    if (items[i].dropped) continue;
    absl::StrAppend(&out.text, out.set ? "," : "", items[i].name, "=",
                    items[i].count);
    out.set = true;
  }
  return out;
}

}  // namespace internal

bool IsTresName(absl::string_view name) {
  for (const absl::string_view type : internal::kStatic) {
    if (!type.empty() && name == type) return true;
  }
  for (const absl::string_view type :
       {"gres/", "license/", "bb/", "fs/", "ic/"}) {
    if (absl::StartsWith(name, type) && name.size() > type.size()) return true;
  }
  return false;
}

std::vector<TresItem> TresItems(absl::string_view tres) {
  std::vector<TresItem> items;
  if (tres.empty()) return items;
  for (const absl::string_view piece : absl::StrSplit(tres, ',')) {
    const size_t equals = piece.rfind('=');
    uint64_t count = 0;
    if (equals == absl::string_view::npos ||
        !absl::SimpleAtoi(piece.substr(equals + 1), &count)) {
      continue;  // Not canonical: never made here.
    }
    items.emplace_back(piece.substr(0, equals), count);
  }
  return items;
}

bool IsLimit(Key key) {
  const KeyInfo& info = Info(key);
  if (info.scope != Scope::kAssoc && info.scope != Scope::kQos) return false;
  if (info.name.substr(0, 3) != "Grp" && info.name.substr(0, 3) != "Max") {
    return false;
  }
  return info.kind == Kind::kCount || info.kind == Kind::kMinutes ||
         info.kind == Kind::kTres;
}

std::vector<TresItem> LimitNumbers(Key key, absl::string_view canonical) {
  if (Info(key).kind == Kind::kTres) return TresItems(canonical);
  uint64_t number = 0;
  if (!absl::SimpleAtoi(canonical, &number)) return {};
  return {{"", number}};
}

std::string JoinTres(std::vector<TresItem> items) {
  std::sort(items.begin(), items.end(),
            [](const TresItem& a, const TresItem& b) {
              return NameLess(a.first, b.first);
            });
  std::string out;
  for (const auto& [name, count] : items) {
    absl::StrAppend(&out, out.empty() ? "" : ",", name, "=", count);
  }
  return out;
}

}  // namespace assocsync
