// What each command does to a SlurmdbdTables. Every function checks all of a
// command before it changes anything, so that a refusal leaves nothing behind.
#ifndef ASSOCSYNC_ENGINE_SLURM_COMMANDS_H_
#define ASSOCSYNC_ENGINE_SLURM_COMMANDS_H_

#include <string>
#include <vector>

#include "engine/slurm/limits.h"
#include "engine/slurm/slurmdbd.h"
#include "engine/slurm/slurmdbd_tables.h"

namespace assocsync::slurm {

// Short for what each file here says.
using How = Outcome::Touched::How;
using What = Outcome::Touched::What;
using Flag = SlurmdbdTables::Flag;
using NameKind = SlurmdbdTables::NameKind;

// The settings of one half of a command, taken out one by one; what is left at
// the end is what the model does not know.
class Args {
 public:
  explicit Args(const std::vector<Setting>& settings);
  // The setting of that key (lower case); nullptr: not given. Marks it taken.
  const Setting* Take(absl::string_view key);

  // All settings that belong to association rows, in order.
  Verdict TakeLimits(const SlurmdbdTables& db, bool users,
                     LimitChanges* limits);
  // kUnknown while something is left, or was given twice or with += or -=.
  Verdict Finish() const;

 private:
  struct Arg {
    const Setting* setting;
    std::string key;
    bool taken = false;
  };
  std::vector<Arg> args_;
};

// The names of a list, each once, in order. kUnknown for names that sacctmgr or
// MariaDB may take for others, and for accounts on which slurmdbd hangs.
Verdict ParseNames(const SlurmdbdTables& db, NameKind kind,
                   absl::string_view list, std::vector<Name>* names);

// The same of partition=; empty: {""}, the row without one.
Verdict ParsePartitions(const SlurmdbdTables& db, absl::string_view list,
                        std::vector<Name>* names);
// The same where there may be but one; `what`: several of them, in words.
Verdict ParseOne(const SlurmdbdTables& db, NameKind kind,
                 absl::string_view text, absl::string_view what, Name* name);

// For commands whose names slurmdbd reads from the records that it finds, and
// puts into the next statement as they are. A backslash escapes what follows it
// there: `delete user ex\jdoe` removes exjdoe (seen on all releases of the
// lab). What comes from sacctmgr is escaped. kUnknown: a name with a backslash.
Verdict CheckReadBack(const std::vector<Name>& names);

Verdict ParseQosNames(absl::string_view list, std::vector<Name>* names);

// kUnknown unless the command speaks of the managed cluster: by name, or by
// naming none in a database that has no other.
Verdict CheckCluster(const SlurmdbdTables& db, const Setting* cluster);

void Touch(Outcome* outcome, What what, const RowRef& row, How how);

Outcome AddAccount(SlurmdbdTables* db, const Command& command);
Outcome AddUser(SlurmdbdTables* db, const Command& command);
Outcome AddWckeys(SlurmdbdTables* db, const Command& command);
Outcome AddCoordinator(SlurmdbdTables* db, const Command& command);
Outcome AddQos(SlurmdbdTables* db, const Command& command);
Outcome ModifyAccount(SlurmdbdTables* db, const Command& command);
Outcome ModifyUser(SlurmdbdTables* db, const Command& command);
Outcome ModifyCluster(SlurmdbdTables* db, const Command& command);
Outcome ModifyQos(SlurmdbdTables* db, const Command& command);

// Everything that one delete takes away.
struct Removal {
  Verdict verdict;
  absl::btree_set<RowRef> rows;
  absl::btree_set<Name> users;     // Records; their WCKeys go too.
  absl::btree_set<Name> accounts;  // Records.
  absl::btree_set<DatabaseState::Coordinator> coordinators;
  struct Wckey {
    Name user, name;
    auto operator<=>(const Wckey&) const = default;
  };
  absl::btree_set<Wckey> wckeys;  // On the managed cluster.
  std::vector<Name> qos;          // Definitions,
  absl::btree_set<RowRef> lists;  // and the rows that list any of them.
};
Removal DeleteWckeys(const SlurmdbdTables& db, const std::vector<Name>& users,
                     absl::string_view list);
Removal DeleteCoordinators(const SlurmdbdTables& db,
                           const std::vector<Name>& accounts,
                           const std::vector<Name>& users);
Removal PlanDeleteQos(const SlurmdbdTables& db, const Command& command);
Removal PlanDelete(const SlurmdbdTables& db, const Command& command);
Outcome ToOutcome(const Removal& removal);
void CarryOut(SlurmdbdTables* db, const Removal& removal);
// What of it is about QOS.
void CarryOutQos(SlurmdbdTables* db, const Removal& removal);

// Whether the protection of default accounts lets `rows` go; kUnknown where
// that, or what becomes of a default, hangs on flags that nobody knows.
Verdict CheckDefaultGuard(const SlurmdbdTables& db,
                          const absl::btree_set<RowRef>& rows);
// kUnknown where it is open, because flags are, whether a user still has a
// default when `rows` are gone. Part of CheckDefaultGuard; deletes of users by
// name have no guard and need it by itself.
Verdict CheckDefaultsLeft(const SlurmdbdTables& db,
                          const absl::btree_set<RowRef>& rows);
// 20.11's own check in the client, of `delete account` (slurm-facts 4.4).
// `by_name`: without cluster=.
Verdict CheckClientAccountGuard(const SlurmdbdTables& db,
                                const std::vector<Name>& accounts,
                                const absl::btree_set<RowRef>& rows,
                                bool by_name);

}  // namespace assocsync::slurm

#endif  // ASSOCSYNC_ENGINE_SLURM_COMMANDS_H_
