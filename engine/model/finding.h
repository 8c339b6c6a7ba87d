// Findings: what makes a plan unsafe, what is wrong with a proposed file, and
// what else a reader must know, each under a stable code. The codes, and all
// that there is to say of each, stand in finding_rows.inc.
#ifndef ASSOCSYNC_ENGINE_MODEL_FINDING_H_
#define ASSOCSYNC_ENGINE_MODEL_FINDING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace assocsync {

// AS1xx are findings of plans, AS2xx rules of check. The value is the number.
enum class FindingCode : uint16_t {
#define FINDING(code, number, ...) code = number,
#define RULE FINDING
#include "engine/model/finding_rows.inc"
#undef RULE
#undef FINDING
};
using enum FindingCode;
absl::string_view CodeName(FindingCode code);  // "AS101"

// From harmless to bad.
enum class Severity : uint8_t {
  kOff,  // The rule is not applied.
  kNote,
  kWarning,
  kCannotRestore,  // The target's value cannot come back: refused as kError is.
  kError,          // Apply refuses (exit 3); of a rule, the check fails.
};
absl::string_view SeverityName(Severity severity);  // "warning"
std::optional<Severity> ParseSeverity(absl::string_view word);

struct FindingRow {
  enum Trait : uint8_t {
    // Of plans.
    kSkippable = 1,    // About rows that --skip can leave out.
    kOfTheMoment = 2,  // About what slurmctld has now, which is no part of what
                       // was planned: a saved plan stays what it is.
    kLiftVaries = 4,   // Whoever makes one says how, and whether, it is lifted.
    // Of rules.
    kNeedsBase = 8,      // About what changes since a base,
    kNeedsLive = 16,     // or on live: without it there is nothing to find.
    kNothingLifts = 32,  // Without a readable file nothing can be checked.
    kOnlyPolicyLifts = 64,
  };

  FindingCode code;
  absl::string_view code_name;  // "AS101"
  Severity severity;  // Where its maker, or a policy, says nothing else.
  absl::string_view lifted_by;  // Of a plan's: "--allow AS111"; empty: nothing.
  absl::string_view name;  // Of a rule: "default-qos-out-of-reach"; else empty.
  uint8_t traits;
  absl::string_view title, help;

  bool is_rule() const { return !name.empty(); }
  bool Is(Trait trait) const { return (traits & trait) != 0; }
};

absl::Span<const FindingRow> AllFindings();  // Sorted by code.
absl::Span<const FindingRow> AllRules();     // Those of check: the last ones.
const FindingRow& RowOf(FindingCode code);
// nullptr: there is none. FindRule: none of check.
const FindingRow* FindFinding(absl::string_view code);
const FindingRow* FindRule(absl::string_view code);

// Of a plan. (CheckFinding of check.h has a place in a file instead.)
struct Finding {
  FindingCode code{};
  Severity severity = Severity::kNote;
  std::string message;            // One sentence.
  std::vector<std::string> rows;  // The rows it is about, each in words.
  std::string lifted_by;  // "--max-delete 80%", "--allow AS111"; empty: nothing
  bool lifted = false;    // The caller gave that flag.

  // It is in the way of apply.
  bool stands() const {
    return !lifted && severity >= Severity::kCannotRestore;
  }
  bool operator==(const Finding&) const = default;
};

// As bad as the code's row says, and lifted by what it says (kLiftVaries: by
// nothing).
Finding MakeFinding(FindingCode code, std::string message,
                    std::vector<std::string> rows = {});
// Of another severity than the row's; nothing lifts it.
Finding MakeFinding(FindingCode code, Severity severity, std::string message,
                    std::vector<std::string> rows = {});

// Adds it, unless it is about no rows.
void AddIfAny(Finding finding, std::vector<Finding>* findings);

// Adds it. Of one code and severity, those beyond kMaxFindingsOfAKind become
// one finding, of all their rows.
void AddFinding(Finding finding, std::vector<Finding>* findings);

// Worst first, then by code.
void SortFindings(std::vector<Finding>* findings);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_MODEL_FINDING_H_
