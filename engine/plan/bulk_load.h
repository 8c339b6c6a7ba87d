// Steps that one `sacctmgr load` does as well, in a fraction of the time.
//
// At each commit slurmdbd walks all associations of the cluster, and `load`
// commits once (slurm-facts 12). So many `add user` commands in a row, with the
// limits that follow them, can be told as one file. The steps of the plan stay
// what they are: they are what is proven, what is looked at afterwards, and
// what runs where the load did nothing. `load` is given only what it does just
// as they do (load_says.h), and no row and no account that exists: so there is
// nothing that it would change.
#ifndef ASSOCSYNC_ENGINE_PLAN_BULK_LOAD_H_
#define ASSOCSYNC_ENGINE_PLAN_BULK_LOAD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/plan/step.h"
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

// Fewer new rows than these take no time that a load could save.
inline constexpr size_t kLeastLoad = 500;

// In the order of the steps. `live`: right before the first step.
std::vector<BulkLoad> BulkLoads(const Release& release,
                                const std::vector<Step>& steps,
                                const DatabaseState& live, LoadWhen when);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_BULK_LOAD_H_
