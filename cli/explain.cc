#include "absl/strings/str_cat.h"
#include "cli/options.h"
#include "cli/run.h"
#include "engine/plan/finding.h"

namespace assocsync {

ExitCode RunExplain(const ExplainArgs& args, Env& env) {
  for (const FindingCode& code : AllFindingCodes()) {
    if (code.code != args.code) continue;
    env.console->Print(absl::StrCat(code.code, ": ", code.title, "\n\n",
                                    Wrapped(code.help, 0), "\n"));
  }
  return ExitCode::kOk;
}

}  // namespace assocsync
