#include "engine/render/json.h"

#include <nlohmann/json.hpp>

#include "engine/model/value.h"
#include "engine/plan/skip.h"
#include "engine/render/escape.h"
#include "engine/render/json_text.h"
#include "engine/render/json_words.h"
#include "engine/render/log.h"
#include "engine/render/outline.h"
#include "engine/render/shown.h"

namespace assocsync {
namespace {

using Json = nlohmann::ordered_json;

Json Value(const std::optional<Name>& value) {
  return value.has_value() ? JsonText(value->view()) : Json(nullptr);
}

// What a change is about. A QOS is none of the accounts, whatever its name; the
// cluster is the plan's.
void AddRow(Change::What what, const AssocKey& row, Json* out) {
  const bool qos = what == Change::What::kQos;
  const bool account = !qos && what != Change::What::kCluster;
  (*out)["qos"] = JsonText(qos ? row.account.view() : "");
  (*out)["account"] = JsonText(account ? row.account.view() : "");
  (*out)["user"] = JsonText(row.user.view());
  (*out)["partition"] = JsonText(row.partition.view());
}

Json ToJson(const Change& change) {
  Json fields = Json::array();
  for (const FieldChange& field : change.fields) {
    fields.push_back({{"key", std::string(Info(field.key).name)},
                      {"from", Value(field.from)},
                      {"to", Value(field.to)}});
  }
  Json out = {{"what", WordOf(kWhats, change.what)},
              {"how", change.moves() ? std::string(kMoveWord)
                                     : WordOf(kHows, change.how)}};
  AddRow(change.what, change.row, &out);
  out["parent_from"] = JsonText(change.parent_from.view());
  out["parent_to"] = JsonText(change.parent_to.view());
  out["line"] = change.line;
  out["fields"] = std::move(fields);
  out["reaches"] = JsonTexts(Elements(change.reaches.view()));
  return out;
}

Json ToJson(const Step& step) {
  return {{"phase", WordOf(kPhases, step.phase)},
          {"deletes", step.deletes},
          {"argv", JsonTexts(step.argv)},
          {"why", JsonText(step.why)}};
}

Json ToJson(const Finding& finding) {
  return {{"code", JsonText(CodeName(finding.code))},
          {"severity", WordOf(kSeverities, finding.severity)},
          {"message", JsonText(finding.message)},
          {"rows", JsonTexts(finding.rows)},
          {"lifted_by", JsonText(finding.lifted_by)},
          {"lifted", finding.lifted},
          {"skipped_by", JsonText(SkippedBy(finding))}};
}

Json ToJson(const ChangeId& id) {
  Json out = {{"what", WordOf(kWhats, id.what)}};
  AddRow(id.what, id.row, &out);
  return out;
}

Json ToJson(const PlanOptions& options) {
  Json json = {{"caller", JsonText(options.caller)},
               {"max_delete", options.max_delete},
               {"max_delete_is_count", options.max_delete_is_count},
               {"as_cluster", options.as_cluster},
               {"keep_shared", options.keep_shared},
               {"allow", JsonTexts(options.allow)},
               {"skip", JsonTexts(options.skip)},
               {"only", JsonTexts(options.only)},
               {"except", JsonTexts(options.except)},
               {"changes", JsonTexts(options.changes)}};
  for (const ChangeId& id : options.pick) json["pick"].push_back(ToJson(id));
  return json;
}

Json ToJson(const ChangeId& id, absl::string_view field,
            const Witness& witness) {
  const bool known = witness.deed != Witness::Deed::kUnknown;
  Json out = ToJson(id);
  out["key"] = field.empty() ? Json(nullptr) : Json(std::string(field));
  out["deed"] = std::string(DeedWord(witness.deed));
  out["actor"] = known ? JsonText(witness.actor) : Json(nullptr);
  out["time"] = known ? Json(UtcTime(witness.time)) : Json(nullptr);
  out["transaction"] = known ? Json(witness.transaction) : Json(nullptr);
  out["note"] = JsonText(witness.note);
  return out;
}

Json ToJson(const Evidence& evidence) {
  Json out = Json::array();
  for (const auto& [id, about] : evidence) {
    if (about.row.has_value()) out.push_back(ToJson(id, "", *about.row));
    for (const auto& [key, witness] : about.fields) {
      out.push_back(ToJson(id, Info(key).name, witness));
    }
  }
  return out;
}

Json SideWord(const std::optional<Side>& side) {
  return side.has_value() ? Json(WordOf(kSides, *side)) : Json(nullptr);
}

Json MergeJson(const SavedPlan& saved) {
  Json rows = Json::array();
  for (const auto& [row, side] : saved.options.merge.prefer_row) {
    rows.push_back({{"row", JsonText(row)}, {"side", SideWord(side)}});
  }
  return {{"base",
           {{"name", JsonText(saved.options.base_name)},
            {"fingerprint", JsonText(saved.plan.base_fingerprint)}}},
          {"prefer", SideWord(saved.options.merge.prefer)},
          {"prefer_rows", std::move(rows)},
          {"base_text", JsonText(saved.base_text)}};
}

template <typename T>
Json Array(const std::vector<T>& values) {
  Json out = Json::array();
  for (const T& value : values) out.push_back(ToJson(value));
  return out;
}

Json CountsJson(const Counts& n) {
  return {{"add", n.add},
          {"modify", n.change},
          {"move", n.move},
          {"delete", n.remove},
          {"commands", n.commands}};
}

Json ToJson(const SavedPlan& saved) {
  const Plan& plan = saved.plan;
  const std::string expected = saved.expected_fingerprint.empty()
                                   ? Fingerprint(plan.expected)
                                   : saved.expected_fingerprint;
  Json document = {{"format_version", kPlanFormatVersion},
                   {"cluster", JsonText(plan.cluster.view())},
                   {"release", plan.release.ToString()},
                   {"live",
                    {{"name", JsonText(saved.live_name)},
                     {"fingerprint", JsonText(plan.live_fingerprint)}}},
                   {"target",
                    {{"name", JsonText(saved.options.target_name)},
                     {"fingerprint", JsonText(plan.target_fingerprint)},
                     {"by_hand", plan.target_by_hand}}},
                   {"expected", {{"fingerprint", JsonText(expected)}}},
                   {"applicable", plan.applicable()},
                   {"counts", CountsJson(CountsOf(Outline(plan), plan))},
                   {"estimated_seconds", absl::ToInt64Seconds(plan.estimate)},
                   {"loaded_commands", plan.loaded},
                   {"findings", Array(plan.findings)},
                   {"changes", Array(plan.changes)},
                   {"steps", Array(plan.steps)},
                   {"options", ToJson(saved.options)},
                   {"target_text", JsonText(saved.target_text)}};
  if (saved.live_kind.has_value()) {
    document["live"]["kind"] = WordOf(kLiveKinds, *saved.live_kind);
  }
  if (!saved.options.base_name.empty()) document["merge"] = MergeJson(saved);
  return document;
}

}  // namespace

std::string PlanToJson(const SavedPlan& saved, const Evidence* evidence) {
  Json document = ToJson(saved);
  if (evidence != nullptr) document["evidence"] = ToJson(*evidence);
  return JsonDocument(document);
}

std::string ClustersToJson(const ClustersPlan& whole,
                           const std::vector<SavedPlan>& parts) {
  Counts counts;
  int64_t seconds = 0;
  Json plans = Json::array();
  for (const SavedPlan& part : parts) {
    plans.push_back(ToJson(part));
    counts += CountsOf(Outline(part.plan), part.plan);
    seconds += absl::ToInt64Seconds(part.plan.estimate);
  }
  return JsonDocument({{"format_version", kPlanFormatVersion},
                       {"applicable", whole.applicable()},
                       {"counts", CountsJson(counts)},
                       {"estimated_seconds", seconds},
                       {"findings", Array(whole.findings)},
                       {"clusters", std::move(plans)}});
}

}  // namespace assocsync
