// What --help says: made from the tables, so that it cannot fall behind.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/options.h"
#include "cli/run.h"

namespace assocsync {
namespace {

using absl::string_view;

// Where what is said of an option begins; below it, and further to the left, on
// a narrow terminal.
constexpr size_t kHelpColumn = 25;
constexpr size_t kNarrow = 60;
constexpr size_t kNarrowColumn = 6;

constexpr CommandInfo kCommands[] = {
    {"plan", kForPlan, RunPlan,
     "assocsync plan [OPTIONS] TARGET.cfg|DIR\n"
     "       assocsync plan --at TIME [DIR]",
     "which file? TARGET is missing", "",
     "show what has to change for live to become TARGET",
     "Reads the live associations and a saved tree (the text that `sacctmgr "
     "dump` writes), and shows every change and every finding that stands in "
     "the way of it. Changes nothing. TARGET may be -, the standard input, a "
     "plain SQL dump of slurmdbd's database (by mariadb-dump or mysqldump, "
     "compressed or not; read without a server), DIR, the folder of a backup, "
     "of a run of apply (what was there before it) or of dump --split, "
     "git:REV:PATH, what git has at that revision, or live, what --live says "
     "(a file of that name is ./live).",
     "assocsync plan backup.cfg\n"
     "assocsync plan backup.cfg --verbose              # with the commands\n"
     "assocsync plan backup.cfg --live today.cfg       # offline\n"
     "assocsync plan old.sql.gz --only account=bio     # of mysqldump\n"
     "assocsync plan --at yesterday --only account=bio # the backup of then\n"
     "assocsync plan git:HEAD:lab.cfg --base git:origin/main:lab.cfg\n"
     "assocsync plan trees --all-clusters              # a whole database\n"
     "assocsync plan backup.cfg --out plan.json        # to apply just that\n"
     "assocsync plan backup.cfg --format sh > plan.sh  # to read, or run\n"
     "assocsync plan backup.cfg --format html > plan.html  # for a browser\n"
     "assocsync plan --explain AS101\n"},
    {"apply", kForApply, RunApply,
     "assocsync apply [OPTIONS] TARGET.cfg|PLAN.json|DIR\n"
     "       assocsync apply --at TIME [DIR]",
     "which file? TARGET is missing", "",
     "back up, make live what TARGET says, and show that it is",
     "Plans as `assocsync plan` does, shows the plan and asks; takes a full "
     "SQL dump; runs the commands one by one; reads live again and compares "
     "the whole tree. A saved plan is made again and must be the very same, or "
     "nothing is run.",
     "assocsync apply backup.cfg\n"
     "assocsync apply plan.json\n"
     "assocsync apply backup.cfg --yes --max-delete 60%\n"
     "assocsync apply backup.cfg --yes --format json > events.jsonl\n"
     "assocsync apply /var/lib/assocsync/lab-20261124T010000Z\n"
     "assocsync apply /var/lib/assocsync/lab-20261124T010000Z "
     "--all-clusters\n"},
    {"backup", kForBackup, RunBackup, "assocsync backup [OPTIONS]", "", "",
     "save associations and the whole database, shown to be whole",
     "Writes the folder DIR/CLUSTER-UTCTIME: tree.cfg, the associations of the "
     "cluster registered first or of --cluster, tree-NAME.cfg for every other "
     "cluster of the database (not with --cluster), DATABASE.sql.zst, a full "
     "SQL dump without locks, and manifest.json: digests, rows of every table, "
     "releases, times. The dump is compared with the database, table by table. "
     "The folder appears when all is on disk, or not at all. One backup or "
     "apply runs at a time. `assocsync plan DIR` and `apply DIR` take such a "
     "folder, `assocsync verify DIR` tells whether it is still whole.",
     "assocsync backup\n"
     "assocsync backup --keep 14 --backup-dir /backup/slurm   # every night\n"
     "assocsync backup --keep-daily 14 --keep-weekly 8 --keep-monthly 12\n"
     "assocsync backup --format json\n"},
    {"backups", kForBackups, RunBackups, "assocsync backups [OPTIONS]", "", "",
     "list what lies in the folder of backups",
     "Lists the folders that backup, apply and restore left, newest first: "
     "age, "
     "time, size, which command made it, and whether it is good as far as the "
     "names and sizes of its files tell (`assocsync verify DIR` reads every "
     "byte). Changes nothing.",
     "assocsync backups\n"
     "assocsync backups --cluster lab --backup-dir /backup/slurm\n"
     "assocsync backups --format json\n"},
    {"prune", kForPrune, RunPrune, "assocsync prune [OPTIONS]", "", "",
     "remove old backups, and old runs of apply, by rules",
     "Keeps what a rule keeps, by the rules of restic's forget, and removes "
     "the "
     "rest. Each cluster is counted by itself, and so are backups, runs of "
     "apply, and those without an SQL dump. The newest of each stays in any "
     "case, and so do the run that --base last-applied reads, runs that did "
     "not end well, what restore left, and everything that is not whole or not "
     "just what a command of assocsync put there.",
     "assocsync prune --keep-daily 14 --keep-weekly 8 --dry-run\n"
     "assocsync prune --keep-within 14d --keep-monthly 12 --keep-yearly "
     "unlimited\n"},
    {"status", kForStatus, RunStatus,
     "assocsync status [OPTIONS] [TARGET.cfg|DIR]", "TARGET may be given", "",
     "tell how old and how good the backups are, and whether live has drifted",
     "Tells the age of the last good backup, what the last verify of one "
     "found, "
     "and by how much live differs from what the last apply left, or from "
     "TARGET. Live that cannot be read is told, and hinders nothing. Changes "
     "nothing. With --format nagios the exit status is that of a plugin: 0 OK, "
     "1 warning, 2 critical, 3 unknown.",
     "assocsync status\n"
     "assocsync status --format nagios --warn-age 26h --crit-age 3d\n"
     "assocsync status trees/lab.cfg --warn-drift 0\n"
     "assocsync status --no-live --format prometheus --out assocsync.prom\n",
     false, true},
    {"verify", kForVerify, RunVerify,
     "assocsync verify [OPTIONS] [DIR|FILE.sql]", "DIR may be given", "",
     "tell whether a backup is whole, and with --load whether it loads",
     "Reads every file of a folder that backup or apply left: sizes and "
     "digests, every table and row of the SQL dump, its last line, every .cfg. "
     "Without DIR it is the newest that `assocsync backups` lists; which, is "
     "told. "
     "With --load the dump is loaded into a scratch database on the server of "
     "slurmdbd.conf, or better on another one (--defaults-file), and counted "
     "there. No text of the dump is sent to the server. The user needs: GRANT "
     "ALL ON `assocsync\\_verify\\_%`.* TO 'user'@'host'. FILE.sql is a plain "
     "dump of slurmdbd's database by mariadb-dump or mysqldump, also as .gz, "
     ".xz or .zst: what can be known without a manifest is told, and what "
     "cannot.",
     "assocsync verify                                 # the newest, every "
     "night\n"
     "assocsync verify /var/lib/assocsync/lab-20261124T010000Z\n"
     "assocsync verify /backup/slurm_acct_db.sql.gz\n"
     "assocsync verify DIR --load --defaults-file test-server.cnf\n",
     false, true},
    {"restore", kForRestore, RunRestore,
     "assocsync restore [OPTIONS] DIR|FILE.sql\n       assocsync restore "
     "--purge",
     "which backup? DIR is missing", "",
     "put the whole database back as it was, with slurmdbd stopped",
     "DIR is the folder of a backup, or of a run of apply or restore; FILE.sql "
     "a plain dump by mariadb-dump or mysqldump (.gz, .xz, .zst), of which no "
     "text is sent to the server and less can be known before. Shows what "
     "would change and what would be lost, and asks; takes a full SQL "
     "dump of what is there now; loads the backup into a database of its own "
     "and counts every table; then puts its tables in place of the present "
     "ones with one RENAME TABLE. There is never a moment without data: a kill "
     "leaves the old database or the new one, whole, and restoring again goes "
     "on. Refuses while slurmdbd or a slurmctld answers, or anybody is "
     "connected to the database, and a backup that the installed slurmdbd "
     "cannot start from. The old tables are kept in a database of their own "
     "until --purge. The best login is an administrator's (--defaults-file); "
     "slurmdbd's own user needs, for database slurm_acct_db: GRANT ALL ON "
     "`slurm\\_acct\\_db\\_assocsync\\_%`.* TO 'slurm'@'host'.",
     "systemctl stop slurmctld slurmdbd\n"
     "assocsync restore /var/lib/assocsync/lab-20261124T010000Z\n"
     "assocsync restore /backup/slurm_acct_db.sql.gz\n"
     "systemctl start slurmdbd slurmctld\n"
     "assocsync restore --purge                        # when all is well\n"},
    {"log", kForLog, RunLog, "assocsync log [OPTIONS]", "", "",
     "show who changed what, from Slurm's own transaction log",
     "Reads the transaction table of slurmdbd's database and tells it in "
     "words, newest last: when, who, what, with ids resolved to names. Slurm "
     "keeps no value from before a change, and does not log moves of accounts. "
     "Changes nothing.",
     "assocsync log --since yesterday\n"
     "assocsync log --since 2d --action delete        # who deleted what?\n"
     "assocsync log --user alice --limit 20\n"
     "assocsync log --since 2026-11-24T08:00 --format json\n"},
    {"history", kForHistory, RunHistory, "assocsync history [OPTIONS] ROW",
     "which row? ROW is missing", "",
     "show what a row was in each backup, and who changed it",
     "Reads the saved trees in the folder of backups, oldest first (of a run "
     "of "
     "apply those before and after it), and tells each in which the row is "
     "other than in the one before. Where slurmdbd's database can be read, its "
     "transaction log says who did it. ROW is bio/ann, bio/ann@debug, "
     "account=bio, user=ann (with all rows), user=ann@bio or qos=long. Backups "
     "that are damaged are told and passed over. Changes nothing.",
     "assocsync history bio/ann\n"
     "assocsync history account=bio --since 2026-11-01\n"
     "assocsync history qos=long --format json\n"},
    {"check", kForCheck, RunCheck, "assocsync check [OPTIONS] TARGET.cfg|DIR",
     "which file? TARGET is missing", "",
     "is a proposed tree fit to be applied? No server is needed",
     "Reads a saved tree that somebody has edited and tells what is wrong with "
     "it: what cannot be read, what Slurm would refuse or confuse, and, with "
     "--base, what the edit does to whom; with --policy, what the site asks "
     "beyond that. Findings have codes (AS2xx), places and fixes. A comment `# "
     "assocsync: allow AS209 (why)` at a line lifts one there. TARGET may be "
     "all that it is for plan. Changes nothing. Exits with 3 where an error "
     "stands.",
     "assocsync check lab.cfg\n"
     "assocsync check lab.cfg --base main.cfg --policy policy.toml\n"
     "assocsync check lab.cfg --base git:origin/main:lab.cfg --format github\n"
     "assocsync check lab.cfg --live mysql             # do QOS and TRES "
     "exist?\n"
     "assocsync check --explain AS204\n"},
    {"dump", kForDump, RunDump,
     "assocsync dump [OPTIONS] [--out FILE | --split DIR]", "", "",
     "write the live tree in canonical form, as one file or a folder",
     "Reads the live associations and writes them as plan, check, diff and fmt "
     "read them: each tree has one text, so that git shows what changed and no "
     "more. On the standard output, to a file, or as a folder of files, which "
     "is what a site keeps in git. What no .cfg file can hold is told, or "
     "refused. Changes nothing on the cluster.",
     "assocsync dump > today.cfg\n"
     "assocsync dump --split trees/lab && git -C trees commit -am 'lab today'\n"
     "assocsync dump --all-clusters --split trees\n"
     "assocsync dump --live old.sql.gz --cluster lab   # of mysqldump\n"},
    {"diff", kForDiff, RunDiff, "assocsync diff [OPTIONS] A.cfg|DIR B.cfg|DIR",
     "which files? A and B are missing", "which files? B is missing",
     "show what differs between two trees, line by line",
     "Reads two trees and compares their canonical texts: order, case, "
     "units and abbreviations make no difference. What it prints is a unified "
     "diff, which patch(1) applies to the canonical text of A; each part says "
     "whose lines they are. A and B may be all that TARGET of plan may be: -, "
     "the standard input, once; DIR, the folder of a backup or of dump "
     "--split; "
     "git:REV:PATH; live, read as --live says. Exits with 0 also where they "
     "differ, unless --detailed-exitcode.",
     "assocsync diff monday.cfg today.cfg\n"
     "assocsync diff /var/lib/assocsync/lab-20261124T010000Z today.cfg\n"
     "assocsync diff backup.cfg live\n"
     "assocsync diff git:HEAD~1:lab.cfg git:HEAD:lab.cfg\n"
     "assocsync diff monday.cfg today.cfg -U0 --detailed-exitcode\n"},
    {"fmt", kForFmt, RunFmt, "assocsync fmt [OPTIONS] [FILE.cfg...]", "", "",
     "write a file in canonical form, with its comments",
     "Reads saved trees that people edit and writes them in the one canonical "
     "form: order of lines and options, quotes, units, spelling. Comments stay "
     "where they stand, before their line or behind it. The first line and the "
     "last (# assocsync:1, # assocsync:end) tell a whole file from one that "
     "was cut short. The tree that the file says is not changed: the result is "
     "read again and compared. Without files, or for -, from the standard "
     "input; git:REV:PATH is what git has. Of a folder of dump --split, each "
     "file. Prints the result, unless --in-place or --check.",
     "assocsync fmt proposal.cfg > tidy.cfg\n"
     "assocsync fmt -i trees/*.cfg\n"
     "assocsync fmt --check trees/*.cfg                # in CI, in a hook\n",
     true},
};

struct StatusInfo {
  string_view status;
  unsigned commands;
  string_view text;
};
// The help of assocsync has all texts of a status, that of a command its own.
constexpr StatusInfo kStatuses[] = {
    {"0", kForPlan, "planned"},
    {"0", kForApply, "in sync; applied and verified"},
    {"0", kForBackup, "backed up"},
    {"0", kForVerify, "the backup is good"},
    {"0", kForRestore, "restored and counted"},
    {"0", kForCheck, "check passed"},
    {"0", kForStatus, "told; with --format nagios: OK"},
    {"0",
     kForLog | kForHistory | kForDiff | kForFmt | kForDump | kForBackups |
         kForPrune,
     "done"},
    {"1", kForAll, "an error; nothing was changed"},
    {"1", kForVerify, "the backup is not good"},
    {"1", kForStatus, "with --format nagios: a warning"},
    {"2", kForPlan, "changes are pending (only with --detailed-exitcode)"},
    {"2", kForDiff, "the files differ (only with --detailed-exitcode)"},
    {"2", kForStatus, "critical (only with --format nagios)"},
    {"3", kForAll,
     "refused, and nothing was changed: a path that others can change"},
    {"3", kForBackupDir & ~kForStatus,
     "a backup folder that is not on the disk of --require-mount"},
    {"3", kForPlanning, "a finding"},
    {"3", kForApply, "a stale plan"},
    {"3", kForApply | kForRestore, "no consent"},
    {"3", kForRestore,
     "a server that runs, a backup that slurmdbd cannot start from"},
    {"3", kForCheck, "an error was found"},
    {"3", kForFmt, "--check found a file that is not in canonical form"},
    {"3", kForStatus, "with --format nagios: unknown"},
    {"4", kForPrune, "stopped part way: the report says what was removed"},
    {"4", kForApply | kForRestore,
     "stopped part way, or not verified: the report says how far it came"},
    {"64", kForAll, "usage"},
    {"130", kForAll, "interrupted before anything was changed"},
};

// What is said of `left`, from `column` on.
void Item(string_view left, string_view help, size_t column, size_t width,
          std::string* out) {
  std::string line = absl::StrCat("  ", left);
  if (line.size() + 1 > column) {
    absl::StrAppend(&line, "\n", std::string(column, ' '));
  } else {
    line.resize(column, ' ');
  }
  absl::StrAppend(out, line, Wrapped(help, column, width), "\n");
}

void OptionLine(string_view left, string_view help, size_t width,
                std::string* out) {
  Item(left, help, width < kNarrow ? kNarrowColumn : kHelpColumn, width, out);
}

// "--max-delete N|P%", with its letter before it.
std::string Typed(const Option& option) {
  std::string out;
  if (option.letter != 0) out = {'-', option.letter, ',', ' '};
  absl::StrAppend(&out, "--", option.name);
  if (!option.value.empty()) absl::StrAppend(&out, " ", option.value);
  return out;
}

// What `command` is told of it.
std::string HelpOf(const Option& option, unsigned command) {
  std::vector<std::string> parts;
  if (!option.help.empty()) parts.emplace_back(option.help);
  if (option.name == "format") parts.push_back(FormatHelp(command));
  for (const HelpPart& part : option.more) {
    if ((part.commands & command) != 0) parts.emplace_back(part.text);
  }
  return absl::StrJoin(parts, " ");
}

std::string ExitStatus(unsigned commands, size_t width) {
  std::string out = "\nEXIT STATUS\n";
  for (const StatusInfo* row = kStatuses; row != std::end(kStatuses);) {
    const string_view status = row->status;
    std::vector<string_view> texts;
    for (; row != std::end(kStatuses) && row->status == status; ++row) {
      if ((row->commands & commands) != 0) texts.push_back(row->text);
    }
    if (texts.empty()) continue;
    Item(status, absl::StrJoin(texts, "; "), kNarrowColumn, width, &out);
  }
  return out;
}

std::string Indented(string_view lines) {
  std::string out;
  for (const string_view line :
       absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
    absl::StrAppend(&out, "  ", line, "\n");
  }
  return out;
}

std::string CommandHelp(const CommandInfo& command, size_t width) {
  std::string out =
      absl::StrCat("Usage: ", command.usage, "\n\n",
                   Wrapped(command.about, 0, width), "\n\nOPTIONS\n");
  std::vector<std::string> unset;
  for (const Option& option : AllOptions()) {
    if ((option.commands & command.mask) == 0) continue;
    OptionLine(Typed(option), HelpOf(option, command.mask), width, &out);
    if (!option.anywhere) unset.push_back(absl::StrCat("--", option.name));
  }
  OptionLine("--help", "Print this.", width, &out);
  absl::StrAppend(
      &out, "\n",
      Wrapped(
          "Options also come from variables (--color is ASSOCSYNC_COLOR) and "
          "from the config file (color = \"never\"); the command line wins "
          "over variables, and these over the file. Only on the command line:",
          0, width),
      "\n", Wrapped(absl::StrJoin(unset, ", "), 0, width), ".\n\nEXAMPLES\n",
      Indented(command.examples), ExitStatus(command.mask, width));
  return out;
}

}  // namespace

std::string Wrapped(string_view text, size_t indent, size_t width) {
  std::string out;
  size_t column = indent;
  for (const string_view word : absl::StrSplit(text, ' ')) {
    if (column > indent && column + 1 + word.size() > width) {
      absl::StrAppend(&out, "\n", std::string(indent, ' '));
      column = indent;
    }
    if (column > indent) {
      out.push_back(' ');
      ++column;
    }
    absl::StrAppend(&out, word);
    column += word.size();
  }
  return out;
}

absl::Span<const CommandInfo> AllCommands() { return kCommands; }

std::string HelpText(const CommandInfo* command, size_t width) {
  if (command != nullptr) return CommandHelp(*command, width);
  std::string out = absl::StrCat(
      "Usage: assocsync COMMAND [OPTIONS] [TARGET]\n\n",
      Wrapped(
          "Restores the associations of a Slurm cluster exactly: reads a saved "
          "tree and the live one, works out an ordered and proven list of "
          "sacctmgr commands between them, backs the database up, runs the "
          "commands, and shows that the live tree is now the saved one.",
          0, width),
      "\n\nCOMMANDS\n");
  for (const CommandInfo& info : kCommands) {
    OptionLine(info.name, info.summary, width, &out);
  }
  absl::StrAppend(
      &out, "\n",
      Wrapped("assocsync COMMAND --help tells all about one command; assocsync "
              "--version tells which this is.",
              0, width),
      "\n\nEXAMPLES\n",
      Indented(
          "sacctmgr dump hpc file=backup.cfg      # save, while all is well\n"
          "assocsync plan backup.cfg              # what has changed since?\n"
          "assocsync apply backup.cfg             # make it as it was\n"),
      ExitStatus(kForAll, width));
  return out;
}

}  // namespace assocsync
