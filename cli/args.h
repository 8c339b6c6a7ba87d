// What was asked for, as plain values: from the command line, ASSOCSYNC_*
// variables and the config file, in that order. Nothing beyond args.cc knows
// where a value came from.
#ifndef ASSOCSYNC_CLI_ARGS_H_
#define ASSOCSYNC_CLI_ARGS_H_

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "cli/exit_codes.h"
#include "engine/cfg/parse.h"
#include "engine/check/rule.h"
#include "engine/diff/merge.h"

namespace assocsync {

// For every command.
struct OutputArgs {
  enum class Color { kAuto, kAlways, kNever } color = Color::kAuto;
  bool quiet = false;    // No messages but errors.
  bool verbose = false;  // Commands, all rows of findings.
  // Paths that are believed whoever can change them; --trust-path.
  std::vector<std::string> trusted;
  std::vector<std::string> cautions;  // Of how it was called: said at once.
};

// For every command that makes a plan.
struct PlanningArgs {
  // A .cfg file, the folder of a backup, for apply also a saved plan; "-":
  // stdin.
  std::string target;
  // "auto", "mysql", "sacctmgr" or the path of a .cfg file.
  std::string live = "auto";
  bool live_is_file() const {
    return live != "auto" && live != "mysql" && live != "sacctmgr";
  }
  // With a live file (empty: the newest known) or mysql (empty: slurmdbd's).
  std::string release;
  std::string cluster;  // Empty: the target's Cluster line.
  bool as_cluster = false;
  bool keep_shared = false;
  bool complete = false, by_hand = false;  // At most one; none: as Parse tells.
  Written written() const {
    return complete  ? Written::kComplete
           : by_hand ? Written::kByHand
                     : Written::kTell;
  }
  // A .cfg file, the folder of a backup, or "last-applied"; empty: no merge.
  std::string base;
  bool base_is_last_applied() const { return base == "last-applied"; }
  MergeOptions merge;
  std::string sacctmgr = "sacctmgr";
  int max_delete = 30;  // Percent, or a number if max_delete_is_count.
  bool max_delete_is_count = false;
  std::vector<std::string> allow;         // "AS111", checked against the table.
  std::vector<std::string> skip;          // Codes and rows, as in PlanOptions.
  std::vector<std::string> only, except;  // Selectors, as in PlanOptions.
  absl::Duration timeout = absl::Minutes(10);  // Of one sacctmgr command.
};

// Where the database is, and where backups go.
struct DatabaseArgs {
  std::string slurmdbd_conf = "/etc/slurm/slurmdbd.conf";
  std::string defaults_file;  // MariaDB client options; wins over the former.
  std::string backup_dir;     // Empty: as BackupDir says.
  absl::Duration timeout = absl::Minutes(10);  // Of one wait for the server.
};

// Of what is printed; each command takes some (command_args.cc).
enum class Format {
  kText,
  kJson,
  kSh,
  kDiff,
  kMarkdown,
  kHtml,
  kGithub,
  kGitlab,
  kSarif,
  kJunit
};

struct PlanArgs {
  OutputArgs output;
  PlanningArgs planning;
  DatabaseArgs database;  // slurmdbd_conf, defaults_file.
  Format format = Format::kText;
  std::string out;  // Also save the plan as JSON here; empty: no.
  bool detailed_exitcode = false;
};

// `log`. nullopt: no limit on that side.
struct LogArgs {
  OutputArgs output;
  DatabaseArgs database;  // backup_dir is not used.
  std::optional<absl::Time> since, until;
  std::string actor, action, account, user, cluster;  // Empty: all.
  int limit = 0;  // The newest so many; 0: all.
  bool json = false;
};

struct ApplyArgs {
  OutputArgs output;
  PlanningArgs planning;
  DatabaseArgs database;
  bool yes = false;          // Do not ask.
  bool no_sql_dump = false;  // The admin's explicit word; recorded.
  std::string sql_dump;      // A dump made elsewhere; excludes no_sql_dump.
  bool json = false;         // Only with `yes`.
};

struct BackupArgs {
  OutputArgs output;
  PlanningArgs planning;  // live, cluster, sacctmgr and timeout.
  DatabaseArgs database;
  size_t keep = 0;        // 0: all.
  std::string dump_tool;  // Empty: mariadb-dump, else mysqldump.
  std::string sign_key;   // A file; empty: not signed.
  bool json = false;
};

struct VerifyArgs {
  OutputArgs output;
  DatabaseArgs database;
  std::string dir;
  std::string key;  // Whose signature it must have; empty: nobody's.
  bool load = false;
  bool json = false;
};

struct RestoreArgs {
  OutputArgs output;
  DatabaseArgs database;
  std::string dir;       // Empty with purge.
  std::string key;       // As in VerifyArgs.
  std::string slurmdbd;  // The program; empty: sought.
  std::string release;   // Of slurmdbd; empty: what the program says.
  bool yes = false;      // Do not ask.
  bool no_sql_dump = false;
  bool old_server = false;
  bool running_controller = false;
  bool purge = false;
};

// `plan --explain CODE`, `check --explain CODE`.
struct ExplainArgs {
  OutputArgs output;
  std::string code;  // Checked against the table.
};

struct DiffArgs {
  OutputArgs output;
  std::string from, to;  // .cfg files, folders of backups; one may be "-".
  int context = 3;
  bool detailed_exitcode = false;
};

struct CheckArgs {
  OutputArgs output;
  // target and base; live only where `ask_live`, and with it
  // sacctmgr and timeout.
  PlanningArgs planning;
  DatabaseArgs database;
  bool ask_live = false;
  Format format = Format::kText;
  std::string policy;  // A TOML file; empty: none.
  std::string author;
  std::optional<Severity> fail_on;  // nullopt: what the policy says.
};

struct FmtArgs {
  OutputArgs output;
  std::vector<std::string> files;        // "-": the standard input.
  bool check = false, in_place = false;  // At most one of them.
};

// Nothing is left to run: help or version text for stdout, or a usage error
// for stderr.
struct Finished {
  ExitCode exit = ExitCode::kOk;
  std::string text;
};

using Args = std::variant<Finished, PlanArgs, ApplyArgs, BackupArgs, VerifyArgs,
                          RestoreArgs, ExplainArgs, LogArgs, DiffArgs, FmtArgs,
                          CheckArgs>;

// `argv`: the words of the command line, argv[0] included. `environment`:
// "NAME=value" words. Reads the config file (--config, ASSOCSYNC_CONFIG, else
// `default_config` where that file exists).
Args ParseArgs(const std::vector<std::string>& argv,
               const std::vector<std::string>& environment,
               const std::string& default_config = "/etc/assocsync.toml");

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_ARGS_H_
