#include "engine/plan/skip.h"

#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "engine/base/maps.h"
#include "engine/base/status.h"
#include "engine/diff/merge.h"
#include "engine/model/finding.h"
#include "engine/model/value.h"
#include "engine/plan/take_back.h"

namespace assocsync {
namespace {

using What = Change::What;

// All words under which a change can be skipped.
std::vector<std::string> NamesOf(const Change& change) {
  std::vector<std::string> names = {RowName(change.what, change.row)};
  const auto every = [&](absl::string_view what, Name name) {
    if (!name.empty()) {
      names.push_back(absl::StrCat("every ", what, " ", name.view()));
    }
  };
  switch (change.what) {
    case What::kCluster:
      break;
    case What::kQos:
      every("QOS", change.row.account);
      break;
    case What::kAccount:
    case What::kUser:
    case What::kAssociation:
      every("account", change.row.account);
      every("user", change.row.user);
      every("partition", change.row.partition);
      if (!change.row.account.empty() && change.row.is_account()) {
        names.push_back(absl::StrCat("account ", change.row.account.view()));
      }
  }
  return names;
}

// The changes, in words, that are not among `others`. Both are as Diff sorts
// them.
std::vector<std::string> Without(const std::vector<Change>& changes,
                                 const std::vector<Change>& others) {
  const auto place = [](const Change& c) { return std::tie(c.what, c.row); };
  std::vector<std::string> words;
  auto other = others.begin();
  for (const Change& change : changes) {
    while (other != others.end() && place(*other) < place(change)) ++other;
    if (other == others.end() || !(*other == change)) {
      words.push_back(change.ToString());
    }
  }
  return words;
}

// What a word of the admin may mean, the likeliest first. A name that no
// command can say stands for all that has it (AS110); a backslash is shown as
// two (render/escape.h), and may be written either way.
std::vector<std::string> Readings(absl::string_view word) {
  std::string name(word);
  if (absl::StartsWithIgnoreCase(name, "qos ")) name.replace(0, 4, "QOS ");
  if (absl::StartsWith(name, "cluster ")) name = "cluster";
  std::vector<std::string> out;
  for (const std::string& one :
       {name, absl::StrReplaceAll(name, {{"\\\\", "\\"}})}) {
    absl::string_view rest = one;
    const bool is_account = absl::ConsumePrefix(&rest, "account ");
    if ((is_account && !WhyNoAccount(rest).empty()) ||
        (absl::ConsumePrefix(&rest, "user ") &&
         !WhyNotAddressable(rest).empty())) {
      out.push_back(absl::StrCat("every ", one));
    }
    out.push_back(one);
  }
  return out;
}

// Names of changes, for words that mean any; else the words.
absl::btree_set<std::string> NamesFor(const std::vector<std::string>& words,
                                      const Tree& live, const Tree& target) {
  absl::btree_map<std::string, bool> there;
  for (const std::string& word : words) {
    for (std::string& name : Readings(word)) there[std::move(name)];
  }
  if (there.empty()) return {};
  for (const Change& change : Diff(live, target)) {
    for (const std::string& name : NamesOf(change)) {
      const auto found = there.find(name);
      if (found != there.end()) found->second = true;
    }
  }
  absl::btree_set<std::string> names;
  for (const std::string& word : words) {
    const std::vector<std::string> readings = Readings(word);
    const auto found = absl::c_find_if(
        readings, [&](const std::string& name) { return there[name]; });
    names.insert(found == readings.end() ? word : *found);
  }
  return names;
}

// Of `rows`, those that the plan deletes only along with others, to add them
// again (AS141): they stay where these do, so these are added to `rows`.
std::vector<std::string> KeepAddedAgain(const Plan& plan,
                                        absl::btree_set<std::string>* rows) {
  std::vector<std::string> kept = plan.RowsOf(kAddedAgain);
  std::erase_if(kept,
                [&](const std::string& row) { return !rows->contains(row); });
  if (kept.empty()) return kept;
  for (std::string& row : plan.RowsOf(kCollateral))
    rows->insert(std::move(row));
  return kept;
}

// `target`, with the changes from live of these rows taken back, and of what
// depends on them (take_back.h). RowName's words, "account x" too. `unused`:
// words that name no change.
Tree LeaveAsLive(const Tree& live, const Tree& target,
                 const absl::btree_set<std::string>& rows,
                 std::vector<std::string>* unused) {
  TakeBack back(live, target);
  absl::btree_set<std::string> used;
  for (const Change& change : Diff(live, target)) {
    for (const std::string& name : NamesOf(change)) {
      if (!rows.contains(name)) continue;
      used.insert(name);
      back.Row(change.what, change.row);
    }
  }
  for (const std::string& row : rows) {
    if (!used.contains(row)) unused->push_back(row);
  }
  return used.empty() ? target : std::move(back).Mend();
}

}  // namespace

bool IsSkippable(absl::string_view word) {
  const FindingRow* const row = FindFinding(word);
  return row != nullptr && row->Is(FindingRow::kSkippable);
}

std::string SkippedBy(const Finding& finding) {
  const FindingRow& row = RowOf(finding.code);
  if (!finding.stands() || !row.Is(FindingRow::kSkippable)) return "";
  return absl::StrCat("--skip ", row.code_name);
}

absl::StatusOr<Plan> PlanWithoutSkipped(const PlanInput& input) {
  const Tree& live = input.live.tree;
  const Tree& target = input.target;
  std::vector<Blamed> blamed;
  if (input.options.skip.empty()) return PlanOnce(input, &blamed);
  absl::btree_set<FindingCode> codes;
  std::vector<std::string> words;
  for (const std::string& word : input.options.skip) {
    if (IsSkippable(word)) {
      codes.insert(FindFinding(word)->code);
    } else {
      words.push_back(word);
    }
  }
  const absl::btree_set<std::string> said = NamesFor(words, live, target);
  absl::btree_set<std::string> rows = said, kept;
  // Words that a finding shows, and what they are among `said`.
  absl::btree_map<std::string, std::string> shown;
  for (const std::string& word : said) {
    for (std::string& reading : Readings(word))
      shown[std::move(reading)] = word;
  }
  while (true) {
    std::vector<std::string> unused;
    const Tree rest =
        rows.empty() ? target : LeaveAsLive(live, target, rows, &unused);
    blamed.clear();
    ASSIGN_OR_RETURN(Plan plan, PlanOnce(input.For(rest), &blamed));
    const size_t before = rows.size();
    for (const Blamed& row : blamed) {
      const std::string* const word = FindIn(shown, row.shown);
      if (word != nullptr) kept.insert(*word);
      if (word != nullptr || codes.contains(row.code)) rows.insert(row.row);
    }
    for (std::string& row : KeepAddedAgain(plan, &rows)) {
      kept.insert(std::move(row));
    }
    if (rows.size() > before) continue;  // What depended on those may show now.

    AddIfAny(MakeFinding(kSkipped, "left as live has them, as --skip says",
                         Without(Diff(live, target), Diff(live, rest))),
             &plan.findings);
    std::erase_if(unused, [&](const std::string& row) {
      return !said.contains(row) || kept.contains(row);
    });
    AddIfAny(MakeFinding(kUnusedSkip, "--skip names rows that would not change",
                         std::move(unused)),
             &plan.findings);
    SortFindings(&plan.findings);
    return plan;
  }
}

}  // namespace assocsync
