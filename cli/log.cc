// `assocsync log`: the transaction table in words.
#include "engine/render/log.h"

#include <deque>
#include <memory>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "cli/database.h"
#include "cli/run.h"
#include "engine/base/status.h"
#include "engine/io/database.h"
#include "engine/live/transactions.h"

namespace assocsync {
namespace {

constexpr size_t kBuffer = 1 << 16;
constexpr char kLogAdvice[] =
    "the log stands in slurmdbd's database: run this where slurmdbd.conf can "
    "be read (--slurmdbd-conf PATH), or give MariaDB client options with "
    "--defaults-file FILE";

bool IsAbout(const Transaction& transaction, const Options& args) {
  if (!args.cluster.empty() && transaction.object == ObjectKind::kCluster) {
    const bool other = absl::c_none_of(
        transaction.objects,
        [&](const TransactionObject& o) { return o.name == args.cluster; });
    if (other && transaction.objects_known) return false;
  }
  if (args.account.empty() && args.user.empty()) return true;
  return absl::c_any_of(
      transaction.objects, [&](const TransactionObject& object) {
        const bool account = args.account.empty() ||
                             object.account == args.account ||
                             (transaction.object == ObjectKind::kAccount &&
                              object.name == args.account);
        const bool user = args.user.empty() || object.user == args.user ||
                          (transaction.object == ObjectKind::kUser &&
                           object.name == args.user);
        return object.named && account && user;
      });
}

// Prints transactions as they come, or the newest so many at the end.
class Printer {
 public:
  Printer(const Options& args, const TransactionExtent& extent,
          Console* console)
      : args_(args), console_(console) {
    options_.color = console->color();
    options_.verbose = console->verbose();
    options_.zone = absl::LocalTimeZone();
    options_.actor_width = ActorWidth(extent.actors);
    if (args.json()) buffer_ = LogJsonBegin(extent.oldest);
  }

  absl::Status Take(const Transaction& transaction) {
    if (console_->reader_gone() || !console_->status().ok()) {
      return absl::OutOfRangeError("nobody reads on");
    }
    if (args_.limit == 0) {
      Add(transaction);
      return absl::OkStatus();
    }
    if (!args_.json() && !newest_.empty() &&
        SameDeed(newest_.back(), transaction)) {
      return absl::OkStatus();
    }
    newest_.push_back(transaction);
    if (newest_.size() > static_cast<size_t>(args_.limit)) {
      newest_.pop_front();
    }
    return absl::OkStatus();
  }

  void Finish() {
    for (const Transaction& transaction : newest_) Add(transaction);
    if (args_.json()) buffer_ += LogJsonEnd();
    console_->Print(buffer_);
    buffer_.clear();
  }

  int count() const { return count_; }

 private:
  void Add(const Transaction& transaction) {
    if (args_.json()) {
      buffer_ += LogJsonEntry(transaction, count_ == 0);
    } else if (count_ == 0 || !SameDeed(last_, transaction)) {
      buffer_ += LogLine(transaction, options_);
      last_ = transaction;
    }
    ++count_;
    if (buffer_.size() < kBuffer) return;
    console_->Print(buffer_);
    buffer_.clear();
  }

  const Options& args_;
  Console* console_;
  LogTextOptions options_;
  std::deque<Transaction> newest_;
  Transaction last_;
  std::string buffer_;
  int count_ = 0;
};

// Where the log does not reach back as far as was asked for.
void TellExtent(const Options& args, const TransactionExtent& extent, int count,
                Console* console) {
  if (!extent.oldest.has_value()) {
    console->Say(
        "the log is empty: nothing was changed, or slurmdbd has purged it "
        "(PurgeTXNAfter)");
    return;
  }
  const std::string oldest = absl::FormatTime(
      "%Y-%m-%d %H:%M:%S %Ez", absl::FromUnixSeconds(*extent.oldest),
      absl::LocalTimeZone());
  if (args.since.has_value() &&
      absl::ToUnixSeconds(*args.since) < *extent.oldest) {
    console->Say(absl::StrCat("the log goes back to ", oldest,
                              ": slurmdbd has purged what was before "
                              "(PurgeTXNAfter), or never wrote it"));
  }
  if (count == 0) {
    console->Say(absl::StrCat(
        "no such transaction in the log, which goes back to ", oldest));
  }
}

absl::Status Run(const Options& args, Env& env) {
  Console* console = env.console;
  console->Progress("reading Slurm's transaction log");
  DatabaseOptions options;
  RETURN_IF_ERROR(FindDatabase(args, kLogAdvice, env.stop, &options));
  ASSIGN_OR_RETURN(const std::unique_ptr<Database> database, Connect(options));
  TransactionQuery query;
  if (args.since.has_value()) query.since = absl::ToUnixSeconds(*args.since);
  if (args.until.has_value()) query.until = absl::ToUnixSeconds(*args.until);
  query.actor = args.actor;
  query.cluster = args.cluster;
  if (!args.action.empty()) query.actions = ActionCodes(args.action);
  TransactionReader reader(database.get());
  ASSIGN_OR_RETURN(const TransactionExtent extent, reader.Begin(query));
  console->ProgressDone();
  Printer printer(args, extent, console);
  const absl::Status status =
      reader.ForEach([&](const Transaction& transaction) -> absl::Status {
        if (*env.stop) return absl::CancelledError("interrupted");
        return IsAbout(transaction, args) ? printer.Take(transaction)
                                          : absl::OkStatus();
      });
  if (absl::IsOutOfRange(status)) return absl::OkStatus();
  RETURN_IF_ERROR(status);
  printer.Finish();
  TellExtent(args, extent, printer.count(), console);
  return absl::OkStatus();
}

}  // namespace

ExitCode RunLog(const Options& args, Env& env) {
  const absl::Status status = Run(args, env);
  return status.ok() ? ExitCode::kOk : Fail(status, env);
}

}  // namespace assocsync
