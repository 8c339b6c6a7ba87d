// The last word on a backup: load it, and look at what is there then.
#ifndef ASSOCSYNC_ENGINE_BACKUP_TRIAL_LOAD_H_
#define ASSOCSYNC_ENGINE_BACKUP_TRIAL_LOAD_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/backup/load_dump.h"
#include "engine/backup/manifest.h"
#include "engine/io/database.h"

namespace assocsync {

// A database of assocsync's own on a server, empty at first, dropped by Drop or
// the destructor. Its name is assocsync_verify_NUMBER. What a killed run left
// is dropped by the next Create: whoever made one holds a named lock as long as
// it lives, so one whose lock is free belongs to nobody.
//
// The user of `server` needs: GRANT ALL ON `assocsync\_verify\_%`.* TO ...
class ScratchDatabase {
 public:
  // server.database is not looked at. kPermissionDenied tells that GRANT;
  // others as Connect.
  static absl::StatusOr<ScratchDatabase> Create(const DatabaseOptions& server,
                                                uint64_t number);
  ScratchDatabase(ScratchDatabase&& other) noexcept;
  ScratchDatabase& operator=(ScratchDatabase&&) = delete;
  ~ScratchDatabase();

  // The server's options with this database.
  const DatabaseOptions& options() const { return options_; }
  // Idempotent. An error names the database, which the admin must drop then.
  absl::Status Drop();

 private:
  ScratchDatabase() = default;

  DatabaseOptions options_;
  std::unique_ptr<Database> database_;  // Holds the lock. Null: dropped.
};

// Loads the SQL of the backup folder `dir` into a scratch database and counts
// its rows: they must be those of the manifest in every table, and no table may
// be there beyond them. `look` then sees a read-only connection to it; its
// error is returned. The database is dropped in any case. `load.database` says
// which server and user, and `load.number` which scratch database. Errors:
// kDataLoss naming what differs; those of LoadDump, StreamSql,
// ScratchDatabase::Create and Drop.
absl::StatusOr<Loaded> CheckByLoading(
    const std::string& dir, const Manifest& manifest, LoadOptions load,
    absl::FunctionRef<absl::Status(Database&)> look);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_TRIAL_LOAD_H_
