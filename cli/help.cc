// What --help says: made from the tables, so that it cannot fall behind.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/options.h"
#include "cli/run.h"

namespace assocsync {
namespace {

using absl::string_view;

constexpr size_t kWidth = 78;
constexpr size_t kHelpColumn = 25;

constexpr CommandInfo kCommands[] = {
    {"plan", kForPlan, RunPlan, "assocsync plan [OPTIONS] TARGET.cfg|DIR",
     "which file? TARGET is missing", "",
     "show what has to change for live to become TARGET",
     "Reads the live associations and a saved tree (the text that `sacctmgr "
     "dump` writes), and shows every change and every finding that stands in "
     "the way of it. Changes nothing. TARGET may be -, the standard input, or "
     "DIR, the folder of a backup or of a run of apply (what was there before "
     "it).",
     "assocsync plan backup.cfg\n"
     "assocsync plan backup.cfg --verbose              # with the commands\n"
     "assocsync plan backup.cfg --live today.cfg       # offline\n"
     "assocsync plan backup.cfg --out plan.json        # to apply just that\n"
     "assocsync plan backup.cfg --format sh > plan.sh  # to read, or run\n"
     "assocsync plan backup.cfg --format html > plan.html  # for a browser\n"
     "assocsync plan --explain AS101\n"},
    {"apply", kForApply, RunApply,
     "assocsync apply [OPTIONS] TARGET.cfg|PLAN.json|DIR",
     "which file? TARGET is missing", "",
     "back up, make live what TARGET says, and show that it is",
     "Plans as `assocsync plan` does, shows the plan and asks; takes a full "
     "SQL dump; runs the commands one by one; reads live again and compares "
     "the whole tree. A saved plan is made again and must be the very same, "
     "or nothing is run.",
     "assocsync apply backup.cfg\n"
     "assocsync apply plan.json\n"
     "assocsync apply backup.cfg --yes --max-delete 60%\n"
     "assocsync apply backup.cfg --yes --format json > report.json\n"
     "assocsync apply /var/lib/assocsync/lab-20261124T010000Z\n"},
    {"backup", kForBackup, RunBackup, "assocsync backup [OPTIONS]", "", "",
     "save associations and the whole database, shown to be whole",
     "Writes the folder DIR/CLUSTER-UTCTIME: tree.cfg, the associations of "
     "the cluster registered first or of --cluster, tree-NAME.cfg for every "
     "other cluster of the database (not with --cluster), "
     "DATABASE.sql.zst, a full SQL dump without locks, and manifest.json: "
     "digests, rows of every table, releases, times. The dump is compared with "
     "the database, table by table. The folder appears when all is on disk, or "
     "not at all. One backup or apply runs at a time. `assocsync plan DIR` and "
     "`apply DIR` take such a folder, `assocsync verify DIR` tells whether it "
     "is still whole.",
     "assocsync backup\n"
     "assocsync backup --keep 14 --backup-dir /backup/slurm   # every night\n"
     "assocsync backup --format json\n"},
    {"verify", kForVerify, RunVerify, "assocsync verify [OPTIONS] DIR",
     "which folder? DIR is missing", "",
     "tell whether a backup is whole, and with --load whether it loads",
     "Reads every file of a folder that backup or apply left: sizes and "
     "digests, every table and row of the SQL dump, its last line, every .cfg. "
     "With --load the dump is loaded into a scratch database on the server of "
     "slurmdbd.conf, or better on another one (--defaults-file), and counted "
     "there. No text of the dump is sent to the server. The user needs: GRANT "
     "ALL ON `assocsync\\_verify\\_%`.* TO 'user'@'host'.",
     "assocsync verify /var/lib/assocsync/lab-20261124T010000Z\n"
     "assocsync verify DIR --load --defaults-file test-server.cnf\n"},
    {"restore", kForRestore, RunRestore,
     "assocsync restore [OPTIONS] DIR\n       assocsync restore --purge",
     "which folder? DIR is missing", "",
     "put the whole database back as it was, with slurmdbd stopped",
     "DIR is the folder of a backup, or of a run of apply or restore. Shows "
     "what would change and what would be lost, and asks; takes a full SQL "
     "dump of what is there now; loads the backup into a database of its own "
     "and counts every table; then puts its tables in place of the present "
     "ones with one RENAME TABLE. There is never a moment without data: a "
     "kill leaves the old database or the new one, whole, and restoring again "
     "goes on. Refuses while slurmdbd or a slurmctld answers, or anybody is "
     "connected to the database, and a backup that the installed slurmdbd "
     "cannot start from. The old tables are kept in a database of their own "
     "until --purge. The best login is an administrator's (--defaults-file); "
     "slurmdbd's own user needs, for database slurm_acct_db: GRANT ALL ON "
     "`slurm\\_acct\\_db\\_assocsync\\_%`.* TO 'slurm'@'host'.",
     "systemctl stop slurmctld slurmdbd\n"
     "assocsync restore /var/lib/assocsync/lab-20261124T010000Z\n"
     "systemctl start slurmdbd slurmctld\n"
     "assocsync restore --purge                        # when all is well\n"},
    {"log", kForLog, RunLog, "assocsync log [OPTIONS]", "", "",
     "show who changed what, from Slurm's own transaction log",
     "Reads the transaction table of slurmdbd's database and tells it in "
     "words, newest last: when, who, what, with ids resolved to names. Slurm "
     "keeps no value from before a change, and does not log moves of "
     "accounts. Changes nothing.",
     "assocsync log --since yesterday\n"
     "assocsync log --since 2d --action delete        # who deleted what?\n"
     "assocsync log --user alice --limit 20\n"
     "assocsync log --since 2026-11-24T08:00 --format json\n"},
    {"check", kForCheck, RunCheck, "assocsync check [OPTIONS] TARGET.cfg|DIR",
     "which file? TARGET is missing", "",
     "is a proposed tree fit to be applied? No server is needed",
     "Reads a saved tree that somebody has edited and tells what is wrong with "
     "it: what cannot be read, what Slurm would refuse or confuse, and, with "
     "--base, what the edit does to whom; with --policy, what the site asks "
     "beyond that. Findings have codes (AS2xx), places and fixes. A comment "
     "`# assocsync: allow AS209 (why)` at a line lifts one there. Changes "
     "nothing. Exits with 3 where an error stands.",
     "assocsync check lab.cfg\n"
     "assocsync check lab.cfg --base main.cfg --policy policy.toml\n"
     "assocsync check lab.cfg --base main.cfg --format github\n"
     "assocsync check lab.cfg --live mysql             # do QOS and TRES "
     "exist?\n"
     "assocsync check --explain AS204\n"},
    {"diff", kForDiff, RunDiff, "assocsync diff [OPTIONS] A.cfg|DIR B.cfg|DIR",
     "which files? A and B are missing", "which files? B is missing",
     "show what differs between two saved trees, line by line",
     "Reads two saved trees and compares their canonical texts: order, case, "
     "units and abbreviations make no difference. What it prints is a unified "
     "diff, which patch(1) applies to the canonical text of A; each part says "
     "whose lines they are. One of the two may be -, the standard input; DIR "
     "is "
     "the folder of a backup. Exits with 0 also where they differ, unless "
     "--detailed-exitcode.",
     "assocsync diff monday.cfg today.cfg\n"
     "assocsync diff /var/lib/assocsync/lab-20261124T010000Z today.cfg\n"
     "assocsync diff monday.cfg today.cfg -U0 --detailed-exitcode\n"},
    {"fmt", kForFmt, RunFmt, "assocsync fmt [OPTIONS] [FILE.cfg...]", "", "",
     "write a file in canonical form, with its comments",
     "Reads saved trees that people edit and writes them in the one canonical "
     "form: order of lines and options, quotes, units, spelling. Comments stay "
     "where they stand, before their line or behind it. The first line and the "
     "last (# assocsync:1, # assocsync:end) tell a whole file from one that "
     "was "
     "cut short. The tree that the file "
     "says is not changed: the result is read again and compared. Without "
     "files, or for -, from the standard input. Prints the result, unless "
     "--in-place or --check.",
     "assocsync fmt proposal.cfg > tidy.cfg\n"
     "assocsync fmt -i trees/*.cfg\n"
     "assocsync fmt --check trees/*.cfg                # in CI, in a hook\n",
     true},
};

constexpr string_view kExitStatus =
    "  0   in sync; planned; applied and verified; backed up; backup is good;\n"
    "      restored and counted; check passed\n"
    "  1   error; nothing was changed; or the backup is not good\n"
    "  2   changes are pending, or files differ (only with "
    "--detailed-exitcode)\n"
    "  3   refused: a finding, a stale plan, no consent, a path that others "
    "can\n"
    "      change; nothing was changed; or fmt --check found a file that is "
    "not in\n"
    "      canonical form; or check found an error\n"
    "  4   stopped part way, or not verified: the report says how far it came\n"
    "  64  usage\n"
    "  130 interrupted before anything was changed\n";

void OptionLine(string_view left, string_view help, std::string* out) {
  std::string line = absl::StrCat("  ", left);
  if (line.size() + 2 > kHelpColumn) {
    absl::StrAppend(&line, "\n", std::string(kHelpColumn, ' '));
  } else {
    line.resize(kHelpColumn, ' ');
  }
  absl::StrAppend(out, line, Wrapped(help, kHelpColumn), "\n");
}

std::string Indented(string_view lines) {
  std::string out;
  for (const string_view line :
       absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
    absl::StrAppend(&out, "  ", line, "\n");
  }
  return out;
}

std::string CommandHelp(const CommandInfo& command) {
  std::string out = absl::StrCat("Usage: ", command.usage, "\n\n",
                                 Wrapped(command.about, 0), "\n\nOPTIONS\n");
  for (const Option& option : AllOptions()) {
    if ((option.commands & command.mask) == 0) continue;
    const std::string letter(option.letter == 0 ? 0 : 1, option.letter);
    OptionLine(
        absl::StrCat(letter.empty() ? "" : "-", letter,
                     letter.empty() ? "" : ", ", "--", option.name,
                     option.value.empty() ? "" : " ", option.value),
        absl::StrCat(option.help, option.name == "format" ? FormatHelp() : ""),
        &out);
  }
  OptionLine("--help", "Print this.", &out);
  absl::StrAppend(&out, "\n",
                  Wrapped("Options also come from variables (--max-delete is "
                          "ASSOCSYNC_MAX_DELETE) and from the config file "
                          "(max-delete = \"30%\"); the command line wins over "
                          "variables, and these over the file. Only on the "
                          "command line:",
                          0));
  std::string names;
  for (const Option& option : AllOptions()) {
    if ((option.commands & command.mask) == 0 || option.anywhere) continue;
    absl::StrAppend(&names, names.empty() ? "--" : ", --", option.name);
  }
  absl::StrAppend(&out, "\n", Wrapped(names, 0), ".\n\nEXAMPLES\n",
                  Indented(command.examples), "\nEXIT STATUS\n", kExitStatus);
  return out;
}

}  // namespace

std::string Wrapped(string_view text, size_t indent) {
  std::string out;
  size_t column = indent;
  for (const string_view word : absl::StrSplit(text, ' ')) {
    if (column > indent && column + 1 + word.size() > kWidth) {
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

std::string HelpText(const CommandInfo* command) {
  if (command != nullptr) return CommandHelp(*command);
  std::string out = absl::StrCat(
      "Usage: assocsync COMMAND [OPTIONS] [TARGET]\n\n",
      Wrapped("Restores the associations of a Slurm cluster exactly: reads a "
              "saved tree and the live one, works out an ordered and proven "
              "list of sacctmgr commands between them, backs the database up, "
              "runs the commands, and shows that the live tree is now the "
              "saved one.",
              0),
      "\n\nCOMMANDS\n");
  for (const CommandInfo& info : kCommands) {
    OptionLine(info.name, info.summary, &out);
  }
  absl::StrAppend(
      &out,
      "\nassocsync COMMAND --help tells all about one command; "
      "assocsync --version\ntells which this is.\n\nEXAMPLES\n",
      Indented("sacctmgr dump hpc file=backup.cfg      # save, while all is "
               "well\n"
               "assocsync plan backup.cfg              # what has changed "
               "since?\n"
               "assocsync apply backup.cfg             # make it as it was\n"),
      "\nEXIT STATUS\n", kExitStatus);
  return out;
}

}  // namespace assocsync
