// What TARGET, --base, --live and the sides of diff may name beside files:
// live, and what git has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/io/dir.h"
#include "tests/support/shell.h"

namespace assocsync::sources_test {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string TreeWith(const std::string& limit,
                     const std::string& cluster = "lab") {
  return absl::StrCat(
      "Cluster - '", cluster,
      "':Fairshare=1:QOS='normal'\nParent - 'root'\n"
      "User - 'root':DefaultAccount='root':AdminLevel='Administrator':"
      "Fairshare=1\n"
      "Account - 'bio':Description='d':Organization='o'",
      limit, "\n");
}

class SourcesTest : public testing::Test {
 protected:
  SourcesTest() : temp_(*TempDir::Create("/tmp")) {
    Put("today.cfg", TreeWith(":MaxJobs=1"));
    Put("new.cfg", TreeWith(":MaxJobs=2"));
  }
  void Put(const std::string& name, const std::string& text) const {
    std::ofstream(absl::StrCat(temp_.path(), "/", name)) << text;
  }
  RunResult Run(const std::string& line, const std::string& in = ".") const {
    return RunLine(
        absl::StrCat(temp_.path(), "/", in), line,
        {absl::StrCat("HOME=", temp_.path()), "GIT_CONFIG_NOSYSTEM=1"});
  }
  // A repository: `cluster.cfg` and `trees/beta.cfg` of two commits, the first
  // with the tag v1, the branch main.
  void MakeRepository() const {
    fs::create_directory(absl::StrCat(temp_.path(), "/repo"));
    fs::create_directory(absl::StrCat(temp_.path(), "/repo/trees"));
    Put("repo/cluster.cfg", TreeWith(":MaxJobs=1"));
    Put("repo/trees/beta.cfg", TreeWith(":MaxJobs=1", "beta"));
    const std::string commit =
        "git add . && git -c user.name=n -c user.email=e commit -qm c";
    ASSERT_EQ(
        Run(absl::StrCat("git init -q -b main . && ", commit, " && git tag v1"),
            "repo")
            .exit_code,
        0);
    Put("repo/cluster.cfg", TreeWith(":MaxJobs=2"));
    ASSERT_EQ(Run(commit, "repo").exit_code, 0);
  }
  void ExpectFails(const std::string& line, const std::string& with,
                   const std::string& in = ".") const {
    const RunResult run = Run(line, in);
    EXPECT_EQ(run.exit_code, 1) << line << "\n" << run.out << run.err;
    EXPECT_THAT(run.err, HasSubstr(with)) << line;
  }

  TempDir temp_;
};

TEST_F(SourcesTest, PlanTakesLive) {
  const RunResult same = Run("$A plan live --live today.cfg --format json");
  EXPECT_EQ(same.exit_code, 0) << same.err;
  EXPECT_THAT(same.out, HasSubstr("\"changes\": []"));
  // What changed between live and the proposal, though today.cfg is by hand.
  const RunResult merge = Run("$A plan new.cfg --base live --live today.cfg");
  EXPECT_EQ(merge.exit_code, 0) << merge.err;
  EXPECT_THAT(merge.out,
              AllOf(HasSubstr("MaxJobs 1 -> 2"), HasSubstr("1 to change")));
}

TEST_F(SourcesTest, EitherSideOfADiffIsLive) {
  EXPECT_THAT(Run("$A diff live new.cfg --live today.cfg").out,
              AllOf(HasSubstr("--- live"), HasSubstr("-Account - 'bio'"),
                    HasSubstr("+Account - 'bio'"), HasSubstr("+++ new.cfg")));
  EXPECT_THAT(Run("$A diff new.cfg live --live today.cfg").out,
              HasSubstr("+++ live"));
  EXPECT_EQ(Run("$A diff today.cfg live --live today.cfg").out, "");
}

TEST_F(SourcesTest, CheckTakesLive) {
  const RunResult live = Run("$A check live --live today.cfg --format json");
  EXPECT_EQ(live.exit_code, 0) << live.err;
  EXPECT_THAT(live.out, HasSubstr("\"cluster\": \"lab\""));
  const RunResult base =
      Run("$A check new.cfg --base live --live today.cfg --format json");
  EXPECT_THAT(base.out, AllOf(HasSubstr("\"base\": \"live\""),
                              HasSubstr("\"modify\": 1")))
      << base.err;
}

TEST_F(SourcesTest, AFileOfThatNameHasAPath) {
  Put("live", TreeWith(":MaxJobs=3"));
  EXPECT_THAT(Run("$A diff ./live today.cfg").out, HasSubstr("MaxJobs=3"));
  EXPECT_THAT(Run("$A diff today.cfg live --live ./live").out,
              HasSubstr("MaxJobs=3"));
  ExpectFails("$A fmt live", "./live");
  const RunResult where = Run("$A plan new.cfg --live live");
  EXPECT_EQ(where.exit_code, 64);
  EXPECT_THAT(where.err, HasSubstr("./live"));
}

TEST_F(SourcesTest, WithoutAServerLiveSaysWhatItWants) {
  for (const std::string line :
       {"$A diff new.cfg live --live mysql", "$A check live --live mysql"}) {
    ExpectFails(absl::StrCat(line, " --slurmdbd-conf ./none"), "--live mysql");
  }
}

TEST_F(SourcesTest, GitIsReadWhereFilesAre) {
  MakeRepository();
  EXPECT_THAT(
      Run("$A diff git:v1:cluster.cfg git:main:cluster.cfg", "repo").out,
      AllOf(HasSubstr("--- cluster.cfg@v1"), HasSubstr("MaxJobs=1"),
            HasSubstr("+++ cluster.cfg@main")));
  EXPECT_THAT(
      Run("$A plan git:v1:cluster.cfg --live git:HEAD:cluster.cfg", "repo").out,
      AllOf(HasSubstr("MaxJobs 2 -> 1"), HasSubstr("cluster.cfg@v1")));
  const RunResult check =
      Run("$A check git:HEAD:cluster.cfg --base git:v1:cluster.cfg --format "
          "json",
          "repo");
  EXPECT_EQ(check.exit_code, 0) << check.err;
  EXPECT_THAT(check.out, AllOf(HasSubstr("\"base\": \"cluster.cfg@v1\""),
                               HasSubstr("\"modify\": 1")));
  EXPECT_THAT(Run("$A fmt git:v1:cluster.cfg", "repo").out,
              HasSubstr("# assocsync:end"));
  ExpectFails("$A fmt -i git:v1:cluster.cfg", "-i writes files", "repo");
  // From the top, or with ./ from here.
  EXPECT_THAT(
      Run("$A diff git:v1:cluster.cfg git:v1:trees/beta.cfg", "repo/trees").out,
      HasSubstr("+Cluster - 'beta'"));
  EXPECT_EQ(
      Run("$A diff git:v1:./beta.cfg git:v1:trees/beta.cfg", "repo/trees").out,
      "");
}

TEST_F(SourcesTest, PlacesInWhatGitHasAreToldByNameAndRevision) {
  MakeRepository();
  Put("repo/bad.cfg", TreeWith(":MaxJobs=many"));
  ASSERT_EQ(Run("git add . && git -c user.name=n -c user.email=e commit -qm c",
                "repo")
                .exit_code,
            0);
  ExpectFails("$A plan git:HEAD:bad.cfg --live git:v1:cluster.cfg",
              "bad.cfg@HEAD:4:", "repo");
  // Annotations need the path.
  EXPECT_THAT(Run("$A check git:HEAD:bad.cfg --format github", "repo").out,
              HasSubstr("file=bad.cfg,line=4"));
}

TEST_F(SourcesTest, CompressedFilesAndDumpsInGitAreReadAsFilesAre) {
  MakeRepository();
  const RunResult made =
      Run("gzip -k cluster.cfg && git add . && "
          "git -c user.name=n -c user.email=e commit -qm c",
          "repo");
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_EQ(
      Run("$A diff git:HEAD:cluster.cfg.gz git:HEAD:cluster.cfg", "repo").err,
      "");
}

TEST_F(SourcesTest, WhatGitDoesNotHaveIsToldWithAWayOn) {
  ExpectFails("$A check git:HEAD:cluster.cfg", "not a git repository");
  MakeRepository();
  const auto fails = [&](const std::string& word, const std::string& with) {
    ExpectFails(absl::StrCat("$A check ", word), with, "repo");
  };
  fails("git:mian:cluster.cfg", "did you mean git:main:cluster.cfg?");
  fails("git:v9.4:cluster.cfg", "there is no revision 'v9.4'");
  fails("git:main:clutser.cfg", "did you mean git:main:cluster.cfg?");
  fails("git:main:beta.cfg", "did you mean git:main:trees/beta.cfg?");
  fails("git:main:nothing/like/it", "PATH begins at the top");
  fails("git:main:trees", "which file is meant? beta.cfg");
  fails("git:main", "git:REV:PATH");
  ASSERT_EQ(Run("ln -s cluster.cfg link.cfg && git add . && git -c "
                "user.name=n -c user.email=e commit -qm c",
                "repo")
                .exit_code,
            0);
  fails("git:main:link.cfg", "link.cfg is a symlink");
  fails("git::cluster.cfg", "is no revision");
  fails("git:--output=x:cluster.cfg", "is no revision");
  EXPECT_FALSE(fs::exists(absl::StrCat(temp_.path(), "/repo/x")));
  ASSERT_EQ(Run("git clone -q --depth=1 file://$PWD/repo shallow").exit_code,
            0);
  ExpectFails("$A check git:HEAD~1:cluster.cfg", "fetch-depth: 0", "shallow");
  const RunResult none =
      Run("PATH=/none $A check git:HEAD:cluster.cfg", "repo");
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.err, HasSubstr("'git' not found in PATH"));
}

// A file may have any name.
TEST_F(SourcesTest, ASavedPlanSaysItselfWhatLiveWas) {
  Put("mysql.cfg", TreeWith(":MaxJobs=1"));
  ASSERT_EQ(Run("$A plan new.cfg --live mysql.cfg --out p.json").exit_code, 0);
  EXPECT_THAT(Run("cat p.json").out, AllOf(HasSubstr("\"name\": \"mysql.cfg\""),
                                           HasSubstr("\"kind\": \"file\"")));
  const std::string apply =
      "$A apply p.json --yes --sacctmgr ./none --slurmdbd-conf ./none";
  ExpectFails(apply, "./none");
  EXPECT_THAT(Run(apply).err, Not(HasSubstr("--live mysql wants")));
  // It is what says so.
  ASSERT_EQ(Run("sed -i 's/\"kind\": \"file\"/\"kind\": \"mysql\"/' p.json")
                .exit_code,
            0);
  ExpectFails(apply, "--live mysql wants");
}

// In a hook before a push is taken, what is new lies beside the repository.
TEST_F(SourcesTest, AHookChecksWhatIsPushed) {
  MakeRepository();
  ASSERT_EQ(Run("git clone -q --bare repo hub.git && "
                "printf '#!/bin/bash\nread old new ref\n"
                "exec $A check git:$new:cluster.cfg 2>&1\n' "
                "> hub.git/hooks/pre-receive && "
                "chmod +x hub.git/hooks/pre-receive")
                .exit_code,
            0);
  Put("repo/cluster.cfg", "no tree\n");
  const std::string push =
      "git -c user.name=n -c user.email=e commit -qam c && "
      "git push -q ../hub.git main";
  const RunResult bad = Run(push, "repo");
  EXPECT_NE(bad.exit_code, 0);
  EXPECT_THAT(bad.err, HasSubstr("cluster.cfg"));
  EXPECT_THAT(bad.err, HasSubstr(":1:1: "));
  Put("repo/cluster.cfg", TreeWith(":MaxJobs=3"));
  const RunResult good = Run(push, "repo");
  EXPECT_EQ(good.exit_code, 0) << good.err;
  // As git itself does, from anywhere.
  EXPECT_EQ(Run("GIT_DIR=$PWD/hub.git $A check git:main:cluster.cfg").exit_code,
            0);
  if (geteuid() != 0) return;
  ASSERT_EQ(Run("chmod o+w hub.git").exit_code, 0);
  const RunResult untrusted =
      Run("GIT_DIR=$PWD/hub.git $A check git:main:cluster.cfg");
  EXPECT_EQ(untrusted.exit_code, 3);
  EXPECT_THAT(untrusted.err, HasSubstr("GIT_DIR"));
}

// A dump tells of records that no text has: from git as from the disk.
TEST_F(SourcesTest, AnSqlDumpInGitIsLiveAsOnDisk) {
  const std::string dump =
      absl::StrCat(ASSOCSYNC_SOURCE_DIR, "/testdata/dumps/24.11.sql.gz");
  ASSERT_EQ(Run(absl::StrCat("git init -q -b main repo && cp ", dump,
                             " repo/old.sql.gz && cd repo && git add . && git "
                             "-c user.name=n -c user.email=e commit -qm c"))
                .exit_code,
            0);
  const auto dumped = [&](const std::string& live) {
    return Run(absl::StrCat("$A plan ../today.cfg --by-hand --as-cluster "
                            "--format json --live ",
                            live, " > ", live == "old.sql.gz" ? "a" : "b",
                            "; grep -v '\"name\"\\|ingerprint' ",
                            live == "old.sql.gz" ? "a" : "b"),
               "repo");
  };
  const RunResult disk = dumped("old.sql.gz");
  EXPECT_THAT(disk.out, HasSubstr("\"release\": \"24.11"));
  EXPECT_EQ(dumped("git:main:old.sql.gz").out, disk.out) << disk.err;
}

// Nothing of the repository's configuration is run, nothing is asked for.
TEST_F(SourcesTest, ARepositoryRunsNothing) {
  MakeRepository();
  const std::string touch = absl::StrCat("touch ", temp_.path(), "/ran");
  const RunResult made = Run(
      absl::StrCat("git config core.pager '", touch,
                   "' && git config diff.cfg.textconv '", touch,
                   "' && git config filter.f.smudge '", touch,
                   "' && git config core.fsmonitor '", touch,
                   "' && git config pager.cat-file true && "
                   "echo '*.cfg diff=cfg filter=f' > .gitattributes && "
                   "printf 'version https://git-lfs.github.com/spec/v1\\n' > "
                   "big.cfg && git -c core.fsmonitor= add . && git -c "
                   "core.fsmonitor= -c user.name=n -c user.email=e commit -qm "
                   "c; rm -f ",
                   temp_.path(), "/ran"),
      "repo");
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_EQ(Run("$A check git:HEAD:trees/beta.cfg", "repo").exit_code, 0);
  EXPECT_FALSE(fs::exists(absl::StrCat(temp_.path(), "/ran")));
  ExpectFails("$A check git:HEAD:big.cfg", "Git LFS", "repo");
}

}  // namespace assocsync::sources_test
