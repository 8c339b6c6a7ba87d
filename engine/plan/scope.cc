#include "engine/plan/scope.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "engine/base/name_set.h"
#include "engine/base/status.h"
#include "engine/diff/counts.h"
#include "engine/diff/diff.h"
#include "engine/model/value.h"
#include "engine/model/walk.h"
#include "engine/plan/named.h"
#include "engine/plan/take_back.h"
#include "engine/slurm/limits.h"

namespace assocsync {
namespace {

using What = Change::What;

class Scoper {
 public:
  Scoper(const Tree& live, const Tree& target, const Named& only,
         const Named& except)
      : live_(live), target_(target), only_(only), except_(except) {
    out_ = live;
    out_.cluster = target.cluster;
    if (only.Cluster()) out_.cluster_fields = target.cluster_fields;
    if (!live.lists_qos || !target.lists_qos) {
      out_.lists_qos = target.lists_qos;
      out_.qos = target.qos;
    }
  }

  ScopedTree Run() && {
    const std::vector<Change> all = Diff(live_, target_);
    absl::btree_set<Name> users;  // Whose record may change.
    for (const Change& change : all) {
      switch (change.what) {
        case What::kCluster:
          break;
        case What::kQos:
          if (Picks(
                  [&](const Named& n) { return n.Qos(change.row.account); })) {
            CopyOrErase(target_.qos, change.row.account, &out_.qos);
          }
          break;
        case What::kAccount:
          if (Picks([&](const Named& n) {
                return n.Account(change.row.account);
              })) {
            CopyOrErase(target_.accounts, change.row.account, &out_.accounts);
          }
          break;
        case What::kUser:
          users.insert(change.row.user);
          break;
        case What::kAssociation:
          if (!PicksRow(change.row)) break;
          CopyOrErase(target_.associations, change.row, &out_.associations);
          if (!change.row.is_account()) users.insert(change.row.user);
          came_.push_back(change.row);
          break;
      }
    }
    Stranded(users);
    Above();
    Qos();
    const NameSet here = UsersWithRows();
    for (const Name user : users) {
      if (here.contains(user) || Stays(user)) {
        User(user);
      } else {
        out_.users.erase(user);
      }
    }
    ScopedTree scoped;
    scoped.tree = TakeBack(live_, out_).Mend();
    needed_.insert(only_.with_others().begin(), only_.with_others().end());
    scoped.needed.assign(needed_.begin(), needed_.end());
    scoped.of = CountOf(all).all();
    return scoped;
  }

 private:
  template <typename F>
  bool Picks(F names) const {
    return (only_.none() || names(only_)) && !names(except_);
  }
  bool PicksRow(const AssocKey& row) const {
    return Picks([&](const Named& n) { return n.Row(row); });
  }

  bool Stays(Name user) const {
    return live_.users.contains(user) && target_.users.contains(user);
  }
  NameSet UsersWithRows() const {
    NameSet users;
    for (const auto& [key, row] : out_.associations) users.insert(key.user);
    return users;
  }

  // Users whom the target keeps elsewhere, and whose last row goes, keep what
  // target gives them. (Where that is left out, TakeBack gives back live's.)
  void Stranded(const absl::btree_set<Name>& users) {
    const NameSet here = UsersWithRows();
    for (const auto& [key, row] : target_.associations) {
      if (key.is_account() || !users.contains(key.user) || !Stays(key.user) ||
          here.contains(key.user) || except_.Row(key)) {
        continue;
      }
      out_.associations.insert_or_assign(key, row);
      needed_.insert(absl::StrCat(key.ToString(), ": user ", key.user.view(),
                                  " has nothing else left"));
      came_.push_back(key);
    }
  }

  // Accounts that rows which come hang below.
  void Above() {
    std::vector<AssocKey> look = came_;
    while (!look.empty()) {
      const AssocKey key = look.back();
      look.pop_back();
      const auto row = out_.associations.find(key);
      if (row == out_.associations.end()) continue;
      const Name above = HangsOn(key, row->second);
      const auto wanted = target_.associations.find(AccountRow(above));
      if (above.empty() || out_.associations.contains(AccountRow(above)) ||
          wanted == target_.associations.end()) {
        continue;
      }
      out_.associations.insert(*wanted);
      CopyOrErase(target_.accounts, above, &out_.accounts);
      needed_.insert(absl::StrCat("account ", above.view(), ": ",
                                  key.ToString(), " is below it"));
      look.push_back(wanted->first);
      came_.push_back(wanted->first);
    }
  }

  // QOS that rows which come name.
  void Qos() {
    if (!out_.lists_qos) return;
    for (const AssocKey& key : came_) {
      const Fields* const limits = LimitsIn(out_, key);
      if (limits == nullptr) continue;
      for (const Key list : {Key::kQos, Key::kDefaultQos}) {
        const Name names = limits->Get(list);
        for (const absl::string_view item : Elements(names.view())) {
          const Name name(QosNamed(item));
          if (out_.qos.contains(name) || !target_.qos.contains(name)) continue;
          CopyOrErase(target_.qos, name, &out_.qos);
          needed_.insert(absl::StrCat("QOS ", name.view(), ": ", key.ToString(),
                                      " has it"));
        }
      }
    }
  }

  bool HasRow(Name user, Name account) const {
    return !RowsOf(out_, user, account).empty();
  }

  void User(Name user) {
    const Record* const was = FindIn(live_.users, user);
    const Record* const wanted = FindIn(target_.users, user);
    if (Picks([&](const Named& n) { return n.User(user); })) {
      CopyOrErase(target_.users, user, &out_.users);
    } else if (was == nullptr && wanted != nullptr) {
      out_.users.emplace(user, *wanted);
    }
    const auto record = out_.users.find(user);
    if (record == out_.users.end()) return;
    Fields& fields = record->second.fields;
    if (wanted != nullptr) {
      const Name home = wanted->fields.Get(Key::kDefaultAccount);
      const Name now = fields.Get(Key::kDefaultAccount);
      // Where it is in what was named, or the one that live has goes.
      if (HasRow(user, home) &&
          (!HasRow(user, now) ||
           (!only_.picked() && PicksRow({home, user, Name()})))) {
        fields.Set(Key::kDefaultAccount, home);
      }
    }
    Rights(user, was, wanted, &fields);
  }

  void Rights(Name user, const Record* was, const Record* wanted,
              Fields* fields) const {
    std::vector<absl::string_view> rights;
    const auto add = [&](const Record* record, bool named) {
      if (record == nullptr) return;
      const Name list = record->fields.Get(Key::kCoordinator);
      for (const absl::string_view word : Elements(list.view())) {
        const Name account(word);
        // No right over an account of the target that does not come.
        if (named && target_.accounts.contains(account) &&
            !out_.accounts.contains(account)) {
          continue;
        }
        if (Picks([&](const Named& n) { return n.Right(user, account); }) ==
            named) {
          rights.push_back(word);
        }
      }
    };
    add(was, false);
    add(wanted, true);
    slurm::SetOrErase(Key::kCoordinator, Name(JoinElements(std::move(rights))),
                      fields);
  }

  const Tree& live_;
  const Tree& target_;
  const Named& only_;
  const Named& except_;
  Tree out_;
  std::vector<AssocKey> came_;
  absl::btree_set<std::string> needed_;
};

bool Lets(const ChangeKinds& kinds, const Change& change) {
  switch (change.how) {
    case Change::How::kAdd:
      return kinds.add;
    case Change::How::kRemove:
      return kinds.remove;
    case Change::How::kModify:
      break;
  }
  // An account's row may be both, and then has only what is wanted by now.
  return change.moves() ? kinds.move : kinds.modify;
}

// The target without changes of other kinds, and without what needs these.
Tree OfKinds(const Tree& live, const Tree& target, const ChangeKinds& kinds) {
  Tree part = target;
  for (const Change& change : Diff(live, target)) {
    if (change.what != What::kAssociation ||
        change.how != Change::How::kModify || !change.moves()) {
      continue;
    }
    const Association& was = live.associations.at(change.row);
    Association& row = part.associations.at(change.row);
    if (!kinds.move) row.parent = was.parent;
    if (!kinds.modify) row.limits = was.limits;
  }
  TakeBack back(live, part);
  for (const Change& change : Diff(live, part)) {
    if (Lets(kinds, change)) continue;
    if (change.what == What::kUser && change.how == Change::How::kModify) {
      back.RecordOf(change.row.user);
    } else {
      back.Row(change.what, change.row);
    }
  }
  return std::move(back).Mend();
}

void Pick(const Tree& live, const std::vector<ChangeId>& pick,
          ScopedTree* scoped) {
  const Tree whole = std::move(scoped->tree);
  const Named picked_ones(pick, live, whole);
  ScopedTree picked = Scoper(live, whole, picked_ones, Named({})).Run();
  absl::btree_set<ChangeId> planned;
  for (const Change& change : Diff(live, picked.tree)) {
    planned.insert({change.what, change.row});
  }
  const absl::btree_set<ChangeId> wanted(pick.begin(), pick.end());
  for (const Change& change : Diff(live, whole)) {
    const ChangeId id = {change.what, change.row};
    if (wanted.contains(id) && !planned.contains(id)) {
      scoped->dropped.push_back(change.ToString());
    }
  }
  scoped->tree = std::move(picked.tree);
  scoped->needed.insert(scoped->needed.end(), picked.needed.begin(),
                        picked.needed.end());
  absl::c_sort(scoped->needed);
}

}  // namespace

absl::StatusOr<ChangeKinds> ParseChangeKinds(
    const std::vector<std::string>& words) {
  if (words.empty()) return ChangeKinds{true, true, true, true};
  ChangeKinds kinds;
  for (const std::string& word : words) {
    if (word == "add") {
      kinds.add = true;
    } else if (word == "modify") {
      kinds.modify = true;
    } else if (word == "delete") {
      kinds.remove = true;
    } else if (word == "move") {
      kinds.move = true;
    } else {
      return absl::InvalidArgumentError(absl::StrCat(
          "'", word,
          "' is no kind of change: add, modify, delete or move is meant"));
    }
  }
  return kinds;
}

absl::StatusOr<ScopedTree> InScope(const Tree& live, const Tree& target,
                                   const std::vector<std::string>& only,
                                   const std::vector<std::string>& except,
                                   const std::vector<std::string>& changes,
                                   const std::vector<ChangeId>& pick) {
  ASSIGN_OR_RETURN(const ChangeKinds kinds, ParseChangeKinds(changes));
  ScopedTree scoped;
  if (only.empty() && except.empty()) {
    scoped.tree = target;
    scoped.of = CountOf(Diff(live, target)).all();
  } else {
    ASSIGN_OR_RETURN(const Named named, NamedBy(only, "--only", live, target));
    ASSIGN_OR_RETURN(const Named not_named,
                     NamedBy(except, "--except", live, target));
    scoped = Scoper(live, target, named, not_named).Run();
  }
  if (!changes.empty()) scoped.tree = OfKinds(live, scoped.tree, kinds);
  if (!pick.empty()) Pick(live, pick, &scoped);
  scoped.changes = CountOf(Diff(live, scoped.tree)).all();
  return scoped;
}

}  // namespace assocsync
