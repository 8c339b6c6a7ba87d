#include "engine/plan/guards.h"

#include <array>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/strings/str_cat.h"
#include "engine/base/counted.h"
#include "engine/base/maps.h"
#include "engine/base/name_set.h"
#include "engine/diff/counts.h"
#include "engine/model/finding.h"
#include "engine/model/value.h"
#include "engine/model/walk.h"
#include "engine/plan/agreed.h"

namespace assocsync {
namespace {

bool HoldsOnlyRoot(const Tree& tree) {
  return absl::c_all_of(tree.associations, [](const auto& entry) {
    return entry.first.account == RootName() &&
           (entry.first.user.empty() || entry.first.user == RootName());
  });
}

// name -> rows that need it.
using Needs = absl::btree_map<Name, std::vector<std::string>>;

void NeedQos(Name list, const std::string& row, Needs* needs) {
  for (const absl::string_view item : Elements(list.view())) {
    (*needs)[Name(QosNamed(item))].push_back(row);
  }
}

// QOS and TRES that the fields of one object name.
void Need(const Fields& fields, const std::string& row, Needs* qos,
          Needs* tres) {
  for (const Field& f : fields) {
    switch (Info(f.key).kind) {
      case Kind::kQosList:
        NeedQos(f.value, row, qos);
        break;
      case Kind::kTres:
        for (const TresItem& item : TresItems(f.value.view())) {
          (*tres)[Name(item.first)].push_back(row);
        }
        break;
      default:
        if (f.key == Key::kDefaultQos || f.key == Key::kQosPreempt) {
          NeedQos(f.value, row, qos);
        }
    }
  }
}

void Missing(const Needs& needs, const absl::btree_set<Name>& known,
             FindingCode code, absl::string_view what,
             std::vector<Finding>* out) {
  for (const auto& [name, rows] : needs) {
    if (known.contains(name)) continue;
    out->push_back(MakeFinding(
        code,
        absl::StrCat(what, " '", name.view(), "' does not exist here, but ",
                     Counted(rows.size(), "row"),
                     rows.size() == 1 ? " needs it" : " need it"),
        rows));
  }
}

// One kind of object: how many there are on either tree, and which of them go.
struct Toll {
  // "2 accounts"
  std::string Some(size_t n) const {
    return one == "QOS" ? absl::StrCat(n, " QOS") : Counted(n, one);
  }
  absl::string_view one;
  size_t live = 0, after = 0;
  std::vector<std::string> gone = {};
};

struct Tolls {
  Toll accounts{"account"};
  Toll users{"user"};
  Toll associations{"user association"};
  Toll qos{"QOS"};
  Toll coordinators{"coordinator"};
  Toll wckeys{"WCKey"};

  std::array<const Toll*, 6> All() const {
    return {&accounts, &users, &associations, &qos, &coordinators, &wckeys};
  }
};

// Root is never deleted, and would hide that everything else is.
void Count(const Tree& tree, size_t Toll::*count, Tolls* tolls) {
  tolls->accounts.*count =
      tree.accounts.size() - tree.accounts.count(RootName());
  tolls->users.*count = tree.users.size() - tree.users.count(RootName());
  for (const auto& [key, row] : tree.associations) {
    tolls->associations.*count += !key.is_account() && key.user != RootName();
  }
  tolls->qos.*count = tree.qos.size();
  for (const auto& [name, record] : tree.users) {
    const auto size = [&fields = record.fields](Key key) -> size_t {
      const Name* const list = fields.Find(key);
      return list == nullptr ? 0 : Elements(list->view()).size();
    };
    tolls->coordinators.*count += size(Key::kCoordinator);
    tolls->wckeys.*count += size(Key::kWckeys);
  }
}

void GuardToll(const Toll& toll, const PlanOptions& options,
               std::vector<Finding>* out) {
  if (toll.gone.empty()) return;
  DeleteShare share{toll.gone.size(), toll.live};
  if (share.gone == share.of) {
    // What is added under the same kind keeps it from vanishing.
    if (toll.after > 0) {
      ++share.of;
    } else {
      out->push_back(MakeFinding(
          kWholeKindVanishes,
          share.of == 1
              ? absl::StrCat("the only ", toll.one, " would vanish")
              : absl::StrCat("all ", toll.Some(share.of), " would vanish"),
          toll.gone));
    }
  }
  const bool too_many =
      options.max_delete_is_count
          ? share.gone > static_cast<size_t>(options.max_delete)
          : share.Exceeds(options.max_delete);
  if (!too_many) return;
  Finding finding = MakeFinding(
      kDeleteShare,
      absl::StrCat("would delete ", share.gone, " of ", toll.Some(share.of),
                   " (", share.percent(), "%), more than --max-delete ",
                   options.max_delete, options.max_delete_is_count ? "" : "%"),
      toll.gone);
  finding.lifted_by = options.max_delete_is_count
                          ? absl::StrCat("--max-delete ", share.gone)
                          : absl::StrCat("--max-delete ", share.percent(), "%");
  out->push_back(std::move(finding));
}

void GuardDeletes(const DatabaseState& live, const Tree& expected,
                  const std::vector<Change>& changes,
                  const PlanOptions& options, std::vector<Finding>* out) {
  Tolls tolls;
  for (const Change& change : changes) {
    const bool removed = change.how == Change::How::kRemove;
    // Not counted in `live` either; AS103 is about root.
    const bool is_root = change.row.user == RootName();
    switch (change.what) {
      case Change::What::kCluster:
        break;
      case Change::What::kQos:
        if (removed) tolls.qos.gone.push_back(change.row.account.str());
        break;
      case Change::What::kAccount:
        if (removed) tolls.accounts.gone.push_back(change.row.account.str());
        break;
      case Change::What::kAssociation:
        if (removed && !change.row.is_account() && !is_root) {
          tolls.associations.gone.push_back(change.row.ToString());
        }
        break;
      case Change::What::kUser: {
        const Name user = change.row.user;
        if (removed && !is_root) tolls.users.gone.push_back(user.str());
        for (const FieldChange& f : change.fields) {
          if (f.key != Key::kCoordinator && f.key != Key::kWckeys) continue;
          Toll& toll =
              f.key == Key::kCoordinator ? tolls.coordinators : tolls.wckeys;
          const Name from = f.from.value_or(Name());
          const Name to = f.to.value_or(Name());
          // Not counted below: somebody of another cluster.
          if (!live.tree.users.contains(user)) {
            toll.live += Elements(from.view()).size();
          }
          for (absl::string_view item : ElementsBut(from.view(), to.view())) {
            toll.gone.push_back(absl::StrCat(user.view(), ": ", item));
          }
        }
        break;
      }
    }
  }
  const auto goes = [](const Toll* toll) { return !toll->gone.empty(); };
  if (absl::c_none_of(tolls.All(), goes)) return;
  Count(live.tree, &Toll::live, &tolls);
  const auto all_go = [&](const Toll* toll) {
    return goes(toll) && toll->gone.size() == toll->live;
  };
  if (absl::c_any_of(tolls.All(), all_go)) {
    Count(expected, &Toll::after, &tolls);
  }
  for (const Toll* const toll : tolls.All()) GuardToll(*toll, options, out);
}

void GuardProtected(const DatabaseState& live, const Tree& expected,
                    const std::vector<Change>& changes,
                    const PlanOptions& options, const SharedView* view,
                    std::vector<Finding>* out) {
  const Name administrator("Administrator");
  const Name caller(options.caller);
  std::vector<std::string> rows;
  absl::btree_set<Name> demoted;
  for (const Change& change : changes) {
    if (change.what != Change::What::kUser &&
        !(change.what == Change::What::kAssociation &&
          !change.row.is_account())) {
      continue;
    }
    const Name user = change.row.user;
    const bool removed = change.how == Change::How::kRemove;
    bool loses_rights = change.what == Change::What::kUser && removed;
    for (const FieldChange& f : change.fields) {
      if (f.key == Key::kAdminLevel && f.from.has_value() &&
          f.to.value_or(Name()) != administrator) {
        loses_rights = true;
        if (*f.from == administrator) demoted.insert(user);
      }
    }
    const bool is_root = user == RootName();
    const bool is_caller = !caller.empty() && user == caller;
    if ((is_root && (removed || loses_rights)) || (is_caller && loses_rights)) {
      rows.push_back(change.ToString());
    }
  }
  AddIfAny(MakeFinding(kProtectedRow,
                       "would take rows or rights from root or from the user "
                       "who runs this",
                       std::move(rows)),
           out);
  if (demoted.empty()) return;
  if (view != nullptr && view->agreed->has_administrator) return;
  const auto is_admin = [&](Name name, const Record& record) {
    return name != RootName() &&
           record.fields.Get(Key::kAdminLevel) == administrator;
  };
  for (const auto& [name, record] : expected.users) {
    if (is_admin(name, record)) return;
  }
  // Administrators without associations here keep their level.
  for (const auto& [name, record] : live.users) {
    if (is_admin(name, record) && !demoted.contains(name)) return;
  }
  std::vector<std::string> names;
  for (Name name : demoted) {
    if (name != RootName()) names.push_back(name.str());
  }
  AddIfAny(MakeFinding(kLastAdministrator,
                       "nobody but root would be Administrator any more",
                       std::move(names)),
           out);
}

// No tree holds a user without associations, so nothing else would say so.
void TellRightsWithoutRows(const DatabaseState& live, const Tree& expected,
                           std::vector<Finding>* out) {
  absl::btree_set<Name> elsewhere;
  for (const auto& [other, row] : live.others) {
    elsewhere.insert(other.row.user);
  }
  std::vector<std::string> rows;
  for (const auto& [name, record] : live.users) {
    const Name level = record.fields.Get(Key::kAdminLevel);
    if (level.empty() || name == RootName() || elsewhere.contains(name) ||
        live.tree.users.contains(name) || expected.users.contains(name)) {
      continue;
    }
    rows.push_back(absl::StrCat("user ", name.view(), ": ", level.view()));
  }
  AddIfAny(
      MakeFinding(kRightsWithoutRows,
                  "users without any association have rights", std::move(rows)),
      out);
}

// A transaction that was lost halfway can leave a user's associations without
// the record. Each release makes the record along with a new association; one
// since 23.11 only where slurmdbd does not remember it.
std::vector<std::string> HowToMakeRecords(const Tree& live) {
  absl::btree_map<Name, absl::btree_set<Name>>
      missing;  // And in which accounts
  std::vector<Name> accounts = {RootName()};
  for (const auto& [key, row] : live.associations) {
    if (key.is_account()) {
      accounts.push_back(key.account);
    } else if (!live.users.contains(key.user)) {
      missing[key.user].insert(key.account);
    }
  }
  std::vector<std::string> out;
  for (const auto& [user, rows] : missing) {
    const auto free = absl::c_find_if(accounts, [&has = rows](Name account) {
      return !has.contains(account);
    });
    if (free == accounts.end()) continue;
    out.push_back(absl::StrCat(
        "user ", user.view(), ": restart slurmdbd, add the user to account ",
        free->view(), " of cluster ", live.cluster.view(),
        " (sacctmgr add user): that makes the record, and the next plan takes "
        "the association away again"));
  }
  return out;
}

// Root has a list, and no row says less than it inherits: nobody is without.
bool AllHaveQos(const Tree& tree) {
  const Association* const root =
      FindIn(tree.associations, {RootName(), {}, {}});
  return root != nullptr && IsQosList(root->limits.Get(Key::kQos).view()) &&
         absl::c_none_of(tree.associations, [](const auto& entry) {
           const Name* const own = entry.second.limits.Find(Key::kQos);
           return own != nullptr && !IsQosList(own->view()) &&
                  !AddsQos(own->view());
         });
}

// Users to whom one of their rows gives a QOS.
NameSet UsersWithQos(const Tree& tree) {
  NameSet users;
  ForEachRowWithQos(tree, QosLists::Names(),
                    [&](const AssocKey& key, const Association&, Name,
                        const QosLists::Names* list) {
                      if (!key.is_account() && !list->empty()) {
                        users.insert(key.user);
                      }
                    });
  return users;
}

}  // namespace

std::vector<Finding> GuardTrees(const DatabaseState& live, const Tree& target,
                                const PlanOptions& options) {
  std::vector<Finding> out;
  AddIfAny(
      MakeFinding(kIllegalTree, "the target is a tree that Slurm cannot hold",
                  Illegalities(target)),
      &out);
  if (std::vector<std::string> bad = Illegalities(live.tree); !bad.empty()) {
    for (std::string& how : HowToMakeRecords(live.tree)) {
      bad.push_back(std::move(how));
    }
    out.push_back(MakeFinding(
        kIllegalTree, "the live tree is broken and must be mended first",
        std::move(bad)));
  }
  if (target.cluster != live.tree.cluster && !options.as_cluster) {
    out.push_back(MakeFinding(
        kClusterMismatch,
        absl::StrCat("the target is of cluster '", target.cluster.view(),
                     "', live is '", live.tree.cluster.view(), "'")));
  }
  if (HoldsOnlyRoot(target) && !HoldsOnlyRoot(live.tree)) {
    out.push_back(
        MakeFinding(kEmptyTarget, "the target holds nothing but root"));
  }
  return out;
}

std::vector<Finding> GuardNames(const DatabaseState& live, const Tree& expected,
                                const std::vector<Change>& changes) {
  std::vector<Finding> out;
  if (!live.complete) return out;
  Needs qos;
  Needs tres;
  // Only what changes can fail; what is there already names what exists.
  for (const Change& change : changes) {
    if (change.how == Change::How::kRemove) continue;
    Fields fields;
    for (const FieldChange& f : change.fields) {
      if (f.to.has_value()) fields.Set(f.key, *f.to);
    }
    Need(fields,
         change.what == Change::What::kQos
             ? absl::StrCat("QOS ", change.row.account.view())
             : change.row.ToString(),
         &qos, &tres);
  }
  absl::btree_set<Name> known = live.qos;
  if (expected.lists_qos) {
    for (const auto& [name, record] : expected.qos) known.insert(name);
  }
  Missing(qos, known, kMissingQos, "QOS", &out);
  Missing(tres, live.tres, kMissingTres, "TRES", &out);
  return out;
}

std::vector<Finding> GuardChanges(const DatabaseState& live,
                                  const Tree& expected,
                                  const std::vector<Change>& changes,
                                  const PlanOptions& options,
                                  const SharedView* view) {
  std::vector<Finding> out;
  GuardDeletes(live, expected, changes, options, &out);
  GuardProtected(live, expected, changes, options, view, &out);
  TellRightsWithoutRows(live, expected, &out);
  return out;
}

std::vector<Finding> GuardRecords(const DatabaseState& before,
                                  const DatabaseState& after,
                                  const PlanOptions& options) {
  Tolls tolls;
  const auto records = [](const auto& from, const auto& to, Toll* toll) {
    for (const auto& [name, record] : from) {
      if (name == RootName()) continue;
      ++toll->live;
      if (!to.contains(name)) toll->gone.push_back(name.str());
    }
    toll->after = to.size() - to.count(RootName());
  };
  records(before.accounts, after.accounts, &tolls.accounts);
  records(before.users, after.users, &tolls.users);
  std::vector<Finding> out;
  GuardToll(tolls.accounts, options, &out);
  GuardToll(tolls.users, options, &out);
  for (Finding& finding : out) {
    finding.message = absl::StrCat("of all clusters: ", finding.message);
  }
  return out;
}

std::vector<Finding> GuardQos(const Tree& live, const Tree& expected,
                              const std::vector<Change>& changes) {
  const bool touched = absl::c_any_of(
      changes, [](const Change& change) { return change.Names(Key::kQos); });
  if (!touched || AllHaveQos(expected)) return {};
  const NameSet after = UsersWithQos(expected);
  std::vector<Name> without;
  for (const auto& [user, record] : expected.users) {
    if (!after.contains(user)) without.push_back(user);
  }
  if (without.empty()) return {};
  const NameSet before = UsersWithQos(live);
  std::vector<std::string> rows;
  for (const Name user : without) {
    if (!before.contains(user)) continue;
    rows.push_back(absl::StrCat("user ", user.view()));
  }
  if (rows.empty()) return {};
  std::string message = absl::StrCat(
      Counted(rows.size(), "user"), rows.size() == 1 ? " loses" : " lose",
      " every QOS: no list is left on these rows, nor above them (QOS= on the "
      "Cluster line gives all rows one)");
  return {MakeFinding(kLosesEveryQos, std::move(message), std::move(rows))};
}

}  // namespace assocsync
