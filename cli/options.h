// What was asked for, and the tables that it comes from: commands, options and
// formats. Parser, config file, variables, help and main loop over them, so
// that a new one is a row here and its use.
#ifndef ASSOCSYNC_CLI_OPTIONS_H_
#define ASSOCSYNC_CLI_OPTIONS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "cli/exit_codes.h"
#include "engine/backup/retention.h"
#include "engine/cfg/parse_error.h"
#include "engine/diff/merge_options.h"
#include "engine/model/finding.h"
#include "engine/plan/bulk_load.h"

namespace assocsync {

struct CheckReport;
struct CommandInfo;
struct Env;
struct ShownPlan;

enum class Color { kAuto, kAlways, kNever };

// Where live is read. kAuto: the database where it answers, else sacctmgr.
enum class Live { kAuto, kMysql, kSacctmgr, kFile };
absl::string_view LiveWord(Live live);  // As --live takes it; kFile: "".
// What TARGET, --base and the sides of diff call it.
inline constexpr absl::string_view kLiveSource = "live";

// From when on `status` is not content.
struct StatusLimits {
  absl::Duration warn_age = absl::Hours(26), crit_age = absl::Hours(50);
  std::optional<int> warn_drift;  // More changes than this; nullopt: any go.
};

// All that can be asked for; each command takes what is its own. Nobody beyond
// args.cc knows where a value came from, but for said().
struct Options {
  const CommandInfo* command = nullptr;
  // As sources.h has it; for apply also a saved plan. Of diff the first,
  // `second` the other.
  std::string target, second;
  std::vector<std::string> files;  // Of fmt, as `target`.
  // What the command line says, by name of the option or "target".
  absl::btree_map<std::string, std::string> given;
  bool said(absl::string_view name) const { return given.contains(name); }

  // For every command.
  Color color = Color::kAuto;
  bool quiet = false;    // No messages but errors.
  bool verbose = false;  // Commands, all rows of findings.
  std::string pager;     // A command line; empty: as PAGER says, else less.
  bool no_pager = false;
  // Paths that are believed whoever can change them; --trust-path.
  std::vector<std::string> trusted;
  std::vector<std::string> cautions;  // Of how it was called: said at once.
  std::string config;
  std::vector<std::string> on_failure;  // A program with its words; empty: no.
  std::string explain;  // A code, checked against the table: tell of it alone.
  // A word of AllFormats that the command takes.
  absl::string_view format = "text";
  bool json() const { return format == "json"; }

  // What is planned.
  Live live = Live::kAuto;
  std::string live_file;  // Only with kFile; as sources.h has it.
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
  // As sources.h has it, or "last-applied"; empty: no merge.
  std::string base;
  bool base_is_last_applied() const { return base == "last-applied"; }
  // Live is one of the trees that are compared.
  bool names_live() const {
    return target == kLiveSource || second == kLiveSource ||
           base == kLiveSource;
  }
  // The target is the newest backup up to then; `target` is the folder that
  // they are in, empty: --backup-dir.
  std::optional<absl::Time> at;
  MergeOptions merge;
  std::string sacctmgr = "sacctmgr";
  int max_delete = 30;  // Percent, or a number if max_delete_is_count.
  bool max_delete_is_count = false;
  std::vector<std::string> allow;         // "AS111", checked against the table.
  std::vector<std::string> skip;          // Codes and rows, as in PlanOptions.
  std::vector<std::string> only, except;  // Selectors, as in PlanOptions.
  std::vector<std::string> changes;       // Kinds, as in PlanOptions.
  bool pick = false;                      // Of what is left, in an editor.
  // Of one sacctmgr command, and of one wait for the server.
  absl::Duration timeout = absl::Minutes(10);
  absl::Duration pause_between;  // As in ApplyOptions.
  LoadWhen bulk_load = LoadWhen::kPays;
  bool summary = false;      // Not every change, but a summary of them.
  size_t max_bytes = 65536;  // Of Markdown: what GitHub takes for a comment.
  // Also save the plan as JSON here; of dump, write the tree here instead of
  // on stdout. Empty: no.
  std::string out;
  bool detailed_exitcode = false;

  // Where the database is, and where backups go.
  std::string slurmdbd_conf = "/etc/slurm/slurmdbd.conf";
  std::string defaults_file;  // MariaDB client options; wins over the former.
  std::string backup_dir;     // Empty: as BackupDir says.
  std::string require_mount;  // On which it must lie; empty: anywhere.

  // Consent.
  bool yes = false;          // Do not ask.
  bool no_sql_dump = false;  // The admin's explicit word; recorded.
  std::string sql_dump;      // A dump made elsewhere; excludes no_sql_dump.

  // backup, prune, verify and restore.
  KeepRules keep;         // Empty: all.
  std::string dump_tool;  // Empty: mariadb-dump, else mysqldump.
  std::string sign_key;   // A file; empty: not signed.
  std::string key;        // Whose signature it must have; empty: nobody's.
  bool load = false;
  std::string slurmdbd;  // The program; empty: sought.
  bool old_server = false;
  bool running_controller = false;
  bool purge = false;
  bool dry_run = false;  // prune.

  // log. nullopt: no limit on that side.
  std::optional<absl::Time> since, until;
  std::string actor, action, account, user;  // Empty: all.
  int limit = 0;                             // The newest so many; 0: all.

  // dump.
  std::string split;  // A folder for the parts of the tree; empty: one text.
  bool all_clusters = false;
  // status.
  bool no_live = false;
  StatusLimits status_limits;

  // check, diff and fmt.
  std::string policy;  // A TOML file; empty: none.
  std::string author;
  std::optional<Severity> fail_on;  // nullopt: what the policy says.
  int context = 3;
  bool check = false, in_place = false;  // At most one of them.
};

inline constexpr unsigned kForPlan = 1;
inline constexpr unsigned kForApply = 2;
inline constexpr unsigned kForBackup = 4;
inline constexpr unsigned kForVerify = 8;
inline constexpr unsigned kForRestore = 16;
inline constexpr unsigned kForLog = 32;
inline constexpr unsigned kForDiff = 64;
inline constexpr unsigned kForFmt = 128;
inline constexpr unsigned kForCheck = 256;
inline constexpr unsigned kForDump = 512;
inline constexpr unsigned kForBackups = 1024;
inline constexpr unsigned kForPrune = 2048;
inline constexpr unsigned kForHistory = 4096;
inline constexpr unsigned kForStatus = 8192;
// What they print is read by people, and may be long.
inline constexpr unsigned kForPaged =
    kForPlan | kForLog | kForHistory | kForDiff | kForCheck;
inline constexpr unsigned kForPlanning = kForPlan | kForApply;
// What may read live.
inline constexpr unsigned kForLive =
    kForPlanning | kForBackup | kForDiff | kForCheck | kForDump | kForStatus;
inline constexpr unsigned kForDatabase = kForPlanning | kForBackup |
                                         kForVerify | kForRestore | kForLog |
                                         kForHistory | kForStatus;
inline constexpr unsigned kForAll = kForDatabase | kForDiff | kForFmt |
                                    kForCheck | kForDump | kForBackups |
                                    kForPrune;

// What asks slurmdbd or its database.
inline constexpr unsigned kForServers = kForDatabase | kForLive;
// What may look into the folder of backups, or write there.
inline constexpr unsigned kForBackupDir =
    kForPlanning | kForBackup | kForVerify | kForRestore | kForHistory |
    kForCheck | kForBackups | kForPrune | kForStatus;
// What runs where nobody looks.
inline constexpr unsigned kForUnattended =
    kForApply | kForBackup | kForVerify | kForRestore | kForBackups | kForPrune;

struct CommandInfo {
  absl::string_view name;
  unsigned mask;
  ExitCode (*run)(const Options& args, Env& env);
  absl::string_view usage;
  absl::string_view target;    // "TARGET", in words; empty: it takes none.
  absl::string_view second;    // The same of a second one.
  absl::string_view summary;   // One line.
  absl::string_view about;     // Paragraphs.
  absl::string_view examples;  // Lines.
  bool many = false;           // It takes any number of files, none: stdin.
  bool may_lack = false;       // `target` need not be given.
};
absl::Span<const CommandInfo> AllCommands();

// A part of an option's help that these commands alone tell.
struct HelpPart {
  unsigned commands;
  absl::string_view text;
};

struct Option {
  absl::string_view name;   // "max-delete"
  absl::string_view value;  // "N|P%"; empty: a flag.
  unsigned commands;
  // False: only the command line may say it. What lifts a guard or belongs to
  // one run must not lie in wait in a file or a variable.
  bool anywhere;
  // Sets it from a text; flags get "true" or "false". kInvalidArgument says
  // what is wrong with the value, not whose value it is.
  absl::Status (*set)(absl::string_view text, Options* options);
  absl::string_view help;
  char letter = 0;  // 'v' for -v; 0: none.
  // May be given several times: `set` gets the values joined by newlines.
  bool repeats = false;
  absl::Span<const HelpPart> more = {};  // Stands behind `help`, in this order.
};
absl::Span<const Option> AllOptions();
const Option* FindOption(absl::string_view name);  // nullptr: there is none.

// "ASSOCSYNC_MAX_DELETE"
std::string VariableOf(const Option& option);

// A word of --format, and who shows a plan and the report of a check that way;
// nullptr: nobody.
struct Format {
  absl::string_view word;
  absl::string_view help;  // Stands behind the word.
  // An error: nothing was printed.
  absl::Status (*plan)(const ShownPlan& plan, Env& env);
  absl::Status (*check)(const CheckReport& report, const Options& args,
                        Env& env);
  // All other commands take it too, and look at Options::format themselves.
  bool by_all = false;
  unsigned others = 0;              // These do, too.
  bool tells_fingerprints = false;  // Of the trees of a plan.

  bool TakenBy(unsigned command) const {
    return command == kForPlan    ? plan != nullptr
           : command == kForCheck ? check != nullptr
                                  : by_all || (others & command) != 0;
  }
};
absl::Span<const Format> AllFormats();
const Format& FormatOf(const Options& args);
// "text, json, sh, diff, markdown or html": those that the command takes.
std::string FormatsOf(unsigned command);
// The same, with what they are for.
std::string FormatHelp(unsigned command);

// What does not go together or is missing, as a usage error says it; empty: all
// is well. What a file or a variable said for another command is forgotten.
std::string Contradiction(Options* options);

// The option of these commands, or the command, that `word` may have been meant
// to be; nullptr, or empty: none is near.
const Option* NearestOption(absl::string_view word,
                            unsigned commands = kForAll);
absl::string_view NearestCommand(absl::string_view word);

// `text` in lines of at most `width` characters where its words allow, each but
// the first behind `indent` blanks; the first is taken to begin there.
std::string Wrapped(absl::string_view text, size_t indent, size_t width);

// Texts for --help: of assocsync (`command` nullptr) or of one command. What is
// typed stays in one line.
std::string HelpText(const CommandInfo* command, size_t width);

// A point in time as admins type it (when.cc).
//
// "2026-11-24" (its first moment), "2026-11-24T08:00", "2026-11-24 08:00:30",
// either with Z or an offset (+01:00); "08:00" (today); "now", "today",
// "yesterday"; "90s", "30m", "3h", "2d", "1w", with or without " ago";
// "@1795545222" (Unix). Without an offset: in `zone`. kInvalidArgument:
// anything else, days that no month has included.
absl::StatusOr<absl::Time> ParseWhen(absl::string_view text, absl::Time now,
                                     absl::TimeZone zone);

}  // namespace assocsync

#endif  // ASSOCSYNC_CLI_OPTIONS_H_
