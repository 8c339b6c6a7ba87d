// May this slurmdbd be started on that database?
#ifndef ASSOCSYNC_ENGINE_RESTORE_SCHEMA_H_
#define ASSOCSYNC_ENGINE_RESTORE_SCHEMA_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/io/database.h"
#include "engine/io/process.h"
#include "engine/slurm/release.h"

namespace assocsync {

// What the tables themselves say, whatever a manifest tells.
struct Schema {
  int version = 0;               // convert_version_table.version
  bool assoc_lacks_lft = false;  // some CLUSTER_assoc_table has no lft
  bool acct_has_flags = false;
};
// kFailedPrecondition: no slurmdbd has ever finished making this database.
absl::StatusOr<Schema> ReadSchema(Database& server, absl::string_view database);

// kFailedPrecondition when a slurmdbd of `release` could not start from it:
// the database is newer (it would refuse, or, up to 22.05, drop what it does
// not know), or too old for it to upgrade. Of a release newer than the table
// only the latter is known.
absl::Status CheckSchema(const Schema& schema, const Release& release);

// What `slurmdbd -V` says. `program`: a path; empty: slurmdbd, sought in
// `search_path` and the usual sbin folders. kNotFound: there is none here.
absl::StatusOr<Release> InstalledSlurmdbd(const std::string& program,
                                          const std::string& search_path,
                                          CommandRunner& runner);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RESTORE_SCHEMA_H_
