#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/options.h"
#include "cli/run.h"
#include "engine/check/rule.h"
#include "engine/plan/finding.h"
#include "engine/slurm/release.h"

namespace assocsync {

ExitCode RunExplain(const Options& args, Env& env) {
  for (const FindingCode& code : AllFindingCodes()) {
    if (code.code != args.explain) continue;
    env.console->Print(absl::StrCat(code.code, ": ", code.title, "\n\n",
                                    Wrapped(code.help, 0), "\n"));
    if (code.code != kUntestedRelease) continue;
    for (const Behaviour& row : BehaviourTable()) {
      env.console->Print(absl::StrFormat("  from %-8s %s\n",
                                         row.since.DebugString(),
                                         row.evidence.DebugString()));
    }
  }
  if (const Rule* const rule = FindRule(args.explain)) {
    env.console->Print(absl::StrCat(
        rule->code, " ", rule->name, ": ", rule->title, " (",
        SeverityName(rule->severity), " unless the policy says otherwise)\n\n",
        Wrapped(rule->help, 0), "\n\n",
        rule->can_be_lifted
            ? absl::StrCat("To accept it at one line: # assocsync: allow ",
                           rule->code, " (why)\n")
            : "It cannot be lifted.\n"));
  }
  return ExitCode::kOk;
}

}  // namespace assocsync
