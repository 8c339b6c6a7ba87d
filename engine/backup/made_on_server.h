// What a run makes on a server for itself alone, and takes away again.
#ifndef ASSOCSYNC_ENGINE_BACKUP_MADE_ON_SERVER_H_
#define ASSOCSYNC_ENGINE_BACKUP_MADE_ON_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/io/database.h"

namespace assocsync {

// What the scratch database of that number is called, and an error of a login
// that lacks the right to it, with the GRANT that it needs.
std::string ScratchName(uint64_t number);
absl::Status NeedsScratchRight(const absl::Status& status);

// A database or a login, dropped by Drop or the destructor. What a killed run
// left is dropped by the next one: whoever made something holds a named lock as
// long as it lives, so a thing whose lock is free belongs to nobody.
class MadeOnServer {
 public:
  // The database assocsync_verify_NUMBER, empty at first. server.database is
  // not looked at. The user of `server` needs:
  //   GRANT ALL ON `assocsync\_verify\_%`.* TO ...
  // kPermissionDenied tells that; others as Connect.
  static absl::StatusOr<MadeOnServer> ScratchDatabase(
      const DatabaseOptions& server, uint64_t number);

  // The user assocsync_load_NUMBER, with the rights to create tables and to
  // insert rows in given.database and no others: whatever a load sends, it
  // reaches that database only, even where the login that was given is an
  // administrator's. Its password is random, leaves this process as a hash, and
  // is nowhere else. Errors: the login `given` may not (it needs CREATE USER,
  // and rights on the database with GRANT OPTION), or the server takes no such
  // login; nothing is left behind then.
  static absl::StatusOr<MadeOnServer> LoadLogin(const DatabaseOptions& given,
                                                uint64_t number);

  MadeOnServer(MadeOnServer&&) noexcept = default;
  MadeOnServer& operator=(MadeOnServer&&) = delete;
  ~MadeOnServer() { Drop().IgnoreError(); }

  // Those that were given, with that database, or with that user.
  const DatabaseOptions& options() const { return options_; }
  // Idempotent. An error names the thing, which the admin must drop then.
  absl::Status Drop();

 private:
  explicit MadeOnServer(const DatabaseOptions& given);

  DatabaseOptions server_;  // As given, without a database.
  DatabaseOptions options_;
  std::string what_;                    // "the scratch database x"
  std::string drop_;                    // The statement.
  std::unique_ptr<Database> database_;  // Holds the lock. Null: none is made.
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_MADE_ON_SERVER_H_
