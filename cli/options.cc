#include "cli/options.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cli/option_values.h"
#include "engine/base/edit_distance.h"

namespace assocsync {
namespace {

using absl::string_view;

constexpr HelpPart kLiveHelp[] = {
    {kForPlanning | kForBackup | kForDiff | kForDump | kForStatus,
     "Where the live tree is read:"},
    {kForCheck,
     "Ask live, too, for the QOS and TRES that exist and for what other "
     "clusters share (AS228). Only the command line can say so, this way or by "
     "TARGET or BASE `live`. Where it is read:"},
    {kForApply | kForBackup, "mysql (slurmdbd's database) or sacctmgr."},
    {kForPlan | kForCheck | kForDiff | kForDump | kForStatus,
     "mysql (slurmdbd's database), sacctmgr, or FILE.cfg, a dump (also one of "
     "mysqldump, a folder, git:REV:PATH), for which no server is needed."},
    {kForAll,
     "auto: mysql where slurmdbd.conf or --defaults-file can be read and the "
     "server answers, else sacctmgr."},
    {kForPlanning | kForBackup | kForDiff | kForDump | kForStatus,
     "Default: auto."},
};
constexpr HelpPart kReleaseHelp[] = {
    {kForCheck | kForDiff | kForDump | kForStatus,
     "The release of slurmdbd, as 24.11.5. With --live mysql: slurmdbd is not "
     "asked, not even whether it uses that database, and may be down."},
    {kForPlan,
     "The Slurm release to plan for, as 24.11.5 (24.11: its newest point "
     "release that behaves differently). With --live FILE.cfg; default: the "
     "newest that assocsync knows. With --live mysql: slurmdbd is not asked, "
     "not even whether it uses that database."},
    {kForBackup,
     "The release of slurmdbd, as 24.11.5. With --live mysql: slurmdbd is not "
     "asked, not even whether it uses that database, and may be down."},
    {kForRestore,
     "The release of the slurmdbd that will be started, as 24.11.5. Default: "
     "what slurmdbd -V says."},
};
constexpr HelpPart kClusterHelp[] = {
    {kForPlanning,
     "The cluster to look at. Default: the one that TARGET names, or, where "
     "TARGET is a backup of several, the only one that live has."},
    {kForBackup,
     "Save the tree of this cluster alone. Default: the trees of all."},
    {kForDump, "The cluster to read. Default: the only one there is."},
    {kForCheck | kForDiff,
     "Of live, of a backup and of an SQL dump, the tree of this cluster. "
     "Default: the one that the other tree names."},
    {kForFmt,
     "Of an SQL dump, and of a folder of several, the tree of this cluster. "
     "Default: the only one."},
    {kForHistory, "Of this cluster. Default: the only one in the backups."},
    {kForLog,
     "Only what belongs to this cluster, and what belongs to none. Default: "
     "all."},
    {kForBackups | kForStatus,
     "Only backups that hold this cluster. Default: all."},
    {kForStatus, "Its drift alone."},
    {kForVerify,
     "Without DIR: the newest backup that holds this cluster. Default: the "
     "newest of all."},
    {kForPrune, "Only backups of this cluster. Default: of all."},
};
constexpr HelpPart kBaseHelp[] = {
    {kForPlanning,
     "TARGET is a proposal that was made from BASE: what changed between the "
     "two is done, what live changed meanwhile is kept."},
    {kForCheck, "TARGET was made from BASE: apply the rules for changes, too."},
    {kForAll,
     "All that TARGET may be, as a .cfg file, the folder of a backup, "
     "git:origin/main:cluster.cfg or live; or last-applied: the target of the "
     "last apply."},
};
constexpr HelpPart kAllClustersHelp[] = {
    {kForDump, "With --split: a folder in DIR for each cluster."},
    {kForPlanning,
     "TARGET holds the trees of several clusters of the database (the folder "
     "of a backup or of dump --all-clusters, an SQL dump): plan them all, "
     "one after the other, with what they share once."},
};
constexpr HelpPart kOutHelp[] = {
    {kForPlan, "Also save the plan, for `assocsync apply FILE`."},
    {kForDump, "Write the tree to this file, whole or not at all."},
    {kForStatus, "Write it there, whole or not at all, and print nothing."},
};
constexpr HelpPart kSacctmgrHelp[] = {
    {kForLive, "The sacctmgr to run. Default: sacctmgr, sought in PATH."},
    {kForServers & ~kForLive,
     "Taken by every command that asks a server; this one runs no sacctmgr."},
};
constexpr HelpPart kTimeoutHelp[] = {
    {kForFmt, "Longest time for one command of git,"},
    {kForVerify | kForLog | kForHistory,
     "Longest wait for the database's server,"},
    {kForRestore,
     "Longest wait for the database's server, and for a silence of the dump "
     "program,"},
    {kForPlan | kForCheck | kForDiff | kForDump | kForStatus,
     "Longest time for one sacctmgr command, and for each wait for the "
     "database's server,"},
    {kForApply | kForBackup,
     "Longest time for one sacctmgr command, for each wait for the database's "
     "server and for a silence of the dump program,"},
    {kForServers, "as 90s or 10m. Default: 10m; 10s to connect."},
    {kForFmt, "as 90s or 10m. Default: 10m."},
};
constexpr HelpPart kFormatHelp[] = {
    {kForApply, "json is an event in each line, and goes with --yes."},
};
constexpr HelpPart kDetailedHelp[] = {
    {kForPlan, "Exit with 2 where changes are pending."},
    {kForDiff, "Exit with 2 where the files differ."},
};
constexpr HelpPart kBackupDirHelp[] = {
    {kForCheck, "Where --base last-applied looks for runs."},
    {kForPlan, "Where --at and --base last-applied look."},
    {kForApply,
     "Where the run leaves its folder, and --at and --base last-applied "
     "look."},
    {kForBackup, "Where the backup leaves its folder."},
    {kForBackups | kForPrune | kForStatus, "Where the backups lie."},
    {kForVerify,
     "Where the newest is taken where DIR is not given. Of a backup that lies "
     "there the result is noted, for `assocsync status`."},
    {kForRestore, "Where the run leaves its folder."},
    {kForHistory, "Where the backups are."},
    {kForAll,
     "Default: /var/lib/assocsync where that is writable, else the user's "
     "state folder."},
};
constexpr HelpPart kVerboseHelp[] = {
    {kForPlanning,
     "Also the commands with their reasons, every row of a finding, and a line "
     "for each user where several change in the same way."},
    {kForCheck, "Also findings that are lifted, and every row of a finding."},
    {kForLog, "Also every object of a transaction, and what Slurm wrote."},
    {kForRestore, "Also tables that stay as they are."},
    {kForVerify, "Also the rows of each table."},
    {kForDiff, "With --summary, all of it."},
    {kForBackups, "Also everything else that lies there."},
    {kForPrune, "Also what counts for no rule, each with the reason."},
    {kForStatus, "Also why live is not read from the database."},
    {kForBackup | kForHistory | kForFmt | kForDump,
     "Taken by every command; this one has no more to tell."},
};

constexpr unsigned kForKeeping = kForBackup | kForPrune;
constexpr HelpPart kKeepHelp[] = {
    {kForAll, "Keep the newest N, or unlimited."},
    {kForBackup,
     "With this or any other --keep-..., the older backups of the cluster that "
     "no rule keeps are removed after a good backup, as restic has it. Those "
     "without an SQL dump are counted apart. What else lies there stays."},
};

constexpr Option kOptions[] = {
    {"live", "WHERE", kForLive, true, SetLive, "", 0, false, kLiveHelp},
    {"release", "R",
     kForPlan | kForBackup | kForRestore | kForCheck | kForDiff | kForDump |
         kForStatus,
     true, SetRelease, "", 0, false, kReleaseHelp},
    {"cluster", "NAME",
     kForLive | kForLog | kForHistory | kForBackups | kForPrune | kForVerify |
         kForFmt,
     true, Set<&Options::cluster>, "", 0, false, kClusterHelp},
    {"as-cluster", "", kForPlanning, false, Set<&Options::as_cluster>,
     "TARGET may name another cluster than the live one: restore it under the "
     "live one's name."},
    {"keep-shared", "", kForPlanning, true, Set<&Options::keep_shared>,
     "Leave records that other clusters of the database share as they are: "
     "AdminLevel, coordinators, texts of accounts, QOS (AS129)."},
    {"complete", "", kForPlanning | kForCheck, false, Set<&Options::complete>,
     "TARGET says everything: what it does not say is to go. So it is taken "
     "where sacctmgr dump, backup or fmt wrote it."},
    {"by-hand", "", kForPlanning | kForCheck, false, Set<&Options::by_hand>,
     "People wrote TARGET, or a generator: root's row, the cluster's QOS list, "
     "defaults, rights and texts that it does not say stay as they are. So it "
     "is taken where it does not begin with the comment of a dump."},
    {"base", "BASE", kForPlanning | kForCheck, false, Set<&Options::base>, "",
     0, false, kBaseHelp},
    {"at", "TIME", kForPlanning, false, SetWhen<&Options::at>,
     "TARGET is the newest whole backup from then or before, or what was there "
     "before a run of apply: of --backup-dir, or of DIR, a folder of backups. "
     "2026-11-20 (its first moment), '2026-11-20 08:00', yesterday, 3h (ago). "
     "Local time."},
    {"policy", "FILE.toml", kForCheck, true, Set<&Options::policy>,
     "What the site asks of its tree: severities, thresholds, protected "
     "accounts, name patterns ... assocsync-policy(5) tells all."},
    {"author", "NAME", kForCheck, false, Set<&Options::author>,
     "Who proposes the change, for the policy's owners."},
    {"fail-on", "SEVERITY", kForCheck, true, SetFailOn,
     "Exit with 3 from this severity on: error (the default), warning or note. "
     "Wins over the policy."},
    {"prefer", "[ROW=]SIDE", kForPlanning, false, SetPrefer,
     "With --base, who is right in a conflict: target or live, for all rows or "
     "for one (hep/alice=live, 'user bob'=target). Repeatable.",
     0, true},
    {"sacctmgr", "PATH", kForServers, true, Set<&Options::sacctmgr>, "", 0,
     false, kSacctmgrHelp},
    {"max-delete", "N|P%", kForPlanning, true, SetMaxDelete,
     "Refuse (AS101) a plan that deletes more than this of any kind of object. "
     "Default: 30%."},
    {"allow", "CODE,...", kForPlanning, false, SetAllow,
     "Go on in spite of these findings. `plan --explain CODE` tells what each "
     "means.",
     0, true},
    {"skip", "CODE|ROW", kForPlanning, false, SetSkip,
     "Leave the rows of these findings (AS107 to AS111, AS113), or this row "
     "(hep/alice, 'user bob', 'account bio', 'QOS long'), with what depends on "
     "it, as live has it, and do the rest. Repeatable.",
     0, true},
    {"only", "SELECTOR", kForPlanning, false, AddSelectors<&Options::only>,
     "Plan this alone, with what it needs: account=bio (with its users and all "
     "below it), account=bio/ (with its users alone), user=ann, user=ann@bio, "
     "qos=long, coordinators. Names may be patterns (`*`). Repeatable.",
     0, true},
    {"except", "SELECTOR", kForPlanning, false, AddSelectors<&Options::except>,
     "Leave this as live has it. Repeatable.", 0, true},
    {"changes", "KIND,...", kForPlanning, false, SetChanges,
     "Plan changes of these kinds alone, as far as they can be without the "
     "others: add, modify, delete, move."},
    {"no-delete", "", kForPlanning, false, SetNoDelete,
     "Short for --changes add,modify,move: whatever live has beside TARGET "
     "stays."},
    {"pick", "", kForPlanning, false, Set<&Options::pick>,
     "Open the changes in $VISUAL or $EDITOR, a line each: what is left there "
     "is planned, with what it needs."},
    {"timeout", "TIME", kForServers | kForFmt, true, SetTimeout, "", 0, false,
     kTimeoutHelp},
    {"format", "FORMAT",
     kForPlan | kForApply | kForBackup | kForVerify | kForLog | kForHistory |
         kForCheck | kForBackups | kForPrune | kForStatus,
     true, SetFormat, "What to print:", 0, false,
     kFormatHelp},  // Between them, what formats.cc says.
    {"summary", "", kForPlanning | kForDiff, false, Set<&Options::summary>,
     "Tell what changes in less than 40 lines, what could hurt first: deletes, "
     "rights, moves, limits that rise; for each account and option. --verbose: "
     "every line of it. With --format text or markdown."},
    {"max-bytes", "N", kForPlan | kForCheck, true, SetMaxBytes,
     "What --format markdown may take. What does not fit is counted; deletes "
     "are named first. Default: 65536, as GitHub takes; GitLab takes 1000000."},
    {"unified", "N", kForDiff, true, SetContext,
     "Lines of context around a change. Default: 3.", 'U'},
    {"since", "TIME", kForLog | kForHistory, false, SetWhen<&Options::since>,
     "From then on: 2026-11-24, 2026-11-24T08:00, 08:00, yesterday, 3h, 2d "
     "(ago). Local time."},
    {"until", "TIME", kForLog | kForHistory, false, SetWhen<&Options::until>,
     "Up to then."},
    {"actor", "NAME", kForLog, false, Set<&Options::actor>,
     "Only what this user did."},
    {"action", "WORD", kForLog, false, SetAction,
     "Only such: add, modify, delete; user, association, qos ...; 'delete "
     "user'; or a code of Slurm, as 1439."},
    {"account", "NAME", kForLog, false, Set<&Options::account>,
     "Only what is about this account or a row in it."},
    {"user", "NAME", kForLog, false, Set<&Options::user>,
     "Only what is about this user or a row of it."},
    {"limit", "N", kForLog, false, SetLimit, "Only the newest N."},
    {"out", "FILE", kForPlan | kForDump | kForStatus, false, Set<&Options::out>,
     "", 0, false, kOutHelp},
    {"split", "DIR", kForDump, false, Set<&Options::split>,
     "Write the tree into this folder: a file for each account right below "
     "root, with all that is below it, and cluster.cfg for the rest. plan, "
     "check, diff, fmt and --live read the folder as the tree. Files there of "
     "an earlier --split that the tree has no more are removed; other *.cfg "
     "are refused, and all else stays."},
    {"all-clusters", "", kForDump | kForPlanning, false,
     Set<&Options::all_clusters>, "", 0, false, kAllClustersHelp},
    {"no-live", "", kForStatus, true, Set<&Options::no_live>,
     "Ask no server: tell of the backups alone."},
    {"warn-age", "TIME", kForStatus, true, SetAge<&StatusLimits::warn_age>,
     "A warning from this age of the last good backup on. Default: 26h."},
    {"crit-age", "TIME", kForStatus, true, SetAge<&StatusLimits::crit_age>,
     "Critical from this age on. Default: 50h."},
    {"warn-drift", "N", kForStatus, true, SetWarnDrift,
     "A warning where live has drifted by more than N changes. Default: any "
     "number is fine."},
    {"check", "", kForFmt, false, Set<&Options::check>,
     "Write nothing: show how each file would change, and exit with 3 if one "
     "would."},
    {"in-place", "", kForFmt, false, Set<&Options::in_place>,
     "Write the files themselves, each whole or not at all; owner, group, mode "
     "and ACL stay.",
     'i'},
    {"detailed-exitcode", "", kForPlan | kForDiff, true,
     Set<&Options::detailed_exitcode>, "", 0, false, kDetailedHelp},
    {"explain", "CODE", kForPlan | kForCheck, false, SetExplain,
     "Tell what the code of a finding means, and do nothing else."},
    {"yes", "", kForApply | kForRestore, false, Set<&Options::yes>,
     "Do not ask before changing anything.", 'y'},
    {"bulk-load", "WHEN", kForApply, true, SetBulkLoad,
     "Whether many accounts or users who come may be told to slurmdbd by one "
     "sacctmgr load of a file of assocsync's own: auto (the default: where it "
     "takes much less time; users up to 24.11), never, always."},
    {"pause-between", "TIME", kForApply, true, SetPause,
     "Rest after each command: so long (100ms, 2s), and where the command took "
     "longer itself, as long as that, so that slurmdbd has half of its time "
     "for others. Default: no rest."},
    {"slurmdbd-conf", "PATH", kForServers, true, Set<&Options::slurmdbd_conf>,
     "Where the database's address and password stand. Default: "
     "/etc/slurm/slurmdbd.conf."},
    {"defaults-file", "FILE", kForServers, true, Set<&Options::defaults_file>,
     "MariaDB client options; they win over slurmdbd.conf."},
    {"backup-dir", "DIR", kForBackupDir, true, Set<&Options::backup_dir>, "", 0,
     false, kBackupDirHelp},
    {"require-mount", "PATH", kForBackupDir, true, Set<&Options::require_mount>,
     "Refuse unless a disk is mounted at PATH and the backup folder is on it, "
     "or below: without it, where the disk did not come up, backups would fill "
     "the one that bears the mount point."},
    {"keep", "N", kForKeeping, true, SetKeep<&KeepRules::last>,
     "The same as --keep-last."},
    {"keep-last", "N", kForKeeping, true, SetKeep<&KeepRules::last>, "", 0,
     false, kKeepHelp},
    {"keep-hourly", "N", kForKeeping, true, SetKeep<&KeepRules::hourly>,
     "Keep the newest of each of the last N hours that have a backup."},
    {"keep-daily", "N", kForKeeping, true, SetKeep<&KeepRules::daily>,
     "The same of days, in local time."},
    {"keep-weekly", "N", kForKeeping, true, SetKeep<&KeepRules::weekly>,
     "The same of weeks, from Monday on."},
    {"keep-monthly", "N", kForKeeping, true, SetKeep<&KeepRules::monthly>,
     "The same of months."},
    {"keep-yearly", "N", kForKeeping, true, SetKeep<&KeepRules::yearly>,
     "The same of years."},
    {"keep-within", "SPAN", kForKeeping, true, SetKeepWithin,
     "Keep all that are not older than the newest by this: 14d, 2y5m7d3h."},
    {"dry-run", "", kForPrune, false, Set<&Options::dry_run>,
     "Remove nothing: tell what would go."},
    {"dump-tool", "TOOL", kForBackup, true, SetDumpTool,
     "mariadb-dump or mysqldump (default: the first of them in PATH), or "
     "mydumper 0.10, which reads tables side by side but read-locks them all "
     "(slurmdbd waits) while it begins."},
    {"sign-key", "KEY.pem", kForBackup, true, Set<&Options::sign_key>,
     "Sign the backup with this private Ed25519 key (openssl genpkey "
     "-algorithm ed25519 -out KEY.pem; mode 600, no passphrase), so that "
     "nobody else can rewrite it unseen: manifest.json.sig."},
    {"key", "KEY.pub", kForVerify | kForRestore, true, Set<&Options::key>,
     "Believe only a backup that is signed by the private key of this public "
     "one (openssl pkey -in KEY.pem -pubout -out KEY.pub)."},
    {"load", "", kForVerify, false, Set<&Options::load>,
     "Also load the SQL dump into a scratch database, assocsync_verify_PID, "
     "count its rows, compare, and drop it."},
    {"no-sql-dump", "", kForApply | kForRestore, false,
     Set<&Options::no_sql_dump>,
     "Change things without a dump of the database. Recorded."},
    {"slurmdbd", "PATH", kForRestore, true, Set<&Options::slurmdbd>,
     "The slurmdbd that will be started on the restored database, asked for "
     "its release. Default: sought in PATH and /usr/sbin."},
    {"old-server", "", kForRestore, false, Set<&Options::old_server>,
     "Restore also on a server before MariaDB 10.6 or MySQL 8.0: should the "
     "server itself crash during the swap, some tables may be renamed and "
     "others not."},
    {"running-controller", "", kForRestore, false,
     Set<&Options::running_controller>,
     "Restore also while a cluster's slurmctld runs: it goes on with the old "
     "associations until it reads them again, as Next says."},
    {"purge", "", kForRestore, false, Set<&Options::purge>,
     "Drop the databases in which earlier restores kept what was there "
     "before."},
    {"sql-dump", "FILE", kForApply, false, Set<&Options::sql_dump>,
     "Take this dump, made elsewhere within the last hour, for the backup."},
    {"color", "WHEN", kForAll, true, SetColor,
     "auto (the default: on a terminal, unless NO_COLOR is set), always or "
     "never."},
    {"quiet", "", kForAll, true, Set<&Options::quiet>,
     "No messages but errors.", 'q'},
    {"verbose", "", kForAll, true, Set<&Options::verbose>, "", 'v', false,
     kVerboseHelp},
    {"pager", "COMMAND", kForPaged, true, SetPager,
     "What shows the result where that goes to a terminal: plain words, for no "
     "shell reads them. Default: PAGER, else less (LESS=FRX where that is not "
     "set). cat: nothing does."},
    {"no-pager", "", kForPaged, true, Set<&Options::no_pager>,
     "Write to the terminal itself."},
    {"on-failure", "COMMAND", kForUnattended, true, SetOnFailure,
     "Where the command ends with another status than 0, run this program with "
     "these words (plain ones between blanks; no shell), as 'mail -s backup "
     "root'. It reads what was said on the standard error, and its environment "
     "has ASSOCSYNC_FAILED (the command) and ASSOCSYNC_STATUS."},
    {"config", "FILE", kForAll, false, Set<&Options::config>,
     "Read options from this TOML file. Default: /etc/assocsync.toml, if it is "
     "there."},
    {"trust-path", "PATH", kForAll, false, SetTrusted,
     "Take configuration, programs and backups at PATH and below it for good, "
     "though others may change them. Without it each folder on the way must be "
     "root's or yours, and writable for nobody else; what is not is refused, "
     "and named. Repeatable.",
     0, true},
};

// Farther than this is no help to anybody.
constexpr int kNear = 2;
constexpr size_t kLongestWord = 40;

string_view Nearest(string_view word, const std::vector<string_view>& names) {
  string_view nearest;
  if (word.size() > kLongestWord) return nearest;
  int best = kNear + 1;
  for (const string_view name : names) {
    const int distance = EditDistance(word, name);
    if (distance < best) {
      best = distance;
      nearest = name;
    }
  }
  return nearest;
}

}  // namespace

absl::Span<const Option> AllOptions() { return kOptions; }

const Option* FindOption(string_view name) {
  for (const Option& option : kOptions) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

string_view LiveWord(Live live) {
  constexpr string_view kWords[] = {"auto", "mysql", "sacctmgr", ""};
  return kWords[static_cast<size_t>(live)];
}

std::string VariableOf(const Option& option) {
  return absl::StrCat("ASSOCSYNC_", absl::AsciiStrToUpper(absl::StrReplaceAll(
                                        option.name, {{"-", "_"}})));
}

const Option* NearestOption(string_view word, unsigned commands) {
  std::vector<string_view> names;
  for (const Option& option : kOptions) {
    if ((option.commands & commands) != 0) names.push_back(option.name);
  }
  return FindOption(Nearest(word, names));
}

string_view NearestCommand(string_view word) {
  std::vector<string_view> names;
  for (const CommandInfo& command : AllCommands())
    names.push_back(command.name);
  return Nearest(word, names);
}

}  // namespace assocsync
