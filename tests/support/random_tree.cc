#include "tests/support/random_tree.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "engine/model/value.h"

namespace assocsync {
namespace {

using Random = std::mt19937_64;

class Maker {
 public:
  Maker(Random& random, const RandomTreeOptions& options)
      : random_(random), options_(options) {}

  bool Chance(int percent) { return Below(100) < percent; }
  int Below(int n) { return static_cast<int>(random_() % n); }
  template <typename T>
  const T& Pick(const std::vector<T>& all) {
    return all[Below(static_cast<int>(all.size()))];
  }

  // One to `most` of them, sorted.
  std::vector<absl::string_view> Some(const std::vector<std::string>& all,
                                      int most) {
    std::set<absl::string_view> chosen;
    const int n = 1 + Below(most);
    for (int i = 0; i < n; ++i) chosen.insert(Pick(all));
    return {chosen.begin(), chosen.end()};
  }

  std::string Count() { return absl::StrCat(Below(3) == 0 ? 0 : Below(5000)); }

  std::string Tres() {
    std::vector<TresItem> items;
    static constexpr uint64_t kSizes[] = {0,    1,    4,       1000,  1024,
                                          1536, 2560, 1048576, 123457};
    for (absl::string_view name : Some(options_.tres, 3)) {
      items.push_back({name, kSizes[Below(std::size(kSizes))]});
    }
    return JoinTres(std::move(items));
  }

  std::string Text() {
    static const std::vector<std::string> kTexts = {
        "",         "a text",       "a:b#c", "back\\slash", "it`s", "100%",
        "x = y, z", "(null thing)", "#",     "user - `x`",  "+a"};
    return Pick(kTexts);
  }

  void Limit(Fields* fields) {
    static const Key kCounts[] = {
        Key::kGrpJobs,       Key::kGrpJobsAccrue,
        Key::kGrpSubmitJobs, Key::kGrpWall,
        Key::kMaxJobs,       Key::kMaxJobsAccrue,
        Key::kMaxSubmitJobs, Key::kMaxWallDurationPerJob,
        Key::kMinPrioThresh, Key::kPriority};
    static const Key kTres[] = {Key::kGrpTres,        Key::kGrpTresMins,
                                Key::kGrpTresRunMins, Key::kMaxTresPerJob,
                                Key::kMaxTresPerNode, Key::kMaxTresMinsPerJob,
                                Key::kMaxTresRunMins};
    switch (Below(4)) {
      case 0:
        return Set(fields, kCounts[Below(std::size(kCounts))], Count());
      case 1:
        return Set(fields, kTres[Below(std::size(kTres))], Tres());
      case 2:
        return Set(fields, Key::kFairshare,
                   Chance(20) ? "parent" : absl::StrCat(2 + Below(99)));
      default:
        fields->Erase(kCounts[Below(std::size(kCounts))]);
        fields->Erase(kTres[Below(std::size(kTres))]);
    }
  }

  void QosList(Fields* fields, bool may_inherit) {
    const int what = Below(may_inherit ? 4 : 2);
    if (what >= 3) return fields->Erase(Key::kQos);
    std::vector<std::string> list;
    for (absl::string_view name : Some(options_.qos, 3)) {
      list.push_back(absl::StrCat(what < 2     ? ""
                                  : Chance(60) ? "+"
                                               : "-",
                                  name));
    }
    Set(fields, Key::kQos, JoinElements({list.begin(), list.end()}));
  }

  void Row(const AssocKey& key, Association* row) {
    for (int i = Below(4); i > 0; --i) Limit(&row->limits);
    if (Chance(25)) QosList(&row->limits, key.account != RootName());
    if (Chance(20)) {
      Set(&row->limits, Key::kDefaultQos, Pick(options_.qos));
    }
    // A comment, once there, can be emptied but never unset; so everybody who
    // may have one has one.
    if (!key.is_account() && options_.release >= 2302) {
      Set(&row->limits, Key::kComment, Text());
    }
  }

  void Account(Tree* tree, Name name, Name parent) {
    Association row;
    row.parent = parent;
    Row({name, {}, {}}, &row);
    tree->associations[{name, {}, {}}] = row;
    Fields& record = tree->accounts[name].fields;
    Set(&record, Key::kDescription, Chance(50) ? name.str() : Text());
    Set(&record, Key::kOrganization, Chance(50) ? name.str() : Text());
  }

  void UserRow(Tree* tree, Name user, Name account) {
    AssocKey key{account, user, {}};
    if (Chance(30)) key.partition = Name(Pick(options_.partitions));
    Association row;
    Row(key, &row);
    tree->associations[key] = row;
    tree->users[user];
  }

  void UserRecord(Tree* tree, Name user) {
    Fields& f = tree->users[user].fields;
    f.Erase(Key::kAdminLevel);
    if (Chance(20)) {
      Set(&f, Key::kAdminLevel, Chance(50) ? "Operator" : "Administrator");
    }
    f.Erase(Key::kWckeys);
    f.Erase(Key::kDefaultWckey);
    if (Chance(25)) {
      static const std::vector<std::string> kWckeys = {"w1", "w_2", "wx2",
                                                       "w key"};
      const auto some = Some(kWckeys, 3);
      Set(&f, Key::kWckeys, JoinElements(some));
      // The first WCKey of a user becomes the default by itself.
      Set(&f, Key::kDefaultWckey, std::string(some[0]));
    }
    f.Erase(Key::kCoordinator);
    if (Chance(25)) {
      std::vector<std::string> names;
      for (const auto& [name, record] : tree->accounts) {
        if (name != RootName() && Chance(30)) names.push_back(name.str());
      }
      if (!names.empty()) {
        Set(&f, Key::kCoordinator, JoinElements({names.begin(), names.end()}));
      }
    }
  }

  // One option of a QOS, set or taken away.
  void QosOption(Name name, const Tree& tree, Fields* fields) {
    std::vector<const KeyInfo*> keys;
    for (const KeyInfo& info : AllKeys()) {
      if (info.scope == Scope::kQos && info.since <= options_.release) {
        keys.push_back(&info);
      }
    }
    const KeyInfo& info = *Pick(keys);
    // A description, once there, can be emptied but never unset.
    if (Chance(25) && info.clear != Clear::kNever && info.kind != Kind::kText) {
      return fields->Erase(info.key);
    }
    static const std::vector<std::string> kModes = {
        "cancel",         "requeue",         "suspend", "gang,suspend",
        "within,requeue", "priority,cancel", "gang",    "within"};
    static const std::vector<std::string> kFactors = {"0",    "0.5", "1",
                                                      "1.25", "2",   "100"};
    static const std::vector<std::string> kFlags = {
        "DenyOnLimit", "EnforceUsageThreshold", "NoDecay",
        "NoReserve",   "OverPartQOS",           "PartitionTimeLimit"};
    std::string value;
    switch (info.kind) {
      case Kind::kText:
        value = Text();
        break;
      case Kind::kTres:
        value = Tres();
        break;
      case Kind::kFlags:
        value = JoinElements(Some(kFlags, 3));
        break;
      case Kind::kPreemptMode:
        value = Pick(kModes);
        break;
      case Kind::kFactor:
        value = Pick(kFactors);
        break;
      case Kind::kNames: {
        // Only what sorts before it: so nobody preempts in a circle. Trees
        // differ in what there is, so a plan still has to take care.
        std::vector<absl::string_view> names;
        for (const auto& [other, record] : tree.qos) {
          if (other < name && Chance(40)) names.push_back(other.view());
        }
        if (names.empty()) return fields->Erase(info.key);
        value = JoinElements(names);
        break;
      }
      default:
        value = Count();
    }
    const auto canonical = Canonical(info.key, value);
    if (!canonical.ok() || !canonical->set) return fields->Erase(info.key);
    Set(fields, info.key, canonical->text);
  }

  void Qos(Tree* tree, const std::string& name) {
    Fields& fields = tree->qos[Name(name)].fields;
    if (Chance(80)) Set(&fields, Key::kQosDescription, name);
    for (int i = Below(5); i > 0; --i) QosOption(Name(name), *tree, &fields);
  }

  void EditQos(Tree* tree) {
    const std::string& name = Pick(options_.qos);
    const auto found = tree->qos.find(Name(name));
    if (found == tree->qos.end()) {
      Qos(tree, name);
    } else if (name != "normal" && Chance(30)) {
      tree->qos.erase(found);
    } else {
      QosOption(found->first, *tree, &found->second.fields);
    }
  }

  static void Set(Fields* fields, Key key, const std::string& value) {
    fields->Set(key, Name(value));
  }

  Name AnyAccount(const Tree& tree, bool root_too) {
    std::vector<Name> names;
    for (const auto& [name, record] : tree.accounts) {
      if (root_too || name != RootName()) names.push_back(name);
    }
    return names.empty() ? Name() : Pick(names);
  }

  void Edit(Tree* tree) {
    if (options_.qos_definitions && Chance(25)) {
      EditQos(tree);
      return Normalise(tree);
    }
    const Name account = AnyAccount(*tree, false);
    switch (account.empty() ? 0 : Below(12)) {
      case 0: {
        const Name name(Pick(options_.accounts));
        if (!tree->accounts.contains(name)) {
          Account(tree, name, AnyAccount(*tree, true));
        }
        break;
      }
      case 1:
        if (Chance(50)) tree->associations.erase({account, {}, {}});
        break;
      case 2:
        // Illegal cycles are mended by Normalise, which hangs them on root.
        tree->associations[{account, {}, {}}].parent = AnyAccount(*tree, true);
        break;
      case 3: {  // Swap with the parent.
        const Name parent = tree->associations[{account, {}, {}}].parent;
        if (parent == RootName()) break;
        tree->associations[{account, {}, {}}].parent =
            tree->associations[{parent, {}, {}}].parent;
        tree->associations[{parent, {}, {}}].parent = account;
        break;
      }
      case 4:
      case 5:
        UserRow(tree, Name(Pick(options_.users)), account);
        break;
      case 6: {
        std::vector<AssocKey> rows;
        for (const auto& [key, row] : tree->associations) {
          if (!key.is_account() && key.user != RootName()) rows.push_back(key);
        }
        if (!rows.empty()) tree->associations.erase(Pick(rows));
        break;
      }
      case 7: {
        std::vector<Name> users;
        for (const auto& [name, record] : tree->users) {
          if (name != RootName()) users.push_back(name);
        }
        if (users.empty()) break;
        const Name user = Pick(users);
        UserRecord(tree, user);
        Maker::Set(&tree->users[user].fields, Key::kDefaultAccount,
                   account.str());
        break;
      }
      case 8: {
        Fields& record = tree->accounts[account].fields;
        Set(&record, Chance(50) ? Key::kDescription : Key::kOrganization,
            Text());
        break;
      }
      default: {
        auto at = tree->associations.begin();
        std::advance(at, Below(static_cast<int>(tree->associations.size())));
        // root's user row belongs to every site alike.
        if (at->first.user == RootName()) break;
        Row(at->first, &at->second);
      }
    }
    Normalise(tree);
  }

  // Whatever an edit left behind, made legal.
  void Normalise(Tree* tree) {
    HangLooseAccounts(tree);
    std::set<Name> accounts;
    for (const auto& [name, row] : TopDown(*tree)) accounts.insert(name);
    std::map<Name, std::vector<Name>> accounts_of;
    for (auto it = tree->associations.begin();
         it != tree->associations.end();) {
      if (!accounts.contains(it->first.account)) {
        it = tree->associations.erase(it);
        continue;
      }
      if (!it->first.is_account()) {
        accounts_of[it->first.user].push_back(it->first.account);
      }
      ++it;
    }
    for (Name name : accounts) tree->accounts[name];
    for (auto it = tree->accounts.begin(); it != tree->accounts.end();) {
      it = accounts.contains(it->first) ? std::next(it)
                                        : tree->accounts.erase(it);
    }
    for (auto it = tree->users.begin(); it != tree->users.end();) {
      const auto of_user = accounts_of.find(it->first);
      if (of_user == accounts_of.end()) {
        it = tree->users.erase(it);
        continue;
      }
      Fields& f = it->second.fields;
      const std::vector<Name>& mine = of_user->second;
      if (std::find(mine.begin(), mine.end(), f.Get(Key::kDefaultAccount)) ==
          mine.end()) {
        f.Set(Key::kDefaultAccount, mine[Below(static_cast<int>(mine.size()))]);
      }
      std::vector<absl::string_view> coordinates;
      const Name list = f.Get(Key::kCoordinator);
      for (absl::string_view name : Elements(list.view())) {
        if (accounts.contains(Name(name))) coordinates.push_back(name);
      }
      if (coordinates.empty()) {
        f.Erase(Key::kCoordinator);
      } else {
        f.Set(Key::kCoordinator, Name(JoinElements(coordinates)));
      }
      ++it;
    }
    if (tree->lists_qos) DropUnknownQos(tree);
    ReachableDefaults(tree);
  }

 private:
  static void HangLooseAccounts(Tree* tree) {
    while (true) {
      std::set<Name> hanging;
      for (const auto& [name, row] : TopDown(*tree)) hanging.insert(name);
      bool loose = false;
      for (auto& [key, row] : tree->associations) {
        if (!key.is_account() || hanging.contains(key.account)) continue;
        row.parent = RootName();
        loose = true;
        break;
      }
      if (!loose) return;
    }
  }

  // Lists and Preempt name only what is there.
  static void DropUnknownQos(Tree* tree) {
    const auto known = [&](Fields* fields, Key key) {
      const Name* const list = fields->Find(key);
      if (list == nullptr || list->empty()) return;
      std::vector<absl::string_view> left;
      for (absl::string_view item : Elements(list->view())) {
        absl::string_view name = item;
        if (name[0] == '+' || name[0] == '-') name.remove_prefix(1);
        if (tree->qos.contains(Name(name))) left.push_back(item);
      }
      if (left.empty()) return fields->Erase(key);
      fields->Set(key, Name(JoinElements(left)));
    };
    for (auto& [key, row] : tree->associations) {
      known(&row.limits, Key::kQos);
      known(&row.limits, Key::kDefaultQos);
    }
    for (auto& [name, record] : tree->qos) {
      known(&record.fields, Key::kQosPreempt);
    }
    Fields& root = tree->associations[{RootName(), {}, {}}].limits;
    if (!root.Has(Key::kQos)) Set(&root, Key::kQos, "normal");
  }

  // slurmdbd refuses a DefaultQOS that the row cannot reach, inherited ones
  // included.
  void ReachableDefaults(Tree* tree) {
    std::map<Name, std::set<std::string>> reach;
    std::map<Name, std::string> inherited;
    const auto visit = [&](const AssocKey& key, Name above) {
      Association& row = tree->associations[key];
      std::set<std::string> mine = reach[above];
      const Name list = row.limits.Get(Key::kQos);
      const std::vector<absl::string_view> items = Elements(list.view());
      if (!items.empty() && items[0][0] != '+' && items[0][0] != '-') {
        mine.clear();
      }
      for (absl::string_view item : items) {
        if (item[0] == '+') {
          mine.insert(std::string(item.substr(1)));
        } else if (item[0] == '-') {
          mine.erase(std::string(item.substr(1)));
        } else {
          mine.insert(std::string(item));
        }
      }
      const std::string from_above = inherited[above];
      Name own = row.limits.Get(Key::kDefaultQos);
      if (!own.empty() && !mine.contains(own.str())) {
        row.limits.Erase(Key::kDefaultQos);
        own = Name();
      }
      if (own.empty() && !from_above.empty() && !mine.contains(from_above)) {
        // Give it one of its own, or what it inherits.
        if (mine.empty()) {
          row.limits.Erase(Key::kQos);
          mine = reach[above];
        } else {
          own = Name(*mine.begin());
          row.limits.Set(Key::kDefaultQos, own);
        }
      }
      if (key.is_account()) {
        reach[key.account] = mine;
        inherited[key.account] = own.empty() ? from_above : own.str();
      }
    };
    for (const auto& [name, row] : TopDown(*tree)) {
      visit({name, {}, {}}, tree->associations[{name, {}, {}}].parent);
    }
    std::vector<AssocKey> users;
    for (const auto& [key, row] : tree->associations) {
      if (!key.is_account() && key.user != RootName()) users.push_back(key);
    }
    for (const AssocKey& key : users) visit(key, key.account);
  }

  Random& random_;
  const RandomTreeOptions& options_;
};

}  // namespace

RandomTreeOptions::RandomTreeOptions()
    : accounts({"ab_1", "abx1", "ab-1", "gpu", "debug", "hep", "h%p", "hep x",
                "b#c", "b:c", "p.q", "u@x", "a(b", "a_", "ab", "x_1_y", "xa1by",
                "zoe"}),
      users({"j_doe", "j-doe", "jxdoe", "zed o", "zed", "u%", "u#1", "u:2",
             "a.b", "alice", "bob", "gpu", "ab_1", "ab-1", "u_", "ux"}),
      partitions({"gpu", "debug", "ab_1", "p_1", "px1"}),
      qos({"normal", "qa", "q_b", "qxb", "long q"}),
      tres({"cpu", "mem", "node", "billing", "energy", "gres/gpu",
            "gres/gpu:a100"}) {}

Tree RandomTree(Random& random, const RandomTreeOptions& options) {
  Maker make(random, options);
  Tree tree;
  tree.cluster = Name(options.cluster);
  if (options.qos_definitions) {
    tree.lists_qos = true;
    for (const std::string& name : options.qos) {
      if (name == "normal" || make.Chance(70)) make.Qos(&tree, name);
    }
  }
  Association root;
  Maker::Set(&root.limits, Key::kQos, "normal");
  make.Row({RootName(), {}, {}}, &root);
  tree.associations[{RootName(), {}, {}}] = root;
  tree.accounts[RootName()];
  tree.associations[{RootName(), RootName(), {}}];
  Fields& admin = tree.users[RootName()].fields;
  Maker::Set(&admin, Key::kDefaultAccount, "root");
  Maker::Set(&admin, Key::kAdminLevel, "Administrator");
  for (int i = make.Below(options.max_accounts + 1); i > 0; --i) {
    const Name name(make.Pick(options.accounts));
    if (tree.accounts.contains(name)) continue;
    make.Account(&tree, name, make.AnyAccount(tree, true));
  }
  if (tree.accounts.size() > 1) {
    for (int i = make.Below(options.max_users + 1); i > 0; --i) {
      const Name user(make.Pick(options.users));
      for (int rows = 1 + make.Below(3); rows > 0; --rows) {
        make.UserRow(&tree, user, make.AnyAccount(tree, false));
      }
      make.UserRecord(&tree, user);
    }
  }
  make.Normalise(&tree);
  return tree;
}

Tree MutateTree(Random& random, const Tree& tree, int edits,
                const RandomTreeOptions& options) {
  Maker make(random, options);
  Tree out = tree;
  for (int i = 0; i < edits; ++i) make.Edit(&out);
  return out;
}

TreePair RandomPair(std::mt19937_64& random, const RandomTreeOptions& options) {
  TreePair pair;
  pair.live = RandomTree(random, options);
  pair.target = random() % 2 == 0 ? RandomTree(random, options)
                                  : MutateTree(random, pair.live, 12, options);
  return pair;
}

}  // namespace assocsync
