#include "engine/apply/controller_answer.h"

#include <utility>

#include "absl/time/clock.h"

namespace assocsync {
namespace {

constexpr absl::Duration kAskAgainEvery = absl::Milliseconds(300);

}  // namespace

ControllerAnswer AskController(LiveSource& live, const World& world,
                               absl::Duration patience,
                               const std::atomic<bool>* stop) {
  using Has = ControllerAnswer::Has;
  for (absl::Duration waited;; waited += kAskAgainEvery) {
    auto differs = live.DiffersInController(world);
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
