// What transactions are about, kept for what the plan is about.
#include "engine/plan/evidence.h"

#include "engine/plan/plan.h"

namespace assocsync {
namespace {

using What = Change::What;
using absl::string_view;

// What the transaction says of whether a thing is there.
template <typename Thing, typename E>
void Note(TransactionVerb verb, const E& event, Thing* thing) {
  if (verb == TransactionVerb::kAdd) thing->added = event;
  if (verb == TransactionVerb::kDelete) thing->deleted = event;
}

}  // namespace

EvidenceFinder::EvidenceFinder(const Plan& plan) : plan_(plan) {
  for (const Change& change : plan.changes) {
    seen_[{change.what, change.row}];
    if (change.what == What::kUser) users_.insert(change.row.user.str());
  }
}

EvidenceFinder::Seen* EvidenceFinder::Find(What what, string_view account,
                                           string_view user,
                                           string_view partition) {
  const auto it =
      seen_.find({what, AssocKey{Name(account), Name(user), Name(partition)}});
  return it == seen_.end() ? nullptr : &it->second;
}

void EvidenceFinder::SetFields(const Transaction& transaction,
                               const Event& event, std::optional<uint64_t> id,
                               Seen* seen) {
  for (const TransactionSetting& setting : transaction.settings) {
    if (!setting.key.has_value()) continue;
    if (setting.only.has_value() && id.has_value() && setting.only != id) {
      continue;
    }
    seen->set[*setting.key] = event;
  }
}

void EvidenceFinder::Look(const Transaction& transaction) {
  if (!transaction.objects_known) return;
  const Event event{transaction.row.id, transaction.row.time,
                    transaction.row.actor};
  switch (transaction.object) {
    case ObjectKind::kAssociation:
      if (transaction.row.cluster == plan_.cluster.view()) {
        LookAtAssociation(transaction, event);
      }
      return;
    case ObjectKind::kAccount:
    case ObjectKind::kUser:
    case ObjectKind::kCluster:
      LookAtRecord(transaction, event);
      return;
    case ObjectKind::kQos:
      if (transaction.verb == TransactionVerb::kDelete) {
        LookAtQosDelete(transaction, event);
      } else {
        LookAtRecord(transaction, event);
      }
      return;
    case ObjectKind::kCoordinator:
      LookAtCoordinators(transaction, event);
      return;
    case ObjectKind::kWckey:
      if (transaction.row.cluster == plan_.cluster.view()) {
        LookAtWckeys(transaction, event);
      }
      return;
    default:
      return;
  }
}

void EvidenceFinder::LookAtAssociation(const Transaction& transaction,
                                       const Event& event) {
  for (const TransactionObject& object : transaction.objects) {
    if (!object.named) continue;
    if (transaction.verb == TransactionVerb::kDelete && object.user.empty()) {
      accounts_deleted_[object.account] = event;
    }
    if (Seen* seen = Find(What::kAssociation, object.account, object.user,
                          object.partition)) {
      Note(transaction.verb, event, seen);
      if (transaction.verb == TransactionVerb::kModify) {
        SetFields(transaction, event, object.id, seen);
      }
    }
    // The record comes and goes with its rows, and the default account is a
    // flag of the row.
    if (object.user.empty()) {
      if (Seen* seen = Find(What::kAccount, object.account, "", "")) {
        Note(transaction.verb, event, seen);
      }
    } else if (Seen* seen = Find(What::kUser, "", object.user, "")) {
      Note(transaction.verb, event, seen);
      for (const TransactionSetting& setting : transaction.settings) {
        if (setting.key == Key::kDefaultAccount && setting.value == "1") {
          seen->set[Key::kDefaultAccount] = event;
        }
      }
    }
  }
}

void EvidenceFinder::LookAtRecord(const Transaction& transaction,
                                  const Event& event) {
  for (const TransactionObject& object : transaction.objects) {
    if (!object.named) continue;
    Seen* seen = nullptr;
    if (transaction.object == ObjectKind::kAccount) {
      if (transaction.verb == TransactionVerb::kDelete) {
        accounts_deleted_[object.name] = event;
      }
      seen = Find(What::kAccount, object.name, "", "");
    } else if (transaction.object == ObjectKind::kUser) {
      if (transaction.verb == TransactionVerb::kDelete) {
        users_deleted_[object.name] = event;
      }
      seen = Find(What::kUser, "", object.name, "");
    } else if (transaction.object == ObjectKind::kCluster) {
      seen = Find(What::kCluster, object.name, "", "");
    } else {
      seen = Find(What::kQos, object.name, "", "");
    }
    if (seen == nullptr) continue;
    Note(transaction.verb, event, seen);
    SetFields(transaction, event, object.id, seen);
  }
}

void EvidenceFinder::LookAtQosDelete(const Transaction& transaction,
                                     const Event& event) {
  for (const TransactionObject& object : transaction.objects) {
    if (object.named) {
      qos_deleted_[object.name] = event;
    } else if (nameless_qos_deletes_.empty() ||
               // Before 26.05 the log says it once for each cluster.
               nameless_qos_deletes_.back().time != event.time ||
               nameless_qos_deletes_.back().actor != event.actor) {
      nameless_qos_deletes_.push_back(event);
    }
  }
}

void EvidenceFinder::LookAtCoordinators(const Transaction& transaction,
                                        const Event& event) {
  for (const TransactionObject& object : transaction.objects) {
    Element& element = coordinators_[{object.user, object.account}];
    (transaction.verb == TransactionVerb::kAdd ? element.added
                                               : element.deleted) = event;
  }
}

void EvidenceFinder::LookAtWckeys(const Transaction& transaction,
                                  const Event& event) {
  for (const TransactionObject& object : transaction.objects) {
    if (!object.named || !users_.contains(object.user)) continue;
    Note(transaction.verb, event, &wckeys_[{object.user, object.name}]);
    for (const TransactionSetting& setting : transaction.settings) {
      if (setting.key != Key::kDefaultWckey || setting.value != "1") continue;
      if (Seen* seen = Find(What::kUser, "", object.user, "")) {
        seen->set[Key::kDefaultWckey] = event;
      }
    }
  }
}

}  // namespace assocsync
