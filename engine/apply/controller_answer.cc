#include "engine/apply/controller_answer.h"

#include <utility>

#include "absl/time/clock.h"
#include "engine/live/live.h"

namespace assocsync {
namespace {

constexpr absl::Duration kAskAgainEvery = absl::Milliseconds(300);

}  // namespace

absl::string_view HasWord(ControllerAnswer::Has has) {
  constexpr absl::string_view kWords[] = {"unknown", "same", "other"};
  return kWords[static_cast<int>(has)];
}

absl::string_view ControllerRemedy(const Release& release) {
  const absl::StatusOr<Behaviour> behaviour = BehaviourOf(release);
  return behaviour.ok() && behaviour->reconfigure_reads_tree
             ? "scontrol reconfigure"
             : "a restart of slurmctld";
}

ControllerAnswer AskController(LiveSource& live, const DatabaseState& state,
                               absl::Duration patience,
                               const std::atomic<bool>* stop) {
  using Has = ControllerAnswer::Has;
  for (absl::Duration waited;; waited += kAskAgainEvery) {
    auto differs = live.DiffersInController(state);
    if (!differs.ok()) {
      return {Has::kUnknown, {std::string(differs.status().message())}};
    }
    if (differs->empty()) return {Has::kSame, {}};
    if (waited >= patience || (stop != nullptr && *stop)) {
      return {Has::kOther, *std::move(differs)};
    }
    absl::SleepFor(kAskAgainEvery);
  }
}

}  // namespace assocsync
