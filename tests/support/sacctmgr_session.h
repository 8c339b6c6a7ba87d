// One `sacctmgr -i` that stays open: a command costs milliseconds instead of a
// process (slurm-facts 0.2, 4.2). For tests that need thousands.
#ifndef ASSOCSYNC_TESTS_SUPPORT_SACCTMGR_SESSION_H_
#define ASSOCSYNC_TESTS_SUPPORT_SACCTMGR_SESSION_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace assocsync {

class SacctmgrSession {
 public:
  explicit SacctmgrSession(const std::string& program);
  ~SacctmgrSession();
  SacctmgrSession(const SacctmgrSession&) = delete;
  SacctmgrSession& operator=(const SacctmgrSession&) = delete;

  // The line that makes sacctmgr see these words; nullopt where its quoting
  // cannot say them.
  static std::optional<std::string> Line(const std::vector<std::string>& words);

  // What it printed, stderr included. The session is started anew when it ended
  // (some errors end it).
  std::string Run(const std::string& line);

 private:
  void Start();
  void Stop();
  std::string ReadToPrompt();

  std::string program_;
  pid_t pid_ = -1;
  int to_ = -1;
  int from_ = -1;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_SACCTMGR_SESSION_H_
