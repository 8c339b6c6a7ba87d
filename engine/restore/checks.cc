#include "engine/restore/checks.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "engine/backup/verify_backup.h"
#include "engine/base/counted.h"
#include "engine/base/status.h"
#include "engine/io/stop.h"
#include "engine/restore/schema.h"

namespace assocsync {
namespace {

// How long a server is waited for that may still be renaming.
constexpr int kAsks = 600;
constexpr absl::Duration kBetweenAsks = absl::Milliseconds(500);
constexpr absl::Duration kBetweenLooks = absl::Milliseconds(50);

using absl::FailedPreconditionError;
using absl::StrCat;

// Not more names than a person reads.
std::string Some(const std::vector<std::string>& words) {
  constexpr size_t kShown = 5;
  if (words.size() <= kShown) return absl::StrJoin(words, ", ");
  return StrCat(absl::StrJoin(words.begin(), words.begin() + kShown, ", "),
                " and ", words.size() - kShown, " more");
}

std::vector<std::string> Without(std::vector<std::string> names,
                                 const std::vector<std::string>& these) {
  std::erase_if(names, [&](const std::string& name) {
    return absl::c_linear_search(these, name);
  });
  return names;
}

// Something answers there. Where that cannot be told, it is a caution.
bool Answers(const RestoreDeps& deps, absl::string_view who,
             const std::string& host, int port,
             std::vector<std::string>* cautions) {
  const absl::StatusOr<bool> listens = deps.listens(host, port);
  if (listens.ok()) return *listens;
  cautions->push_back(StrCat("whether ", who, " answers on ", host,
                             " cannot be told: ", listens.status().message()));
  return false;
}

// The tables and rows that are not those of the manifest, but for those of
// `staying`, as a list of what is wrong.
absl::StatusOr<std::vector<std::string>> RowsThatDiffer(
    Database& server, const std::string& database, const Manifest& manifest,
    const std::vector<std::string>& staying = {}) {
  ASSIGN_OR_RETURN(const Contents contents, LookAt(server, database));
  std::vector<std::string> tables = Without(NamesOf(contents.tables), staying);
  tables = Without(std::move(tables), {std::string(kNoteTable)});
  ASSIGN_OR_RETURN(RowCounts counts, CountAll(server, database, tables));
  std::vector<std::string> wrong;
  for (const TableRows& table : manifest.tables) {
    const auto it = counts.find(table.name);
    if (it == counts.end()) {
      wrong.push_back(StrCat("table ", table.name, " is missing"));
      continue;
    }
    if (it->second != table.rows) {
      wrong.push_back(StrCat("table ", table.name, " has ",
                             Counted(it->second, "row"), ", the backup ",
                             table.rows));
    }
    counts.erase(it);
  }
  for (const auto& [name, rows] : counts) {
    wrong.push_back(StrCat("table ", name, " is not in the backup"));
  }
  return wrong;
}

}  // namespace

absl::Status CheckBackup(const RestoreOptions& options,
                         const Manifest& manifest) {
  const absl::StatusOr<BackupFile> sql = SqlFileOf(manifest);
  if (!sql.ok()) {
    return FailedPreconditionError(
        StrCat(options.dir, ": ", sql.status().message()));
  }
  // A site without clusters has these all the same.
  const std::vector<std::string> tables = NamesOf(manifest.tables);
  for (const absl::string_view name :
       {"acct_table", "cluster_table", "convert_version_table", "user_table"}) {
    if (!absl::c_linear_search(tables, name)) {
      return FailedPreconditionError(StrCat(
          options.dir, ": no backup of a slurmdbd database: it has no ", name));
    }
  }
  const absl::StatusOr<Release> release = ParseRelease(manifest.slurm_release);
  if (!release.ok() || release->series <= options.release.series) {
    return absl::OkStatus();
  }
  return FailedPreconditionError(
      StrCat(options.dir, ": of Slurm ", release->ToString(), ", slurmdbd is ",
             options.release.ToString(),
             ", and it cannot go back to an older release. Install the one "
             "that wrote the backup"));
}

absl::Status CheckPlainDump(const RestoreOptions& options,
                            const PlainDump& dump) {
  Schema schema;
  if (!absl::SimpleAtoi(dump.manifest.schema, &schema.version)) {
    return FailedPreconditionError(
        StrCat(options.dir,
               ": the dump does not say which schema its tables have "
               "(convert_version_table has no row): no slurmdbd has ever "
               "finished making this database"));
  }
  const Behaviour& behaviour = dump.schema.behaviour();
  schema.assoc_lacks_lft = !behaviour.assoc_has_lft;
  schema.acct_has_flags = behaviour.acct_has_flags;
  return Annotate(CheckSchema(schema, options.release), options.dir);
}

absl::Status CheckUnused(const RestoreOptions& options, const RestoreDeps& deps,
                         Database& server, const ServerFacts& facts,
                         absl::Duration patience,
                         std::vector<std::string>* cautions) {
  for (const std::string& host : options.daemon_hosts) {
    if (Answers(deps, "slurmdbd", host, options.daemon_port, cautions)) {
      return FailedPreconditionError(
          StrCat("slurmdbd runs: something answers on ", host, ":",
                 options.daemon_port,
                 ". Stop it on every node (systemctl stop slurmdbd), and keep "
                 "it from being started again"));
    }
  }
  if (options.daemon_hosts.empty()) {
    cautions->push_back(
        "whether slurmdbd answers cannot be told without its slurmdbd.conf");
  }
  if (facts.galera) {
    cautions->push_back(
        "this is a Galera cluster: connections to its other nodes cannot be "
        "seen from here");
  }
  if (!facts.sees_all_sessions) {
    const std::string user = facts.user.substr(0, facts.user.rfind('@'));
    if (user != options.daemon_user) {
      return FailedPreconditionError(StrCat(
          "whether slurmdbd holds connections cannot be seen: ", facts.user,
          " lacks the PROCESS right",
          options.daemon_user.empty()
              ? ""
              : StrCat(" and is not slurmdbd's own user ", options.daemon_user),
          ". GRANT PROCESS ON *.* to it"));
    }
    cautions->push_back(StrCat("only connections of ", user,
                               ", slurmdbd's own user, can be seen: ", user,
                               " lacks the PROCESS right"));
  }
  std::vector<std::string> sessions;
  for (absl::Duration waited;; waited += kBetweenLooks) {
    ASSIGN_OR_RETURN(sessions, Sessions(server, options.database));
    if (sessions.empty()) return absl::OkStatus();
    if (waited >= patience || !CheckStop(deps.stop).ok()) break;
    absl::SleepFor(kBetweenLooks);
  }
  return FailedPreconditionError(
      StrCat("database ", options.database, " is in use: ", Some(sessions),
             ". Stop slurmdbd on every node, and close other clients"));
}

absl::StatusOr<std::vector<std::string>> CheckControllers(
    const RestoreOptions& options, const RestoreDeps& deps, Database& server,
    std::vector<std::string>* cautions) {
  std::vector<std::string> running;
  const auto rows = server.Query(
      StrCat("SELECT name, control_host, control_port FROM ",
             SqlName(options.database),
             ".cluster_table WHERE deleted=0 AND control_port<>0 ORDER BY "
             "BINARY name"));
  if (!rows.ok()) {
    if (LostServer(rows.status())) return rows.status();
    cautions->push_back(StrCat("whether a slurmctld runs cannot be told: ",
                               rows.status().message()));
    return running;
  }
  for (const Database::Row& row : *rows) {
    const std::string name = row[0].value_or("");
    const std::string host = row[1].value_or("");
    int port = 0;
    if (host.empty() || !absl::SimpleAtoi(row[2].value_or(""), &port)) continue;
    const std::string who = StrCat("slurmctld of cluster ", name);
    if (!Answers(deps, who, host, port, cautions)) continue;
    running.push_back(name);
    if (options.running_controller) continue;
    return FailedPreconditionError(
        StrCat(who, " runs (", host, ":", port,
               "), and would go on with associations and jobs that the backup "
               "does not know. Stop it (systemctl stop slurmctld; running jobs "
               "run on), or say --running-controller and do what is said under "
               "Next"));
  }
  return running;
}

absl::Status CheckServer(const RestoreOptions& options,
                         const ServerFacts& facts, const OwnDatabase& shadow) {
  if (facts.read_only) {
    return FailedPreconditionError(
        "the server is read-only (a replica?): restore on the primary");
  }
  if (!facts.atomic_ddl && !options.old_server) {
    return FailedPreconditionError(StrCat(
        "the server is ", facts.version,
        ": before MariaDB 10.6 and MySQL 8.0 a crash of the server itself, in "
        "the second of the swap, can leave some tables renamed and others "
        "not. --old-server does it all the same"));
  }
  if (shadow.ownership == Ownership::kForeign) {
    return FailedPreconditionError(StrCat(
        "database ", shadow.name,
        ", where the backup would be loaded, is there already, and assocsync "
        "did not make it (",
        shadow.tables.empty()
            ? "no tables"
            : StrCat("it holds ", Some(NamesOf(shadow.tables))),
        "); rename or drop it"));
  }
  return absl::OkStatus();
}

absl::Status CheckPresent(const RestoreOptions& options,
                          const Contents& present, const Manifest& manifest) {
  if (!present.obstacles.empty()) {
    return FailedPreconditionError(
        StrCat("database ", options.database, " has ", Some(present.obstacles),
               ": no server moves such a table into another database; remove "
               "it, and make it again afterwards"));
  }
  for (const TableRows& table : manifest.tables) {
    if (absl::c_linear_search(present.views, table.name)) {
      return FailedPreconditionError(
          StrCat("the backup has a table ", table.name, " where database ",
                 options.database, " has a view; drop the view"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckLoaded(Database& server, const std::string& shadow,
                         const Manifest& manifest) {
  ASSIGN_OR_RETURN(const std::vector<std::string> wrong,
                   RowsThatDiffer(server, shadow, manifest));
  if (!wrong.empty()) {
    return absl::DataLossError(StrCat(
        "loaded, the backup is not what its manifest tells: ", Some(wrong)));
  }
  ASSIGN_OR_RETURN(const Contents contents, LookAt(server, shadow));
  for (const TableSize& table : contents.tables) {
    if (!absl::EqualsIgnoreCase(table.engine, "InnoDB")) {
      return FailedPreconditionError(
          StrCat("table ", table.name, " was made with engine ", table.engine,
                 "; slurmdbd needs InnoDB"));
    }
  }
  return absl::OkStatus();
}

std::vector<std::string> ProblemsAfter(
    const RestoreOptions& options, const RestoreDeps& deps, Database& server,
    const ServerFacts& facts, const Manifest& manifest, const Swap& swap) {
  std::vector<std::string> problems, told;
  const auto wrong =
      RowsThatDiffer(server, options.database, manifest, swap.staying);
  if (wrong.ok()) {
    problems = *wrong;
  } else {
    problems.push_back(StrCat("the restored tables could not be counted: ",
                              wrong.status().message()));
  }
  const absl::Status unused =
      CheckUnused(options, deps, server, facts, absl::ZeroDuration(), &told);
  if (absl::IsFailedPrecondition(unused)) {
    problems.push_back(
        StrCat("somebody connected during the swap: ", unused.message(),
               ". If that was slurmdbd, it knows the old tables: stop it, and "
               "restore again"));
  }
  return problems;
}

absl::StatusOr<SwapState> LookAtSwap(Database& server, const Swap& swap) {
  ASSIGN_OR_RETURN(const Contents there, LookAt(server, swap.database));
  ASSIGN_OR_RETURN(const OwnDatabase shadow,
                   LookAtOwn(server, swap.shadow, swap.database));
  OwnDatabase kept;
  if (!swap.kept.empty()) {
    ASSIGN_OR_RETURN(kept, LookAtOwn(server, swap.kept, swap.database));
  }
  return JudgeSwap(swap, Without(NamesOf(there.tables), swap.staying),
                   NamesOf(shadow.tables), NamesOf(kept.tables));
}

absl::StatusOr<SwapState> LookAgain(const Swap& swap, const RestoreDeps& deps,
                                    std::unique_ptr<Database>* server) {
  absl::Status status;
  for (int i = 0; i < kAsks; ++i) {
    if (i > 0) absl::SleepFor(kBetweenAsks);
    RETURN_IF_ERROR(CheckStop(deps.stop_now, "interrupted"));
    ASSIGN_OR_RETURN(auto fresh,
                     deps.connect_after_stop
                         ? deps.connect_after_stop(absl::InfiniteDuration())
                         : deps.connect());
    status = TryLock(*fresh, LockOf(swap.database));
    if (status.ok()) {
      *server = std::move(fresh);
      return LookAtSwap(**server, swap);
    }
    if (!absl::IsFailedPrecondition(status)) break;
  }
  return status;
}

}  // namespace assocsync
