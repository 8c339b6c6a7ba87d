#include "engine/backup/made_on_server.h"

#include <sys/random.h>

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "engine/base/status.h"
#include "engine/io/digest.h"

namespace assocsync {
namespace {

constexpr absl::string_view kScratchPrefix = "assocsync_verify_";
constexpr absl::string_view kLoginPrefix = "assocsync_load_";
constexpr size_t kPasswordBytes = 20;
// The server may be busy with the last statement of a client that was killed.
constexpr int kDropAttempts = 6;

std::string DropDatabase(absl::string_view name) {
  return absl::StrCat("DROP DATABASE IF EXISTS ", SqlName(name));
}

bool IsScratchName(absl::string_view name) {
  return absl::ConsumePrefix(&name, kScratchPrefix) && !name.empty() &&
         name.size() <= 20 && absl::c_all_of(name, absl::ascii_isdigit);
}

// "'user'@'host'"
std::string Account(absl::string_view name, absl::string_view host) {
  return absl::StrCat(SqlString(name), "@", SqlString(host));
}

// What runs that were killed left behind, as far as the user sees it: `sql`
// lists names, and `drop` makes the statement, or none for what somebody else
// made. That one cannot be dropped is no reason not to go on.
absl::Status DropLeft(
    Database& database, absl::string_view sql,
    absl::FunctionRef<std::string(const Database::Row&)> drop) {
  ASSIGN_OR_RETURN(const auto rows, database.Query(sql));
  for (const Database::Row& row : rows) {
    const std::string lock = LockOf(row[0].value_or(""));
    const std::string statement = drop(row);
    if (statement.empty() || !TryLock(database, lock).ok()) continue;
    database.Execute(statement).IgnoreError();
    RETURN_IF_ERROR(Unlock(database, lock));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> RandomPassword() {
  char bytes[kPasswordBytes];
  if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) {
    return absl::UnavailableError("no random bytes for a password");
  }
  return absl::BytesToHexString(absl::string_view(bytes, sizeof bytes));
}

// As GRANT wants the name of one database: there '_' and '%' are patterns.
std::string GrantName(absl::string_view database) {
  return SqlName(absl::StrReplaceAll(
      database, {{"\\", "\\\\"}, {"_", "\\_"}, {"%", "\\%"}}));
}

// Where the server sees this program: the host behind USER().
absl::StatusOr<std::string> HostSeen(Database& database) {
  ASSIGN_OR_RETURN(const auto user, Scalar(database, "SELECT USER()"));
  const size_t at = user.value_or("").rfind('@');
  if (at != std::string::npos) return user->substr(at + 1);
  return absl::InternalError("the server does not say who is connected");
}

}  // namespace

std::string ScratchName(uint64_t number) {
  return absl::StrCat(kScratchPrefix, number);
}

absl::Status NeedsScratchRight(const absl::Status& status) {
  if (!absl::IsPermissionDenied(status)) return status;
  return absl::PermissionDeniedError(
      absl::StrCat(status.message(),
                   "; to load a backup the user needs: GRANT ALL ON "
                   "`assocsync\\_verify\\_%`.* TO 'user'@'host'"));
}

MadeOnServer::MadeOnServer(const DatabaseOptions& given)
    : server_(given), options_(given) {
  server_.database.clear();
}

absl::StatusOr<MadeOnServer> MadeOnServer::ScratchDatabase(
    const DatabaseOptions& server, uint64_t number) {
  MadeOnServer made(server);
  ASSIGN_OR_RETURN(auto database, ConnectForChanges(made.server_));
  const std::string name = ScratchName(number);
  RETURN_IF_ERROR(
      DropLeft(*database, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA",
               [](const Database::Row& row) {
                 const std::string left = row[0].value_or("");
                 return IsScratchName(left) ? DropDatabase(left) : "";
               }));
  RETURN_IF_ERROR(TryLock(*database, LockOf(name)));
  RETURN_IF_ERROR(NeedsScratchRight(
      database->Execute(absl::StrCat("CREATE DATABASE ", SqlName(name)))));
  made.options_.database = name;
  made.what_ = absl::StrCat("the scratch database ", name);
  made.drop_ = DropDatabase(name);
  made.database_ = std::move(database);
  return made;
}

absl::StatusOr<MadeOnServer> MadeOnServer::LoadLogin(
    const DatabaseOptions& given, uint64_t number) {
  MadeOnServer made(given);
  ASSIGN_OR_RETURN(auto database, ConnectForChanges(made.server_));
  // Where the given login may not look there are none of its making either.
  DropLeft(*database,
           "SELECT User, Host FROM mysql.user WHERE User LIKE "
           "'assocsync\\\\_load\\\\_%'",
           [](const Database::Row& row) {
             return absl::StrCat("DROP USER ", Account(row[0].value_or(""),
                                                       row[1].value_or("")));
           })
      .IgnoreError();
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
  made.what_ = absl::StrCat("the login ", user, " of the load");
  made.drop_ = absl::StrCat("DROP USER ", user);
  made.database_ = std::move(database);
  // From here on the destructor drops it.
  RETURN_IF_ERROR(made.database_->Execute(absl::StrCat(
      "GRANT CREATE, INSERT ON ", GrantName(given.database), ".* TO ", user)));
  made.options_.login = {name, password};
  return made;
}

absl::Status MadeOnServer::Drop() {
  if (database_ == nullptr) return absl::OkStatus();
  const DatabaseOptions server = server_.ForCleanup();
  const bool hurry = server.read_timeout < server_.read_timeout;
  absl::Status status;
  for (int i = 0; i < (hurry ? 2 : kDropAttempts); ++i) {
    // After Ctrl-C: at once false, and the connection made below does it.
    status = database_->Execute(drop_);
    if (status.ok()) break;
    // The connection may have been closed during a long load.
    if (auto again = ConnectForChanges(server); again.ok()) {
      database_ = *std::move(again);
    }
    absl::SleepFor(absl::Milliseconds(200));
  }
  database_.reset();
  return Annotate(status,
                  absl::StrCat(what_, " could not be dropped; drop it"));
}

}  // namespace assocsync
