// plan.schema.json holds for what PlanToJson makes. A validator of the few
// words of JSON Schema that the schema uses; a word that it does not know is a
// failure, so none goes unchecked.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "engine/apply/apply.h"
#include "engine/render/json.h"
#include "engine/render/log.h"
#include "tests/unit/render/sample_plan.h"

namespace assocsync::schema_test {

using nlohmann::json;

class Validator {
 public:
  explicit Validator(const json& schema) : root_(schema) {}

  // Empty: `value` is as `schema` says; otherwise what is wrong, and where.
  std::string Check(const json& schema, const json& value,
                    const std::string& at) const {
    for (const auto& [word, rule] : schema.items()) {
      const std::string wrong = CheckWord(schema, word, rule, value, at);
      if (!wrong.empty()) return wrong;
    }
    return "";
  }

 private:
  std::string CheckWord(const json& schema, const std::string& word,
                        const json& rule, const json& value,
                        const std::string& at) const {
    static const auto* const kIgnored = new std::set<std::string>{
        "$schema", "title", "description", "$defs", "pattern"};
    if (kIgnored->count(word) > 0) return "";
    const auto fail = [&] { return absl::StrCat(at, ": ", word); };
    if (word == "$ref") {
      const std::string pointer = rule.get<std::string>().substr(1);
      return Check(root_.at(json::json_pointer(pointer)), value, at);
    }
    if (word == "type") return IsType(rule, value) ? "" : fail();
    if (word == "const") return value == rule ? "" : fail();
    if (word == "enum") {
      for (const json& one : rule) {
        if (one == value) return "";
      }
      return fail();
    }
    if (word == "minimum" || word == "maximum") {
      const int64_t n = value.get<int64_t>();
      const int64_t limit = rule.get<int64_t>();
      return (word == "minimum" ? n >= limit : n <= limit) ? "" : fail();
    }
    if (word == "anyOf") {
      for (const json& one : rule) {
        if (Check(one, value, at).empty()) return "";
      }
      return fail();
    }
    if (!value.is_object() && !value.is_array()) return fail();
    if (word == "required") {
      for (const json& key : rule) {
        if (!value.contains(key.get<std::string>())) return fail();
      }
      return "";
    }
    if (word == "additionalProperties") {
      for (const auto& [key, unused] : value.items()) {
        if (!schema.at("properties").contains(key)) {
          return absl::StrCat(at, ": unknown ", key);
        }
      }
      return "";
    }
    if (word == "properties") {
      for (const auto& [key, one] : rule.items()) {
        if (!value.contains(key)) continue;
        std::string wrong = Check(one, value.at(key), at + "." + key);
        if (!wrong.empty()) return wrong;
      }
      return "";
    }
    if (word == "items") {
      for (size_t i = 0; i < value.size(); ++i) {
        std::string wrong =
            Check(rule, value[i], absl::StrCat(at, "[", i, "]"));
        if (!wrong.empty()) return wrong;
      }
      return "";
    }
    return absl::StrCat("the schema uses '", word, "'");
  }

  static bool IsType(const std::string& type, const json& value) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    if (type == "boolean") return value.is_boolean();
    return type == "null" && value.is_null();
  }

  const json& root_;
};

TEST(PlanSchemaTest, HoldsForPlans) {
  std::ifstream in(ASSOCSYNC_SOURCE_DIR "/engine/render/plan.schema.json");
  const json schema = json::parse(in);
  SavedPlan saved;
  saved.plan = SamplePlan();
  saved.target_text = "\xff";
  json plan = json::parse(PlanToJson(saved));
  const Validator validator(schema);
  EXPECT_EQ(validator.Check(schema, plan, "plan"), "");
  SavedPlan merged = saved;
  merged.options.base_name = "base.cfg";
  merged.options.merge.prefer_row["a"] = Side::kLive;
  const json with_merge = json::parse(PlanToJson(merged));
  EXPECT_EQ(with_merge.at("merge").at("prefer_rows").size(), 1u);
  EXPECT_EQ(validator.Check(schema, with_merge, "plan"), "");
  Evidence evidence;
  evidence[{Change::What::kUser, {}}].row =
      Witness{Witness::Deed::kDeleted, "\xff", 1, 2, ""};
  evidence[{Change::What::kUser, {}}].fields = {{Key::kAdminLevel, Witness()}};
  const json with = json::parse(PlanToJson(saved, &evidence));
  EXPECT_EQ(with.at("evidence").size(), 2u);
  EXPECT_EQ(validator.Check(schema, with, "plan"), "");

  plan["steps"][0]["shell"] = "rm";
  EXPECT_EQ(validator.Check(schema, plan, "plan"),
            "plan.steps[0]: unknown shell");
  plan["steps"][0] = 1;
  EXPECT_NE(validator.Check(schema, plan, "plan"), "");
}

TEST(ApplySchemaTest, HoldsForReports) {
  std::ifstream in(ASSOCSYNC_SOURCE_DIR "/engine/render/apply.schema.json");
  const json schema = json::parse(in);
  const Validator validator(schema);
  SavedPlan saved;
  saved.plan = SamplePlan();
  saved.plan.release = {2411, 5};
  ApplyReport report;
  report.outcome = ApplyReport::Outcome::kRefused;
  const json refused = json::parse(ApplyToJson(report, saved));
  EXPECT_EQ(validator.Check(schema, refused, "report"), "");
  EXPECT_EQ(refused.at("event"), "end");
  EXPECT_EQ(refused.at("plan"), json::parse(PlanToJson(saved)));
  EXPECT_TRUE(refused.at("run_dir").is_null());

  report.outcome = ApplyReport::Outcome::kVerified;
  report.run_dir = "/var/lib/\xff";
  report.steps.resize(2);
  report.steps[0].outcome = StepResult::Outcome::kRefusedButDone;
  report.steps[0].words = "\xe2\x80\xae is shown";
  report.controller = {ControllerAnswer::Has::kOther, {"hep: MaxJobs"}};
  const std::string text = ApplyToJson(report, saved);
  EXPECT_EQ(text.find("\xe2"), std::string::npos);
  // Each is one line.
  std::string all = text;
  const absl::Time time = absl::FromUnixSeconds(1'800'000'000);
  absl::StrAppend(&all, ApplyBeginJson(saved, time));
  for (const auto what :
       {ApplyProgress::What::kReading, ApplyProgress::What::kDumping,
        ApplyProgress::What::kVerifying}) {
    absl::StrAppend(&all, ApplyPhaseJson(what, time));
  }
  EXPECT_EQ(ApplyPhaseJson(ApplyProgress::What::kStepping, time), "");
  Step step;
  step.why = "\xff";
  absl::StrAppend(&all, ApplyStepJson(1, step, nullptr, time),
                  ApplyStepJson(1, step, &report.steps[0], time));
  int lines = 0;
  std::istringstream in_lines(all);
  for (std::string line; std::getline(in_lines, line); ++lines) {
    EXPECT_EQ(validator.Check(schema, json::parse(line), "event"), "") << line;
  }
  EXPECT_EQ(lines, 7);
  EXPECT_NE(validator.Check(schema, json::parse("{\"event\":\"x\"}"), "event"),
            "");
  const json verified = json::parse(text);
  EXPECT_EQ(validator.Check(schema, verified, "report"), "");
  EXPECT_EQ(verified.at("done"), 1);
  EXPECT_EQ(verified.at("steps").at(1).at("step"), 2);
  EXPECT_EQ(verified.at("controller").at("remedy"), "scontrol reconfigure");
  saved.plan.release = {2205, 8};
  EXPECT_EQ(json::parse(ApplyToJson(report, saved))["controller"]["remedy"],
            "a restart of slurmctld");
}

TEST(LogSchemaTest, HoldsForLogs) {
  std::ifstream in(ASSOCSYNC_SOURCE_DIR "/engine/render/log.schema.json");
  const json schema = json::parse(in);
  const Validator validator(schema);
  std::string text = LogJsonBegin(std::nullopt);
  bool first = true;
  for (const auto& [action, name, info] :
       {std::tuple(1429, "id_assoc=3", "max_jobs=NULL, qos=f()"),
        std::tuple(1429, "(id", "grp_tres = if (id_assoc=3, '1=2', grp_tres)"),
        std::tuple(1436, "(user='u')", "NULL"),
        std::tuple(1452, "id_wckey=1", "user='u', wckey_name='\xff'"),
        std::tuple(1402, "a", "'"), std::tuple(1499, "", "")}) {
    TransactionRow row;
    row.action = action;
    row.name = name;
    row.info = info;
    text += LogJsonEntry(ReadTransaction(std::move(row)), first);
    first = false;
  }
  json log = json::parse(text + LogJsonEnd());
  EXPECT_EQ(validator.Check(schema, log, "log"), "");
  log["transactions"][0]["password"] = "x";
  EXPECT_EQ(validator.Check(schema, log, "log"),
            "log.transactions[0]: unknown password");
}

}  // namespace assocsync::schema_test
