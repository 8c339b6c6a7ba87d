#include "engine/restore/purge.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/status.h"
#include "engine/restore/survey.h"

namespace assocsync {

absl::StatusOr<std::vector<std::string>> PurgeKept(
    const PurgeOptions& options, const DatabaseOpener& connect,
    const std::function<bool(const std::vector<OwnDatabase>&)>& confirm) {
  ASSIGN_OR_RETURN(RunLock lock,
                   RunLock::Acquire(options.backup_dir, options.database,
                                    connect, true, nullptr));
  Database& server = *lock.database();
  RETURN_IF_ERROR(DropLeftovers(server, options.database));
  ASSIGN_OR_RETURN(const std::vector<OwnDatabase> kept,
                   KeptDatabases(server, options.database));
  std::vector<std::string> dropped;
  if (kept.empty()) return dropped;
  ASSIGN_OR_RETURN(const Contents present, LookAt(server, options.database));
  if (!absl::c_linear_search(NamesOf(present.tables), "acct_table")) {
    return absl::FailedPreconditionError(absl::StrCat(
        "database ", options.database,
        " has no tables of slurmdbd: what is kept may be all there is. "
        "Restore first"));
  }
  if (!confirm(kept)) return dropped;
  for (const OwnDatabase& own : kept) {
    const absl::Status status = DropOwn(server, own.name, options.database);
    if (!status.ok()) {
      return Annotate(status, dropped.empty()
                                  ? "nothing was dropped"
                                  : absl::StrCat(absl::StrJoin(dropped, ", "),
                                                 " dropped; then"));
    }
    dropped.push_back(own.name);
  }
  return dropped;
}

}  // namespace assocsync
