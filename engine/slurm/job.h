// Jobs that have not ended, and what else slurmctld holds by the names of rows.
#ifndef ASSOCSYNC_ENGINE_SLURM_JOB_H_
#define ASSOCSYNC_ENGINE_SLURM_JOB_H_

#include <cstdint>
#include <string>

#include "absl/container/btree_map.h"
#include "engine/base/name.h"
#include "engine/model/row.h"

namespace assocsync {

struct Job {
  uint64_t id = 0;  // id_job, as squeue shows it
  AssocKey row;     // The association that it is charged to.
  Name qos;         // Empty: none, or one that is gone.
  enum class State : uint8_t {
    kPending,
    kRunning,
    kRunaway,  // slurmdbd's database has it, slurmctld knows of no such job.
  } state = State::kPending;
  bool operator==(const Job&) const = default;
};

// What rows have used, decayed: RawUsage of sshare, in TRES seconds.
using RowUsage = absl::btree_map<AssocKey, double>;

// A partition or reservation that names an account, a user or a QOS.
struct Mention {
  enum class Of : uint8_t { kAccount, kUser, kQos } of = Of::kAccount;
  Name name;
  std::string where;  // "partition main (AllowAccounts)"
  bool operator==(const Mention&) const = default;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_SLURM_JOB_H_
