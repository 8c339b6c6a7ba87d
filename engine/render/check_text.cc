#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/strings/str_cat.h"
#include "engine/base/counted.h"
#include "engine/base/input_limits.h"
#include "engine/render/check_report.h"
#include "engine/render/escape.h"
#include "engine/render/paint.h"

namespace assocsync {
namespace {

constexpr size_t kRelatedShown = 5;

absl::string_view PaintOf(Severity severity) {
  return severity == Severity::kError     ? kRed
         : severity == Severity::kWarning ? kYellow
                                          : kCyan;
}

void Source(const CheckFinding& finding, std::string* out) {
  // Nobody finds the caret of a long line.
  if (finding.text.empty() || finding.text.size() > kMaxShownLine) return;
  const size_t column = static_cast<size_t>(std::max(finding.at.column, 1)) - 1;
  const std::string before = Escaped(finding.text.substr(0, column));
  absl::StrAppend(out, "    ", Escaped(finding.text), "\n    ",
                  std::string(Columns(before), ' '), "^\n");
}

void Related(const CheckFinding& finding, bool all, std::string* out) {
  const size_t count = finding.related.size();
  const size_t shown = all ? count : std::min(count, kRelatedShown);
  for (size_t i = 0; i < shown; ++i) {
    absl::StrAppend(out, i == 0 ? "    also: " : ", ",
                    Escaped(finding.related[i]));
  }
  if (shown < count) {
    absl::StrAppend(out, ", and ", count - shown, " more (--verbose)");
  }
  if (count > 0) out->push_back('\n');
}

}  // namespace

std::string CheckCounts(const CheckReport& report) {
  std::string line = absl::StrCat(Escaped(report.name),
                                  report.passed() ? ": passed" : ": failed");
  const char* separator = "; ";
  for (const Severity severity :
       {Severity::kError, Severity::kWarning, Severity::kNote}) {
    const size_t n = report.Count(severity);
    if (n == 0) continue;
    absl::StrAppend(&line, separator, Counted(n, SeverityName(severity)));
    separator = ", ";
  }
  const auto lifted = static_cast<size_t>(absl::c_count_if(
      report.findings, [](const CheckFinding& f) { return f.lifted(); }));
  if (lifted > 0) absl::StrAppend(&line, "; ", lifted, " lifted");
  return absl::StrCat(line, ".");
}

void RenderCheckText(const CheckReport& report, const CheckTextOptions& options,
                     TextSink sink) {
  std::string out;
  bool begun = false;
  absl::btree_map<FindingCode, size_t> of_code;  // Not lifted.
  for (const CheckFinding& finding : report.findings) {
    if (finding.lifted() && !options.verbose) continue;
    if (++of_code[finding.code] > kMaxErrorsOfAKind && !options.verbose) {
      continue;
    }
    const TextFiles::Line at = report.LineOf(finding);
    absl::StrAppend(
        &out,
        Painted(options.color, kBold,
                absl::StrCat(Escaped(at.name), ":", at.line, ":",
                             finding.at.column, ":")),
        " ",
        finding.lifted()
            ? Painted(options.color, kDim,
                      absl::StrCat("lifted ", SeverityName(finding.severity)))
            : Painted(options.color, PaintOf(finding.severity),
                      SeverityName(finding.severity)),
        " ", CodeName(finding.code), " ", Escaped(finding.SubjectAndMessage()),
        "\n");
    Source(finding, &out);
    if (!finding.fix.empty()) {
      absl::StrAppend(&out, "    fix: ", Escaped(finding.fix.view()), "\n");
    }
    Related(finding, options.verbose, &out);
    if (finding.lifted()) {
      absl::StrAppend(&out, "    lifted by ", Escaped(finding.LiftedBy()),
                      "\n");
    }
    begun = true;
    if (out.size() < kTextPart) continue;
    sink(out);
    out.clear();
  }
  for (const auto& [code, n] : of_code) {
    if (n <= kMaxErrorsOfAKind || options.verbose) continue;
    absl::StrAppend(&out, "and ", n - kMaxErrorsOfAKind, " more ",
                    CodeName(code), " (--verbose)\n");
  }
  if (begun) out.push_back('\n');
  absl::StrAppend(&out, Painted(options.color, kBold, CheckCounts(report)),
                  "\n");
  sink(out);
}

}  // namespace assocsync
