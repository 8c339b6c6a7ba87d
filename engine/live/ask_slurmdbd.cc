#include "engine/live/ask_slurmdbd.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "engine/live/listing.h"

namespace assocsync {
namespace {

// sacctmgr's own release. The configuration tells it too, which saves a
// process; `sacctmgr -V` where it does not.
absl::StatusOr<Release> ClientRelease(absl::string_view config,
                                      SacctmgrClient& client) {
  if (const absl::string_view text = ConfigValue(config, "SLURM_VERSION");
      !text.empty()) {
    return Annotate(ParseRelease(text), "SLURM_VERSION");
  }
  ASSIGN_OR_RETURN(const std::string version, client.Version());
  return Annotate(ParseRelease(version), "sacctmgr -V");
}

}  // namespace

absl::StatusOr<AboutSlurmdbd> AskSlurmdbd(SacctmgrClient& client) {
  ASSIGN_OR_RETURN(const std::string config, client.Show({"configuration"}));
  AboutSlurmdbd about;
  ASSIGN_OR_RETURN(about.release, ClientRelease(config, client));
  // Which rows a delete takes is slurmdbd's doing: its release counts.
  if (const absl::string_view text = ConfigValue(config, "SLURMDBD_VERSION");
      !text.empty()) {
    ASSIGN_OR_RETURN(const Release server,
                     Annotate(ParseRelease(text), "SLURMDBD_VERSION"));
    if (server.series != about.release.series) {
      return absl::FailedPreconditionError(absl::StrCat(
          "sacctmgr is ", about.release.ToString(), " but slurmdbd is ",
          server.ToString(),
          ", and what a command does depends on both; "
          "run this with the sacctmgr of slurmdbd's own series (--sacctmgr "
          "PATH)"));
    }
    about.release = server;
  }
  for (absl::string_view word :
       absl::StrSplit(ConfigValue(config, "Parameters"), ',')) {
    if (absl::EqualsIgnoreCase(word, "PreserveCaseUser")) {
      about.preserve_user_case = true;
    }
  }
  about.allow_no_def_acct =
      absl::EqualsIgnoreCase(ConfigValue(config, "AllowNoDefAcct"), "yes");
  // sacctmgr of 26.05 prints its own storage there: slurmdbd itself.
  if (ConfigValue(config, "StorageType") == "accounting_storage/mysql") {
    about.storage_loc = std::string(ConfigValue(config, "StorageLoc"));
    about.storage_host = std::string(ConfigValue(config, "StorageHost"));
    about.storage_port = std::string(ConfigValue(config, "StoragePort"));
  }
  return about;
}

}  // namespace assocsync
