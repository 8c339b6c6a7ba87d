#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "engine/apply/apply.h"
#include "engine/render/json.h"
#include "engine/render/json_text.h"

namespace assocsync {
std::string ApplyToJson(const ApplyReport& report, const SavedPlan& saved) {
  using Json = nlohmann::ordered_json;
  Json steps = Json::array();
  for (const StepResult& result : report.steps) {
    steps.push_back(
        {{"step", steps.size() + 1},
         {"result", std::string(OutcomeWord(result.outcome))},
         {"seen", result.seen},
         {"shown", JsonText(result.shown)},
         {"exit", result.exit_code.has_value() ? Json(*result.exit_code)
                                               : Json(nullptr)},
         {"output", JsonText(result.words)}});
  }
  using Has = ControllerAnswer::Has;
  const bool other = report.controller.has == Has::kOther;
  const Json document = {
      {"format_version", kApplyFormatVersion},
      {"cluster", JsonText(saved.plan.cluster.view())},
      {"outcome", std::string(RunWord(report.outcome))},
      {"interrupted", report.interrupted},
      {"planned", saved.plan.steps.size()},
      {"done", report.done()},
      {"steps", std::move(steps)},
      {"problems", JsonTexts(report.problems)},
      {"controller",
       {{"tree", std::string(HasWord(report.controller.has))},
        {"words", JsonTexts(report.controller.words)},
        {"remedy", other
                       ? Json(std::string(ControllerRemedy(saved.plan.release)))
                       : Json(nullptr)}}},
      {"run_dir",
       report.run_dir.empty() ? Json(nullptr) : JsonText(report.run_dir)},
      {"seconds",
       {{"dump", absl::ToDoubleSeconds(report.dump_time)},
        {"commands", absl::ToDoubleSeconds(report.step_time)}}}};
  std::string text = JsonDocument(document);
  // The plan is large and was written once already: it is put in as it is.
  text.resize(text.size() - 3);  // "\n}\n"
  absl::StrAppend(&text,
                  ",\n \"plan\": ", absl::StripSuffix(PlanToJson(saved), "\n"),
                  "\n}\n");
  return text;
}

}  // namespace assocsync
