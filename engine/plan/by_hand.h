// What a file that people wrote does not say, and cannot have meant to take
// away.
#ifndef ASSOCSYNC_ENGINE_PLAN_BY_HAND_H_
#define ASSOCSYNC_ENGINE_PLAN_BY_HAND_H_

#include <vector>

#include "engine/model/tree.h"
#include "engine/plan/plan.h"
#include "engine/slurm/database_state.h"
#include "engine/slurm/release.h"

namespace assocsync {

struct AgreedRecords;

// The target (authorship.by_hand) with what stays as `known` has it, which is
// live's tree or the base of a proposal:
// - root's own row in account root, with root's rights and default, where the
//   file has no line for it;
// - the cluster's QOS list where the Cluster line has none; a `QOS+=` there
//   adds to it;
// - the default account of a user for whom the file names none, or several,
//   while the file has the user in that account;
// - AdminLevel, coordinators and WCKeys of users whom the file has, where it
//   does not say them: the first two hold on all clusters.
// Description and Organization are ExpectedFor's, for any file; so is `normal`.
// Users, accounts and limits that the file does not list go: that is what it
// is for. Each kind of what stays is one finding (AS130, unless null).
// `behaviour`: of live's release. `agreed` (may be null): what it says of
// users, no file leaves unsaid.
Tree WithUnsaid(const Tree& known, const DatabaseState& live,
                const Tree& target, const Behaviour& behaviour,
                std::vector<Finding>* findings,
                const AgreedRecords* agreed = nullptr);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_BY_HAND_H_
