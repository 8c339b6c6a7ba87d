// Laws 2 and 3 of engine/README.md on any two or three trees: a plan proves
// itself, comes out the same twice, is shown safely, and is saved and read
// back.
// Input: live, %%, target, %%, base (may be missing).
#include <string>
#include <vector>

#include "engine/cfg/parse.h"
#include "engine/live/state_from_tree.h"
#include "engine/plan/plan.h"
#include "engine/render/escape.h"
#include "engine/render/html.h"
#include "engine/render/json.h"
#include "engine/render/markdown.h"
#include "engine/render/sh.h"
#include "engine/render/text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/rendered.h"

namespace assocsync {
namespace {

void CheckPlan(const DatabaseState& live, const Plan& plan,
               const PlanOptions& options) {
  ShowOptions text_options;
  text_options.verbose = true;
  fuzz::CheckShown(RenderText(plan, text_options));
  const auto markdown = RenderMarkdown(plan);
  if (markdown.ok()) fuzz::CheckShown(*markdown);
  fuzz::CheckShown(RenderSh(plan));
  FUZZ_LAW(IsUtf8(RenderHtml(plan, live.tree)), "");
  SavedPlan saved;
  saved.plan = plan;
  saved.options = options;
  const std::string text = PlanToJson(saved);
  fuzz::CheckShown(text);
  const auto read = PlanFromJson(text);
  FUZZ_LAW(read.ok(), read.status().message());
  saved.plan.expected = Tree();
  saved.expected_fingerprint = Fingerprint(plan.expected);
  FUZZ_LAW(*read == saved, text);
}

}  // namespace
}  // namespace assocsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assocsync;  // NOLINT
  const auto parts = fuzz::Parts(fuzz::Text(data, size), 3);
  const ParseResult live = Parse(parts[0]);
  const ParseResult target = Parse(parts[1], {.written = Written::kTell});
  const ParseResult base = Parse(parts[2], {.written = Written::kTell});
  if (!live.errors.empty() || !target.errors.empty()) return 0;
  const bool merge = !parts[2].empty() && base.errors.empty();

  const auto table = BehaviourTable();
  PlanOptions options;
  options.release = table[size % table.size()].since;
  options.max_delete = 100;
  if (merge) options.base_name = "base";
  const DatabaseState state = StateFromTree(live.tree);
  const auto make = [&] {
    return MakePlan(
        {state, target.tree, options, merge ? &base.tree : nullptr});
  };
  const absl::StatusOr<Plan> plan = make();
  if (!plan.ok()) {
    FUZZ_LAW(plan.status().code() == absl::StatusCode::kInvalidArgument,
             plan.status().message());
    return 0;
  }
  FUZZ_LAW(*make() == *plan, "");
  CheckPlan(state, *plan, options);
  return 0;
}
