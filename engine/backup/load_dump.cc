#include "engine/backup/load_dump.h"

#include <algorithm>
#include <memory>

#include "engine/backup/client_tool.h"
#include "engine/backup/load_writer.h"
#include "engine/backup/made_on_server.h"
#include "engine/backup/sql_reader.h"
#include "engine/base/status.h"
#include "engine/io/stop.h"

namespace assocsync {
namespace {

// Between two looks at the stop flag the reader gets at most so much.
constexpr size_t kReadPiece = size_t{256} << 10;

absl::Status Transfer(const LoadOptions& options, SqlSource source,
                      Database& database, Loaded* loaded) {
  LoadWriter writer(&database, {options.leave_out_others, options.newer_release,
                                options.uses});
  RETURN_IF_ERROR(writer.Start());
  SqlReader reader(&writer);
  RETURN_IF_ERROR(source([&](absl::string_view sql) -> absl::Status {
    for (; !sql.empty(); sql.remove_prefix(std::min(kReadPiece, sql.size()))) {
      RETURN_IF_ERROR(CheckStop(options.stop));
      const absl::string_view piece = sql.substr(0, kReadPiece);
      RETURN_IF_ERROR(reader.Feed(piece));
      loaded->sql_bytes += piece.size();
      if (options.progress) options.progress(loaded->sql_bytes);
    }
    return absl::OkStatus();
  }));
  RETURN_IF_ERROR(reader.Finish());
  RETURN_IF_ERROR(writer.Finish());
  loaded->left_out.assign(writer.left_out().begin(), writer.left_out().end());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Loaded> LoadDump(const LoadOptions& options, SqlSource source) {
  RETURN_IF_ERROR(CheckDatabaseName(options.database.database));
  Loaded loaded;
  absl::StatusOr<MadeOnServer> login =
      MadeOnServer::LoadLogin(options.database, options.number);
  absl::StatusOr<std::unique_ptr<Database>> database =
      login.ok() ? ConnectForChanges(login->options()) : login.status();
  if (absl::IsCancelled(database.status())) return database.status();
  if (!database.ok()) {
    loaded.own_login = std::string(database.status().message());
    database = ConnectForChanges(options.database);
    RETURN_IF_ERROR(database);
  }
  absl::Status status = Transfer(options, source, **database, &loaded);
  database->reset();
  if (login.ok()) {
    const absl::Status dropped = login->Drop();
    if (status.ok()) status = dropped;
  }
  RETURN_IF_ERROR(status);
  return loaded;
}

}  // namespace assocsync
