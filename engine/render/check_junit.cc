#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/base/counted.h"
#include "engine/render/check_report.h"
#include "engine/render/escape.h"

namespace assocsync {
namespace {

// For texts and attributes alike. Escaped leaves no control characters, of
// which XML knows no way to write most.
std::string Xml(absl::string_view text) {
  return absl::StrReplaceAll(
      Escaped(text),
      {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

std::string Lines(const CheckReport& report,
                  const std::vector<const CheckFinding*>& findings) {
  std::string out;
  for (const CheckFinding* const finding : findings) {
    const TextFiles::Line at = report.LineOf(*finding);
    absl::StrAppend(&out, Xml(at.name), ":", at.line, ":", finding->at.column,
                    ": ", SeverityName(finding->severity), ": ",
                    Xml(finding->SubjectAndMessage()));
    if (finding->lifted()) {
      absl::StrAppend(&out, " [lifted by ", Xml(finding->LiftedBy()), "]");
    }
    out.push_back('\n');
  }
  return out;
}

}  // namespace

std::string RenderCheckJunit(const CheckReport& report) {
  std::string cases;
  size_t failures = 0;
  for (const FindingRow& rule : AllRules()) {
    std::vector<const CheckFinding*> bad, other;
    for (const CheckFinding& finding : report.findings) {
      if (finding.code != rule.code) continue;
      const bool fails =
          finding.severity >= report.fail_on && !finding.lifted();
      (fails ? bad : other).push_back(&finding);
    }
    absl::StrAppend(&cases, "    <testcase classname=\"", Xml(report.name),
                    "\" name=\"", rule.code_name, " ", Xml(rule.title),
                    "\" time=\"0\">\n");
    if (!bad.empty()) {
      ++failures;
      absl::StrAppend(&cases, "      <failure type=\"", rule.name,
                      "\" message=\"", Counted(bad.size(), "finding"), "\">",
                      Lines(report, bad), "</failure>\n");
    }
    if (!other.empty()) {
      absl::StrAppend(&cases, "      <system-out>", Lines(report, other),
                      "</system-out>\n");
    }
    absl::StrAppend(&cases, "    </testcase>\n");
  }
  const std::string counts =
      absl::StrCat("tests=\"", AllRules().size(), "\" failures=\"", failures,
                   "\" errors=\"0\" time=\"0\"");
  return absl::StrCat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
                      "<testsuites ", counts, ">\n  <testsuite ",
                      "name=\"assocsync check\" skipped=\"0\" ", counts, ">\n",
                      cases, "  </testsuite>\n</testsuites>\n");
}

}  // namespace assocsync
