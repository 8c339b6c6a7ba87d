// What of a command `sacctmgr load` does just as the command does (slurm-facts
// 3): new accounts with plain texts; or new rows of users, without partition,
// in accounts that are there; with plain names, and with limits that are
// numbers or QOS.
#ifndef ASSOCSYNC_ENGINE_PLAN_LOAD_SAYS_H_
#define ASSOCSYNC_ENGINE_PLAN_LOAD_SAYS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/base/name.h"
#include "engine/model/tree.h"
#include "engine/slurm/command.h"

namespace assocsync {

// Whether load says the name of an account or a user as it is.
bool LoadSaysName(absl::string_view name);
// Whether load takes a Description or an Organization as it is.
bool LoadSaysText(absl::string_view text);
// Whether load does with a new row what the command does that is told
// `setting`.
bool LoadSaysLimit(const Setting& setting);

// ":MaxJobs=4", as a line of the file has it.
void AppendOption(const Setting& setting, std::string* options);

// Rows of users that an `add user` makes, or of which a `modify user` sets
// limits. Points into the command.
struct RowsForLoad {
  std::vector<absl::string_view> users, accounts;
  bool makes_default = false;  // The account is that of the users.
  std::vector<const Setting*> limits;
};
// nullopt: the command is not for load. `live`: of the managed cluster.
std::optional<RowsForLoad> RowsToLoad(const Command& command, const Tree& live);

// Accounts that an `add account` makes. `limits`: also what their records say.
struct AccountsForLoad {
  std::vector<absl::string_view> names;
  Name parent;
  std::string limits;
};
std::optional<AccountsForLoad> AccountsToLoad(const Command& command,
                                              const Tree& live);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_LOAD_SAYS_H_
