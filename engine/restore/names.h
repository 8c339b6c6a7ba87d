// The databases of a restore's own making: what they are called, and how one
// is told from somebody else's.
#ifndef ASSOCSYNC_ENGINE_RESTORE_NAMES_H_
#define ASSOCSYNC_ENGINE_RESTORE_NAMES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/io/database.h"

namespace assocsync {

// All begin so, which is what a GRANT for them names:
//   GRANT ALL ON `slurm\_acct\_db\_assocsync\_%`.* TO ...
// "slurm_acct_db_assocsync_new": where the backup is loaded.
std::string ShadowName(absl::string_view database);
// "slurm_acct_db_assocsync_old_20261124_014848": where the tables go that were
// there before. Lower case and UTC; no server changes the letters.
std::string KeptName(absl::string_view database, absl::Time now);
bool IsKeptName(absl::string_view database, absl::string_view name);
// kInvalidArgument: with those ends the name would be longer than the 64
// characters that a server allows, or it is none.
absl::Status CheckRestorable(absl::string_view database);

// A table in each of them says what it is for; the name alone proves nothing.
inline constexpr absl::string_view kNoteTable = "assocsync_note";
struct Note {
  std::string database;  // that was restored
  std::string purpose;   // "new" or "old"
  std::string made;      // "2026-11-24T01:48:48Z"
  std::string source;    // the backup folder
  std::string folder;    // of the run
};
absl::Status MakeOwnDatabase(Database& server, absl::string_view name,
                             const Note& note);

enum class Ownership {
  kAbsent,
  kEmpty,    // exists, and there is nothing in it: a kill right after CREATE
  kOurs,     // has a note that names `database`
  kForeign,  // anything else: hands off
};
struct OwnDatabase {
  std::string name;
  Ownership ownership = Ownership::kAbsent;
  Note note;                      // of kOurs
  std::vector<TableSize> tables;  // without the note
  uint64_t bytes() const;         // as the server estimates it
};
absl::StatusOr<OwnDatabase> LookAtOwn(Database& server, absl::string_view name,
                                      absl::string_view database);

// Every kept database of `database`, oldest first; foreign ones are left out.
absl::StatusOr<std::vector<OwnDatabase>> KeptDatabases(
    Database& server, absl::string_view database);

// DROP DATABASE, after a last look. kFailedPrecondition: it is not ours.
absl::Status DropOwn(Database& server, absl::string_view name,
                     absl::string_view database);

// Drops what killed runs left: the shadow database, and kept ones that never
// got a table. kFailedPrecondition: the shadow is not ours.
absl::Status DropLeftovers(Database& server, absl::string_view database);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_RESTORE_NAMES_H_
