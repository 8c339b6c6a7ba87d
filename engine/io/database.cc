#include "engine/io/database.h"

#include <errmsg.h>
#include <fcntl.h>
#include <mysql.h>
#include <mysqld_error.h>
#include <sys/socket.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "engine/base/input_limits.h"
#include "engine/base/status.h"
#include "engine/io/bounded.h"
#include "engine/io/file.h"
#include "engine/io/socket_wait.h"

namespace assocsync {
namespace {

// The library's own limits, in seconds. Ours are kept by WaitForSocket; these
// hold where it does not ask: before the first answer of a TLS server, and with
// a local server whose queue is full.
constexpr unsigned kLibraryLimit = 1;

struct CloseConnection {
  void operator()(MYSQL* mysql) const {
    // Whoever does not take the goodbye is not waited for.
    const SocketWait none(absl::ZeroDuration(), absl::ZeroDuration(), nullptr);
    mysql_close(mysql);
  }
};
using Connection = std::unique_ptr<MYSQL, CloseConnection>;
using Result = std::unique_ptr<MYSQL_RES, void (*)(MYSQL_RES*)>;

absl::StatusCode CodeOf(unsigned error) {
  switch (error) {
    case CR_SOCKET_CREATE_ERROR:  // This process cannot open one.
    case CR_IPSOCK_ERROR:
      return absl::StatusCode::kResourceExhausted;
    case ER_DBACCESS_DENIED_ERROR:
    case ER_ACCESS_DENIED_ERROR:
    case ER_ACCESS_DENIED_NO_PASSWORD_ERROR:
    case ER_TABLEACCESS_DENIED_ERROR:
    case ER_COLUMNACCESS_DENIED_ERROR:
    case ER_SPECIFIC_ACCESS_DENIED_ERROR:
      return absl::StatusCode::kPermissionDenied;
    case ER_BAD_DB_ERROR:
      return absl::StatusCode::kNotFound;
    default:
      return error >= CR_MIN_ERROR && error <= CR_MAX_ERROR
                 ? absl::StatusCode::kUnavailable
                 : absl::StatusCode::kInternal;
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
    case absl::StatusCode::kResourceExhausted:
      return "this process may open no more files and sockets (ulimit -n)";
    default:
      return "is the server running, and are host and port right?";
  }
}

absl::Status CannotConnect(const absl::Status& why,
                           const DatabaseOptions& options) {
  const std::string& file =
      options.defaults_file.empty() ? options.origin : options.defaults_file;
  return absl::Status(
      why.code(),
      absl::StrCat("cannot connect to ", options.Describe(), ": ",
                   why.message(), "; ", Advice(why.code()),
                   file.empty() ? "" : absl::StrCat(" (from ", file, ")")));
}

// The beginning of a statement, for messages: never the values of an INSERT.
std::string Brief(absl::string_view sql) {
  constexpr size_t kShown = 60;
  absl::string_view shown = sql.substr(0, sql.find_first_of("('\n"));
  shown = shown.substr(0, kShown);
  return absl::StrCat(absl::CHexEscape(shown),
                      shown.size() < sql.size() ? "..." : "");
}

class MariaDatabase : public Database {
 public:
  MariaDatabase(Connection mysql, const DatabaseOptions& options,
                absl::Duration limit)
      : mysql_(std::move(mysql)),
        name_(options.Describe()),
        stop_(options.stop),
        limit_(limit) {}

  void SetLimit(absl::Duration limit) { limit_ = limit; }
  void StopBy(const std::atomic<bool>* stop) override { stop_ = stop; }

  absl::Status ForEachRow(absl::string_view sql, RowSink sink) override {
    RETURN_IF_ERROR(given_up_);
    SocketWait wait(limit_, absl::InfiniteDuration(), stop_);
    if (!wait.GoOn()) return wait.ended();
    absl::Status status = Run(sql, sink, &wait);
    if (wait.ended().ok()) return status;
    // Half an answer may be on its way: nothing else can be asked here.
    given_up_ =
        absl::IsCancelled(wait.ended())
            ? wait.ended()
            : absl::Status(
                  wait.ended().code(),
                  absl::StrCat(name_, ": ", wait.ended().message(),
                               " to: ", Brief(sql),
                               "; is the server overloaded, or the network "
                               "broken? --timeout sets how long it is waited "
                               "for"));
    return given_up_;
  }

 private:
  absl::Status Run(absl::string_view sql, RowSink sink, SocketWait* wait) {
    if (mysql_real_query(mysql_.get(), sql.data(), sql.size()) != 0) {
      return ErrorOf(mysql_.get());
    }
    const Result result(mysql_use_result(mysql_.get()), &mysql_free_result);
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
      // Freeing an unbuffered result reads and drops the rows left over, unless
      // there is nothing more to be read.
      const absl::Status status = sink(values);
      if (!wait->GoOn()) {
        shutdown(static_cast<int>(mysql_get_socket(mysql_.get())), SHUT_RDWR);
      }
      RETURN_IF_ERROR(status);
      RETURN_IF_ERROR(wait->ended());
    }
    // The end of the rows looks the same as a connection that broke.
    return mysql_errno(mysql_.get()) == 0 ? absl::OkStatus()
                                          : ErrorOf(mysql_.get());
  }

  Connection mysql_;
  const std::string name_;
  const std::atomic<bool>* stop_;
  absl::Duration limit_;  // Of each wait.
  absl::Status given_up_;
};

const char* OrNull(const std::string& text) {
  return text.empty() ? nullptr : text.c_str();
}

// All that connecting needs: left behind with the thread that does it, should
// that never end.
struct Opening {
  DatabaseOptions options;
  Connection mysql;
  absl::Status status;
};

void OpenNow(Opening* opening) {
  const DatabaseOptions& options = opening->options;
  MYSQL* mysql = opening->mysql.get();
  const SocketWait wait(options.connect_timeout, options.connect_timeout,
                        options.stop);
  const MYSQL* connected =
      mysql_real_connect(mysql, OrNull(options.host), OrNull(options.user),
                         OrNull(options.password), OrNull(options.database),
                         options.port, OrNull(options.socket), 0);
  if (connected == nullptr) opening->status = ErrorOf(mysql);
  if (!wait.ended().ok()) opening->status = wait.ended();
}

absl::Status SetOptions(const DatabaseOptions& options, MYSQL* mysql) {
  mysql_options(mysql, MARIADB_OPT_IO_WAIT,
                reinterpret_cast<const void*>(&WaitForSocket));
  mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &kLibraryLimit);
  mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &kLibraryLimit);
  mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &kLibraryLimit);
  // The charset is the library's own default, which is what slurmdbd uses:
  // names come back in the very bytes that slurmdbd sees.
  if (!options.defaults_file.empty()) {
    // The library says nothing about a file that it cannot read.
    RETURN_IF_ERROR(ReadFile(options.defaults_file, kMaxConfigFile).status());
    mysql_options(mysql, MYSQL_READ_DEFAULT_FILE,
                  options.defaults_file.c_str());
    mysql_options(mysql, MYSQL_READ_DEFAULT_GROUP, "client");
  } else if (options.tls != DatabaseTls()) {
    const DatabaseTls& tls = options.tls;
    mysql_ssl_set(mysql, OrNull(tls.key), OrNull(tls.cert), OrNull(tls.ca),
                  OrNull(tls.capath), OrNull(tls.cipher));
  }
  return absl::OkStatus();
}

// A defaults file may have said otherwise. The server could ask for any file of
// this machine; a connection that comes back by itself has lost its locks.
void Restrain(MYSQL* mysql) {
  const unsigned off = 0;
  const my_bool no = 0;
  mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &off);
  mysql_options(mysql, MYSQL_OPT_RECONNECT, &no);
}

absl::StatusOr<std::unique_ptr<MariaDatabase>> Open(
    const DatabaseOptions& options) {
  auto opening = std::make_shared<Opening>();
  opening->mysql = Connection(mysql_init(nullptr));
  MYSQL* mysql = opening->mysql.get();
  if (mysql == nullptr) return absl::ResourceExhaustedError("out of memory");
  Restrain(mysql);
  RETURN_IF_ERROR(SetOptions(options, mysql));
  opening->options = options;
  if (!options.defaults_file.empty()) {
    // Given no values, the library takes those of the defaults file.
    opening->options = DatabaseOptions();
    opening->options.port = 0;
    opening->options.database = options.database;
    opening->options.connect_timeout = options.connect_timeout;
    opening->options.stop = options.stop;
  }
  if (!options.login.user.empty()) {
    opening->options.user = options.login.user;
    opening->options.password = options.login.password;
  }
  // The lookup of the host's name is out of reach of any limit of ours.
  absl::Status status = RunBounded([opening] { OpenNow(opening.get()); },
                                   options.connect_timeout, options.stop);
  if (status.ok()) status = opening->status;
  if (absl::IsCancelled(status)) return status;
  if (absl::IsDeadlineExceeded(status)) {
    status = absl::UnavailableError(absl::StrCat(
        "no answer within ", absl::FormatDuration(options.connect_timeout)));
  }
  if (!status.ok()) return CannotConnect(status, options);
  Restrain(mysql);
  // In a child that outlives this process the connection, and with it its
  // locks and its session, would live on.
  const int fd = static_cast<int>(mysql_get_socket(mysql));
  if (fd >= 0) {
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  }
  auto database = std::make_unique<MariaDatabase>(
      std::move(opening->mysql), options, options.connect_timeout);
  // A known SQL mode makes SqlString right.
  RETURN_IF_ERROR(
      database->Execute("SET SESSION sql_mode='NO_ENGINE_SUBSTITUTION'"));
  return database;
}

// Opens it, and makes it ready by `statement`.
absl::StatusOr<std::unique_ptr<Database>> OpenWith(
    const DatabaseOptions& options, absl::string_view statement) {
  ASSIGN_OR_RETURN(auto database, Open(options));
  RETURN_IF_ERROR(database->Execute(statement));
  database->SetLimit(options.read_timeout);
  return database;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Connect(
    const DatabaseOptions& options) {
  // It makes a mistake harmless.
  return OpenWith(options, "SET SESSION TRANSACTION READ ONLY");
}

absl::StatusOr<std::unique_ptr<Database>> ConnectForChanges(
    const DatabaseOptions& options) {
  return OpenWith(options,
                  "SET SESSION lock_wait_timeout=10, "
                  "innodb_lock_wait_timeout=10");
}

}  // namespace assocsync
