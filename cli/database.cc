#include "cli/database.h"

#include "engine/io/slurmdbd_conf.h"

namespace assocsync {

absl::Status FindDatabase(const DatabaseArgs& args, DatabaseOptions* database) {
  const absl::StatusOr<SlurmdbdConf> conf =
      ReadSlurmdbdConf(args.slurmdbd_conf);
  if (conf.ok()) {
    *database = conf->Database();
  } else {
    database->database = SlurmdbdConf().storage_loc;
  }
  database->defaults_file = args.defaults_file;
  return conf.ok() || !args.defaults_file.empty() ? absl::OkStatus()
                                                  : conf.status();
}

}  // namespace assocsync
