// How long the commands of a plan take: for people to read, and to choose
// whether a load pays. No plan depends on it, and nothing is proven with it.
#ifndef ASSOCSYNC_ENGINE_PLAN_ESTIMATE_H_
#define ASSOCSYNC_ENGINE_PLAN_ESTIMATE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/plan/step.h"
#include "engine/slurm/release.h"

namespace assocsync {

struct BulkLoad;

// The rows (or records) that a step names.
size_t RowsOf(const Step& step);

// What a step takes on a cluster of `rows` associations: by the table of
// estimate.cc, that of the last release measured up to `release`.
absl::Duration TimeOf(const Release& release, const Step& step, size_t rows);
// What `sacctmgr load` of a file of `added` new rows takes there, of accounts
// or of users.
absl::Duration TimeOfLoad(const Release& release, bool accounts, size_t added,
                          size_t rows);

// What an `add user` of so many rows takes on a cluster of `live` associations.
absl::Duration TimeOfAddUser(const Release& release, size_t rows, size_t live);
// What commands of `modify user` take that name so many rows in all; `shares`:
// they set Fairshare.
absl::Duration TimeOfModifyUser(const Release& release, size_t commands,
                                size_t rows, bool shares, size_t live);

// Whether `saved` of `whole` is worth another way: clearly something, by
// estimates that are off by some.
bool IsWorthIt(absl::Duration saved, absl::Duration whole);

// When each of `steps` has ended, from the start of the first, where they run
// in this order, those of `loads` as loads. Without the SQL dump and what is
// read before and after.
std::vector<absl::Duration> EndsOf(const Release& release,
                                   const std::vector<Step>& steps, size_t rows,
                                   const std::vector<BulkLoad>& loads = {});

// What is left when the first `done` steps took `elapsed`: the others are as
// fast or as slow as these, once these are enough to tell.
absl::Duration TimeLeft(const std::vector<absl::Duration>& ends, size_t done,
                        absl::Duration elapsed);

// "about 8 s", "about 50 s", "about 3 min", "about 2 h"
std::string About(absl::Duration time);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_PLAN_ESTIMATE_H_
