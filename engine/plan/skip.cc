#include "engine/plan/skip.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/status.h"
#include "engine/diff/merge.h"
#include "engine/model/value.h"
#include "engine/plan/finding.h"

namespace assocsync {
namespace {

using What = Change::What;

// All words under which a change can be skipped.
std::vector<std::string> NamesOf(const Change& change) {
  std::vector<std::string> names = {RowName(change.what, change.row)};
  const auto every = [&](absl::string_view what, Atom name) {
    if (!name.empty()) {
      names.push_back(absl::StrCat("every ", what, " ", name.view()));
    }
  };
  switch (change.what) {
    case What::kCluster:
      break;
    case What::kQos:
      every("QOS", change.row.account);
      break;
    case What::kAccount:
    case What::kUser:
    case What::kAssociation:
      every("account", change.row.account);
      every("user", change.row.user);
      every("partition", change.row.partition);
      if (!change.row.account.empty() && change.row.is_account()) {
        names.push_back(absl::StrCat("account ", change.row.account.view()));
      }
  }
  return names;
}

class Leaver {
 public:
  Leaver(const Tree& live, const Tree& target)
      : live_(live), target_(target), tree_(target) {}

  void Leave(What what, const AssocKey& row) {
    switch (what) {
      case What::kCluster:
        tree_.cluster_fields = live_.cluster_fields;
        return;
      case What::kQos:
        return Restore(live_.qos, row.account, &tree_.qos);
      case What::kAccount:
        return Restore(live_.accounts, row.account, &tree_.accounts);
      case What::kUser:
        return Restore(live_.users, row.user, &tree_.users);
      case What::kAssociation:
        return Restore(live_.associations, row, &tree_.associations);
    }
  }

  // Each round takes changes back, until what is left can stand.
  Tree Mend() && {
    bool again = true;
    while (again) {
      again = Above() || Circles() || Users() || Qos();
    }
    Records();
    return std::move(tree_);
  }

 private:
  template <typename Map, typename K>
  static void Restore(const Map& from, const K& key, Map* to) {
    const auto found = from.find(key);
    if (found == from.end()) {
      to->erase(key);
    } else {
      to->insert_or_assign(key, found->second);
    }
  }
  void LeaveRow(const AssocKey& key) { Leave(What::kAssociation, key); }
  bool HasAccount(Atom name) const {
    return tree_.associations.contains({name, {}, {}});
  }
  // What the target itself lacks is none of ours.
  bool IsChanged(const AssocKey& key) const {
    const auto is = tree_.associations.find(key);
    const auto was = live_.associations.find(key);
    return is != tree_.associations.end() &&
           (was == live_.associations.end() || !(is->second == was->second));
  }

  bool Above() {
    std::vector<AssocKey> back;
    for (const auto& [key, row] : tree_.associations) {
      const Atom above = key.is_account() ? row.parent : key.account;
      if (above.empty() || HasAccount(above)) continue;
      const AssocKey own{above, {}, {}};
      if (live_.associations.contains(own)) {
        back.push_back(own);
      } else if (IsChanged(key)) {
        back.push_back(key);
      }
    }
    for (const AssocKey& key : back) LeaveRow(key);
    return !back.empty();
  }

  bool Circles() {
    const std::vector<Atom> hanging = TopDown(tree_);
    const absl::btree_set<Atom> reached(hanging.begin(), hanging.end());
    std::vector<AssocKey> back;
    for (const auto& [key, row] : tree_.associations) {
      if (key.is_account() && !reached.contains(key.account) &&
          IsChanged(key)) {
        back.push_back(key);
      }
    }
    for (const AssocKey& key : back) LeaveRow(key);
    return !back.empty();
  }

  bool Users() {
    absl::btree_map<Atom, std::vector<AssocKey>> rows_of;
    for (const auto& [key, row] : tree_.associations) {
      if (!key.is_account()) rows_of[key.user].push_back(key);
    }
    bool again = false;
    for (const auto& [user, rows] : rows_of) {
      auto record = tree_.users.find(user);
      if (record == tree_.users.end()) {
        if (!live_.users.contains(user)) {  // It does not come.
          for (const AssocKey& key : rows) LeaveRow(key);
          again = true;
          continue;
        }
        Leave(What::kUser, {{}, user, {}});
        record = tree_.users.find(user);
      }
      const auto has = [&, &of = rows](Atom account) {
        return std::any_of(of.begin(), of.end(), [&](const AssocKey& key) {
          return key.account == account;
        });
      };
      const Atom home = record->second.fields.Get(Key::kDefaultAccount);
      if (home.empty() || has(home)) continue;
      const auto live = live_.users.find(user);
      const Atom was = live == live_.users.end()
                           ? Atom()
                           : live->second.fields.Get(Key::kDefaultAccount);
      if (!was.empty() && !has(was)) {
        for (auto at = live_.associations.lower_bound({was, user, {}});
             at != live_.associations.end() && at->first.account == was &&
             at->first.user == user;
             ++at) {
          LeaveRow(at->first);
          again = true;
        }
      }
      record->second.fields.Set(Key::kDefaultAccount,
                                was.empty() ? rows.front().account : was);
    }
    return again;
  }

  // Rows that name a QOS that does not come.
  bool Qos() {
    if (!tree_.lists_qos) return false;
    const auto names_missing = [&](const Fields& fields) {
      for (const Key key : {Key::kQos, Key::kDefaultQos, Key::kQosPreempt}) {
        const Atom list = fields.Get(key);
        for (const absl::string_view item : Elements(list.view())) {
          const Atom name(QosNamed(item));
          if (target_.qos.contains(name) && !tree_.qos.contains(name)) {
            return true;
          }
        }
      }
      return false;
    };
    std::vector<AssocKey> rows;
    for (const auto& [key, row] : tree_.associations) {
      if (names_missing(row.limits)) rows.push_back(key);
    }
    std::vector<Atom> qos;
    for (const auto& [name, record] : tree_.qos) {
      if (names_missing(record.fields)) qos.push_back(name);
    }
    for (const AssocKey& key : rows) LeaveRow(key);
    for (const Atom name : qos) Leave(What::kQos, {name, {}, {}});
    return !rows.empty() || !qos.empty();
  }

  void Records() {
    absl::btree_set<Atom> accounts, users;
    for (const auto& [key, row] : tree_.associations) {
      (key.is_account() ? accounts : users)
          .insert(key.is_account() ? key.account : key.user);
    }
    const auto match = [](const absl::btree_set<Atom>& wanted, const auto& live,
                          auto* records) {
      for (auto at = records->begin(); at != records->end();) {
        at = wanted.contains(at->first) ? std::next(at) : records->erase(at);
      }
      for (const Atom name : wanted) {
        if (records->contains(name)) continue;
        const auto found = live.find(name);
        (*records)[name] = found == live.end() ? Record() : found->second;
      }
    };
    match(accounts, live_.accounts, &tree_.accounts);
    match(users, live_.users, &tree_.users);
    for (auto& [name, record] : tree_.users) {
      const Atom list = record.fields.Get(Key::kCoordinator);
      std::vector<absl::string_view> stay;
      for (const absl::string_view account : Elements(list.view())) {
        if (accounts.contains(Atom(account)) ||
            !target_.accounts.contains(Atom(account))) {
          stay.push_back(account);
        }
      }
      const Atom left(JoinElements(std::move(stay)));
      if (left == list) continue;
      if (left.empty()) {
        record.fields.Erase(Key::kCoordinator);
      } else {
        record.fields.Set(Key::kCoordinator, left);
      }
    }
  }

  const Tree& live_;
  const Tree& target_;
  Tree tree_;
};

// The changes, in words, that are not among `others`. Both are as Diff sorts
// them.
std::vector<std::string> Without(const std::vector<Change>& changes,
                                 const std::vector<Change>& others) {
  const auto place = [](const Change& c) { return std::tie(c.what, c.row); };
  std::vector<std::string> words;
  auto other = others.begin();
  for (const Change& change : changes) {
    while (other != others.end() && place(*other) < place(change)) ++other;
    if (other == others.end() || !(*other == change)) {
      words.push_back(change.DebugString());
    }
  }
  return words;
}

// "qos long" is "QOS long".
std::string Spelled(absl::string_view row) {
  if (absl::StartsWithIgnoreCase(row, "qos ")) {
    return absl::StrCat("QOS ", row.substr(4));
  }
  return std::string(row);
}

}  // namespace

bool IsSkippable(absl::string_view code) {
  return code == kMissingQos || code == kMissingTres || code == kCollateral ||
         code == kNotAddressable || code == kCannotRestore ||
         code == kRunningJobs;
}

Tree LeaveAsLive(const Tree& live, const Tree& target,
                 const absl::btree_set<std::string>& rows,
                 std::vector<std::string>* unused) {
  Leaver leaver(live, target);
  absl::btree_set<std::string> used;
  for (const Change& change : Diff(live, target)) {
    for (const std::string& name : NamesOf(change)) {
      if (!rows.contains(name)) continue;
      used.insert(name);
      leaver.Leave(change.what, change.row);
    }
  }
  for (const std::string& row : rows) {
    if (!used.contains(row)) unused->push_back(row);
  }
  return used.empty() ? target : std::move(leaver).Mend();
}

absl::StatusOr<Plan> MakePlan(const World& live, const Tree& target,
                              const PlanOptions& options) {
  std::vector<Blamed> blamed;
  if (options.skip.empty()) return PlanOnce(live, target, options, &blamed);
  absl::btree_set<std::string> codes, said;
  for (const std::string& word : options.skip) {
    (IsSkippable(word) ? codes : said).insert(Spelled(word));
  }
  absl::btree_set<std::string> rows = said;
  while (true) {
    std::vector<std::string> unused;
    const Tree rest =
        rows.empty() ? target : LeaveAsLive(live.tree, target, rows, &unused);
    blamed.clear();
    ASSIGN_OR_RETURN(Plan plan, PlanOnce(live, rest, options, &blamed));
    const size_t before = rows.size();
    for (const Blamed& row : blamed) {
      if (codes.contains(row.code)) rows.insert(row.row);
    }
    if (rows.size() > before) continue;  // What depended on those may show now.

    plan.target_fingerprint = Fingerprint(target);
    Finding left;
    left.rows = Without(Diff(live.tree, target), Diff(live.tree, rest));
    if (!left.rows.empty()) {
      left.code = std::string(kSkipped);
      left.severity = Finding::Severity::kNote;
      left.message = "left as live has them, as --skip says";
      plan.findings.push_back(std::move(left));
    }
    Finding slip;
    for (const std::string& row : unused) {
      if (said.contains(row)) slip.rows.push_back(row);
    }
    if (!slip.rows.empty()) {
      slip.code = std::string(kUnusedSkip);
      slip.severity = Finding::Severity::kWarning;
      slip.message = "--skip names rows that would not change";
      plan.findings.push_back(std::move(slip));
    }
    SortFindings(&plan.findings);
    return plan;
  }
}

}  // namespace assocsync
