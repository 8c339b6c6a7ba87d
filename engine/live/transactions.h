// Reading slurmdbd's transaction table: one read-only snapshot, plain SELECTs,
// no locks, rows handed over as they arrive.
#ifndef ASSOCSYNC_ENGINE_LIVE_TRANSACTIONS_H_
#define ASSOCSYNC_ENGINE_LIVE_TRANSACTIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/io/database.h"
#include "engine/log/transaction.h"
#include "engine/log/transaction_names.h"

namespace assocsync {

// Which rows; what is empty does not choose. The server does the choosing.
struct TransactionQuery {
  std::optional<int64_t> since, until;  // Unix seconds, both included.
  std::string actor;
  std::vector<int> actions;
  // Transactions of that cluster, and those that belong to no cluster.
  std::string cluster;
  // Only the newest so many of the whole table, before all else; 0: all.
  uint64_t newest = 0;
};

// What there is before any row is read.
struct TransactionExtent {
  std::optional<int64_t> oldest;    // Of the whole table; nullopt: it is empty.
  bool older_left_out = false;      // Those before TransactionQuery::newest.
  std::vector<std::string> actors;  // Of the rows that the query chooses.
};

class TransactionReader {
 public:
  // `database` must outlive the reader; nothing else may use it meanwhile.
  explicit TransactionReader(Database* database) : database_(database) {}

  // Begins the snapshot and learns the names of ids. kNotFound: there is no
  // txn_table; kPermissionDenied: it may not be read; both say what to do.
  absl::StatusOr<TransactionExtent> Begin(const TransactionQuery& query);

  // All transactions of the query by id, which is the order of writing; ids are
  // resolved. Once, after Begin. An error of the sink ends it and is returned.
  absl::Status ForEach(
      absl::FunctionRef<absl::Status(const Transaction&)> sink);

 private:
  // Rows that transactions speak of, with when they first do so.
  using Wanted = absl::btree_map<NumberedRow, int64_t>;
  absl::Status Learn(const TransactionQuery& query, TransactionExtent* extent);
  absl::Status FindWanted(Wanted* wanted);
  absl::Status ReadQosAndTres();
  absl::Status ReadRows(const Wanted& wanted);
  absl::Status ReadLoggedAdds(const Wanted& wanted);

  Database* database_;
  std::string where_;
  TransactionNames names_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LIVE_TRANSACTIONS_H_
