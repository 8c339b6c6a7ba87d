// The live tree, from wherever it can be read.
#ifndef ASSOCSYNC_ENGINE_LIVE_LIVE_H_
#define ASSOCSYNC_ENGINE_LIVE_LIVE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/cfg/recall.h"
#include "engine/cfg/text_files.h"
#include "engine/io/database.h"
#include "engine/io/process.h"
#include "engine/model/finding.h"
#include "engine/slurm/database_state.h"
#include "engine/slurm/job.h"
#include "engine/slurm/release.h"

namespace assocsync {

// How often a tree that changes while it is read is read again.
inline constexpr int kReadAttempts = 3;

// Where slurmctld of the cluster is, as it told slurmdbd.
struct ControllerAddress {
  ControllerAddress() = default;
  // As slurmdbd keeps them.
  ControllerAddress(absl::string_view host, absl::string_view port);

  std::string host;
  int port = 0;  // 0: it is not registered.
};

struct LiveState {
  DatabaseState database;
  Release release;
  // slurmdbd keeps the case of user names (Parameters=PreserveCaseUser).
  bool preserve_user_case = false;
  std::vector<Finding> findings;  // About what was read.
  ControllerAddress controller;
  // Jobs that have not ended, by row, then id: of the database, where that was
  // read, and of slurmctld (controller.h).
  std::vector<Job> jobs;
  std::vector<Mention> mentions;  // By name, then by where; of slurmctld only.
  // RawUsage that slurmctld has of rows, where it was asked for (controller.h).
  RowUsage usage;
};

class LiveSource {
 public:
  virtual ~LiveSource() = default;
  // Reads `cluster` (empty: the only cluster there is). All or nothing: a
  // failed, empty or half-read source is an error, never a smaller tree.
  virtual absl::StatusOr<LiveState> Read(absl::string_view cluster) = 0;
  // The same without what slurmctld would have to be asked for.
  virtual absl::StatusOr<LiveState> ReadTree(absl::string_view cluster) {
    return Read(cluster);
  }
  // LiveState::jobs as they are now, for rows of `state`, which Read gave.
  virtual absl::StatusOr<std::vector<Job>> Jobs(const DatabaseState&) {
    return std::vector<Job>();
  }
  // How slurmctld's own copy of the cluster is not `state`, which Read gave
  // (ControllerDiffers). kUnavailable: it cannot be asked, and why.
  virtual absl::StatusOr<std::vector<std::string>> DiffersInController(
      const DatabaseState&) {
    return absl::UnavailableError("no slurmctld is registered with slurmdbd");
  }
  // Names of all clusters there, sorted. kUnimplemented: it does not tell them.
  virtual absl::StatusOr<std::vector<std::string>> Clusters() {
    return absl::UnimplementedError("this source does not list clusters");
  }
  // "sacctmgr 24.11.5", "live.cfg": for the reader of a plan.
  virtual std::string Origin() const = 0;
  // The same for those whom a plan is passed on to: without login and host of
  // the database.
  virtual std::string PublicOrigin() const { return Origin(); }
};

// From a dump file: DatabaseState::complete is false. `release`: what to plan
// for. `recall` (may be null, must outlive it): as in ParseOptions.
std::unique_ptr<LiveSource> LiveFromFile(std::string path, Release release,
                                         const cfg::Recall* recall = nullptr);

// What such a source reads: the text of a file, as live. `files` (may be null):
// as in ParseOptions.
absl::StatusOr<LiveState> LiveFromText(absl::string_view name,
                                       absl::string_view text, Release release,
                                       const cfg::Recall* recall = nullptr,
                                       const TextFiles* files = nullptr);

struct SacctmgrOptions {
  std::string program = "sacctmgr";  // Looked up in PATH if it has no '/'.
  absl::Duration limit = absl::Minutes(10);  // Per command.
  std::string temp_dir = "/tmp";  // A private folder is made below it.
};
// From `sacctmgr dump` and `sacctmgr show`. `runner` must outlive it.
std::unique_ptr<LiveSource> LiveFromSacctmgr(CommandRunner* runner,
                                             SacctmgrOptions options);

// Whether such an error may mean that slurmdbd is down, as in an upgrade.
inline bool MayBeDown(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsUnknown(status);
}

struct DatabaseLiveOptions {
  DatabaseOptions database;
  // How slurmdbd is asked for what its database does not tell: its release,
  // and whether it is this database that it uses.
  SacctmgrOptions sacctmgr;
  // Given: nobody is asked; what is read is taken to be slurmdbd's database.
  std::optional<Release> release;
  // As slurmdbd.conf has them; slurmdbd's own word counts where it is asked.
  bool preserve_user_case = false;
  bool allow_no_def_acct = false;
  // What to do where slurmdbd does not answer: stands behind that error.
  std::string when_down;
};
// From the tables of slurmdbd's database (read_state.h tells what of them),
// while sacctmgr is asked for the release. `runner` must outlive it, and is
// called from other threads, several at a time.
//
// Read: kFailedPrecondition where slurmdbd uses another database, or a copy
// that is not up to date (the last transactions of both are compared), or where
// release and schema contradict each other.
std::unique_ptr<LiveSource> LiveFromDatabase(CommandRunner* runner,
                                             DatabaseLiveOptions options);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LIVE_LIVE_H_
