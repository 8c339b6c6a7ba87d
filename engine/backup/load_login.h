// A login that is made for one load and can do nothing but that.
#ifndef ASSOCSYNC_ENGINE_BACKUP_LOAD_LOGIN_H_
#define ASSOCSYNC_ENGINE_BACKUP_LOAD_LOGIN_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/io/database.h"

namespace assocsync {

// The user assocsync_load_NUMBER of the server, with the rights to create
// tables and to insert rows in one database and no others: whatever a load
// sends, it reaches that database only, even where the login that was given is
// an administrator's. Dropped by the destructor; what a killed run left is
// dropped by the next Make, because whoever made one holds a named lock as long
// as it lives. Its password is random, leaves this process as a hash, and is
// nowhere else.
class LoadLogin {
 public:
  // `given`: the login to make it with, and the database. Errors: it may not
  // (it needs CREATE USER, and rights on the database with GRANT OPTION), or
  // the server takes no such login; nothing is left behind then.
  static absl::StatusOr<LoadLogin> Make(const DatabaseOptions& given,
                                        uint64_t number);
  LoadLogin(LoadLogin&&) noexcept = default;
  LoadLogin& operator=(LoadLogin&&) = delete;
  ~LoadLogin();

  // `given` with that user and its password.
  const DatabaseOptions& options() const { return options_; }
  // An error names the user, which the admin must drop then.
  absl::Status Drop();

 private:
  LoadLogin() = default;

  DatabaseOptions options_;
  std::string user_;                    // 'assocsync_load_1'@'localhost'
  std::unique_ptr<Database> database_;  // Of the given login. Null: dropped.
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_LOAD_LOGIN_H_
