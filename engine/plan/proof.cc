#include "engine/plan/proof.h"

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/diff/diff.h"

namespace assocsync {
namespace {

absl::Status EndsIn(const Slurmdbd& model, const DatabaseState& live,
                    const Tree& expected) {
  const std::vector<Change> left = Diff(model.tree(), expected);
  if (!left.empty()) {
    return absl::InternalError(absl::StrCat(
        "proof: under release ", model.behaviour().since.ToString(),
        " the plan ends with ", left.size(),
        " differences, the first: ", left[0].ToString()));
  }
  if (model.state().others != live.others) {
    return absl::InternalError("proof: the plan touches another cluster");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ProveBy(absl::Span<const Slurmdbd> models,
                     const DatabaseState& live, const std::vector<Step>& steps,
                     const Tree& expected) {
  uint64_t history = 0;
  for (const Step& step : steps) {
    RETURN_IF_ERROR(ParseCommand(step.argv).status());
    history = Slurmdbd::History(history, step.argv);
  }
  for (const Slurmdbd& model : models) {
    if (model.history() != history) {
      return absl::InternalError(
          "proof: the steps are not what the model was told");
    }
    RETURN_IF_ERROR(EndsIn(model, live, expected));
  }
  return absl::OkStatus();
}

absl::Status ProveOn(Slurmdbd* model, const DatabaseState& live,
                     const std::vector<Step>& steps, const Tree& expected) {
  for (size_t i = 0; i < steps.size(); ++i) {
    ASSIGN_OR_RETURN(const Command command, ParseCommand(steps[i].argv));
    const Outcome outcome = model->Run(command);
    if (outcome.result != Outcome::Result::kDone) {
      return absl::InternalError(
          absl::StrCat("proof: step ", i + 1, " (", steps[i].why,
                       ") would not be done: ", outcome.reason));
    }
  }
  return EndsIn(*model, live, expected);
}

absl::Status ProveAnew(const std::vector<Behaviour>& behaviours,
                       const DatabaseState& live,
                       const std::vector<Step>& steps, const Tree& expected) {
  for (const Behaviour& behaviour : behaviours) {
    Slurmdbd model(behaviour, live);
    RETURN_IF_ERROR(ProveOn(&model, live, steps, expected));
  }
  return absl::OkStatus();
}

}  // namespace assocsync
