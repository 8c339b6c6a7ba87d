// What slurmdbd's transaction table (txn_table) says: who added, modified or
// deleted what, and with which values. Pure: one row in, one typed value out.
// Seen on 20.11, 22.05, 24.11 and 26.05 (tests/unit/live/transactions_test.cc,
// LogTest). The table holds no value from before a change, and nothing at all
// about an account that was moved (`set parent=`).
#ifndef ASSOCSYNC_ENGINE_LOG_TRANSACTION_H_
#define ASSOCSYNC_ENGINE_LOG_TRANSACTION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/model/key.h"

namespace assocsync {

enum class TransactionVerb : uint8_t { kAdd, kModify, kDelete, kOther };
enum class ObjectKind : uint8_t {
  kAccount,  // The record; rows of clusters are kAssociation.
  kAssociation,
  kCluster,
  kCoordinator,
  kFederation,
  kQos,
  kResource,
  kTres,
  kUser,  // The record.
  kWckey,
  kOther,
};
absl::string_view VerbWord(TransactionVerb verb);  // "add"
absl::string_view ObjectWord(ObjectKind object);   // "association"

// The codes that a word means: "delete", "user", "delete user", "1439". Empty:
// no such word.
std::vector<int> ActionCodes(absl::string_view word);

// One row as it stands in the table.
struct TransactionRow {
  uint64_t id = 0;
  int64_t time = 0;  // Unix seconds.
  int action = 0;
  std::string name, actor, cluster;
  std::optional<std::string> info;  // nullopt: NULL.
};

// Something that a transaction is about. An id alone names nothing: see
// transaction_names.h.
struct TransactionObject {
  std::optional<uint64_t> id = {};
  bool named = false;     // The texts below are known.
  std::string name = {};  // Of all kinds but associations and coordinators.
  // Associations; empty user: the account's own row. Coordinators, where an
  // empty text means all of them. WCKeys have a user.
  std::string account = {}, user = {}, partition = {};
  bool operator==(const TransactionObject&) const = default;
};

struct TransactionSetting {
  enum class How : uint8_t {
    kSet,
    kAddTo,       // `QOS+=fast`; `value` is what comes.
    kRemoveFrom,  // `QOS-=fast`
    kClear,       // Taken away: not set from here on.
    kRaw,         // SQL that is not understood; `value` is that text.
  } how = How::kSet;
  std::optional<Key> key;
  std::string name;   // sacctmgr's word; where it has none, the column.
  std::string value;  // As in the database: ids of QOS and TRES.
  std::string words;  // As sacctmgr says it; by ResolveNames.
  std::optional<uint64_t> only;  // Of that object alone.
  bool operator==(const TransactionSetting&) const = default;
};

struct Transaction {
  TransactionRow row;
  TransactionVerb verb = TransactionVerb::kOther;
  ObjectKind object = ObjectKind::kOther;
  // False: row.name (row.info) has no known form, and `objects` (`settings`) is
  // empty: nothing is guessed.
  bool objects_known = false;
  bool settings_known = false;
  std::vector<TransactionObject> objects;
  // Without what slurmdbd keeps for itself; of adds also without what is not
  // set or is Slurm's default.
  std::vector<TransactionSetting> settings;
};

Transaction ReadTransaction(TransactionRow row);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LOG_TRANSACTION_H_
