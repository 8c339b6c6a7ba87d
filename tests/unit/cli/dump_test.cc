// `dump`, and the folders that --split makes, wherever a tree is read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/io/dir.h"
#include "tests/support/shell.h"

namespace assocsync::dump_test {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string TreeOf(const std::string& accounts,
                   const std::string& cluster = "lab") {
  return absl::StrCat(
      "Cluster - '", cluster,
      "':Fairshare=1:QOS='normal'\nParent - 'root'\n"
      "User - 'root':DefaultAccount='root':AdminLevel='Administrator':"
      "Fairshare=1\n",
      accounts);
}
constexpr char kBio[] = "Account - 'bio':Description='d':Organization='o'\n";
constexpr char kHep[] = "Account - 'hep':Description='d':Organization='o'\n";
constexpr char kAnn[] =
    "Parent - 'bio'\nUser - 'ann':DefaultAccount='bio':MaxJobs=4\n";

class DumpTest : public testing::Test {
 protected:
  DumpTest() : temp_(*TempDir::Create("/tmp")) {
    Put("live.cfg", TreeOf(absl::StrCat(kBio, kHep, kAnn)));
  }
  std::string Path(const std::string& name) const {
    return absl::StrCat(temp_.path(), "/", name);
  }
  void Put(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name)) << text;
  }
  std::string Get(const std::string& name) const {
    std::ifstream in(Path(name));
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }
  std::vector<std::string> In(const std::string& name) const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(Path(name))) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  RunResult Run(const std::string& line) const {
    return RunLine(temp_.path(), line, {absl::StrCat("HOME=", temp_.path())});
  }
  void Split() const {
    const RunResult run = Run("$A dump --live live.cfg --split trees");
    ASSERT_EQ(run.exit_code, 0) << run.err;
  }
  void ExpectFails(const std::string& line, const std::string& with,
                   int exit = 1) const {
    const RunResult run = Run(line);
    EXPECT_EQ(run.exit_code, exit) << line << "\n" << run.out << run.err;
    EXPECT_THAT(run.err, HasSubstr(with)) << line;
  }

  TempDir temp_;
};

TEST_F(DumpTest, WritesTheCanonicalText) {
  const RunResult run = Run("$A dump --live live.cfg");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(StartsWith("# assocsync:1 The association tree of "
                                        "one Slurm cluster.\n"),
                             HasSubstr("User - 'ann'")));
  // A FILE tells no QOS definitions, and that is said.
  EXPECT_THAT(run.err, HasSubstr("definitions of QOS are not in it"));
  EXPECT_THAT(Run("$A dump --live live.cfg -q | $A plan - --live live.cfg").out,
              HasSubstr("No changes"));
  Run("$A dump --live live.cfg --out out.cfg && chmod 640 out.cfg");
  EXPECT_EQ(Get("out.cfg"), run.out);
  Put("live.cfg", TreeOf(kHep));
  EXPECT_EQ(Run("$A dump --live live.cfg --out out.cfg").exit_code, 0);
  EXPECT_THAT(Get("out.cfg"), Not(HasSubstr("bio")));
  EXPECT_EQ(fs::status(Path("out.cfg")).permissions(), fs::perms(0640));
}

TEST_F(DumpTest, AFolderIsTheTreeWhereverOneIsRead) {
  Split();
  EXPECT_THAT(In("trees"), ElementsAre("bio.cfg", "cluster.cfg", "hep.cfg"));
  EXPECT_EQ(Run("mkdir trees/.git && echo x > trees/README.md && "
                "echo x > trees/.#bio.cfg")
                .exit_code,
            0);
  const std::string in_sync = "No changes. Live is in sync with trees.";
  EXPECT_THAT(Run("$A plan trees --live live.cfg").out, HasSubstr(in_sync));
  EXPECT_THAT(
      Run("$A plan trees/ --live trees/ --base trees/").out,
      HasSubstr("No changes. Live has what trees changes since trees."));
  EXPECT_EQ(Run("$A diff trees live.cfg").out, "");
  EXPECT_EQ(Run("$A check trees").exit_code, 0);
  EXPECT_EQ(Run("$A fmt --check trees").exit_code, 0);
  EXPECT_EQ(Run("$A fmt trees").out, Run("$A dump --live trees").out);
  // What leaves the folder leaves the tree.
  EXPECT_EQ(Run("rm trees/hep.cfg").exit_code, 0);
  EXPECT_THAT(Run("$A plan trees --live live.cfg").out, HasSubstr("- hep\n"));
}

TEST_F(DumpTest, FaultsAndFindingsNameTheFileInTheFolder) {
  Split();
  EXPECT_EQ(Run("sed -i s/MaxJobs=4/MaxJobs=many/ trees/bio.cfg").exit_code, 0);
  ExpectFails("$A plan trees --live live.cfg", "trees/bio.cfg:7:");
  EXPECT_THAT(Run("$A check ./trees/ --format github").out,
              HasSubstr("file=./trees/bio.cfg,line=7"));
  EXPECT_THAT(Run("$A check trees").out, HasSubstr("trees/bio.cfg:7:"));
  EXPECT_THAT(Run("$A check trees --format json").out,
              AllOf(HasSubstr("\"line\": 7"),
                    HasSubstr("\"file\": \"trees/bio.cfg\"")));
  EXPECT_THAT(Run("$A check trees --format markdown").out,
              HasSubstr("bio.cfg 7"));
}

TEST_F(DumpTest, FmtWritesEachFileOfAFolder) {
  Split();
  EXPECT_EQ(Run("sed -i \"s/^User - 'ann'/# why\\nUser - ann/\" trees/bio.cfg")
                .exit_code,
            0);
  const RunResult check = Run("$A fmt --check trees");
  EXPECT_EQ(check.exit_code, 3);
  EXPECT_THAT(check.err, HasSubstr("trees/bio.cfg is not in canonical form"));
  EXPECT_EQ(Run("$A fmt -i trees").exit_code, 0);
  EXPECT_THAT(Get("trees/bio.cfg"), HasSubstr("# why\nUser - 'ann'"));
  EXPECT_EQ(Run("$A fmt --check trees trees/bio.cfg").exit_code, 0);
}

TEST_F(DumpTest, OneFileOfAFolderIsNoTree) {
  Split();
  for (const std::string line :
       {"$A plan trees/bio.cfg --live live.cfg", "$A check trees/bio.cfg",
        "$A diff trees/bio.cfg live.cfg",
        "$A plan live.cfg --live trees/bio.cfg"}) {
    ExpectFails(line, "give the folder");
  }
}

TEST_F(DumpTest, AnotherSplitTakesWhatIsGone) {
  Split();
  const auto was = fs::last_write_time(Path("trees/hep.cfg"));
  Put("trees/notes.txt", "mine");
  Put("live.cfg", TreeOf(kHep));
  Split();
  EXPECT_THAT(In("trees"), ElementsAre("cluster.cfg", "hep.cfg", "notes.txt"));
  EXPECT_EQ(fs::last_write_time(Path("trees/hep.cfg")), was);
  EXPECT_THAT(Run("$A plan trees --live live.cfg").out,
              HasSubstr("No changes"));
}

TEST_F(DumpTest, NothingForeignIsWrittenOver) {
  const std::string dump = "$A dump --live live.cfg --split trees";
  fs::create_directory(Path("trees"));
  Put("trees/mine.cfg", TreeOf(kHep));
  ExpectFails(dump, "trees/mine.cfg: no `dump --split` wrote this file");
  EXPECT_THAT(In("trees"), ElementsAre("mine.cfg"));
  ExpectFails("$A plan trees --live live.cfg", "which file is meant? mine.cfg");
  fs::remove(Path("trees/mine.cfg"));
  fs::create_symlink(Path("live.cfg"), Path("trees/bio.cfg"));
  ExpectFails(dump, "trees/bio.cfg");
  fs::remove(Path("trees/bio.cfg"));
  Put("trees/manifest.json", "{}");
  ExpectFails(dump, "the folder of a backup");
  fs::remove(Path("trees/manifest.json"));
  Put("beta.cfg", TreeOf(kHep, "beta"));
  EXPECT_EQ(Run("$A dump --live beta.cfg --split trees").exit_code, 0);
  ExpectFails(dump, "this is of cluster 'beta', not of 'lab'");
  ExpectFails("$A dump --live live.cfg --split live.cfg", "not a folder");
  ExpectFails("$A dump --live live.cfg --split no/where", "no/where");
}

TEST_F(DumpTest, AHalfWrittenFolderIsNoTree) {
  Split();
  Put("trees/.assocsync-split-unfinished", "");
  ExpectFails("$A plan trees --live live.cfg", "was cut short here");
  ExpectFails("$A fmt --check trees", "was cut short here");
  Split();
  EXPECT_EQ(Run("$A check trees").exit_code, 0);
}

TEST_F(DumpTest, AFolderForEachClusterIsReadByCluster) {
  Put("beta.cfg", TreeOf(kHep, "beta"));
  EXPECT_EQ(Run("mkdir all && $A dump --live live.cfg --split all/lab && "
                "$A dump --live beta.cfg --split all/beta")
                .exit_code,
            0);
  EXPECT_THAT(Run("$A plan all --live beta.cfg").out,
              HasSubstr("in sync with all/beta"));
  EXPECT_THAT(Run("$A plan all --live live.cfg").out,
              HasSubstr("in sync with all/lab"));
  EXPECT_EQ(Run("$A check all --cluster lab").exit_code, 0);
  ExpectFails("$A check all", "beta (beta), lab (lab)");
  ExpectFails("$A check all --cluster gamma", "only of beta, lab");
  ExpectFails("$A dump --live live.cfg --split all", "a folder for each");
}

TEST_F(DumpTest, GitHasFoldersToo) {
  Split();
  ASSERT_EQ(Run("git init -q . && git add trees && git -c user.name=n -c "
                "user.email=e commit -qm c && sed -i s/MaxJobs=4/MaxJobs=8/ "
                "trees/bio.cfg")
                .exit_code,
            0);
  EXPECT_THAT(Run("$A diff git:HEAD:trees trees").out,
              AllOf(HasSubstr("--- trees@HEAD"), HasSubstr("MaxJobs=8")));
  EXPECT_THAT(
      Run("$A plan trees --base git:HEAD:trees --live git:HEAD:trees").out,
      HasSubstr("MaxJobs 4 -> 8"));
  EXPECT_EQ(Run("$A check git:HEAD:./trees/ --format github").exit_code, 0);
}

TEST_F(DumpTest, AnSqlDumpBecomesATree) {
  ExpectFails("$A dump --live live.cfg --out a --split b", "which one?", 64);
  ExpectFails("$A dump --live live.cfg --all-clusters", "--split", 64);
  ExpectFails("$A dump --live missing.cfg", "missing.cfg");
  ExpectFails("$A dump --live live", "./live", 64);
}

}  // namespace assocsync::dump_test
