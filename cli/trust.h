// Which input of a command is held to which rule of trusted_path.h.
#ifndef ASSOCSYNC_CLI_TRUST_H_
#define ASSOCSYNC_CLI_TRUST_H_

#include "absl/status/status.h"
#include "cli/run.h"
#include "engine/io/trusted_path.h"

namespace assocsync {

// Before a command does anything: what tells it where to look and what to
// believe must come from root or the caller. This is the only place that says
// so, but for those that are judged where they are used: the config file
// (args.cc), the files of --key and --sign-key (signature.h) and every program
// (ProcessRunner).
//
//   slurmdbd.conf, with includes   a file; SlurmUser's as slurmdbd wants it
//   --defaults-file, with includes a file
//   --policy                       a file, where the caller is root
//   --backup-dir, or its default   a folder, or one that can be made
//   DIR of verify and restore      a backup: folder and files
//   TARGET, --base, A, B           the same where it is a folder; a file is
//                                  data, and may be anybody's
//   SLURM_CONF, LD_LIBRARY_PATH    a file; folders: where the caller is root.
//                                  They reach sacctmgr, and name its plugins.
//
// What is missing or cannot be read is no error here: the command knows what
// to say. Errors: IsUntrusted; what makes it impossible to tell.
absl::Status CheckTrust(const Options& args, const PathTrust& trust,
                        const Env& env);

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_TRUST_H_
