// What the process's exit status means. Told by --help and
// assocsync(1); the only place where the numbers stand.
#ifndef ASSOCSYNC_CLI_EXIT_CODES_H_
#define ASSOCSYNC_CLI_EXIT_CODES_H_

namespace assocsync {

enum class ExitCode : int {
  kOk = 0,       // In sync; planned; applied and verified; backed up; the
                 // backup is good; restored and counted; checked.
  kError = 1,    // An error, nothing was changed; or the backup is not good.
  kPending = 2,  // Changes are pending (only with --detailed-exitcode).
  kRefused = 3,  // Refused by a finding, a stale plan, the admin's "no", a
                 // path that others can change or a backup folder that is not
                 // on its disk; nothing was changed.
  kPartial = 4,  // Stopped part way, or the verification failed.
  kUsage = 64,   // The command line or the configuration is wrong.
  kInterrupted = 130,  // Ctrl-C before anything was changed.
};

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_EXIT_CODES_H_
