#include "engine/backup/load_sql.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "engine/backup/client_tool.h"
#include "engine/backup/load_guard.h"
#include "engine/base/status.h"

namespace assocsync {
namespace {

constexpr absl::string_view kClients[] = {"mariadb", "mysql"};
// Between two looks at the text, the client gets at most so much.
constexpr size_t kPiece = size_t{256} << 10;

std::vector<std::string> LoadCommand(const ClientTool& tool,
                                     const std::string& option_file,
                                     const std::string& database) {
  return {tool.path,
          // Must come first.
          absl::StrCat("--defaults-file=", option_file),
          // Without it the client runs its own commands found in the text
          // (`\!` starts a shell) and changes line ends inside strings.
          "--binary-mode", "--batch", "--skip-force", "--skip-reconnect",
          "--skip-auto-rehash", "--max-allowed-packet=1G",
          "--default-character-set=utf8mb4",
          absl::StrCat("--database=", database)};
}

}  // namespace

absl::StatusOr<Loaded> LoadSql(const LoadOptions& options, SqlSource source,
                               CommandRunner& runner) {
  const std::string& database = options.database.database;
  RETURN_IF_ERROR(CheckDatabaseName(database));
  ASSIGN_OR_RETURN(
      const ClientTool tool,
      FindClientTool(options.tool, kClients, options.search_path, runner));
  ASSIGN_OR_RETURN(const OptionFile option_file,
                   OptionFile::Create(options.database, options.secret_dir));
  Loaded loaded;
  loaded.tool = tool.version;
  LoadGuard guard;
  StreamOptions stream;
  stream.limit = options.limit;
  stream.stop = options.stop;
  stream.input = [&](CommandRunner::Sink sink) -> absl::Status {
    RETURN_IF_ERROR(source([&](absl::string_view sql) -> absl::Status {
      for (; !sql.empty(); sql.remove_prefix(std::min(kPiece, sql.size()))) {
        const absl::string_view piece = sql.substr(0, kPiece);
        RETURN_IF_ERROR(guard.Feed(piece));
        RETURN_IF_ERROR(sink(piece));
        loaded.sql_bytes += piece.size();
        if (options.progress) options.progress(loaded.sql_bytes);
      }
      return absl::OkStatus();
    }));
    return guard.Finish();
  };
  ASSIGN_OR_RETURN(
      const RunResult result,
      runner.Stream(LoadCommand(tool, option_file.path(), database), stream,
                    [](absl::string_view) { return absl::OkStatus(); }));
  if (!result.clean()) return ClientToolError(tool, result);
  if (!result.took_input) {
    return absl::InternalError(
        absl::StrCat(tool.path, ": ended before it had read everything: ",
                     absl::StripAsciiWhitespace(result.err)));
  }
  return loaded;
}

}  // namespace assocsync
