// Ids of transactions to names, and database values to sacctmgr's words.
#ifndef ASSOCSYNC_ENGINE_LOG_TRANSACTION_NAMES_H_
#define ASSOCSYNC_ENGINE_LOG_TRANSACTION_NAMES_H_

#include <compare>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/strings/string_view.h"
#include "engine/log/transaction.h"

namespace assocsync {

// A row of a table that numbers its rows.
struct NumberedRow {
  ObjectKind kind;      // kAssociation, kWckey, kQos
  std::string cluster;  // QOS have none.
  uint64_t id;
  friend auto operator<=>(const NumberedRow&, const NumberedRow&) = default;
};

// Who had which id when. A row that is younger than a day and has no jobs is
// removed for good when it is deleted, and its id may be given again: an id
// names a row only from that row's creation on.
class TransactionNames {
 public:
  // A table's row, deleted ones included. `created`: Unix seconds.
  void AddRow(NumberedRow row, TransactionObject names, int64_t created);
  void AddTres(uint64_t id, std::string name);
  // What a logged add of a row (association or WCKey) says of it.
  void AddLogged(const Transaction& transaction);
  // The id was freed at that second: a row of the same second may be the next.
  void AddRemoval(const Transaction& transaction);

  // True if the tables alone name that row as of `time`.
  bool Knows(const NumberedRow& row, int64_t time) const;

  // Names all objects that can be named with certainty and fills `words` of all
  // settings. What cannot be named stays an id: "#5 (row is gone)".
  void Resolve(Transaction* transaction) const;

 private:
  struct Holder {
    TransactionObject names;
    int64_t created = 0;
  };

  const TransactionObject* Find(const NumberedRow& row,
                                const TransactionRow& at) const;
  std::string QosName(uint64_t id, const TransactionRow& at) const;
  std::string QosNames(absl::string_view list, const TransactionRow& at) const;
  std::string Tres(absl::string_view list) const;
  std::string Words(const Transaction& transaction,
                    const TransactionSetting& setting) const;

  absl::btree_map<NumberedRow, Holder> rows_;
  // By id of the transaction that added it.
  absl::btree_map<NumberedRow, absl::btree_map<uint64_t, TransactionObject>>
      logged_;
  absl::btree_set<std::pair<NumberedRow, int64_t>> removed_;
  absl::btree_map<uint64_t, std::string> tres_;
};

// "#5 (row is gone)"
std::string GoneRow(uint64_t id);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LOG_TRANSACTION_NAMES_H_
