#include "engine/backup/trial_load.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/backup/made_on_server.h"
#include "engine/backup/rights.h"
#include "engine/backup/verify_backup.h"
#include "engine/base/counted.h"
#include "engine/base/maps.h"
#include "engine/base/status.h"
#include "engine/io/stop.h"

namespace assocsync {
namespace {

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

absl::Status MayLoad(const LoadOptions& load) {
  DatabaseOptions server = load.database;
  server.database.clear();
  ASSIGN_OR_RETURN(const auto database, ConnectForChanges(server));
  return NeedsScratchRight(
      MayMoveTables(*database, {ScratchName(load.number)}));
}

absl::StatusOr<Loaded> CheckByLoading(
    const std::string& dir, const Manifest& manifest, LoadOptions load,
    absl::FunctionRef<absl::Status(Database&)> look) {
  ASSIGN_OR_RETURN(MadeOnServer scratch,
                   MadeOnServer::ScratchDatabase(load.database, load.number));
  load.database = scratch.options();
  absl::StatusOr<Loaded> loaded = LoadAndLook(dir, manifest, load, look);
  const absl::Status dropped = scratch.Drop();
  if (dropped.ok()) return loaded;
  if (loaded.ok()) return dropped;
  return absl::Status(
      loaded.status().code(),
      absl::StrCat(loaded.status().message(), "; ", dropped.message()));
}

}  // namespace assocsync
