// A job that has not ended, as slurmdbd's database has it.
#ifndef ASSOCSYNC_ENGINE_SLURM_JOB_H_
#define ASSOCSYNC_ENGINE_SLURM_JOB_H_

#include <cstdint>

#include "engine/base/atom.h"
#include "engine/model/tree.h"

namespace assocsync {

struct Job {
  uint64_t id = 0;       // id_job, as squeue shows it
  AssocKey row;          // The association that it is charged to.
  Atom qos;              // Empty: none, or one that is gone.
  bool running = false;  // Else pending.
  bool operator==(const Job&) const = default;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_SLURM_JOB_H_
