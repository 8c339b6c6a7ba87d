// One `sacctmgr -i` that stays open: a command costs milliseconds instead of a
// process (slurm-facts 0.2, 4.2). For tests that need thousands.
#ifndef ASSOCSYNC_TESTS_SUPPORT_SACCTMGR_SESSION_H_
#define ASSOCSYNC_TESTS_SUPPORT_SACCTMGR_SESSION_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/io/conversation.h"

namespace assocsync {

class SacctmgrSession {
 public:
  explicit SacctmgrSession(const std::string& program) : program_(program) {}

  // The line that makes sacctmgr see these words; nullopt where its quoting
  // cannot say them. More than an apply says in a session (step_session.h).
  static std::optional<std::string> Line(const std::vector<std::string>& words);

  // What it printed, stderr behind stdout. The session is started anew when it
  // ended (some errors end it).
  std::string Run(const std::string& line);

 private:
  // Up to the next prompt, which is not part of it.
  std::string Ask(const std::string& text);

  const std::string program_;
  std::unique_ptr<Conversation> talk_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_TESTS_SUPPORT_SACCTMGR_SESSION_H_
