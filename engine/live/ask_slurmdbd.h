// What slurmdbd says of itself, through sacctmgr: internal to engine/live.
#ifndef ASSOCSYNC_ENGINE_LIVE_ASK_SLURMDBD_H_
#define ASSOCSYNC_ENGINE_LIVE_ASK_SLURMDBD_H_

#include <string>

#include "absl/status/statusor.h"
#include "engine/live/sacctmgr_client.h"
#include "engine/slurm/release.h"

namespace assocsync {

// What cannot change between two reads of one run.
struct AboutSlurmdbd {
  Release release;
  bool preserve_user_case = false;
  bool allow_no_def_acct = false;  // 20.11 has no such thing.
  // Where its database is, in its own words; empty where it does not tell
  // (26.05 prints other values there).
  std::string storage_loc, storage_host, storage_port;
};

// kFailedPrecondition: sacctmgr and slurmdbd are of different series. Interns
// nothing: may run on any thread.
absl::StatusOr<AboutSlurmdbd> AskSlurmdbd(SacctmgrClient& client);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_LIVE_ASK_SLURMDBD_H_
