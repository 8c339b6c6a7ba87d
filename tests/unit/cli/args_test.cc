#include "cli/args.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/options.h"

namespace assocsync::args_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Words = std::vector<std::string>;

using Args = std::variant<Finished, Options>;

Args Parse(Words words, Words environment = {},
           const std::string& config = "/nonexistent") {
  words.insert(words.begin(), "assocsync");
  return ParseArgs(words, environment, 78, config);
}

// The text of a usage error.
std::string Wrong(const Args& args) {
  const auto* finished = std::get_if<Finished>(&args);
  if (finished == nullptr) return "no error";
  return finished->exit == ExitCode::kUsage ? finished->text : "exit 0";
}

// What is asked for; a failure where nothing is, or of another command.
Options Of(absl::string_view command, const Args& args) {
  const auto* options = std::get_if<Options>(&args);
  if (options == nullptr) {
    ADD_FAILURE() << Wrong(args);
    return {};
  }
  EXPECT_EQ(options->command->name, command);
  return *options;
}
Options Plan(const Args& args) { return Of("plan", args); }

// A file that goes with the test.
class File {
 public:
  explicit File(absl::string_view text) {
    char name[] = "/tmp/assocsync-args-XXXXXX";
    close(mkstemp(name));
    path_ = name;
    std::ofstream(path_) << text;
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { unlink(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(ParseArgsTest, PlanWithDefaults) {
  const Options args = Plan(Parse({"plan", "b.cfg"}));
  EXPECT_EQ(args.target, "b.cfg");
  EXPECT_EQ(args.live, Live::kAuto);
  EXPECT_EQ(args.sacctmgr, "sacctmgr");
  EXPECT_EQ(args.max_delete, 30);
  EXPECT_FALSE(args.max_delete_is_count);
  EXPECT_EQ(args.timeout, absl::Minutes(10));
  EXPECT_EQ(args.format, "text");
  EXPECT_FALSE(args.detailed_exitcode);
}

TEST(ParseArgsTest, Backup) {
  EXPECT_TRUE(Of("backup", Parse({"backup"})).keep.empty());
  const Args args =
      Parse({"backup", "--keep", "7", "--backup-dir", "/b", "--cluster", "hpc",
             "--dump-tool", "mysqldump", "--format", "json", "--timeout", "9"},
            {"ASSOCSYNC_KEEP=3"});
  const Options backup = Of("backup", args);
  EXPECT_EQ(backup.keep.last, 7);
  EXPECT_EQ(backup.backup_dir, "/b");
  EXPECT_EQ(backup.cluster, "hpc");
  EXPECT_EQ(backup.timeout, absl::Seconds(9));
  EXPECT_EQ(backup.dump_tool, "mysqldump");
  EXPECT_TRUE(backup.json());
  EXPECT_THAT(Wrong(Parse({"backup", "--keep", "0"})),
              HasSubstr("a number of backups, 1 or more"));
  EXPECT_THAT(Wrong(Parse({"backup", "--keep", "-1"})),
              HasSubstr("a number of backups, 1 or more"));
  const Options rules =
      Of("prune", Parse({"prune", "--keep-daily", "unlimited", "--keep-hourly",
                         "24", "--keep-within", "1y6m"},
                        {"ASSOCSYNC_KEEP_WEEKLY=8"}));
  EXPECT_EQ(rules.keep.daily, KeepRules::kAll);
  EXPECT_EQ(rules.keep.hourly, 24);
  EXPECT_EQ(rules.keep.weekly, 8);
  EXPECT_EQ(rules.keep.within.ToString(), "1y6m");
  EXPECT_THAT(Wrong(Parse({"backup", "--dump-tool", "/bin/cat"})),
              HasSubstr("mariadb-dump, mysqldump or mydumper"));
  EXPECT_THAT(Wrong(Parse({"backup", "--live", "x.cfg"})),
              HasSubstr("--live cannot be a file"));
  EXPECT_THAT(Wrong(Parse({"backup", "--format", "sh"})),
              HasSubstr("backup prints text or json"));
  EXPECT_NE(Wrong(Parse({"backup", "DIR"})), "no error");
}

TEST(ParseArgsTest, Verify) {
  const Args args = Parse({"verify", "DIR", "--load", "--defaults-file", "f"});
  const Options verify = Of("verify", args);
  EXPECT_EQ(verify.target, "DIR");
  EXPECT_TRUE(verify.load);
  EXPECT_EQ(verify.defaults_file, "f");
  EXPECT_FALSE(verify.json());
  // Without DIR it takes the newest.
  EXPECT_EQ(Of("verify", Parse({"verify", "--cluster", "a"})).cluster, "a");
  EXPECT_EQ(
      Of("verify", Parse({"verify", "D"}, {"ASSOCSYNC_CLUSTER=a"})).target,
      "D");
  EXPECT_THAT(Wrong(Parse({"verify", "D", "--cluster", "a"})),
              HasSubstr("where no DIR is given"));
}

TEST(ParseArgsTest, EverythingOfPlan) {
  const Options args = Plan(Parse({"plan",
                                   "--live",
                                   "l.cfg",
                                   "--release=24.11",
                                   "--cluster",
                                   "hpc",
                                   "--as-cluster",
                                   "--sacctmgr",
                                   "/opt/sacctmgr",
                                   "--max-delete",
                                   "12",
                                   "--allow",
                                   "as101,AS103",
                                   "--allow=AS111",
                                   "--timeout",
                                   "90",
                                   "--slurmdbd-conf",
                                   "/s.conf",
                                   "--defaults-file",
                                   "/my.cnf",
                                   "--format",
                                   "json",
                                   "--out",
                                   "p.json",
                                   "--detailed-exitcode",
                                   "--color",
                                   "never",
                                   "--quiet",
                                   "--verbose",
                                   "-"}));
  EXPECT_EQ(args.target, "-");
  EXPECT_EQ(args.live, Live::kFile);
  EXPECT_EQ(args.live_file, "l.cfg");
  EXPECT_EQ(args.release, "24.11.2");
  EXPECT_EQ(args.cluster, "hpc");
  EXPECT_TRUE(args.as_cluster);
  EXPECT_EQ(args.sacctmgr, "/opt/sacctmgr");
  EXPECT_EQ(args.max_delete, 12);
  EXPECT_TRUE(args.max_delete_is_count);
  EXPECT_THAT(args.allow, ElementsAre("AS101", "AS103", "AS111"));
  EXPECT_EQ(args.timeout, absl::Seconds(90));
  EXPECT_EQ(args.slurmdbd_conf, "/s.conf");
  EXPECT_EQ(args.defaults_file, "/my.cnf");
  EXPECT_EQ(args.format, "json");
  EXPECT_EQ(args.out, "p.json");
  EXPECT_TRUE(args.detailed_exitcode);
  EXPECT_EQ(args.color, Color::kNever);
  EXPECT_TRUE(args.quiet);
  EXPECT_TRUE(args.verbose);
}

TEST(ParseArgsTest, EverythingOfApply) {
  const Args args =
      Parse({"apply", "p.json", "--yes", "--sql-dump", "d.sql",
             "--slurmdbd-conf", "/s.conf", "--defaults-file", "/my.cnf",
             "--backup-dir", "/backup", "--max-delete", "60%"});
  const Options apply = Of("apply", args);
  EXPECT_TRUE(apply.yes);
  EXPECT_EQ(apply.sql_dump, "d.sql");
  EXPECT_EQ(apply.slurmdbd_conf, "/s.conf");
  EXPECT_EQ(apply.defaults_file, "/my.cnf");
  EXPECT_EQ(apply.backup_dir, "/backup");
  EXPECT_EQ(apply.max_delete, 60);
  EXPECT_FALSE(apply.max_delete_is_count);
}

TEST(ParseArgsTest, Letters) {
  const Options args = Plan(Parse({"plan", "-qv", "b.cfg"}));
  EXPECT_TRUE(args.quiet);
  EXPECT_TRUE(args.verbose);
  EXPECT_TRUE(Of("apply", Parse({"apply", "-y", "b.cfg"})).yes);
}

TEST(ParseArgsTest, HelpAndVersionGoToStdout) {
  for (const Words& words :
       {Words{"--help"}, Words{"plan", "--help"}, Words{"apply", "--help"},
        Words{"--version"}, Words{"-h"}, Words{"plan", "-h"}, Words{"help"},
        Words{"help", "apply"}, Words{"-V"}, Words{"version"}}) {
    const Args args = Parse(words);
    const auto* finished = std::get_if<Finished>(&args);
    ASSERT_NE(finished, nullptr);
    EXPECT_EQ(finished->exit, ExitCode::kOk);
    EXPECT_FALSE(finished->text.empty());
  }
  const Args args = Parse({"plan", "--help"});
  const std::string& help = std::get<Finished>(args).text;
  for (const Option& option : AllOptions()) {
    if ((option.commands & kForPlan) == 0) continue;
    EXPECT_THAT(help, HasSubstr(absl::StrCat("--", option.name)));
  }
  EXPECT_THAT(help, HasSubstr("EXIT STATUS"));
  EXPECT_THAT(help, HasSubstr("EXAMPLES"));
}

struct BadCase {
  std::string words;  // Separated by blanks.
  std::string want;
};

TEST(ParseArgsTest, UsageErrors) {
  const BadCase kCases[] = {
      {"", "Usage: assocsync COMMAND"},
      {"make b.cfg", "there is no command 'make'; there are: plan, apply"},
      {"chek b.cfg", "there is no command 'chek'; did you mean check?"},
      {"help chek", "there is no command 'chek'; did you mean check?"},
      {"apply b.cfg --dry-run", "`assocsync plan` shows what apply would do"},
      {"diff a b --unifed 2", "did you mean --unified?"},
      {"diff a b --max-delte 2", "--max-delte\nTry: assocsync diff"},
      {"plan", "TARGET is missing"},
      {"plan a.cfg b.cfg", "b.cfg"},
      {"plan b.cfg --max-delte 3", "did you mean --max-delete?"},
      {"plan b.cfg --max-delete 101%", "--max-delete: '101%' is not"},
      {"plan b.cfg --max-delete=-1", "--max-delete: '-1' is not"},
      {"plan b.cfg --max-delete 30x", "--max-delete: '30x' is not"},
      {"plan b.cfg --max-delete %", "--max-delete: '%' is not"},
      {"plan b.cfg --allow AS999", "--allow: 'AS999' is not a code"},
      {"plan b.cfg --allow 101", "--allow: '101' is not a code"},
      {"plan b.cfg --timeout 0", "--timeout: '0' is not from 1s to 24h"},
      {"plan b.cfg --timeout soon", "--timeout: 'soon' is not a time"},
      {"plan b.cfg --pause-between 1s", "--pause-between"},
      {"apply b.cfg --pause-between 1h",
       "--pause-between: '1h' is not from 0 to 10m"},
      {"apply b.cfg --bulk-load yes",
       "--bulk-load: 'yes' is not one of auto, never, always"},
      {"plan b.cfg --bulk-load never", "--bulk-load"},
      {"plan b.cfg --color red", "--color: 'red' is not one of auto, always"},
      {"plan b.cfg --format xml", "--format: 'xml' is not one of text, json"},
      {"plan b.cfg --live x.cfg --release 19.05", "older than"},
      {"plan b.cfg --live x.cfg --release new", "is no release of Slurm"},
      {"plan b.cfg --release 24.11", "--release goes with --live FILE.cfg"},
      {"plan b.cfg --live sacctmgr --release 24.11", "or --live mysql"},
      {"plan b.cfg --yes", "--yes"},
      {"plan b.cfg --cluster a --cluster b", "--cluster"},
      {"plan b.cfg --out", "--out"},
      {"plan --explain AS1", "--explain: 'AS1' is not a code"},
      {"apply b.cfg --live x.cfg", "--live cannot be a file"},
      {"apply b.cfg --no-sql-dump --sql-dump d", "contradict each other"},
      {"plan d --all-clusters --cluster lab", "contradict each other"},
      {"plan d --all-clusters --as-cluster", "--as-cluster renames one tree"},
      {"plan d --all-clusters --keep-shared", "--keep-shared leaves it"},
      {"plan d --all-clusters --base b", "--base is of one cluster"},
      {"apply d --all-clusters --pick", "--pick chooses among the changes"},
      {"plan d --all-clusters --out p", "--out saves the plan of one cluster"},
      {"plan --all-clusters --at 3h", "--at chooses the backup of one cluster"},
      {"plan - --all-clusters", "takes the trees of several clusters"},
      {"apply live --all-clusters", "takes the trees of several clusters"},
      {"plan d --all-clusters --format html", "--format html shows the plan"},
      {"apply b.cfg --format json", "asks nobody: it goes with --yes"},
      {"apply b.cfg --format sh --yes", "apply prints text or json"},
  };
  for (const BadCase& c : kCases) {
    Words words;
    if (!c.words.empty()) words = absl::StrSplit(c.words, ' ');
    EXPECT_THAT(Wrong(Parse(words)), HasSubstr(c.want)) << c.words;
  }
}

TEST(ParseArgsTest, VariablesThatSetNothingAreTold) {
  const Options args = Plan(Parse(
      {"plan", "b.cfg"}, {"ASSOCSYNC_BACKUPDIR=/b", "ASSOCSYNC_YES=1",
                          "ASSOCSYNC_CLUSTER=lab", "ASSOCSYNC_SITE_NOTE=x"}));
  EXPECT_THAT(args.cautions,
              testing::ElementsAre(
                  "ASSOCSYNC_BACKUPDIR is no option; did you mean "
                  "ASSOCSYNC_BACKUP_DIR?",
                  "ASSOCSYNC_YES is not heeded: --yes can be given on the "
                  "command line only"));
}

TEST(ParseArgsTest, JsonOfApply) {
  const auto json = [](const Words& words, const Words& environment) {
    return Of("apply", Parse(words, environment)).json();
  };
  EXPECT_TRUE(json({"apply", "b.cfg", "--yes", "--format", "json"}, {}));
  EXPECT_TRUE(json({"apply", "b.cfg", "-y"}, {"ASSOCSYNC_FORMAT=json"}));
  // A variable for plans does not forbid to ask.
  EXPECT_FALSE(json({"apply", "b.cfg"}, {"ASSOCSYNC_FORMAT=json"}));
}

TEST(ParseArgsTest, CommandLineThenVariablesThenFile) {
  const File config(
      "max-delete = \"40%\"\ncluster = 'file'\nquiet = true\n"
      "live = \"file.cfg\"\n");
  const Words environment = {"ASSOCSYNC_CLUSTER=variable",
                             "ASSOCSYNC_LIVE=variable.cfg"};
  const Options args = Plan(Parse({"plan", "b.cfg", "--live", "words.cfg"},
                                  environment, config.path()));
  EXPECT_EQ(args.live_file, "words.cfg");
  EXPECT_EQ(args.cluster, "variable");
  EXPECT_EQ(args.max_delete, 40);
  EXPECT_TRUE(args.quiet);
}

TEST(ParseArgsTest, ConfigFromOptionOrVariable) {
  const File config("cluster = \"file\"\n");
  EXPECT_EQ(Plan(Parse({"plan", "b.cfg", "--config", config.path()})).cluster,
            "file");
  EXPECT_EQ(
      Plan(Parse({"plan", "b.cfg"}, {"ASSOCSYNC_CONFIG=" + config.path()}))
          .cluster,
      "file");
  EXPECT_THAT(Wrong(Parse({"plan", "b.cfg", "--config", "/nonexistent"})),
              HasSubstr("/nonexistent"));
}

TEST(ParseArgsTest, FlagsOfVariables) {
  EXPECT_TRUE(Plan(Parse({"plan", "b"}, {"ASSOCSYNC_DETAILED_EXITCODE=1"}))
                  .detailed_exitcode);
  EXPECT_FALSE(Plan(Parse({"plan", "b"}, {"ASSOCSYNC_DETAILED_EXITCODE=no"}))
                   .detailed_exitcode);
  EXPECT_THAT(Wrong(Parse({"plan", "b"}, {"ASSOCSYNC_QUIET=maybe"})),
              HasSubstr("ASSOCSYNC_QUIET: 'maybe' is not true or false"));
}

// What lifts a guard is said where it can be seen.
TEST(ParseArgsTest, ConsentIsForTheCommandLineOnly) {
  const Args args = Parse({"apply", "b.cfg"},
                          {"ASSOCSYNC_YES=1", "ASSOCSYNC_NO_SQL_DUMP=1",
                           "ASSOCSYNC_ALLOW=AS101", "ASSOCSYNC_AS_CLUSTER=1"});
  const Options apply = Of("apply", args);
  EXPECT_FALSE(apply.yes);
  EXPECT_FALSE(apply.no_sql_dump);
  EXPECT_FALSE(apply.as_cluster);
  EXPECT_TRUE(apply.allow.empty());
  for (const char* key : {"yes", "no-sql-dump", "as-cluster"}) {
    const File config(absl::StrCat(key, " = true\n"));
    EXPECT_THAT(Wrong(Parse({"apply", "b.cfg"}, {}, config.path())),
                HasSubstr("on the command line only"));
  }
}

TEST(ParseArgsTest, ErrorsOfTheConfigFileSayWhere) {
  const BadCase kCases[] = {
      {"cluster = \"a\"\nmax_delete = 3\n",
       ":2:1: max_delete is no option; "
       "did you mean max-delete?"},
      {"\n\nmax-delete = true\n",
       ":3:1: max-delete must be a text or a number"},
      {"quiet = \"yes\"\n", ":1:1: quiet must be true or false"},
      {"max-delete = 3.5\n", ":1:14: 'max-delete' must be a text, a whole"},
      {"max-delete = \"x\"\n", ":1:1: max-delete: 'x' is not"},
      {"[plan]\nquiet = true\n", "'plan' must be a text"},
      {"cluster = \"a\"\ncluster = \"b\"\n", ":2:"},
      {"cluster = a\n", ":1:11"},
      {"cluster", ":1:"},
  };
  for (const BadCase& c : kCases) {
    const File config(c.words);
    EXPECT_THAT(Wrong(Parse({"plan", "b.cfg"}, {}, config.path())),
                HasSubstr(config.path() + (c.want[0] == ':' ? c.want : "")))
        << c.words;
    EXPECT_THAT(Wrong(Parse({"plan", "b.cfg"}, {}, config.path())),
                HasSubstr(c.want))
        << c.words;
  }
}

TEST(ParseArgsTest, Restore) {
  const auto restore = [](const Words& words, const Words& environment = {}) {
    return Of("restore", Parse(words, environment));
  };
  const Options args =
      restore({"restore", "dir", "--release", "24.11.5", "--slurmdbd", "/s",
               "--defaults-file", "/d", "--no-sql-dump", "--old-server",
               "--running-controller", "-y"});
  EXPECT_EQ(args.target, "dir");
  EXPECT_EQ(args.release, "24.11.5");
  EXPECT_EQ(args.slurmdbd, "/s");
  EXPECT_EQ(args.defaults_file, "/d");
  EXPECT_TRUE(args.no_sql_dump && args.old_server && args.yes);
  EXPECT_TRUE(args.running_controller);
  EXPECT_FALSE(args.purge);
  EXPECT_TRUE(restore({"restore", "--purge"}).purge);
  // What says which slurmdbd there is, and what consents, is said here or not
  // at all.
  const Options bare =
      restore({"restore", "dir"},
              {"ASSOCSYNC_RELEASE=24.11.5", "ASSOCSYNC_OLD_SERVER=1",
               "ASSOCSYNC_RUNNING_CONTROLLER=1", "ASSOCSYNC_PURGE=1",
               "ASSOCSYNC_YES=1"});
  EXPECT_EQ(bare.release, "");
  EXPECT_FALSE(bare.old_server || bare.purge || bare.yes);
  EXPECT_FALSE(bare.running_controller);
  EXPECT_THAT(Wrong(Parse({"restore"})), HasSubstr("which backup?"));
  EXPECT_THAT(Wrong(Parse({"restore", "dir", "--purge"})),
              HasSubstr("takes no DIR"));
  EXPECT_THAT(Wrong(Parse({"restore", "dir", "--release", "19.05"})),
              HasSubstr("older than"));
}

TEST(ParseArgsTest, UsageErrorsAreSafeToShow) {
  EXPECT_THAT(Wrong(Parse({"plan", "b.cfg", "--cluster\x1b[2J"})),
              ::testing::Not(HasSubstr("\x1b")));
  EXPECT_THAT(Wrong(Parse({"plan", "b.cfg", "--color", "\x1b[2J"})),
              ::testing::Not(HasSubstr("\x1b")));
}

TEST(ParseArgsTest, ExplainNeedsNoTarget) {
  const Args args = Parse({"plan", "--explain", "as101"});
  EXPECT_EQ(Plan(args).explain, "AS101");
}

TEST(ParseArgsTest, Log) {
  const Args args =
      Parse({"log",     "--since", "2d",       "--until",     "@5000000000",
             "--actor", "ann",     "--action", "delete user", "--account",
             "hep",     "--user",  "al",       "--cluster",   "lab",
             "--limit", "7",       "--format", "json",        "--slurmdbd-conf",
             "/s"},
            {"ASSOCSYNC_DEFAULTS_FILE=/d"});
  const Options log = Of("log", args);
  EXPECT_TRUE(log.since < log.until);
  EXPECT_EQ(log.actor + log.action + log.account + log.user + log.cluster,
            "anndelete userhepallab");
  EXPECT_EQ(log.limit, 7);
  EXPECT_TRUE(log.json());
  EXPECT_EQ(log.slurmdbd_conf, "/s");
  EXPECT_EQ(log.defaults_file, "/d");
  EXPECT_FALSE(Of("log", Parse({"log"}, {"ASSOCSYNC_FORMAT=sh"})).json());

  struct Bad {
    Words words;
    const char* want;
  };
  const Bad bad[] = {
      {{"log", "b.cfg"}, "b.cfg"},
      {{"log", "--since", "soon"}, "--since: 'soon' is no time"},
      {{"log", "--since", "1d", "--until", "2d"}, "--since is after --until"},
      {{"log", "--action", "deletes"}, "is not an action"},
      {{"log", "--limit", "0"}, "is not a number from 1 on"},
      {{"log", "--format", "sh"}, "log prints text or json"},
      {{"log", "--yes"}, "--yes"},
      {{"plan", "b.cfg", "--since", "2d"}, "--since"},
  };
  for (const Bad& b : bad) {
    EXPECT_THAT(Wrong(Parse(b.words)), HasSubstr(b.want));
  }
}

TEST(ParseArgsTest, Check) {
  Options args =
      Of("check", Parse({"check", "b.cfg"}, {"ASSOCSYNC_LIVE=mysql"}));
  EXPECT_EQ(args.target, "b.cfg");
  // What plans are told to do is no reason to go to a server.
  EXPECT_FALSE(args.said("live"));
  EXPECT_EQ(args.format, "text");
  EXPECT_FALSE(args.fail_on.has_value());

  const Args all =
      Parse({"check", "b.cfg", "--base", "a.cfg", "--policy", "p.toml",
             "--author", "ann", "--format", "sarif", "--fail-on", "note",
             "--live", "sacctmgr", "--sacctmgr", "/s", "--timeout", "9"});
  args = Of("check", all);
  EXPECT_EQ(args.base, "a.cfg");
  EXPECT_EQ(args.policy, "p.toml");
  EXPECT_EQ(args.author, "ann");
  EXPECT_EQ(args.format, "sarif");
  EXPECT_EQ(args.fail_on, Severity::kNote);
  EXPECT_TRUE(args.said("live"));
  EXPECT_EQ(args.sacctmgr, "/s");
  EXPECT_EQ(args.timeout, absl::Seconds(9));

  EXPECT_EQ(Of("check", Parse({"check", "--explain", "as204"})).explain,
            "AS204");

  EXPECT_THAT(Wrong(Parse({"check"})), HasSubstr("TARGET is missing"));
  EXPECT_THAT(Wrong(Parse({"check", "-", "--base", "-"})),
              HasSubstr("cannot both be the standard input"));
  EXPECT_THAT(Wrong(Parse({"check", "b", "--format", "sh"})),
              HasSubstr("check prints text, json, markdown, github, gitlab, "
                        "sarif or junit"));
  EXPECT_THAT(Wrong(Parse({"plan", "b", "--format", "sarif"})),
              HasSubstr("plan prints text, json, sh, diff, markdown "
                        "or html"));
  EXPECT_THAT(Wrong(Parse({"check", "b", "--fail-on", "off"})),
              HasSubstr("'off' is not one of error, warning, note"));
}

// Lines that are no command to copy.
std::vector<std::string> TextLines(absl::string_view help) {
  std::vector<std::string> out;
  bool is_text = true;
  for (const absl::string_view line : absl::StrSplit(help, '\n')) {
    if (line == "EXAMPLES") is_text = false;
    if (line == "EXIT STATUS") is_text = true;
    if (is_text && !absl::StartsWith(line, "Usage:")) out.emplace_back(line);
  }
  return out;
}

TEST(HelpTest, FitsEveryWidth) {
  std::vector<const CommandInfo*> commands = {nullptr};
  for (const CommandInfo& command : AllCommands()) commands.push_back(&command);
  const auto words = [](absl::string_view text) {
    return std::vector<std::string>(
        absl::StrSplit(text, absl::ByAnyChar(" \n"), absl::SkipEmpty()));
  };
  for (const CommandInfo* command : commands) {
    const std::string help = HelpText(command, 78);
    for (const size_t width : {18U, 38U, 78U, 98U}) {
      const std::string other = HelpText(command, width);
      EXPECT_EQ(words(other), words(help));
      if (width < 38) continue;  // There are longer words.
      for (const std::string& line : TextLines(other)) {
        EXPECT_LE(line.size(), width) << line;
      }
    }
  }
}

TEST(HelpTest, TellsOfItsOwnCommandOnly) {
  const auto help = [](absl::string_view name) {
    for (const CommandInfo& command : AllCommands()) {
      if (command.name == name) return HelpText(&command, 1000);
    }
    return std::string();
  };
  EXPECT_THAT(help("plan"),
              HasSubstr("FILE.cfg, a dump (also one of mysqldump, a folder, "
                        "git:REV:PATH), for which no server"));
  EXPECT_THAT(help("apply"),
              HasSubstr("mysql (slurmdbd's database) or sacctmgr. auto: "));
  EXPECT_THAT(help("backup"), HasSubstr("text (the default) or json.\n"));
  EXPECT_THAT(help("apply"), HasSubstr("text (the default) or json. json is an "
                                       "event in each line"));
  EXPECT_THAT(help("check"), Not(HasSubstr("html")));
  EXPECT_THAT(help("plan"), Not(HasSubstr("sarif")));
  EXPECT_THAT(help("restore"), HasSubstr("what slurmdbd -V says"));
  EXPECT_THAT(help("plan"), Not(HasSubstr("slurmdbd -V")));
  EXPECT_THAT(help("log"), HasSubstr("Also every object of a transaction"));
  EXPECT_THAT(help("diff"), HasSubstr("  2   the files differ"));
  EXPECT_THAT(help("log"), Not(HasSubstr("\n  2 ")));
  EXPECT_THAT(help("plan"), Not(HasSubstr("\n  4 ")));
  EXPECT_THAT(help("fmt"), Not(HasSubstr("backup is")));
  EXPECT_THAT(help("verify"), HasSubstr("nothing was changed; the backup is "
                                        "not good\n"));
}

// What says where things are is typed after any command that looks for some.
TEST(OptionsTest, WhereThingsAreMayBeSaidOfAllThatAsk) {
  constexpr unsigned kFilesAlone = kForFmt | kForBackups | kForPrune;
  for (const char* name :
       {"sacctmgr", "slurmdbd-conf", "defaults-file", "timeout"}) {
    EXPECT_EQ(kForAll & ~(FindOption(name)->commands | kFilesAlone), 0U)
        << name;
  }
  EXPECT_EQ(FindOption("backup-dir")->commands,
            FindOption("require-mount")->commands);
  // A restore is of all of them.
  EXPECT_EQ(kForAll & ~FindOption("cluster")->commands, kForRestore);
  EXPECT_EQ(Of("fmt", Parse({"fmt", "d"}, {"ASSOCSYNC_CLUSTER=a"})).cluster,
            "");
  EXPECT_EQ(Of("fmt", Parse({"fmt", "d", "--cluster", "a"})).cluster, "a");
}

TEST(OptionsTest, EachHasAHelpTextAndAName) {
  for (const Option& option : AllOptions()) {
    unsigned told = option.help.empty() ? 0 : kForAll;
    for (const HelpPart& part : option.more) told |= part.commands;
    EXPECT_EQ(option.commands & ~told, 0U) << option.name;
    EXPECT_EQ(NearestOption(option.name), &option);
  }
  EXPECT_EQ(NearestOption("entirely-different"), nullptr);
}

}  // namespace assocsync::args_test
