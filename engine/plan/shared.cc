#include "engine/plan/shared.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/maps.h"
#include "engine/diff/merge.h"
#include "engine/model/finding.h"
#include "engine/model/value.h"
#include "engine/plan/agreed.h"
#include "engine/slurm/limits.h"

namespace assocsync {
namespace {

bool IsShared(Key key) {
  return key == Key::kAdminLevel || key == Key::kCoordinator ||
         key == Key::kDescription || key == Key::kOrganization;
}

const std::vector<Name>& Find(
    const absl::flat_hash_map<Name, std::vector<Name>>& clusters, Name name) {
  static const auto* const none = new std::vector<Name>;
  const std::vector<Name>* const found = FindIn(clusters, name);
  return found == nullptr ? *none : *found;
}

void Unite(const std::vector<Name>& more,
           std::vector<absl::string_view>* clusters) {
  for (const Name cluster : more) clusters->push_back(cluster.view());
}

Name ListOf(const std::vector<Name>& names) {
  std::vector<absl::string_view> list;
  Unite(names, &list);
  return Name(JoinElements(std::move(list)));
}

void DropShared(FieldChanges* fields) {
  fields->erase(
      std::remove_if(fields->begin(), fields->end(),
                     [](const FieldChange& f) { return IsShared(f.key); }),
      fields->end());
}

// Whether an existing record becomes another one, or only gets what is this
// cluster's own.
bool Alters(const FieldChanges& fields) {
  return absl::c_any_of(fields, [](const FieldChange& f) {
    return f.from.has_value() || IsShared(f.key);
  });
}

Fields WantedBy(const FieldChanges& changes) {
  Fields want;
  for (const FieldChange& f : changes) {
    if (f.to.has_value()) want.Set(f.key, *f.to);
  }
  return want;
}

}  // namespace

SharedRecords::SharedRecords(const DatabaseState& live) : live_(live) {
  // Sorted by cluster: each is the last of its list, or new to it.
  const auto note = [](Name name, Name cluster, Clusters* clusters) {
    std::vector<Name>& list = (*clusters)[name];
    if (list.empty() || list.back() != cluster) list.push_back(cluster);
  };
  for (const auto& [other, row] : live.others) {
    if (other.row.is_account()) {
      note(other.row.account, other.cluster, &of_account_);
    } else {
      note(other.row.user, other.cluster, &of_user_);
    }
    if (clusters_.empty() || clusters_.back() != other.cluster) {
      clusters_.push_back(other.cluster);
    }
  }
  for (const DatabaseState::Coordinator& pair : live.coordinators) {
    rights_[pair.user].push_back(pair.account.view());
  }
}

std::vector<Change> SharedRecords::Changes(std::vector<Change> changes) const {
  for (Change& change : changes) Complete(&change);
  return changes;
}

void SharedRecords::Complete(Change* change) const {
  switch (change->what) {
    case Change::What::kUser:
      return UserChange(change);
    case Change::What::kAccount:
      return AccountChange(change);
    case Change::What::kQos:
      if (change->how != Change::How::kAdd) {
        // Partitions and reservations use QOS too, and nothing here knows.
        change->reaches = ListOf(clusters_);
      }
      return;
    case Change::What::kCluster:
    case Change::What::kAssociation:
      return;
  }
}

void SharedRecords::UserChange(Change* change) const {
  const Name user = change->row.user;
  if (change->how == Change::How::kRemove && of_user_.contains(user)) {
    DropShared(&change->fields);
    return;
  }
  const Record* const record = FindIn(live_.users, user);
  if (change->how != Change::How::kAdd || record == nullptr) {
    change->reaches = ReachOf(user, change->fields);
    return;
  }
  Fields have = record->fields;
  slurm::SetOrErase(Key::kCoordinator, RightsOf(user), &have);
  FieldChanges fields = DiffFields(have, WantedBy(change->fields));
  if (!Alters(fields)) {
    change->record_is_there = true;
    return;
  }
  change->how = Change::How::kModify;
  change->fields = std::move(fields);
  change->reaches = ReachOf(user, change->fields);
}

void SharedRecords::AccountChange(Change* change) const {
  const std::vector<Name>& clusters = Find(of_account_, change->row.account);
  if (change->how == Change::How::kRemove) {
    if (!clusters.empty()) DropShared(&change->fields);
    return;
  }
  if (change->how == Change::How::kAdd) {
    const Record* const record = FindIn(live_.accounts, change->row.account);
    if (record == nullptr) return;
    FieldChanges fields = DiffFields(record->fields, WantedBy(change->fields));
    if (fields.empty()) return;
    change->how = Change::How::kModify;
    change->fields = std::move(fields);
  }
  change->reaches = ListOf(clusters);
}

Name SharedRecords::RightsOf(Name user) const {
  const auto found = rights_.find(user);
  return found == rights_.end() ? Name() : Name(JoinElements(found->second));
}

// A right is one over an account, wherever that is.
Name SharedRecords::ReachOf(Name user, const FieldChanges& fields) const {
  std::vector<absl::string_view> clusters;
  for (const FieldChange& f : fields) {
    if (!IsShared(f.key)) continue;
    Unite(Find(of_user_, user), &clusters);
    if (f.key != Key::kCoordinator) continue;
    const Name from = f.from.value_or(Name()), to = f.to.value_or(Name());
    for (const auto& [list, other] : {std::pair(from, to), {to, from}}) {
      for (const absl::string_view account : Elements(list.view())) {
        if (!HasElement(other.view(), account)) {
          Unite(Find(of_account_, Name(account)), &clusters);
        }
      }
    }
  }
  return Name(JoinElements(std::move(clusters)));
}

void SharedRecords::AddVanished(const DatabaseState& after,
                                std::vector<Change>* changes) const {
  absl::btree_map<Name, std::vector<absl::string_view>> left;
  for (const DatabaseState::Coordinator& pair : live_.coordinators) {
    if (!after.coordinators.contains(pair)) left[pair.user];
  }
  for (const DatabaseState::Coordinator& pair : after.coordinators) {
    const auto found = left.find(pair.user);
    if (found != left.end()) found->second.push_back(pair.account.view());
  }
  const auto comes_before = [](const Change& change, const Change& other) {
    return std::tie(change.what, change.row) < std::tie(other.what, other.row);
  };
  for (auto& [user, rights] : left) {
    // What becomes of those in the tree, and of a record that goes with the
    // last row, their own changes say.
    if (after.tree.users.contains(user) || !after.users.contains(user)) {
      continue;
    }
    Change change;
    change.what = Change::What::kUser;
    change.how = Change::How::kModify;
    change.row.user = user;
    FieldChange field{Key::kCoordinator, RightsOf(user), std::nullopt};
    if (!rights.empty()) field.to = Name(JoinElements(std::move(rights)));
    change.fields.push_back(std::move(field));
    change.reaches = ReachOf(user, change.fields);
    const auto at = absl::c_lower_bound(*changes, change, comes_before);
    if (at == changes->end() || comes_before(change, *at)) {
      changes->insert(at, std::move(change));
      continue;
    }
    // The user leaves this cluster, and its other options say so.
    DropShared(&at->fields);
    at->fields.push_back(std::move(change.fields[0]));
    absl::c_sort(at->fields, [](const FieldChange& a, const FieldChange& b) {
      return a.key < b.key;
    });
    at->reaches = change.reaches;
  }
}

void SharedRecords::Keep(Tree* expected) const {
  for (auto& [name, record] : expected->users) {
    const Name rights = RightsOf(name);
    if (of_user_.contains(name)) {
      slurm::SetOrErase(Key::kAdminLevel,
                        FieldOf(live_.users, name, Key::kAdminLevel),
                        &record.fields);
      slurm::SetOrErase(Key::kCoordinator, rights, &record.fields);
      continue;
    }
    // What the others share is rights over accounts that are shared.
    const auto is_shared = [&](absl::string_view account) {
      return of_account_.contains(Name(account));
    };
    const Name wanted = record.fields.Get(Key::kCoordinator);
    std::vector<absl::string_view> keep;
    for (const absl::string_view account : Elements(rights.view())) {
      if (is_shared(account)) keep.push_back(account);
    }
    for (const absl::string_view account : Elements(wanted.view())) {
      if (!is_shared(account)) keep.push_back(account);
    }
    slurm::SetOrErase(Key::kCoordinator, Name(JoinElements(std::move(keep))),
                      &record.fields);
  }
  for (auto& [name, record] : expected->accounts) {
    const Record* const live = FindIn(live_.accounts, name);
    if (of_account_.contains(name) && live != nullptr) {
      record.fields = live->fields;
    }
  }
  if (!expected->lists_qos || clusters_.empty()) return;
  for (const auto& [name, record] : live_.tree.qos) {
    expected->qos.insert_or_assign(name, record);
  }
}

std::string SharedMessage(const Change& change) {
  std::vector<std::string> words;
  for (const FieldChange& f : change.fields) {
    if (IsShared(f.key) || change.what == Change::What::kQos) {
      words.push_back(f.ToString());
    }
  }
  if (change.what == Change::What::kQos && change.how == Change::How::kRemove) {
    words.clear();
  }
  if (words.empty()) words = {"deleted"};
  return absl::StrCat(absl::StrJoin(words, ", "), "; also on cluster ",
                      absl::StrJoin(Elements(change.reaches.view()), ", "));
}

std::string SharedWords(const Change& change) {
  return absl::StrCat(change.what == Change::What::kAccount ? "account " : "",
                      RowName(change.what, change.row), ": ",
                      SharedMessage(change));
}

void TellShared(const std::vector<Change>& changes,
                const std::vector<Change>& kept, const SharedView* view,
                std::vector<Finding>* findings) {
  const auto is_news = [&](absl::string_view cluster) {
    return view == nullptr || !view->agreed->clusters.contains(Name(cluster));
  };
  const auto rows_of = [&](const std::vector<Change>& list) {
    std::vector<std::string> rows;
    for (const Change& change : list) {
      if (absl::c_any_of(Elements(change.reaches.view()), is_news)) {
        rows.push_back(SharedWords(change));
      }
    }
    return rows;
  };
  const std::vector<std::string> told = rows_of(changes);
  const absl::flat_hash_set<std::string> known(told.begin(), told.end());
  std::vector<std::string> left = rows_of(kept);
  std::erase_if(left,
                [&](const std::string& row) { return known.contains(row); });
  AddIfAny(
      MakeFinding(kSharedRecords,
                  "records change that other clusters of the database share "
                  "(--keep-shared leaves them as they are)",
                  told),
      findings);
  AddIfAny(MakeFinding(kSharedRecords, Severity::kNote,
                       "records that other clusters share stay as they are "
                       "(--keep-shared)",
                       std::move(left)),
           findings);
}

}  // namespace assocsync
