// Evidence for a plan, where the database is at hand.
#ifndef ASSOCSYNC_CLI_EVIDENCE_H_
#define ASSOCSYNC_CLI_EVIDENCE_H_

#include <optional>

#include "absl/status/statusor.h"
#include "cli/run.h"
#include "engine/io/database.h"
#include "engine/plan/evidence.h"

namespace assocsync {

// What the newest 100,000 transactions in the log of `database` say of the
// plan's differences; `older_left_out`: there are older ones. Errors as
// TransactionReader's.
absl::StatusOr<Evidence> FindEvidence(const Plan& plan, Database* database,
                                      bool* older_left_out);

// The same with the connection that `args` leads to. nullopt: nothing differs,
// live is a file, or the log cannot be had: told with --verbose only, for a
// plan is whole without it.
std::optional<Evidence> GatherEvidence(const Options& args, const Plan& plan,
                                       Env& env);

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_EVIDENCE_H_
