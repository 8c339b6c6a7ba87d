// The formats of a check's report that are JSON.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/escape.h"
#include "engine/base/hash.h"
#include "engine/render/check_report.h"
#include "engine/render/escape.h"
#include "engine/render/json_text.h"

namespace assocsync {
namespace {

using Json = nlohmann::ordered_json;

std::string Word(absl::string_view text) { return std::string(text); }

// How many characters the UTF-8 text has.
size_t Characters(absl::string_view text) {
  return static_cast<size_t>(absl::c_count_if(text, [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

// The text itself where it is UTF-8, else Escaped: for JSON, which holds
// nothing else.
std::string Utf8(absl::string_view text) {
  return IsUtf8(text) ? std::string(text) : Escaped(text);
}

// One 64-bit number in hex for each finding: the same for the same finding
// wherever in the file it stands, different for two findings of one report.
std::vector<std::string> CheckFingerprints(const CheckReport& report) {
  std::map<std::string, int> seen;
  std::vector<std::string> out;
  for (const CheckFinding& finding : report.findings) {
    Hash hash;
    hash.Add(report.name);
    hash.Add(CodeName(finding.code));
    hash.Add(finding.row.view());
    hash.Add(finding.message);
    // Twins are told apart by their order.
    const int twin = seen[hash.Hex()]++;
    if (twin > 0) hash.Add(absl::StrCat(twin));
    out.push_back(hash.Hex());
  }
  return out;
}

// A relative URI reference.
std::string Uri(absl::string_view path) {
  std::string out;
  for (const char c : path) {
    if (absl::ascii_isalnum(c) || c == '/' || c == '.' || c == '-' ||
        c == '_' || c == '~') {
      out.push_back(c);
    } else {
      absl::StrAppendFormat(&out, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return out;
}

// Columns of SARIF count characters, those of reports bytes.
int CharacterColumn(const CheckFinding& finding) {
  const size_t bytes = static_cast<size_t>(std::max(finding.at.column, 1)) - 1;
  const absl::string_view before = finding.text.substr(0, bytes);
  return 1 + static_cast<int>(Characters(before));
}

Json SarifRule(const FindingRow& rule) {
  return {
      {"id", Word(rule.code_name)},
      {"name", Word(rule.name)},
      {"shortDescription", {{"text", Word(rule.title)}}},
      {"fullDescription", {{"text", Word(rule.help)}}},
      {"help", {{"text", Word(rule.help)}}},
      {"defaultConfiguration", {{"level", Word(SeverityName(rule.severity))}}}};
}

Json SarifResult(const CheckReport& report, const CheckFinding& finding,
                 const std::string& fingerprint) {
  std::string message = finding.SubjectAndMessage();
  if (!finding.fix.empty())
    absl::StrAppend(&message, " (", finding.fix.view(), ")");
  const FindingRow& rule = RowOf(finding.code);
  const TextFiles::Line at = report.LineOf(finding);
  Json result = {
      {"ruleId", Word(rule.code_name)},
      {"ruleIndex", &rule - AllRules().data()},
      {"level", Word(SeverityName(finding.severity))},
      {"message", {{"text", Utf8(message)}}},
      {"locations",
       Json::array({{{"physicalLocation",
                      {{"artifactLocation", {{"uri", Uri(at.name)}}},
                       {"region",
                        {{"startLine", at.line},
                         {"startColumn", CharacterColumn(finding)}}}}}}})},
      {"partialFingerprints", {{"assocsync/v1", fingerprint}}}};
  if (finding.lifted()) {
    const bool in_source = finding.lift == CheckFinding::Lift::kComment;
    result["suppressions"] =
        Json::array({{{"kind", in_source ? "inSource" : "external"},
                      {"justification", Utf8(finding.LiftedBy())}}});
  }
  return result;
}

}  // namespace

std::string RenderCheckJson(const CheckReport& report) {
  Json findings = Json::array();
  for (const CheckFinding& finding : report.findings) {
    Json related = Json::array();
    for (const std::string& row : finding.related) {
      related.push_back(Utf8(row));
    }
    const TextFiles::Line at = report.LineOf(finding);
    findings.push_back(
        {{"code", Word(CodeName(finding.code))},
         {"rule", Word(RowOf(finding.code).name)},
         {"severity", Word(SeverityName(finding.severity))},
         {"line", at.line},
         {"column", finding.at.column},
         {"row", Utf8(finding.row.view())},
         {"message", Utf8(finding.message)},
         {"fix", Utf8(finding.fix.view())},
         {"related", std::move(related)},
         {"lifted_by",
          finding.lifted() ? Json(Utf8(finding.LiftedBy())) : Json(nullptr)}});
    if (!report.files.files.empty()) findings.back()["file"] = Utf8(at.name);
  }
  const bool has_base = !report.base_name.empty();
  return JsonDocument(
      {{"format_version", kCheckFormatVersion},
       {"file", Utf8(report.name)},
       {"base", has_base ? Json(Utf8(report.base_name)) : Json(nullptr)},
       {"cluster",
        report.cluster.empty() ? Json(nullptr) : Json(Utf8(report.cluster))},
       {"size",
        {{"accounts", report.size.accounts},
         {"users", report.size.users},
         {"associations", report.size.associations}}},
       {"changes", has_base ? Json{{"add", report.changes.added},
                                   {"modify", report.changes.changed},
                                   {"move", report.changes.moved},
                                   {"delete", report.changes.removed}}
                            : Json(nullptr)},
       {"passed", report.passed()},
       {"fail_on", Word(SeverityName(report.fail_on))},
       {"errors", report.Count(Severity::kError)},
       {"warnings", report.Count(Severity::kWarning)},
       {"notes", report.Count(Severity::kNote)},
       {"findings", std::move(findings)}});
}

std::string RenderCheckGitlab(const CheckReport& report) {
  const std::vector<std::string> fingerprints = CheckFingerprints(report);
  Json out = Json::array();
  for (size_t i = 0; i < report.findings.size(); ++i) {
    const CheckFinding& finding = report.findings[i];
    if (finding.lifted()) continue;
    const char* const severity = finding.severity == Severity::kError ? "major"
                                 : finding.severity == Severity::kWarning
                                     ? "minor"
                                     : "info";
    const TextFiles::Line at = report.LineOf(finding);
    out.push_back(
        {{"description", Utf8(absl::StrCat(CodeName(finding.code), " ",
                                           finding.SubjectAndMessage()))},
         {"check_name", Word(CodeName(finding.code))},
         {"fingerprint", fingerprints[i]},
         {"severity", severity},
         {"location",
          {{"path", Utf8(at.name)}, {"lines", {{"begin", at.line}}}}}});
  }
  return JsonDocument(out);
}

std::string RenderCheckSarif(const CheckReport& report,
                             absl::string_view version) {
  Json rules = Json::array();
  for (const FindingRow& rule : AllRules()) rules.push_back(SarifRule(rule));
  const std::vector<std::string> fingerprints = CheckFingerprints(report);
  Json results = Json::array();
  for (size_t i = 0; i < report.findings.size(); ++i) {
    results.push_back(SarifResult(report, report.findings[i], fingerprints[i]));
  }
  return JsonDocument(
      {{"version", "2.1.0"},
       {"runs", Json::array({{{"tool",
                               {{"driver",
                                 {{"name", "assocsync"},
                                  {"version", Word(version)},
                                  {"rules", std::move(rules)}}}}},
                              {"columnKind", "unicodeCodePoints"},
                              {"results", std::move(results)}}})}});
}

}  // namespace assocsync
