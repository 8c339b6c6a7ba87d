// What slurmctld itself has, asked through Slurm's client programs.
#ifndef ASSOCSYNC_ENGINE_LIVE_CONTROLLER_H_
#define ASSOCSYNC_ENGINE_LIVE_CONTROLLER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/io/process.h"
#include "engine/live/live.h"
#include "engine/slurm/job.h"

namespace assocsync {

// A job as squeue shows it.
struct ControllerJob {
  uint64_t id = 0, row = 0;  // id_job, and the number of its association
  enum class Phase : uint8_t { kPending, kRunning, kEnded } phase;
  std::string qos;
};

// What `squeue` prints for kSqueueFields: a line for each job. kDataLoss: a
// line that is none.
inline constexpr char kSqueueFields[] =
    "jobid: ,associd: ,state: ,endtime: ,qos:";
absl::StatusOr<std::vector<ControllerJob>> ParseSqueue(absl::string_view text);

// What `scontrol -o show partition` or `show reservation` print; what is not
// known there is skipped. By name, then by where.
std::vector<Mention> ParseMentions(absl::string_view text);

// `jobs` of the database (by row, then id), as slurmctld has them: those that
// it has not told slurmdbd of come to them (of rows in `ids`), and those that
// it does not know are runaway. Those that have ended stay as they were:
// slurmdbd has not heard of it, and goes by what it knows.
std::vector<Job> JoinJobs(const std::vector<Job>& jobs,
                          const std::vector<ControllerJob>& seen,
                          const DatabaseState::Ids& ids);

struct ControllerOptions {
  std::string sacctmgr = "sacctmgr";  // squeue and scontrol are beside it.
  absl::Duration limit = absl::Minutes(10);  // Of one command.
  bool usage = false;                        // Read LiveState::usage too.
  // Does anything listen there (Listens in io/tcp.h)?
  std::function<absl::StatusOr<bool>(const std::string& host, int port)>
      listens;
};

// `source`, and what slurmctld knows with it: LiveState::jobs and mentions. It
// is asked where it is registered with slurmdbd and answers; a note tells where
// it is registered and could not be asked. `runner` must outlive it.
std::unique_ptr<LiveSource> WithController(std::unique_ptr<LiveSource> source,
                                           CommandRunner* runner,
                                           ControllerOptions options);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LIVE_CONTROLLER_H_
