// The MariaDB (or MySQL) server that slurmdbd uses. Only ever read from, but
// for ConnectForChanges: the session is made read-only, takes no row locks and
// runs no DDL, because a lock wait timeout ends slurmdbd.
#ifndef ASSOCSYNC_ENGINE_IO_DATABASE_H_
#define ASSOCSYNC_ENGINE_IO_DATABASE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace assocsync {

// Files and ciphers of the connection's TLS; empty: not set.
struct DatabaseTls {
  std::string cert, key, ca, capath, cipher;
  friend bool operator==(const DatabaseTls&, const DatabaseTls&) = default;
};

// Where the database is. With a `defaults_file` its [client] group alone says
// how to connect: host, port, socket, user, password and tls are not looked at.
struct DatabaseOptions {
  std::string host;    // empty: localhost
  int port = 3306;     // not used with a socket
  std::string socket;  // empty: the client library's default for localhost
  std::string user;
  std::string password;
  std::string database;
  DatabaseTls tls;
  std::string defaults_file;
  // Where it has a user: instead of user and password, those of a
  // `defaults_file` too.
  struct Login {
    std::string user, password;
  } login;
  // The file that user and password came from; a refused login names it.
  std::string origin;
  // Of all that connecting takes, the lookup of the host's name included.
  absl::Duration connect_timeout = absl::Seconds(10);
  // Of each wait for the server: for the answer to a statement (seconds, where
  // the rows of a large table are counted), for more rows, for room to send.
  absl::Duration read_timeout = absl::Minutes(10);
  // When it becomes true every wait ends, within 0.1 s (0.6 s while
  // connecting). May be set by a signal handler. Not owned; must live as long
  // as the process where a lookup of a name may have been left behind.
  const std::atomic<bool>* stop = nullptr;

  // That much for connecting too, where it is less.
  void SetTimeout(absl::Duration timeout) {
    read_timeout = timeout;
    if (timeout < connect_timeout) connect_timeout = timeout;
  }
  // For undoing what was made on the server: `stop` does not hold. Where it
  // came, nobody waits long: the server goes on by itself.
  DatabaseOptions ForCleanup() const;

  // "database slurm_acct_db at db1:3306 as slurm"; never the password.
  std::string Describe() const;
};

// One connection. Not thread-safe. A fake implements ForEachRow only.
class Database {
 public:
  using Value = std::optional<absl::string_view>;  // nullopt: NULL
  using Row = std::vector<std::optional<std::string>>;
  using RowSink = absl::FunctionRef<absl::Status(absl::Span<const Value>)>;

  virtual ~Database() = default;

  // Runs one statement and hands its rows over as they arrive, unbuffered; the
  // values live until the sink returns. No other statement may run meanwhile.
  // A sink's error ends it and is returned. Other errors: kUnavailable (the
  // connection broke), kPermissionDenied (a right is missing), kInternal (the
  // server refused the statement); messages hold the server's own words.
  // kDeadlineExceeded, kCancelled (DatabaseOptions::stop): the server was
  // waited for no longer. What it did with the statement is unknown, the
  // connection is given up, and every later call returns the same error at
  // once.
  virtual absl::Status ForEachRow(absl::string_view sql, RowSink sink) = 0;

  // From now on `stop` (may be null) ends the waits, and no longer that of the
  // options: for what must be done, or undone, after a first Ctrl-C.
  virtual void StopBy(const std::atomic<bool>* stop) { (void)stop; }

  // All rows at once; for small results.
  absl::StatusOr<std::vector<Row>> Query(absl::string_view sql);
  // For statements without rows.
  absl::Status Execute(absl::string_view sql);
};

// Connects. Errors say which server, user and database, and what to do next:
// kUnavailable (no server answers), kPermissionDenied (login refused; names
// `origin`), kNotFound (no such database), kInvalidArgument (`defaults_file`
// cannot be read), kCancelled (DatabaseOptions::stop). A server never gets a
// file of this machine (LOAD DATA LOCAL), and one statement at a time.
absl::StatusOr<std::unique_ptr<Database>> Connect(
    const DatabaseOptions& options);

// A session that may write: the one exception to the rule at the top of this
// file. For databases of assocsync's own making (the scratch one of `verify
// --load`, the shadow one of `restore`) and for the swap of `restore`, with
// slurmdbd stopped; never for Slurm's tables while a slurmdbd may use them. A
// statement waits at most ten seconds for a lock. Errors as those of Connect.
absl::StatusOr<std::unique_ptr<Database>> ConnectForChanges(
    const DatabaseOptions& options);

// A query ended by the connection, the time limit or the stop flag, not by what
// the server says of it: no other query will do better.
bool LostServer(const absl::Status& status);

// `text` as an SQL string literal, quotes included.
std::string SqlString(absl::string_view text);
// `name` as a quoted identifier, backticks included.
std::string SqlName(absl::string_view name);

// The name of the lock of a database, or of what a run makes on a server under
// `name`: at most 64 bytes.
std::string LockOf(absl::string_view name);

// Takes the server-wide named lock without waiting; it lasts until the
// connection ends or Unlock. kFailedPrecondition when another connection holds
// it. Names are cut by no server at 64 characters or fewer; longer ones are
// kInvalidArgument.
absl::Status TryLock(Database& database, absl::string_view name);
absl::Status Unlock(Database& database, absl::string_view name);

struct TableSize {
  std::string name;
  std::string engine;  // "InnoDB"
  uint64_t rows = 0;   // the server's estimate, often wrong by half
  uint64_t data_bytes = 0;
  uint64_t index_bytes = 0;
};

// Runs `read` in a snapshot that takes no locks: what it reads is of one
// moment.
absl::Status InSnapshot(Database& database,
                        absl::FunctionRef<absl::Status()> read);

// The one value of a one-row answer; nullopt: NULL.
absl::StatusOr<std::optional<std::string>> Scalar(Database& database,
                                                  absl::string_view sql);

// The first column of each row; "" for NULL.
absl::StatusOr<std::vector<std::string>> FirstColumn(Database& database,
                                                     absl::string_view sql);

// The names of tables, of columns.
template <typename T>
std::vector<std::string> NamesOf(const std::vector<T>& things) {
  std::vector<std::string> names;
  for (const T& thing : things) names.push_back(thing.name);
  return names;
}

// Every base table (no views) of `schema`, sorted by name bytewise.
absl::StatusOr<std::vector<TableSize>> TableSizes(Database& database,
                                                  absl::string_view schema);

using RowCounts = absl::btree_map<std::string, uint64_t>;  // By table.

// Exact row counts of `tables` of the connection's database, all as of one
// moment. Walks whole indexes: seconds for ten million rows.
absl::StatusOr<RowCounts> CountRows(Database& database,
                                    const std::vector<std::string>& tables);

// "10.11.6-MariaDB-0+deb12u1"
absl::StatusOr<std::string> ServerVersion(Database& database);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_DATABASE_H_
