#include "engine/io/database.h"

#include <fcntl.h>
#include <mysql.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/base/status.h"
#include "engine/io/file.h"

namespace assocsync {
namespace {

// Server and client error numbers (mysqld_error.h, errmsg.h).
constexpr unsigned kAccessDeniedDatabase = 1044;
constexpr unsigned kAccessDenied = 1045;
constexpr unsigned kUnknownDatabase = 1049;
constexpr unsigned kTableAccessDenied = 1142;
constexpr unsigned kColumnAccessDenied = 1143;
constexpr unsigned kSpecificAccessDenied = 1227;
constexpr unsigned kAccessDeniedNoPassword = 1698;
constexpr unsigned kFirstClientError = 2000;
constexpr unsigned kLastClientError = 2999;

struct CloseConnection {
  void operator()(MYSQL* mysql) const { mysql_close(mysql); }
};
struct FreeResult {
  void operator()(MYSQL_RES* result) const { mysql_free_result(result); }
};
using Connection = std::unique_ptr<MYSQL, CloseConnection>;
using Result = std::unique_ptr<MYSQL_RES, FreeResult>;

absl::StatusCode CodeOf(unsigned error) {
  if (error >= kFirstClientError && error <= kLastClientError) {
    return absl::StatusCode::kUnavailable;
  }
  switch (error) {
    case kAccessDeniedDatabase:
    case kAccessDenied:
    case kAccessDeniedNoPassword:
    case kTableAccessDenied:
    case kColumnAccessDenied:
    case kSpecificAccessDenied:
      return absl::StatusCode::kPermissionDenied;
    case kUnknownDatabase:
      return absl::StatusCode::kNotFound;
    default:
      return absl::StatusCode::kInternal;
  }
}

absl::Status ErrorOf(MYSQL* mysql) {
  const unsigned error = mysql_errno(mysql);
  return absl::Status(CodeOf(error), absl::StrCat("MariaDB error ", error, ": ",
                                                  mysql_error(mysql)));
}

absl::string_view Advice(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kPermissionDenied:
      return "check user and password";
    case absl::StatusCode::kNotFound:
      return "check StorageLoc";
    default:
      return "is the server running, and are host and port right?";
  }
}

absl::Status ConnectError(MYSQL* mysql, const DatabaseOptions& options) {
  const absl::Status error = ErrorOf(mysql);
  const std::string& file =
      options.defaults_file.empty() ? options.origin : options.defaults_file;
  return absl::Status(
      error.code(),
      absl::StrCat("cannot connect to ", options.Describe(), ": ",
                   error.message(), "; ", Advice(error.code()),
                   file.empty() ? "" : absl::StrCat(" (from ", file, ")")));
}

unsigned Seconds(absl::Duration duration) {
  return static_cast<unsigned>(std::clamp<int64_t>(
      absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1))), 1,
      1 << 30));
}

class MariaDatabase : public Database {
 public:
  explicit MariaDatabase(Connection mysql) : mysql_(std::move(mysql)) {}

  absl::Status ForEachRow(absl::string_view sql, RowSink sink) override {
    if (mysql_real_query(mysql_.get(), sql.data(), sql.size()) != 0) {
      return ErrorOf(mysql_.get());
    }
    const Result result(mysql_use_result(mysql_.get()));
    if (result == nullptr) {
      return mysql_field_count(mysql_.get()) == 0 ? absl::OkStatus()
                                                  : ErrorOf(mysql_.get());
    }
    std::vector<Value> values(mysql_num_fields(result.get()));
    while (const MYSQL_ROW row = mysql_fetch_row(result.get())) {
      const unsigned long* lengths = mysql_fetch_lengths(result.get());
      for (size_t i = 0; i < values.size(); ++i) {
        values[i] = row[i] == nullptr
                        ? Value()
                        : Value(absl::string_view(row[i], lengths[i]));
      }
      // Freeing an unbuffered result reads and drops the rows left over.
      RETURN_IF_ERROR(sink(values));
    }
    // The end of the rows looks the same as a connection that broke.
    return mysql_errno(mysql_.get()) == 0 ? absl::OkStatus()
                                          : ErrorOf(mysql_.get());
  }

 private:
  Connection mysql_;
};

const char* OrNull(const std::string& text) {
  return text.empty() ? nullptr : text.c_str();
}

absl::StatusOr<std::unique_ptr<Database>> Open(const DatabaseOptions& options) {
  Connection mysql(mysql_init(nullptr));
  if (mysql == nullptr) return absl::ResourceExhaustedError("out of memory");
  const unsigned connect = Seconds(options.connect_timeout);
  const unsigned read = Seconds(options.read_timeout);
  mysql_options(mysql.get(), MYSQL_OPT_CONNECT_TIMEOUT, &connect);
  mysql_options(mysql.get(), MYSQL_OPT_READ_TIMEOUT, &read);
  if (!options.charset.empty()) {
    mysql_options(mysql.get(), MYSQL_SET_CHARSET_NAME, options.charset.c_str());
  }
  // Given no values, the library takes those of the defaults file.
  DatabaseOptions login = options;
  if (!options.defaults_file.empty()) {
    // The library says nothing about a file that it cannot read.
    ASSIGN_OR_RETURN(const std::string ignored,
                     ReadFile(options.defaults_file, 1 << 20));
    mysql_options(mysql.get(), MYSQL_READ_DEFAULT_FILE,
                  options.defaults_file.c_str());
    mysql_options(mysql.get(), MYSQL_READ_DEFAULT_GROUP, "client");
    login = DatabaseOptions();
    login.port = 0;
    login.database = options.database;
  } else if (login.tls != DatabaseTls()) {
    mysql_ssl_set(mysql.get(), OrNull(login.tls.key), OrNull(login.tls.cert),
                  OrNull(login.tls.ca), OrNull(login.tls.capath),
                  OrNull(login.tls.cipher));
  }
  if (mysql_real_connect(mysql.get(), OrNull(login.host), OrNull(login.user),
                         OrNull(login.password), OrNull(login.database),
                         login.port, OrNull(login.socket), 0) == nullptr) {
    return ConnectError(mysql.get(), options);
  }
  // In a child that outlives this process the connection, and with it its
  // locks and its session, would live on.
  const int fd = static_cast<int>(mysql_get_socket(mysql.get()));
  if (fd >= 0) fcntl(fd, F_SETFD, FD_CLOEXEC);
  auto database = std::make_unique<MariaDatabase>(std::move(mysql));
  // A known SQL mode makes SqlString right.
  RETURN_IF_ERROR(
      database->Execute("SET SESSION sql_mode='NO_ENGINE_SUBSTITUTION'"));
  return database;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Connect(
    const DatabaseOptions& options) {
  ASSIGN_OR_RETURN(auto database, Open(options));
  // It makes a mistake harmless.
  RETURN_IF_ERROR(database->Execute("SET SESSION TRANSACTION READ ONLY"));
  return database;
}

absl::StatusOr<std::unique_ptr<Database>> ConnectForChanges(
    const DatabaseOptions& options) {
  ASSIGN_OR_RETURN(auto database, Open(options));
  RETURN_IF_ERROR(
      database->Execute("SET SESSION lock_wait_timeout=10, "
                        "innodb_lock_wait_timeout=10"));
  return database;
}

}  // namespace assocsync
