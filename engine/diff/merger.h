// The inside of MergeTrees: decides object by object, then mends what the
// decisions of two sides do not allow together.
#ifndef ASSOCSYNC_ENGINE_DIFF_MERGER_H_
#define ASSOCSYNC_ENGINE_DIFF_MERGER_H_

#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/functional/function_ref.h"
#include "engine/diff/merge.h"
#include "engine/diff/merge_fields.h"

namespace assocsync {

class Merger {
 public:
  Merger(const Tree& base, const Tree& live, const Tree& target,
         const MergeOptions& options)
      : base_(base), live_(live), target_(target), options_(options) {}

  absl::StatusOr<Merge> Run();

 private:
  // merge.cc: one object at a time.
  void Cluster();
  void Qos();
  void Accounts();
  void UserRows();
  void UserRecords();
  // What becomes of an object that is there in some of the trees.
  enum class Fate { kGone, kLive, kTarget, kMerged };
  // `edited`: whether the object on that side is another than in base; asked
  // where the other side deleted it.
  Fate Decide(Change::What what, const AssocKey& row, bool in_base,
              bool in_live, bool in_target,
              absl::FunctionRef<bool(Side)> edited);
  Fields MergeOf(Change::What what, const AssocKey& row, const Fields* base,
                 const Fields* live, const Fields* target);
  bool WasKept(const Difference& drift) const;
  bool Edited(Side side, const AssocKey& row) const;
  // Notes a difference; for a conflict returns who wins.
  Side Note(Outcome3 outcome, Difference difference);
  Side Conflict(Change::What what, const AssocKey& row, std::string note);
  Side Preferred(const std::string& row, std::optional<Side>* taken);

  // merge_repair.cc: what hangs together.
  bool Orphans();
  bool Circles();
  // `under`: what is under the account, "user alice is under it".
  bool AccountStays(Name account, const std::string& under);
  void Orphan(Name account, const AssocKey& row);
  bool LostUsers();
  void NewCoordinators(const Tree& side, const Tree& other);
  void CopyAccount(const Tree& from, Name account);
  void DropAccount(Name account);
  // merge_names.cc: names that only one side still knows.
  void Coordinators();
  void Defaults();
  void MendDefault(Name user, Key key, absl::string_view what,
                   absl::FunctionRef<bool(Name)> has,
                   absl::FunctionRef<Name()> otherwise, Fields* record);
  void UsesOfQos();
  void LoseQos(Name qos, const Tree& deleter);
  void OwnLists();

  const Tree& base_;
  const Tree& live_;
  const Tree& target_;
  const MergeOptions& options_;
  Merge out_;
  Tree& tree_ = out_.tree;
  absl::btree_map<Name, Side> orphans_;  // Decided: accounts taken away.
  absl::btree_set<Name> lost_users_;     // Decided.
  absl::btree_set<std::string> used_;    // Rows of options_.prefer_row.
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_DIFF_MERGER_H_
