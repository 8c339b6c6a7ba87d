#include "engine/backup/client_tool.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
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

// Inside double quotes `#` begins no comment; a backslash escapes.
std::string Quoted(absl::string_view value) {
  return absl::StrCat("\"",
                      absl::StrReplaceAll(value, {{"\\", "\\\\"},
                                                  {"\"", "\\\""},
                                                  {"\n", "\\n"},
                                                  {"\r", "\\r"},
                                                  {"\t", "\\t"},
                                                  {"\b", "\\b"}}),
                      "\"");
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

std::string OptionFileText(const DatabaseOptions& options) {
  std::string text = "[client]\n";
  const std::pair<absl::string_view, absl::string_view> kValues[] = {
      {"host", options.host},
      {"socket", options.socket},
      {"user", options.user},
      {"password", options.password},
      {"ssl-cert", options.tls.cert},
      {"ssl-key", options.tls.key},
      {"ssl-ca", options.tls.ca},
      {"ssl-capath", options.tls.capath},
      {"ssl-cipher", options.tls.cipher}};
  for (const auto& [name, value] : kValues) {
    if (!value.empty()) absl::StrAppend(&text, name, "=", Quoted(value), "\n");
  }
  absl::StrAppend(&text, "port=", options.port, "\n");
  return text;
}

std::vector<std::string> DumpCommand(absl::string_view tool,
                                     absl::string_view version,
                                     absl::string_view option_file,
                                     absl::string_view database) {
  std::vector<std::string> argv = {
      std::string(tool),
      // Must come first.
      absl::StrCat("--defaults-file=", option_file),
      // One moment for all tables, without locks that slurmdbd would wait for.
      "--single-transaction", "--skip-lock-tables",
      // Rows go out as they are read, also those with a large job script.
      "--quick", "--max-allowed-packet=1G",
      // Needs the PROCESS right, for nothing that a Slurm database has.
      "--no-tablespaces",
      // Holds every character that a table can hold, so nothing is lost in
      // either direction; binary columns pass through untouched.
      "--default-character-set=utf8mb4",
      // The trailer is a comment with a date.
      "--comments", "--dump-date", "--skip-force", "--extended-insert",
      "--create-options", "--add-drop-table"};
  if (!absl::StrContains(version, "MariaDB")) {
    // MySQL's own program asks MariaDB servers for statistics they do not
    // keep, and writes server-wide ids that another server refuses to load.
    argv.insert(argv.end(),
                {"--loose-column-statistics=0", "--loose-set-gtid-purged=OFF"});
  }
  argv.push_back(std::string(database));
  return argv;
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
