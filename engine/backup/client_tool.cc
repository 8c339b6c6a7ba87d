#include "engine/backup/client_tool.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "engine/backup/dump_command.h"
#include "engine/backup/mydumper.h"
#include "engine/base/status.h"
#include "engine/io/file.h"
#include "engine/io/program.h"

namespace assocsync {
namespace {

constexpr absl::Duration kVersionLimit = absl::Seconds(30);

// A file without a name, gone with this process and its children however they
// end. Not ok() where the system has no such thing.
UniqueFd InMemory(absl::string_view text) {
  UniqueFd fd(memfd_create("assocsync", 0));
  // Clients take no options from a file that others may write to.
  if (fd.ok() &&
      (fchmod(fd.get(), 0600) != 0 || WriteAll(fd.get(), text) != 0)) {
    fd.Reset();
  }
  return fd;
}

}  // namespace

absl::StatusOr<ClientTool> FindClientTool(
    const std::string& given, absl::Span<const absl::string_view> names,
    const std::string& search_path, absl::Duration limit,
    CommandRunner& runner) {
  ClientTool tool;
  tool.path = given;
  for (absl::string_view name : names) {
    if (!tool.path.empty()) break;
    const auto found = FindProgram(name, search_path);
    if (found.ok()) tool.path = *found;
  }
  if (tool.path.empty()) {
    return absl::UnavailableError(
        absl::StrCat(names.size() > 1 ? "neither " : "no ",
                     absl::StrJoin(names, " nor "), " found in PATH (",
                     search_path, "); install the MariaDB client programs"));
  }
  std::vector<std::string> argv = {tool.path};
  // It reads no option file here, and does not know the word.
  if (!IsMydumper(tool.path)) argv.push_back("--no-defaults");
  argv.push_back("--version");
  ASSIGN_OR_RETURN(const RunResult result,
                   runner.Run(argv, std::min(limit, kVersionLimit)));
  if (!result.clean()) {
    return absl::UnavailableError(
        absl::StrCat(tool.path, " --version: ", result.HowItEnded(), ": ",
                     absl::StripAsciiWhitespace(result.err)));
  }
  tool.version = std::string(absl::StripAsciiWhitespace(result.out));
  return tool;
}

absl::StatusOr<OptionFile> OptionFile::Create(const DatabaseOptions& database,
                                              const std::string& secret_dir) {
  OptionFile file;
  file.path_ = database.defaults_file;
  if (!file.path_.empty()) return file;
  const std::string text = OptionFileText(database);
  file.memory_ = InMemory(text);
  if (file.memory_.ok()) {
    // A child has it under the same number. Of another process than itself it
    // could not open it: this one is not dumpable.
    file.path_ = absl::StrCat("/proc/self/fd/", file.memory_.get());
    if (access(file.path_.c_str(), R_OK) == 0) return file;
    file.memory_.Reset();
  }
  ASSIGN_OR_RETURN(TempDir folder, TempDir::Create(secret_dir));
  file.path_ = absl::StrCat(folder.path(), "/client.cnf");
  RETURN_IF_ERROR(WriteFileAtomic(file.path_, text));
  file.folder_.emplace(std::move(folder));
  return file;
}

absl::Status ClientToolError(const ClientTool& tool, const RunResult& result) {
  const std::string message =
      absl::StrCat(tool.path, ": ", result.HowItEnded(), ": ",
                   absl::StripAsciiWhitespace(result.err));
  for (absl::string_view words : {"Access denied", "command denied"}) {
    if (absl::StrContains(result.err, words)) {
      return absl::PermissionDeniedError(message);
    }
  }
  return SaysDiskIsFull(result.err) ? absl::ResourceExhaustedError(message)
                                    : absl::InternalError(message);
}

bool SaysDiskIsFull(absl::string_view words) {
  return absl::StrContains(words, " is full") ||
         absl::StrContains(words, "No space left");
}

absl::Status CheckDatabaseName(absl::string_view name) {
  if (!name.empty() && name[0] != '-' && name[0] != '.' &&
      !absl::StrContains(name, '/')) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", name, "' is not a usable database name"));
}

}  // namespace assocsync
