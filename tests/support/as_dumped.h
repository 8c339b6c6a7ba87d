// What `sacctmgr dump` can say of a tree: the one list of what is lost there.
#ifndef ASSOCSYNC_TESTS_SUPPORT_AS_DUMPED_H_
#define ASSOCSYNC_TESTS_SUPPORT_AS_DUMPED_H_

#include "absl/container/btree_set.h"
#include "absl/status/statusor.h"
#include "engine/model/tree.h"

namespace assocsync {

// `tree`, read from the database itself, as a dump of `series` (2411) tells it.
// Lost are (slurm-facts 2.2 - 2.4):
// - QOS definitions and MinPrioThresh before 25.05, Comment before 23.02;
// - Description and Organization of the root account, which has no line, and
//   from 24.05 on those of the accounts in `users_are_coords` (their flag
//   UsersAreCoords is in the database only);
// - sizes that dump prints as another one (mem=1536M and mem=1.50G);
// - accounts that do not hang on root, and their users;
// - users that are left without a line.
// What breaks a dump altogether (a line break in a text) is an error here, as
// it is there.
absl::StatusOr<Tree> AsDumped(const Tree& tree, int series,
                              const absl::btree_set<Name>& users_are_coords);

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_AS_DUMPED_H_
