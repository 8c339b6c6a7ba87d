#include "engine/backup/trial_load.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "engine/backup/verify_backup.h"
#include "engine/base/counted.h"
#include "engine/base/maps.h"
#include "engine/base/status.h"
#include "engine/io/stop.h"

namespace assocsync {
namespace {

constexpr absl::string_view kScratchPrefix = "assocsync_verify_";
// The server may be busy with the last statement of a client that was killed.
constexpr int kDropAttempts = 6;

std::string DropStatement(absl::string_view name) {
  return absl::StrCat("DROP DATABASE IF EXISTS ", SqlName(name));
}

bool IsScratchName(absl::string_view name) {
  return absl::ConsumePrefix(&name, kScratchPrefix) && !name.empty() &&
         name.size() <= 20 &&
         std::all_of(name.begin(), name.end(), absl::ascii_isdigit);
}

// What runs that were killed left behind, as far as the user sees it. That one
// cannot be dropped is no reason not to go on.
absl::Status DropLeftDatabases(Database& database) {
  ASSIGN_OR_RETURN(const auto rows,
                   database.Query("SELECT SCHEMA_NAME FROM "
                                  "information_schema.SCHEMATA"));
  for (const Database::Row& row : rows) {
    const std::string name = row[0].value_or("");
    if (!IsScratchName(name)) continue;
    if (!TryLock(database, LockOf(name)).ok()) continue;
    database.Execute(DropStatement(name)).IgnoreError();
    RETURN_IF_ERROR(Unlock(database, LockOf(name)));
  }
  return absl::OkStatus();
}

absl::Status NeedsRight(const absl::Status& status) {
  if (!absl::IsPermissionDenied(status)) return status;
  return absl::PermissionDeniedError(
      absl::StrCat(status.message(),
                   "; to load a backup the user needs: GRANT ALL ON "
                   "`assocsync\\_verify\\_%`.* TO 'user'@'host'"));
}

absl::Status CompareRows(Database& database, const std::string& name,
                         const Manifest& manifest) {
  ASSIGN_OR_RETURN(const std::vector<TableSize> sizes,
                   TableSizes(database, name));
  ASSIGN_OR_RETURN(const RowCounts counts, CountRows(database, NamesOf(sizes)));
  for (const TableRows& want : manifest.tables) {
    const uint64_t* rows = FindIn(counts, want.name);
    if (rows == nullptr) {
      return absl::DataLossError(
          absl::StrCat("loaded, table ", want.name, " is not there"));
    }
    if (*rows != want.rows) {
      return absl::DataLossError(absl::StrCat("loaded, table ", want.name,
                                              " has ", Counted(*rows, "row"),
                                              ", not ", want.rows));
    }
  }
  if (counts.size() == manifest.tables.size()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("loaded, there are ", counts.size(),
                                          " tables, not ",
                                          manifest.tables.size()));
}

absl::StatusOr<Loaded> LoadAndLook(
    const std::string& dir, const Manifest& manifest, const LoadOptions& load,
    absl::FunctionRef<absl::Status(Database&)> look) {
  const auto source = [&](ByteSink sink) {
    return StreamSql(dir, manifest, sink);
  };
  ASSIGN_OR_RETURN(Loaded loaded, LoadDump(load, source));
  ASSIGN_OR_RETURN(const auto database, Connect(load.database));
  RETURN_IF_ERROR(CompareRows(*database, load.database.database, manifest));
  RETURN_IF_ERROR(CheckStop(load.stop));
  RETURN_IF_ERROR(look(*database));
  return loaded;
}

}  // namespace

absl::StatusOr<ScratchDatabase> ScratchDatabase::Create(
    const DatabaseOptions& server, uint64_t number) {
  ScratchDatabase scratch;
  scratch.options_ = server;
  scratch.options_.database.clear();
  ASSIGN_OR_RETURN(auto database, ConnectForChanges(scratch.options_));
  const std::string name = absl::StrCat(kScratchPrefix, number);
  RETURN_IF_ERROR(DropLeftDatabases(*database));
  RETURN_IF_ERROR(TryLock(*database, LockOf(name)));
  RETURN_IF_ERROR(NeedsRight(
      database->Execute(absl::StrCat("CREATE DATABASE ", SqlName(name)))));
  scratch.options_.database = name;
  scratch.database_ = std::move(database);
  return scratch;
}

ScratchDatabase::ScratchDatabase(ScratchDatabase&& other) noexcept
    : options_(std::move(other.options_)),
      database_(std::move(other.database_)) {}

ScratchDatabase::~ScratchDatabase() { Drop().IgnoreError(); }

absl::Status ScratchDatabase::Drop() {
  if (database_ == nullptr) return absl::OkStatus();
  absl::Status status;
  const DatabaseOptions server = [&] {
    DatabaseOptions without = options_.ForCleanup();
    without.database.clear();
    return without;
  }();
  const bool hurry = server.read_timeout < options_.read_timeout;
  for (int i = 0; i < (hurry ? 2 : kDropAttempts); ++i) {
    // After Ctrl-C: at once false, and the connection made below does it.
    status = database_->Execute(DropStatement(options_.database));
    if (status.ok()) break;
    // The connection may have been closed during a long load.
    if (auto again = ConnectForChanges(server); again.ok()) {
      database_ = *std::move(again);
    }
    absl::SleepFor(absl::Milliseconds(200));
  }
  database_.reset();
  return Annotate(status,
                  absl::StrCat("the scratch database ", options_.database,
                               " could not be dropped; drop it"));
}

absl::StatusOr<Loaded> CheckByLoading(
    const std::string& dir, const Manifest& manifest, LoadOptions load,
    absl::FunctionRef<absl::Status(Database&)> look) {
  ASSIGN_OR_RETURN(ScratchDatabase scratch,
                   ScratchDatabase::Create(load.database, load.number));
  load.database = scratch.options();
  absl::StatusOr<Loaded> loaded = LoadAndLook(dir, manifest, load, look);
  const absl::Status dropped = scratch.Drop();
  if (loaded.ok() && !dropped.ok()) return dropped;
  if (!loaded.ok() && !dropped.ok()) {
    return absl::Status(
        loaded.status().code(),
        absl::StrCat(loaded.status().message(), "; ", dropped.message()));
  }
  return loaded;
}

}  // namespace assocsync
