#include "engine/plan/by_hand.h"

#include <string>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/strings/str_cat.h"
#include "engine/model/finding.h"
#include "engine/model/value.h"
#include "engine/model/walk.h"
#include "engine/plan/agreed.h"
#include "engine/plan/take_back.h"
#include "engine/slurm/limits.h"

namespace assocsync {
namespace {

class Filler {
 public:
  Filler(const Tree& known, const DatabaseState& live, const Tree& target,
         const Behaviour& behaviour, std::vector<Finding>* findings,
         const AgreedRecords* agreed)
      : known_(known),
        live_(live),
        takes_last_default_(behaviour.load_takes_last_default),
        said_(target.authorship),
        tree_(target),
        findings_(findings),
        agreed_(agreed) {
    tree_.authorship = {};
  }

  Tree Run() {
    Root();
    QosList();
    Coordinators();
    for (auto& [name, record] : tree_.users) User(name, &record.fields);
    Tell(
        "root's own row stays, with root's rights: the file has no line for "
        "it (User - 'root' under Parent - 'root')",
        &root_);
    Tell("the cluster keeps its QOS list: the Cluster line has none (QOS=)",
         &qos_);
    Tell("default accounts stay: the file names none (DefaultAccount=)",
         &defaults_);
    Tell(
        "administrators and operators stay what they are: the file says "
        "nothing of it (AdminLevel=None takes it away)",
        &levels_);
    Tell(
        "coordinators stay: the file names none for these users (with "
        "--complete they would go)",
        &coordinators_);
    Tell(
        "WCKeys stay: the file names none for these users (with --complete "
        "they would go)",
        &wckeys_);
    return std::move(tree_);
  }

 private:
  using Rows = std::vector<std::string>;

  void Tell(absl::string_view message, Rows* rows) {
    if (findings_ == nullptr) return;
    AddIfAny(MakeFinding(kKept, std::string(message), std::move(*rows)),
             findings_);
  }

  void Root() {
    const AssocKey key{RootName(), RootName(), {}};
    const auto live = known_.associations.find(key);
    if (live == known_.associations.end()) return;
    if (!tree_.associations.emplace(key, live->second).second) return;
    if (const Record* const record = FindIn(known_.users, RootName())) {
      tree_.users.emplace(RootName(), *record);
    }
    root_.push_back(key.ToString());
  }

  void QosList() {
    const AssocKey key{RootName(), {}, {}};
    const auto row = tree_.associations.find(key);
    if (row == tree_.associations.end()) return;
    const Fields* const live = LimitsIn(known_, key);
    const Name* const now = live == nullptr ? nullptr : live->Find(Key::kQos);
    const Name* const list = row->second.limits.Find(Key::kQos);
    if (list == nullptr) {
      if (now == nullptr) return;
      row->second.limits.Set(Key::kQos, *now);
      qos_.push_back(
          absl::StrCat("cluster ", tree_.cluster.view(), ": ", now->view()));
    } else if (IsQosDelta(list->view())) {
      QosLists lists(QosLists::Names{});
      if (live != nullptr) lists.Enter(*live);
      lists.Enter(row->second.limits);
      const QosLists::Names& all = *lists.names();
      row->second.limits.Set(Key::kQos,
                             Name(JoinElements({all.begin(), all.end()})));
    }
  }

  // Of users who have no association here live tells by account.
  void Coordinators() {
    for (const auto& [account, user] : live_.coordinators) {
      if (tree_.users.contains(user) && !known_.users.contains(user)) {
        elsewhere_[user].push_back(account.view());
      }
    }
  }

  // Whether a right over `account` is there after the plan as well.
  bool Stays(absl::string_view account) const {
    const AssocKey key{Name(account), {}, {}};
    return tree_.associations.contains(key) ||
           !known_.associations.contains(key);
  }

  void User(Name name, Fields* fields) {
    const Name* const assumed = FindIn(said_.assumed_default, name);
    if (takes_last_default_ && assumed != nullptr) {
      fields->Set(Key::kDefaultAccount, *assumed);
    }
    const Fields* const here = FieldsIn(known_.users, name);
    const bool is_here = here != nullptr;
    const Fields* const live = is_here ? here : FieldsIn(live_.users, name);
    if (live == nullptr) return;
    const std::string row = absl::StrCat("user ", name.view());
    if (is_here && assumed != nullptr) {
      DefaultAccount(name, *live, fields);
    }
    if (!fields->Has(Key::kAdminLevel) && live->Has(Key::kAdminLevel) &&
        !said_.no_admin_level.contains(name) &&
        (agreed_ == nullptr || !agreed_->admin_levels.contains(name))) {
      fields->Set(Key::kAdminLevel, live->Get(Key::kAdminLevel));
      levels_.push_back(
          absl::StrCat(row, ": ", live->Get(Key::kAdminLevel).view()));
    }
    if (!fields->Has(Key::kCoordinator) &&
        (agreed_ == nullptr || !agreed_->coordinators.contains(name))) {
      std::vector<absl::string_view> of;
      for (const absl::string_view account :
           is_here ? Elements(live->Get(Key::kCoordinator).view())
                   : elsewhere_[name]) {
        if (Stays(account)) of.push_back(account);
      }
      if (!of.empty()) {
        fields->Set(Key::kCoordinator, Name(JoinElements(of)));
        coordinators_.push_back(
            absl::StrCat(row, ": ", fields->Get(Key::kCoordinator).view()));
      }
    }
    if (!fields->Has(Key::kWckeys) && !fields->Has(Key::kDefaultWckey)) {
      for (const Key key : {Key::kWckeys, Key::kDefaultWckey}) {
        if (live->Has(key)) fields->Set(key, live->Get(key));
      }
      if (fields->Has(Key::kWckeys)) wckeys_.push_back(row);
    }
  }

  void DefaultAccount(Name name, const Fields& live, Fields* fields) {
    const Name now = live.Get(Key::kDefaultAccount);
    const Name assumed = fields->Get(Key::kDefaultAccount);
    if (now == assumed) return;
    if (!now.empty() && RowsOf(tree_, name, now).empty()) return;
    // With AllowNoDefAcct there may be none, and none was asked for.
    slurm::SetOrErase(Key::kDefaultAccount, now, fields);
    defaults_.push_back(absl::StrCat("user ", name.view(), ": ",
                                     now.empty() ? "none" : now.view()));
  }

  const Tree& known_;
  const DatabaseState& live_;
  const bool takes_last_default_;
  const Authorship& said_;
  Tree tree_;
  std::vector<Finding>* const findings_;
  const AgreedRecords* const agreed_;
  absl::btree_map<Name, std::vector<absl::string_view>> elsewhere_;
  Rows root_, qos_, defaults_, levels_, coordinators_, wckeys_;
};

}  // namespace

Tree WithUnsaid(const Tree& known, const DatabaseState& live,
                const Tree& target, const Behaviour& behaviour,
                std::vector<Finding>* findings, const AgreedRecords* agreed) {
  return Filler(known, live, target, behaviour, findings, agreed).Run();
}

}  // namespace assocsync
