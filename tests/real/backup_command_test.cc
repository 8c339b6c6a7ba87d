// `assocsync backup` and `verify`, and plans of their folders: real daemons,
// the real binary, all that goes wrong.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "engine/backup/verify_backup.h"
#include "engine/cfg/parse.h"
#include "engine/io/database.h"
#include "engine/io/digest.h"
#include "engine/io/file.h"
#include "engine/io/slurmdbd_conf.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/site.h"

namespace assocsync::backup_command_test {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Words = std::vector<std::string>;

constexpr char kLoader[] = "assocsync_loader";
constexpr char kLoaderPassword[] = "open #sesame";

class BackupCommandTest : public testing::Test {
 protected:
  void Begin(const LabRelease& release) {
    site_.emplace(release);
    release.Reset();
    site_->Must(PrepareDatabase());
    site_->Must(TreeA());
  }
  // The release for what is the same on all.
  void BeginOne() {
    const std::vector<LabRelease> all = LabRelease::All();
    ASSERT_FALSE(all.empty()) << "no lab: tests/lab up";
    for (const LabRelease& release : all) {
      if (release.series() == 2411) Begin(release);
    }
    ASSERT_TRUE(site_.has_value());
  }

  // assocsync with programs of this test before those of the machine.
  RunResult Run(const Words& words) const {
    Words argv = {
        "/usr/bin/env",
        absl::StrCat("PATH=", site_->File("bin"), ":", getenv("PATH")),
        ASSOCSYNC_BINARY};
    argv.insert(argv.end(), words.begin(), words.end());
    return RunProgram(argv);
  }
  Words BackupWords(const Words& more = {}) const {
    Words words = {"backup",
                   "--backup-dir",
                   site_->backup_dir,
                   "--slurmdbd-conf",
                   site_->slurmdbd_conf,
                   "--sacctmgr",
                   site_->release().Path("bin/sacctmgr")};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  RunResult Backup(const Words& more = {}) const {
    return Run(BackupWords(more));
  }
  // Makes one that must succeed; its folder.
  std::string MustBackup(const Words& more = {}) const {
    const std::vector<std::string> before = Folders();
    const RunResult result = Backup(more);
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    for (const std::string& folder : Folders()) {
      if (std::find(before.begin(), before.end(), folder) == before.end()) {
        return folder;
      }
    }
    ADD_FAILURE() << "no new folder";
    return "";
  }
  RunResult Verify(const std::string& dir, const Words& more = {}) const {
    Words words = {"verify", dir};
    words.insert(words.end(), more.begin(), more.end());
    return Run(words);
  }
  // All but the locks, hidden names too.
  std::vector<std::string> Entries() const {
    std::vector<std::string> names;
    if (!fs::exists(site_->backup_dir)) return names;
    for (const auto& entry : fs::directory_iterator(site_->backup_dir)) {
      if (entry.is_directory()) names.push_back(entry.path());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  std::vector<std::string> Folders() const {
    std::vector<std::string> names = Entries();
    std::erase_if(names, [](const std::string& name) {
      return absl::StrContains(name, "/.");
    });
    return names;
  }
  // A program that the next runs find instead of the machine's: shell lines,
  // in which $real is the machine's.
  void Wrap(const std::string& program, const std::string& lines) const {
    fs::create_directory(site_->File("bin"));
    site_->Put("bin/" + program,
               absl::StrCat("#!/bin/sh\nreal=/usr/bin/", program,
                            "\ncase $2 in --version) exec $real \"$@\";; "
                            "esac\n",
                            lines, "\nexec $real \"$@\"\n"),
               0700);
  }
  void Unwrap() const { fs::remove_all(site_->File("bin")); }

  // A server's user who may do what --help says is needed, and nothing else.
  std::string LoaderFile() const {
    RootSql(
        absl::StrFormat("CREATE OR REPLACE USER %s@'%%' IDENTIFIED BY %s;"
                        "GRANT ALL ON `assocsync\\_verify\\_%%`.* TO %s@'%%';",
                        kLoader, SqlString(kLoaderPassword), kLoader));
    const SlurmdbdConf conf = *ReadSlurmdbdConf(site_->slurmdbd_conf);
    return site_->Put(
        "loader.cnf",
        absl::StrFormat(
            "[client]\nhost=%s\nport=%d\nuser=%s\npassword=\"%s\"\n",
            conf.storage_host, conf.storage_port, kLoader, kLoaderPassword));
  }
  std::string RootSql(const std::string& sql) const {
    const RunResult result = RunProgram(
        {"mariadb",
         "--defaults-file=" + site_->release().Path("../mariadb/root.cnf"),
         "-N", "-e", sql});
    EXPECT_TRUE(result.clean()) << result.err;
    return result.out;
  }
  std::string ScratchDatabases() const {
    return RootSql("SHOW DATABASES LIKE 'assocsync\\_verify%'");
  }
  std::string Text(const std::string& file) const {
    return ReadFile(file, 1 << 26).value_or("(cannot be read)");
  }
  static void FlipByte(const std::string& file) {
    std::fstream f(file, std::ios::in | std::ios::out | std::ios::binary);
    const auto at = static_cast<std::streamoff>(fs::file_size(file) / 2);
    f.seekg(at);
    const char c = static_cast<char>(f.get() ^ 0x20);
    f.seekp(at);
    f.put(c);
  }

  std::optional<LabSite> site_;
};

TEST_F(BackupCommandTest, BackUpVerifyLoadAndGoBackOnEveryRelease) {
  const std::vector<LabRelease> all = LabRelease::All();
  ASSERT_FALSE(all.empty()) << "no lab: tests/lab up";
  for (const LabRelease& release : all) {
    SCOPED_TRACE(release.name());
    Begin(release);
    const std::string before = release.Dump("lab");
    const RunResult made = Backup();
    ASSERT_EQ(made.exit_code, 0) << made.out << made.err;
    EXPECT_EQ(made.err, "");
    EXPECT_THAT(made.out, HasSubstr("tree-other.cfg"));
    ASSERT_THAT(Entries(), SizeIs(1));
    std::string dir = Entries()[0];
    EXPECT_THAT(made.out, HasSubstr(dir));
    struct stat st;
    ASSERT_EQ(stat(dir.c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777, 0700u);
    for (const auto& entry : fs::directory_iterator(dir)) {
      ASSERT_EQ(stat(entry.path().c_str(), &st), 0);
      EXPECT_EQ(st.st_mode & 0777, 0600u) << entry.path();
    }

    const auto manifest = ReadManifest(dir);
    ASSERT_TRUE(manifest.ok()) << manifest.status();
    EXPECT_EQ(manifest->cluster, "lab");
    EXPECT_THAT(manifest->clusters, ElementsAre("lab", "other"));
    EXPECT_EQ(manifest->slurm_release, release.version());
    EXPECT_EQ(manifest->schema + "\n",
              release.Sql("SELECT version FROM convert_version_table"));
    EXPECT_GE(manifest->finished, manifest->created);
    EXPECT_THAT(manifest->cautions, IsEmpty());
    const auto tree = ParseTree("tree", Text(dir + "/tree.cfg"));
    ASSERT_TRUE(tree.ok()) << tree.status();
    EXPECT_TRUE(tree->lists_qos);
    EXPECT_EQ(tree->qos.size(), 3u);  // normal, fast, slow

    const RunResult good = Verify(dir);
    EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
    EXPECT_THAT(good.out, HasSubstr(dir + ": good\n"));
    const RunResult loaded =
        Verify(dir, {"--load", "--defaults-file", LoaderFile()});
    EXPECT_EQ(loaded.exit_code, 0) << loaded.out << loaded.err;
    EXPECT_THAT(loaded.out, HasSubstr("associations there are those of"));
    EXPECT_EQ(ScratchDatabases(), "");

    // A folder of the same form, whatever the dump program.
    const RunResult other = Backup({"--dump-tool", "mydumper", "--keep", "1"});
    EXPECT_EQ(other.exit_code, 0) << other.out << other.err;
    ASSERT_THAT(Entries(), SizeIs(1));
    EXPECT_NE(Entries()[0], dir);
    const RunResult verified =
        Verify(Entries()[0], {"--load", "--defaults-file", LoaderFile()});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
    EXPECT_EQ(ScratchDatabases(), "");
    dir = Entries()[0];

    // The database holds two clusters: which is meant, somebody must say.
    RunResult plan = site_->Assocsync({"plan", dir});
    EXPECT_EQ(plan.exit_code, 1) << plan.out;
    EXPECT_THAT(plan.err, HasSubstr("holds lab, other"));
    plan = site_->Assocsync({"plan", dir, "--cluster", "lab"});
    EXPECT_EQ(plan.exit_code, 0) << plan.out << plan.err;
    EXPECT_THAT(plan.out,
                HasSubstr(absl::StrCat("No changes. Live is in sync with ",
                                       fs::path(dir).filename().string())));
    plan = site_->Assocsync({"plan", dir, "--cluster", "other"});
    EXPECT_THAT(plan.out, HasSubstr("No changes."));

    site_->Must({"add | account | name=newcomer | cluster=lab",
                 "modify | account | where | name=top | cluster=lab | set | "
                 "maxjobs=77"});
    const std::string changed = release.Dump("lab");
    const RunResult applied =
        site_->Assocsync({"apply", dir + "/", "--cluster", "lab"});
    EXPECT_EQ(applied.exit_code, 0) << applied.out << applied.err;
    EXPECT_EQ(SortedDump(release.Dump("lab")), SortedDump(before));
    // And what apply left is taken just so.
    ASSERT_THAT(Folders(), SizeIs(2));
    const std::string run = Folders()[0] == dir ? Folders()[1] : Folders()[0];
    EXPECT_EQ(Verify(run).exit_code, 0);
    const RunResult back = site_->Assocsync({"apply", run});
    EXPECT_EQ(back.exit_code, 0) << back.out << back.err;
    EXPECT_EQ(SortedDump(release.Dump("lab")), SortedDump(changed));
  }
}

TEST_F(BackupCommandTest, WhatIsNotGoodIsNotTaken) {
  BeginOne();
  const std::string dir = MustBackup();
  const std::string copy = site_->File("copy");
  const auto restored = [&] {
    fs::remove_all(copy);
    fs::copy(dir, copy, fs::copy_options::recursive);
    return copy;
  };
  std::string sql_file;
  for (const auto& entry : fs::directory_iterator(dir)) {
    if (entry.path().extension() == ".zst") {
      sql_file = entry.path().filename();
    }
  }
  const auto expect_bad = [&](const std::string& what) {
    const RunResult result = Verify(copy);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr(what));
    const RunResult json = Verify(copy, {"--format", "json"});
    EXPECT_EQ(json.exit_code, 1);
    EXPECT_THAT(json.out, HasSubstr("\"good\": false"));
  };
  FlipByte(restored() + "/" + sql_file);
  expect_bad(sql_file + ": its bytes changed");
  fs::resize_file(restored() + "/" + sql_file,
                  fs::file_size(dir + "/" + sql_file) - 1);
  expect_bad(sql_file + ": has ");
  fs::remove(restored() + "/tree-other.cfg");
  expect_bad("tree-other.cfg: is missing");
  Manifest manifest = *ReadManifest(restored());
  for (TableRows& table : manifest.tables) {
    if (table.name == "txn_table") ++table.rows;
  }
  ASSERT_TRUE(
      WriteFileAtomic(copy + "/manifest.json", WriteManifest(manifest)).ok());
  expect_bad("rows of table txn_table, manifest.json says");

  // Whole by all its digests, but the .cfg says something else than the dump.
  std::string text = Text(restored() + "/tree.cfg");
  ASSERT_THAT(text, HasSubstr("MaxJobs=9"));
  text.replace(text.find("MaxJobs=9"), 9, "MaxJobs=8");
  ASSERT_TRUE(WriteFileAtomic(copy + "/tree.cfg", text).ok());
  manifest = *ReadManifest(copy);
  for (BackupFile& file : manifest.files) {
    if (file.name == "tree.cfg") file.sha256 = Sha256Hex(text);
  }
  ASSERT_TRUE(
      WriteFileAtomic(copy + "/manifest.json", WriteManifest(manifest)).ok());
  EXPECT_EQ(Verify(copy).exit_code, 0);
  const RunResult differs =
      Verify(copy, {"--load", "--defaults-file", LoaderFile()});
  EXPECT_EQ(differs.exit_code, 1) << differs.out;
  EXPECT_THAT(differs.err, HasSubstr("the loaded SQL dump "));
  EXPECT_THAT(differs.err, HasSubstr("MaxJobs=8"));
  EXPECT_EQ(ScratchDatabases(), "");

  FlipByte(restored() + "/tree.cfg");
  expect_bad("tree.cfg: its bytes changed");
  for (const char* command : {"plan", "apply"}) {
    const RunResult result =
        site_->Assocsync({command, copy, "--cluster", "lab"});
    EXPECT_EQ(result.exit_code, 1) << result.out;
    EXPECT_THAT(result.err, HasSubstr("tree.cfg: its bytes changed"));
  }
  fs::remove(restored() + "/manifest.json");
  const RunResult result = site_->Assocsync({"plan", copy});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("neither the folder of a backup"));
}

TEST_F(BackupCommandTest, NoPasswordAnywhere) {
  BeginOne();
  const SlurmdbdConf conf = *ReadSlurmdbdConf(site_->slurmdbd_conf);
  const std::string seen = site_->File("seen");
  const std::string look = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ >>" +
                           seen + " 2>/dev/null";
  Wrap("mariadb-dump", look);
  const std::string dir = MustBackup({"--format", "json"});
  const std::string loader = LoaderFile();
  const RunResult loaded =
      Verify(dir, {"--load", "--defaults-file", loader, "-v"});
  EXPECT_EQ(loaded.exit_code, 0) << loaded.err;
  EXPECT_THAT(Text(seen), HasSubstr("--single-transaction"));
  const auto expect_none = [&](const std::string& text, const char* where) {
    EXPECT_THAT(text, Not(HasSubstr(conf.storage_pass))) << where;
    EXPECT_THAT(text, Not(HasSubstr(kLoaderPassword))) << where;
  };
  expect_none(Text(seen), "processes");
  expect_none(loaded.out + loaded.err, "verify");
  for (const auto& entry : fs::recursive_directory_iterator(dir)) {
    expect_none(Text(entry.path()), entry.path().c_str());
  }

  // A wrong one: what to do, and no trace.
  const std::string wrong =
      site_->Put("wrong.cnf",
                 "[client]\nhost=127.0.0.1\nuser=slurm\npassword=secret\n"
                 "port=" +
                     absl::StrCat(conf.storage_port) + "\n");
  const RunResult refused = Backup({"--defaults-file", wrong});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("no backup was made"));
  EXPECT_THAT(refused.err, HasSubstr("check user and password"));
  EXPECT_THAT(refused.err, HasSubstr(wrong));
  EXPECT_THAT(refused.err, Not(HasSubstr("secret")));
  EXPECT_THAT(Entries(), ElementsAre(dir));
  // One who may not make databases is told the GRANT.
  const RunResult no_right =
      Verify(dir, {"--load", "--slurmdbd-conf", site_->slurmdbd_conf});
  EXPECT_EQ(no_right.exit_code, 1) << no_right.out;
  EXPECT_THAT(no_right.err, HasSubstr("GRANT ALL ON `assocsync"));
}

TEST_F(BackupCommandTest, AFullDiskLeavesNothing) {
  BeginOne();
  const std::string disk = site_->File("disk");
  fs::create_directory(disk);
  ASSERT_EQ(mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=40m,mode=0700"), 0);
  site_->backup_dir = disk + "/backups";
  // Full from the first byte of the dump on.
  Wrap("mariadb-dump",
       "dd if=/dev/zero of=" + disk + "/filler bs=4096 2>/dev/null");
  const RunResult full = Backup();
  EXPECT_EQ(full.exit_code, 1) << full.out;
  EXPECT_THAT(full.err, HasSubstr("No space left on device"));
  EXPECT_THAT(Entries(), IsEmpty());
  // Known before anything is begun.
  const RunResult known = Backup();
  EXPECT_EQ(known.exit_code, 1) << known.out;
  EXPECT_THAT(Entries(), IsEmpty());
  fs::remove(disk + "/filler");
  Unwrap();
  EXPECT_EQ(Verify(MustBackup()).exit_code, 0);
  EXPECT_EQ(umount(disk.c_str()), 0);
}

// Whatever has a backup's name is a whole one. ASSOCSYNC_KILLS sets how many.
TEST_F(BackupCommandTest, KilledAtAnyMoment) {
  BeginOne();
  const char* wanted = std::getenv("ASSOCSYNC_KILLS");
  const int kills = wanted != nullptr ? std::atoi(wanted) : 8;
  const absl::Time start = absl::Now();
  MustBackup();
  const double whole = absl::ToDoubleSeconds(absl::Now() - start);
  std::mt19937 random(20261124);
  int killed = 0;
  for (int i = 0; i < kills; ++i) {
    const double after =
        whole * std::uniform_real_distribution<>(0.05, 1.1)(random);
    Words argv = {"timeout", "-s", "KILL", absl::StrFormat("%.4f", after),
                  ASSOCSYNC_BINARY};
    const Words words = BackupWords();
    argv.insert(argv.end(), words.begin(), words.end());
    if (!RunProgram(argv).clean()) ++killed;
    for (const std::string& folder : Folders()) {
      EXPECT_EQ(Verify(folder).exit_code, 0) << folder << " after " << after;
    }
  }
  EXPECT_GT(killed, 0);
  // A child of the last one may live for a moment, and is waited for.
  const RunResult result = Backup();
  EXPECT_TRUE(result.clean()) << result.err;
  EXPECT_EQ(Entries(), Folders());  // The leftovers are gone.
}

TEST_F(BackupCommandTest, OneAtATime) {
  BeginOne();
  const std::string begun = site_->File("begun"), go = site_->File("go");
  Wrap("mariadb-dump",
       "touch " + begun + "; while [ ! -e " + go + " ]; do sleep 0.05; done");
  RunResult first;
  std::thread thread([&] { first = Backup(); });
  while (!fs::exists(begun)) absl::SleepFor(absl::Milliseconds(20));
  const RunResult second = Backup();
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.err, HasSubstr("another apply or backup is running"));
  // Elsewhere too: the lock is the database's.
  Words words = BackupWords();
  words[2] = site_->File("elsewhere");
  const RunResult third = Run(words);
  EXPECT_EQ(third.exit_code, 1);
  EXPECT_THAT(third.err, HasSubstr("is running on this database"));
  const std::string target = site_->Put("target.cfg",
                                        "Cluster - 'lab'\nParent - 'root'\n"
                                        "User - 'root':DefaultAccount='root':"
                                        "AdminLevel='Administrator'\n");
  const RunResult apply = site_->Assocsync(
      {"apply", target, "--allow", "AS105", "--max-delete", "100%"});
  EXPECT_EQ(apply.exit_code, 1) << apply.out << apply.err;
  EXPECT_THAT(apply.err, HasSubstr("another apply or backup is running"));
  site_->Put("go", "");
  thread.join();
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(Entries().size(), 1u);
  Unwrap();

  // In the middle of an apply.
  std::string command;
  words = BackupWords();
  for (const std::string& word : words)
    absl::StrAppend(&command, " '", word, "'");
  LabSite::Trouble trouble;
  trouble.at = 1;
  trouble.before =
      absl::StrCat(ASSOCSYNC_BINARY, command, " >", site_->File("said"),
                   " 2>&1; echo $? >>", site_->File("said"));
  site_->SetTrouble(trouble);
  site_->Must(
      {"modify | account | where | name=top | cluster=lab | set | "
       "maxjobs=77"});
  const RunResult during =
      site_->Assocsync({"apply", Entries()[0], "--cluster", "lab"});
  EXPECT_EQ(during.exit_code, 0) << during.out << during.err;
  EXPECT_THAT(Text(site_->File("said")),
              HasSubstr("another apply or backup is running"));
  EXPECT_THAT(Text(site_->File("said")), HasSubstr("\n1\n"));
}

TEST_F(BackupCommandTest, TreeAndDumpAreOfOneMoment) {
  BeginOne();
  const std::string sacctmgr = site_->release().Path("bin/sacctmgr");
  // Changes the tree before the first dump only: the second is good.
  const std::string count = site_->Put("count", "");
  const std::string change =
      "echo >>" + count + "; n=$(wc -l <" + count + "); " + sacctmgr +
      " -i modify account where name=top cluster=lab set maxjobs=$((n + 20)) "
      ">/dev/null";
  Wrap("mariadb-dump", "[ -s " + count + " ] || { " + change + "; }");
  const std::string dir = MustBackup();
  EXPECT_THAT(Text(dir + "/tree.cfg"), HasSubstr("MaxJobs=21"));
  EXPECT_THAT(ReadManifest(dir)->cautions, IsEmpty());
  EXPECT_EQ(Verify(dir, {"--load", "--defaults-file", LoaderFile()}).exit_code,
            0);
  // Changes it during every one: kept, and said.
  Wrap("mariadb-dump", change);
  const RunResult result = Backup();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err,
              HasSubstr("associations of lab changed during each of 3 dumps"));
  // A cluster that comes meanwhile is in the next attempt.
  Wrap("mariadb-dump", sacctmgr + " -i add cluster later >/dev/null 2>&1");
  const std::string grown = MustBackup();
  EXPECT_THAT(ReadManifest(grown)->clusters,
              ElementsAre("lab", "later", "other"));
  EXPECT_THAT(ReadManifest(grown)->cautions, IsEmpty());
  EXPECT_TRUE(fs::exists(grown + "/tree-later.cfg"));
  const RunResult whole =
      Verify(grown, {"--load", "--defaults-file", LoaderFile()});
  EXPECT_EQ(whole.exit_code, 0) << whole.out << whole.err;
}

// 24.11's dump says nothing of MinPrioThresh; rows do, and are asked.
TEST_F(BackupCommandTest, ATreeBySacctmgrHasWhatItsDumpDoesNotPrint) {
  BeginOne();
  site_->Must(
      {"modify | account | where | name=top | cluster=lab | set | "
       "minpriothresh=5"});
  for (const char* live : {"sacctmgr", "mysql"}) {
    const std::string dir = MustBackup({"--live", live});
    EXPECT_THAT(Text(dir + "/tree.cfg"), HasSubstr("MinPrioThresh=5")) << live;
    const RunResult result =
        Verify(dir, {"--load", "--defaults-file", LoaderFile()});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, Not(HasSubstr("as far as sacctmgr dump tells")));
  }
}

TEST_F(BackupCommandTest, CtrlCLeavesNoScratchDatabase) {
  BeginOne();
  // A load that takes a moment.
  RootSql(absl::StrCat("USE ",
                       ReadSlurmdbdConf(site_->slurmdbd_conf)->storage_loc,
                       "; INSERT INTO lab_suspend_table SELECT 0, seq, 1, seq, "
                       "0 FROM seq_1_to_150000"));
  const std::string dir = MustBackup();
  const std::string loader = LoaderFile();
  // The signal comes while rows are loaded.
  const auto interrupted = [&](const std::string& signal) {
    return RunProgram(
        {"sh", "-c",
         absl::StrCat("\"$@\" & while [ -z \"$(mariadb --defaults-file=",
                      site_->release().Path("../mariadb/root.cnf"),
                      " -N -e \"SELECT 1 FROM information_schema.TABLES WHERE "
                      "TABLE_SCHEMA LIKE 'assocsync_verify%' AND TABLE_NAME = "
                      "'lab_suspend_table'\")\" ]; do :; done; kill -",
                      signal, " $!; wait $!"),
         "sh", ASSOCSYNC_BINARY, "verify", dir, "--load", "--defaults-file",
         loader});
  };
  RunResult result = interrupted("INT");
  EXPECT_EQ(result.exit_code, 130) << result.out << result.err;
  EXPECT_EQ(ScratchDatabases(), "");
  // A kill -9 leaves it only until the next one.
  result = interrupted("KILL");
  EXPECT_EQ(result.exit_code, 128 + 9) << result.err;
  EXPECT_THAT(ScratchDatabases(), HasSubstr("assocsync_verify_"));
  // The server needs a moment to see that the connection is gone.
  for (int i = 0; i < 5 && !ScratchDatabases().empty(); ++i) {
    result = Verify(dir, {"--load", "--defaults-file", loader});
    EXPECT_EQ(result.exit_code, 0) << result.err;
  }
  EXPECT_EQ(ScratchDatabases(), "");
}

// A timer's run, which nobody tells the release: the last backup does, as long
// as the database has its schema.
TEST_F(BackupCommandTest, WhileSlurmdbdIsDown) {
  BeginOne();
  const LabRelease& release = site_->release();
  release.Lab("stop");
  const RunResult first = Backup();
  EXPECT_EQ(first.exit_code, 1);
  EXPECT_THAT(first.err, HasSubstr("--live mysql --release 24.11"));
  EXPECT_THAT(Folders(), IsEmpty());
  release.Lab("start");
  const std::string before = MustBackup();
  release.Lab("stop");
  const std::string during = MustBackup();
  const auto manifest = ReadManifest(during);
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->slurm_release, release.version());
  ASSERT_FALSE(manifest->cautions.empty());
  EXPECT_THAT(manifest->cautions[0], HasSubstr("slurmdbd was not asked"));
  EXPECT_EQ(Text(during + "/tree.cfg"), Text(before + "/tree.cfg"));
  EXPECT_EQ(Verify(during).exit_code, 0);
  // As in an upgrade that stopped half way.
  release.Sql("UPDATE convert_version_table SET version=version+1");
  const RunResult upgraded = Backup({"--verbose"});
  release.Sql("UPDATE convert_version_table SET version=version-1");
  release.Lab("start");
  EXPECT_EQ(upgraded.exit_code, 1);
  EXPECT_THAT(upgraded.err, HasSubstr("the database has schema"));
  EXPECT_THAT(upgraded.err, HasSubstr("--live mysql --release 24.11"));
}

TEST_F(BackupCommandTest, KeepsTheNewest) {
  BeginOne();
  const std::string first = MustBackup();
  fs::create_directory(site_->backup_dir + "/mine");
  const std::string second = MustBackup({"--keep", "2"});
  const RunResult third = Backup({"--keep", "2", "--format", "json"});
  ASSERT_EQ(third.exit_code, 0) << third.err;
  EXPECT_THAT(third.out, HasSubstr(first));
  EXPECT_FALSE(fs::exists(first));
  EXPECT_TRUE(fs::exists(second));
  EXPECT_EQ(Folders().size(), 3u);  // With "mine".
}

TEST_F(BackupCommandTest, ASignedOneIsKeptAndCheckedLikeOthersAndByOpenssl) {
  BeginOne();
  const std::string key = site_->File("key.pem"), pub = site_->File("key.pub");
  ASSERT_TRUE(
      RunProgram({"openssl", "genpkey", "-algorithm", "ed25519", "-out", key})
          .clean());
  ASSERT_TRUE(
      RunProgram({"openssl", "pkey", "-in", key, "-pubout", "-out", pub})
          .clean());
  chmod(key.c_str(), 0600);
  const std::string dir = MustBackup({"--sign-key", key});
  EXPECT_TRUE(RunProgram({"openssl", "pkeyutl", "-verify", "-pubin", "-inkey",
                          pub, "-rawin", "-in", dir + "/manifest.json",
                          "-sigfile", dir + "/manifest.json.sig"})
                  .clean());
  const RunResult good = Verify(dir, {"--key", pub});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("signed by the key of " + pub));
  const RunResult next =
      Backup({"--sign-key", key, "--keep", "1", "--format", "json"});
  EXPECT_THAT(next.out, HasSubstr("\"signed\": true"));
  EXPECT_THAT(next.out, HasSubstr(dir));  // As removed.
  EXPECT_FALSE(fs::exists(dir));
  EXPECT_EQ(Verify(MustBackup(), {"--key", pub}).exit_code, 1);
}

}  // namespace assocsync::backup_command_test
