// The JSON half of apply.h.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "engine/apply/apply.h"
#include "engine/render/json.h"
#include "engine/render/json_text.h"

namespace assocsync {
namespace {

using Json = nlohmann::ordered_json;

Json NewEvent(absl::string_view event, absl::Time time) {
  return {{"event", std::string(event)},
          {"time", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time,
                                    absl::UTCTimeZone())}};
}

std::string Line(const Json& json) { return JsonDocument(json, -1); }

Json ResultJson(size_t number, const StepResult& result) {
  return {{"step", number},
          {"result", std::string(OutcomeWord(result.outcome))},
          {"seen", result.seen},
          {"shown", JsonText(result.shown)},
          {"exit", result.exit_code.has_value() ? Json(*result.exit_code)
                                                : Json(nullptr)},
          {"output", JsonText(result.words)}};
}

}  // namespace

std::string ApplyBeginJson(const SavedPlan& saved, absl::Time time) {
  Json json = NewEvent("begin", time);
  json["format_version"] = kApplyFormatVersion;
  json["cluster"] = JsonText(saved.plan.cluster.view());
  json["planned"] = saved.plan.steps.size();
  return Line(json);
}

std::string ApplyPhaseJson(ApplyProgress::What what, absl::Time time) {
  switch (what) {
    case ApplyProgress::What::kReading:
      return Line(NewEvent("read", time));
    case ApplyProgress::What::kDumping:
      return Line(NewEvent("dump", time));
    case ApplyProgress::What::kVerifying:
      return Line(NewEvent("verify", time));
    case ApplyProgress::What::kStepping:
      break;
  }
  return "";
}

std::string ApplyStepJson(size_t number, const Step& step,
                          const StepResult* result, absl::Time time) {
  Json json = NewEvent(result == nullptr ? "step" : "step done", time);
  if (result != nullptr) {
    json.update(ResultJson(number, *result));
  } else {
    json["step"] = number;
    json["why"] = JsonText(step.why);
  }
  return Line(json);
}

std::string ApplyToJson(const ApplyReport& report, const SavedPlan& saved) {
  Json steps = Json::array();
  for (const StepResult& result : report.steps) {
    steps.push_back(ResultJson(steps.size() + 1, result));
  }
  using Has = ControllerAnswer::Has;
  const bool other = report.controller.has == Has::kOther;
  std::string text =
      Line({{"event", "end"},
            {"format_version", kApplyFormatVersion},
            {"cluster", JsonText(saved.plan.cluster.view())},
            {"outcome", std::string(RunWord(report.outcome))},
            {"interrupted", report.interrupted},
            {"planned", saved.plan.steps.size()},
            {"done", report.done()},
            {"loads", report.loads},
            {"loaded", report.loaded},
            {"steps", std::move(steps)},
            {"problems", JsonTexts(report.problems)},
            {"controller",
             {{"tree", std::string(HasWord(report.controller.has))},
              {"words", JsonTexts(report.controller.words)},
              {"remedy",
               other ? Json(std::string(ControllerRemedy(saved.plan.release)))
                     : Json(nullptr)}}},
            {"run_dir",
             report.run_dir.empty() ? Json(nullptr) : JsonText(report.run_dir)},
            {"seconds",
             {{"dump", absl::ToDoubleSeconds(report.dump_time)},
              {"commands", absl::ToDoubleSeconds(report.step_time)}}}});
  // The plan is large and was written once already: it is put in as it is. In
  // JSON a newline never stands in a text.
  text.resize(text.size() - 2);  // "}\n"
  absl::StrAppend(&text, ",\"plan\":",
                  absl::StrReplaceAll(PlanToJson(saved), {{"\n", ""}}), "}\n");
  return text;
}

}  // namespace assocsync
