#include "engine/apply/compare.h"

#include <utility>

#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "engine/base/maps.h"
#include "engine/diff/diff.h"
#include "engine/model/finding.h"
#include "engine/model/value.h"

namespace assocsync {
namespace {

using absl::string_view;
using Problems = std::vector<std::string>;

// "live changed: ~ association hep/alice MaxJobs 4 -> 8"
void AppendDiff(string_view intro, const Tree& from, const Tree& to,
                Problems* problems) {
  for (const Change& change : Diff(from, to)) {
    problems->push_back(absl::StrCat(intro, change.ToString()));
  }
}

// But for what the caller accepts, which may be more than it was, and for jobs,
// which come and go: those of now stand in the way, or do not.
bool SameFindings(std::vector<Finding> then, std::vector<Finding> now) {
  for (std::vector<Finding>* findings : {&then, &now}) {
    std::erase_if(*findings, [](const Finding& f) {
      return RowOf(f.code).Is(FindingRow::kOfTheMoment);
    });
    for (Finding& finding : *findings) finding.lifted = false;
  }
  return then == now;
}

using ChangeName = std::pair<Change::What, AssocKey>;

// Rows whose changes are not the same in two plans for one target: live
// differs in just these.
void AppendChangedRows(const std::vector<Change>& then,
                       const std::vector<Change>& now, Problems* problems) {
  absl::btree_map<ChangeName, std::pair<const Change*, const Change*>> rows;
  for (const Change& change : then) {
    rows[{change.what, change.row}].first = &change;
  }
  for (const Change& change : now) {
    rows[{change.what, change.row}].second = &change;
  }
  for (const auto& [name, pair] : rows) {
    const auto& [before, after] = pair;
    if (before != nullptr && after != nullptr && *before == *after) {
      continue;
    }
    problems->push_back(absl::StrCat(
        "live changed since the plan was made: the plan holds ",
        before == nullptr ? "nothing for this row" : before->ToString(),
        ", now it would be ",
        after == nullptr ? "nothing" : after->ToString()));
  }
}

template <typename T>
void AppendIfDifferent(string_view what, const T& then, const T& now,
                       Problems* problems) {
  if (then == now) return;
  problems->push_back(absl::StrCat(what, " was ", then, " and is ", now));
}

// Compares two sorted maps. `expect(key)`: false leaves the key out.
template <typename Map, typename NameOf, typename Expect>
void AppendMapDiff(const Map& before, const Map& after, const NameOf& name,
                   const Expect& expect, Problems* problems) {
  for (const auto& [key, value] : before) {
    const auto* const now = FindIn(after, key);
    if (!expect(key) || (now != nullptr && *now == value)) continue;
    problems->push_back(
        absl::StrCat(name(key), now == nullptr ? " is gone" : " is changed"));
  }
  for (const auto& [key, value] : after) {
    if (expect(key) && !before.contains(key)) {
      problems->push_back(absl::StrCat(name(key), " is new"));
    }
  }
}

// The others' rows without names of QOS that `removed` holds.
absl::btree_map<DatabaseState::OtherKey, DatabaseState::OtherRow> WithoutQos(
    const absl::btree_map<DatabaseState::OtherKey, DatabaseState::OtherRow>&
        rows,
    const absl::btree_set<Name>& removed) {
  if (removed.empty()) return rows;
  absl::btree_map<DatabaseState::OtherKey, DatabaseState::OtherRow> result;
  for (const auto& [key, row] : rows) {
    DatabaseState::OtherRow kept = row;
    std::vector<string_view> names;
    for (string_view name : Elements(row.qos.view())) {
      if (!removed.contains(Name(QosNamed(name)))) names.push_back(name);
    }
    kept.qos = Name(JoinElements(names));
    result.emplace_hint(result.end(), key, kept);
  }
  return result;
}

void AppendOthers(const DatabaseState& before, const DatabaseState& after,
                  const Plan& plan, Problems* problems) {
  absl::btree_set<Name> removed_qos;
  for (Name qos : before.qos) {
    if (!after.qos.contains(qos)) removed_qos.insert(qos);
  }
  AppendMapDiff(
      WithoutQos(before.others, removed_qos),
      WithoutQos(after.others, removed_qos),
      [](const DatabaseState::OtherKey& key) {
        return absl::StrCat("cluster ", key.cluster.view(), ": association ",
                            key.row.ToString());
      },
      [](const DatabaseState::OtherKey&) { return true; }, problems);
  const auto foreign_user = [&](Name user) {
    return !before.tree.users.contains(user) &&
           !plan.expected.users.contains(user);
  };
  const auto foreign_account = [&](Name account) {
    return !before.tree.accounts.contains(account) &&
           !plan.expected.accounts.contains(account);
  };
  const auto record_of = [](absl::string_view kind) {
    return [kind](Name name) {
      return absl::StrCat("the record of ", kind, " ", name.view());
    };
  };
  AppendMapDiff(before.users, after.users, record_of("user"), foreign_user,
                problems);
  AppendMapDiff(before.accounts, after.accounts, record_of("account"),
                foreign_account, problems);
  for (const bool gone : {true, false}) {
    const DatabaseState& from = gone ? before : after;
    const DatabaseState& to = gone ? after : before;
    for (const DatabaseState::Coordinator& pair : from.coordinators) {
      if (to.coordinators.contains(pair) || !foreign_user(pair.user) ||
          !foreign_account(pair.account)) {
        continue;
      }
      problems->push_back(absl::StrCat("coordinator ", pair.user.view(),
                                       " of account ", pair.account.view(),
                                       gone ? " is gone" : " is new"));
    }
  }
}

}  // namespace

std::vector<std::string> StaleReasons(const SavedPlan& saved,
                                      const Plan& fresh) {
  const Plan& plan = saved.plan;
  Problems problems;
  AppendIfDifferent("the cluster", plan.cluster.view(), fresh.cluster.view(),
                    &problems);
  AppendIfDifferent("the release of Slurm", plan.release.ToString(),
                    fresh.release.ToString(), &problems);
  if (plan.target_fingerprint != fresh.target_fingerprint) {
    problems.push_back(
        "the target in the plan file is not the one that the plan was made "
        "from");
  }
  if (plan.base_fingerprint != fresh.base_fingerprint) {
    problems.push_back(
        "the base in the plan file is not the one that the plan was made from");
  }
  if (!problems.empty()) return problems;
  AppendChangedRows(plan.changes, fresh.changes, &problems);
  if (!problems.empty()) return problems;
  const std::string expected = Fingerprint(fresh.expected);
  if (plan.live_fingerprint != fresh.live_fingerprint) {
    problems.push_back("the live tree is not the one that was planned for");
  } else if (plan.steps != fresh.steps) {
    size_t i = 0;
    while (i < plan.steps.size() && i < fresh.steps.size() &&
           plan.steps[i] == fresh.steps[i]) {
      ++i;
    }
    problems.push_back(absl::StrCat(
        "the same changes would now be made by other commands (from step ",
        i + 1,
        " on): something outside of this cluster changed, or the file "
        "was edited"));
  } else if (saved.expected_fingerprint != expected) {
    problems.push_back("the plan would now end in another tree");
  } else if (!SameFindings(plan.findings, fresh.findings)) {
    problems.push_back("the plan's findings would now be others");
  }
  return problems;
}

std::vector<std::string> LiveChanges(const LiveState& planned,
                                     const LiveState& now) {
  Problems problems;
  AppendIfDifferent("the release of Slurm", planned.release.ToString(),
                    now.release.ToString(), &problems);
  AppendIfDifferent("PreserveCaseUser", planned.preserve_user_case,
                    now.preserve_user_case, &problems);
  AppendDiff("live changed: ", planned.database.tree, now.database.tree,
             &problems);
  if (!problems.empty()) return problems;
  if (!(planned.database.tree == now.database.tree)) {
    problems.push_back("the live tree changed");
  } else if (planned.database.ids != now.database.ids) {
    problems.push_back(
        "live changed: associations were removed and added again");
  } else if (planned.database.lineages != now.database.lineages) {
    problems.push_back("live changed: lineages of associations moved");
  }
  return problems;
}

std::vector<std::string> Unmet(const DatabaseState& before,
                               const DatabaseState& after, const Plan& plan) {
  Problems problems;
  AppendDiff("still to do: ", after.tree, plan.expected, &problems);
  if (problems.empty() && !(after.tree == plan.expected)) {
    problems.push_back("the live tree is not the expected one");
  }
  const std::vector<std::string> rows = plan.RowsOf(kAddedAgain);
  const absl::btree_set<std::string> again(rows.begin(), rows.end());
  for (const auto& [key, id] : before.ids) {
    if (!plan.expected.associations.contains(key) ||
        (!again.empty() && again.contains(key.ToString()))) {
      continue;
    }
    auto it = after.ids.find(key);
    if (it == after.ids.end() || it->second == id) continue;
    problems.push_back(absl::StrCat("association ", key.ToString(), " has id ",
                                    it->second, " and not its old id ", id,
                                    ": it was removed and added again"));
  }
  AppendOthers(before, after, plan, &problems);
  return problems;
}

}  // namespace assocsync
