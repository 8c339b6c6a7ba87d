// What the targets of several clusters of one database say of the records that
// these share (shared.h): the AdminLevel and coordinator rights of a user, the
// texts of an account, the QOS. A complete file says all of it for its users
// and accounts; one by hand only what it lists; and of QOS only files that
// define QOS say anything.
#ifndef ASSOCSYNC_ENGINE_PLAN_AGREED_H_
#define ASSOCSYNC_ENGINE_PLAN_AGREED_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "engine/model/finding.h"
#include "engine/model/tree.h"
#include "engine/plan/plan.h"
#include "engine/slurm/database_state.h"
#include "engine/slurm/release.h"

namespace assocsync {

struct AgreedRecords {
  absl::btree_set<Name> clusters;  // Those that are planned together.
  // What the files of others say where one is silent. By user, canonical;
  // empty: none. By account, Description and Organization.
  absl::btree_map<Name, Name> admin_levels, coordinators;
  absl::btree_map<Name, Fields> texts;
  // All QOS there are to be; only where some file defines QOS.
  bool lists_qos = false;
  absl::btree_map<Name, Record> qos;
  // By LookAtTargets. Accounts that leave every cluster: no right over one can
  // stay.
  absl::btree_set<Name> gone_accounts;
  // Some file has one, beside root.
  bool has_administrator = false;
};

// The same for one plan of several.
struct SharedView {
  const AgreedRecords* agreed = nullptr;
  // The last one: QOS that go, go now. Before it other clusters may still use
  // them.
  bool is_last = true;
  // A cluster's first plan of two: what goes waits for the second, and so do
  // rights over accounts that another cluster has yet to make.
  bool adds_only = false;

  // Makes `target` say what is agreed, as far as it is its turn on `live`, of a
  // release of this behaviour.
  void Apply(const DatabaseState& live, const Behaviour& behaviour,
             Tree* target) const;
};

// Where the target of an input says it: "lab/cluster.cfg:12". `line`: as
// Record::line, 0: nowhere in it.
using PlaceOfLine = std::function<std::string(size_t input, uint32_t line)>;

// Of `inputs`, one for each cluster. What two of them contradict each other
// about becomes a finding (AS133); the word of the first then counts. Linear in
// the trees, for each pair of them.
AgreedRecords AgreedBy(const std::vector<PlanInput>& inputs,
                       const PlaceOfLine& place,
                       std::vector<Finding>* findings);

// What only the targets as they will be planned tell (MadeTarget), in the order
// of `inputs`: gone_accounts, with a finding (AS111) of the rights that no
// cluster's account can bear any more, and has_administrator.
void LookAtTargets(const std::vector<PlanInput>& inputs,
                   const std::vector<const Tree*>& targets,
                   AgreedRecords* agreed, std::vector<Finding>* findings);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_AGREED_H_
