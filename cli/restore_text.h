// What `assocsync restore` has to say.
#ifndef ASSOCSYNC_CLI_RESTORE_TEXT_H_
#define ASSOCSYNC_CLI_RESTORE_TEXT_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/restore/names.h"
#include "engine/restore/preview.h"
#include "engine/restore/restore.h"

namespace assocsync {

// What will happen, for the one who is asked. `verbose`: every table.
std::string PreviewText(const RestorePreview& preview, absl::Time now,
                        bool verbose);

// "of database slurm_acct_db, clusters lab, other": of a plain SQL dump.
std::string DumpOfText(const Manifest& manifest);

// What was done, and what to do next.
std::string RestoredText(const RestoreReport& report,
                         const RestoreOptions& options);

// Databases that --purge would drop.
std::string KeptText(const std::vector<OwnDatabase>& kept);

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_RESTORE_TEXT_H_
