// One step of a plan: one sacctmgr command, what sacctmgr said of it, and what
// became of it. The two differ: an exit code is no proof of anything, and a
// sacctmgr that was killed, or that a wrapper stands in front of, says nothing.
#ifndef ASSOCSYNC_ENGINE_APPLY_RUN_STEP_H_
#define ASSOCSYNC_ENGINE_APPLY_RUN_STEP_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/io/process.h"

namespace assocsync {

struct Step;

struct Sight;  // step_model.h

struct StepResult {
  enum class Outcome {
    kDone,            // Said so, and it is.
    kNoEffect,        // Nothing of it is there, whatever was said.
    kPartlyDone,      // Some of its rows are as they should be, some as before.
    kRefused,         // sacctmgr or slurmdbd refused; it was rolled back.
    kRefusedButDone,  // Refused, failed or killed; all of it is there.
    kUnknown,         // Not known: killed and not looked at, or the rows are
                      // neither as before nor as they should be.
    kNotRun,          // It never started.
  } outcome = Outcome::kNotRun;
  // What sacctmgr said: kDone, kRefused, kUnknown or kNotRun.
  Outcome said = Outcome::kNotRun;
  // The rows were looked at, and `outcome` is what they show. False: it is what
  // sacctmgr said (kDone: exit code 0, and no text that means a refusal).
  bool seen = false;
  std::string shown;  // What the rows show that is not as it should be.
  // Where the command was a process of its own that ended by itself.
  std::optional<int> exit_code;
  std::string words;   // What sacctmgr said, on one line, without control
                       // characters, cut at 2,000 bytes.
  std::string reason;  // Of kRefused: the same from its first complaint on.
  std::vector<std::string> jobs;  // Running jobs that stand in the way.

  // It took effect.
  bool done() const {
    return outcome == Outcome::kDone || outcome == Outcome::kRefusedButDone;
  }
};
// "done", "no effect", "partly done", "refused", "refused but done", "unknown",
// "not run"
absl::string_view OutcomeWord(StepResult::Outcome outcome);

// Executes the program with -i and the step's own words.
StepResult RunStep(const Step& step, const std::string& program,
                   absl::Duration limit, CommandRunner& runner);

// What sacctmgr said, stdout before stderr: done, unless it is the text of a
// refusal. It ends some refusals with exit code 0: their texts are known
// (slurm-facts 4.3).
StepResult JudgeWords(absl::string_view text);

// The same of a process that ended, by its exit code too.
StepResult JudgeStep(const RunResult& result);

// What became of a step, now that its rows were looked at. Where nothing of it
// can be seen (a value is set to what it was), what was said stands.
StepResult Conclude(const StepResult& result, const Sight& sight);

// A part of the sentence by which Explain tells of a slurmdbd that remembers
// what its database does not hold. slurmdbd keeps users, associations and QOS
// in memory and, from 23.11 on, asks that memory and not the database whether
// something is there already. It changes it even where its transaction was lost
// (MariaDB restarted, or its connection cut, before the commit): then an add is
// said to be done and has no effect, and said to be needless ever after.
// Nothing but a restart makes slurmdbd read its database again.
inline constexpr absl::string_view kStaleMemory =
    "slurmdbd's memory does not agree with its database";

// What a person should know of a failed step: "sacctmgr refused it: ...",
// with what to do next where that is known.
std::string Explain(const StepResult& result);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_APPLY_RUN_STEP_H_
