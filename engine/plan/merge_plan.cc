#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/diff/merge.h"
#include "engine/model/finding.h"
#include "engine/plan/by_hand.h"
#include "engine/plan/expected.h"

namespace assocsync {
namespace {

std::vector<Finding> FindingsOf(const Merge& merge) {
  std::vector<std::string> open, for_target, for_live, drift, both;
  for (const Difference& d : merge.conflicts) {
    (!d.taken.has_value()        ? open
     : *d.taken == Side::kTarget ? for_target
                                 : for_live)
        .push_back(d.ToString());
  }
  for (const Difference& d : merge.drift) drift.push_back(d.ToString());
  for (const Difference& d : merge.both) both.push_back(d.ToString());
  std::vector<Finding> findings;
  const auto tell = [&](Finding finding) {
    AddIfAny(std::move(finding), &findings);
  };
  Finding undecided = MakeFinding(
      kConflict,
      "the proposal and live changed the same since the base, differently",
      std::move(open));
  undecided.lifted_by =
      "--prefer target, --prefer live, or --prefer ROW=target|live";
  tell(std::move(undecided));
  tell(MakeFinding(kConflict, Severity::kWarning,
                   "conflicts decided for the proposal (--prefer)",
                   std::move(for_target)));
  tell(MakeFinding(kConflict, Severity::kWarning,
                   "conflicts decided for live (--prefer)",
                   std::move(for_live)));
  tell(MakeFinding(kUnusedPreference,
                   "--prefer names rows about which there is no conflict",
                   merge.unused_preferences));
  tell(MakeFinding(kDrift, "live changed since the base; kept",
                   std::move(drift)));
  tell(MakeFinding(kBothChanged,
                   "the proposal and live made the same change; nothing to do",
                   std::move(both)));
  return findings;
}

}  // namespace

absl::StatusOr<Tree> MergedTarget(const PlanInput& input,
                                  std::vector<Finding>* notes) {
  const DatabaseState& live = input.live;
  const Tree& target = input.target;
  const Tree& base = *input.base;
  const PlanOptions& options = input.options;
  if (base.cluster != target.cluster) {
    return absl::InvalidArgumentError(absl::StrCat(
        options.base_name, " is of cluster '", base.cluster.view(), "', ",
        options.target_name, " of '", target.cluster.view(), "'"));
  }
  const std::vector<std::string> wrong = Illegalities(base);
  if (!wrong.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.base_name, ": ", wrong[0]));
  }
  ASSIGN_OR_RETURN(const Behaviour behaviour, BehaviourOf(options.release));
  // What a proposal by hand does not say, it has not changed since its base; of
  // a base by hand that is what live has.
  std::optional<Tree> whole_base, whole_target;
  if (base.authorship.by_hand) {
    whole_base = WithUnsaid(live.tree, live, base, behaviour, nullptr);
  }
  const Tree& since = whole_base.has_value() ? *whole_base : base;
  if (target.authorship.by_hand) {
    whole_target = WithUnsaid(since, live, target, behaviour, notes);
  }
  const Tree& proposal = whole_target.has_value() ? *whole_target : target;
  // What is wrong with the others, the guards say.
  if (!Illegalities(proposal).empty() || !Illegalities(live.tree).empty()) {
    return proposal;
  }
  ASSIGN_OR_RETURN(Merge merge,
                   MergeTrees(since, live.tree, proposal, options.merge));
  const std::vector<Finding> told = FindingsOf(merge);
  notes->insert(notes->end(), told.begin(), told.end());
  return std::move(merge.tree);
}

}  // namespace assocsync
