#include "engine/plan/jobs.h"

#include <map>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "engine/plan/finding.h"

namespace assocsync {
namespace {

constexpr size_t kIdsShown = 5;

// The jobs of one row, running ones apart.
struct Use {
  std::vector<uint64_t> running, pending;

  void Add(const Job& job) {
    (job.running ? running : pending).push_back(job.id);
  }
};

// "2 running (4711, 4712)"; nothing for none.
std::string Ids(const std::vector<uint64_t>& ids, absl::string_view state) {
  if (ids.empty()) return "";
  std::string out = absl::StrCat(ids.size(), " ", state, " (");
  for (size_t i = 0; i < ids.size() && i < kIdsShown; ++i) {
    absl::StrAppend(&out, i == 0 ? "" : ", ", ids[i]);
  }
  return absl::StrCat(out, ids.size() > kIdsShown ? ", ..." : "", ")");
}

std::string Words(absl::string_view name, const Use& use) {
  const std::string running = Ids(use.running, "running");
  const std::string pending = Ids(use.pending, "pending");
  return absl::StrCat(name, ": ", running,
                      running.empty() || pending.empty() ? "" : ", ", pending);
}

}  // namespace

std::vector<Finding> GuardJobs(const Plan& plan, const std::vector<Job>& jobs,
                               std::vector<Blamed>* blamed) {
  if (jobs.empty()) return {};
  absl::flat_hash_set<std::string> gone;  // As RowName has them.
  for (const Change& change : plan.changes) {
    if (change.how != Change::How::kRemove) continue;
    if (change.what == Change::What::kAssociation ||
        change.what == Change::What::kQos) {
      gone.insert(RowName(change.what, change.row));
    }
  }
  for (const Finding& finding : plan.findings) {
    if (finding.code == kAddedAgain) {
      gone.insert(finding.rows.begin(), finding.rows.end());
    }
  }
  if (gone.empty()) return {};
  std::map<std::string, Use> uses;
  for (const Job& job : jobs) {
    for (std::string name :
         {RowName(Change::What::kAssociation, job.row),
          job.qos.empty() ? std::string()
                          : RowName(Change::What::kQos, {job.qos, {}, {}})}) {
      if (gone.contains(name)) uses[std::move(name)].Add(job);
    }
  }
  if (uses.empty()) return {};
  std::vector<std::string> rows;
  size_t running = 0, pending = 0;
  for (const auto& [name, use] : uses) {
    rows.push_back(Words(name, use));
    if (blamed != nullptr) blamed->push_back({std::string(kRunningJobs), name});
    running += use.running.size();
    pending += use.pending.size();
  }
  return {MakeFinding(
      kRunningJobs, Finding::Severity::kRefuse,
      absl::StrCat("jobs use what the plan deletes: ", running, " running, ",
                   pending, " pending (by the database)"),
      std::move(rows))};
}

}  // namespace assocsync
