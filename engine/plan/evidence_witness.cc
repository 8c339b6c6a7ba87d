// What was seen, as an answer to each difference.
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/maps.h"
#include "engine/model/value.h"
#include "engine/plan/evidence.h"
#include "engine/plan/plan.h"

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

// Elements that one side has and the other has not.
std::vector<std::string> OnlyIn(const std::optional<Name>& a,
                                const std::optional<Name>& b) {
  const auto only =
      ElementsBut(a.value_or(Name()).view(), b.value_or(Name()).view());
  return {only.begin(), only.end()};
}

}  // namespace

// The newest delete of the account, or of one above it as the plan's tree has
// them: that took everything below along.
std::optional<Witness> EvidenceFinder::WithAccount(Name account,
                                                   uint64_t after) const {
  absl::btree_set<Name> walked;
  while (!account.empty() && walked.insert(account).second) {
    const Event* const event = FindIn(accounts_deleted_, account.str());
    if (event != nullptr && event->id > after) {
      return Make(Deed::kDeleted, *event,
                  absl::StrCat("with account ", account.view()));
    }
    account = ParentOf(plan_.expected, account);
  }
  return std::nullopt;
}

std::optional<Witness> EvidenceFinder::QosDeleted(const Change& change) const {
  const Seen& seen = seen_.at({change.what, change.row});
  const uint64_t after = seen.added.has_value() ? seen.added->id : 0;
  const Event* const named = FindIn(qos_deleted_, change.row.account.str());
  if (named != nullptr && named->id > after) {
    return Make(Deed::kDeleted, *named);
  }
  std::vector<Event> candidates;
  for (const Event& event : nameless_qos_deletes_) {
    if (event.id > after) candidates.push_back(event);
  }
  if (candidates.empty()) return std::nullopt;
  // Certain only where it was there for sure: older deletes may be purged.
  if (candidates.size() == 1 && seen.added.has_value()) {
    return Make(Deed::kDeleted, candidates[0]);
  }
  Witness unknown;
  unknown.note =
      "deleted, but Slurm's log does not tell which delete of a QOS that was";
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
  // Its own delete; the user's or the account's may have come later.
  if (seen.deleted.has_value()) consider(Make(Deed::kDeleted, *seen.deleted));
  if (best.has_value()) return best;
  if (!change.row.user.empty()) {
    if (const Event* const event =
            FindIn(users_deleted_, change.row.user.str())) {
      consider(Make(Deed::kDeleted, *event,
                    absl::StrCat("with user ", change.row.user.view())));
    }
  }
  if (change.what == What::kUser) {
    // It left with the last account that it was in.
    const auto* const accounts = FindIn(accounts_of_, change.row.user);
    if (accounts == nullptr) return best;
    for (const Name account : *accounts) consider(WithAccount(account, after));
  } else if (!best.has_value()) {
    consider(WithAccount(change.row.account, after));
  }
  if (!best.has_value()) return best;
  // "with account hep" says nothing more of hep itself.
  if (change.row.user.empty() &&
      best->note == absl::StrCat("with account ", change.row.account.view())) {
    best->note.clear();
  } else if (!seen.added.has_value()) {
    // Nobody saw that it was still there by then: the log may be purged.
    absl::StrAppend(&best->note, ", if not before");
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
  const auto consider = [&](Deed deed, const Event* event,
                            std::string note = "") {
    if (event == nullptr) return;
    if (!best.has_value() || best->transaction < event->id) {
      best = Make(deed, *event, std::move(note));
    }
  };
  const auto in = [](const std::optional<Event>& event) {
    return event.has_value() ? &*event : nullptr;
  };
  const std::string user = change.row.user.str();
  if (field.key == Key::kCoordinator || field.key == Key::kWckeys) {
    const auto& elements = field.key == Key::kWckeys ? wckeys_ : coordinators_;
    for (const std::string& name : OnlyIn(field.to, field.from)) {
      // An empty text in a removal is everybody, or every account.
      for (const auto& key :
           {std::pair(user, name), std::pair(user, std::string()),
            std::pair(std::string(), name)}) {
        if (const Element* const element = FindIn(elements, key)) {
          consider(Deed::kChanged, in(element->deleted));
        }
      }
      consider(Deed::kChanged, FindIn(users_deleted_, user),
               "deleting the user");
    }
    for (const std::string& name : OnlyIn(field.from, field.to)) {
      if (const Element* const element = FindIn(elements, {user, name})) {
        consider(Deed::kChanged, in(element->added));
      }
    }
    return best;
  }
  consider(Deed::kChanged, FindIn(seen.set, field.key));
  // A row that was added anew came with all its values; the record of a user or
  // an account does not change when another row of it is added.
  if (change.what == What::kAssociation || change.what == What::kQos) {
    consider(Deed::kAdded, in(seen.added));
  }
  if (field.key == Key::kDefaultAccount || field.key == Key::kDefaultWckey) {
    consider(Deed::kChanged, FindIn(users_deleted_, user), "deleting the user");
    // It may have gone with its account or with its WCKey.
    if (field.key == Key::kDefaultWckey && field.to.has_value()) {
      if (const Element* const wckey =
              FindIn(wckeys_, {user, field.to->str()})) {
        consider(Deed::kChanged, in(wckey->deleted));
      }
    }
  }
  // Deleting a QOS takes it from every list.
  if (field.key == Key::kQos || field.key == Key::kQosPreempt) {
    for (const std::string& element : OnlyIn(field.to, field.from)) {
      consider(Deed::kChanged,
               FindIn(qos_deleted_, std::string(QosNamed(element))),
               "deleting the QOS");
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
