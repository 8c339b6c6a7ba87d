#include "engine/backup/load_login.h"

#include <sys/random.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/base/status.h"
#include "engine/io/digest.h"

namespace assocsync {
namespace {

constexpr absl::string_view kLoginPrefix = "assocsync_load_";
constexpr size_t kPasswordBytes = 20;

absl::StatusOr<std::string> RandomPassword() {
  char bytes[kPasswordBytes];
  if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) {
    return absl::UnavailableError("no random bytes for a password");
  }
  return absl::BytesToHexString(absl::string_view(bytes, sizeof bytes));
}

// "'user'@'host'"
std::string Account(absl::string_view name, absl::string_view host) {
  return absl::StrCat(SqlString(name), "@", SqlString(host));
}

// As GRANT wants the name of one database: there '_' and '%' are patterns.
std::string GrantName(absl::string_view database) {
  return SqlName(absl::StrReplaceAll(
      database, {{"\\", "\\\\"}, {"_", "\\_"}, {"%", "\\%"}}));
}

// Where the server sees this program: the host behind USER().
absl::StatusOr<std::string> HostSeen(Database& database) {
  ASSIGN_OR_RETURN(const auto rows, database.Query("SELECT USER()"));
  if (rows.size() == 1 && rows[0].size() == 1 && rows[0][0].has_value()) {
    const size_t at = rows[0][0]->rfind('@');
    if (at != std::string::npos) return rows[0][0]->substr(at + 1);
  }
  return absl::InternalError("the server does not say who is connected");
}

// Where the given login may not look there are none of its making either.
void DropLeftLogins(Database& database) {
  const auto rows = database.Query(
      "SELECT User, Host FROM mysql.user WHERE User LIKE "
      "'assocsync\\\\_load\\\\_%'");
  if (!rows.ok()) return;
  for (const Database::Row& row : *rows) {
    const std::string name = row[0].value_or(""), host = row[1].value_or("");
    if (!TryLock(database, LockOf(name)).ok()) continue;
    database.Execute(absl::StrCat("DROP USER ", Account(name, host)))
        .IgnoreError();
    Unlock(database, LockOf(name)).IgnoreError();
  }
}

}  // namespace

absl::StatusOr<LoadLogin> LoadLogin::Make(const DatabaseOptions& given,
                                          uint64_t number) {
  LoadLogin login;
  login.options_ = given;
  DatabaseOptions server = given;
  server.database.clear();
  ASSIGN_OR_RETURN(auto database, ConnectForChanges(server));
  DropLeftLogins(*database);
  const std::string name = absl::StrCat(kLoginPrefix, number);
  RETURN_IF_ERROR(TryLock(*database, LockOf(name)));
  ASSIGN_OR_RETURN(const std::string host, HostSeen(*database));
  ASSIGN_OR_RETURN(const std::string version, ServerVersion(*database));
  ASSIGN_OR_RETURN(const std::string password, RandomPassword());
  const std::string user = Account(name, host);
  const bool mariadb =
      absl::StrContains(absl::AsciiStrToLower(version), "mariadb");
  RETURN_IF_ERROR(database->Execute(
      absl::StrCat("CREATE USER ", user,
                   mariadb ? " IDENTIFIED BY PASSWORD "
                           : " IDENTIFIED WITH mysql_native_password AS ",
                   SqlString(NativePasswordHash(password)))));
  login.user_ = user;
  login.database_ = std::move(database);
  // From here on the destructor drops it.
  RETURN_IF_ERROR(login.database_->Execute(absl::StrCat(
      "GRANT CREATE, INSERT ON ", GrantName(given.database), ".* TO ", user)));
  login.options_.login = {name, password};
  return login;
}

LoadLogin::~LoadLogin() { Drop().IgnoreError(); }

absl::Status LoadLogin::Drop() {
  if (database_ == nullptr) return absl::OkStatus();
  const std::string drop = absl::StrCat("DROP USER ", user_);
  absl::Status status = database_->Execute(drop);
  if (!status.ok()) {
    // The connection may have been closed during a long load, and after Ctrl-C
    // it takes nothing more.
    DatabaseOptions server = options_.ForCleanup();
    server.database.clear();
    server.login = {};
    if (const auto again = ConnectForChanges(server); again.ok()) {
      status = (*again)->Execute(drop);
    }
  }
  database_.reset();
  return Annotate(status, absl::StrCat("the login ", user_,
                                       " of the load could not be dropped; "
                                       "drop it"));
}

}  // namespace assocsync
