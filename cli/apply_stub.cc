#include "cli/run.h"

namespace assocsync {

// Until engine/apply is merged.
__attribute__((weak)) ExitCode RunApply(const ApplyArgs&, Env& env) {
  return Fail(absl::UnimplementedError("apply is not there yet"), env);
}

}  // namespace assocsync
