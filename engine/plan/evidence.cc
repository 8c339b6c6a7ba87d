#include "engine/plan/evidence.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/model/value.h"

namespace assocsync {
namespace {

using What = Change::What;
using How = Change::How;
using Deed = Witness::Deed;
using absl::string_view;

constexpr char kNoMoves[] = "Slurm's log does not record moves of accounts";

template <typename E>
Witness Make(Deed deed, const E& event, std::string note = "") {
  return {deed, event.actor, event.time, event.id, std::move(note)};
}

template <typename E>
void Newer(const E& event, std::optional<E>* slot) {
  if (!slot->has_value() || (*slot)->id < event.id) *slot = event;
}

// Elements that one side has and the other has not.
std::vector<std::string> Difference(const std::optional<Atom>& a,
                                    const std::optional<Atom>& b) {
  std::vector<string_view> left, right, out;
  if (a.has_value()) left = Elements(a->view());
  if (b.has_value()) right = Elements(b->view());
  std::sort(left.begin(), left.end());
  std::sort(right.begin(), right.end());
  std::set_difference(left.begin(), left.end(), right.begin(), right.end(),
                      std::back_inserter(out));
  return {out.begin(), out.end()};
}

string_view WithoutSign(string_view element) {
  return !element.empty() && (element[0] == '+' || element[0] == '-')
             ? element.substr(1)
             : element;
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
      seen_.find({what, AssocKey{Atom(account), Atom(user), Atom(partition)}});
  return it == seen_.end() ? nullptr : &it->second;
}

void EvidenceFinder::SetFields(const Transaction& transaction,
                               std::optional<uint64_t> id, Seen* seen) {
  const Event event{transaction.row.id, transaction.row.time,
                    transaction.row.actor};
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
  switch (transaction.object) {
    case ObjectKind::kAssociation:
      if (transaction.row.cluster == plan_.cluster.view()) {
        LookAtAssociation(transaction);
      }
      return;
    case ObjectKind::kAccount:
    case ObjectKind::kUser:
    case ObjectKind::kCluster:
      LookAtRecord(transaction);
      return;
    case ObjectKind::kQos:
      if (transaction.verb == Verb::kDelete) {
        LookAtQosDelete(transaction);
      } else {
        LookAtRecord(transaction);
      }
      return;
    case ObjectKind::kCoordinator:
      LookAtCoordinators(transaction);
      return;
    case ObjectKind::kWckey:
      if (transaction.row.cluster == plan_.cluster.view()) {
        LookAtWckeys(transaction);
      }
      return;
    default:
      return;
  }
}

void EvidenceFinder::LookAtAssociation(const Transaction& transaction) {
  const Event event{transaction.row.id, transaction.row.time,
                    transaction.row.actor};
  for (const TransactionObject& object : transaction.objects) {
    if (!object.named) continue;
    if (transaction.verb == Verb::kDelete && object.user.empty()) {
      accounts_deleted_[object.account] = event;
    }
    if (Seen* seen = Find(What::kAssociation, object.account, object.user,
                          object.partition)) {
      if (transaction.verb == Verb::kAdd) seen->added = event;
      if (transaction.verb == Verb::kDelete) seen->deleted = event;
      if (transaction.verb == Verb::kModify) {
        SetFields(transaction, object.id, seen);
      }
    }
    // The record comes and goes with its rows, and the default account is a
    // flag of the row.
    if (object.user.empty()) {
      if (Seen* seen = Find(What::kAccount, object.account, "", "")) {
        if (transaction.verb == Verb::kAdd) Newer(event, &seen->added);
        if (transaction.verb == Verb::kDelete) Newer(event, &seen->deleted);
      }
    } else if (Seen* seen = Find(What::kUser, "", object.user, "")) {
      if (transaction.verb == Verb::kAdd) Newer(event, &seen->added);
      if (transaction.verb == Verb::kDelete) Newer(event, &seen->deleted);
      for (const TransactionSetting& setting : transaction.settings) {
        if (setting.key == Key::kDefaultAccount && setting.value == "1") {
          seen->set[Key::kDefaultAccount] = event;
        }
      }
    }
  }
}

void EvidenceFinder::LookAtRecord(const Transaction& transaction) {
  const Event event{transaction.row.id, transaction.row.time,
                    transaction.row.actor};
  for (const TransactionObject& object : transaction.objects) {
    if (!object.named) continue;
    Seen* seen = nullptr;
    if (transaction.object == ObjectKind::kAccount) {
      if (transaction.verb == Verb::kDelete) {
        accounts_deleted_[object.name] = event;
      }
      seen = Find(What::kAccount, object.name, "", "");
    } else if (transaction.object == ObjectKind::kUser) {
      if (transaction.verb == Verb::kDelete) {
        users_deleted_[object.name] = event;
      }
      seen = Find(What::kUser, "", object.name, "");
    } else if (transaction.object == ObjectKind::kCluster) {
      seen = Find(What::kCluster, object.name, "", "");
    } else {
      seen = Find(What::kQos, object.name, "", "");
    }
    if (seen == nullptr) continue;
    if (transaction.verb == Verb::kAdd) seen->added = event;
    if (transaction.verb == Verb::kDelete) seen->deleted = event;
    SetFields(transaction, object.id, seen);
  }
}

void EvidenceFinder::LookAtQosDelete(const Transaction& transaction) {
  const Event event{transaction.row.id, transaction.row.time,
                    transaction.row.actor};
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

void EvidenceFinder::LookAtCoordinators(const Transaction& transaction) {
  const Event event{transaction.row.id, transaction.row.time,
                    transaction.row.actor};
  for (const TransactionObject& object : transaction.objects) {
    Element& element = coordinators_[{object.user, object.account}];
    (transaction.verb == Verb::kAdd ? element.added : element.deleted) = event;
  }
}

void EvidenceFinder::LookAtWckeys(const Transaction& transaction) {
  const Event event{transaction.row.id, transaction.row.time,
                    transaction.row.actor};
  for (const TransactionObject& object : transaction.objects) {
    if (!object.named || !users_.contains(object.user)) continue;
    Element& element = wckeys_[{object.user, object.name}];
    if (transaction.verb == Verb::kAdd) element.added = event;
    if (transaction.verb == Verb::kDelete) element.deleted = event;
    for (const TransactionSetting& setting : transaction.settings) {
      if (setting.key != Key::kDefaultWckey || setting.value != "1") continue;
      if (Seen* seen = Find(What::kUser, "", object.user, "")) {
        seen->set[Key::kDefaultWckey] = event;
      }
    }
  }
}

// The newest delete of the account, or of one above it as the plan's tree has
// them: that took everything below along.
std::optional<Witness> EvidenceFinder::WithAccount(Atom account,
                                                   uint64_t after) const {
  absl::btree_set<Atom> walked;
  while (!account.empty() && walked.insert(account).second) {
    const auto it = accounts_deleted_.find(account.str());
    if (it != accounts_deleted_.end() && it->second.id > after) {
      return Make(Deed::kDeleted, it->second,
                  absl::StrCat("with account ", account.view()));
    }
    const auto row =
        plan_.expected.associations.find(AssocKey{account, {}, {}});
    if (row == plan_.expected.associations.end()) break;
    account = row->second.parent;
  }
  return std::nullopt;
}

std::optional<Witness> EvidenceFinder::QosDeleted(const Change& change) const {
  const Seen& seen = seen_.at({change.what, change.row});
  const uint64_t after = seen.added.has_value() ? seen.added->id : 0;
  const auto named = qos_deleted_.find(change.row.account.str());
  if (named != qos_deleted_.end() && named->second.id > after) {
    return Make(Deed::kDeleted, named->second);
  }
  std::vector<Event> candidates;
  for (const Event& event : nameless_qos_deletes_) {
    if (event.id > after) candidates.push_back(event);
  }
  if (candidates.empty()) return std::nullopt;
  if (candidates.size() == 1) return Make(Deed::kDeleted, candidates[0]);
  Witness unknown;
  unknown.note = absl::StrCat(
      "deleted, but Slurm's log does not say by which "
      "of ",
      candidates.size(), " deletes of QOS");
  return unknown;
}

std::optional<Witness> EvidenceFinder::Deleted(const Change& change) const {
  if (change.what == What::kQos) return QosDeleted(change);
  const Seen& seen = seen_.at({change.what, change.row});
  const uint64_t after = seen.added.has_value() ? seen.added->id : 0;
  std::optional<Witness> best;
  const auto consider = [&](std::optional<Witness> witness) {
    if (witness.has_value() && witness->transaction > after &&
        (!best.has_value() || best->transaction < witness->transaction)) {
      best = std::move(witness);
    }
  };
  if (seen.deleted.has_value()) consider(Make(Deed::kDeleted, *seen.deleted));
  if (!change.row.user.empty()) {
    const auto it = users_deleted_.find(change.row.user.str());
    if (it != users_deleted_.end()) {
      consider(Make(Deed::kDeleted, it->second,
                    change.what == What::kUser
                        ? ""
                        : absl::StrCat("with user ", change.row.user.view())));
    }
  }
  if (best.has_value()) return best;
  if (change.what == What::kUser) {
    // It left with the last account that it was in.
    const auto accounts = accounts_of_.find(change.row.user);
    if (accounts == accounts_of_.end()) return best;
    for (const Atom account : accounts->second) {
      consider(WithAccount(account, after));
    }
    return best;
  }
  consider(WithAccount(change.row.account, after));
  // "with account hep" says nothing more of hep itself.
  if (best.has_value() && change.row.user.empty() &&
      best->note == absl::StrCat("with account ", change.row.account.view())) {
    best->note.clear();
  }
  return best;
}

std::optional<Witness> EvidenceFinder::RowWitness(const Change& change) const {
  switch (change.how) {
    case How::kAdd:
      return Deleted(change);
    case How::kRemove: {
      const Seen& seen = seen_.at({change.what, change.row});
      if (!seen.added.has_value()) return std::nullopt;
      return Make(Deed::kAdded, *seen.added);
    }
    case How::kModify:
      break;
  }
  if (!change.moves()) return std::nullopt;
  Witness unknown;
  unknown.note = kNoMoves;
  return unknown;
}

std::optional<Witness> EvidenceFinder::FieldWitness(
    const Change& change, const FieldChange& field) const {
  const Seen& seen = seen_.at({change.what, change.row});
  std::optional<Witness> best;
  const auto consider = [&](Deed deed, const Event& event,
                            std::string note = "") {
    if (!best.has_value() || best->transaction < event.id) {
      best = Make(deed, event, std::move(note));
    }
  };
  const std::string user = change.row.user.str();
  if (field.key == Key::kCoordinator || field.key == Key::kWckeys) {
    const auto& elements = field.key == Key::kWckeys ? wckeys_ : coordinators_;
    const auto gone = users_deleted_.find(user);
    for (const std::string& name : Difference(field.to, field.from)) {
      // An empty text in a removal is everybody, or every account.
      for (const auto& key :
           {std::pair(user, name), std::pair(user, std::string()),
            std::pair(std::string(), name)}) {
        const auto it = elements.find(key);
        if (it != elements.end() && it->second.deleted.has_value()) {
          consider(Deed::kChanged, *it->second.deleted);
        }
      }
      if (gone != users_deleted_.end()) {
        consider(Deed::kChanged, gone->second, "deleting the user");
      }
    }
    for (const std::string& name : Difference(field.from, field.to)) {
      const auto it = elements.find({user, name});
      if (it != elements.end() && it->second.added.has_value()) {
        consider(Deed::kChanged, *it->second.added);
      }
    }
    return best;
  }
  if (const auto it = seen.set.find(field.key); it != seen.set.end()) {
    consider(Deed::kChanged, it->second);
  }
  // A row that was added anew came with all its values; the record of a user or
  // an account does not change when another row of it is added.
  const bool row_values =
      change.what == What::kAssociation || change.what == What::kQos;
  if (row_values && seen.added.has_value()) {
    consider(Deed::kAdded, *seen.added);
  }
  if (field.key == Key::kDefaultAccount || field.key == Key::kDefaultWckey) {
    if (const auto it = users_deleted_.find(user); it != users_deleted_.end()) {
      consider(Deed::kChanged, it->second, "deleting the user");
    }
    // It may have gone with its account or with its WCKey.
    if (field.key == Key::kDefaultWckey && field.to.has_value()) {
      const auto it = wckeys_.find({user, field.to->str()});
      if (it != wckeys_.end() && it->second.deleted.has_value()) {
        consider(Deed::kChanged, *it->second.deleted);
      }
    }
  }
  // Deleting a QOS takes it from every list.
  if (field.key == Key::kQos || field.key == Key::kQosPreempt) {
    for (const std::string& element : Difference(field.to, field.from)) {
      const auto it = qos_deleted_.find(std::string(WithoutSign(element)));
      if (it != qos_deleted_.end()) {
        consider(Deed::kChanged, it->second, "deleting the QOS");
      }
    }
  }
  return best;
}

Evidence EvidenceFinder::Take() {
  for (const auto& [key, row] : plan_.expected.associations) {
    if (!key.user.empty() && users_.contains(key.user.view())) {
      accounts_of_[key.user].push_back(key.account);
    }
  }
  Evidence out;
  for (const Change& change : plan_.changes) {
    ChangeEvidence evidence;
    evidence.row = RowWitness(change);
    if (change.how == How::kModify) {
      for (const FieldChange& field : change.fields) {
        if (auto witness = FieldWitness(change, field)) {
          evidence.fields.emplace_back(field.key, *std::move(witness));
        }
      }
    }
    if (evidence.row.has_value() || !evidence.fields.empty()) {
      out[{change.what, change.row}] = std::move(evidence);
    }
  }
  return out;
}

}  // namespace assocsync
