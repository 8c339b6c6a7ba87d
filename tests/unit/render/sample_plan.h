// A small plan made by hand: one of everything that a renderer shows.
#ifndef ASSOCSYNC_TESTS_UNIT_RENDER_SAMPLE_PLAN_H_
#define ASSOCSYNC_TESTS_UNIT_RENDER_SAMPLE_PLAN_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/plan/plan.h"

namespace assocsync {

inline std::optional<Name> Set(absl::string_view text) { return Name(text); }

inline FieldChange Field(Key key, std::optional<Name> from,
                         std::optional<Name> to) {
  return {key, from, to};
}

inline Change AChange(Change::What what, Change::How how, AssocKey row,
                      FieldChanges fields = {}) {
  Change change;
  change.what = what;
  change.how = how;
  change.row = row;
  change.fields = std::move(fields);
  return change;
}

inline AssocKey Row(absl::string_view account, absl::string_view user = "",
                    absl::string_view partition = "") {
  return {Name(account), Name(user), Name(partition)};
}

// Account `name` below `parent`, in the tree after the plan.
inline void Below(absl::string_view name, absl::string_view parent,
                  Plan* plan) {
  plan->expected.associations[Row(name)].parent = Name(parent);
}

inline Plan SamplePlan() {
  using What = Change::What;
  using How = Change::How;
  Plan plan;
  plan.cluster = Name("hpc");
  plan.release = {2411, 5};
  plan.live_fingerprint = "00000000000000aa";
  plan.target_fingerprint = "00000000000000bb";
  Below("root", "", &plan);
  Below("bio", "root", &plan);
  Below("lab", "bio", &plan);
  Below("hep", "root", &plan);
  plan.changes.push_back(
      AChange(What::kQos, How::kModify, Row("long"),
              {Field(Key::kQosPriority, Set("10"), Set("20"))}));
  plan.changes.push_back(
      AChange(What::kAccount, How::kModify, Row("bio"),
              {Field(Key::kDescription, Set("old text"), Set("biology"))}));
  plan.changes.push_back(
      AChange(What::kUser, How::kAdd, Row("", "dora"),
              {Field(Key::kDefaultAccount, std::nullopt, Set("lab")),
               Field(Key::kAdminLevel, std::nullopt, Set("Operator"))}));
  plan.changes.push_back(
      AChange(What::kUser, How::kModify, Row("", "alice"),
              {Field(Key::kDefaultAccount, Set("hep"), Set("lab"))}));
  plan.changes.push_back(
      AChange(What::kUser, How::kRemove, Row("", "bob"),
              {Field(Key::kDefaultAccount, Set("lab"), std::nullopt)}));
  Change moved = AChange(What::kAssociation, How::kModify, Row("hep"),
                         {Field(Key::kFairshare, Set("7"), std::nullopt)});
  moved.parent_from = Name("bio");
  moved.parent_to = Name("root");
  plan.changes.push_back(
      AChange(What::kAssociation, How::kModify, Row("bio"),
              {Field(Key::kGrpTres, Set("cpu=100"), Set("cpu=200"))}));
  plan.changes.back().parent_from = plan.changes.back().parent_to =
      Name("root");
  plan.changes.push_back(moved);
  plan.changes.push_back(
      AChange(What::kAssociation, How::kModify, Row("lab", "alice", "debug"),
              {Field(Key::kMaxJobs, std::nullopt, Set("8"))}));
  plan.changes.push_back(
      AChange(What::kAssociation, How::kRemove, Row("lab", "bob"),
              {Field(Key::kMaxJobs, Set("1"), std::nullopt)}));
  plan.changes.push_back(
      AChange(What::kAssociation, How::kAdd, Row("lab", "dora"),
              {Field(Key::kMaxJobs, std::nullopt, Set("4")),
               Field(Key::kQos, std::nullopt, Set("long,normal"))}));
  plan.steps.push_back({Phase::kAccounts,
                        {"modify", "account", "where", "name=hep",
                         "cluster=hpc", "set", "parent=root"},
                        "hep: parent bio -> root",
                        false});
  plan.steps.push_back({Phase::kDeleteUsers,
                        {"delete", "user", "where", "name=bob", "cluster=hpc",
                         "account=lab", "partition="},
                        "lab/bob: not in backup.cfg",
                        true});
  Finding finding;
  finding.code = kDeleteShare;
  finding.severity = Severity::kError;
  finding.message = "The plan deletes 14 of 20 users, more than 30%.";
  for (int i = 0; i < 14; ++i) {
    finding.rows.push_back("user u" + std::to_string(i));
  }
  finding.lifted_by = "--max-delete 70%";
  plan.findings.push_back(finding);
  plan.findings.push_back(MakeFinding(kOffline, "Planned offline."));
  return plan;
}

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_UNIT_RENDER_SAMPLE_PLAN_H_
