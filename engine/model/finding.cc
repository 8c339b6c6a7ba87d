#include "engine/model/finding.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/input_limits.h"

namespace assocsync {
namespace {

using enum FindingRow::Trait;

constexpr FindingRow kFindingRows[] = {
#define FINDING(code, number, severity, lifted_by, ...) \
  {FindingCode::code, "AS" #number, Severity::severity, \
   lifted_by,         "",           __VA_ARGS__},
#define RULE(code, number, severity, name, ...) \
  {FindingCode::code, "AS" #number, Severity::severity, "", name, __VA_ARGS__},
#include "engine/model/finding_rows.inc"
#undef RULE
#undef FINDING
};

constexpr absl::string_view kSeverityNames[] = {"off", "note", "warning",
                                                "error", "error"};

}  // namespace

absl::string_view CodeName(FindingCode code) { return RowOf(code).code_name; }

absl::string_view SeverityName(Severity severity) {
  return kSeverityNames[static_cast<size_t>(severity)];
}

std::optional<Severity> ParseSeverity(absl::string_view word) {
  for (const Severity severity : {Severity::kOff, Severity::kNote,
                                  Severity::kWarning, Severity::kError}) {
    if (word == SeverityName(severity)) return severity;
  }
  return std::nullopt;
}

absl::Span<const FindingRow> AllFindings() { return kFindingRows; }

absl::Span<const FindingRow> AllRules() {
  const auto first =
      std::find_if(std::begin(kFindingRows), std::end(kFindingRows),
                   [](const FindingRow& row) { return row.is_rule(); });
  return AllFindings().subspan(first - kFindingRows);
}

const FindingRow& RowOf(FindingCode code) {
  return *std::lower_bound(
      std::begin(kFindingRows), std::end(kFindingRows), code,
      [](const FindingRow& row, FindingCode c) { return row.code < c; });
}

const FindingRow* FindFinding(absl::string_view code) {
  const auto row =
      std::find_if(std::begin(kFindingRows), std::end(kFindingRows),
                   [&](const FindingRow& r) { return r.code_name == code; });
  return row == std::end(kFindingRows) ? nullptr : row;
}

const FindingRow* FindRule(absl::string_view code) {
  const FindingRow* const row = FindFinding(code);
  return row != nullptr && row->is_rule() ? row : nullptr;
}

Finding MakeFinding(FindingCode code, std::string message,
                    std::vector<std::string> rows) {
  const FindingRow& row = RowOf(code);
  Finding finding =
      MakeFinding(code, row.severity, std::move(message), std::move(rows));
  if (!row.Is(kLiftVaries)) finding.lifted_by = std::string(row.lifted_by);
  return finding;
}

Finding MakeFinding(FindingCode code, Severity severity, std::string message,
                    std::vector<std::string> rows) {
  Finding finding;
  finding.code = code;
  finding.severity = severity;
  finding.message = std::move(message);
  finding.rows = std::move(rows);
  return finding;
}

void AddIfAny(Finding finding, std::vector<Finding>* findings) {
  if (!finding.rows.empty()) findings->push_back(std::move(finding));
}

void AddFinding(Finding finding, std::vector<Finding>* findings) {
  size_t of_the_kind = 0;
  Finding* last = nullptr;
  for (Finding& f : *findings) {
    if (f.code != finding.code || f.severity != finding.severity) continue;
    ++of_the_kind;
    last = &f;
  }
  if (of_the_kind < kMaxFindingsOfAKind) {
    findings->push_back(std::move(finding));
    return;
  }
  if (of_the_kind == kMaxFindingsOfAKind) {
    findings->push_back(std::move(finding));
    last = &findings->back();
  } else {
    std::move(finding.rows.begin(), finding.rows.end(),
              std::back_inserter(last->rows));
  }
  last->message = absl::StrCat("and ", last->rows.size(),
                               " more as above, each for its own reason");
}

void SortFindings(std::vector<Finding>* findings) {
  std::stable_sort(findings->begin(), findings->end(),
                   [](const Finding& a, const Finding& b) {
                     return a.severity != b.severity ? a.severity > b.severity
                                                     : a.code < b.code;
                   });
}

}  // namespace assocsync
