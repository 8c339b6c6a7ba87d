// The program itself, on files: what it prints where, and how it exits.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/io/process.h"
#include "engine/render/json.h"

namespace assocsync::plan_test {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kHead[] =
    "Cluster - 'hpc':Fairshare=1\n"
    "Parent - 'root'\n"
    "User - 'root':DefaultAccount='root':AdminLevel='Administrator'\n"
    "Account - 'lab':Description='lab':Organization='lab'\n"
    "Parent - 'lab'\n";

class ProgramTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/assocsync-cli-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
    Write("live.cfg", absl::StrCat(kHead, User("ann", ":MaxJobs=4")));
    Write("target.cfg", absl::StrCat(kHead, User("ann", ":MaxJobs=8")));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static std::string User(const std::string& name, const std::string& rest) {
    return absl::StrCat("User - '", name, "':DefaultAccount='lab'", rest, "\n");
  }
  std::string Path(const std::string& name) { return folder_ + "/" + name; }
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(Path(name), std::ios::binary) << text;
  }
  std::string Read(const std::string& name) {
    std::ifstream in(Path(name), std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }

  // Runs assocsync with a config file that is not there.
  RunResult Run(std::vector<std::string> words,
                std::vector<std::string> environment = {}) {
    words.insert(words.begin(), ASSOCSYNC_BINARY);
    return RunAny(words, std::move(environment));
  }
  // A line of shell in which $A is assocsync.
  RunResult Shell(const std::string& line) {
    return RunAny({"/bin/sh", "-c", "cd " + folder_ + "; " + line},
                  {absl::StrCat("A=", ASSOCSYNC_BINARY)});
  }
  RunResult RunAny(const std::vector<std::string>& argv,
                   std::vector<std::string> environment) {
    environment.push_back("PATH=/usr/bin:/bin");
    ProcessRunner runner(environment);
    const absl::StatusOr<RunResult> run = runner.Run(argv, absl::Seconds(60));
    EXPECT_TRUE(run.ok()) << run.status();
    return run.ok() ? *run : RunResult();
  }
  RunResult Plan(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"plan", Path("target.cfg"), "--live",
                                      Path("live.cfg")};
    words.insert(words.end(), more.begin(), more.end());
    return Run(words);
  }

  std::string folder_;
};

TEST_F(ProgramTest, PlanGoesToStdoutAndMessagesToStderr) {
  const RunResult run = Plan();
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, HasSubstr("~ ann  MaxJobs 4 -> 8\n"));
  EXPECT_THAT(run.out, HasSubstr("Plan: 0 to add, 1 to change, 0 to move, 0 to "
                                 "delete; 1 command.\n"));
  EXPECT_THAT(run.err, StartsWith("assocsync: no --release given"));
  EXPECT_EQ(Plan({"--quiet"}).err, "");
  EXPECT_EQ(Plan({"--quiet"}).out, run.out);
}

TEST_F(ProgramTest, ExitStatusTellsPendingChangesOnDemand) {
  EXPECT_EQ(Plan({"--detailed-exitcode"}).exit_code, 2);
  Write("live.cfg", Read("target.cfg"));
  const RunResult run = Plan({"--detailed-exitcode"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, HasSubstr("No changes. Live is in sync with "
                                 "target.cfg.\n"));
}

TEST_F(ProgramTest, ARefusedPlanIsShownInFull) {
  std::string many = Read("live.cfg");
  for (int i = 0; i < 20; ++i) {
    absl::StrAppend(&many, User(absl::StrCat("u", i), ""));
  }
  Write("live.cfg", many);
  const RunResult run = Plan();
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.out,
              HasSubstr("- 20 users: u0, u1, u10 and 17 more  user leaves\n"));
  EXPECT_THAT(Plan({"--verbose"}).out, HasSubstr("- u19  user leaves"));
  EXPECT_THAT(run.out, HasSubstr("Refused: AS101"));
  EXPECT_EQ(Plan({"--max-delete", "100%"}).exit_code, 0);
  EXPECT_EQ(Plan({"--allow", "AS101"}).exit_code, 0);
}

TEST_F(ProgramTest, AllFaultsOfAFileAreToldWithTheirPlace) {
  Write("target.cfg", absl::StrCat(kHead, User("ann", ":MaxJobs=10abc"),
                                   User("bob", ":MaxJbs=1")));
  const RunResult run = Plan();
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr("target.cfg:6:"));
  EXPECT_THAT(run.err, HasSubstr("target.cfg:7:"));
  EXPECT_THAT(run.err, HasSubstr("10abc"));
  EXPECT_THAT(run.err, HasSubstr("^\n"));
}

TEST_F(ProgramTest, AFileThatIsNotThereIsAnError) {
  const RunResult run = Run({"plan", Path("no.cfg"), "--live", "live.cfg"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.err, HasSubstr("no.cfg: cannot open: No such file"));
}

// The proposal was made from base; live went on meanwhile.
TEST_F(ProgramTest, AProposalIsMergedIntoWhatLiveHasBecome) {
  Write("base.cfg",
        absl::StrCat(kHead, User("ann", ":MaxJobs=4"), User("bob", "")));
  Write("live.cfg", absl::StrCat(kHead, User("ann", ":MaxJobs=5"),
                                 User("bob", ""), User("new", "")));
  Write("target.cfg", absl::StrCat(kHead, User("ann", ":MaxJobs=8")));
  RunResult run = Plan({"--base", Path("base.cfg"), "--max-delete", "9"});
  EXPECT_EQ(run.exit_code, 3) << run.err;
  EXPECT_THAT(run.out,
              HasSubstr("refused AS124  the proposal and live changed the same "
                        "since the base, differently\n"
                        "      lab/ann: MaxJobs 4, on live 5, proposed 8\n"
                        "      If that is meant: --prefer target, --prefer "
                        "live, or --prefer ROW=target|live\n"));
  EXPECT_THAT(run.out, HasSubstr("note AS125  live changed since the base; "
                                 "kept\n      lab/new: added on live\n"));
  EXPECT_THAT(run.out, HasSubstr("- bob  user leaves\n"));
  EXPECT_THAT(run.out, Not(HasSubstr("- new")));

  const std::vector<std::string> decided = {
      "--base",   Path("base.cfg"), "--max-delete", "9",
      "--prefer", "lab/ann=target", "--out",        Path("plan.json")};
  run = Plan(decided);
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("~ ann  MaxJobs 5 -> 8\n"));
  EXPECT_THAT(run.out, HasSubstr("warning AS124  conflicts decided for the "
                                 "proposal (--prefer)\n"));
  const absl::StatusOr<SavedPlan> saved = PlanFromJson(Read("plan.json"));
  ASSERT_TRUE(saved.ok()) << saved.status();
  EXPECT_EQ(saved->base_text, Read("base.cfg"));
  EXPECT_EQ(saved->options.base_name, "base.cfg");
  EXPECT_EQ(saved->options.merge.prefer_row.at("lab/ann"), Side::kTarget);
  EXPECT_NE(saved->plan.base_fingerprint, "");

  run = Plan({"--base", Path("base.cfg"), "--prefer", "lab/anna=live",
              "--prefer", "live", "--max-delete", "9"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("warning AS127"));
  EXPECT_THAT(run.out, Not(HasSubstr("~ ann")));
}

TEST_F(ProgramTest, ABaseThatCannotBeUsed) {
  Write("other.cfg",
        "Cluster - 'other'\nParent - 'root'\n"
        "User - 'root':DefaultAccount='root'\n");
  EXPECT_THAT(Plan({"--base", Path("other.cfg")}).err,
              HasSubstr("other.cfg is of cluster 'other', target.cfg of "
                        "'hpc'"));
  Write("bad.cfg", absl::StrCat(kHead, "User - 'x':MaxJobs=4y\n"));
  const RunResult bad = Plan({"--base", Path("bad.cfg")});
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_THAT(bad.err, HasSubstr("bad.cfg:6:"));
  const RunResult none =
      Plan({"--base", "last-applied", "--backup-dir", Path("backups")});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.err, HasSubstr("no verified run of apply on cluster 'hpc'"));
  EXPECT_EQ(Plan({"--prefer", "live"}).exit_code, 64);
  EXPECT_EQ(Plan({"--base", Path("other.cfg"), "--prefer", "a=both"}).exit_code,
            64);
}

TEST_F(ProgramTest, DiffOfTwoFiles) {
  RunResult run = Run({"diff", Path("live.cfg"), Path("target.cfg")});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.err, "");
  EXPECT_THAT(run.out, StartsWith("--- live.cfg\n+++ target.cfg\n@@ -"));
  EXPECT_THAT(run.out, HasSubstr(" @@ lab (root > lab)\n"));
  EXPECT_THAT(run.out, HasSubstr("-User - 'ann':DefaultAccount='lab':MaxJobs="
                                 "4\n+User - 'ann':DefaultAccount='lab':"
                                 "MaxJobs=8\n"));
  EXPECT_EQ(Run({"diff", Path("live.cfg"), Path("target.cfg"), "-U0",
                 "--detailed-exitcode"})
                .exit_code,
            2);
  // Another way to write the same.
  Write("same.cfg",
        absl::StrCat(kHead, "user - ANN:defaulta='lab':maxjobs=4 # ann\n"));
  run = Shell("$A diff live.cfg - --detailed-exitcode < same.cfg");
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(Run({"diff", Path("live.cfg")}).exit_code, 64);
  EXPECT_EQ(Run({"diff", "-", "-"}).exit_code, 64);
  Write("bad.cfg", absl::StrCat(kHead, "User - 'x':MaxJobs=4y\n"));
  run = Run({"diff", Path("live.cfg"), Path("bad.cfg")});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.err, HasSubstr("bad.cfg:6:"));
  // Of a plan: what live will be; findings beside it.
  run = Plan({"--format", "diff"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, StartsWith("--- live\n+++ target.cfg\n@@ -"));
  EXPECT_THAT(run.err, HasSubstr("AS116"));
}

TEST_F(ProgramTest, MarkdownForAPullRequest) {
  const RunResult run = Plan({"--format", "markdown"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, StartsWith("### assocsync: cluster <code>hpc</code>"));
  EXPECT_THAT(run.out, HasSubstr("| change | user <code>ann</code> in "
                                 "<code>lab</code> | <code>MaxJobs 4 -&#62; "
                                 "8</code> |\n"));
  EXPECT_EQ(Run({"backup", "--format", "markdown"}).exit_code, 64);
}

TEST_F(ProgramTest, HtmlForABrowser) {
  const RunResult run = Plan({"--format", "html"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, StartsWith("<!DOCTYPE html>\n"));
  EXPECT_THAT(run.out, HasSubstr("</html>\n"));
  // The page goes to others, who need not know where the files lie.
  EXPECT_THAT(run.out, HasSubstr("<dt>Live</dt><dd>live.cfg <small>"));
  EXPECT_THAT(run.out, Not(HasSubstr(folder_)));
  EXPECT_EQ(Run({"backup", "--format", "html"}).exit_code, 64);
}

TEST_F(ProgramTest, FmtWritesTheCanonicalFormAndKeepsComments) {
  const std::string messy = absl::StrCat(
      "# The lab.\n", kHead, "# Ann asked for more.\n",
      "user - ANN:maxj=8:DefaultAccount=lab  # ticket 4711\n# Nobody else.\n");
  const std::string tidy =
      "# assocsync:1 The association tree of one Slurm cluster, written by "
      "hand.\n"
      "# Edit it freely, but leave the first and the last line as they are.\n"
      "# The lab.\n"
      "Cluster - 'hpc'\n"
      "Parent - 'root'\n"
      "User - 'root':DefaultAccount='root':AdminLevel='Administrator'\n"
      "Account - 'lab':Description='lab':Organization='lab'\n"
      "Parent - 'lab'\n"
      "# Ann asked for more.\n"
      "User - 'ann':DefaultAccount='lab':MaxJobs=8 # ticket 4711\n"
      "# Nobody else.\n"
      "# assocsync:end\n";
  Write("messy.cfg", messy);
  EXPECT_EQ(Run({"fmt", Path("messy.cfg")}).out, tidy);
  EXPECT_EQ(Shell("$A fmt < messy.cfg").out, tidy);
  RunResult run = Run({"fmt", "--check", Path("messy.cfg")});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.out, HasSubstr("-user - ANN:maxj=8"));
  EXPECT_THAT(run.err, HasSubstr("messy.cfg is not in canonical form"));
  EXPECT_EQ(Read("messy.cfg"), messy);
  std::filesystem::permissions(Path("messy.cfg"), std::filesystem::perms(0640));
  run = Run({"fmt", "-i", Path("messy.cfg"), Path("live.cfg")});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(Read("messy.cfg"), tidy);
  EXPECT_EQ(std::filesystem::status(Path("messy.cfg")).permissions(),
            std::filesystem::perms(0640));
  run = Run({"fmt", "--check", Path("messy.cfg"), Path("live.cfg")});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;

  // What only begins like a mark is a comment; a comment goes with its line.
  Write("odd.cfg", absl::StrCat(kHead, "# Zoe.\n", User("zoe", ""),
                                "# assocsync:endless story\n",
                                User("amy", " # assocsync:1 of Amy"),
                                "# assocsync:end of it\n"));
  const std::string odd = Run({"fmt", Path("odd.cfg")}).out;
  EXPECT_THAT(odd, HasSubstr("# assocsync:endless story\n"));
  EXPECT_THAT(odd, HasSubstr("# Zoe.\nUser - 'zoe'"));
  EXPECT_THAT(odd, HasSubstr("# assocsync:1 of Amy\n"));
  EXPECT_THAT(odd, HasSubstr("# assocsync:end of it\n# assocsync:end\n"));
  EXPECT_LT(odd.find("endless"), odd.find("# Zoe."));
  Write("odd.cfg", odd);
  EXPECT_EQ(Run({"fmt", Path("odd.cfg")}).out, odd);

  // A file with faults stays as it is; the others are done.
  const std::string bad = absl::StrCat(kHead, "User - 'x':MaxJobs=4y\n");
  Write("bad.cfg", bad);
  Write("messy.cfg", messy);
  run = Run({"fmt", "-i", Path("bad.cfg"), Path("messy.cfg")});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.err, HasSubstr("bad.cfg:6:"));
  EXPECT_EQ(Read("bad.cfg"), bad);
  EXPECT_EQ(Read("messy.cfg"), tidy);
  EXPECT_EQ(Run({"fmt", "-i"}).exit_code, 64);
  EXPECT_EQ(Run({"fmt", "-i", "--check", Path("bad.cfg")}).exit_code, 64);
  EXPECT_EQ(Run({"fmt", Path("live.cfg"), Path("messy.cfg")}).exit_code, 64);
  EXPECT_EQ(Run({"fmt", folder_}).exit_code, 1);
}

TEST_F(ProgramTest, TargetFromStandardInput) {
  const RunResult run =
      Shell("$A plan - --live live.cfg --format json < target.cfg");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, HasSubstr("\"name\": \"standard input\""));
  EXPECT_EQ(Shell("$A plan - --live live.cfg <&-").exit_code, 1);
}

TEST_F(ProgramTest, SavedPlanIsWhatJsonPrints) {
  const RunResult run = Plan({"--format", "json", "--out", Path("p.json")});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(Read("p.json"), run.out);
  const absl::StatusOr<SavedPlan> saved = PlanFromJson(run.out);
  ASSERT_TRUE(saved.ok()) << saved.status();
  EXPECT_EQ(saved->target_text, Read("target.cfg"));
  EXPECT_EQ(saved->plan.steps.size(), 1U);
  const RunResult wrong = Run({"plan", Path("p.json"), "--live", "live.cfg"});
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_THAT(wrong.err, HasSubstr("`assocsync apply` takes it"));
}

TEST_F(ProgramTest, OutThatCannotBeWrittenIsAnErrorAndPrintsNothing) {
  const RunResult run = Plan({"--out", Path("no/p.json")});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, "");
}

TEST_F(ProgramTest, ScriptIsShell) {
  const RunResult run = Plan({"--format", "sh"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, StartsWith("#!/bin/sh\n"));
  EXPECT_THAT(run.out, HasSubstr("\"$sacctmgr\" -i modify user where"));
}

TEST_F(ProgramTest, ColorOnlyWhereItIsAskedFor) {
  EXPECT_THAT(Plan().out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(Plan({"--color", "always"}).out, HasSubstr("\x1b[33m~ ann"));
}

TEST_F(ProgramTest, AFullDiskBehindStdoutIsAnError) {
  for (const char* command :
       {"plan target.cfg --live live.cfg", "--help", "plan --help", "--version",
        "plan --explain AS101"}) {
    const RunResult run = Shell(absl::StrCat("$A ", command, " >/dev/full"));
    EXPECT_EQ(run.exit_code, 1) << command;
    EXPECT_THAT(run.err, HasSubstr("standard output: cannot write: No space"))
        << command;
  }
}

TEST_F(ProgramTest, AClosedStdoutIsAnErrorAndNoFileIsHarmed) {
  const RunResult run = Shell("$A plan target.cfg --live live.cfg >&-");
  EXPECT_EQ(run.exit_code, 1);
}

TEST_F(ProgramTest, AReaderThatGoesAwayIsNone) {
  std::string many = Read("target.cfg");
  for (int i = 0; i < 20000; ++i) {
    absl::StrAppend(&many, User(absl::StrCat("u", i), ""));
  }
  Write("target.cfg", many);
  const RunResult run = Shell(
      "{ $A plan target.cfg --live live.cfg --quiet; echo $? >exit; } | "
      "head -n 1");
  EXPECT_THAT(run.out, StartsWith("Cluster hpc"));
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(Read("exit"), "0\n");
}

TEST_F(ProgramTest, UsageErrorsAre64) {
  EXPECT_EQ(Run({}).exit_code, 64);
  EXPECT_EQ(Run({"plan"}).exit_code, 64);
  EXPECT_EQ(Plan({"--live="}).exit_code, 64);
  const RunResult run = Run({"plan", "--no-such"});
  EXPECT_EQ(run.exit_code, 64);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr("Try: assocsync plan --help"));
}

TEST_F(ProgramTest, HelpVersionAndExplainAreResults) {
  EXPECT_THAT(Run({"--version"}).out, StartsWith("assocsync "));
  EXPECT_THAT(Run({"apply", "--help"}).out, HasSubstr("EXIT STATUS"));
  EXPECT_THAT(Run({"plan", "--explain", "AS110"}).out, StartsWith("AS110: "));
}

// A sacctmgr that never ends: Ctrl-C ends it and us, and nothing stays behind.
TEST_F(ProgramTest, CtrlCWhileReadingEndsQuietly) {
  Write("sacctmgr", "#!/bin/sh\necho $$ >pid\nexec sleep 60\n");
  const RunResult run = Shell(
      "chmod +x sacctmgr; mkdir tmp; export TMPDIR=$PWD/tmp; "
      "$A plan target.cfg --sacctmgr $PWD/sacctmgr & "
      "i=0; while [ ! -s pid ] && [ $i -lt 200 ]; do sleep 0.05; i=$((i+1)); "
      "done; kill -TERM $!; wait $!; echo exit $?; "
      "kill -0 $(cat pid) 2>/dev/null && echo still there; ls tmp");
  EXPECT_EQ(run.out, "exit 130\n");
  EXPECT_THAT(run.err, HasSubstr("interrupted; nothing was changed"));
}

TEST_F(ProgramTest, ASacctmgrThatIsNotThere) {
  const RunResult run =
      Run({"plan", Path("target.cfg"), "--sacctmgr", Path("none")});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.err, HasSubstr("none"));
}

// What was read otherwise than it says is told by every command that reads.
TEST_F(ProgramTest, FmtAndDiffTellWhatWasReadHow) {
  std::string cut = absl::StrCat(kHead, User("ann", ":MaxJobs=4"));
  cut.pop_back();
  Write("cut.cfg", cut);
  const RunResult fmt = Run({"fmt", Path("cut.cfg")});
  EXPECT_EQ(fmt.exit_code, 0);
  EXPECT_THAT(fmt.err, HasSubstr("cut.cfg:6:"));
  const RunResult diff = Run({"diff", Path("cut.cfg"), Path("live.cfg")});
  EXPECT_EQ(diff.out, "");
  EXPECT_THAT(diff.err, HasSubstr("cut.cfg:6:"));
  EXPECT_EQ(Run({"fmt", Path("live.cfg")}).err, "");
}

TEST_F(ProgramTest, AStrictReadingNamesTheOther) {
  const std::string text = absl::StrCat(
      "# To edit this file start with a cluster line for the new "
      "cluster\n",
      kHead, User("ann", ":MaxJobs=4:"));
  Write("edited.cfg", text);
  const RunResult plan =
      Run({"plan", Path("edited.cfg"), "--live", Path("live.cfg")});
  EXPECT_EQ(plan.exit_code, 1);
  EXPECT_THAT(plan.err, HasSubstr("--by-hand"));
  EXPECT_THAT(Run({"check", Path("edited.cfg")}).out, HasSubstr("--by-hand"));
  EXPECT_EQ(
      Run({"plan", Path("edited.cfg"), "--live", Path("live.cfg"), "--by-hand"})
          .exit_code,
      0);
}

TEST_F(ProgramTest, CheckCountsWhatIsBeyondTwentyOfAKind) {
  std::string text = kHead;
  for (int i = 0; i < 30; ++i) {
    absl::StrAppend(&text, "User - 'u", i,
                    "':DefaultAccount='lab':GrpTRES='nodes=3'\n");
  }
  Write("many.cfg", text);
  const RunResult some = Run({"check", Path("many.cfg")});
  EXPECT_THAT(some.out, HasSubstr("and 10 more AS207 (--verbose)"));
  EXPECT_THAT(some.out, Not(HasSubstr("'u25'")));
  EXPECT_THAT(some.out, HasSubstr("30 errors"));
  EXPECT_THAT(Run({"check", Path("many.cfg"), "--verbose"}).out,
              HasSubstr("u29"));
}

// As in a dump of 24.11, which does not print it.
TEST_F(ProgramTest, OfflineADumpTakesNoMinPrioThreshAway) {
  Write("live.cfg", absl::StrCat(kHead, User("ann", ":MinPrioThresh=5")));
  Write("dump.cfg",
        absl::StrCat("# To edit this file start with a cluster line for the "
                     "new cluster\n",
                     kHead, User("ann", "")));
  const RunResult plan = Run({"plan", Path("dump.cfg"), "--live",
                              Path("live.cfg"), "--release", "24.11.5"});
  EXPECT_EQ(plan.exit_code, 0);
  EXPECT_THAT(plan.out, HasSubstr("AS150"));
  EXPECT_THAT(plan.out, HasSubstr("No changes."));
}

}  // namespace assocsync::plan_test
