#include "engine/restore/schema.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/status.h"
#include "engine/io/program.h"
#include "engine/io/trusted_path.h"

namespace assocsync {
namespace {

constexpr absl::Duration kVersionLimit = absl::Seconds(30);
constexpr absl::string_view kMoreFolders = "/usr/sbin:/usr/local/sbin:/sbin";

absl::StatusOr<bool> HasColumn(Database& server, absl::string_view database,
                               absl::string_view tables,
                               absl::string_view column) {
  ASSIGN_OR_RETURN(
      const auto rows,
      server.Query(absl::StrCat(
          "SELECT 1 FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ",
          SqlString(database), " AND TABLE_NAME ", tables,
          " AND COLUMN_NAME = ", SqlString(column), " LIMIT 1")));
  return !rows.empty();
}

}  // namespace

absl::StatusOr<Schema> ReadSchema(Database& server,
                                  absl::string_view database) {
  const auto version = Scalar(
      server, absl::StrCat("SELECT MAX(version) FROM ", SqlName(database), ".",
                           SqlName("convert_version_table")));
  Schema schema;
  if (!version.ok() ||
      !absl::SimpleAtoi(version->value_or(""), &schema.version)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the backup's tables do not say which schema they have "
        "(convert_version_table",
        version.ok() ? " is empty"
                     : absl::StrCat(": ", version.status().message()),
        ")"));
  }
  constexpr absl::string_view kAssoc = "LIKE '%\\\\_assoc\\\\_table'";
  ASSIGN_OR_RETURN(const bool has_assoc,
                   HasColumn(server, database, kAssoc, "id_assoc"));
  ASSIGN_OR_RETURN(const bool has_lft,
                   HasColumn(server, database, kAssoc, "lft"));
  schema.assoc_lacks_lft = has_assoc && !has_lft;
  ASSIGN_OR_RETURN(schema.acct_has_flags,
                   HasColumn(server, database, "= 'acct_table'", "flags"));
  return schema;
}

absl::Status CheckSchema(const Schema& schema, const Release& release) {
  ASSIGN_OR_RETURN(const Behaviour behaviour, BehaviourOf(release));
  if (schema.version < behaviour.oldest_schema) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the backup has schema ", schema.version, "; slurmdbd ",
        release.ToString(), " upgrades from ", behaviour.oldest_schema,
        " on. Start a slurmdbd of a release in between on it first "
        "(--release R says which one will be started)"));
  }
  if (IsNewerThanTable(release)) return absl::OkStatus();
  const bool newer = schema.version > behaviour.schema_version ||
                     (behaviour.assoc_has_lft && schema.assoc_lacks_lft) ||
                     (!behaviour.acct_has_flags && schema.acct_has_flags);
  if (!newer) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "the backup has schema ", schema.version,
      schema.version > behaviour.schema_version
          ? ""
          : " with columns of a later release",
      ", slurmdbd ", release.ToString(), " has ", behaviour.schema_version,
      ": it is of a newer release of Slurm, and slurmdbd cannot go back. "
      "Install the release that wrote it"));
}

absl::StatusOr<Release> InstalledSlurmdbd(const std::string& program,
                                          const std::string& search_path,
                                          CommandRunner& runner) {
  const auto advised = [](const absl::Status& status) {
    return absl::NotFoundError(absl::StrCat(
        status.message(),
        "; which release will be started on the restored database must be "
        "known: name the program with --slurmdbd PATH, or the release with "
        "--release R"));
  };
  const absl::StatusOr<std::string> found =
      FindProgram(program.empty() ? "slurmdbd" : program,
                  absl::StrCat(search_path, ":", kMoreFolders));
  if (!found.ok()) return advised(found.status());
  const absl::StatusOr<RunResult> ran =
      runner.Run({*found, "-V"}, kVersionLimit);
  if (IsUntrusted(ran.status())) return ran.status();
  if (absl::IsUnavailable(ran.status())) return advised(ran.status());
  if (!ran.ok()) return ran.status();
  const RunResult& result = *ran;
  if (!result.clean()) {
    return absl::UnavailableError(absl::StrCat(
        *found, " -V: ", result.HowItEnded(), "; say --release R instead"));
  }
  return Annotate(ParseRelease(result.out), absl::StrCat(*found, " -V"));
}

}  // namespace assocsync
