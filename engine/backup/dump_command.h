// How the dump program is called. Pure.
#ifndef ASSOCSYNC_ENGINE_BACKUP_DUMP_COMMAND_H_
#define ASSOCSYNC_ENGINE_BACKUP_DUMP_COMMAND_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/io/database.h"

namespace assocsync {

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

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_DUMP_COMMAND_H_
