#include "engine/backup/dump_command.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace assocsync {
namespace {

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

}  // namespace assocsync
