// The lab's slurmctld and its jobs (`tests/lab up --controller`), for tests
// that run inside that lab: `tests/lab in build/dev/tests/controller_tests`.
#ifndef ASSOCSYNC_TESTS_SUPPORT_CONTROLLER_H_
#define ASSOCSYNC_TESTS_SUPPORT_CONTROLLER_H_

#include <map>
#include <string>
#include <vector>

#include "engine/io/process.h"
#include "tests/support/lab.h"

namespace assocsync {

class Controller {
 public:
  // A fresh scene: no job, nothing but cluster lab and user root in slurmdbd.
  Controller(const LabRelease& release, const std::vector<std::string>& users);

  // Releases of the lab that have one.
  static std::vector<LabRelease> Releases();

  const LabRelease& release() const { return release_; }

  // A program of the release (squeue, scontrol, ...), as root.
  RunResult Run(const std::string& program,
                const std::vector<std::string>& words) const;
  // The same as a user.
  RunResult RunAs(const std::string& user,
                  const std::vector<std::string>& words) const;
  // `sbatch WORDS` of a user; its number, 0 where it is not taken.
  int Submit(const std::string& user, std::vector<std::string> words) const;
  // slurmctld would take a job of the user who names no account.
  bool WouldTake(const std::string& user) const;
  // A job that runs for minutes, in that account. The test fails where it is
  // not taken.
  int Job(const std::string& user, const std::string& account,
          std::vector<std::string> words = {}) const;

  // As the remedy for its release has it: scontrol reconfigure, or a restart.
  void ReadTreeAgain() const;

  // What slurmctld says of a job: "RUNNING", "PENDING InvalidAccount"; empty:
  // it has no such job.
  std::string State(int job) const;
  // What accounting says, by number of job: "RUNNING ann hep".
  std::map<int, std::string> Accounting() const;
  // Waits until slurmctld, or accounting, says so; false after half a minute.
  bool Becomes(int job, const std::string& state) const;
  bool IsRecorded(int job, const std::string& state) const;

  // The associations that slurmctld has: "hep", "hep/ann", sorted.
  std::vector<std::string> Associations() const;

 private:
  LabRelease release_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_CONTROLLER_H_
