// Is a proposed tree fit to be applied? Rules about the file, its tree, what it
// changes since a base, and what a site's policy asks (rule.h).
#ifndef ASSOCSYNC_ENGINE_CHECK_CHECK_H_
#define ASSOCSYNC_ENGINE_CHECK_CHECK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/name.h"
#include "engine/cfg/parse.h"
#include "engine/cfg/places.h"
#include "engine/check/policy.h"
#include "engine/diff/counts.h"
#include "engine/diff/diff.h"
#include "engine/model/finding.h"

namespace assocsync {

struct CheckInput {
  std::string name;        // What findings call the file: "trees/lab.cfg".
  absl::string_view text;  // Must outlive the report, which points into it.
  TextFiles files;         // What it was joined from.
  struct Base {
    std::string name;
    absl::string_view text;
    TextFiles files = {};
  };
  std::optional<Base> base;  // What the proposal was made from.
  Policy policy;
  std::string author;      // Who proposes it; empty: not known (AS236).
  bool fold_users = true;  // ParseOptions
  Written written = Written::kTell;
  ParseOptions parsing() const {
    return {.fold_users = fold_users,
            .origin = Origin::kFile,
            .written = written,
            .files = &files};
  }
  // What a plan on live would change of records that other clusters of the
  // database share (AS228). nullopt: not known.
  struct Shared {
    Change::What what;
    AssocKey row;
    std::string message;
  };
  std::optional<std::vector<Shared>> shared;
};

// A file may have one for each of its lines: what many of them say is held
// once.
struct CheckFinding {
  FindingCode code{};                   // One of AllRules.
  Severity severity = Severity::kNote;  // After the policy; never kOff.
  // kComment: one at the line; kPolicy: for its `reason`.
  enum class Lift : uint8_t { kNone, kComment, kPolicy } lift = Lift::kNone;
  Name reason;
  // What it is about, as merges name rows: "hep/alice", "user alice",
  // "QOS fast", "cluster"; empty: the file.
  Name row;
  Name fix;  // What to do; empty: the message says it.
  TextPlace at;
  absl::string_view text;            // The physical line, without its newline.
  std::string message;               // One sentence.
  std::vector<std::string> related;  // Other rows or lines, in words.

  bool lifted() const { return lift != Lift::kNone; }
  std::string LiftedBy() const;  // In words; empty: it stands.
  // "hep/alice: DefaultQOS 'high' is not ..." on one line, not escaped.
  std::string SubjectAndMessage() const;
  bool operator==(const CheckFinding&) const = default;
};

struct CheckReport {
  std::string name, base_name;  // base_name is empty without a base.
  TextFiles files;              // CheckInput::files
  std::string cluster;          // Empty where the file cannot be read.
  Severity fail_on = Severity::kError;
  struct Size {
    size_t accounts = 0, users = 0, associations = 0;
    bool operator==(const Size&) const = default;
  } size;
  // Since the base, as a plan counts: accounts, users in accounts, QOS ...
  using Changes = ChangeCounts;
  Changes changes;
  std::vector<CheckFinding> findings;  // By place, then by code.

  // How many stand (are not lifted) of this severity.
  size_t Count(Severity severity) const;
  // Where a finding is, for readers: the file and the line in it.
  TextFiles::Line LineOf(const CheckFinding& finding) const {
    return files.Of(name, finding.at.line);
  }
  // Nothing stands that is as bad as fail_on.
  bool passed() const;
};

// Pure: equal inputs give equal reports. What is wrong with the proposal is a
// finding; kInvalidArgument: the base cannot be read (FormatErrors).
// n log n in the size of the trees.
//
// A comment `# assocsync: allow AS209, AS215 (why)` behind a line, or on lines
// of their own right before it, lifts those findings about that line.
absl::StatusOr<CheckReport> Check(const CheckInput& input);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_CHECK_CHECK_H_
