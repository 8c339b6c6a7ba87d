// mydumper, which dumps with several connections at once: how it is called, and
// how its many files become the one SQL text that everything else here reads.
#ifndef ASSOCSYNC_ENGINE_BACKUP_MYDUMPER_H_
#define ASSOCSYNC_ENGINE_BACKUP_MYDUMPER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/backup/compression.h"

namespace assocsync {

// Whether a program, a name or a path, is mydumper.
bool IsMydumper(absl::string_view tool);

// kUnimplemented unless `version`, what its --version said, is one whose locks
// and files are known here: 0.10, which Debian 12 has (its 0.10.1 says 0.10.0).
absl::Status CheckMydumperVersion(absl::string_view version);

// The words that dump all tables of `database` into files in `folder`. All its
// connections see one moment: it read-locks the tables of this database until
// each has begun its transaction. That needs no right which slurmdbd's own user
// lacks (the usual FLUSH TABLES WITH READ LOCK needs RELOAD), but it waits for
// running transactions, and slurmdbd waits for it. Pure.
std::vector<std::string> MydumperCommand(absl::string_view tool,
                                         absl::string_view option_file,
                                         absl::string_view database,
                                         absl::string_view folder);

// Bytes in the files of `folder`, as far as they can be seen.
uint64_t BytesInFiles(const std::string& folder);

// Hands the files in `folder` to `sink` as one text like that of mariadb-dump:
// header, each table with DROP, CREATE and its rows, trailer with the time
// `now` in `zone`. Returns the sink's error at once. kDataLoss: mydumper did
// not say that it finished, or there is a file whose meaning is not known.
absl::Status JoinMydumperFiles(const std::string& folder,
                               absl::string_view database,
                               absl::string_view version, absl::Time now,
                               absl::TimeZone zone, ByteSink sink);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_MYDUMPER_H_
