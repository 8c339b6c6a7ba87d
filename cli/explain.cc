#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/options.h"
#include "cli/run.h"
#include "engine/model/finding.h"
#include "engine/slurm/release.h"

namespace assocsync {

ExitCode RunExplain(const Options& args, Env& env) {
  const FindingRow& row = *FindFinding(args.explain);
  const std::string help =
      absl::StrCat("\n\n", Wrapped(row.help, 0, env.console->width()), "\n");
  if (row.is_rule()) {
    env.console->Print(absl::StrCat(
        row.code_name, " ", row.name, ": ", row.title, " (",
        SeverityName(row.severity), " unless the policy says otherwise)", help,
        "\n",
        row.Is(FindingRow::kNothingLifts)
            ? "It cannot be lifted.\n"
            : absl::StrCat("To accept it at one line: # assocsync: allow ",
                           row.code_name, " (why)\n")));
    return ExitCode::kOk;
  }
  env.console->Print(absl::StrCat(row.code_name, ": ", row.title, help));
  if (row.code == kUntestedRelease) {
    for (const Behaviour& behaviour : BehaviourTable()) {
      env.console->Print(absl::StrFormat("  from %-8s %s\n",
                                         behaviour.since.ToString(),
                                         behaviour.evidence.ToString()));
    }
  }
  return ExitCode::kOk;
}

}  // namespace assocsync
