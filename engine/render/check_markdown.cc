#include <set>

#include "absl/strings/str_cat.h"
#include "engine/render/check_report.h"
#include "engine/render/escape.h"

namespace assocsync {
namespace {

// "12"; of several files "bio.cfg 12".
std::string LineMarkdown(const CheckReport& report,
                         const CheckFinding& finding) {
  if (report.files.files.empty()) return absl::StrCat(finding.at.line);
  const TextFiles::Line at = report.files.Of("", finding.at.line);
  return PlainMarkdown(absl::StrCat(at.name.substr(1), " ", at.line));
}

void Table(const CheckReport& report, size_t max_rows, std::string* out) {
  size_t shown = 0;
  size_t standing = 0;
  // The worst first: a reader may stop after the table's first lines.
  for (const Severity severity :
       {Severity::kError, Severity::kWarning, Severity::kNote}) {
    for (const CheckFinding& finding : report.findings) {
      if (finding.severity != severity || finding.lifted()) continue;
      if (++standing > max_rows) continue;
      if (shown++ == 0) {
        absl::StrAppend(out,
                        "| | line | what | finding |\n|---|---|---|---|\n");
      }
      absl::StrAppend(
          out, "| ",
          severity == Severity::kError ? "**error**" : SeverityName(severity),
          " ", CodeName(finding.code), " | ", LineMarkdown(report, finding),
          " | ", finding.row.empty() ? "" : CodeMarkdown(finding.row.view()),
          " | ", PlainMarkdown(finding.message),
          finding.fix.empty()
              ? ""
              : absl::StrCat("<br>Fix: ", PlainMarkdown(finding.fix.view())),
          " |\n");
    }
  }
  if (standing > max_rows) {
    absl::StrAppend(out, "\nand ", standing - max_rows, " more.\n");
  }
  if (shown > 0) out->push_back('\n');
}

void Helps(const CheckReport& report, std::string* out) {
  std::set<FindingCode> codes;
  for (const CheckFinding& finding : report.findings) {
    if (!finding.lifted()) codes.insert(finding.code);
  }
  if (codes.empty()) return;
  absl::StrAppend(out, "<details><summary>What these mean</summary>\n\n");
  for (const FindingCode code : codes) {
    const FindingRow& rule = RowOf(code);
    absl::StrAppend(out, "- **", rule.code_name, "**, ",
                    PlainMarkdown(rule.title), ": ", PlainMarkdown(rule.help),
                    "\n");
  }
  absl::StrAppend(out, "\n</details>\n\n");
}

void Lifted(const CheckReport& report, size_t max_rows, std::string* out) {
  std::string lines;
  size_t count = 0;
  for (const CheckFinding& finding : report.findings) {
    if (!finding.lifted() || ++count > max_rows) continue;
    absl::StrAppend(&lines, "- ", CodeName(finding.code), " line ",
                    LineMarkdown(report, finding), ", ",
                    PlainMarkdown(finding.SubjectAndMessage()), " (",
                    PlainMarkdown(finding.LiftedBy()), ")\n");
  }
  if (count == 0) return;
  absl::StrAppend(out, "<details><summary>", count, " lifted</summary>\n\n",
                  lines, "\n</details>\n");
}

}  // namespace

std::string RenderCheckMarkdown(const CheckReport& report, size_t max_rows) {
  std::string out = absl::StrCat(
      "### assocsync check: ", CodeMarkdown(report.name),
      report.cluster.empty()
          ? ""
          : absl::StrCat(", cluster ", CodeMarkdown(report.cluster)),
      "\n\n**", PlainMarkdown(CheckCounts(report)), "**\n\n");
  if (!report.base_name.empty() && !report.cluster.empty()) {
    absl::StrAppend(&out, "Since ", CodeMarkdown(report.base_name), ": ",
                    report.changes.added, " added, ", report.changes.changed,
                    " changed, ", report.changes.moved, " moved, ",
                    report.changes.removed, " removed.\n\n");
  }
  Table(report, max_rows, &out);
  Helps(report, &out);
  Lifted(report, max_rows, &out);
  return out;
}

}  // namespace assocsync
