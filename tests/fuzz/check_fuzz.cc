// check on a proposal, its base and a policy: the same report each time, true
// places, and in every format text that nothing gets out of.
// Input: proposal, %%, base, %%, policy.
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "engine/cfg/parse.h"
#include "engine/check/check.h"
#include "engine/render/check_report.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/rendered.h"

namespace assocsync {
namespace {

void CheckPlaces(absl::string_view text, const CheckReport& report) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  for (const CheckFinding& finding : report.findings) {
    const size_t line = finding.at.line;
    FUZZ_LAW(line >= 1 && line <= lines.size(), finding.message);
    FUZZ_LAW(finding.at.column >= 1, finding.message);
    FUZZ_LAW(RowOf(finding.code).is_rule(), CodeName(finding.code));
  }
}

}  // namespace
}  // namespace assocsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assocsync;  // NOLINT
  const auto parts = fuzz::Parts(fuzz::Text(data, size), 3);
  CheckInput input;
  input.name = "t.cfg";
  input.text = parts[0];
  if (!parts[1].empty()) input.base = {"b.cfg", parts[1]};
  const absl::StatusOr<Policy> policy = ParsePolicy("p.toml", parts[2]);
  if (policy.ok()) input.policy = *policy;
  const absl::StatusOr<CheckReport> report = Check(input);
  if (!report.ok()) {
    FUZZ_LAW(report.status().code() == absl::StatusCode::kInvalidArgument,
             report.status().message());
    FUZZ_LAW(!Parse(parts[1]).errors.empty(), report.status().message());
    return 0;
  }
  FUZZ_LAW(Check(input)->findings == report->findings, "");
  CheckPlaces(parts[0], *report);
  fuzz::CheckShown(RenderCheckText(*report, {.verbose = true}));
  fuzz::CheckShown(RenderCheckJson(*report));
  const auto markdown = RenderCheckMarkdown(*report);
  if (markdown.ok()) fuzz::CheckShown(*markdown);
  fuzz::CheckShown(RenderCheckGithub(*report));
  fuzz::CheckShown(RenderCheckGitlab(*report));
  fuzz::CheckShown(RenderCheckSarif(*report, "1"));
  fuzz::CheckShown(RenderCheckJunit(*report));
  if (!Parse(parts[0]).errors.empty()) {
    FUZZ_LAW(!report->findings.empty(), "");
  }
  return 0;
}
