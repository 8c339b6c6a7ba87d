#include "engine/live/same_database.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"

namespace assocsync {
namespace {

constexpr absl::string_view kWhatToDo =
    "; look at --slurmdbd-conf and --defaults-file, or read with --live "
    "sacctmgr";

// Ids come in the order of the transactions' beginning, not of their times:
// among the last few lies the latest.
constexpr int kLast = 50;

// A name may hold a newline: as pieces between newlines both sides are alike.
std::vector<std::string> SortedLines(const std::string& text) {
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  std::sort(lines.begin(), lines.end());
  return lines;
}

}  // namespace

absl::StatusOr<int64_t> LastTransaction(Database& database) {
  ASSIGN_OR_RETURN(
      const auto last,
      Scalar(database, absl::StrCat("SELECT MAX(timestamp) FROM (SELECT "
                                    "timestamp FROM txn_table ORDER "
                                    "BY id DESC LIMIT ",
                                    kLast, ") last")));
  int64_t time = 0;
  if (last.has_value() && !absl::SimpleAtoi(*last, &time)) {
    return absl::DataLossError("txn_table.timestamp is no number");
  }
  return time;
}

absl::StatusOr<std::vector<std::string>> TransactionsInDatabase(
    Database& database, int64_t since, bool has_deleted) {
  std::string text;
  RETURN_IF_ERROR(database.ForEachRow(
      absl::StrCat("SELECT id, actor, name FROM txn_table WHERE timestamp >= ",
                   since, has_deleted ? " AND deleted=0" : ""),
      [&](absl::Span<const Database::Value> row) {
        absl::StrAppend(&text, row[0].value_or(""), "|", row[1].value_or(""),
                        "|", row[2].value_or(""), "\n");
        return absl::OkStatus();
      }));
  return SortedLines(text);
}

absl::StatusOr<std::vector<std::string>> TransactionsOfSlurmdbd(
    SacctmgrClient& client, int64_t since) {
  ASSIGN_OR_RETURN(
      const std::string text,
      client.Show({"transactions", absl::StrCat("start=uts", since),
                   "format=id,actor,where"}));
  return SortedLines(text);
}

absl::Status CompareTransactions(const std::vector<std::string>& database,
                                 const std::vector<std::string>& slurmdbd) {
  if (database == slurmdbd) return absl::OkStatus();
  const bool newer = std::includes(slurmdbd.begin(), slurmdbd.end(),
                                   database.begin(), database.end());
  const bool older = std::includes(database.begin(), database.end(),
                                   slurmdbd.begin(), slurmdbd.end()) &&
                     slurmdbd.size() > 1;
  if (newer || older) {
    return absl::AbortedError(absl::StrCat(
        newer ? "slurmdbd knows transactions that the database does not hold"
              : "the database holds transactions that slurmdbd does not know",
        ": something is just changing, or it is a copy of slurmdbd's database",
        kWhatToDo));
  }
  return absl::FailedPreconditionError(
      absl::StrCat("slurmdbd uses another database than the one that was "
                   "read: their last transactions differ",
                   kWhatToDo));
}

absl::Status CompareStorage(const AboutSlurmdbd& about,
                            const DatabaseOptions& read) {
  const auto other = [&](absl::string_view key, absl::string_view its,
                         absl::string_view ours) {
    return absl::FailedPreconditionError(absl::StrCat(
        "slurmdbd uses another database than the one that was read: its ", key,
        " is ", its, ", not ", ours, kWhatToDo));
  };
  if (!about.storage_loc.empty() && about.storage_loc != read.database) {
    return other("StorageLoc", about.storage_loc, read.database);
  }
  // By its own name and port only where slurmdbd.conf says how to connect:
  // elsewhere the same server may have another name, or be behind a tunnel.
  if (!read.defaults_file.empty() || read.origin.empty()) {
    return absl::OkStatus();
  }
  if (!about.storage_host.empty() && about.storage_host != read.host) {
    return other("StorageHost", about.storage_host, read.host);
  }
  if (!about.storage_port.empty() &&
      about.storage_port != absl::StrCat(read.port)) {
    return other("StoragePort", about.storage_port, absl::StrCat(read.port));
  }
  return absl::OkStatus();
}

}  // namespace assocsync
