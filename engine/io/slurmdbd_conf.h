// slurmdbd.conf: where slurmdbd answers, and where it keeps its database.
#ifndef ASSOCSYNC_ENGINE_IO_SLURMDBD_CONF_H_
#define ASSOCSYNC_ENGINE_IO_SLURMDBD_CONF_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/io/database.h"
#include "engine/io/trusted_path.h"

namespace assocsync {

// What assocsync needs of it, with slurmdbd's own defaults where it says
// nothing. Comparison and copying are plain; `storage_pass` is a secret: it
// goes into no message and no log.
struct SlurmdbdConf {
  std::string path;                 // the file, for messages
  std::string slurm_user = "root";  // SlurmUser: whose file it must be
  std::string dbd_host;
  std::string dbd_addr;         // empty: dbd_host
  std::string dbd_backup_host;  // empty: none
  int dbd_port = 6819;
  std::string storage_host = "localhost";
  int storage_port = 3306;
  std::string
      storage_user;  // empty: not given; slurmdbd then uses its own user
  std::string storage_pass;
  std::string storage_loc = "slurm_acct_db";  // the database
  DatabaseTls tls;                            // StorageParameters
  bool preserve_case_user = false;            // Parameters
  bool allow_no_def_acct = false;             // AllowNoDefAcct

  // How to connect as slurmdbd does.
  DatabaseOptions Database() const;
  // Hosts that a slurmdbd may answer on, at dbd_port; without doubles.
  std::vector<std::string> DbdHosts() const;

  friend bool operator==(const SlurmdbdConf&, const SlurmdbdConf&) = default;
};

// Reads the file as slurmdbd reads it: one key=value per line, keys in any
// case, the last one wins, values bare or in double quotes, `#` begins a
// comment even inside quotes unless a backslash stands before it, a backslash
// takes the next character as it is, a line that ends in one continues on the
// next. `Include FILE` is followed (relative to the folder of `path`). Keys
// that are not needed here, or not known, are skipped.
//
// Errors: kNotFound, kPermissionDenied "path: cannot open: reason";
// kInvalidArgument "path:line: ..." for what slurmdbd could not read either.
// With `trust` also IsUntrusted: the file and all that it includes must be
// trusted (trusted_path.h). As slurmdbd wants it they may belong to SlurmUser,
// where root or the caller put them into their folder.
absl::StatusOr<SlurmdbdConf> ReadSlurmdbdConf(const std::string& path,
                                              const PathTrust* trust = nullptr);

}  // namespace assocsync

#endif  // ASSOCSYNC_ENGINE_IO_SLURMDBD_CONF_H_
