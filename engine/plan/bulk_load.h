// Steps that one `sacctmgr load` does as well, in a fraction of the time.
//
// At each commit slurmdbd walks all associations of the cluster, and `load`
// commits once (slurm-facts 12). So many `add user` commands in a row, with the
// limits that follow them, can be told as one file. The steps of the plan stay
// what they are: they are what is proven, what is looked at afterwards, and
// what runs where the load did nothing. `load` is given only what it does just
// as they do (slurm-facts 3): new accounts with plain texts; or new rows of
// users, without partition, in accounts that are there; with plain names, and
// with limits that are numbers or QOS. It gets no row and no account that
// exists, so there is nothing that it would change.
#ifndef ASSOCSYNC_ENGINE_PLAN_BULK_LOAD_H_
#define ASSOCSYNC_ENGINE_PLAN_BULK_LOAD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/plan/step.h"
#include "engine/slurm/command.h"
#include "engine/slurm/release.h"

namespace assocsync {

struct DatabaseState;

enum class LoadWhen : uint8_t {
  kPays,  // It takes clearly less time than the commands (estimate.h).
  kNever,
  kAlways,  // Also for one command: for tests.
};

// The steps [begin, end), which make `rows` new rows: of accounts, or of users.
struct BulkLoad {
  size_t begin = 0, end = 0, rows = 0;
  bool accounts = false;
  std::string text;  // The file, in the grammar of slurm-facts 1.
};

// Whether load says the name of an account or a user as it is.
bool LoadSaysName(absl::string_view name);
// Whether load takes a Description or an Organization as it is.
bool LoadSaysText(absl::string_view text);
// Whether load does with a new row what `add user` does that is told `setting`.
bool LoadSaysLimit(const Setting& setting);

// Fewer new rows than these take no time that a load could save.
inline constexpr size_t kLeastLoad = 500;

// In the order of the steps. `live`: right before the first step.
std::vector<BulkLoad> BulkLoads(const Release& release,
                                const std::vector<Step>& steps,
                                const DatabaseState& live, LoadWhen when);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_BULK_LOAD_H_
