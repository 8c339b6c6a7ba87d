// The program itself, told what to do by files that others made.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/backup/manifest.h"
#include "engine/io/digest.h"
#include "engine/io/dir.h"
#include "engine/io/file.h"
#include "tests/support/shell.h"

namespace assocsync::trust_test {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Words = std::vector<std::string>;

constexpr uid_t kNobody = 65534;
constexpr char kTree[] =
    "Cluster - 'hpc':Fairshare=1\n"
    "Parent - 'root'\n"
    "User - 'root':DefaultAccount='root':AdminLevel='Administrator'\n";

class TrustTest : public ::testing::Test {
 protected:
  TrustTest() : temp_(*TempDir::Create("/tmp")) {
    fs::create_directory(Path("good"));
    fs::create_directory(Path("open"));
    Mode("open", 0777);
    Put("tree.cfg", kTree);
  }
  std::string Path(const std::string& name) const {
    return temp_.path() + "/" + name;
  }
  std::string Put(const std::string& name, const std::string& text,
                  mode_t mode = 0644) const {
    std::ofstream(Path(name)) << text;
    Mode(name, mode);
    return Path(name);
  }
  void Mode(const std::string& name, mode_t mode) const {
    EXPECT_EQ(chmod(Path(name).c_str(), mode), 0);
  }
  void Give(const std::string& name, uid_t uid) const {
    EXPECT_EQ(lchown(Path(name).c_str(), uid, -1), 0);
  }
  // A folder that verify calls good.
  std::string PutBackup(const std::string& name) const {
    fs::create_directory(Path(name));
    Mode(name, 0755);
    Put(name + "/tree.cfg", kTree);
    Manifest manifest;
    manifest.cluster = "hpc";
    manifest.files = {{"tree.cfg", sizeof kTree - 1, Sha256Hex(kTree)}};
    manifest.trees = {{"hpc", "tree.cfg"}};
    Put(name + "/manifest.json", WriteManifest(manifest));
    return Path(name);
  }
  // A sacctmgr that leaves a mark when it runs.
  std::string PutProgram(const std::string& name, mode_t mode) const {
    return Put(name,
               absl::StrCat("#!/bin/sh\ntouch ", Path("ran"),
                            "\necho slurm 24.11.5\n"),
               mode);
  }
  bool Ran() const { return fs::exists(Path("ran")); }

  RunResult Shell(const std::string& line, Words environment = {}) const {
    return RunLine(temp_.path(), line, std::move(environment));
  }
  // Refused, with status 3, `component` named; nothing of it was obeyed.
  void ExpectRefused(const std::string& line,
                     const std::string& component) const {
    const RunResult run = Shell(line);
    EXPECT_EQ(run.exit_code, 3) << line << "\n" << run.out << run.err;
    EXPECT_THAT(run.err, HasSubstr("assocsync: refused: ")) << line;
    EXPECT_THAT(run.err, HasSubstr(Path(component) + ": ")) << line;
    EXPECT_THAT(run.err, HasSubstr("--trust-path " + Path(component)));
    EXPECT_THAT(run.out, IsEmpty()) << line;
    EXPECT_FALSE(Ran()) << line;
  }

  TempDir temp_;
};

#define NEEDS_ROOT() \
  if (geteuid() != 0) GTEST_SKIP() << "only root can give files away"

constexpr char kPlan[] =
    "$A plan tree.cfg --live sacctmgr --slurmdbd-conf none ";

TEST_F(TrustTest, AConfigFileOfOthersIsNotObeyed) {
  const std::string program = PutProgram("good/sacctmgr", 0755);
  const std::string text = absl::StrCat("sacctmgr = \"", program, "\"\n");
  const std::string line = absl::StrCat(kPlan, "--config ");
  Put("good/c.toml", text, 0666);
  ExpectRefused(line + "good/c.toml", "good/c.toml");
  Put("open/c.toml", text);
  ExpectRefused(line + "open/c.toml", "open");
  fs::create_directory_symlink("../good", Path("open/link"));
  Mode("good/c.toml", 0644);
  ExpectRefused(line + "open/link/c.toml", "open");
  ExpectRefused("export ASSOCSYNC_CONFIG=open/c.toml; " + std::string(kPlan),
                "open");
  Shell(line + "open/c.toml --trust-path open");
  EXPECT_TRUE(Ran());
  // Only the command line can lift it.
  fs::remove(Path("ran"));
  Put("good/lift.toml", "trust-path = \"/\"\n");
  EXPECT_EQ(Shell(line + "good/lift.toml").exit_code, 64);
  EXPECT_FALSE(Ran());
  if (geteuid() != 0) return;
  Give("good/c.toml", kNobody);
  ExpectRefused(line + "good/c.toml", "good/c.toml");
}

TEST_F(TrustTest, AProgramOfOthersIsNotRun) {
  PutProgram("good/sacctmgr", 0777);
  PutProgram("open/sacctmgr", 0755);
  const std::string line = absl::StrCat(kPlan, "--sacctmgr ");
  ExpectRefused(line + "good/sacctmgr", "good/sacctmgr");
  ExpectRefused(line + "open/sacctmgr", "open");
  ExpectRefused("PATH=$PWD/open:$PATH; " + std::string(kPlan), "open");
  ExpectRefused(
      "export ASSOCSYNC_SACCTMGR=open/sacctmgr; " + std::string(kPlan), "open");
  Shell(line + "open/sacctmgr --trust-path open");
  EXPECT_TRUE(Ran());
  fs::remove(Path("ran"));
  // The slurmdbd that restore asks for its release, and the dump programs.
  PutBackup("good/backup");
  Put("good/my.cnf", "[client]\nhost=127.0.0.1\nport=1\n");
  const std::string login =
      "--slurmdbd-conf none --defaults-file good/my.cnf --backup-dir good/b ";
  ExpectRefused(
      "$A restore good/backup --yes " + login + "--slurmdbd open/sacctmgr",
      "open");
  if (geteuid() != 0) return;
  Mode("good/sacctmgr", 0755);
  Give("good/sacctmgr", kNobody);
  ExpectRefused(line + "good/sacctmgr", "good/sacctmgr");
}

TEST_F(TrustTest, ALoginOfOthersIsNotUsed) {
  const std::string dbd = "StorageHost=127.0.0.1\nStoragePort=1\n";
  const std::string cnf = "[client]\nhost=127.0.0.1\nport=1\n";
  Put("open/slurmdbd.conf", dbd);
  Put("good/slurmdbd.conf", dbd, 0666);
  Put("good/including.conf", "Include ../open/slurmdbd.conf\n", 0600);
  Put("good/my.cnf", cnf, 0666);
  Put("open/my.cnf", cnf);
  Put("good/including.cnf",
      absl::StrCat("[client]\n!include ", Path("open/my.cnf"), "\n"));
  Put("good/folder.cnf",
      absl::StrCat("[client]\n!includedir ", Path("open"), "\n"));
  PutBackup("good/backup");
  for (const char* command :
       {"plan tree.cfg", "apply tree.cfg --yes --backup-dir good/b",
        "backup --backup-dir good/b", "verify good/backup --load", "log",
        "restore good/backup --yes --release 24.11 --backup-dir good/b",
        "restore --purge --yes --backup-dir good/b",
        "check tree.cfg --live auto"}) {
    const std::string line = absl::StrCat("$A ", command, " ");
    ExpectRefused(line + "--slurmdbd-conf open/slurmdbd.conf", "open");
    ExpectRefused(line + "--slurmdbd-conf good/slurmdbd.conf",
                  "good/slurmdbd.conf");
    ExpectRefused(line + "--slurmdbd-conf good/including.conf", "open");
    const std::string other = line + "--slurmdbd-conf none --defaults-file ";
    ExpectRefused(other + "good/my.cnf", "good/my.cnf");
    ExpectRefused(other + "open/my.cnf", "open");
    ExpectRefused(other + "good/including.cnf", "open");
    ExpectRefused(other + "good/folder.cnf", "open");
  }
  // Where nobody asks a server nobody looks at its login.
  EXPECT_EQ(Shell("$A plan tree.cfg --live tree.cfg --slurmdbd-conf "
                  "open/slurmdbd.conf")
                .exit_code,
            0);
}

TEST_F(TrustTest, BackupsGoIntoNoFolderOfOthers) {
  fs::create_directory_symlink("../good", Path("open/link"));
  fs::create_directory(Path("sticky"));
  Mode("sticky", 01777);
  for (const char* command :
       {"apply tree.cfg --yes", "backup", "restore --purge --yes",
        "plan tree.cfg --base last-applied",
        "check tree.cfg --base last-applied"}) {
    const std::string line =
        absl::StrCat("$A ", command, " --slurmdbd-conf none --backup-dir ");
    ExpectRefused(line + "open", "open");
    ExpectRefused(line + "open/new", "open");
    ExpectRefused(line + "open/link/new", "open");
    ExpectRefused(line + "sticky/new/er", "sticky");
    EXPECT_NE(Shell(line + "sticky/new").exit_code, 3) << command;
  }
  EXPECT_FALSE(fs::exists(Path("open/new")));
  EXPECT_FALSE(fs::exists(Path("good/new")));
}

TEST_F(TrustTest, ABackupOfOthersIsNotBelieved) {
  PutBackup("good/backup");
  PutBackup("open/backup");
  const auto lines = [](const std::string& dir) {
    return Words{"$A verify " + dir,
                 "$A verify --format json " + dir,
                 "$A restore --yes " + dir,
                 "$A plan --live tree.cfg " + dir,
                 "$A plan --live tree.cfg tree.cfg --base " + dir,
                 "$A apply --yes " + dir,
                 "$A check " + dir,
                 "$A check tree.cfg --base " + dir,
                 "$A diff tree.cfg " + dir,
                 "$A diff " + dir + " tree.cfg"};
  };
  EXPECT_EQ(Shell("$A verify good/backup").exit_code, 0);
  EXPECT_EQ(Shell("$A diff tree.cfg good/backup").exit_code, 0);
  for (const std::string& line : lines("open/backup")) {
    ExpectRefused(line, "open");
  }
  Mode("good/backup/tree.cfg", 0666);
  for (const std::string& line : lines("good/backup")) {
    ExpectRefused(line, "good/backup/tree.cfg");
  }
  EXPECT_EQ(Shell("$A verify good/backup --trust-path good/backup").exit_code,
            0);
  EXPECT_EQ(Shell("$A verify open/backup --trust-path good --trust-path open")
                .exit_code,
            0);
  if (geteuid() != 0) return;
  Mode("good/backup/tree.cfg", 0644);
  Give("good/backup", kNobody);
  for (const std::string& line : lines("good/backup")) {
    ExpectRefused(line, "good/backup");
  }
}

TEST_F(TrustTest, NoFifoOrLinkOfABackupIsOpened) {
  for (const char* name : {"manifest.json", "tree.cfg"}) {
    fs::remove_all(Path("good/backup"));
    PutBackup("good/backup");
    const std::string path = Path(absl::StrCat("good/backup/", name));
    fs::rename(path, Path("kept"));
    fs::create_symlink(Path("kept"), path);
    const RunResult link = Shell("$A verify good/backup");
    EXPECT_EQ(link.exit_code, 1) << name;
    fs::remove(path);
    ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
    const RunResult fifo = Shell("$A verify good/backup");
    EXPECT_EQ(fifo.exit_code, 1) << name << fifo.err;
    EXPECT_THAT(fifo.err, HasSubstr(name));
    fs::remove(path);
    fs::rename(Path("kept"), path);
    EXPECT_EQ(Shell("$A verify good/backup").exit_code, 0) << name;
  }
}

TEST_F(TrustTest, APolicyOfOthersIsNotRoots) {
  Put("open/policy.toml", "");
  if (geteuid() != 0) {
    EXPECT_EQ(Shell("$A check tree.cfg --policy open/policy.toml").exit_code,
              0);
    GTEST_SKIP() << "only root's policy must be root's";
  }
  ExpectRefused("$A check tree.cfg --policy open/policy.toml", "open");
  EXPECT_EQ(Shell("$A check tree.cfg --policy open/policy.toml --trust-path "
                  "open")
                .exit_code,
            0);
  EXPECT_EQ(
      Shell("$A check tree.cfg --policy <(cat open/policy.toml)").exit_code, 0);
}

TEST_F(TrustTest, WhatReachesSacctmgrByTheEnvironmentIsJudgedForRoot) {
  NEEDS_ROOT();
  PutProgram("good/sacctmgr", 0755);
  Put("open/slurm.conf", "");
  const std::string line = absl::StrCat(kPlan, "--sacctmgr good/sacctmgr");
  ExpectRefused("export SLURM_CONF=$PWD/open/slurm.conf; " + line, "open");
  ExpectRefused("export LD_LIBRARY_PATH=/usr/lib:$PWD/open; " + line, "open");
  Shell("export LD_LIBRARY_PATH=open::good; " + line);  // Dropped.
  EXPECT_TRUE(Ran());
}

TEST_F(TrustTest, TreesAreDataAndMayBeAnybodys) {
  Put("open/tree.cfg", kTree, 0666);
  if (geteuid() == 0) Give("open/tree.cfg", kNobody);
  fs::create_symlink("tree.cfg", Path("open/link.cfg"));
  for (const char* line :
       {"$A plan open/tree.cfg --live open/link.cfg",
        "$A plan tree.cfg --base open/tree.cfg --live tree.cfg",
        "$A plan <(cat tree.cfg) --live <(cat tree.cfg)",
        "$A plan - --live tree.cfg < open/tree.cfg",
        "cat tree.cfg | $A plan /dev/stdin --live tree.cfg",
        "cat tree.cfg | $A check -", "$A check <(cat tree.cfg)",
        "$A check /dev/stdin < tree.cfg",
        "$A check tree.cfg --base <(cat tree.cfg)",
        "$A diff <(cat tree.cfg) <(cat open/tree.cfg)", "$A fmt < tree.cfg"}) {
    const RunResult run = Shell(line);
    EXPECT_EQ(run.exit_code, 0) << line << "\n" << run.err;
  }
}

TEST_F(TrustTest, AFifoIsNoTree) {
  ASSERT_EQ(mkfifo(Path("fifo").c_str(), 0666), 0);
  for (const char* line :
       {"$A plan fifo --live tree.cfg", "$A plan tree.cfg --live fifo",
        "$A plan tree.cfg --live tree.cfg --base fifo", "$A check fifo",
        "$A check tree.cfg --base fifo", "$A check tree.cfg --policy fifo",
        "$A diff fifo tree.cfg", "$A fmt fifo", "$A fmt -i fifo",
        "$A check /dev/zero", "$A verify fifo"}) {
    const RunResult run = Shell(line);
    EXPECT_EQ(run.exit_code, 1) << line << "\n" << run.err;
  }
  EXPECT_EQ(Shell("$A check tree.cfg --config fifo").exit_code, 64);
}

TEST_F(TrustTest, FmtKeepsWhoseAFileIs) {
  const std::string untidy = absl::StrCat("# note\n\n", kTree);
  const auto stat_of = [&](const std::string& name) {
    struct stat st = {};
    EXPECT_EQ(lstat(Path(name).c_str(), &st), 0);
    return st;
  };
  for (const mode_t mode : {0600, 0644, 0664, 0666, 0640}) {
    Put("f.cfg", untidy, mode);
    if (geteuid() == 0) {
      ASSERT_EQ(chown(Path("f.cfg").c_str(), kNobody, 4), 0);
    }
    const struct stat before = stat_of("f.cfg");
    EXPECT_EQ(Shell("umask 077; $A fmt -i f.cfg").exit_code, 0);
    const struct stat after = stat_of("f.cfg");
    EXPECT_EQ(after.st_mode, before.st_mode);
    EXPECT_EQ(after.st_uid, before.st_uid);
    EXPECT_EQ(after.st_gid, before.st_gid);
    EXPECT_THAT(*ReadFile(Path("f.cfg"), 9999), HasSubstr("assocsync:end"));
  }
  // A symlink is not the file: it is refused, and what it leads to stays.
  Put("f.cfg", untidy);
  fs::create_symlink("f.cfg", Path("link.cfg"));
  const RunResult link = Shell("$A fmt -i link.cfg");
  EXPECT_EQ(link.exit_code, 1);
  EXPECT_THAT(link.err, HasSubstr("symlink"));
  EXPECT_EQ(*ReadFile(Path("f.cfg"), 9999), untidy);
}

TEST_F(TrustTest, FmtThatCannotKeepTheOwnerLeavesTheFile) {
  NEEDS_ROOT();
  const std::string untidy = absl::StrCat("# note\n\n", kTree);
  Put("open/f.cfg", untidy, 0666);  // Root's, in a folder of everybody.
  Mode("", 0755);
  const RunResult run = Shell(
      "cp $A open/assocsync; chmod 755 open/assocsync; "
      "setpriv --reuid 65534 --regid 65534 --clear-groups "
      "open/assocsync fmt -i open/f.cfg");
  EXPECT_EQ(run.exit_code, 1) << run.err;
  EXPECT_THAT(run.err, HasSubstr("cannot keep owner and group"));
  EXPECT_EQ(*ReadFile(Path("open/f.cfg"), 9999), untidy);
  for (const auto& entry : fs::directory_iterator(Path("open"))) {
    EXPECT_THAT(entry.path().filename().string(), Not(HasSubstr(".tmp")));
  }
}

// Whoever may write the folder can rewrite files and manifest, and cannot sign.
TEST_F(TrustTest, ASignedBackupIsThatOfItsKey) {
  PutBackup("good/backup");
  const auto verify = [&](const std::string& more) {
    return Shell("$A verify good/backup " + more);
  };
  EXPECT_THAT(verify("--format json").out,
              HasSubstr("\"signature\": \"none\""));
  Shell(
      "umask 077; for k in key other; do "
      "openssl genpkey -algorithm ed25519 -out $k.pem; "
      "openssl pkey -in $k.pem -pubout -out $k.pub; done");
  const RunResult missing = verify("--key key.pub");
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.err, HasSubstr("is not signed"));
  EXPECT_THAT(verify("--key key.pub --format json").out,
              HasSubstr("\"signature\": \"missing\""));
  const std::string sign =
      "openssl pkeyutl -sign -inkey key.pem -rawin -in "
      "good/backup/manifest.json -out good/backup/manifest.json.sig";
  EXPECT_EQ(Shell(sign).exit_code, 0);
  EXPECT_THAT(verify("").out, HasSubstr("signed; by whom was not checked"));
  EXPECT_THAT(verify("--format json").out,
              HasSubstr("\"signature\": \"not checked\""));
  const RunResult good = verify("--key key.pub");
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("signed by the key of key.pub"));
  EXPECT_EQ(verify("--key other.pub").exit_code, 1);
  // Another tree, and a manifest that fits it: good to one without the key.
  const std::string tree = absl::StrCat(kTree, "# more\n");
  const std::string manifest =
      *ReadFile(Path("good/backup/manifest.json"), 9999);
  Put("good/backup/tree.cfg", tree);
  Manifest forged = *ParseManifest(manifest);
  forged.files[0].bytes = tree.size();
  forged.files[0].sha256 = Sha256Hex(tree);
  Put("good/backup/manifest.json", WriteManifest(forged));
  EXPECT_EQ(verify("").exit_code, 0);
  const RunResult bad = verify("--key key.pub");
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_THAT(bad.err, HasSubstr("nothing in this folder is believed"));
  const RunResult json = verify("--key key.pub --format json");
  EXPECT_THAT(json.out, HasSubstr("\"signature\": \"bad\""));
  EXPECT_THAT(json.out, Not(HasSubstr("\"manifest\"")));
  // Nor is a manifest read that is none: the signature comes first.
  Put("good/backup/manifest.json", "{{{");
  EXPECT_THAT(verify("--key key.pub").err, HasSubstr("is not the signature"));
  const RunResult restore = Shell(
      "$A restore good/backup --yes --key key.pub --release 24.11 "
      "--slurmdbd-conf none --defaults-file good/my.cnf");
  EXPECT_EQ(restore.exit_code, 1);
  EXPECT_THAT(restore.err, HasSubstr("is not the signature"));
  Put("good/backup/manifest.json", manifest);
  Put("good/backup/tree.cfg", kTree);
  EXPECT_EQ(verify("--key key.pub").exit_code, 0);
  fs::remove(Path("good/backup/manifest.json.sig"));
  ASSERT_EQ(mkfifo(Path("good/backup/manifest.json.sig").c_str(), 0600), 0);
  EXPECT_EQ(verify("--key key.pub").exit_code, 1);
  EXPECT_EQ(verify("--key key.pem").exit_code, 1);
  Mode("key.pub", 0666);
  ExpectRefused("$A verify good/backup --key key.pub", "key.pub");
  Mode("key.pem", 0644);
  const RunResult open_key = Shell(
      "$A backup --sign-key key.pem --slurmdbd-conf none --backup-dir good/b");
  EXPECT_EQ(open_key.exit_code, 3) << open_key.err;
  EXPECT_THAT(open_key.err, HasSubstr("chmod 600 "));
}

TEST_F(TrustTest, NoCoreIsLeftOfTheProgramOrItsChildren) {
  const RunResult control =
      Shell("mkdir c; cd c; ulimit -c unlimited; sh -c 'kill -SEGV $$'; ls");
  const bool dumps = control.out.find("core") != std::string::npos;
  Put("good/sacctmgr",
      absl::StrCat("#!/bin/sh\ngrep core /proc/self/limits >", Path("limits"),
                   "\nkill -SEGV $PPID\nkill -SEGV $$\n"),
      0755);
  const RunResult run = Shell(absl::StrCat("ulimit -c unlimited; ", kPlan,
                                           "--sacctmgr good/sacctmgr; ls"));
  EXPECT_THAT(run.out, Not(HasSubstr("core"))) << run.out;
  const std::string limits = *ReadFile(Path("limits"), 999);
  EXPECT_THAT(limits, testing::ContainsRegex("core file size +1 +1 "));
  if (!dumps) GTEST_SKIP() << "no process leaves a core file here";
}

}  // namespace assocsync::trust_test
