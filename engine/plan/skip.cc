#include "engine/plan/skip.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "engine/base/status.h"
#include "engine/diff/merge.h"
#include "engine/plan/finding.h"
#include "engine/plan/take_back.h"

namespace assocsync {
namespace {

using What = Change::What;

// All words under which a change can be skipped.
std::vector<std::string> NamesOf(const Change& change) {
  std::vector<std::string> names = {RowName(change.what, change.row)};
  const auto every = [&](absl::string_view what, Atom name) {
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
      words.push_back(change.DebugString());
    }
  }
  return words;
}

// "qos long" is "QOS long"; a backslash is shown as two (render/escape.h).
std::string Spelled(absl::string_view row) {
  std::string name = absl::StrReplaceAll(row, {{"\\\\", "\\"}});
  if (absl::StartsWithIgnoreCase(name, "qos ")) name.replace(0, 4, "QOS ");
  return name;
}

}  // namespace

bool IsSkippable(absl::string_view code) {
  return code == kMissingQos || code == kMissingTres || code == kCollateral ||
         code == kNotAddressable || code == kCannotRestore ||
         code == kRunningJobs;
}

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

absl::StatusOr<Plan> MakePlan(const World& live, const Tree& target,
                              const PlanOptions& options) {
  std::vector<Blamed> blamed;
  if (options.skip.empty()) return PlanOnce(live, target, options, &blamed);
  absl::btree_set<std::string> codes, said;
  for (const std::string& word : options.skip) {
    (IsSkippable(word) ? codes : said).insert(Spelled(word));
  }
  absl::btree_set<std::string> rows = said;
  while (true) {
    std::vector<std::string> unused;
    const Tree rest =
        rows.empty() ? target : LeaveAsLive(live.tree, target, rows, &unused);
    blamed.clear();
    ASSIGN_OR_RETURN(Plan plan, PlanOnce(live, rest, options, &blamed));
    const size_t before = rows.size();
    for (const Blamed& row : blamed) {
      if (codes.contains(row.code)) rows.insert(row.row);
    }
    if (rows.size() > before) continue;  // What depended on those may show now.

    plan.target_fingerprint = Fingerprint(target);
    Finding left;
    left.rows = Without(Diff(live.tree, target), Diff(live.tree, rest));
    if (!left.rows.empty()) {
      left.code = std::string(kSkipped);
      left.severity = Finding::Severity::kNote;
      left.message = "left as live has them, as --skip says";
      plan.findings.push_back(std::move(left));
    }
    Finding slip;
    for (const std::string& row : unused) {
      if (said.contains(row)) slip.rows.push_back(row);
    }
    if (!slip.rows.empty()) {
      slip.code = std::string(kUnusedSkip);
      slip.severity = Finding::Severity::kWarning;
      slip.message = "--skip names rows that would not change";
      plan.findings.push_back(std::move(slip));
    }
    SortFindings(&plan.findings);
    return plan;
  }
}

}  // namespace assocsync
