#include "tests/support/any_tree.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/model/value.h"

namespace assocsync {
namespace {

class AnyTreeMaker {
 public:
  explicit AnyTreeMaker(std::mt19937_64& random) : random_(random) {}

  Tree Make() {
    Tree tree;
    tree.cluster = Name(AnyName());
    for (size_t i = Below(5); i > 0; --i) qos_.push_back(NewName(&qos_names_));
    for (size_t i = 1 + Below(3); i > 0; --i) partitions_.push_back(AnyName());
    tree.lists_qos = !qos_.empty() && Chance(2);
    for (const std::string& name : qos_) {
      if (tree.lists_qos) tree.qos[Name(name)].fields = Some(Scope::kQos);
    }
    if (Chance(3)) tree.cluster_fields = Some(Scope::kCluster);
    Accounts(&tree);
    Users(&tree);
    return tree;
  }

 private:
  size_t Below(size_t n) { return random_() % n; }
  bool Chance(size_t n) { return Below(n) == 0; }
  template <typename T>
  const T& Pick(const std::vector<T>& all) {
    return all[Below(all.size())];
  }

  // Bytes that the format gives a meaning, and parts of words and lines.
  std::string Junk(bool text) {
    static const std::vector<std::string> kPieces = {
        "a",  "b",     "_",     "-",     ".",    "@",    "%",    "#",
        ":",  "=",     "\\",    "`",     " ",    "(",    ")",    "*",
        "+",  "\\#",   "\\\\#", "ü",     "\xff", "0",    "/",    ";",
        "$x", "~",     "[",     "]",     "<&>",  ":b=",  "{}",   "!",
        "?",  "|",     "^",     " -",    "- ",   "null", "root", "user - ",
        ": ", "x:y=z", " # ",   ":qos=", "\\ "};
    static const std::vector<std::string> kTextOnly = {"A",  "Z", ",",    "\t",
                                                       "\r", "É", "\x7f", "  "};
    std::string out;
    for (size_t i = 1 + Below(6); i > 0; --i) {
      out += text && Chance(4) ? Pick(kTextOnly) : Pick(kPieces);
    }
    return out;
  }
  std::string Text() {
    if (Chance(6)) return "";
    return Junk(true);
  }
  std::string AnyName() { return Junk(false); }
  std::string NewName(std::set<std::string>* taken) {
    while (true) {
      std::string name = AnyName();
      // '*' marks WCKeys that nobody was given; '-1' clears a DefaultQOS; '+'
      // and '-' begin changes of a list.
      if (absl::StrContains("*+-", name.substr(0, 1)) || name == "root" ||
          name == "(null)") {
        continue;
      }
      if (taken->insert(name).second) return name;
    }
  }

  std::string Subset(const std::vector<std::string>& all) {
    std::vector<absl::string_view> chosen;
    for (const std::string& name : all) {
      if (Chance(2)) chosen.push_back(name);
    }
    return JoinElements(std::move(chosen));
  }

  std::string Count() {
    switch (Below(4)) {
      case 0:
        return "0";
      case 1:
        return "2147483647";
      default:
        return absl::StrCat(Below(100000));
    }
  }

  std::string Tres() {
    static const std::vector<std::string> kNames = {
        "cpu",      "mem",           "node",        "energy",
        "gres/gpu", "gres/gpu:a100", "gres/gpu:x1", "gres/gpumem",
        "bb/cray",  "license/a@b",   "fs/disk",     "ic/ofed"};
    std::vector<TresItem> items;
    for (const std::string& name : kNames) {
      if (!Chance(4)) continue;
      static const std::vector<uint64_t> kExact = {
          0, 1, 511, 512, 1000, 1023, 1024, 1025, 1536, 2560, 1048576, 1536000};
      const bool sized = name == "mem" || name == "gres/gpumem" ||
                         absl::StartsWith(name, "bb/");
      items.emplace_back(name, sized ? Pick(kExact) : random_() >> Below(64));
      if (items.back().second > UINT64_MAX - 3) items.back().second = 7;
    }
    if (items.empty()) items.emplace_back("cpu", 1);
    return JoinTres(std::move(items));
  }

  std::string Factor() {
    return Pick(std::vector<std::string>{"0", "0.5", "2", "0.000001",
                                         "123456.25", "1.1"});
  }

  // Empty: leave it out.
  std::string Value(const KeyInfo& key) {
    switch (key.kind) {
      case Kind::kText:
        return Text();
      case Kind::kName:
        return qos_.empty() ? "" : Pick(qos_);
      case Kind::kNames:
        return Subset(qos_);  // Preempt; those of users have their own.
      case Kind::kAdminLevel:
        return Chance(2) ? "Operator" : "Administrator";
      case Kind::kClassification:
        return absl::StrCat(Chance(2) ? "*" : "",
                            Chance(2) ? "capability" : "capapacity");
      case Kind::kFairshare:
        return Chance(3) ? "parent" : absl::StrCat(2 + Below(1000));
      case Kind::kTres:
        return Tres();
      case Kind::kQosList: {
        if (Chance(2)) return Subset(qos_);
        std::vector<std::string> changes;
        for (const std::string& name : qos_) {
          if (Chance(2)) {
            changes.push_back(absl::StrCat(Chance(2) ? "+" : "-", name));
          }
        }
        return JoinElements({changes.begin(), changes.end()});
      }
      case Kind::kFlags:
        return Subset({"DenyOnLimit", "NoDecay", "Relative", "OverPartQOS",
                       "PartitionMinNodes", "UsageFactorSafe"});
      case Kind::kPreemptMode:
        return Pick(std::vector<std::string>{"requeue", "gang,suspend",
                                             "within,cancel", "gang"});
      case Kind::kFactor:
        return Factor();
      case Kind::kCount:
      case Kind::kMinutes:
      case Kind::kSeconds:
        return Count();
    }
    return "";
  }

  Fields Some(Scope scope) {
    Fields fields;
    const size_t one_of = 1 + Below(6);
    for (const KeyInfo& key : AllKeys()) {
      if (key.scope != scope || !Chance(one_of)) continue;
      const std::string value = Value(key);
      const bool may_be_empty =
          key.kind == Kind::kText || key.kind == Kind::kQosList;
      if (value.empty() && !may_be_empty) continue;
      // What says nothing is not set (value.h).
      const auto canonical = Canonical(key.key, value, Origin::kFile);
      if (canonical.ok() && canonical->set) fields.Set(key.key, Name(value));
    }
    return fields;
  }

  Fields Limits(bool user) {
    Fields limits = Some(Scope::kAssoc);
    if (user) {
      for (const Field& field : Some(Scope::kUserAssoc)) {
        limits.Set(field.key, field.value);
      }
    }
    return limits;
  }

  void Accounts(Tree* tree) {
    accounts_.push_back(RootName().str());
    tree->accounts[RootName()];
    tree->associations[{RootName(), {}, {}}].limits = Limits(false);
    for (size_t i = Below(8); i > 0; --i) {
      const std::string name = NewName(&account_names_);
      const Name parent(Chance(2) ? accounts_.back() : Pick(accounts_));
      accounts_.push_back(name);
      tree->accounts[Name(name)].fields = Some(Scope::kAccount);
      tree->associations[{Name(name), {}, {}}] = {parent, Limits(false)};
    }
  }

  void Users(Tree* tree) {
    std::set<std::string> folded;
    for (size_t i = Below(8); i > 0; --i) {
      std::string name = AnyName();
      if (Chance(4)) name[0] = absl::ascii_toupper(name[0]);
      if (!folded.insert(absl::AsciiStrToLower(name)).second) continue;
      const Name user(name);
      for (size_t rows = 1 + Below(4); rows > 0; --rows) {
        const Name partition = Chance(2) ? Name() : Name(Pick(partitions_));
        tree->associations[{Name(Pick(accounts_)), user, partition}].limits =
            Limits(true);
      }
      Record(tree, user);
    }
  }

  void Record(Tree* tree, Name user) {
    Fields& record = tree->users[user].fields;
    std::vector<Name> mine;
    for (const auto& [key, row] : tree->associations) {
      if (key.user == user) mine.push_back(key.account);
    }
    if (!Chance(5)) record.Set(Key::kDefaultAccount, Pick(mine));
    if (Chance(3)) record.Set(Key::kAdminLevel, Name("Operator"));
    const std::string coordinator = Subset(accounts_);
    if (Chance(3) && !coordinator.empty()) {
      record.Set(Key::kCoordinator, Name(coordinator));
    }
    std::set<std::string> wckeys;
    for (size_t i = Below(4); i > 0; --i) NewName(&wckeys);
    if (wckeys.empty()) return;
    record.Set(Key::kWckeys,
               Name(JoinElements({wckeys.begin(), wckeys.end()})));
    if (Chance(2)) record.Set(Key::kDefaultWckey, Name(*wckeys.begin()));
  }

  std::mt19937_64& random_;
  std::set<std::string> qos_names_, account_names_;
  std::vector<std::string> qos_, accounts_, partitions_;
};

}  // namespace

Tree AnyTree(std::mt19937_64& random) { return AnyTreeMaker(random).Make(); }

}  // namespace assocsync
