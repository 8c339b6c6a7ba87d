// How the backups of a site stand: what `assocsync status` found, what it makes
// of it, and how that is told.
#ifndef ASSOCSYNC_CLI_STATUS_H_
#define ASSOCSYNC_CLI_STATUS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/options.h"
#include "engine/backup/backup_list.h"
#include "engine/backup/last_verify.h"
#include "engine/diff/counts.h"

namespace assocsync {

// Live beside what it was once made.
struct Drift {
  std::string cluster;  // Empty: not known.
  std::string against;  // A file of the last run of apply, or TARGET.
  // What a plan of `against` would do, which brings it back; nullopt: unknown.
  std::optional<ChangeCounts> changes;
  std::string unknown;  // Why.
};

struct StatusReport {
  std::string backup_dir;
  absl::Time now;
  std::string unreadable;  // Why the folder cannot be looked at; empty: it can.
  bool missing = false;    // It is not there, or is not on its disk.
  size_t backups = 0;      // Of `backup`, as all that follows.
  uint64_t bytes = 0;
  std::optional<FoundBackup> last;      // The newest good one.
  std::optional<FoundBackup> last_bad;  // The newest, where it is not good.
  std::optional<LastVerify> verify;
  std::string verify_unknown;  // Why, where that is not that there was none.
  std::vector<Drift> drifts;
};

// In the order, and with the numbers, that monitoring plugins have.
enum class State { kOk = 0, kWarning = 1, kCritical = 2, kUnknown = 3 };
absl::string_view StateWord(State state);  // "OK"

struct JudgedStatus {
  State state = State::kOk;
  std::vector<std::string> reasons;  // The worst first; none: OK.
};
// Critical: no good backup, one too old, a verify that failed. Warning: a
// backup that grows old, a newest that is not good, too much drift. Unknown:
// the folder cannot be read; drift that has a limit cannot be told.
JudgedStatus JudgeStatus(const StatusReport& report,
                         const StatusLimits& limits);

std::string StatusText(const StatusReport& report, const JudgedStatus& judged);
// One line: "ASSOCSYNC OK - ... | backup_age=10800s;93600;180000;0 ...".
std::string StatusNagios(const StatusReport& report, const StatusLimits& limits,
                         const JudgedStatus& judged);
// For the textfile collector of node_exporter.
std::string StatusPrometheus(const StatusReport& report,
                             const JudgedStatus& judged);
std::string StatusJson(const StatusReport& report, const JudgedStatus& judged);

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_STATUS_H_
