// Read-only sacctmgr commands: internal to engine/live; live.h is the way in.
#ifndef ASSOCSYNC_ENGINE_LIVE_SACCTMGR_CLIENT_H_
#define ASSOCSYNC_ENGINE_LIVE_SACCTMGR_CLIENT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/io/mapped_file.h"
#include "engine/io/process.h"
#include "engine/live/live.h"

namespace assocsync {

// Every command carries -r, with which sacctmgr refuses to change anything.
class SacctmgrClient {
 public:
  SacctmgrClient(CommandRunner* runner, const SacctmgrOptions& options)
      : runner_(runner), options_(options) {}

  // stdout of `sacctmgr -r -n -P show ...`. Errors quote sacctmgr; where
  // slurmdbd does not answer they are kUnavailable and say what to do.
  absl::StatusOr<std::string> Show(const std::vector<std::string>& words);
  // `sacctmgr dump`, as it came: whole, or an error.
  absl::StatusOr<MappedFile> Dump(absl::string_view cluster);
  // What `sacctmgr -V` prints.
  absl::StatusOr<std::string> Version();

 private:
  // stdout of a command that went well; `doing`: "read 'show users'".
  absl::StatusOr<std::string> Run(const std::vector<std::string>& argv,
                                  absl::string_view doing);

  CommandRunner* runner_;
  const SacctmgrOptions& options_;
};

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LIVE_SACCTMGR_CLIENT_H_
