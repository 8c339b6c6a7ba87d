#include "engine/check/check.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/maps.h"
#include "engine/base/status.h"
#include "engine/cfg/parse.h"
#include "engine/check/checker.h"

namespace assocsync {
namespace check {

Draft& Checker::Add(FindingCode code, uint32_t line, absl::string_view row,
                    std::string message, absl::string_view fix) {
  const Severity severity = policy.SeverityOf(RowOf(code));
  Draft& draft =
      severity == Severity::kOff ? off_ = Draft() : drafts.emplace_back();
  draft.line = line;
  draft.finding.code = code;
  draft.finding.severity = severity;
  draft.finding.row = Name(row);
  draft.finding.message = std::move(message);
  draft.finding.fix = Name(fix);
  return draft;
}

uint32_t Checker::LineOf(const AssocKey& row) const {
  const Association* const found = FindIn(tree.associations, row);
  return found == nullptr ? 0 : found->line;
}

namespace {

// A comment that lifts findings about a line.
struct Allow {
  const FindingRow* rule;  // nullptr: a fault of the comment.
  std::string fault;
  bool used = false;
};

// "# assocsync: allow AS209, AS215 because ..."; nullopt: no such comment.
std::optional<std::vector<Allow>> ParseAllow(absl::string_view comment) {
  if (!absl::ConsumePrefix(&comment, "#")) return std::nullopt;
  comment = absl::StripLeadingAsciiWhitespace(comment);
  if (!absl::ConsumePrefix(&comment, "assocsync:")) return std::nullopt;
  comment = absl::StripLeadingAsciiWhitespace(comment);
  if (!absl::ConsumePrefix(&comment, "allow")) return std::nullopt;
  std::vector<Allow> out;
  while (true) {
    const size_t begin = comment.find_first_not_of(" \t,");
    if (begin == absl::string_view::npos) break;
    comment.remove_prefix(begin);
    const absl::string_view word =
        comment.substr(0, comment.find_first_of(" \t,"));
    if (word.size() != 5 || absl::AsciiStrToUpper(word.substr(0, 2)) != "AS" ||
        !absl::ascii_isdigit(word[2])) {
      break;  // The reason begins.
    }
    comment.remove_prefix(word.size());
    const std::string code = absl::AsciiStrToUpper(word);
    const FindingRow* const rule = FindRule(code);
    if (rule == nullptr) {
      out.push_back({rule, absl::StrCat("'", word, "' is no code of check")});
    } else if (rule->Is(FindingRow::kNothingLifts) ||
               rule->Is(FindingRow::kOnlyPolicyLifts)) {
      out.push_back({nullptr, absl::StrCat(code, " cannot be lifted")});
    } else {
      out.push_back({rule, ""});
    }
  }
  if (out.empty()) {
    out.push_back({nullptr,
                   "the comment names no code; write "
                   "`# assocsync: allow AS209 (why)`"});
  }
  return out;
}

class Run {
 public:
  Run(const CheckInput& input, const Tree& tree)
      : input_(input), checker_(input, tree) {}

  void Rules(const Tree* base, CheckReport::Changes* counts) {
    CheckQos(&checker_);
    CheckKnown(&checker_);
    CheckLimits(&checker_);
    CheckNames(&checker_);
    CheckLoad(&checker_);
    CheckAccounts(&checker_);
    CheckPolicy(&checker_);
    CheckShared(&checker_);
    if (base != nullptr) CheckChanges(*base, &checker_, counts);
  }

  void Notes(const std::vector<ParseError>& notes) {
    for (const ParseError& note : notes) {
      checker_
          .Add(note.about == ParseError::About::kIgnored   ? kRuleIgnored
               : note.about == ParseError::About::kAssumed ? kRuleAssumed
                                                           : kRuleTwoReadings,
               static_cast<uint32_t>(note.line), "", note.message)
          .PlaceAt({note.line, note.column});
    }
  }

  std::vector<CheckFinding> Finish() {
    const uint32_t cluster_line =
        std::max(1u, checker_.LineOfAccount(RootName()));
    for (Draft& draft : checker_.drafts) {
      if (draft.line == 0) draft.line = cluster_line;
      by_line_[draft.line].push_back(&draft);
    }
    ForEachLine(input_.text, input_.parsing(),
                [&](const LinePlaces& line) { Line(line); });
    by_line_.clear();
    std::vector<CheckFinding> out = std::move(unused_);
    out.reserve(out.size() + checker_.drafts.size());
    for (auto& drafts = checker_.drafts; !drafts.empty(); drafts.pop_front()) {
      Lift(&drafts.front().finding);
      out.push_back(std::move(drafts.front().finding));
    }
    return out;
  }

 private:
  void Line(const LinePlaces& line) {
    const auto here = by_line_.find(static_cast<uint32_t>(line.line));
    std::vector<Allow> allows;
    for (const absl::string_view comment : line.comments) {
      std::optional<std::vector<Allow>> some = ParseAllow(comment);
      if (!some.has_value()) continue;
      allows.insert(allows.end(), some->begin(), some->end());
    }
    if (here != by_line_.end()) {
      for (Draft* const draft : here->second) {
        Place(line, draft);
        for (Allow& allow : allows) {
          if (allow.rule != &RowOf(draft->finding.code)) continue;
          allow.used = true;
          draft->finding.lift = CheckFinding::Lift::kComment;
        }
      }
    }
    for (const Allow& allow : allows) {
      if (!allow.used) Unused(line, allow);
    }
  }

  static void Place(const LinePlaces& line, Draft* draft) {
    if (draft->placed) return;
    if (draft->partition && line.partition.has_value()) {
      draft->finding.at = *line.partition;
    } else if (draft->key.has_value()) {
      draft->finding.at = line.Of(*draft->key);
    } else {
      draft->finding.at = line.name;
    }
  }

  void Unused(const LinePlaces& line, const Allow& allow) {
    const Severity severity = input_.policy.SeverityOf(RowOf(kRuleUnusedAllow));
    // Rules of changes have nothing to find without a base, and a policy may
    // have turned a rule off: then the comment says nothing wrong.
    const FindingRow* const rule = allow.rule;
    if (severity == Severity::kOff) return;
    if (rule != nullptr &&
        (input_.policy.SeverityOf(*rule) == Severity::kOff ||
         (!input_.base.has_value() && rule->Is(FindingRow::kNeedsBase)) ||
         (!input_.shared.has_value() && rule->Is(FindingRow::kNeedsLive)))) {
      return;
    }
    CheckFinding finding;
    finding.code = kRuleUnusedAllow;
    finding.severity = severity;
    finding.at = line.name;
    finding.message = rule == nullptr
                          ? allow.fault
                          : absl::StrCat("a comment allows ", rule->code_name,
                                         " here, but there is no such finding");
    finding.fix = Name("remove or mend the comment");
    unused_.push_back(std::move(finding));
  }

  void Lift(CheckFinding* finding) const {
    if (finding->lifted()) return;
    for (const Policy::Suppression& entry : input_.policy.suppress) {
      if (entry.code != finding->code ||
          !entry.rows.Match(finding->row.view())) {
        continue;
      }
      finding->lift = CheckFinding::Lift::kPolicy;
      finding->reason = Name(entry.reason);
      return;
    }
  }

  const CheckInput& input_;

  Checker checker_;
  absl::btree_map<uint32_t, std::vector<Draft*>> by_line_;
  std::vector<CheckFinding> unused_;
};

std::vector<CheckFinding> Unreadable(const std::vector<ParseError>& errors) {
  std::vector<CheckFinding> out;
  for (const ParseError& error : errors) {
    CheckFinding finding;
    finding.code = error.about == ParseError::About::kDefaultAccount
                       ? kRuleDefaultAccount
                       : kRuleUnreadable;
    finding.severity = Severity::kError;
    finding.at = {error.line, error.column};
    finding.message = error.message;
    out.push_back(std::move(finding));
  }
  return out;
}

// By place, each with the text of its line.
void Sort(absl::string_view text, std::vector<CheckFinding>* findings) {
  absl::c_sort(*findings, [](const CheckFinding& a, const CheckFinding& b) {
    return std::tie(a.at.line, a.at.column, a.code, a.row, a.message) <
           std::tie(b.at.line, b.at.column, b.code, b.row, b.message);
  });
  (void)absl::ConsumePrefix(&text, "\xef\xbb\xbf");
  int line = 1;
  absl::string_view here;
  int of_line = 0;  // `here` is this line.
  for (CheckFinding& finding : *findings) {
    for (; line < finding.at.line && !text.empty(); ++line) {
      text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    }
    if (of_line != line) {
      here = text.substr(0, text.find('\n'));
      (void)absl::ConsumeSuffix(&here, "\r");
      of_line = line;
    }
    finding.text = here;
  }
}

}  // namespace
}  // namespace check

std::string CheckFinding::SubjectAndMessage() const {
  return absl::StrCat(row.view(), row.empty() ? "" : ": ", message);
}

std::string CheckFinding::LiftedBy() const {
  switch (lift) {
    case Lift::kNone:
      return "";
    case Lift::kComment:
      return "a comment at the line";
    case Lift::kPolicy:
      return absl::StrCat("the policy: ", reason.view());
  }
  return "";
}

size_t CheckReport::Count(Severity severity) const {
  return static_cast<size_t>(absl::c_count_if(findings, [&](const auto& f) {
    return f.severity == severity && !f.lifted();
  }));
}

bool CheckReport::passed() const {
  return absl::c_none_of(findings, [&](const auto& f) {
    return f.severity >= fail_on && !f.lifted();
  });
}

absl::StatusOr<CheckReport> Check(const CheckInput& input) {
  ParseOptions options = input.parsing();
  cfg::Recall recall;
  options.keep = &recall;
  CheckReport report;
  report.name = input.name;
  report.files = input.files;
  report.fail_on = input.policy.fail_on;
  const ParseResult parsed = Parse(input.text, options);
  if (!parsed.errors.empty()) {
    report.findings = check::Unreadable(parsed.errors);
    check::Sort(input.text, &report.findings);
    return report;
  }
  std::optional<Tree> base;
  if (input.base.has_value()) {
    report.base_name = input.base->name;
    options.written = Written::kTell;
    options.keep = nullptr;
    options.recall = &recall;
    options.files = &input.base->files;
    ASSIGN_OR_RETURN(base,
                     ParseTree(input.base->name, input.base->text, options));
  }
  const Tree& tree = parsed.tree;
  report.cluster = tree.cluster.str();
  report.size = {tree.accounts.size(), tree.users.size(),
                 tree.associations.size()};
  check::Run run(input, tree);
  run.Notes(parsed.notes);
  run.Rules(base.has_value() ? &*base : nullptr, &report.changes);
  report.findings = run.Finish();
  check::Sort(input.text, &report.findings);
  return report;
}

}  // namespace assocsync
