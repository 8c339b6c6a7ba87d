// What the last `assocsync verify` of a backup in a folder of backups came to,
// for `assocsync status`. It stands beside the backups, for nothing is put into
// one: BACKUP_DIR/.assocsync-verify.json, one JSON object, written whole.
#ifndef ASSOCSYNC_ENGINE_BACKUP_LAST_VERIFY_H_
#define ASSOCSYNC_ENGINE_BACKUP_LAST_VERIFY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace assocsync {

inline constexpr absl::string_view kLastVerifyName = ".assocsync-verify.json";

struct LastVerify {
  absl::Time time;     // Of its end; whole seconds.
  std::string backup;  // The name of the folder.
  bool good = false;
  bool loaded = false;  // With --load, and it went well.
  std::string error;    // Of one that is not good.
  bool operator==(const LastVerify&) const = default;
};

// Of the folder `dir` of a backup in `backup_dir`. Does nothing where it lies
// elsewhere, as a copy on another disk. Errors: file.h.
absl::Status NoteVerify(const std::string& backup_dir, const std::string& dir,
                        LastVerify verified);

// kNotFound: there is none; kDataLoss: what is there is none; file.h.
absl::StatusOr<LastVerify> ReadLastVerify(const std::string& backup_dir);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_BACKUP_LAST_VERIFY_H_
