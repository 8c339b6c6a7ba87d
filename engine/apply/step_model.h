// What a step is to change, and whether it did: the model of slurmdbd goes
// along with the run, and what it says of the rows that a step touches is held
// against the rows themselves, read again. Pure.
//
// What that proves: sacctmgr's word is not asked at all. Each row and record
// that the step touches (not more of the tree, and of it not its place in
// lineages) is looked at, option by option, where the step changes something;
// that nothing else changed is for the reading at the end of the run.
#ifndef ASSOCSYNC_ENGINE_APPLY_STEP_MODEL_H_
#define ASSOCSYNC_ENGINE_APPLY_STEP_MODEL_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "engine/plan/plan.h"
#include "engine/plan/step.h"
#include "engine/slurm/command.h"
#include "engine/slurm/database_state.h"
#include "engine/slurm/release.h"
#include "engine/slurm/slurmdbd.h"

namespace assocsync {

// What is to be seen of rows and records, each fact under a name that people
// can read: {"association hep/alice MaxJobs", "8"}. What is not there has none.
using Facts = absl::btree_map<std::string, std::string>;

// The facts that a step changes.
struct StepFacts {
  struct Fact {
    std::string name;
    std::optional<std::string> before, after;  // nullopt: not there, not set.
  };
  std::vector<Fact> facts;  // By name. Empty: nothing of the step shows.
  // What it touches, and what to read for that.
  std::vector<Outcome::Touched> touched;
  StatePart part;
  // False: the model cannot tell, nor of any step after this one. No plan that
  // was proven holds such a step.
  bool known = true;
};

// What a reading shows of a step.
struct Sight {
  enum class What {
    kNothing,   // Nothing that could be seen is changed by it.
    kNotDone,   // All is as it was before.
    kDone,      // All is as the step makes it.
    kPartly,    // Some is as before, some as after.
    kOtherwise  // Something is as neither: somebody else's change, too.
  } what = What::kNothing;
  // Of kPartly and kOtherwise, what is not as the step makes it: "association
  // hep/alice MaxJobs is 4 and not 8; ...", the first three.
  std::string words;
};

class StepModel {
 public:
  // nullopt: of a release that the model does not know.
  static std::optional<StepModel> Make(const Release& release,
                                       const DatabaseState& live);

  // What `step` is to change after those that took effect.
  StepFacts Next(const Step& step);
  // After Next: whether that step took effect.
  void Ended(bool took_effect);
  // The tree after all steps that did.
  const Tree& tree() const;

 private:
  StepModel(const Behaviour& behaviour, const DatabaseState& live)
      : so_far_(behaviour, live), next_(so_far_) {}

  Slurmdbd so_far_, next_;  // The second is one step ahead within a step.
  std::optional<Command> command_;
};

// A delete of users' rows, said as a delete of the users by their names alone;
// nullopt: it is none, or a name is a pattern to slurmdbd ("j_doe"): what looks
// like it may come at any moment, and would go too.
std::optional<Step> ByNames(const Step& step);

// `now`: at least what `facts` touch.
Sight Look(const StepFacts& facts, const DatabaseState& now);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_APPLY_STEP_MODEL_H_
