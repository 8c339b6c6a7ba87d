// What a part of a plan is named by: words of --only and --except, or changes
// that were picked. Internal to engine/plan.
#ifndef ASSOCSYNC_ENGINE_PLAN_NAMED_H_
#define ASSOCSYNC_ENGINE_PLAN_NAMED_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/name_set.h"
#include "engine/diff/diff.h"
#include "engine/model/tree.h"
#include "engine/plan/scope.h"

namespace assocsync {

inline AssocKey AccountRow(Name account) { return {account, Name(), Name()}; }

// What is named, in live and in the target.
class Named {
 public:
  explicit Named(std::vector<Selector> selectors)
      : selectors_(std::move(selectors)) {}
  // Changes: each by itself, and what goes with what they take away.
  Named(const std::vector<ChangeId>& pick, const Tree& live,
        const Tree& target);

  // Finds what the selectors name. Returns the number of the first that names
  // nothing, or -1.
  int Look(const Tree& live, const Tree& target);

  bool picked() const { return picked_; }
  bool none() const { return !picked_ && selectors_.empty(); }
  bool Cluster() const { return cluster_ || none(); }
  bool Account(Name name) const { return accounts_.contains(name); }
  bool User(Name name) const { return users_.contains(name); }
  bool Qos(Name name) const { return qos_.contains(name); }
  bool Row(const AssocKey& key) const {
    if (rows_.contains(key)) return true;
    return !picked_ &&
           (Account(key.account) || (!key.is_account() && User(key.user)));
  }
  bool Right(Name user, Name account) const {
    return User(user) || (!picked_ && (coordinators_ || Account(account)));
  }
  // "hep/bob: account hep goes", of rows that were not picked.
  const absl::btree_set<std::string>& with_others() const {
    return with_others_;
  }

 private:
  void LookInto(const Tree& tree, std::vector<bool>* found);
  bool LookForUsers(const std::string& pattern, const Tree& tree);
  void GoToo(const Tree& live, const Tree& target);
  void Add(const AssocKey& key, const std::string& why);

  const bool picked_ = false;
  std::vector<Selector> selectors_;
  NameSet accounts_, users_, qos_;
  absl::btree_set<AssocKey> rows_;
  absl::btree_set<std::string> with_others_;
  bool coordinators_ = false, cluster_ = false;
};

// What the words of `option` name. kInvalidArgument: one that is no selector,
// or that names nothing in either tree.
absl::StatusOr<Named> NamedBy(const std::vector<std::string>& words,
                              absl::string_view option, const Tree& live,
                              const Tree& target);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_NAMED_H_
