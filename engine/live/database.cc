// The database is read on this thread, while slurmdbd is asked on two others:
// for its release, and for its last transactions. Each takes as long as one
// sacctmgr does, which is longer than the reading.
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/live/ask_slurmdbd.h"
#include "engine/live/live.h"
#include "engine/live/read_state.h"
#include "engine/live/sacctmgr_client.h"
#include "engine/live/same_database.h"

namespace assocsync {
namespace {

class DatabaseSource : public LiveSource {
 public:
  DatabaseSource(CommandRunner* runner, DatabaseLiveOptions options)
      : options_(std::move(options)), client_(runner, options_.sacctmgr) {
    if (options_.release.has_value()) {
      about_.emplace();
      about_->release = *options_.release;
      about_->preserve_user_case = options_.preserve_user_case;
      about_->allow_no_def_acct = options_.allow_no_def_acct;
    }
  }

  absl::StatusOr<LiveState> Read(absl::string_view cluster) override;
  absl::StatusOr<std::vector<Job>> Jobs(
      const DatabaseState& database_state) override {
    ASSIGN_OR_RETURN(const auto database, Connect(options_.database));
    return ReadJobsAgain(*database, database_state);
  }
  absl::StatusOr<std::vector<std::string>> Clusters() override {
    ASSIGN_OR_RETURN(const auto database, Connect(options_.database));
    return FirstColumn(
        *database,
        "SELECT name FROM cluster_table WHERE deleted=0 ORDER BY BINARY name");
  }
  std::string Origin() const override {
    return absl::StrCat(PublicOrigin(), " (", options_.database.Describe(),
                        ")");
  }
  std::string PublicOrigin() const override { return "mysql"; }

 private:
  template <typename T>
  using Answer = std::future<absl::StatusOr<T>>;

  absl::StatusOr<LiveState> ReadOnce(absl::string_view cluster);
  absl::Status WhenDown(const absl::Status& status) const;
  absl::Status Check(const DatabaseRead& read) const;
  absl::Status Compare(const std::vector<std::string>& database,
                       Answer<std::vector<std::string>> slurmdbd,
                       std::vector<Finding>* findings) const;

  const DatabaseLiveOptions options_;
  SacctmgrClient client_;
  std::optional<AboutSlurmdbd> about_;
};

absl::StatusOr<LiveState> DatabaseSource::Read(absl::string_view cluster) {
  absl::Status last;
  for (int attempt = 0; attempt < kReadAttempts; ++attempt) {
    absl::StatusOr<LiveState> state = ReadOnce(cluster);
    if (state.ok() || !absl::IsAborted(state.status())) return state;
    last = state.status();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("after ", kReadAttempts, " attempts: ", last.message()));
}

absl::StatusOr<LiveState> DatabaseSource::ReadOnce(absl::string_view cluster) {
  // Their destructors wait: no thread outlives this call.
  Answer<AboutSlurmdbd> about;
  Answer<std::vector<std::string>> transactions;
  if (!about_.has_value()) {
    about =
        std::async(std::launch::async, [this] { return AskSlurmdbd(client_); });
  }
  ASSIGN_OR_RETURN(const auto database, Connect(options_.database));
  int64_t since = 0;
  const bool compares = !options_.release.has_value();
  if (compares) {
    absl::StatusOr<int64_t> latest = LastTransaction(*database);
    // Which table is missing, the reading below says better.
    since = latest.ok() ? *latest : 0;
  }
  if (since > 0) {
    transactions = std::async(std::launch::async, [this, since] {
      return TransactionsOfSlurmdbd(client_, since);
    });
  }
  const bool preserve = about_.has_value() ? about_->preserve_user_case
                                           : options_.preserve_user_case;
  DatabaseReadOptions how{
      .fold_users = !preserve, .transactions_since = since, .jobs = true};
  ASSIGN_OR_RETURN(DatabaseRead read, ReadDatabase(*database, cluster, how));
  if (about.valid()) {
    absl::StatusOr<AboutSlurmdbd> answer = about.get();
    if (!answer.ok()) return WhenDown(answer.status());
    about_ = *std::move(answer);
  }
  RETURN_IF_ERROR(Check(read));
  if (about_->preserve_user_case != preserve) {
    how.fold_users = !how.fold_users;
    ASSIGN_OR_RETURN(read, ReadDatabase(*database, cluster, how));
  }
  if (compares) {
    RETURN_IF_ERROR(CompareStorage(*about_, options_.database));
    RETURN_IF_ERROR(WhenDown(
        Compare(read.transactions, std::move(transactions), &read.findings)));
  }
  read.database.allows_no_default_account = about_->allow_no_def_acct;
  read.release = about_->release;
  read.preserve_user_case = about_->preserve_user_case;
  return LiveState(std::move(read));
}

absl::Status DatabaseSource::WhenDown(const absl::Status& status) const {
  if (options_.when_down.empty() || !MayBeDown(status)) return status;
  return absl::Status(status.code(),
                      absl::StrCat(status.message(), "; ", options_.when_down));
}

absl::Status DatabaseSource::Check(const DatabaseRead& read) const {
  const int series = about_->release.series;
  if (series >= read.schema.oldest && series <= read.schema.newest) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      options_.database.Describe(), " has the tables of Slurm ",
      read.schema.ToString(), ", but ",
      options_.release.has_value() ? "--release says " : "slurmdbd is ",
      about_->release.ToString(),
      ": it is another database, or an upgrade that has not been finished"));
}

absl::Status DatabaseSource::Compare(const std::vector<std::string>& database,
                                     Answer<std::vector<std::string>> slurmdbd,
                                     std::vector<Finding>* findings) const {
  if (slurmdbd.valid()) {
    ASSIGN_OR_RETURN(const auto lines, slurmdbd.get());
    return CompareTransactions(database, lines);
  }
  if (about_->storage_loc.empty()) {
    findings->push_back(MakeFinding(
        kUnprovenDatabase,
        "the database holds no transaction, and slurmdbd does not tell which "
        "one it uses: it cannot be verified that it uses this one"));
  }
  return absl::OkStatus();
}

}  // namespace

std::unique_ptr<LiveSource> LiveFromDatabase(CommandRunner* runner,
                                             DatabaseLiveOptions options) {
  return std::make_unique<DatabaseSource>(runner, std::move(options));
}

}  // namespace assocsync
