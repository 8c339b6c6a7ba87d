// Who did that? What slurmdbd's transaction log says of the differences that a
// plan is about. Evidence only: it is no part of a plan, of its fingerprints or
// of what is saved, and the log holds no value from before a change.
#ifndef ASSOCSYNC_ENGINE_PLAN_EVIDENCE_H_
#define ASSOCSYNC_ENGINE_PLAN_EVIDENCE_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "engine/diff/diff.h"
#include "engine/log/transaction.h"

namespace assocsync {

struct Plan;

// The newest transaction that is about the thing, or why there is none to name.
struct Witness {
  enum class Deed : uint8_t {
    kAdded,
    kChanged,  // Last changed: from what, nobody knows.
    kDeleted,
    kUnknown,  // `note` says why it cannot be known; the rest is empty.
  } deed = Deed::kUnknown;
  std::string actor;
  int64_t time = 0;          // Unix seconds.
  uint64_t transaction = 0;  // txn_table.id
  std::string note;  // "with account hep"; empty: the thing itself was named.
  bool operator==(const Witness&) const = default;
};

struct ChangeEvidence {
  // Of a row that comes or goes; of one that moves, of the move.
  std::optional<Witness> row;
  std::vector<std::pair<Key, Witness>> fields;  // Of one that stays; by key.
  bool operator==(const ChangeEvidence&) const = default;
};
using Evidence = absl::btree_map<ChangeId, ChangeEvidence>;

// Looks at all transactions, oldest first, resolved (transaction_names.h), and
// then says what they explain. Keeps what is about the plan's differences only.
class EvidenceFinder {
 public:
  explicit EvidenceFinder(const Plan& plan);  // Must outlive the finder.
  void Look(const Transaction& transaction);
  Evidence Take();

 private:
  struct Event {
    uint64_t id = 0;
    int64_t time = 0;
    std::string actor;
  };
  struct Seen {
    std::optional<Event> added, deleted;
    absl::btree_map<Key, Event> set;
  };

  void LookAtAssociation(const Transaction& transaction, const Event& event);
  void LookAtRecord(const Transaction& transaction, const Event& event);
  void LookAtCoordinators(const Transaction& transaction, const Event& event);
  void LookAtWckeys(const Transaction& transaction, const Event& event);
  void LookAtQosDelete(const Transaction& transaction, const Event& event);
  void SetFields(const Transaction& transaction, const Event& event,
                 std::optional<uint64_t> id, Seen* seen);
  // nullptr: the plan is not about that thing.
  Seen* Find(Change::What what, absl::string_view account,
             absl::string_view user, absl::string_view partition);

  std::optional<Witness> RowWitness(const Change& change) const;
  std::optional<Witness> Deleted(const Change& change) const;
  std::optional<Witness> WithAccount(Name account, uint64_t after) const;
  std::optional<Witness> QosDeleted(const Change& change) const;
  std::optional<Witness> FieldWitness(const Change& change,
                                      const FieldChange& field) const;

  const Plan& plan_;
  absl::btree_map<ChangeId, Seen> seen_;
  // Accounts that went, alone or with all below them.
  absl::btree_map<std::string, Event> accounts_deleted_;
  // Users whose record went, and with it all that was theirs.
  absl::btree_map<std::string, Event> users_deleted_;
  // Coordinators and WCKeys: (user, element) -> the last word on it.
  struct Element {
    std::optional<Event> added, deleted;
  };
  absl::btree_map<std::pair<std::string, std::string>, Element> coordinators_,
      wckeys_;
  absl::btree_set<std::string> users_;  // Whose records the plan is about.
  // Deletes of QOS by name, and those whose rows are gone: their names nobody
  // can tell.
  absl::btree_map<std::string, Event> qos_deleted_;
  std::vector<Event> nameless_qos_deletes_;
  absl::btree_map<Name, std::vector<Name>> accounts_of_;  // Of `users_`.
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_EVIDENCE_H_
