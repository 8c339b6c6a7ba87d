// The inside of MakePlan: emits commands phase by phase, each run on the model
// as it is emitted, so that every decision is made on what would be there.
#ifndef ASSOCSYNC_ENGINE_PLAN_PLANNER_H_
#define ASSOCSYNC_ENGINE_PLAN_PLANNER_H_

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "engine/model/walk.h"
#include "engine/plan/plan.h"
#include "engine/plan/skip.h"
#include "engine/slurm/command.h"
#include "engine/slurm/slurmdbd.h"

namespace assocsync {

// The words that make a row (or record) what it should be, and the reason.
struct RowEdit {
  AssocKey row;
  std::vector<Setting> set;
  std::string why;
};

struct NewRow;  // new_rows.h

class Planner {
 public:
  // `behaviours`: RowsThatCouldHold for the release; every command must be
  // exact under each of them. `keep_shared`: no right of a user of another
  // cluster goes with an account.
  Planner(const DatabaseState& live, const Tree& expected,
          const std::vector<Behaviour>& behaviours, bool keep_shared);

  void Run(const std::vector<Change>& changes);
  // What Run leaves for the end: the AdminLevel that the caller loses.
  void TakeOwnLevel();

  std::vector<Step> steps;
  // Collateral that nothing avoids, and commands that slurmdbd would refuse.
  std::vector<Finding> findings;
  // Whom they are about (--skip).
  std::vector<Blamed> blamed;

  // Set before Run: who runs the commands; empty: not known.
  Name caller;
  // Set before Run: a delete may take along what the expected tree lacks as
  // well (collateral.h).
  bool takes_along = false;
  // Rows of the expected tree that deletes of AS109 would take along. False:
  // one of them is in the way for another reason, or on another cluster.
  absl::btree_set<AssocKey> victims;
  bool only_victims = true;
  const Slurmdbd& sim() const { return sims_[0]; }
  // One for each of `behaviours`, all after the last step.
  const std::vector<Slurmdbd>& sims() const { return sims_; }

 private:
  // planner.cc
  void Cluster(const std::vector<Change>& changes);
  void AddAndMoveAccounts(const std::vector<Change>& changes);
  void AddAccountBatch(const std::vector<Name>& names, Name parent,
                       std::vector<Setting> set);
  // See DetachBelow.
  bool MovesByWayOfRoot() const {
    return behaviour().has_lineage && !behaviour().move_updates_descendants;
  }
  void DetachBelow(Name account);
  void RepairLineages();
  void AccountRecords(const std::vector<Change>& changes);
  // user_rows.cc
  bool SaidByAddAlone(Name user) const;
  bool AddMakesDefault(const AssocKey& row) const;
  Fields SaidOfUserRow(const AssocKey& row);
  std::vector<NewRow> NewRows(const std::vector<Change>& changes);
  void OthersFirst(std::vector<NewRow>* rows) const;
  void SetAside(bool may_split, std::vector<NewRow>* rows);
  std::vector<Setting> SaidWith(const NewRow& row) const;
  bool IsForLoad(const NewRow& row) const;
  void FindOdd(const std::vector<NewRow>& rows);
  void AddUsers(const std::vector<Change>& changes);
  void AddThese(const std::vector<NewRow>& rows, bool odd, bool says_default);
  void EmitAdd(const NewRow& like, const std::vector<Setting>& set,
               const std::vector<Name>& users);
  std::vector<RowEdit> LaterOfRowsThere();
  void Limits(const std::vector<Change>& changes);
  // qos_steps.cc
  void QosDefinitions(const std::vector<Change>& changes);
  void DeleteQos(const std::vector<Change>& changes);
  void PinQos(const std::vector<Change>& changes);
  absl::btree_map<AssocKey, QosNames> DefaultPins() const;
  void FinalQos(const std::vector<Change>& changes);
  void EmitOptional(Phase phase, const std::vector<RowEdit>& edits);
  void RemindOfMoves();
  void RemindOfChanges(const absl::btree_set<AssocKey>& said);
  // Rows by the depth of their account; users last.
  using Levels = absl::btree_map<int, std::vector<AssocKey>>;
  Levels FinalLevels(const std::vector<Change>& changes) const;
  RowEdit ListEdit(const AssocKey& key, const Association& row) const;
  RowEdit DeltaEdit(const AssocKey& key, const Association& row) const;
  RowEdit DefaultEdit(const AssocKey& key, const Association& row) const;
  absl::btree_set<Name> DefaultsInTheWay(const Levels& levels) const;
  void SetDefaultQos(Name account, Name qos, absl::string_view why);
  struct Chain;
  Chain ChainAbove(const AssocKey& key) const;
  bool AnyDefaultQos(const std::vector<Change>& changes) const;
  Fields LimitsToAdd(const AssocKey& key);
  // user_records.cc
  using UsersOf = absl::btree_map<Name, std::vector<Name>>;  // By a value.
  void UserRecords(const std::vector<Change>& changes);
  void SetInRecords(Key key, const UsersOf& by_value);
  void AddWckeys(const std::string& list, Name default_wckey,
                 const std::vector<Name>& users);
  void SetCoordinators(Phase phase, Command::Verb verb,
                       const UsersOf& by_account);
  void CoordinatorsAmongOdd();
  // delete_steps.cc
  void DeleteUserRows(const std::vector<Change>& changes);
  struct GoingRows {
    absl::btree_set<Name> users;  // Who lose their last row here.
    std::vector<AssocKey> not_last;
    absl::btree_map<Name, std::vector<AssocKey>> last;  // Of these users.
  };
  GoingRows SortGoingRows(const std::vector<Change>& changes);
  bool RefuseIfStuck(const AssocKey& row);
  bool WaitsForAccount(const AssocKey& row) const;
  bool StripUser(Name user);
  void KeepDefaults(const std::vector<AssocKey>& rows);
  bool SetDefaultAccount(const std::vector<Name>& users, Name account,
                         absl::string_view why);
  void DeleteNotLast(const std::vector<AssocKey>& rows);
  void DeleteNotLastRow(const AssocKey& row);
  // EmitExactDelete of users' rows of one partition; `leave`: as `gone_users`.
  bool DeleteTheseRows(const std::vector<AssocKey>& rows,
                       const absl::btree_set<Name>& leave);
  bool DeleteRow(const AssocKey& row, const absl::btree_set<Name>& leave = {}) {
    return DeleteTheseRows({row}, leave);
  }
  void DeleteWithDefaultAway(const AssocKey& row);
  const std::vector<Name>& AccountsThatStay(Name user);
  std::vector<Name> DeleteLast(
      const absl::btree_map<Name, std::vector<AssocKey>>& last);
  bool DeleteAllRowsOf(Name user, const std::vector<AssocKey>& of_user);
  void Detour(const std::vector<Name>& users);
  Name FreshAccount() const;
  bool AddToFresh(Name fresh, const std::vector<Name>& users);
  void DeleteFresh(Name fresh, const std::vector<Name>& users);
  void DeleteLeftRecords(const absl::btree_set<Name>& gone);
  void DeleteAccounts(const std::vector<Change>& changes);
  void DeleteAccountRecords(std::vector<Name> names);
  bool TakesOnlyRecords(const Command& command,
                        const std::vector<Name>& accounts) const;

  // Runs the command on every model. True: done everywhere. False: a finding
  // was made of the refusal (not where optional_), and the step is not part of
  // the plan.
  bool Emit(Phase phase, Command command, std::string why);
  // Into relisted_ and moved_.
  void NoteForSlurmctld(const Command& command);
  // Puts every model into the state after the steps so far.
  void Replay();
  // Runs the delete if on every model it removes just `rows` (and, with the
  // last row of one of `gone_users`, that user). False: nothing was done.
  bool EmitExactDelete(Phase phase, const Command& command, std::string why,
                       const absl::btree_set<AssocKey>& rows,
                       const absl::btree_set<Name>& gone_users);
  // Groups edits of equal settings, keeping the order of first appearance, and
  // emits one `modify` per batch.
  void EmitModify(Phase phase, const std::vector<RowEdit>& edits);
  // Edits that say the same, in one command.
  void EmitModifyOf(Phase phase, const std::vector<const RowEdit*>& edits);
  void Refuse(FindingCode code, std::string message,
              std::vector<std::string> rows);
  // AS109, of the last EmitExactDelete that did nothing.
  void RefuseCollateral(absl::string_view what, std::string row);
  // The rows that a refused command is about: those that it names, or those
  // for whose sake it is said.
  std::vector<std::string> RowsOf(const Command& command) const;
  void Blame(FindingCode code, const std::vector<std::string>& rows) {
    for (const std::string& row : rows) blamed.push_back({code, row});
  }
  // Its row, or record, is to be deleted anyway.
  bool GoesAnyway(const Outcome::Touched& touched) const;

  bool NeededElsewhere(Name user) const {
    return users_elsewhere_.contains(user);
  }
  const Tree& now() const { return sims_[0].tree(); }
  std::string cluster() const { return live_.tree.cluster.str(); }
  const Behaviour& behaviour() const { return sims_[0].behaviour(); }
  // Behaviour::new_default_asked_of_all_rows of any release that the plan must
  // be right on.
  bool NewDefaultAskedOfAllRows() const;

  // While it is there, commands are said for the sake of these rows.
  class ForTheSakeOf {
   public:
    ForTheSakeOf(Planner* planner, std::vector<std::string> rows)
        : planner_(*planner) {
      planner_.sake_.swap(rows);
      before_ = std::move(rows);
    }
    ~ForTheSakeOf() { planner_.sake_.swap(before_); }
    ForTheSakeOf(const ForTheSakeOf&) = delete;
    ForTheSakeOf& operator=(const ForTheSakeOf&) = delete;

   private:
    Planner& planner_;
    std::vector<std::string> before_;
  };

  const DatabaseState& live_;
  const Tree& expected_;
  const std::vector<HangingAccount> live_down_, expected_down_;  // TopDown.
  const bool keep_shared_;
  std::vector<Slurmdbd> sims_;
  absl::btree_set<Name> users_elsewhere_;
  absl::btree_set<Name> accounts_elsewhere_;
  absl::btree_set<AssocKey> pinned_;
  // Limits of rows that AddUsers added without them; set by Limits.
  std::vector<RowEdit> later_;
  bool lists_change_ = false;  // Of QOS, above some row; set by AddUsers.
  // Rows come that a load may add (bulk_load.h), and users whom none says.
  bool loads_ = false;
  absl::flat_hash_set<Name> odd_;
  // Accounts whose list a step has set (root for that of the cluster).
  absl::btree_set<Name> relisted_;
  // Accounts that a step has moved, and whether root was their parent then:
  // their place may be the old one again.
  absl::btree_map<Name, bool> moved_;
  bool optional_ = false;           // What is said now, a plan may do without.
  absl::btree_set<Name> stripped_;  // Users, by StripUser.
  std::vector<AssocKey> waiting_;   // Rows that WaitsForAccount held back.
  // Accounts under which the plan adds rows; where DetachBelow asks.
  absl::flat_hash_set<Name> get_rows_;
  // Lineages that were wrong before the plan (the model keeps no others).
  absl::btree_map<AssocKey, Name> stale_before_;
  bool any_default_qos_ = false;
  std::vector<std::string> sake_;  // See ForTheSakeOf.
  // Of the last EmitExactDelete that did nothing: why, whom it would have
  // touched, and whether that is all that is in the way.
  std::string why_not_;
  absl::btree_set<AssocKey> why_not_rows_;
  bool why_not_only_rows_ = false;
  // Accounts of each user in the expected tree; filled when first asked.
  absl::btree_map<Name, std::vector<Name>> staying_;
};

// Pieces shared by the phases.

// A value for an option, in the words of the command line.
inline Setting Say(Key key, std::string value) {
  return {std::string(Info(key).name), std::move(value)};
}

// The settings that make `from` become `to`. QOS is included only as an
// explicit list or as "inherit" (deltas take two commands: FinalQos).
std::vector<Setting> SettingsFor(const FieldChanges& changes);
// What may be said in the `add` itself. QOS deltas are left out (FinalQos says
// them, and SaidOfUserRow some), and a DefaultQOS must be in a list that is
// certain at that moment.
Fields SaidByAdd(const Fields& limits);
std::vector<Setting> AddSettings(const Fields& said);
// What tells sets of settings apart.
std::string IdOf(const std::vector<Setting>& set);
// "MaxJobs 4 -> 8, GrpTRES (not set) -> cpu=4"
std::string WhyOf(const FieldChanges& changes);

Command ModifyAccounts(const std::vector<Name>& names,
                       const std::string& cluster, std::vector<Setting> set);
Command ModifyUserRows(const std::vector<Name>& users,
                       const std::vector<Name>& accounts, Name partition,
                       const std::string& cluster, std::vector<Setting> set);
// How deep each account is below root; `top_down`: TopDown of the tree.
absl::flat_hash_map<Name, int> DepthsOf(
    const std::vector<HangingAccount>& top_down);
std::string JoinNames(const std::vector<Name>& names,
                      absl::string_view separator = ",");
// "alice", "alice, bob", "alice, bob and 12 more"
std::string SomeNames(const std::vector<Name>& names);

// Calls f(chunk) for chunks of at most `size`.
template <typename T = Name, typename F>
void InChunks(const std::vector<T>& all, int size, F f) {
  for (size_t i = 0; i < all.size(); i += size) {
    const size_t end = std::min(all.size(), i + size);
    f(std::vector<T>(all.begin() + i, all.begin() + end));
  }
}

// The same for chunks of each group: f(key, chunk).
template <typename Groups, typename F>
void GroupsInChunks(const Groups& groups, int size, F f) {
  for (const auto& [key, all] : groups) {
    InChunks(all, size, [&, &key = key](const auto& chunk) { f(key, chunk); });
  }
}

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_PLANNER_H_
