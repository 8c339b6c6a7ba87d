// The client programs of MariaDB and MySQL: finding them, calling them, and
// letting them log in without a password in any argument.
#ifndef ASSOCSYNC_ENGINE_BACKUP_CLIENT_TOOL_H_
#define ASSOCSYNC_ENGINE_BACKUP_CLIENT_TOOL_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/io/database.h"
#include "engine/io/dir.h"
#include "engine/io/process.h"
#include "engine/io/unique_fd.h"

namespace assocsync {

struct ClientTool {
  std::string path;
  std::string version;  // What its --version says.
};

// The program `given` (a path, or a name sought in `search_path`); where that
// is empty the first of `names` found there. kUnavailable: none is there, or it
// does not run. `limit`: of asking it for its version, half a minute at most.
absl::StatusOr<ClientTool> FindClientTool(
    const std::string& given, absl::Span<const absl::string_view> names,
    const std::string& search_path, absl::Duration limit,
    CommandRunner& runner);

// For --defaults-file: the admin's own file, or one made of the login. That one
// is in memory and has no name, so that not even a kill -9 leaves a password
// behind; children that are started while the object lives inherit it. Where
// /proc cannot be used it is in a private folder that goes when the object
// does.
class OptionFile {
 public:
  // `secret_dir`: where to make that folder.
  static absl::StatusOr<OptionFile> Create(const DatabaseOptions& database,
                                           const std::string& secret_dir);
  const std::string& path() const { return path_; }

 private:
  UniqueFd memory_;
  std::optional<TempDir> folder_;
  std::string path_;
};

// The text of an option file with which the dump program connects as slurmdbd
// does: a [client] group, every value quoted. It holds the password.
std::string OptionFileText(const DatabaseOptions& options);

// The words that dump all tables of `database` with `tool`, whose --version
// said `version`. `option_file` is the only place it reads options from, and
// what makes a dump whole is repeated after it, so that no option in there can
// take it away unnoticed.
std::vector<std::string> DumpCommand(absl::string_view tool,
                                     absl::string_view version,
                                     absl::string_view option_file,
                                     absl::string_view database);

// A program that failed, in its own words: kPermissionDenied where they speak
// of a login or a right, kResourceExhausted of a full disk, else kInternal.
absl::Status ClientToolError(const ClientTool& tool, const RunResult& result);

// "Error 1114: The table 't' is full", "No space left on device"
bool SaysDiskIsFull(absl::string_view words);

// Whether `name` can stand as a word of a command line and as a file name.
absl::Status CheckDatabaseName(absl::string_view name);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_CLIENT_TOOL_H_
