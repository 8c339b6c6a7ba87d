#include "engine/render/shown.h"

#include <cstdint>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/model/finding.h"
#include "engine/model/key.h"
#include "engine/model/value.h"
#include "engine/plan/estimate.h"
#include "engine/plan/plan.h"
#include "engine/plan/skip.h"
#include "engine/render/escape.h"
#include "engine/render/outline.h"

namespace assocsync {
namespace {

// Lists longer than this, both texts together, are shown by their difference.
constexpr size_t kLongList = 72;

bool IsList(Kind kind) {
  return kind == Kind::kNames || kind == Kind::kTres ||
         kind == Kind::kQosList || kind == Kind::kFlags;
}

// Empty where the lists share nothing: then old -> new says more.
std::string ListDifference(absl::string_view from, absl::string_view to) {
  const std::vector<absl::string_view> gone = ElementsBut(from, to);
  const std::vector<absl::string_view> come = ElementsBut(to, from);
  const size_t stay = Elements(from).size() - gone.size();
  if (stay == 0) return "";
  std::vector<std::string> words;
  for (const absl::string_view element : gone) {
    words.push_back(absl::StrCat("-", ShownName(element)));
  }
  for (const absl::string_view element : come) {
    words.push_back(absl::StrCat("+", ShownName(element)));
  }
  return absl::StrCat(absl::StrJoin(words, ", "), " (", stay, " stay)");
}

// mem=8388608 is 8T to everybody who has to read it. Exact ones only.
std::string WithMemoryUnits(absl::string_view tres) {
  std::vector<std::string> items;
  for (const absl::string_view item : absl::StrSplit(tres, ',')) {
    absl::string_view number = item;
    uint64_t n = 0;
    if (!absl::ConsumePrefix(&number, "mem=") ||
        !absl::SimpleAtoi(number, &n) || n < 1024 || n % 1024 != 0) {
      items.emplace_back(item);
      continue;
    }
    static constexpr absl::string_view kUnits = "MGTP";
    size_t unit = 0;
    for (; n >= 1024 && n % 1024 == 0 && unit + 1 < kUnits.size(); ++unit) {
      n /= 1024;
    }
    items.push_back(absl::StrCat("mem=", n, kUnits.substr(unit, 1)));
  }
  return absl::StrJoin(items, ",");
}

// The canonical text for people.
std::string Readable(Kind kind, absl::string_view text) {
  return kind == Kind::kTres ? WithMemoryUnits(text) : std::string(text);
}

}  // namespace

std::string ShownName(absl::string_view name) {
  const std::string escaped = Escaped(name);
  const bool odd = name.empty() ||
                   escaped.find_first_of(" '\"()") != std::string::npos ||
                   absl::StrContains(escaped, "->");
  return odd ? absl::StrCat("'", escaped, "'") : escaped;
}

std::string ShownListed(absl::string_view name) {
  if (!absl::StrContains(name, ',')) return ShownName(name);
  return absl::StrCat("'", Escaped(name), "'");
}

std::string ShownValue(Key key, const std::optional<Name>& value) {
  const Kind kind = Info(key).kind;
  if (!value.has_value()) {
    if (kind == Kind::kFairshare) return "1";
    if (kind == Kind::kAdminLevel) return "None";
    return "(not set)";
  }
  if (kind == Kind::kText) {
    return absl::StrCat("'", Escaped(value->view()), "'");
  }
  return ShownName(Readable(kind, value->view()));
}

std::string ShownModify(const FieldChange& field) {
  const KeyInfo& info = Info(field.key);
  if (IsList(info.kind) && field.from.has_value() && field.to.has_value()) {
    const std::string from = Readable(info.kind, field.from->view());
    const std::string to = Readable(info.kind, field.to->view());
    if (from.size() + to.size() > kLongList) {
      const std::string difference = ListDifference(from, to);
      if (!difference.empty()) return absl::StrCat(info.name, " ", difference);
    }
  }
  return absl::StrCat(info.name, " ", ShownValue(field.key, field.from), " -> ",
                      ShownValue(field.key, field.to));
}

std::string ShownAdd(const FieldChange& field) {
  return absl::StrCat(Info(field.key).name, " ",
                      ShownValue(field.key, field.to));
}

std::string ShownRemove(const FieldChange& field) {
  return absl::StrCat(Info(field.key).name, " ",
                      ShownValue(field.key, field.from));
}

std::string ShownCommand(const Step& step) {
  std::string out = "sacctmgr -i";
  for (const absl::string_view word : step.argv) {
    absl::StrAppend(&out, " ", ShownWord(word));
  }
  return out;
}

absl::string_view FindingWord(const Finding& finding) {
  static constexpr absl::string_view kWords[] = {"off", "note", "warning",
                                                 "refused", "refused"};
  return finding.lifted ? "lifted" : kWords[static_cast<int>(finding.severity)];
}

std::vector<std::string> ShownWayOn(const Finding& finding) {
  if (!finding.stands()) return {};
  const std::string skip = SkippedBy(finding);
  std::vector<std::string> out = {"Nothing lifts this."};
  if (!finding.lifted_by.empty()) {
    out = {"If that is meant: ", finding.lifted_by};
    if (!skip.empty()) out.push_back(".");
  }
  if (skip.empty()) return out;
  absl::StrAppend(&out.back(), " Without it: ");
  out.push_back(skip);
  out.push_back(" or ");
  out.push_back("--skip ROW");
  return out;
}

std::string ShownTarget(const Plan& plan, absl::string_view name) {
  const bool whole = absl::c_none_of(plan.findings, [](const Finding& finding) {
    return finding.code == kScope || finding.code == kSkipped;
  });
  return absl::StrCat(whole ? "" : "what was asked of ", ShownName(name));
}

std::string ShownTime(const Plan& plan) {
  std::string text;
  if (plan.loaded > 0) {
    text = absl::StrCat(", ", plan.loaded, " of them by sacctmgr load");
  }
  if (plan.estimate >= absl::Seconds(5)) {
    absl::StrAppend(&text, ", ", About(plan.estimate));
  }
  return text;
}

std::vector<std::string> StandingCodes(const Plan& plan) {
  std::vector<std::string> codes;
  for (const Finding& finding : plan.findings) {
    const absl::string_view code = CodeName(finding.code);
    if (finding.stands() && (codes.empty() || codes.back() != code)) {
      codes.emplace_back(code);
    }
  }
  return codes;
}

std::string ShownReach(Name reaches) {
  constexpr size_t kShown = 3;
  if (reaches.empty()) return "";
  const std::vector<absl::string_view> clusters = Elements(reaches.view());
  const size_t all = clusters.size();
  const size_t shown = all <= kShown + 1 ? all : kShown;
  std::string out = absl::StrCat(
      "also on cluster", all == 1 ? "" : "s", " ",
      absl::StrJoin(clusters.begin(), clusters.begin() + shown, ", ",
                    [](std::string* to, absl::string_view name) {
                      absl::StrAppend(to, ShownName(name));
                    }));
  if (shown < all) absl::StrAppend(&out, " and ", all - shown, " more");
  return out;
}

std::string ShownRow(const AssocKey& row, bool user) {
  if (!user) return ShownName(row.account.view());
  if (row.partition.empty()) return ShownName(row.user.view());
  return absl::StrCat(ShownName(row.user.view()), " (partition ",
                      ShownName(row.partition.view()), ")");
}

std::string ShownHowMany(const FoldedItem& item) {
  const Name partition = item.item->row.partition;
  return absl::StrCat(
      item.users.size(), " users",
      partition.empty()
          ? ""
          : absl::StrCat(" (partition ", ShownName(partition.view()), ")"));
}

std::string ShownWho(const FoldedItem& item) {
  constexpr size_t kShown = 3;
  const size_t all = item.users.size();
  // A list that is one name too long is not worth the words that say so.
  const size_t shown = all <= kShown + 1 ? all : kShown;
  std::string out;
  for (size_t i = 0; i < shown; ++i) {
    absl::StrAppend(&out, i == 0 ? "" : ", ",
                    ShownListed(item.users[i]->row.user.view()));
  }
  if (shown < all) absl::StrAppend(&out, " and ", all - shown, " more");
  return out;
}

}  // namespace assocsync
