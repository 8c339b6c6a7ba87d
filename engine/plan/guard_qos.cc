#include "engine/plan/guard_qos.h"

#include <algorithm>
#include <string>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "engine/plan/finding.h"

namespace assocsync {
namespace {

// Whether the rows of one tree have any QOS, of their own or from above.
class Reach {
 public:
  explicit Reach(const Tree& tree) : tree_(tree) {}

  bool Has(const AssocKey& key, const Association& row) {
    const Atom* const list = row.limits.Find(Key::kQos);
    if (Settles(list)) return !list->empty();
    if (!key.is_account()) return AccountHas(key.account);
    return key.account != RootName() && AccountHas(row.parent);
  }

 private:
  // Whether a list tells by itself if its row has any QOS: but where it is
  // none, or only takes away from what is above ("-a").
  static bool Settles(const Atom* list) {
    return list != nullptr && (list->empty() || list->view()[0] != '-');
  }

  bool AccountHas(Atom account) {
    std::vector<Atom> below;
    bool has = false;
    while (true) {
      const auto known = accounts_.find(account);
      if (known != accounts_.end()) {
        has = known->second;
        break;
      }
      const auto row = tree_.associations.find({account, {}, {}});
      if (row == tree_.associations.end()) break;
      below.push_back(account);
      const Atom* const list = row->second.limits.Find(Key::kQos);
      if (Settles(list)) {
        has = !list->empty();
        break;
      }
      if (account == RootName()) break;
      account = row->second.parent;
    }
    for (const Atom name : below) accounts_[name] = has;
    return has;
  }

  const Tree& tree_;
  absl::flat_hash_map<Atom, bool> accounts_;
};

}  // namespace

std::vector<Finding> GuardQos(const Tree& live, const Tree& expected,
                              const std::vector<Change>& changes) {
  const bool touched =
      std::any_of(changes.begin(), changes.end(), [](const Change& change) {
        return std::any_of(
            change.fields.begin(), change.fields.end(),
            [](const FieldChange& field) { return field.key == Key::kQos; });
      });
  if (!touched) return {};
  Reach before(live), after(expected);
  absl::btree_set<Atom> lose, keep;
  for (const auto& [key, row] : expected.associations) {
    if (key.is_account()) continue;
    if (after.Has(key, row)) {
      keep.insert(key.user);
      continue;
    }
    const auto now = live.associations.find(key);
    if (now != live.associations.end() && before.Has(key, now->second)) {
      lose.insert(key.user);
    }
  }
  Finding finding;
  for (const Atom user : lose) {
    if (keep.contains(user)) continue;
    finding.rows.push_back(absl::StrCat("user ", user.view()));
  }
  if (finding.rows.empty()) return {};
  finding.code = std::string(kLosesEveryQos);
  finding.severity = Finding::Severity::kWarning;
  finding.message = absl::StrCat(
      finding.rows.size(),
      finding.rows.size() == 1 ? " user loses" : " users lose",
      " every QOS: no list is left on these rows, nor above them (QOS= on the "
      "Cluster line gives all rows one)");
  return {finding};
}

}  // namespace assocsync
