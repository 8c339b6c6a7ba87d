// Rows of users that one `modify user` can name.
//
// The command has a list of users and one of accounts, and reaches every row
// (of the partition that it says) that any of these users has in any of these
// accounts. So rows go into one command as long as none of their users has
// another row there.
#ifndef ASSOCSYNC_ENGINE_PLAN_ROW_GROUPS_H_
#define ASSOCSYNC_ENGINE_PLAN_ROW_GROUPS_H_

#include <cstddef>
#include <functional>
#include <vector>

#include "engine/base/name.h"
#include "engine/model/tree.h"

namespace assocsync {

// The rows of a user that are there, or so many of them.
using RowsOfUser = std::function<std::vector<AssocKey>(Name, size_t at_most)>;

// Groups of indices into `rows`, at most `most` in each, those of a user next
// to one another; few groups, not the fewest. `rows`: of one partition, each
// once. Its time is linear: a user with many other rows goes with those of the
// same account alone.
std::vector<std::vector<size_t>> GroupUserRows(
    const std::vector<AssocKey>& rows, const RowsOfUser& rows_of, size_t most);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_ROW_GROUPS_H_
