#include "engine/plan/jobs.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/base/maps.h"
#include "engine/diff/merge.h"
#include "engine/model/finding.h"
#include "engine/model/value.h"
#include "engine/model/walk.h"

namespace assocsync {
namespace {

constexpr size_t kIdsShown = 5;

// The jobs of one row, by state.
struct Use {
  std::vector<uint64_t> running, pending, runaway;

  void Add(const Job& job) {
    (job.state == Job::State::kRunning   ? running
     : job.state == Job::State::kPending ? pending
                                         : runaway)
        .push_back(job.id);
  }
};

// "2 running (4711, 4712)"; nothing for none.
std::string Ids(const std::vector<uint64_t>& ids, absl::string_view state) {
  if (ids.empty()) return "";
  const auto end = ids.begin() + std::min(ids.size(), kIdsShown);
  return absl::StrCat(ids.size(), " ", state, " (",
                      absl::StrJoin(ids.begin(), end, ", "),
                      end == ids.end() ? "" : ", ...", ")");
}

std::string Words(absl::string_view name, const Use& use) {
  std::vector<std::string> words = {Ids(use.running, "running"),
                                    Ids(use.pending, "pending"),
                                    Ids(use.runaway, "runaway")};
  std::erase(words, "");
  return absl::StrCat(name, ": ", absl::StrJoin(words, ", "));
}

using Uses = std::map<std::string, Use>;  // By what is used, in words.

Finding FindingOf(const Uses& uses, absl::string_view message) {
  std::vector<std::string> rows;
  size_t running = 0, pending = 0, runaway = 0;
  for (const auto& [name, use] : uses) {
    rows.push_back(Words(name, use));
    running += use.running.size();
    pending += use.pending.size();
    runaway += use.runaway.size();
  }
  return MakeFinding(
      kRunningJobs,
      absl::StrCat(message, ": ", running, " running, ", pending, " pending",
                   runaway == 0
                       ? ""
                       : absl::StrCat(", ", runaway,
                                      " runaway, which slurmctld does not know "
                                      "(sacctmgr show runawayjobs ends them)")),
      std::move(rows));
}

// Rows and QOS that the plan deletes, as RowName has them.
absl::flat_hash_set<std::string> Gone(const Plan& plan) {
  absl::flat_hash_set<std::string> gone;
  for (const Change& change : plan.changes) {
    if (change.how != Change::How::kRemove) continue;
    if (change.what == Change::What::kAssociation ||
        change.what == Change::What::kQos) {
      gone.insert(RowName(change.what, change.row));
    }
  }
  const std::vector<std::string> again = plan.RowsOf(kAddedAgain);
  gone.insert(again.begin(), again.end());
  return gone;
}

std::string NameOfQos(const Job& job) {
  return RowName(Change::What::kQos, {job.qos, {}, {}});
}

// Changes on which the QOS of rows that stay depend, by row. An account that
// comes or goes gives and takes nothing without one that moves.
absl::btree_map<AssocKey, std::string> QosChanges(const Plan& plan) {
  absl::btree_map<AssocKey, std::string> changes;
  for (const Change& change : plan.changes) {
    const bool is_row = change.what == Change::What::kAssociation ||
                        change.what == Change::What::kCluster;
    if (!is_row || change.how != Change::How::kModify) continue;
    if (!change.moves() && !change.Names(Key::kQos)) continue;
    AssocKey row = change.row;
    if (change.what == Change::What::kCluster) row = {RootName(), {}, {}};
    changes[row] = RowName(change.what, change.row);
  }
  return changes;
}

// Those of `changes` on the way from a row up to the nearest list of its own
// right, or to root: what is above gives it nothing.
void BlameAbove(const Tree& tree, const AssocKey& at,
                const absl::btree_map<AssocKey, std::string>& changes,
                const std::string& shown, std::vector<Blamed>* blamed) {
  Climb(tree, at, [&](const AssocKey& key, const Association& row) {
    if (const auto change = changes.find(key); change != changes.end()) {
      blamed->push_back({kRunningJobs, change->second, shown});
    }
    const Name* const list = row.limits.Find(Key::kQos);
    return list == nullptr || IsQosDelta(list->view());
  });
}

// Pending jobs of rows that stay, in a QOS that stays but is taken from their
// row; and what would have to stay for it, to `blamed`.
Uses LostQos(const Tree& live, const Plan& plan, const std::vector<Job>& jobs,
             const absl::flat_hash_set<std::string>& gone,
             std::vector<Blamed>* blamed) {
  Uses uses;
  const auto changes = QosChanges(plan);
  // In an illegal tree there may be no way up to root.
  if (changes.empty() || plan.Has(kIllegalTree)) {
    return uses;
  }
  QosNames before, after;
  const AssocKey* of = nullptr;  // The row of `before` and `after`.
  for (const Job& job : jobs) {
    if (job.state != Job::State::kPending || job.qos.empty() ||
        gone.contains(NameOfQos(job)) ||
        !plan.expected.associations.contains(job.row)) {
      continue;
    }
    if (of == nullptr || *of != job.row) {
      of = &job.row;
      before = EffectiveQos(live, *of);
      after = EffectiveQos(plan.expected, *of);
    }
    const absl::string_view qos = job.qos.view();
    if (!before.contains(qos) || after.contains(qos)) continue;
    const std::string shown = absl::StrCat(job.row.ToString(), " in QOS ", qos);
    const auto [use, is_first] = uses.try_emplace(shown);
    use->second.Add(job);
    if (!is_first || blamed == nullptr) continue;
    BlameAbove(live, *of, changes, shown, blamed);
    BlameAbove(plan.expected, *of, changes, shown, blamed);
  }
  return uses;
}

}  // namespace

std::vector<Finding> GuardJobs(const Tree& live, const Plan& plan,
                               const std::vector<Job>& jobs,
                               std::vector<Blamed>* blamed) {
  if (jobs.empty()) return {};
  const absl::flat_hash_set<std::string> gone = Gone(plan);
  std::vector<Finding> findings;
  Uses uses;
  for (const Job& job : jobs) {
    if (gone.empty()) break;
    for (std::string name :
         {job.row.ToString(),
          job.qos.empty() ? std::string() : NameOfQos(job)}) {
      if (gone.contains(name)) uses[std::move(name)].Add(job);
    }
  }
  if (!uses.empty()) {
    findings.push_back(FindingOf(uses, "jobs use what the plan deletes"));
    for (const auto& [name, use] : uses) {
      if (blamed == nullptr) break;
      blamed->push_back({kRunningJobs, name});
    }
  }
  uses = LostQos(live, plan, jobs, gone, blamed);
  if (!uses.empty()) {
    findings.push_back(FindingOf(
        uses, "pending jobs use a QOS that the plan takes from their rows"));
    findings.back().lifted_by = std::string(RowOf(kRunningJobs).lifted_by);
  }
  return findings;
}

namespace {

// Limits by which slurmctld ends running jobs.
constexpr Key kEndKeys[] = {
    Key::kGrpTresMins,    Key::kGrpWall,    Key::kMaxTresMinsPerJob,
    Key::kQosGrpTresMins, Key::kQosGrpWall, Key::kQosMaxTresMinsPerJob};

bool IsEndKey(Key key) { return absl::c_linear_search(kEndKeys, key); }

// Whether any limit of the kind can be another one for a row that stays.
bool ChangesEndLimits(const std::vector<Change>& changes) {
  return absl::c_any_of(changes, [](const Change& change) {
    return change.moves() ||
           (change.how == Change::How::kModify &&
            absl::c_any_of(change.fields, [](const FieldChange& field) {
              return IsEndKey(field.key);
            }));
  });
}

// By what is limited, in words: "GrpTRESMins cpu of account bio".
using EndLimits = absl::btree_map<std::string, uint64_t>;

// Those of one row or QOS. What is there already is nearer, and wins.
void TakeEndLimits(const Fields& fields, absl::string_view owner,
                   EndLimits* limits) {
  for (const Field& field : fields) {
    if (!IsEndKey(field.key)) continue;
    // The nearest holds, whoever has it; the others hold for each.
    const std::string of = field.key == Key::kMaxTresMinsPerJob
                               ? std::string()
                               : absl::StrCat(" of ", owner);
    for (const auto& [tres, value] :
         LimitNumbers(field.key, field.value.view())) {
      limits->emplace(
          absl::StrCat(Info(field.key).name, tres.empty() ? "" : " ", tres, of),
          value);
    }
  }
}

EndLimits EndLimitsOver(const Tree& tree, const Job& job, bool with_qos) {
  EndLimits limits;
  Climb(tree, job.row, [&](const AssocKey& key, const Association& row) {
    TakeEndLimits(row.limits, key.ToString(), &limits);
    return true;
  });
  if (const Record* const qos = FindIn(tree.qos, job.qos);
      with_qos && qos != nullptr) {
    TakeEndLimits(qos->fields, NameOfQos(job), &limits);
  }
  return limits;
}

}  // namespace

std::vector<Finding> TellEnded(const Tree& live, const Plan& plan,
                               const std::vector<Job>& jobs) {
  if (!ChangesEndLimits(plan.changes)) return {};
  const bool with_qos = live.lists_qos && plan.expected.lists_qos;
  Uses uses;
  const Job* of = nullptr;  // Whose row and QOS `tighter` is about.
  std::vector<std::string> tighter;
  for (const Job& job : jobs) {
    if (job.state != Job::State::kRunning ||
        !plan.expected.associations.contains(job.row)) {
      continue;
    }
    if (of == nullptr || of->row != job.row || of->qos != job.qos) {
      of = &job;
      tighter.clear();
      const EndLimits before = EndLimitsOver(live, job, with_qos);
      for (const auto& [what, value] :
           EndLimitsOver(plan.expected, job, with_qos)) {
        const uint64_t* const had = FindIn(before, what);
        if (had == nullptr || *had > value) {
          tighter.push_back(absl::StrCat(what, ": ", value));
        }
      }
    }
    if (tighter.empty()) continue;
    uses[absl::StrCat(job.row.ToString(), " (", absl::StrJoin(tighter, ", "),
                      ")")]
        .Add(job);
  }
  std::vector<std::string> rows;
  for (const auto& [name, use] : uses) rows.push_back(Words(name, use));
  std::vector<Finding> findings;
  AddIfAny(MakeFinding(kEndsJobs,
                       "running jobs come under lower limits; slurmctld ends "
                       "them where such a limit is used up",
                       std::move(rows)),
           &findings);
  return findings;
}

std::vector<Finding> GuardMentions(const Plan& plan,
                                   const std::vector<Mention>& mentions) {
  if (mentions.empty()) return {};
  using Of = Mention::Of;
  absl::flat_hash_set<Name> accounts, users, qos;
  for (const Change& change : plan.changes) {
    if (change.how != Change::How::kRemove) continue;
    if (change.what == Change::What::kQos) qos.insert(change.row.account);
    if (change.what != Change::What::kAssociation) continue;
    if (change.row.is_account()) {
      accounts.insert(change.row.account);
    } else if (!plan.expected.users.contains(change.row.user)) {
      users.insert(change.row.user);
    }
  }
  std::vector<std::string> rows;
  for (const Mention& mention : mentions) {
    const bool goes = (mention.of == Of::kAccount ? accounts
                       : mention.of == Of::kUser  ? users
                                                  : qos)
                          .contains(mention.name);
    if (!goes) continue;
    rows.push_back(absl::StrCat(mention.of == Of::kAccount ? "account "
                                : mention.of == Of::kUser  ? "user "
                                                           : "QOS ",
                                mention.name.view(), ": ", mention.where));
  }
  if (rows.empty()) return {};
  return {MakeFinding(
      kMentioned,
      "partitions or reservations name what the plan deletes; slurmctld drops "
      "such a reservation when it starts the next time",
      std::move(rows))};
}

std::vector<Finding> TellUsage(const Plan& plan, const RowUsage& usage) {
  const std::vector<std::string> added = plan.RowsOf(kAddedAgain);
  const absl::flat_hash_set<std::string> again(added.begin(), added.end());
  std::vector<std::string> rows;
  for (const auto& [key, used] : usage) {
    std::string name = key.ToString();
    if (used > 0 && again.contains(name)) {
      rows.push_back(absl::StrCat(std::move(name), ": RawUsage ",
                                  absl::StrFormat("%.0f", used)));
    }
  }
  if (rows.empty()) return {};
  return {MakeFinding(kUsageLost,
                      "rows that are added again lose what slurmctld holds of "
                      "their usage; their fair-share starts at nought",
                      std::move(rows))};
}

}  // namespace assocsync
