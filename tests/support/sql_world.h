// A World straight from the tables of a slurmdbd database, for holding the
// model against it: written apart from engine/live on purpose.
#ifndef ASSOCSYNC_TESTS_SUPPORT_SQL_WORLD_H_
#define ASSOCSYNC_TESTS_SUPPORT_SQL_WORLD_H_

#include <string>
#include <vector>

#include "engine/io/database.h"
#include "engine/slurm/world.h"

namespace assocsync {

// `series`: 2411. `others`: the other clusters. World.default_rows and ids are
// filled; lineages only where they are not what the row's names say; QOS
// definitions are left out.
World ReadWorld(Database& database, int series, const std::string& cluster,
                const std::vector<std::string>& others);

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_SQL_WORLD_H_
