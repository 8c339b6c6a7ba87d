// A DatabaseState straight from the tables of a slurmdbd database, for holding
// the model against it: written apart from engine/live on purpose.
#ifndef ASSOCSYNC_TESTS_SUPPORT_SQL_STATE_H_
#define ASSOCSYNC_TESTS_SUPPORT_SQL_STATE_H_

#include <string>
#include <vector>

#include "engine/io/database.h"
#include "engine/slurm/database_state.h"

namespace assocsync {

// `series`: 2411. `others`: the other clusters. DatabaseState.default_rows and
// ids are filled; lineages only where they are not what the row's names say;
// QOS definitions are left out.
DatabaseState ReadState(Database& database, int series,
                        const std::string& cluster,
                        const std::vector<std::string>& others);

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_SQL_STATE_H_
