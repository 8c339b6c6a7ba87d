// Does slurmctld have the tree that slurmdbd has?
#ifndef ASSOCSYNC_ENGINE_APPLY_CONTROLLER_ANSWER_H_
#define ASSOCSYNC_ENGINE_APPLY_CONTROLLER_ANSWER_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/slurm/release.h"

namespace assocsync {

class LiveSource;
struct DatabaseState;

struct ControllerAnswer {
  enum class Has : uint8_t {
    kUnknown,  // words: why it was not asked.
    kSame,
    kOther,  // words: where, one sentence each.
  } has = Has::kUnknown;
  std::vector<std::string> words;
};
// "unknown", "same", "other"
absl::string_view HasWord(ControllerAnswer::Has has);

// What makes slurmctld read the tree again: "scontrol reconfigure", or "a
// restart of slurmctld".
absl::string_view ControllerRemedy(const Release& release);

// slurmdbd tells slurmctld of each command by itself, a moment later: an answer
// of kOther is asked for again for `patience`, unless `stop` (may be null).
ControllerAnswer AskController(LiveSource& live, const DatabaseState& state,
                               absl::Duration patience,
                               const std::atomic<bool>* stop);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_APPLY_CONTROLLER_ANSWER_H_
