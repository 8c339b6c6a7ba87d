#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/render/check_report.h"
#include "engine/render/escape.h"

namespace assocsync {
namespace {

// The two escapes of workflow commands: of a message, and of a property.
std::string Data(absl::string_view text) {
  return absl::StrReplaceAll(Escaped(text), {{"%", "%25"}});
}
std::string Property(absl::string_view text) {
  return absl::StrReplaceAll(Data(text), {{":", "%3A"}, {",", "%2C"}});
}

absl::string_view Command(Severity severity) {
  return severity == Severity::kError     ? "error"
         : severity == Severity::kWarning ? "warning"
                                          : "notice";
}

}  // namespace

std::string RenderCheckGithub(const CheckReport& report) {
  std::string out;
  for (const CheckFinding& finding : report.findings) {
    if (finding.lifted()) continue;
    const TextFiles::Line at = report.LineOf(finding);
    absl::StrAppend(&out, "::", Command(finding.severity),
                    " file=", Property(at.name), ",line=", at.line,
                    ",col=", finding.at.column, ",title=",
                    Property(absl::StrCat(CodeName(finding.code), " ",
                                          RowOf(finding.code).title)),
                    "::", Data(finding.SubjectAndMessage()),
                    finding.fix.empty()
                        ? ""
                        : absl::StrCat("%0AFix: ", Data(finding.fix.view())),
                    "\n");
  }
  // A plain line of the log; it cannot begin a command.
  return absl::StrCat(out, "assocsync check: ", CheckCounts(report), "\n");
}

}  // namespace assocsync
