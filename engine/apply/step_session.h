// Many steps told to one sacctmgr that stays open: what a process costs for
// each (starting, reading slurm.conf, munge, a connection) is paid once.
//
// `sacctmgr -i` without a command reads commands from stdin, one a line, and
// shows its prompt before each, flushed (slurm-facts 4.2). That it does so is
// seen at the start, else there is no session. A session gives no exit code,
// and its prompt could stand in what a command prints; so each command is
// followed by one that does nothing, `version`, whose answer is known to the
// byte and ends the answer of the one before. What became of a step is for its
// rows to say: only steps that are looked at (step_model.h) are told here.
#ifndef ASSOCSYNC_ENGINE_APPLY_STEP_SESSION_H_
#define ASSOCSYNC_ENGINE_APPLY_STEP_SESSION_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "engine/apply/run_step.h"
#include "engine/base/word_list.h"
#include "engine/io/conversation.h"
#include "engine/io/process.h"

namespace assocsync {

// The line by which a session is told `argv`; nullopt: that is not for one. It
// has characters that are not known to mean themselves there, or more words
// than a line may have; or it is about QOS, which sacctmgr asks for once: what
// somebody deletes and adds again meanwhile would be written under its old id.
std::optional<std::string> SessionLine(const WordList& argv);

class StepSession {
 public:
  // `runner` outlives this. Nothing is started yet.
  StepSession(std::string program, CommandRunner* runner)
      : program_(std::move(program)), runner_(*runner) {}

  // nullopt: nothing of it was said, and it needs a process of its own. Opens
  // the session where there is none yet; once one has not answered as it
  // should, no other is opened.
  std::optional<StepResult> Run(const Step& step, absl::Duration limit);

  // Ends it, and with it a transaction that it may have left open (slurm-facts
  // 4.2): what another process changes could wait for that one. The next Run
  // opens another.
  void Close() {
    if (std::exchange(sacctmgr_, nullptr) != nullptr) tried_ = false;
  }

  // It took too long over a step, or was stopped in the middle of one.
  bool was_killed() const { return was_killed_; }

 private:
  bool Open();

  const std::string program_;
  CommandRunner& runner_;
  std::unique_ptr<Conversation> sacctmgr_;
  bool tried_ = false;
  bool was_killed_ = false;
  std::string end_;  // What stdout ends with after a command's own words.
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_APPLY_STEP_SESSION_H_
