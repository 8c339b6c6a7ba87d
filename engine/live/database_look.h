// Looks at rows of slurmdbd's database again and again while a run changes
// them: one connection, and each time only the users that are asked for.
#ifndef ASSOCSYNC_ENGINE_LIVE_DATABASE_LOOK_H_
#define ASSOCSYNC_ENGINE_LIVE_DATABASE_LOOK_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "engine/io/database.h"
#include "engine/live/database_schema.h"
#include "engine/live/database_value.h"
#include "engine/slurm/database_state.h"

namespace assocsync {

class DatabaseLook {
 public:
  // Connects when it is needed first, and anew after an error.
  DatabaseLook(DatabaseOptions options, std::string cluster, bool fold_users)
      : options_(std::move(options)),
        cluster_(std::move(cluster)),
        fold_users_(fold_users) {}

  // What is committed by now, of `part`. null, or more users than a statement
  // should name: the whole state. When the stop
  // flag of the options ends a look, there is one more, which waits a second at
  // most for each answer: what a command did before Ctrl-C should be known.
  // Errors: Connect, ReadDatabase.
  absl::StatusOr<DatabaseState> Read(const StatePart* part);

 private:
  absl::StatusOr<DatabaseState> ReadBy(const DatabaseOptions& options,
                                       const StatePart* part);

  DatabaseOptions options_;
  std::string cluster_;
  bool fold_users_;
  std::unique_ptr<Database> database_;
  std::optional<DatabaseSchema> schema_;
  std::shared_ptr<const DatabaseNames> names_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LIVE_DATABASE_LOOK_H_
