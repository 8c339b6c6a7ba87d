// One step of a plan: one sacctmgr command, and what became of it as far as
// sacctmgr tells. Only reading live again shows what really is.
#ifndef ASSOCSYNC_ENGINE_APPLY_RUN_STEP_H_
#define ASSOCSYNC_ENGINE_APPLY_RUN_STEP_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/io/process.h"
#include "engine/plan/plan.h"

namespace assocsync {

struct StepResult {
  enum class Outcome {
    kDone,     // Exit code 0, and no text that means a refusal.
    kRefused,  // sacctmgr or slurmdbd refused; slurmdbd rolled it back.
    kUnknown,  // Killed, or its end was not seen: its effect is not known.
    kNotRun,   // It never started.
  } outcome = Outcome::kNotRun;
  int exit_code = 0;   // Of kDone and kRefused.
  std::string words;   // What sacctmgr said, on one line, without control
                       // characters, cut at 2,000 bytes.
  std::string reason;  // Of kRefused: the same from its first complaint on.
  std::vector<std::string> jobs;  // Running jobs that stand in the way.
};

// The words for execve: the program, -i, the step's own.
std::vector<std::string> StepArgv(const Step& step, const std::string& program);

StepResult RunStep(const Step& step, const std::string& program,
                   absl::Duration limit, CommandRunner& runner);

// Judges how a command ended. sacctmgr ends some refusals with exit code 0:
// their texts are known (slurm-facts 4.3).
StepResult JudgeStep(const RunResult& result);

// What a person should know of a failed step: "sacctmgr refused it: ...",
// with what to do next where that is known.
std::string Explain(const StepResult& result);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_APPLY_RUN_STEP_H_
