
#include <algorithm>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "cli/database.h"
#include "cli/run.h"
#include "engine/base/status.h"
#include "engine/live/transactions.h"

namespace assocsync {
namespace {

// Nobody waits long for what is only nice to know.
constexpr absl::Duration kConnectLimit = absl::Seconds(2);
constexpr absl::Duration kReadLimit = absl::Seconds(30);
// A long log must not make a quick plan slow: what is older is left to `log`.
constexpr uint64_t kNewest = 100000;

absl::StatusOr<Evidence> Gather(const Options& args, const Plan& plan,
                                Env& env) {
  DatabaseOptions options;
  RETURN_IF_ERROR(FindDatabase(args, "", env.stop, &options));
  options.SetTimeout(std::min(args.timeout, kReadLimit));
  options.connect_timeout = std::min(args.timeout, kConnectLimit);
  env.console->Progress("reading Slurm's transaction log");
  ASSIGN_OR_RETURN(const std::unique_ptr<Database> database, Connect(options));
  TransactionReader reader(database.get());
  TransactionQuery query;
  query.cluster = plan.cluster.str();
  query.newest = kNewest;
  ASSIGN_OR_RETURN(const TransactionExtent extent, reader.Begin(query));
  EvidenceFinder finder(plan);
  RETURN_IF_ERROR(reader.ForEach([&](const Transaction& transaction) {
    finder.Look(transaction);
    return absl::OkStatus();
  }));
  if (extent.older_left_out) {
    env.console->Say(
        absl::StrCat("who changed what is told from the newest ", kNewest,
                     " transactions alone; assocsync log reads all of them"));
  }
  return finder.Take();
}

}  // namespace

std::optional<Evidence> GatherEvidence(const Options& args, const Plan& plan,
                                       Env& env) {
  if (plan.changes.empty() || args.live == Live::kFile) {
    return std::nullopt;
  }
  absl::StatusOr<Evidence> evidence = Gather(args, plan, env);
  env.console->ProgressDone();
  if (evidence.ok()) return *std::move(evidence);
  if (env.console->verbose()) {
    env.console->Say(absl::StrCat("who changed what is not known: ",
                                  evidence.status().message()));
  }
  return std::nullopt;
}

}  // namespace assocsync
