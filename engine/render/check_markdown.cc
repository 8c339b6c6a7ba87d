#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/counted.h"
#include "engine/render/check_report.h"
#include "engine/render/escape.h"
#include "engine/render/fitted.h"

namespace assocsync {
namespace {

// "12"; of several files "bio.cfg 12".
std::string LineMarkdown(const CheckReport& report,
                         const CheckFinding& finding) {
  if (report.files.files.empty()) return absl::StrCat(finding.at.line);
  const TextFiles::Line at = report.files.Of("", finding.at.line);
  return PlainMarkdown(absl::StrCat(at.name.substr(1), " ", at.line));
}

std::string RowOfTable(const CheckReport& report, const CheckFinding& finding) {
  return absl::StrCat(
      "| ",
      finding.severity == Severity::kError ? "**error**"
                                           : SeverityName(finding.severity),
      " ", CodeName(finding.code), " | ", LineMarkdown(report, finding), " | ",
      finding.row.empty() ? "" : CodeMarkdown(finding.row.view()), " | ",
      PlainMarkdown(finding.message),
      finding.fix.empty()
          ? ""
          : absl::StrCat("<br>Fix: ", PlainMarkdown(finding.fix.view())),
      " |\n");
}

// "3 errors and 2 notes not shown."
FittedPart CheckTable(const CheckReport& report, size_t budget) {
  FittedPart part;
  part.head = "| | line | what | finding |\n|---|---|---|---|\n";
  part.tail = "\n";
  // The worst first: a reader may stop after the table's first lines.
  for (const Severity severity :
       {Severity::kError, Severity::kWarning, Severity::kNote}) {
    for (const CheckFinding& finding : report.findings) {
      if (finding.severity != severity || finding.lifted()) continue;
      ++part.total;
      if (part.HasRoom(budget)) part.Add(RowOfTable(report, finding));
    }
  }
  part.rest = [n = part.total](size_t shown) {
    return absl::StrCat(shown == 0 ? "" : "\n", Counted(n - shown, "finding"),
                        " not shown: `assocsync check` shows all.\n",
                        shown == 0 ? "\n" : "");
  };
  return part;
}

FittedPart Helps(const CheckReport& report) {
  FittedPart part;
  part.rank = 1;
  part.head = "<details><summary>What these mean</summary>\n\n";
  part.tail = "\n</details>\n\n";
  std::set<FindingCode> codes;
  for (const CheckFinding& finding : report.findings) {
    if (!finding.lifted()) codes.insert(finding.code);
  }
  for (const FindingCode code : codes) {
    const FindingRow& rule = RowOf(code);
    part.Add(absl::StrCat("- **", rule.code_name, "**, ",
                          PlainMarkdown(rule.title), ": ",
                          PlainMarkdown(rule.help), "\n"));
  }
  part.total = part.lines.size();
  part.rest = [n = part.total](size_t shown) {
    return absl::StrCat(
        "- What ", Counted(n - shown, "code"), shown == 0 ? "" : " more",
        " mean: `assocsync check --explain CODE`\n", shown == 0 ? "\n" : "");
  };
  return part;
}

FittedPart Lifted(const CheckReport& report, size_t budget) {
  FittedPart part;
  part.rank = 2;
  for (const CheckFinding& finding : report.findings) {
    if (!finding.lifted()) continue;
    ++part.total;
    if (!part.HasRoom(budget)) continue;
    part.Add(absl::StrCat("- ", CodeName(finding.code), " line ",
                          LineMarkdown(report, finding), ", ",
                          PlainMarkdown(finding.SubjectAndMessage()), " (",
                          PlainMarkdown(finding.LiftedBy()), ")\n"));
  }
  part.head =
      absl::StrCat("<details><summary>", part.total, " lifted</summary>\n\n");
  part.tail = "\n</details>\n";
  part.rest = [n = part.total](size_t shown) {
    return absl::StrCat("- ", n - shown, " lifted not shown\n");
  };
  return part;
}

}  // namespace

absl::StatusOr<std::string> RenderCheckMarkdown(const CheckReport& report,
                                                size_t max_bytes) {
  std::string head = absl::StrCat(
      "### assocsync check: ", CodeMarkdown(report.name),
      report.cluster.empty()
          ? ""
          : absl::StrCat(", cluster ", CodeMarkdown(report.cluster)),
      "\n\n**", PlainMarkdown(CheckCounts(report)), "**\n\n");
  if (!report.base_name.empty() && !report.cluster.empty()) {
    absl::StrAppend(&head, "Since ", CodeMarkdown(report.base_name), ": ",
                    report.changes.added, " added, ", report.changes.changed,
                    " changed, ", report.changes.moved, " moved, ",
                    report.changes.removed, " removed.\n\n");
  }
  return Fitted({AlwaysThere(std::move(head)), CheckTable(report, max_bytes),
                 Helps(report), Lifted(report, max_bytes)},
                max_bytes);
}

}  // namespace assocsync
